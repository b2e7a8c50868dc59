//! How long robots and runs take at most, and what is certain of their end.

use std::time::Duration;

use crate::scenario::contents::extralt::Robot;
use crate::scenario::kind::PhaseName;
use crate::scenario::magic::{self, Magic};
use crate::scenario::run::{Outcome, RunRule};
use crate::scenario::usual::{
    BUILD_PENDING, BUILDING_MILLIS, RUN_FINALIZING_MILLIS, RUN_PENDING, RUN_RUNNING_MAX, RUN_STARTING_MILLIS,
    SLOW_FACTOR,
};

/// How long the building of a robot takes at most.
///
/// # Errors
///
/// Why it comes to nothing.
pub(super) fn building(robot: &Robot) -> Result<Duration, &'static str> {
    let magic = magic::of_host(&robot.site.host);
    match (&robot.behaviour.outcome, magic) {
        (None, Some(Magic::Fails | Magic::Unsupported)) | (Some(Outcome::Failed { .. }), _) => {
            Err("its building fails")
        }
        (Some(Outcome::Stuck { .. }), _) => Err("its building never ends"),
        (None | Some(Outcome::Completed | Outcome::Partial { .. } | Outcome::Invalid { .. }), _) => {
            let longest = longest(&robot.behaviour, magic);
            Ok(longest(PhaseName::Pending, BUILD_PENDING)
                + longest(PhaseName::Building, Duration::from_millis(*BUILDING_MILLIS.end())))
        }
    }
}

/// What is certain of a run.
pub(super) struct Course {
    /// How long it is pending at most if nothing holds it back.
    pub(super) pending: Duration,
    /// How long it then works at most; none if it never ends.
    pub(super) work: Option<Duration>,
    pub(super) completes: bool,
    pub(super) may_find_nothing: bool,
}

impl Course {
    /// That of a run on `host`.
    pub(super) fn new(host: &str, behaviour: &RunRule) -> Self {
        let magic = magic::of_host(host);
        let longest = longest(behaviour, magic);
        let millis = |millis: u64| Duration::from_millis(millis);
        let work = longest(PhaseName::Starting, millis(*RUN_STARTING_MILLIS.end()))
            + longest(PhaseName::Running, RUN_RUNNING_MAX)
            + longest(PhaseName::Finalizing, millis(*RUN_FINALIZING_MILLIS.end()));
        let (ends, completes) = match &behaviour.outcome {
            None => (magic != Some(Magic::Stuck), !matches!(magic, Some(Magic::Stuck | Magic::Fails))),
            Some(Outcome::Stuck { .. }) => (false, false),
            Some(Outcome::Failed { .. }) => (true, false),
            Some(Outcome::Completed | Outcome::Partial { .. } | Outcome::Invalid { .. }) => (true, true),
        };
        let may_find_nothing =
            behaviour.results.map_or(magic == Some(Magic::Empty), |results| results.min == 0);
        Self {
            pending: longest(PhaseName::Pending, RUN_PENDING),
            work: ends.then_some(work),
            completes,
            may_find_nothing,
        }
    }
}

/// How long a phase takes at most, by its name and its usual longest time.
fn longest(behaviour: &RunRule, magic: Option<Magic>) -> impl Fn(PhaseName, Duration) -> Duration {
    let factor = if magic == Some(Magic::Slow) { SLOW_FACTOR } else { 1 };
    move |phase, usual| behaviour.lifecycle.get(&phase).map_or(usual * factor, |range| range.longest())
}

/// When the last of these works is done at the latest if one is done at a time: each is given by when it is ready and
/// how long it takes, both at most. None if one of them never ends.
pub(super) fn one_by_one(mut works: Vec<(Duration, Option<Duration>)>) -> Option<Duration> {
    works.sort_by_key(|(ready, _)| *ready);
    works.into_iter().try_fold(Duration::ZERO, |done, (ready, work)| Some(done.max(ready) + work?))
}
