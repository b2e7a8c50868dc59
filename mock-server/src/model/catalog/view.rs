//! What a client may see of a run at an instant.

use std::time::Duration;

use crate::clock::VirtualTime;
use crate::lifecycle::{Action, End, Ending, Fraction, Observation, Phase, Stage, observe};
use crate::model::catalog::crawl;
use crate::model::catalog::lists::Group;
use crate::model::catalog::results;
use crate::model::catalog::run::{Input, Kind, Run};

/// What `error` says when a crawl or a search failed (their status pages' examples).
pub const EXECUTION_FAILED: &str = "Execution failed. Please check the execution details or contact support.";
/// What `error` says when an extract failed (status page of extract).
pub const OPERATION_FAILED: &str =
    "The operation failed. Please retry or contact support with this execution ID.";
/// What `error` says when the crawl that an extract waited for did not complete (status page of extract).
pub const CRAWL_FAILED: &str = "The crawl this extraction was waiting for failed or was canceled";

/// The four documented states (status pages, `status`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Created and not begun, or waiting for a crawl.
    Pending,
    /// At work.
    Running,
    /// Finished well.
    Completed,
    /// Failed or aborted.
    Failed,
}

impl Status {
    /// Every state, those that end a run last.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Running, Self::Completed, Self::Failed];

    /// The word on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }

    /// That of a run which has ended so.
    pub fn of(end: End) -> Self {
        match end {
            End::Completed | End::Exhausted => Self::Completed,
            End::Failed | End::Canceled | End::Abandoned => Self::Failed,
        }
    }

    /// The filter group it belongs to.
    pub fn group(self) -> Group {
        match self {
            Self::Pending | Self::Running => Group::Processing,
            Self::Completed => Group::Completed,
            Self::Failed => Group::Failed,
        }
    }
}

/// A run at an instant.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// One of the four documented states.
    pub status: Status,
    /// What `error` says; only of a failed run.
    pub error: Option<Box<str>>,
    /// What it is doing, in the engine's terms.
    pub observation: Observation,
    /// When it went to work.
    pub started: Option<VirtualTime>,
    /// When it ended.
    pub ended: Option<VirtualTime>,
    /// How many milliseconds it has been at work, until it ended; none before it started. The difference of the two
    /// instants as they are written, so that a client that subtracts them gets the same.
    pub duration_ms: Option<u64>,
    /// What has been found or done so far.
    pub progress: Progress,
}

/// Counts at an instant; at the end they are the totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Collections a crawl has found.
    pub collections: u64,
    /// Listings a crawl has found, or products done: those that came to something for an extract, all that were tried
    /// for a search.
    pub done: u64,
    /// Listings or products in all.
    pub total: u64,
    /// `done` as a part of `total`, in percent; 100 when completed.
    pub percent: u64,
}

/// The view of `run` at `now`.
pub fn view(run: &Run, now: VirtualTime) -> View {
    let record = &run.record;
    let observation = observe(&record.plan, &run.controls, now.since(record.created));
    let instant = |offset: Duration| record.created.after(offset);
    let status = match observation.stage {
        Stage::Waiting | Stage::Active(Phase::Pending) => Status::Pending,
        Stage::Active(Phase::Starting | Phase::Throttled | Phase::Running | Phase::Finalizing) => {
            Status::Running
        }
        Stage::Ended(end) => Status::of(end),
    };
    let started = observation.started.map(instant);
    let ended = observation.ended.map(instant);
    let until = ended.unwrap_or(now).as_millis();
    View {
        status,
        error: (status == Status::Failed).then(|| error(run, &observation)),
        duration_ms: started.map(|started| until.saturating_sub(started.as_millis())),
        started,
        ended,
        progress: progress(run, &observation),
        observation,
    }
}

/// A run that is at work as if it had done half of what it has done; all else, the times among them, is as it is.
pub fn regressed(run: &Run, view: &View) -> View {
    if view.status != Status::Running {
        return view.clone();
    }
    let work = Fraction::from_ppm(view.observation.work.ppm() / 2);
    let observation = Observation { work, ..view.observation };
    View { progress: progress(run, &observation), observation, ..view.clone() }
}

fn error(run: &Run, observation: &Observation) -> Box<str> {
    let usual = match (observation.stage, run.record.input.kind()) {
        (Stage::Ended(End::Abandoned), _) => CRAWL_FAILED,
        (_, Kind::Extract) => OPERATION_FAILED,
        (_, Kind::Crawl | Kind::Search) => EXECUTION_FAILED,
    };
    if observation.stage != Stage::Ended(End::Failed) {
        return usual.into();
    }
    // An operator's words are for the failure it caused, a scenario's for the failure it planned.
    let by_operator = run.controls.last().is_some_and(|control| control.action == Action::Fail);
    let by_plan = matches!(run.record.plan.ending, Ending::FailedAt(_)) && !by_operator;
    let own = if by_operator { &run.error } else { &run.record.work.error };
    own.as_ref().filter(|_| by_operator || by_plan).map_or_else(|| usual.into(), Clone::clone)
}

fn progress(run: &Run, observation: &Observation) -> Progress {
    let record = &run.record;
    let work = &record.work;
    let (collections, done) = match record.input {
        Input::Crawl { .. } => crawl::found(work, observation.work),
        Input::Urls { .. } | Input::Vendor { .. } => {
            (0, observation.work.eased().of(results::successes(record)))
        }
        Input::Search { .. } => (0, observation.work.eased().of(work.total)),
    };
    let percent = if observation.work == Fraction::ONE && observation.stage == Stage::Ended(End::Completed) {
        100
    } else {
        (done * 100).checked_div(work.total).unwrap_or(0)
    };
    Progress { collections, done, total: work.total, percent }
}
