//! What a run is doing at an instant, as a pure function of its plan, the controls applied to it and the time since it
//! was created. Reads no clock, takes no lock, does no I/O and cannot fail.

use std::time::Duration;

/// A part of a whole in parts per million, so that every platform computes the same progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Fraction(u32);

impl Fraction {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// Everything.
    pub const ONE: Self = Self(1_000_000);

    /// `parts` per million, at most all of it.
    pub const fn from_ppm(parts: u32) -> Self {
        Self(if parts > Self::ONE.0 { Self::ONE.0 } else { parts })
    }

    /// Parts per million.
    pub const fn ppm(self) -> u32 {
        self.0
    }

    /// This part of `count`, rounded down.
    pub fn of(self, count: u64) -> u64 {
        u64::try_from(u128::from(count) * u128::from(self.0) / u128::from(Self::ONE.0)).unwrap_or(count)
    }

    /// This part of `duration`, rounded down to a microsecond.
    pub fn of_duration(self, duration: Duration) -> Duration {
        let micros = duration.as_micros() * u128::from(self.0) / u128::from(Self::ONE.0);
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    /// How far `passed` is on the way from `from` to `to`: zero before, everything after.
    pub fn between(self, from: Self, to: Self) -> Self {
        if self.0 >= to.0 {
            return Self::ONE;
        }
        let span = u64::from(to.0.saturating_sub(from.0).max(1));
        let passed = u64::from(self.0.saturating_sub(from.0));
        Self(u32::try_from(passed * u64::from(Self::ONE.0) / span).unwrap_or(Self::ONE.0))
    }

    /// The same part on a curve that starts and ends gently (`3x² − 2x³`), so that counts grow like real work does.
    /// Never falls where its argument grows.
    pub fn eased(self) -> Self {
        let (x, one) = (u128::from(self.0), u128::from(Self::ONE.0));
        Self(u32::try_from(x * x * (3 * one - 2 * x) / (one * one)).unwrap_or(Self::ONE.0))
    }
}

/// A stage of a run, whatever the vendor calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Accepted and not begun.
    Pending,
    /// At work.
    Running,
}

/// What was decided about a run when it was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Whether the run waits for another to end before anything happens.
    pub waits: bool,
    /// How long it is pending.
    pub pending: Duration,
    /// How long it is at work.
    pub running: Duration,
    /// How it ends when nobody interferes.
    pub ending: Ending,
}

/// How a run ends when nobody interferes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It does all its work.
    Completed,
    /// It fails when this part of its work is done.
    FailedAt(Fraction),
    /// It never ends: it stays in `phase` once this part of it has passed.
    Stuck(Phase, Fraction),
}

/// Something done to a run after it was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Control {
    /// When, counted from the run's creation.
    pub at: Duration,
    /// What.
    pub action: Action,
}

/// What a [`Control`] does. A run that has ended is not changed by any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The client cancels it.
    Cancel,
    /// The run it waited for has completed: it goes to work at once, unless its plan keeps it pending.
    Release,
    /// The run it waited for has failed or was canceled.
    Abandon,
    /// An operator ends it well.
    Complete,
    /// An operator ends it badly.
    Fail,
    /// An operator holds it where it is.
    Stick,
    /// An operator lets it go on, also where its plan would keep it stuck.
    Unstick,
    /// An operator puts it at least this far in its work.
    Advance(Fraction),
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its work is done.
    Completed,
    /// It failed, by plan or by an operator.
    Failed,
    /// The client canceled it.
    Canceled,
    /// The run it waited for did not complete.
    Abandoned,
}

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It waits for another run.
    Waiting,
    /// It is in this phase.
    Active(Phase),
    /// It is over.
    Ended(End),
}

/// What can be known of a run at one instant. Durations count from the run's creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observation {
    /// What it is doing.
    pub stage: Stage,
    /// How much of its work is done. Stays where it was when the run ended badly.
    pub work: Fraction,
    /// When it went to work.
    pub started: Option<Duration>,
    /// When it ended.
    pub ended: Option<Duration>,
}

/// The state of a run `elapsed` after its creation. `controls` stand in the order they were applied; those later than
/// `elapsed` do not count.
pub fn observe(plan: &Plan, controls: &[Control], elapsed: Duration) -> Observation {
    walk_to(plan, controls, elapsed).observation()
}

/// When the run ends if nobody interferes any more, counted from its creation; none while it waits or is stuck.
pub fn ends(plan: &Plan, controls: &[Control]) -> Option<Duration> {
    let last = controls.last().map_or(Duration::ZERO, |control| control.at);
    let mut walk = walk_to(plan, controls, last);
    while walk.end.is_none() {
        let next = walk.next_change()?;
        walk.pass(next);
    }
    walk.end.map(|(at, _)| at)
}

fn walk_to<'a>(plan: &'a Plan, controls: &[Control], elapsed: Duration) -> Walk<'a> {
    let mut walk = Walk::new(plan);
    for control in controls.iter().take_while(|control| control.at <= elapsed) {
        walk.pass(control.at);
        walk.apply(control.action);
    }
    walk.pass(elapsed);
    walk
}

/// A run followed through time: where it stands at `at`.
#[derive(Debug)]
struct Walk<'a> {
    plan: &'a Plan,
    at: Duration,
    phase: Phase,
    /// Time spent in `phase`.
    position: Duration,
    waiting: bool,
    held: bool,
    /// What became of the run it waited for while it was held.
    deferred: Option<Action>,
    /// An operator let it go on where the plan keeps it stuck.
    freed: bool,
    started: Option<Duration>,
    end: Option<(Duration, End)>,
}

