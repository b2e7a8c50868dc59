//! What an enrichment has made of captures, item by item. Made when looked at, never stored.

use std::sync::Arc;

use crate::clock::VirtualTime;
use crate::model::extralt::captures::{Captured, Captures};
use crate::model::extralt::run::{Attempt, Input, Run};
use crate::model::extralt::state::State;
use crate::model::extralt::view::{share, unit_of, view};
use crate::seed::Seed;

/// The items of an enrichment as they were at an instant.
#[derive(Debug, Clone)]
pub struct Items {
    id: Arc<str>,
    captures: Captures,
    source_started: VirtualTime,
    attempt: Arc<Attempt>,
    count: u64,
}

impl Items {
    /// The items that `run` has made by `now`. `None` if it is no enrichment.
    pub fn of(state: &State, run: &Run, seed: Seed, now: VirtualTime) -> Option<Self> {
        let Input::Enrichment { taken, .. } = &run.record.input else { return None };
        let source_started = view(taken, now).started.unwrap_or(taken.record.created);
        Some(Self {
            id: Arc::clone(&run.record.id),
            captures: Captures::of(state, taken, seed, now)?,
            source_started,
            attempt: Arc::clone(&run.attempt),
            count: view(run, now).done,
        })
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The id of the enrichment.
    pub fn enrichment(&self) -> &str {
        &self.id
    }

    /// When the run or import began whose captures these are made of.
    pub fn source_started(&self) -> VirtualTime {
        self.source_started
    }

    /// The captures that they are made of.
    pub fn captures(&self) -> &Captures {
        &self.captures
    }

    /// The capture that item number `index`, counted from zero and below [`Self::len`], is made of.
    pub fn get(&self, index: u64) -> Captured {
        self.captures.get(self.capture(index))
    }

    /// The item made of the capture with these bits.
    pub fn find(&self, low: u32) -> Option<u64> {
        let capture = self.captures.find(low)?;
        let index = match capture.checked_sub(self.attempt.before) {
            None => capture,
            Some(processed) => self.attempt.before + self.made(processed + 1).checked_sub(1)?,
        };
        (index < self.count && self.capture(index) == capture).then_some(index)
    }

    /// The number of the capture that item number `index` is made of. Those that came to nothing are left out.
    fn capture(&self, index: u64) -> u64 {
        let Some(later) = index.checked_sub(self.attempt.before) else { return index };
        self.attempt.before + unit_of(later, self.attempt.errors, self.attempt.total)
    }

    /// How many items this attempt made of the first `processed` captures.
    fn made(&self, processed: u64) -> u64 {
        processed - share(self.attempt.errors, processed, self.attempt.total)
    }
}
