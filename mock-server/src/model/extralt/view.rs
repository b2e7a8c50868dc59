//! What a client may see of a run at an instant.

use std::time::Duration;

use crate::clock::VirtualTime;
use crate::lifecycle::{Action, End, Ending, Observation, Phase, Stage, observe};
use crate::model::extralt::run::{Input, Kind, Run};

/// What is said of a run that its budget has ended (published examples of v1).
pub const BUDGET_REACHED: &str = "Budget reached";
/// What is said of a run that could not pay for more.
pub const OUT_OF_CREDITS: &str = "Out of credits";
/// What is said of a run whose robot was deleted before it was at work.
pub const ROBOT_DELETED: &str = "Robot deleted";

/// The states of all kinds of runs. Not every kind has every one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Created and not begun, or waiting for its place.
    Pending,
    /// A restart is being applied.
    Restarting,
    /// Getting ready.
    Starting,
    /// A robot is being built.
    Building,
    /// At work.
    Running,
    /// The work of a run is done, and it puts things in order.
    Finalizing,
    /// The work of an enrichment is done, and its items are written down.
    Materializing,
    /// Finished well.
    Completed,
    /// Stopped by hand, or for want of credits.
    Stopped,
    /// Failed.
    Failed,
    /// The file of an import has nothing usable in it.
    ValidationFailed,
}

impl Status {
    /// Every state.
    pub const ALL: &'static [Self] = &[
        Self::Pending,
        Self::Restarting,
        Self::Starting,
        Self::Building,
        Self::Running,
        Self::Finalizing,
        Self::Materializing,
        Self::Completed,
        Self::Stopped,
        Self::Failed,
        Self::ValidationFailed,
    ];

    /// The word on the wire, in v1; v0 knows no `finalizing`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Restarting => "restarting",
            Self::Starting => "starting",
            Self::Building => "building",
            Self::Running => "running",
            Self::Finalizing => "finalizing",
            Self::Materializing => "materializing",
            Self::Completed => "completed",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::ValidationFailed => "validation_failed",
        }
    }

    /// Whether nothing more happens by itself.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Stopped | Self::Failed | Self::ValidationFailed)
    }

    /// Whether a run in this state takes one of the places of its plan.
    pub fn holds_place(self) -> bool {
        matches!(self, Self::Starting | Self::Running | Self::Finalizing)
    }
}

/// A run at an instant.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// What state it is in.
    pub status: Status,
    /// Why, if there is something to say.
    pub reason: Option<Box<str>>,
    /// What it is doing, in the engine's terms.
    pub observation: Observation,
    /// When its attempt went to work.
    pub started: Option<VirtualTime>,
    /// When its attempt ended.
    pub ended: Option<VirtualTime>,
    /// How many milliseconds it was at work; none before its end. The difference of the two instants as they are
    /// written.
    pub duration_ms: Option<u64>,
    /// How many captures, items or products it has yielded.
    pub done: u64,
    /// How many items of an enrichment came to nothing.
    pub errors: u64,
    /// How many pages the crawl knows of and has not seen.
    pub in_queue: u64,
}

/// The view of `run` at `now`.
pub fn view(run: &Run, now: VirtualTime) -> View {
    let attempt = &run.attempt;
    let observation = observe(&attempt.plan, &run.controls, now.since(attempt.begun));
    let instant = |offset: Duration| attempt.begun.after(offset);
    let status = status(run, &observation);
    let (started, ended) = (observation.started.map(instant), observation.ended.map(instant));
    let yielded = units(run, &observation);
    let errors = share(attempt.errors, yielded, attempt.total);
    let waiting = attempt.total.saturating_sub(yielded);
    View {
        status,
        reason: reason(run, &observation, status),
        started,
        ended,
        duration_ms: started.zip(ended).map(|(from, to)| to.as_millis().saturating_sub(from.as_millis())),
        done: attempt.before + yielded - errors,
        errors,
        in_queue: if status == Status::Running && run.kind() == Kind::Run { waiting } else { 0 },
        observation,
    }
}

/// How many captures, items or products the attempt has yielded, whether or not they came to something.
pub fn units(run: &Run, observation: &Observation) -> u64 {
    let attempt = &run.attempt;
    let all = match observation.stage {
        Stage::Ended(End::Completed) | Stage::Active(Phase::Finalizing) => attempt.total,
        _ => part(attempt.total, observation.worked, attempt.plan.running),
    };
    all.min(run.paid.unwrap_or(u64::MAX))
}

/// How many of `total` are there once `worked` of `running` has been lived.
fn part(total: u64, worked: Duration, running: Duration) -> u64 {
    share(total, micros(worked), micros(running))
}

