//! How a scenario sets the virtual clock.

use std::time::Duration;

use jiff::Timestamp;

/// The fastest scaled clock: a million virtual seconds in a real one.
pub const MAX_RATE: f64 = 1_000_000.0;

/// The slowest scaled clock: a virtual second in a million real ones. Waits divided by the rate stay within what a
/// duration can hold.
pub const MIN_RATE: f64 = 0.000_001;

/// The shortest time a manual clock may move with each request.
pub const MIN_ADVANCE_PER_REQUEST: Duration = Duration::from_millis(1);

/// The longest time a manual clock may move with each request.
pub const MAX_ADVANCE_PER_REQUEST: Duration = Duration::from_secs(24 * 60 * 60);

/// What a scenario says about the virtual clock; a flag or the environment may overrule each field.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClockSettings {
    /// How time moves.
    pub mode: Option<ClockMode>,
    /// Virtual seconds in a real second, from [`MIN_RATE`] to [`MAX_RATE`]; only given with [`ClockMode::Scaled`].
    pub rate: Option<f64>,
    /// The instant at which a world begins.
    pub start: Option<Timestamp>,
    /// How far each request moves the clock of its world, from [`MIN_ADVANCE_PER_REQUEST`] to
    /// [`MAX_ADVANCE_PER_REQUEST`]; only given with [`ClockMode::Manual`], and without effect on any other clock.
    pub advance_per_request: Option<Duration>,
}

/// How virtual time moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockMode {
    /// With real time.
    Real,
    /// With real time, multiplied by a rate.
    Scaled,
    /// Only when told to.
    Manual,
}

impl ClockMode {
    /// Every mode, in the order in which messages list them.
    pub const ALL: &'static [Self] = &[Self::Real, Self::Scaled, Self::Manual];

    /// The name in a scenario.
    pub fn name(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Scaled => "scaled",
            Self::Manual => "manual",
        }
    }
}
