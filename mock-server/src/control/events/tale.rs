//! What has happened in a world after a position, told in order.

use std::iter::Peekable;

use serde_json::{Value, json};

use crate::clock::VirtualTime;
use crate::control::events::position::Position;
use crate::journal::Entry;
use crate::lifecycle::Action;
use crate::scenario::kind::{Api, RunKind};
use crate::world::Witness;
use crate::world::log::{self, Command};
use crate::world::runs::{Happened, Happening, RunRef};

mod catalog;
mod extralt;
mod llama_extract;

/// How many events are made at a time, with the world locked.
const MOST: usize = 100;
/// How much is looked at for them: most of it may not be wanted.
const LOOKED_AT_MAX: usize = 1_000;

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Request,
    Run,
    Clock,
    Fault,
    Scenario,
    Account,
    Schedule,
    Reset,
    Gap,
}

impl Kind {
    pub(super) const ALL: [Self; 9] = [
        Self::Request,
        Self::Run,
        Self::Clock,
        Self::Fault,
        Self::Scenario,
        Self::Account,
        Self::Schedule,
        Self::Reset,
        Self::Gap,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Run => "run",
            Self::Clock => "clock",
            Self::Fault => "fault",
            Self::Scenario => "scenario",
            Self::Account => "account",
            Self::Schedule => "schedule",
            Self::Reset => "reset",
            Self::Gap => "gap",
        }
    }

    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// An event.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) kind: Kind,
    /// The position behind it.
    pub(super) id: String,
    pub(super) data: Value,
}

/// Some events in a row.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) made: Vec<Made>,
    /// Whether more has happened.
    pub(super) more: bool,
}

/// The next events after `position`, which moves on, also over what is not wanted. Resets and gaps are told whatever is
/// wanted: without them the others would be misread.
pub(super) fn next(seen: &Witness<'_>, position: &mut Position, wanted: Option<&[Kind]>) -> Piece {
    let mut made = Vec::new();
    let mut tell = |kind: Kind, data: Value, position: &Position| {
        let always = matches!(kind, Kind::Reset | Kind::Gap);
        if always || wanted.is_none_or(|wanted| wanted.contains(&kind)) {
            made.push(Made { kind, id: position.to_string(), data });
        }
        made.len() < MOST
    };
    let generation = seen.state.generation();
    if position.is_beyond(seen) {
        *position = Position::start_of(generation);
        tell(Kind::Gap, json!({ "reason": "unknown-position" }), position);
    } else if position.generation < generation {
        *position = Position::start_of(generation);
        let at = seen.state.origin().start.iso_micros();
        tell(Kind::Reset, json!({ "generation": generation, "at": at }), position);
    }
    let mut requests = seen.journal.after(position.requests).peekable();
    for _ in 0..LOOKED_AT_MAX {
        let Some(step) = step(seen, position, &mut requests) else { return Piece { made, more: false } };
        let told = match step {
            Step::Lost(from, to) => {
                position.requests = to;
                Some((Kind::Gap, json!({ "reason": "requests-dropped", "from": from, "to": to })))
            }
            Step::Request(entry) => {
                position.requests = entry.number;
                Some((Kind::Request, request(&entry)))
            }
            Step::Command(entry) => {
                position.commands += 1;
                command(seen, entry)
            }
            Step::Happening(happening) => {
                position.happened += 1;
                happened(seen, happening).map(|data| (Kind::Run, data))
            }
        };
        if let Some((kind, data)) = told
            && !tell(kind, data, position)
        {
            break;
        }
    }
    Piece { made, more: true }
}

/// The next thing that happened.
enum Step<'a> {
    /// Requests that the journal keeps no more, by the first and the last number.
    Lost(u64, u64),
    Request(Box<Entry<'a>>),
    Command(&'a log::Entry),
    Happening(Happening),
}

fn step<'a>(
    seen: &'a Witness<'_>,
    position: &Position,
    requests: &mut Peekable<impl Iterator<Item = Entry<'a>>>,
) -> Option<Step<'a>> {
    let next = position.requests + 1;
    let received = seen.journal.received();
    let number = requests.peek().map(|entry| entry.number);
    if number.is_none_or(|number| number > next) && next <= received {
        return Some(Step::Lost(next, number.map_or(received, |number| number - 1)));
    }
    let happening = seen.state.happened().get(position.happened);
    let command = seen.state.log().get(position.commands);
    // What happened after so many commands did so before the next one.
    let change = match (happening, command) {
        (Some(happening), Some(command)) if happening.after as usize > position.commands => {
            Some(Step::Command(command))
        }
        (Some(happening), _) => Some(Step::Happening(*happening)),
        (None, command) => command.map(Step::Command),
    };
    let changes = (position.commands + position.happened) as u64;
    let first = number.is_some_and(|number| change.is_none() || seen.order.before(number) <= changes);
    if first { requests.next().map(|entry| Step::Request(Box::new(entry))) } else { change }
}

