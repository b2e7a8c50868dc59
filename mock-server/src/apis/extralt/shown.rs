//! What is to be shown of a resource, before a dialect has written it down.

use crate::apis::dialect::Call;
use crate::clock::VirtualTime;
use crate::model::RunId;
use crate::model::extralt::run::{Input, Kind, Run};
use crate::model::extralt::schedule::Schedule;
use crate::model::extralt::state::State;
use crate::model::extralt::view::{Status, View, view};
use crate::scenario::fault::StateEffect;

/// A robot, or the building of one.
#[derive(Debug)]
pub(super) struct RobotShown<'a> {
    pub(super) run: &'a Run,
    pub(super) view: View,
}

/// A run.
#[derive(Debug)]
pub(super) struct RunShown<'a> {
    pub(super) run: &'a Run,
    pub(super) view: View,
    pub(super) robot: &'a Run,
}

/// An enrichment.
#[derive(Debug)]
pub(super) struct EnrichmentShown<'a> {
    pub(super) run: &'a Run,
    pub(super) view: View,
    pub(super) source: &'a Run,
}

/// An import.
#[derive(Debug)]
pub(super) struct ImportShown<'a> {
    pub(super) run: &'a Run,
    pub(super) view: View,
}

/// A schedule.
#[derive(Debug)]
pub(super) struct ScheduleShown<'a> {
    pub(super) schedule: &'a Schedule,
    pub(super) robot: &'a Run,
    /// The id of the run that it began last.
    pub(super) last: Option<&'a str>,
}

impl<'a> RunShown<'a> {
    /// The run with this number, as a request sees it.
    pub(super) fn of(call: &Call<'_>, state: &'a State, id: RunId) -> Option<Self> {
        let run = state.run(id)?;
        let Input::Run { robot, .. } = &run.record.input else { return None };
        Some(Self { run, view: seen(call, run), robot: state.run(*robot)? })
    }
}

impl<'a> EnrichmentShown<'a> {
    /// The enrichment with this number, as a request sees it.
    pub(super) fn of(call: &Call<'_>, state: &'a State, id: RunId) -> Option<Self> {
        let run = state.run(id)?;
        let Input::Enrichment { source, .. } = &run.record.input else { return None };
        Some(Self { run, view: seen(call, run), source: state.run(*source)? })
    }

    /// `run` or `import`.
    pub(super) fn source_kind(&self) -> &'static str {
        if self.source.kind() == Kind::Import { "import" } else { "run" }
    }
}

impl<'a> RobotShown<'a> {
    /// The robot with this number, as a request sees it.
    pub(super) fn of(call: &Call<'_>, state: &'a State, id: RunId) -> Option<Self> {
        let run = state.run(id).filter(|run| run.kind() == Kind::Robot)?;
        Some(Self { run, view: seen(call, run) })
    }
}

impl<'a> ImportShown<'a> {
    /// The import with this number, as a request sees it.
    pub(super) fn of(call: &Call<'_>, state: &'a State, id: RunId) -> Option<Self> {
        let run = state.run(id).filter(|run| run.kind() == Kind::Import)?;
        Some(Self { run, view: seen(call, run) })
    }
}

impl<'a> ScheduleShown<'a> {
    /// What is known of a schedule.
    pub(super) fn of(state: &'a State, schedule: &'a Schedule) -> Option<Self> {
        let last = schedule.last.and_then(|(run, _)| state.run(run)).map(|run| &*run.record.id);
        Some(Self { schedule, robot: state.run(schedule.settings.robot)?, last })
    }
}

/// When something was last seen to change.
pub(super) fn updated(run: &Run, view: &View) -> VirtualTime {
    view.ended.or(view.started).unwrap_or(run.attempt.begun)
}

/// The run of this kind that has this id, unless it is too young to be found.
pub(super) fn find<'a>(call: &Call<'_>, state: &'a State, kind: Kind, id: &str) -> Option<(RunId, &'a Run)> {
    state.find(kind, id).filter(|(_, run)| !is_hidden(call, run))
}

/// Whether a run is too young to be found, as what goes wrong has it.
pub(super) fn is_hidden(call: &Call<'_>, run: &Run) -> bool {
    let Some(StateEffect::HiddenAfterCreate(until)) = call.staged else { return false };
    let hidden = call.now.since(run.record.created) < until;
    call.took_effect.set(call.took_effect.get() || hidden);
    hidden
}

/// How a run looks now, or as what goes wrong lets it look.
fn seen(call: &Call<'_>, run: &Run) -> View {
    let now = view(run, call.now);
    let shown = match call.staged {
        Some(StateEffect::StaleRead(ago)) => view(run, call.now.before(ago).max(run.attempt.begun)),
        Some(StateEffect::RegressProgress) if !now.status.is_terminal() => regressed(run, &now),
        _ => return now,
    };
    call.took_effect.set(call.took_effect.get() || shown != now);
    shown
}

/// A run that is at work as if it had done half of what it has done.
fn regressed(run: &Run, now: &View) -> View {
    let back = now.done / 2;
    let in_queue = if run.kind() == Kind::Run && now.status == Status::Running {
        now.in_queue + (now.done - back)
    } else {
        now.in_queue
    };
    View { done: back, in_queue, ..now.clone() }
}
