//! Catalog's crawls, extracts and searches as runs like any other.

use std::iter;
use std::sync::Arc;

use crate::clock::VirtualTime;
use crate::lifecycle::{Action, Stage};
use crate::model::catalog::lists::Group;
use crate::model::catalog::run::{Kind, RunId};
use crate::model::catalog::state::{Command, State};
use crate::model::catalog::view::Status;
use crate::scenario::kind::RunKind;
use crate::scenario::request::About;
use crate::world::runs::{Brief, Newest, OfOneKind, RunRef};

/// The words for the states of every kind.
pub(super) const STATES: &[&str] =
    &[Status::Pending.name(), Status::Running.name(), Status::Completed.name(), Status::Failed.name()];

pub(super) fn brief(state: &State, id: RunId, at: VirtualTime) -> Option<Brief> {
    let run = state.run(id)?;
    let view = state.view(id, at)?;
    Some(Brief {
        id: Arc::clone(&run.record.execution_id),
        kind: named(run.record.input.kind()),
        state: view.status.name(),
        has_ended: matches!(view.observation.stage, Stage::Ended(_)),
        work: view.observation.work,
        created: run.record.created,
        started: view.started,
        ended: view.ended,
        waits_for: state.waits_for(run, &view).map(|crawl| Arc::clone(&crawl.record.execution_id)),
        error: view.error,
        controls: run.controls.len(),
        credits: run.record.credits,
    })
}

pub(super) fn about(state: &State, id: RunId) -> Option<About> {
    let record = &state.run(id)?.record;
    Some(About {
        run: Some((*record.execution_id).into()),
        kind: Some(named(record.input.kind())),
        hosts: record.input.hosts(),
        query: record.input.query().map(Into::into),
        ..About::default()
    })
}

pub(super) fn newest<'a>(state: &'a State, kind: RunKind, word: Option<&str>) -> OfOneKind<'a> {
    let list = Kind::ALL.into_iter().find(|other| named(*other) == kind).map(|kind| state.list(kind));
    let status = word.map(|word| Status::ALL.into_iter().find(|status| status.name() == word));
    let (Some(list), None | Some(Some(_))) = (list, status) else {
        return Newest { total: Some(0), runs: Box::new(iter::empty()) };
    };
    let group = status.flatten().map(Status::group);
    // The two states of one group are told apart by looking, so only the group is counted.
    let total = (group != Some(Group::Processing)).then(|| list.len(group));
    Newest { total, runs: Box::new(list.newest(group, usize::MAX).map(RunRef::Catalog)) }
}

pub(super) fn operator_command(run: RunId, action: Action, error: Option<Box<str>>) -> Command {
    Command::Control { run, action, error }
}

/// A kind in the words of scenarios.
fn named(kind: Kind) -> RunKind {
    match kind {
        Kind::Crawl => RunKind::Crawl,
        Kind::Extract => RunKind::Extract,
        Kind::Search => RunKind::Search,
    }
}
