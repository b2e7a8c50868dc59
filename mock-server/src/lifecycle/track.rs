//! When a run got how far in its work.

use std::time::Duration;

use super::walk::Walk;
use super::{Control, Plan};

/// When a run got how far in its work.
#[derive(Debug, Clone, Default)]
pub struct Track {
    legs: Vec<Leg>,
}

/// A stretch of time in which a run was at work without a break. Where an operator put it further it has leapt: it was at
/// work from where it came to, for no time.
#[derive(Debug, Clone, Copy)]
struct Leg {
    /// Since when, counted from the run's creation.
    at: Duration,
    /// How much of its work's time it had lived then.
    from: Duration,
    /// And at the end.
    to: Duration,
}

impl Track {
    /// The course of a run up to `elapsed` after its creation.
    pub fn of(plan: &Plan, controls: &[Control], elapsed: Duration) -> Self {
        Walk::track(plan, controls, elapsed)
    }

    /// When it had first lived `position` of [`Plan::running`], counted from its creation; none if it has not.
    pub fn reached(&self, position: Duration) -> Option<Duration> {
        let leg = self.legs.get(self.legs.partition_point(|leg| leg.to < position))?;
        Some(leg.at.saturating_add(position.saturating_sub(leg.from)))
    }

    /// Goes on: from `from` to `to` of its work's time, beginning at `at`.
    pub(super) fn add(&mut self, at: Duration, from: Duration, to: Duration) {
        self.legs.push(Leg { at, from, to });
    }
}
