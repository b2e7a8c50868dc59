//! What is told of a change at LlamaExtract.

use serde_json::Value;

use super::{Kind, account, controlled, run};
use crate::clock::VirtualTime;
use crate::model::llama_extract::state::Command;
use crate::scenario::kind::Api;
use crate::world::Witness;
use crate::world::runs::RunRef;

pub(super) fn told(seen: &Witness<'_>, command: &Command, at: VirtualTime) -> Option<(Kind, Value)> {
    let of_run = |change: &str, id: RunRef| {
        let brief = seen.state.brief(id, at)?;
        Some((Kind::Run, run(change, &brief.id, brief.kind, at)))
    };
    match command {
        Command::Create(record) => of_run("created", seen.state.find_run(&record.id)?),
        Command::Control { run, action, error } => {
            let data = controlled(seen, RunRef::LlamaExtract(*run), *action, error.as_deref(), at)?;
            Some((Kind::Run, data))
        }
        Command::Delete(run) => of_run("deleted", RunRef::LlamaExtract(*run)),
        Command::RateLimit(_) => Some((Kind::Account, account("rate-limit", Api::LlamaExtract, at))),
        // Agents, files and configurations are neither runs nor settings of an account; the requests that changed them
        // are events themselves.
        Command::CreateAgent(_)
        | Command::UpdateAgent(..)
        | Command::DeleteAgent(_)
        | Command::AddFile(_)
        | Command::FillFile(..)
        | Command::DeleteFile(_)
        | Command::SaveConfiguration(..)
        | Command::UpdateConfiguration(..)
        | Command::DeleteConfiguration(_) => None,
    }
}