impl<'a> Walk<'a> {
    fn new(plan: &'a Plan) -> Self {
        Self {
            plan,
            at: Duration::ZERO,
            phase: Phase::Pending,
            position: Duration::ZERO,
            waiting: plan.waits,
            held: false,
            deferred: None,
            freed: false,
            started: None,
            end: None,
        }
    }

    fn lasts(&self) -> Duration {
        match self.phase {
            Phase::Pending => self.plan.pending,
            Phase::Running => self.plan.running,
        }
    }

    /// Where the phase stops being lived, and what happens there; `None` when the run stays there for good.
    fn goal(&self) -> (Duration, Option<Turn>) {
        let lasts = self.lasts();
        match (self.plan.ending, self.phase) {
            (Ending::Stuck(_, at), phase) if self.stuck_in(phase) => (at.of_duration(lasts), None),
            (_, Phase::Pending) => (lasts, Some(Turn::Start)),
            (Ending::FailedAt(at), Phase::Running) => (at.of_duration(lasts), Some(Turn::End(End::Failed))),
            (Ending::Completed | Ending::Stuck(..), Phase::Running) => {
                (lasts, Some(Turn::End(End::Completed)))
            }
        }
    }

    fn stuck_in(&self, phase: Phase) -> bool {
        !self.freed && matches!(self.plan.ending, Ending::Stuck(stuck, _) if stuck == phase)
    }

    fn next_change(&self) -> Option<Duration> {
        if self.end.is_some() || self.waiting || self.held {
            return None;
        }
        let (goal, turn) = self.goal();
        turn.map(|_| self.at.saturating_add(goal.saturating_sub(self.position)))
    }

    fn pass(&mut self, to: Duration) {
        while let Some(next) = self.next_change().filter(|next| *next <= to) {
            let (goal, turn) = self.goal();
            // An operator may have put it past the point where its plan ends it.
            self.position = self.position.max(goal);
            self.at = next;
            match turn {
                Some(Turn::Start) => self.start(),
                Some(Turn::End(end)) => self.finish(end),
                None => break,
            }
        }
        if self.end.is_none() && !self.waiting && !self.held {
            let (goal, _) = self.goal();
            let moved = self.position.saturating_add(to.saturating_sub(self.at)).min(goal);
            self.position = self.position.max(moved);
        }
        self.at = self.at.max(to);
    }

    fn start(&mut self) {
        self.waiting = false;
        self.phase = Phase::Running;
        self.position = Duration::ZERO;
        self.started = self.started.or(Some(self.at));
    }

    fn finish(&mut self, end: End) {
        self.end = Some((self.at, end));
    }

    fn apply(&mut self, action: Action) {
        if self.end.is_some() {
            return;
        }
        match action {
            Action::Cancel => self.finish(End::Canceled),
            Action::Fail => self.finish(End::Failed),
            Action::Release | Action::Abandon if self.waiting && self.held => self.deferred = Some(action),
            Action::Abandon if self.waiting => self.finish(End::Abandoned),
            Action::Release if self.waiting && self.stuck_in(Phase::Pending) => self.waiting = false,
            Action::Release if self.waiting => self.start(),
            Action::Abandon | Action::Release => {}
            Action::Complete => {
                if self.phase == Phase::Pending {
                    self.start();
                }
                self.position = self.plan.running;
                self.finish(End::Completed);
            }
            Action::Stick => self.held = true,
            Action::Unstick => {
                (self.held, self.freed) = (false, true);
                if let Some(deferred) = self.deferred.take() {
                    self.apply(deferred);
                }
            }
            Action::Advance(to) => {
                if self.phase == Phase::Pending {
                    self.start();
                }
                self.position = self.position.max(to.of_duration(self.plan.running));
            }
        }
    }

    fn observation(&self) -> Observation {
        let work = match (self.phase, self.end) {
            (_, Some((_, End::Completed))) => Fraction::ONE,
            (Phase::Pending, _) => Fraction::ZERO,
            (Phase::Running, _) if self.plan.running.is_zero() => self.done_in_no_time(),
            (Phase::Running, _) => part(self.position, self.plan.running),
        };
        let stage = match self.end {
            Some((_, end)) => Stage::Ended(end),
            None if self.waiting => Stage::Waiting,
            None => Stage::Active(self.phase),
        };
        Observation { stage, work, started: self.started, ended: self.end.map(|(at, _)| at) }
    }

    /// How far a run gets that needs no time for its work: time cannot tell, its plan does.
    fn done_in_no_time(&self) -> Fraction {
        match self.plan.ending {
            Ending::FailedAt(at) => at,
            Ending::Stuck(Phase::Running, at) if !self.freed => at,
            Ending::Completed | Ending::Stuck(..) => Fraction::ONE,
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Turn {
    Start,
    End(End),
}

/// `position` as a part of `whole`, which is more than nothing.
fn part(position: Duration, whole: Duration) -> Fraction {
    let parts = position.as_micros() * u128::from(Fraction::ONE.0) / whole.as_micros().max(1);
    Fraction(u32::try_from(parts).unwrap_or(Fraction::ONE.0).min(Fraction::ONE.0))
}

#[cfg(test)]
mod tests;
