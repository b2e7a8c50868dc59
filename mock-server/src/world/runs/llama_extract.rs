//! LlamaExtract's extractions as runs like any other.

use std::iter;
use std::sync::Arc;

use crate::clock::VirtualTime;
use crate::lifecycle::Action;
use crate::model::RunId;
use crate::model::llama_extract::create::agent_names;
use crate::model::llama_extract::ids;
use crate::model::llama_extract::state::{Command, State};
use crate::model::llama_extract::view::Status;
use crate::scenario::kind::RunKind;
use crate::scenario::request::About;
use crate::world::runs::{Brief, Newest, OfOneKind, RunRef};

/// The words for the states of an extraction.
pub(super) const STATES: &[&str] =
    &["created", "pending", "throttled", "running", "success", "partial_success", "error", "cancelled"];

/// The extraction of this job or of this run.
pub(super) fn find(state: &State, id: &str) -> Option<RunId> {
    let (run, _) = state.find(ids::read(id, ids::EXTRACTION)?)?;
    Some(run)
}

pub(super) fn brief(state: &State, id: RunId, at: VirtualTime) -> Option<Brief> {
    let extraction = state.run(id)?;
    let view = state.view(id, at)?;
    let record = &extraction.record;
    Some(Brief {
        id: Arc::clone(&record.id),
        kind: RunKind::Extraction,
        state: view.status.name(),
        has_ended: view.status.is_terminal(),
        work: view.observation.work,
        created: record.created,
        started: view.observation.started.map(|started| record.created.after(started)),
        ended: view.ended,
        waits_for: None,
        error: view.error.filter(|_| view.status == Status::Error),
        controls: extraction.controls.len(),
        credits: 0,
    })
}

pub(super) fn about(state: &State, id: RunId) -> Option<About> {
    let record = &state.run(id)?.record;
    Some(About {
        run: Some((*record.id).into()),
        kind: Some(RunKind::Extraction),
        agent: agent_names(state, record.agent),
        file_name: state.file(record.file).map(|file| (*file.record.name).into()),
        ..About::default()
    })
}

pub(super) fn newest<'a>(state: &'a State, word: Option<&str>) -> OfOneKind<'a> {
    let status = word.map(|word| Status::ALL.iter().find(|status| status.name() == word));
    match status {
        None => {
            let all = state.extractions();
            Newest {
                total: Some(all.len()),
                runs: Box::new(all.newest().map(|(number, _)| RunRef::LlamaExtract(RunId(number)))),
            }
        }
        Some(None) => Newest { total: Some(0), runs: Box::new(iter::empty()) },
        // Only whether an extraction has ended is kept apart; the words are told apart by looking.
        Some(Some(status)) if !status.is_terminal() => {
            let total = state.live().is_empty().then_some(0);
            Newest { total, runs: Box::new(state.live().newest().map(RunRef::LlamaExtract)) }
        }
        Some(Some(_)) => {
            let all = state.extractions();
            let runs = all.newest().map(|(number, _)| RunRef::LlamaExtract(RunId(number)));
            Newest { total: all.is_empty().then_some(0), runs: Box::new(runs) }
        }
    }
}

pub(super) fn operator_command(run: RunId, action: Action, error: Option<Box<str>>) -> Command {
    Command::Control { run, action, error }
}
