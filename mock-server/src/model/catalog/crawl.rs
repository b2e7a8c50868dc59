//! The steps of a crawl and what it has found on the way.

use std::cmp::Ordering;

use crate::lifecycle::{End, Fraction, Observation, Phase, Stage};
use crate::model::catalog::run::Work;
use crate::scenario::kind::RunKind;

/// Where each of the documented steps ends, as a part of the running phase. How the time is shared between them is our
/// choice; their names and order are documented ([`RunKind::steps`]).
const STEP_ENDS: [Fraction; 4] =
    [Fraction::from_ppm(100_000), Fraction::from_ppm(350_000), Fraction::from_ppm(600_000), Fraction::ONE];

/// The state of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// Not begun.
    Pending,
    /// Being done.
    Running,
    /// Done.
    Completed,
    /// Where the crawl ended badly.
    Failed,
}

/// Where step `index` begins.
fn step_start(index: usize) -> Fraction {
    index.checked_sub(1).and_then(|before| STEP_ENDS.get(before)).copied().unwrap_or(Fraction::ZERO)
}

/// The point `at` within the step called `name`: always inside the step, so that it is this one that fails.
pub fn point_in_step(name: &str, at: Fraction) -> Option<Fraction> {
    let index = RunKind::Crawl.steps().iter().position(|step| *step == name)?;
    let (start, end) = (step_start(index).ppm(), STEP_ENDS.get(index)?.ppm());
    let inside = u32::try_from(at.of(u64::from(end - start))).unwrap_or(0);
    Some(Fraction::from_ppm((start + inside).min(end - 1)))
}

/// Each step's name and state, in the documented order.
pub fn steps(observation: &Observation) -> impl Iterator<Item = (&'static str, StepState)> {
    let after_last = match observation.stage {
        Stage::Ended(End::Completed) => STEP_ENDS.len(),
        // All of the work may be done without the crawl having ended, or ended well: its last step is not over then.
        Stage::Waiting | Stage::Active(_) | Stage::Ended(_) => STEP_ENDS.len() - 1,
    };
    let current = STEP_ENDS.iter().position(|end| observation.work < *end).unwrap_or(after_last);
    let at_current = match observation.stage {
        Stage::Waiting | Stage::Active(Phase::Pending) => StepState::Pending,
        Stage::Active(Phase::Starting | Phase::Throttled | Phase::Running | Phase::Finalizing) => {
            StepState::Running
        }
        Stage::Ended(_) if observation.started.is_none() => StepState::Pending,
        Stage::Ended(_) => StepState::Failed,
    };
    RunKind::Crawl.steps().iter().enumerate().map(move |(index, name)| {
        let state = match index.cmp(&current) {
            Ordering::Less => StepState::Completed,
            Ordering::Equal => at_current,
            Ordering::Greater => StepState::Pending,
        };
        (*name, state)
    })
}

/// Collections and listings found so far. Collections are found in the second step, listings from then on.
pub fn found(work: &Work, done: Fraction) -> (u64, u64) {
    let collections = done.between(step_start(1), step_start(2)).eased();
    let listings = done.between(step_start(1), Fraction::ONE).eased();
    (collections.of(work.collections), listings.of(work.total))
}

#[cfg(test)]
mod tests;
