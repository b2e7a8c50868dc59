//! Decides the future of an extraction when it is created: durations, ending and yield, from the scenario's rule, the magic
//! file name or the usual course, in this order. Each decision draws from a part of its own, so that a rule changes only
//! what it names.

use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;

use crate::lifecycle::{Ending, Fraction, Gate, Phase, Plan};
use crate::model::llama_extract::run::Yield;
use crate::scenario::amount::Percent;
use crate::scenario::kind::PhaseName;
use crate::scenario::magic::{self, Magic};
use crate::scenario::run::{Outcome, RunRule};
use crate::scenario::usual::{
    EXTRACTION_CREATED_MILLIS, EXTRACTION_PENDING_MILLIS, EXTRACTION_RUNNING_MILLIS, SLOW_FACTOR,
};
use crate::seed::Draws;

const HALF: Fraction = Fraction::from_ppm(500_000);
const STUCK_AT: Fraction = Fraction::from_ppm(800_000);

/// What was decided about an extraction.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Future {
    /// When and how it ends.
    pub(super) plan: Plan,
    /// What comes of it.
    pub(super) yields: Yield,
    /// Whether it counts as complete only in part.
    pub(super) is_partial: bool,
    /// What is said if it fails by plan.
    pub(super) error: Option<Box<str>>,
}

/// What a future depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'a> {
    /// The scenario's rule for it.
    pub(super) rule: Option<&'a RunRule>,
    /// What its file is called.
    pub(super) file_name: &'a str,
    /// What it draws from.
    pub(super) draws: &'a Draws,
}

impl Given<'_> {
    /// The future of an extraction.
    pub(super) fn future(self) -> Future {
        let mut usual = self.draws.part(0);
        let mut millis = |range| Duration::from_millis(usual.random_range(range));
        let (created, pending, running) = (
            millis(EXTRACTION_CREATED_MILLIS),
            millis(EXTRACTION_PENDING_MILLIS),
            millis(EXTRACTION_RUNNING_MILLIS),
        );
        let magic = magic::of_file(self.file_name);
        let slowness = if magic == Some(Magic::Slow) { SLOW_FACTOR } else { 1 };
        let plan = Plan {
            gate: Gate::Open,
            pending: self.lasts(PhaseName::Created, created * slowness, 3),
            starting: self.lasts(PhaseName::Pending, pending * slowness, 7),
            throttled: self.lasts(PhaseName::Throttled, Duration::ZERO, 8),
            running: self.lasts(PhaseName::Running, running * slowness, 4),
            finalizing: Duration::ZERO,
            ending: match magic {
                Some(Magic::Fails) => Ending::FailedAt(HALF),
                Some(Magic::Stuck) => Ending::Stuck(Phase::Running, STUCK_AT),
                _ => Ending::Completed,
            },
        };
        let yields = match (self.rule.and_then(|rule| rule.data.as_ref()), magic) {
            (Some(data), _) => Yield::Given(Arc::clone(data)),
            (None, Some(Magic::Empty)) => Yield::Nothing,
            (None, Some(Magic::Partial)) => Yield::Missing(None),
            (None, _) => Yield::Whole,
        };
        let future = Future { plan, yields, is_partial: magic == Some(Magic::Partial), error: None };
        match self.rule.and_then(|rule| rule.outcome.as_ref()) {
            Some(outcome) => self.ends(future, outcome),
            None => future,
        }
    }

    fn lasts(self, name: PhaseName, usual: Duration, part: u64) -> Duration {
        let range = self.rule.and_then(|rule| rule.lifecycle.get(&name));
        range.map_or(usual, |range| range.sample(&mut self.draws.part(part)))
    }

    /// The future that ends as a rule says. What a magic name would have made of the data no longer counts.
    fn ends(self, mut future: Future, outcome: &Outcome) -> Future {
        if !matches!(future.yields, Yield::Given(_)) {
            future.yields = Yield::Whole;
        }
        future.is_partial = false;
        future.plan.ending = match outcome {
            Outcome::Completed => Ending::Completed,
            Outcome::Failed { at, error, .. } => {
                future.error = error.as_deref().map(Into::into);
                Ending::FailedAt(at.map_or(HALF, fraction))
            }
            Outcome::Invalid { error } => {
                future.error = error.as_deref().map(Into::into);
                Ending::FailedAt(Fraction::ONE)
            }
            Outcome::Partial { failed_items, .. } => {
                let missing = failed_items.sample(&mut self.draws.part(6));
                future.is_partial = true;
                if !matches!(future.yields, Yield::Given(_)) {
                    future.yields = Yield::Missing(Some(u32::try_from(missing).unwrap_or(u32::MAX)));
                }
                Ending::Completed
            }
            Outcome::Stuck { state, at } => Ending::Stuck(phase(*state), at.map_or(STUCK_AT, fraction)),
        };
        future
    }
}

fn phase(name: Option<PhaseName>) -> Phase {
    match name {
        Some(PhaseName::Created) => Phase::Pending,
        Some(PhaseName::Pending | PhaseName::Starting | PhaseName::Restarting) => Phase::Starting,
        Some(PhaseName::Throttled) => Phase::Throttled,
        Some(PhaseName::Running | PhaseName::Building | PhaseName::Finalizing | PhaseName::Materializing)
        | None => Phase::Running,
    }
}

fn fraction(percent: Percent) -> Fraction {
    Fraction::from_ppm(percent.parts_per_million)
}
