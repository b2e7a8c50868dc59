//! What is to be shown of a resource, before a dialect has written it down.

use crate::apis::dialect::Call;
use crate::clock::VirtualTime;
use crate::model::RunId;
use crate::model::extralt::run::{Input, Kind, Run};
use crate::model::extralt::schedule::{Schedule, ScheduleId};
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
    state.find(kind, id).filter(|(_, run)| !is_hidden(call, run.record.created))
}

/// The same of a schedule.
pub(super) fn find_schedule<'a>(
    call: &Call<'_>,
    state: &'a State,
    id: &str,
) -> Option<(ScheduleId, &'a Schedule)> {
    state.find_schedule(id).filter(|(_, schedule)| !is_hidden(call, schedule.record.created))
}

/// Whether something is too young to be found, as what goes wrong has it.
fn is_hidden(call: &Call<'_>, created: VirtualTime) -> bool {
    let Some(StateEffect::HiddenAfterCreate(until)) = call.staged else { return false };
    let hidden = call.now.since(created) < until;
    call.took_effect.set(call.took_effect.get() || hidden);
    hidden
}

/// Whether a list leaves something out: it is too young to be found, or it was not there when the list was true that is
/// shown.
pub(super) fn is_unlisted(call: &Call<'_>, created: VirtualTime) -> bool {
    is_hidden(call, created) || is_unseen(call, created)
}

/// Whether something that happened at `at` had not happened when what a read shows was true.
pub(super) fn is_unseen(call: &Call<'_>, at: VirtualTime) -> bool {
    let Some(StateEffect::StaleRead(ago)) = call.staged else { return false };
    let unseen = at > call.now.before(ago);
    call.took_effect.set(call.took_effect.get() || unseen);
    unseen
}

/// The instant as of which a read shows a run: now, or earlier as what goes wrong has it.
pub(super) fn read_at(call: &Call<'_>, run: &Run) -> VirtualTime {
    let Some(StateEffect::StaleRead(ago)) = call.staged else { return call.now };
    let at = call.now.before(ago).max(run.attempt.begun);
    call.took_effect.set(call.took_effect.get() || view(run, at) != view(run, call.now));
    at
}

/// How a run looks now, or as what goes wrong lets it look.
fn seen(call: &Call<'_>, run: &Run) -> View {
    let now = view(run, call.now);
    let shown = match call.staged {
        Some(StateEffect::StaleRead(_)) => return view(run, read_at(call, run)),
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
