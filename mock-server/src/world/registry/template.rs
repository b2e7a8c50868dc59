//! What worlds begin as.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::{MANUAL_START, Mode, VirtualTime};
use crate::scenario::Scenario;
use crate::scenario::account::Account;
use crate::scenario::clock::ClockMode;
use crate::seed::{Seed, Stream};
use crate::world::origin::Origin;

/// What worlds begin as, before a key is known. What was set by flag, or changed since, outranks the scenario.
#[derive(Debug, Clone)]
pub struct Template {
    /// The seed, from a flag or drawn at the start; a scenario's own seed outranks one that was drawn.
    pub seed: SeedChoice,
    /// How time passes, if a flag or a change says so.
    pub mode: Option<Mode>,
    /// When time begins, if that was said apart from the scenario.
    pub start: Option<Start>,
    /// How new runs behave.
    pub scenario: Arc<Scenario>,
}

/// When time begins in new worlds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At this instant.
    At(VirtualTime),
    /// This many microseconds after the wall clock, or before it.
    FromWall(i64),
}

/// Where the seed came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeedChoice {
    /// Somebody chose it.
    Given(Seed),
    /// It was drawn at the start.
    Drawn(Seed),
}

impl Template {
    /// The seed that new worlds get.
    pub fn seed(&self) -> Seed {
        match (self.seed, self.scenario.seed) {
            (SeedChoice::Given(seed), _) | (SeedChoice::Drawn(seed), None) => seed,
            (SeedChoice::Drawn(_), Some(seed)) => Seed(seed),
        }
    }

    /// How time passes in new worlds.
    pub fn mode(&self) -> Mode {
        let clock = &self.scenario.clock;
        self.mode.unwrap_or(match clock.mode {
            None | Some(ClockMode::Real) => Mode::Real,
            Some(ClockMode::Scaled) => Mode::Scaled(clock.rate.unwrap_or(1.0)),
            Some(ClockMode::Manual) => Mode::Manual,
        })
    }

    /// How far each request moves the clock of a new world.
    pub fn advance_per_request(&self) -> Option<Duration> {
        self.scenario.clock.advance_per_request.filter(|_| self.mode() == Mode::Manual)
    }

    /// When time begins in a world made at the wall-clock time `wall`.
    pub fn start(&self, wall: VirtualTime) -> VirtualTime {
        match (self.start, self.scenario.clock.start) {
            (Some(Start::At(start)), _) => start,
            (Some(Start::FromWall(micros)), _) => {
                VirtualTime::from_micros(wall.as_micros().saturating_add(micros))
            }
            (None, Some(start)) => start.into(),
            (None, None) if self.mode() == Mode::Manual => MANUAL_START,
            (None, None) => wall,
        }
    }

    /// Lets time begin later by this much. What followed the wall clock follows it further on.
    pub fn advance(&mut self, by: Duration, wall: VirtualTime) {
        let to = self.start(wall).after(by);
        let follows = match self.start {
            Some(start) => matches!(start, Start::FromWall(_)),
            None => self.scenario.clock.start.is_none() && self.mode() != Mode::Manual,
        };
        self.start = Some(if follows { Start::beside(wall, to) } else { Start::At(to) });
    }

    /// Lets time begin at `to`: for good under a manual clock, else as if it had been `to` at the wall-clock time
    /// `wall`.
    pub fn set_start(&mut self, to: VirtualTime, wall: VirtualTime) {
        let manual = self.mode() == Mode::Manual;
        self.start = Some(if manual { Start::At(to) } else { Start::beside(wall, to) });
    }

    /// Lets time pass in another way.
    pub fn change_mode(&mut self, mode: Mode, wall: VirtualTime) {
        // A manual clock stands still, also before there is a world that has it.
        if mode == Mode::Manual && matches!(self.start, Some(Start::FromWall(_))) {
            self.start = Some(Start::At(self.start(wall)));
        }
        self.mode = Some(mode);
    }

    /// What a key gets that is not declared.
    pub fn account(&self) -> Account {
        self.scenario.account.clone().unwrap_or_default()
    }

    /// The start of the world of `name`.
    pub fn origin(&self, name: &str, account: Account, wall: VirtualTime) -> Origin {
        Origin {
            stream: Stream::new(self.seed(), name),
            scenario: Arc::clone(&self.scenario),
            account,
            mode: self.mode(),
            start: self.start(wall),
        }
    }
}

impl Start {
    /// The start that is `to` when the wall clock shows `wall`.
    fn beside(wall: VirtualTime, to: VirtualTime) -> Self {
        Self::FromWall(to.as_micros().saturating_sub(wall.as_micros()))
    }
}
