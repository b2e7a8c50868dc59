//! Decides the future of an attempt when it begins: durations, ending and yield, from the scenario's rule, the magic host
//! or the usual course, in this order. Each decision draws from a part of its own, so that a rule changes only what it
//! names.

use std::time::Duration;

use rand::RngExt;

use crate::lifecycle::{Ending, Fraction, Gate, Phase, Plan};
use crate::model::extralt::import::Content;
use crate::scenario::amount::Percent;
use crate::scenario::kind::PhaseName;
use crate::scenario::magic::{self, Magic};
use crate::scenario::run::{Outcome, Refusal, RunRule};
use crate::scenario::usual::{
    BUILD_PENDING, BUILDING_MILLIS, RUN_FINALIZING_MILLIS, RUN_PENDING, RUN_RUNNING_MAX, RUN_STARTING_MILLIS,
    SLOW_FACTOR,
};
use crate::seed::Draws;

/// What is said of a file that a rule calls invalid without saying why.
const INVALID: &str = "The file did not pass validation";
/// What is said of a file that is called empty.
const EMPTY: &str = "The file has no rows that can be used";
const SECOND: Duration = Duration::from_secs(1);
const PER_CAPTURE: Duration = Duration::from_millis(300);
const HALF: Fraction = Fraction::from_ppm(500_000);
const STUCK_AT: Fraction = Fraction::from_ppm(800_000);

/// What was decided about an attempt.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Future {
    /// When and how it ends.
    pub(super) plan: Plan,
    /// How many units it yields.
    pub(super) total: u64,
    /// How many of them come to nothing.
    pub(super) errors: u64,
    /// What is said if it fails by plan.
    pub(super) error: Option<Box<str>>,
    /// Why a robot is not built.
    pub(super) refusal: Option<Refusal>,
}

/// What a future depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'a> {
    /// The scenario's rule for it.
    pub(super) rule: Option<&'a RunRule>,
    /// The host of the shop.
    pub(super) host: &'a str,
    /// What it draws from.
    pub(super) draws: &'a Draws,
}

/// The future of a robot.
pub(super) fn robot(given: Given<'_>) -> Future {
    let building = Duration::from_millis(given.draws.part(0).random_range(BUILDING_MILLIS));
    let plan = Plan::plain(
        Gate::Open,
        given.lasts(PhaseName::Pending, BUILD_PENDING, 3),
        given.lasts(PhaseName::Building, building, 4),
        Ending::Completed,
    );
    let refusal = match magic::of_host(given.host) {
        Some(Magic::Fails) => Some(Refusal::Unreachable),
        Some(Magic::Unsupported) => Some(Refusal::NotStore),
        _ => None,
    };
    let usual = refusal.map_or(Ending::Completed, |_| Ending::FailedAt(HALF));
    let future = given.ends(plan, usual, 0, 0);
    // A rule that says how it ends also says why.
    if given.rule.is_some_and(|rule| rule.outcome.is_some()) {
        return future;
    }
    Future { refusal, ..future }
}

/// The future of a run that may yield so many captures, all there are if `None`. One that is `again` under way is
/// restarted before it is pending.
pub(super) fn run(given: Given<'_>, budget: Option<u64>, again: bool) -> Future {
    let magic = magic::of_host(given.host);
    let found = given.draws.part(1).random_range(20..=60);
    let total = match magic {
        Some(Magic::Empty) => 0,
        _ => budget.unwrap_or(found),
    };
    let total = match given.rule.and_then(|rule| rule.results.as_ref()) {
        Some(results) => results.sample(&mut given.draws.part(5)).min(budget.unwrap_or(u64::MAX)),
        None => total,
    };
    let work =
        PER_CAPTURE.saturating_mul(u32::try_from(total).unwrap_or(u32::MAX)).clamp(SECOND, RUN_RUNNING_MAX);
    let mut ready = given.draws.part(0);
    let starting = Duration::from_millis(ready.random_range(RUN_STARTING_MILLIS));
    let finalizing = Duration::from_millis(ready.random_range(RUN_FINALIZING_MILLIS));
    let first = if again { PhaseName::Restarting } else { PhaseName::Pending };
    let plan = Plan {
        gate: Gate::Slot,
        pending: given.lasts(first, RUN_PENDING, 3),
        starting: given.lasts(PhaseName::Starting, starting, 7),
        throttled: Duration::ZERO,
        running: given.lasts(PhaseName::Running, work, 4),
        finalizing: given.lasts(PhaseName::Finalizing, finalizing, 8),
        ending: Ending::Completed,
    };
    let usual = match magic {
        Some(Magic::Stuck) => Ending::Stuck(Phase::Running, STUCK_AT),
        _ => Ending::Completed,
    };
    given.ends(plan, usual, total, 0)
}

