//! Which requests of a journal somebody asks for.

use fixtures::contract::Contract;
use jiff::Timestamp;
use serde::Deserialize;

use crate::clock::VirtualTime;
use crate::control::error::ControlError;
use crate::control::journaled::{about, body, faults};
use crate::expectations::status::StatusPattern;
use crate::expectations::{METHODS, method};
use crate::journal::{Entry, Piece};
use crate::scenario::kind::RunKind;
use crate::scenario::matcher::Glob;
use crate::scenario::suggest::{listed, nearest};
use crate::shared::Shared;
use crate::world::World;
use crate::world::state::WorldState;

/// The query of a list of requests.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::control) struct Page {
    pub(super) key: Option<String>,
    /// Only entries with a higher number.
    #[serde(default)]
    pub(super) after: u64,
    pub(super) limit: Option<usize>,
    pub(super) format: Option<String>,
    #[serde(default)]
    pub(super) follow: bool,
    operation: Option<String>,
    method: Option<String>,
    status: Option<String>,
    run: Option<String>,
    fault: Option<String>,
    kind: Option<String>,
    violations: Option<bool>,
    lost: Option<bool>,
    since: Option<String>,
}

/// The conjunction of what is asked for.
#[derive(Debug)]
pub(super) struct Filter {
    operation: Option<Glob>,
    method: Option<http::Method>,
    status: Option<StatusPattern>,
    run: Option<String>,
    fault: Option<String>,
    kind: Option<RunKind>,
    violations: Option<bool>,
    lost: Option<bool>,
    since: Option<VirtualTime>,
}

impl Filter {
    pub(super) fn read(page: &Page) -> Result<Self, ControlError> {
        Ok(Self {
            operation: page.operation.as_deref().map(operation).transpose()?,
            method: page.method.as_deref().map(read_method).transpose()?,
            status: page.status.as_deref().map(status).transpose()?,
            run: page.run.clone(),
            fault: page.fault.clone(),
            kind: page.kind.as_deref().map(kind).transpose()?,
            violations: page.violations,
            lost: page.lost,
            since: page.since.as_deref().map(since).transpose()?,
        })
    }

    /// The entries of a piece that fit, each with its place in the piece counted from 1. The world is asked only where
    /// the entries do not say it all.
    pub(super) fn select<'p>(
        &self,
        piece: &'p Piece,
        shared: &Shared,
        world: &World,
    ) -> Vec<(usize, Entry<'p>)> {
        let fitting = piece.entries().enumerate().filter(|(_, entry)| self.fits(entry));
        let fitting = fitting.map(|(place, entry)| (place + 1, entry));
        if self.kind.is_none() && self.run.is_none() {
            return fitting.collect();
        }
        let read: Vec<_> = fitting.map(|(place, entry)| (place, body(&entry), entry)).collect();
        let (real, _) = shared.now();
        world.at(real, |state, _| {
            let fits =
                |body: Option<&serde_json::Value>, entry: &Entry<'_>| self.is_about(entry, body, state);
            let fitting = read.into_iter().filter(|(_, body, entry)| fits(body.as_ref(), entry));
            fitting.map(|(place, _, entry)| (place, entry)).collect()
        })
    }

    fn fits(&self, entry: &Entry<'_>) -> bool {
        let fired = |id: &String| {
            faults(entry)
                .as_array()
                .is_some_and(|faults| faults.iter().any(|fault| fault["id"] == id.as_str()))
        };
        self.operation.as_ref().is_none_or(|glob| entry.operation.is_some_and(|id| glob.matches(id)))
            && self.method.as_ref().is_none_or(|method| *method == entry.method)
            && self.status.is_none_or(|status| status.matches(entry.status))
            && self.violations.is_none_or(|wanted| wanted != entry.violations.is_empty())
            && self.lost.is_none_or(|wanted| wanted == entry.lost)
            && self.since.is_none_or(|since| entry.at >= since)
            && self.fault.as_ref().is_none_or(fired)
    }

    fn is_about(&self, entry: &Entry<'_>, body: Option<&serde_json::Value>, state: &WorldState) -> bool {
        let about = about(entry, body, state);
        self.kind.is_none_or(|kind| about.kind == Some(kind))
            && self
                .run
                .as_deref()
                .is_none_or(|run| entry.run == Some(run) || about.run.as_deref() == Some(run))
    }
}

fn invalid(message: String) -> ControlError {
    ControlError::bad_request("invalid_query", message)
}

fn operation(text: &str) -> Result<Glob, ControlError> {
    let ids = || Contract::all().iter().flat_map(Contract::operations).map(|operation| operation.id());
    let glob = Glob::new(text);
    if ids().any(|id| glob.matches(id)) {
        return Ok(glob);
    }
    let meant = match nearest(text, ids()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => {
            "`*` is any text, as in `catalog.crawl.*` or `*.create`; the documents under /_rehearsal/contracts name \
             every operation"
                .to_owned()
        }
    };
    Err(invalid(format!("operation: no operation matches {}; {meant}", quoted(text))))
}

fn read_method(text: &str) -> Result<http::Method, ControlError> {
    method(text).ok_or_else(|| invalid(format!("method: {} is none of {}", quoted(text), listed(METHODS))))
}

fn status(text: &str) -> Result<StatusPattern, ControlError> {
    StatusPattern::parse(text)
        .ok_or_else(|| invalid(format!("status: {} is not {}", quoted(text), StatusPattern::FORMS)))
}

fn kind(text: &str) -> Result<RunKind, ControlError> {
    let kinds = || RunKind::ALL.iter().map(|kind| kind.name());
    RunKind::ALL
        .iter()
        .copied()
        .find(|kind| kind.name() == text)
        .ok_or_else(|| invalid(format!("kind: {} is none of {}", quoted(text), listed(kinds()))))
}

fn since(text: &str) -> Result<VirtualTime, ControlError> {
    let instant: Timestamp = text.parse().map_err(|_| {
        invalid(format!(
            "since: {} is no instant of the world's clock as RFC 3339 has it: 2026-01-15T10:30:00Z (a + must be sent \
             as %2B)",
            quoted(text)
        ))
    })?;
    Ok(instant.into())
}

/// What was sent, short enough to be read.
pub(super) fn quoted(text: &str) -> String {
    let start: String = text.chars().take(80).collect();
    format!("{start:?}")
}
