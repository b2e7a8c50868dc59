//! What is told of a change at Extralt.

use serde_json::{Value, json};

use super::{Kind, account, controlled, run};
use crate::clock::VirtualTime;
use crate::model::extralt::schedule::ScheduleId;
use crate::model::extralt::state::Command;
use crate::scenario::kind::Api;
use crate::world::Witness;
use crate::world::runs::RunRef;

pub(super) fn told(seen: &Witness<'_>, command: &Command, at: VirtualTime) -> Option<(Kind, Value)> {
    let changed = |what: &str| (Kind::Account, account(what, Api::Extralt, at));
    let schedule = |change: &str, id: &ScheduleId| {
        let schedule = seen.state.extralt().schedule(*id)?;
        Some((Kind::Schedule, scheduled(change, &schedule.record.id, at)))
    };
    let of_run = |change: &str, id: RunRef| {
        let brief = seen.state.brief(id, at)?;
        Some((Kind::Run, run(change, &brief.id, brief.kind, at)))
    };
    match command {
        Command::Create(record) => of_run("created", seen.state.find_run(&record.id)?),
        Command::Again { run, .. } => of_run("restarted", RunRef::Extralt(*run)),
        Command::Control { run, action, error } => {
            let data = controlled(seen, RunRef::Extralt(*run), *action, error.as_deref(), at)?;
            Some((Kind::Run, data))
        }
        Command::DeleteRobot(robot) => of_run("deleted", RunRef::Extralt(*robot)),
        Command::Schedule(record) => Some((Kind::Schedule, scheduled("created", &record.id, at))),
        Command::ChangeSchedule(id, _) => schedule("changed", id),
        Command::PauseSchedule(id) => schedule("paused", id),
        Command::ResumeSchedule(id) => schedule("resumed", id),
        Command::DeleteSchedule(id) => schedule("deleted", id),
        Command::Credits(_) => Some(changed("credits")),
        Command::Plan(_) => Some(changed("plan")),
        Command::RateLimit(_) => Some(changed("rate-limit")),
    }
}

/// What happened to a schedule.
fn scheduled(change: &str, id: &str, at: VirtualTime) -> Value {
    json!({ "change": change, "at": at.iso_micros(), "schedule": id, "api": Api::Extralt.name() })
}
