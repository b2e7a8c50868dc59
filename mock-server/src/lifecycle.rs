//! What a run is doing at an instant, as a pure function of its plan, the controls applied to it and the time since it
//! was created. Reads no clock, takes no lock, does no I/O and cannot fail.

use std::time::Duration;

pub use self::fraction::Fraction;
pub use self::track::Track;
use self::walk::Walk;

mod fraction;
mod track;
mod walk;

/// A stage of a run, whatever the vendor calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Accepted and not begun.
    Pending,
    /// Getting ready for its work.
    Starting,
    /// Held back for a while, because there is too much to do.
    Throttled,
    /// At work.
    Running,
    /// Its work is done, and it puts things in order.
    Finalizing,
}

/// What a run waits for before it goes on from [`Phase::Pending`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Nothing.
    Open,
    /// Another run. It waits from the first, and is let go by [`Action::Release`] or [`Action::Abandon`].
    Run,
    /// A place among the runs that may be at work at once. It waits once its pending phase has passed, and is let go by
    /// [`Action::Release`].
    Slot,
}

/// What was decided about a run when it was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What it waits for.
    pub gate: Gate,
    /// How long it is pending.
    pub pending: Duration,
    /// How long it gets ready; zero for a kind of run that shows nothing of it.
    pub starting: Duration,
    /// How long it is held back; zero for a kind of run that shows nothing of it.
    pub throttled: Duration,
    /// How long it is at work.
    pub running: Duration,
    /// How long it puts things in order; zero for a kind of run that shows nothing of it.
    pub finalizing: Duration,
    /// How it ends when nobody interferes.
    pub ending: Ending,
}

impl Plan {
    /// The plan of a run that is pending, then at work, and then over.
    pub fn plain(gate: Gate, pending: Duration, running: Duration, ending: Ending) -> Self {
        let (starting, throttled, finalizing) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
        Self { gate, pending, starting, throttled, running, finalizing, ending }
    }

    /// How long a phase lasts.
    pub fn lasts(&self, phase: Phase) -> Duration {
        match phase {
            Phase::Pending => self.pending,
            Phase::Starting => self.starting,
            Phase::Throttled => self.throttled,
            Phase::Running => self.running,
            Phase::Finalizing => self.finalizing,
        }
    }
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
    /// What it waited for is there: it goes on at once, unless its plan keeps it pending.
    Release,
    /// The run it waited for has failed or was canceled.
    Abandon,
    /// It cannot pay for more: it ends well, with what it has done.
    Exhaust,
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
    /// It could not pay for the rest of its work.
    Exhausted,
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
    /// It waits for another run, or for its place.
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
    /// How much of its work is done. Stays where it was when the run ended before it was through.
    pub work: Fraction,
    /// How much time of [`Plan::running`] it has lived: all of it once its work is done.
    pub worked: Duration,
    /// When it went to work.
    pub started: Option<Duration>,
    /// When it ended.
    pub ended: Option<Duration>,
}

/// The state of a run `elapsed` after its creation. `controls` stand in the order they were applied; those later than
/// `elapsed` do not count.
pub fn observe(plan: &Plan, controls: &[Control], elapsed: Duration) -> Observation {
    Walk::to(plan, controls, elapsed).observation()
}

/// When the run ends if nobody interferes any more, counted from its creation; none while it waits or is stuck.
pub fn ends(plan: &Plan, controls: &[Control]) -> Option<Duration> {
    let mut walk = Walk::through(plan, controls);
    while walk.end().is_none() {
        walk.step()?;
    }
    walk.end()
}

/// When the run begins to wait for its place ([`Gate::Slot`]), or began to, counted from its creation; none if it does
/// not come to that, or not by itself.
pub fn queues(plan: &Plan, controls: &[Control]) -> Option<Duration> {
    let mut walk = Walk::through(plan, controls);
    while walk.queued().is_none() && walk.end().is_none() {
        walk.step()?;
    }
    walk.queued()
}

#[cfg(test)]
mod tests;
