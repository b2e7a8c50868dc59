//! Credits: spent as captures and items appear, by every run that is under way, from one balance (pages "Running
//! extractions" and "Credits and billing"). When they run out is computed, not waited for.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::clock::VirtualTime;
use crate::lifecycle::observe;
use crate::model::RunId;
use crate::model::extralt::run::Run;
use crate::model::extralt::view::units;

/// Longer than anything is looked ahead for: a run that is at work for longer pays when it gets there.
const HORIZON: Duration = Duration::from_secs(100 * 366 * 86_400);

/// The balance of an account, and who draws on it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ledger {
    /// What is left, but for what the spenders have spent; `None` means that it never runs out.
    balance: Option<u64>,
    /// The runs under way that cost something.
    spenders: BTreeSet<RunId>,
    /// When the credits run out, if nothing comes in between.
    dry: Option<VirtualTime>,
}

/// A run that can pay for no more, and for how many captures or items it could.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exhausted {
    /// Which.
    pub run: RunId,
    /// How many units.
    pub paid: u64,
}

impl Ledger {
    /// An account with this balance.
    pub fn new(balance: Option<u64>) -> Self {
        Self { balance, ..Self::default() }
    }

    /// What is left at `now`; `None` means that it never runs out.
    pub fn left(&self, runs: &[Run], now: VirtualTime) -> Option<u64> {
        self.balance.map(|balance| balance.saturating_sub(self.spent(runs, now)))
    }

    /// So much is left at `now`.
    pub fn set(&mut self, balance: Option<u64>, runs: &[Run], now: VirtualTime) {
        self.balance = balance.map(|balance| balance.saturating_add(self.spent(runs, now)));
    }

    /// `run` begins to spend.
    pub fn begin(&mut self, run: RunId) {
        self.spenders.insert(run);
    }

    /// `run`, which has ended by `now`, spends no more.
    pub fn end(&mut self, run: RunId, runs: &[Run], now: VirtualTime) {
        if !self.spenders.remove(&run) {
            return;
        }
        let spent = runs.get(run.0 as usize).map_or(0, |run| spent_by(run, now));
        self.balance = self.balance.map(|balance| balance.saturating_sub(spent));
    }

    /// When the credits run out, if that has changed; nothing else may happen before.
    pub fn foresee(&mut self, runs: &[Run], now: VirtualTime) -> Option<VirtualTime> {
        let dry = self.balance.and_then(|balance| self.runs_dry(balance, runs, now));
        if self.dry == dry {
            return None;
        }
        self.dry = dry;
        dry
    }

    /// Whether the credits run out at `at`, as far as is known.
    pub fn is_dry_at(&self, at: VirtualTime) -> bool {
        self.dry == Some(at)
    }

    /// The runs that cannot pay for what appears at `at`, when the credits run out. What appears in one instant is paid
    /// in the order in which its runs were created.
    pub fn exhausted(&mut self, runs: &[Run], at: VirtualTime) -> Vec<Exhausted> {
        self.dry = None;
        let Some(balance) = self.balance else { return Vec::new() };
        let before = at.before(Duration::from_micros(1));
        let mut left = balance.saturating_sub(self.spent(runs, before));
        let mut exhausted = Vec::new();
        for id in &self.spenders {
            let Some(run) = runs.get(id.0 as usize) else { continue };
            let (had, has) = (units_at(run, before), units_at(run, at));
            let affordable = (has - had).min(left / run.kind().price().max(1));
            left -= affordable * run.kind().price();
            if had + affordable < has {
                exhausted.push(Exhausted { run: *id, paid: had + affordable });
            }
        }
        exhausted
    }

    fn spent(&self, runs: &[Run], now: VirtualTime) -> u64 {
        self.spenders.iter().filter_map(|id| runs.get(id.0 as usize)).map(|run| spent_by(run, now)).sum()
    }

    /// The first instant at which more has been spent than there is.
    fn runs_dry(&self, balance: u64, runs: &[Run], now: VirtualTime) -> Option<VirtualTime> {
        let under_way = self.spenders.iter().filter_map(|id| runs.get(id.0 as usize));
        let at_most: u64 = under_way.map(|run| run.attempt.total.saturating_mul(run.kind().price())).sum();
        if at_most <= balance {
            return None;
        }
        let (mut early, mut late) = (now.as_micros(), now.after(HORIZON).as_micros());
        let is_dry = |micros| self.spent(runs, VirtualTime::from_micros(micros)) > balance;
        if !is_dry(late) {
            return None;
        }
        while early < late {
            let middle = early + (late - early) / 2;
            if is_dry(middle) { late = middle } else { early = middle + 1 }
        }
        Some(VirtualTime::from_micros(late))
    }
}

fn spent_by(run: &Run, now: VirtualTime) -> u64 {
    units_at(run, now) * run.kind().price()
}

fn units_at(run: &Run, now: VirtualTime) -> u64 {
    units(run, &observe(&run.attempt.plan, &run.controls, now.since(run.attempt.begun)))
}