/// How much of `running` has to be lived until unit number `index`, counted from zero, of `total` is there.
pub fn due(total: u64, index: u64, running: Duration) -> Duration {
    let due = u128::from(index.saturating_add(1)) * u128::from(micros(running));
    let due = due.div_ceil(u128::from(total.max(1)));
    Duration::from_micros(u64::try_from(due).unwrap_or(u64::MAX))
}

/// `part` of `whole`, of `count`, rounded down; nothing of nothing.
pub(super) fn share(count: u64, part: u64, whole: u64) -> u64 {
    let share = u128::from(count) * u128::from(part.min(whole));
    u64::try_from(share.checked_div(u128::from(whole)).unwrap_or(0)).unwrap_or(count)
}

/// The number of the unit that result number `index` is made of, where so many of `total` units come to nothing: the
/// first by which so many results were made.
pub(super) fn unit_of(index: u64, errors: u64, total: u64) -> u64 {
    let made = |units: u64| units - share(errors, units, total);
    let (mut low, mut high) = (index.min(total), total);
    while low < high {
        let middle = low + (high - low) / 2;
        if made(middle + 1) > index { high = middle } else { low = middle + 1 }
    }
    low
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn status(run: &Run, observation: &Observation) -> Status {
    let kind = run.kind();
    match observation.stage {
        Stage::Active(Phase::Pending) if run.restarts > 0 && kind == Kind::Run => Status::Restarting,
        Stage::Waiting | Stage::Active(Phase::Pending) => Status::Pending,
        Stage::Active(Phase::Starting | Phase::Throttled) => Status::Starting,
        Stage::Active(Phase::Running) if kind == Kind::Robot => Status::Building,
        Stage::Active(Phase::Running) => Status::Running,
        Stage::Active(Phase::Finalizing) if kind == Kind::Enrichment => Status::Materializing,
        Stage::Active(Phase::Finalizing) => Status::Finalizing,
        Stage::Ended(End::Exhausted) if kind == Kind::Enrichment => Status::Stopped,
        Stage::Ended(End::Completed | End::Exhausted) => Status::Completed,
        Stage::Ended(End::Canceled) => Status::Stopped,
        Stage::Ended(End::Failed | End::Abandoned) => failed(run),
    }
}

/// An import whose file is no good says so; everything else has one word for failing.
fn failed(run: &Run) -> Status {
    match &run.record.input {
        Input::Import { content, .. } if content.problem.is_some() && !by_operator(run) => {
            Status::ValidationFailed
        }
        _ => Status::Failed,
    }
}

fn by_operator(run: &Run) -> bool {
    run.controls.iter().any(|control| control.action == Action::Fail)
}

fn reason(run: &Run, observation: &Observation, status: Status) -> Option<Box<str>> {
    let attempt = &run.attempt;
    match observation.stage {
        Stage::Ended(End::Exhausted) => Some(OUT_OF_CREDITS.into()),
        Stage::Ended(End::Abandoned) => Some(ROBOT_DELETED.into()),
        Stage::Ended(End::Completed) => {
            let reached = attempt.budget.is_some_and(|budget| attempt.before + attempt.total >= budget);
            reached.then(|| BUDGET_REACHED.into())
        }
        Stage::Ended(End::Failed) if by_operator(run) => {
            Some(run.error.clone().unwrap_or_else(|| usual_failure(run.kind()).into()))
        }
        Stage::Ended(End::Failed) => {
            let planned =
                attempt.error.as_ref().filter(|_| matches!(attempt.plan.ending, Ending::FailedAt(_)));
            let of_file = match &run.record.input {
                Input::Import { content, .. } if status == Status::ValidationFailed => {
                    content.problem.as_ref()
                }
                _ => None,
            };
            Some(planned.or(of_file).cloned().unwrap_or_else(|| usual_failure(run.kind()).into()))
        }
        Stage::Ended(End::Canceled) | Stage::Waiting | Stage::Active(_) => None,
    }
}

/// What is said of a failure that nobody has said anything about.
fn usual_failure(kind: Kind) -> &'static str {
    match kind {
        Kind::Robot => "The robot could not be built",
        Kind::Run => "The run encountered an unrecoverable error",
        Kind::Enrichment => "The enrichment encountered an unrecoverable error",
        Kind::Import => "The file could not be imported",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_unit_is_there_from_when_it_is_due(total in 1_u64..3_000_000, index: u64, micros in 1_u64..90_000_000) {
            let (running, index) = (Duration::from_micros(micros), index % total);
            let due = due(total, index, running);
            proptest::prop_assert!(due <= running);
            proptest::prop_assert!(part(total, due, running) > index);
            let before = due.saturating_sub(Duration::from_micros(1));
            proptest::prop_assert!(part(total, before, running) <= index);
        }
    }
}
