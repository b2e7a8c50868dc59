//! A run followed through time, from its creation on.

use std::time::Duration;

use super::{Action, Control, End, Ending, Fraction, Gate, Observation, Phase, Plan, Stage, Track};

/// A run followed through time: where it stands at `at`.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    plan: &'a Plan,
    at: Duration,
    phase: Phase,
    /// Time spent in `phase`.
    position: Duration,
    waiting: bool,
    /// Whether nothing keeps it from going on once it is no longer pending.
    let_go: bool,
    /// When it began to wait for its place.
    queued: Option<Duration>,
    held: bool,
    /// What became of the run it waited for while it was held.
    deferred: Option<Action>,
    /// An operator let it go on where the plan keeps it stuck.
    freed: bool,
    started: Option<Duration>,
    end: Option<(Duration, End)>,
    /// Where it was when, if anybody asks.
    track: Option<Track>,
}

impl<'a> Walk<'a> {
    /// The run as it is `elapsed` after its creation.
    pub(super) fn to(plan: &'a Plan, controls: &[Control], elapsed: Duration) -> Self {
        let mut walk = Self::new(plan);
        walk.follow(controls, elapsed);
        walk
    }

    /// The run after everything that was done to it, at the instant of the last of it.
    pub(super) fn through(plan: &'a Plan, controls: &[Control]) -> Self {
        Self::to(plan, controls, controls.last().map_or(Duration::ZERO, |control| control.at))
    }

    /// Where it was when, up to `elapsed` after its creation.
    pub(super) fn track(plan: &'a Plan, controls: &[Control], elapsed: Duration) -> Track {
        let mut walk = Self { track: Some(Track::default()), ..Self::new(plan) };
        walk.follow(controls, elapsed);
        walk.track.unwrap_or_default()
    }

    /// When it ended.
    pub(super) fn end(&self) -> Option<Duration> {
        self.end.map(|(at, _)| at)
    }

    /// When it began to wait for its place.
    pub(super) fn queued(&self) -> Option<Duration> {
        self.queued
    }

    /// Goes on to the next change; none if there is none to come by itself.
    pub(super) fn step(&mut self) -> Option<()> {
        let next = self.next_change()?;
        self.pass(next);
        Some(())
    }

    fn new(plan: &'a Plan) -> Self {
        Self {
            plan,
            at: Duration::ZERO,
            phase: Phase::Pending,
            position: Duration::ZERO,
            waiting: plan.gate == Gate::Run,
            let_go: plan.gate != Gate::Slot,
            queued: None,
            held: false,
            deferred: None,
            freed: false,
            started: None,
            end: None,
            track: None,
        }
    }

    fn follow(&mut self, controls: &[Control], elapsed: Duration) {
        for control in controls.iter().take_while(|control| control.at <= elapsed) {
            self.pass(control.at);
            self.apply(control.action);
        }
        self.pass(elapsed);
    }

    /// Where the phase stops being lived, and what happens there; `None` when the run stays there for good.
    fn goal(&self) -> (Duration, Option<Turn>) {
        let lasts = self.plan.lasts(self.phase);
        match (self.plan.ending, self.phase) {
            (Ending::Stuck(_, at), phase) if self.stuck_in(phase) => (at.of_duration(lasts), None),
            (Ending::FailedAt(at), Phase::Running) => (at.of_duration(lasts), Some(Turn::Fail)),
            _ => (lasts, Some(Turn::Next)),
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
            self.live(self.position.max(goal));
            self.at = next;
            match turn {
                Some(Turn::Next) => self.turn(),
                Some(Turn::Fail) => self.finish(End::Failed),
                None => break,
            }
        }
        if self.end.is_none() && !self.waiting && !self.held {
            let (goal, _) = self.goal();
            let moved = self.position.saturating_add(to.saturating_sub(self.at)).min(goal);
            self.live(self.position.max(moved));
        }
        self.at = self.at.max(to);
    }

    /// Puts it where it is after a time of its phase without a break.
    fn live(&mut self, position: Duration) {
        if let Some(track) = self.track.as_mut().filter(|_| self.phase == Phase::Running) {
            track.add(self.at, self.position, position);
        }
        self.position = position;
    }

    /// Puts it further than time did.
    fn leap(&mut self, position: Duration) {
        if let Some(track) = self.track.as_mut().filter(|_| position > self.position) {
            track.add(self.at, position, position);
        }
        self.position = self.position.max(position);
    }

    /// What comes after a phase that has passed.
    fn turn(&mut self) {
        match self.phase {
            Phase::Pending if self.let_go => self.enter(Phase::Starting),
            Phase::Pending => (self.waiting, self.queued) = (true, Some(self.at)),
            Phase::Starting => self.enter(Phase::Throttled),
            Phase::Throttled => self.start(),
            Phase::Running => self.enter(Phase::Finalizing),
            Phase::Finalizing => self.finish(End::Completed),
        }
    }

    fn enter(&mut self, phase: Phase) {
        (self.phase, self.position) = (phase, Duration::ZERO);
    }

    fn start(&mut self) {
        (self.waiting, self.let_go) = (false, true);
        self.enter(Phase::Running);
        if let Some(track) = &mut self.track {
            track.add(self.at, Duration::ZERO, Duration::ZERO);
        }
        self.started = self.started.or(Some(self.at));
    }

    /// Sends it to work if it is not there yet.
    fn begin(&mut self) {
        if matches!(self.phase, Phase::Pending | Phase::Starting | Phase::Throttled) {
            self.start();
        }
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
            Action::Exhaust => self.finish(End::Exhausted),
            Action::Fail => self.finish(End::Failed),
            Action::Release | Action::Abandon if self.waiting && self.held => self.deferred = Some(action),
            Action::Abandon if self.waiting => self.finish(End::Abandoned),
            Action::Release if self.waiting => {
                (self.waiting, self.let_go) = (false, true);
                if !self.stuck_in(Phase::Pending) {
                    self.enter(Phase::Starting);
                }
            }
            Action::Release => self.let_go = true,
            Action::Abandon => {}
            Action::Complete => {
                self.begin();
                if self.phase == Phase::Running {
                    self.leap(self.plan.running);
                }
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
                self.begin();
                if self.phase == Phase::Running {
                    self.leap(to.of_duration(self.plan.running));
                }
            }
        }
    }

    pub(super) fn observation(&self) -> Observation {
        let (work, worked) = match (self.phase, self.end) {
            (_, Some((_, End::Completed))) | (Phase::Finalizing, _) => (Fraction::ONE, self.plan.running),
            (Phase::Pending | Phase::Starting | Phase::Throttled, _) => (Fraction::ZERO, Duration::ZERO),
            (Phase::Running, _) if self.plan.running.is_zero() => (self.done_in_no_time(), Duration::ZERO),
            (Phase::Running, _) => (Fraction::of_time(self.position, self.plan.running), self.position),
        };
        let stage = match self.end {
            Some((_, end)) => Stage::Ended(end),
            None if self.waiting => Stage::Waiting,
            None => Stage::Active(self.phase),
        };
        Observation { stage, work, worked, started: self.started, ended: self.end.map(|(at, _)| at) }
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
    /// To the next phase.
    Next,
    /// It fails.
    Fail,
}