/// The future of an enrichment of so many captures.
pub(super) fn enrichment(given: Given<'_>, captures: u64) -> Future {
    let work = Duration::from_millis(given.draws.part(0).random_range(5_000..=15_000));
    let errors = match magic::of_host(given.host) {
        Some(Magic::Partial) => captures.div_ceil(3),
        _ => 0,
    };
    let plan = Plan {
        finalizing: given.lasts(PhaseName::Materializing, SECOND, 8),
        ..Plan::plain(
            Gate::Open,
            given.lasts(PhaseName::Pending, SECOND, 3),
            given.lasts(PhaseName::Running, work, 4),
            Ending::Completed,
        )
    };
    given.ends(plan, Ending::Completed, captures, errors)
}

/// The future of an import of a file with this name and content, and the content as it is taken then: what the file holds
/// decides only where neither a rule nor a magic name does. An import that fails or is stuck says nothing of its file.
pub(super) fn import(given: Given<'_>, name: &str, content: Content) -> (Future, Content) {
    let magic = magic::of_file(name).or_else(|| magic::of_host(given.host));
    let content = match (given.rule.and_then(|rule| rule.outcome.as_ref()), magic) {
        (Some(Outcome::Invalid { error }), _) => content.refused(error.as_deref().unwrap_or(INVALID).into()),
        (Some(_), _) | (None, Some(Magic::Fails | Magic::Stuck)) => Content { problem: None, ..content },
        (None, Some(Magic::Empty)) => content.refused(EMPTY.into()),
        (None, Some(Magic::Partial)) => content.thinned(),
        (None, Some(Magic::Slow | Magic::Unsupported) | None) => content,
    };
    let work = Duration::from_millis(given.draws.part(0).random_range(5_000..=15_000));
    let plan = Plan::plain(
        Gate::Open,
        given.lasts(PhaseName::Pending, SECOND, 3),
        given.lasts(PhaseName::Running, work, 4),
        Ending::Completed,
    );
    let usual = match magic {
        Some(Magic::Fails) => Ending::FailedAt(HALF),
        Some(Magic::Stuck) => Ending::Stuck(Phase::Running, STUCK_AT),
        _ if content.problem.is_some() => Ending::FailedAt(Fraction::ONE),
        _ => Ending::Completed,
    };
    let rows = content.rows.len() as u64;
    (given.ends(plan, usual, rows + content.rejected, content.rejected), content)
}

impl Given<'_> {
    fn lasts(&self, name: PhaseName, usual: Duration, part: u64) -> Duration {
        let slow = magic::of_host(self.host) == Some(Magic::Slow);
        self.rule
            .and_then(|rule| rule.lifecycle.get(&name))
            .map_or(if slow { usual * SLOW_FACTOR } else { usual }, |range| {
                range.sample(&mut self.draws.part(part))
            })
    }

    /// The future that ends as the rule says, or as usual.
    fn ends(&self, mut plan: Plan, usual: Ending, total: u64, errors: u64) -> Future {
        plan.ending = usual;
        let mut future = Future { plan, total, errors, error: None, refusal: None };
        let Some(outcome) = self.rule.and_then(|rule| rule.outcome.as_ref()) else { return future };
        match outcome {
            Outcome::Completed => future.plan.ending = Ending::Completed,
            Outcome::Failed { at, error, refusal, .. } => {
                future.plan.ending = Ending::FailedAt(at.map_or(HALF, fraction));
                future.error = error.as_deref().map(Into::into);
                future.refusal = *refusal;
            }
            Outcome::Invalid { error } => {
                future.plan.ending = Ending::FailedAt(Fraction::ONE);
                future.error = error.as_deref().map(Into::into);
            }
            Outcome::Partial { failed_items, .. } => {
                future.plan.ending = Ending::Completed;
                future.errors = failed_items.sample(&mut self.draws.part(6)).min(total);
            }
            Outcome::Stuck { state, at } => {
                future.plan.ending = Ending::Stuck(phase(*state), at.map_or(STUCK_AT, fraction));
            }
        }
        future
    }
}

fn phase(name: Option<PhaseName>) -> Phase {
    match name {
        Some(PhaseName::Created | PhaseName::Pending | PhaseName::Restarting) => Phase::Pending,
        Some(PhaseName::Throttled | PhaseName::Starting) => Phase::Starting,
        Some(PhaseName::Building | PhaseName::Running) | None => Phase::Running,
        Some(PhaseName::Finalizing | PhaseName::Materializing) => Phase::Finalizing,
    }
}

fn fraction(percent: Percent) -> Fraction {
    Fraction::from_ppm(percent.parts_per_million)
}