fn request(entry: &Entry<'_>) -> Value {
    json!({
        "number": entry.number,
        "at": entry.at.iso_micros(),
        "method": entry.method.as_str(),
        "target": entry.target,
        "operation": entry.operation,
        "status": entry.status.map(|status| status.as_u16()),
        "run": entry.run,
        "began": entry.began,
        "lost": entry.lost,
        "faults": serde_json::from_str::<Value>(entry.faults).unwrap_or_else(|_| json!([])),
    })
}

fn happened(seen: &Witness<'_>, happening: Happening) -> Option<Value> {
    // As it looked then: it may have been started again since.
    let brief = seen.state.brief(happening.run, happening.at)?;
    let of_run = |change| run(change, &brief.id, brief.kind, happening.at);
    let Happened::Ended(state) = happening.what else { return Some(of_run("created")) };
    let mut data = of_run("ended");
    data["state"] = json!(state);
    data["error"] = json!(brief.error);
    Some(data)
}

/// What happened to a run.
fn run(change: &str, id: &str, kind: RunKind, at: VirtualTime) -> Value {
    json!({
        "change": change,
        "at": at.iso_micros(),
        "run": id,
        "api": kind.api().name(),
        "kind": kind.name(),
    })
}

/// That something was done to a run which is there.
fn controlled(
    seen: &Witness<'_>,
    id: RunRef,
    action: Action,
    error: Option<&str>,
    at: VirtualTime,
) -> Option<Value> {
    let brief = seen.state.brief(id, at)?;
    let mut data = run("control", &brief.id, brief.kind, at);
    data["control"] = json!(control(action));
    data["error"] = json!(error);
    Some(data)
}

/// What was changed about an account.
fn account(change: &str, api: Api, at: VirtualTime) -> Value {
    json!({ "change": change, "at": at.iso_micros(), "api": api.name() })
}

fn command(seen: &Witness<'_>, entry: &log::Entry) -> Option<(Kind, Value)> {
    let at = entry.at.iso_micros();
    Some(match &entry.command {
        Command::Catalog(command) => return catalog::told(seen, command, entry.at),
        Command::Extralt(command) => return extralt::told(seen, command, entry.at),
        Command::LlamaExtract(command) => return llama_extract::told(seen, command, entry.at),
        // The request itself is told, and what was delivered stands in `/_rehearsal/webhooks`.
        Command::Answered(_) | Command::Webhooks(_) => return None,
        Command::Scenario(scenario) => {
            let (name, description) = (&scenario.name, &scenario.description);
            (Kind::Scenario, json!({ "at": at, "name": name, "description": description }))
        }
        Command::SetClock(to) => (Kind::Clock, json!({ "change": "moved", "at": at, "to": to.iso_micros() })),
        // Each of those requests is told with its own instant.
        Command::RequestsCame(_) => return None,
        Command::ClockMode(mode) => {
            (Kind::Clock, json!({ "change": "mode", "at": at, "mode": mode.name(), "rate": mode.rate() }))
        }
        Command::AddFault(fault) => {
            let (effect, phase) = (fault.effect.name(), fault.phase.name());
            let data =
                json!({ "change": "added", "at": at, "id": &*fault.id, "effect": effect, "phase": phase });
            (Kind::Fault, data)
        }
        Command::RemoveFault(id) => (Kind::Fault, json!({ "change": "removed", "at": at, "id": &**id })),
        Command::ClearFaults => (Kind::Fault, json!({ "change": "cleared", "at": at })),
    })
}

/// A control in the words of the control plane.
fn control(action: Action) -> &'static str {
    match action {
        Action::Cancel => "cancel",
        Action::Release => "release",
        Action::Abandon => "abandon",
        Action::Exhaust => "exhaust",
        Action::Complete => "complete",
        Action::Fail => "fail",
        Action::Stick => "stick",
        Action::Unstick => "unstick",
        Action::Advance(_) => "progress",
    }
}
