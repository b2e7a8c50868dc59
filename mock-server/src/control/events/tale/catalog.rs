//! What is told of a change at Catalog.

use serde_json::Value;

use super::{Kind, account, controlled, run};
use crate::clock::VirtualTime;
use crate::model::catalog::state::Command;
use crate::scenario::kind::Api;
use crate::world::Witness;
use crate::world::runs::RunRef;

pub(super) fn told(seen: &Witness<'_>, command: &Command, at: VirtualTime) -> Option<(Kind, Value)> {
    let changed = |what: &str| (Kind::Account, account(what, Api::Catalog, at));
    Some(match command {
        Command::Create(record) => {
            let created = seen.state.find_run(&record.execution_id)?;
            let brief = seen.state.brief(created, at)?;
            (Kind::Run, run("created", &brief.id, brief.kind, at))
        }
        Command::Control { run, action, error } => {
            (Kind::Run, controlled(seen, RunRef::Catalog(*run), *action, error.as_deref(), at)?)
        }
        Command::Credits(_) => changed("credits"),
        Command::AutoTopUp(_) => changed("auto-top-up"),
        Command::RateLimit(_) => changed("rate-limit"),
        Command::Charge(_) => changed("charge"),
    })
}
