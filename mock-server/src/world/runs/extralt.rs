//! Extralt's robot builds, runs, enrichments and imports as runs like any other.

use std::iter;
use std::sync::Arc;

use crate::clock::VirtualTime;
use crate::lifecycle::Action;
use crate::model::RunId;
use crate::model::extralt::create::host_of;
use crate::model::extralt::run::{Input, Kind, Run};
use crate::model::extralt::state::{Command, State};
use crate::model::extralt::view::Status;
use crate::scenario::kind::RunKind;
use crate::scenario::request::About;
use crate::world::runs::{Brief, Newest, OfOneKind, RunRef};

/// The words for the states of a kind.
pub(super) fn states(kind: RunKind) -> &'static [&'static str] {
    match kind {
        RunKind::RobotBuild => &["pending", "building", "completed", "failed"],
        RunKind::Run => {
            &["pending", "restarting", "starting", "running", "finalizing", "completed", "stopped", "failed"]
        }
        RunKind::Enrichment => &["pending", "running", "materializing", "completed", "stopped", "failed"],
        RunKind::Import => &["pending", "running", "completed", "failed", "validation_failed"],
        RunKind::Crawl | RunKind::Extract | RunKind::Search | RunKind::Extraction => &[],
    }
}

pub(super) fn brief(state: &State, id: RunId, at: VirtualTime) -> Option<Brief> {
    let run = state.run(id)?;
    let view = state.view(id, at)?;
    Some(Brief {
        id: Arc::clone(&run.record.id),
        kind: run.kind().named(),
        state: view.status.name(),
        has_ended: view.status.is_terminal(),
        work: view.observation.work,
        created: run.record.created,
        started: view.started,
        ended: view.ended,
        waits_for: None,
        error: view.reason.filter(|_| matches!(view.status, Status::Failed | Status::ValidationFailed)),
        controls: run.controls.len(),
        credits: (view.done - run.attempt.before + view.errors) * run.kind().price(),
    })
}

pub(super) fn about(state: &State, id: RunId) -> Option<About> {
    let run = state.run(id)?;
    let host = host_of(state, run);
    Some(About {
        run: Some((*run.record.id).into()),
        kind: Some(run.kind().named()),
        hosts: if host.is_empty() { Vec::new() } else { vec![host.to_string()] },
        query: None,
        robot: robot(state, id),
        agent: Vec::new(),
        file_name: file_name(run),
    })
}

/// What the file of an import is called.
fn file_name(run: &Run) -> Option<Box<str>> {
    match &run.record.input {
        Input::Import { name, .. } => Some((**name).into()),
        Input::Robot { .. } | Input::Run { .. } | Input::Enrichment { .. } => None,
    }
}

/// The id and the name of the robot that a run is of.
fn robot(state: &State, id: RunId) -> Vec<Box<str>> {
    let Some(run) = state.run(id) else { return Vec::new() };
    match &run.record.input {
        Input::Robot { name, .. } => vec![(*run.record.id).into(), (**name).into()],
        Input::Run { robot: of, .. } | Input::Enrichment { source: of, .. } => robot(state, *of),
        Input::Import { .. } => Vec::new(),
    }
}

pub(super) fn newest<'a>(state: &'a State, kind: RunKind, word: Option<&str>) -> OfOneKind<'a> {
    let kind = Kind::ALL.into_iter().find(|other| other.named() == kind);
    let status = word.map(|word| Status::ALL.iter().copied().find(|status| status.name() == word));
    let (Some(kind), None | Some(Some(_))) = (kind, status) else {
        return Newest { total: Some(0), runs: Box::new(iter::empty()) };
    };
    // Only whether a run has ended is kept apart; the words are told apart by looking.
    let set = match status.flatten() {
        Some(status) if !status.is_terminal() => state.live(kind),
        _ => state.seen(kind),
    };
    let total = (status.is_none() || set.is_empty()).then(|| set.len());
    Newest { total, runs: Box::new(set.newest().map(RunRef::Extralt)) }
}

pub(super) fn operator_command(run: RunId, action: Action, error: Option<Box<str>>) -> Command {
    Command::Control { run, action, error }
}
