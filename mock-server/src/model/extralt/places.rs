//! How many runs may be at work at once, and who is next (page "Running extractions", concurrent run limits). First in,
//! first out, by when a run was ready; an order that no page promises.

use std::collections::{BTreeSet, VecDeque};

use crate::model::RunId;
use crate::scenario::account::Plan;

/// The places of a plan: who holds one, and who waits for one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Places {
    /// How many there are; `None` means as many as anybody needs.
    most: Option<usize>,
    holders: BTreeSet<RunId>,
    /// Those that wait, and some that no longer do.
    queue: VecDeque<Waiting>,
}

/// A run that waits for a place since it was ready. It may have been stopped since, and restarted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub run: RunId,
    /// How often it had been restarted.
    pub restarts: u32,
}

impl Places {
    /// The places of `plan`.
    pub fn of(plan: Plan) -> Self {
        Self { most: most(plan), ..Self::default() }
    }

    /// There are as many places as `plan` has, from now on. Nobody loses one.
    pub fn change(&mut self, plan: Plan) {
        self.most = most(plan);
    }

    /// `run` is ready, and waits behind the others.
    pub fn wait(&mut self, run: Waiting) {
        self.queue.push_back(run);
    }

    /// Gives a place to the next run that `waits`, if there is both.
    pub fn give(&mut self, waits: impl Fn(Waiting) -> bool) -> Option<RunId> {
        while self.most.is_none_or(|most| self.holders.len() < most) {
            let next = self.queue.pop_front()?;
            if waits(next) {
                self.holders.insert(next.run);
                return Some(next.run);
            }
        }
        None
    }

    /// `run` has a place without having waited for one, as an operator wants it.
    pub fn take(&mut self, run: RunId) {
        self.holders.insert(run);
    }

    /// `run` needs its place no more.
    pub fn leave(&mut self, run: RunId) {
        self.holders.remove(&run);
    }

    /// Who holds a place.
    pub fn holders(&self) -> impl Iterator<Item = RunId> + '_ {
        self.holders.iter().copied()
    }
}

fn most(plan: Plan) -> Option<usize> {
    match plan {
        Plan::Start => Some(1),
        Plan::Scale => None,
    }
}
