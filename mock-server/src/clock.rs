//! Virtual time, and the only place that reads real time. A world's clock turns elapsed real time into virtual time,
//! or stands still until it is moved.

use std::time::{Duration, Instant};

use jiff::fmt::temporal::DateTimePrinter;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Span, Timestamp};

/// The start of a manual clock that nobody gave a start: `2026-01-15T10:30:00Z`.
pub const MANUAL_START: VirtualTime = VirtualTime(1_768_473_000_000_000);
/// The furthest a single `advance` may go: ten years of 366 days.
pub const ADVANCE_MAX: Duration = Duration::from_secs(10 * 366 * 86_400);
/// No clock passes this instant (`9000-01-01T00:00:00Z`), so every sum of instants and plans can still be written down.
pub const VIRTUAL_TIME_MAX: VirtualTime = VirtualTime(221_845_392_000_000_000);

/// An instant of a world's own time: microseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VirtualTime(i64);

impl VirtualTime {
    /// The instant `micros` microseconds after the Unix epoch, held within what can be written down.
    pub fn from_micros(micros: i64) -> Self {
        Self(micros.clamp(0, VIRTUAL_TIME_MAX.0))
    }

    /// Microseconds since the Unix epoch.
    pub fn as_micros(self) -> i64 {
        self.0
    }

    /// Milliseconds since the Unix epoch, rounded down.
    pub fn as_millis(self) -> u64 {
        self.0.max(0).unsigned_abs() / 1_000
    }

    /// The time passed since `earlier`; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros((self.0 - earlier.0).max(0).unsigned_abs())
    }

    /// The instant `duration` later, at most [`VIRTUAL_TIME_MAX`].
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(micros).min(VIRTUAL_TIME_MAX.0))
    }

    /// The instant `duration` earlier, at the least the Unix epoch.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self::from_micros(self.0.saturating_sub(micros))
    }

    /// The instant so many calendar months later, at the same time of day; on the last day of a month that has no such
    /// day. At most [`VIRTUAL_TIME_MAX`].
    #[must_use]
    pub fn months_after(self, months: u32) -> Self {
        let later = self
            .timestamp()
            .to_zoned(TimeZone::UTC)
            .checked_add(Span::new().months(i64::from(months).min(240_000)));
        later.map_or(VIRTUAL_TIME_MAX, |later| {
            Self::from_micros(later.timestamp().as_microsecond()).min(VIRTUAL_TIME_MAX)
        })
    }

    /// The instant as a timestamp that can be formatted.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_micros(self.0)
    }

    /// `2026-01-15T10:30:00.000Z`: milliseconds, rounded down.
    pub fn iso_millis(self) -> String {
        print(self, |printer, timestamp, text| printer.print_timestamp(&timestamp, text), Some(3))
    }

    /// `2026-01-15T10:30:00.000000Z`: microseconds.
    pub fn iso_micros(self) -> String {
        print(self, |printer, timestamp, text| printer.print_timestamp(&timestamp, text), Some(6))
    }

    /// `2026-01-15T10:30:00.000000+00:00`: microseconds and a numeric offset.
    pub fn iso_offset(self) -> String {
        let offset = Offset::UTC;
        print(
            self,
            |printer, timestamp, text| printer.print_timestamp_with_offset(&timestamp, offset, text),
            Some(6),
        )
    }
}

impl From<Timestamp> for VirtualTime {
    fn from(timestamp: Timestamp) -> Self {
        Self::from_micros(timestamp.as_microsecond())
    }
}

fn print(
    time: VirtualTime,
    with: impl Fn(&DateTimePrinter, Timestamp, &mut String) -> Result<(), jiff::Error>,
    precision: Option<u8>,
) -> String {
    let printer = DateTimePrinter::new().precision(precision);
    let mut text = String::with_capacity(32);
    match with(&printer, time.timestamp(), &mut text) {
        Ok(()) => text,
        // Writing into a string does not fail; the plain form keeps this total.
        Err(_) => time.timestamp().to_string(),
    }
}

/// A reading of the server's monotonic clock: time since the server started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RealTime(Duration);

impl RealTime {
    /// The reading `elapsed` after the server's start.
    pub fn from_elapsed(elapsed: Duration) -> Self {
        Self(elapsed)
    }

    /// Time since the server started.
    pub fn elapsed(self) -> Duration {
        self.0
    }
}

/// The source of real time. One per server; everything else is told the time.
#[derive(Debug)]
pub struct RealClock {
    started: Instant,
    started_at: VirtualTime,
}

impl RealClock {
    /// A clock that starts now.
    #[expect(clippy::disallowed_methods, reason = "the one reader of real time")]
    pub fn start() -> Self {
        Self { started: Instant::now(), started_at: Timestamp::now().into() }
    }

    /// How long the server has run.
    pub fn now(&self) -> RealTime {
        RealTime(self.started.elapsed())
    }

    /// The wall clock at `real`, unmoved by later changes of the system's clock.
    pub fn wall(&self, real: RealTime) -> VirtualTime {
        self.started_at.after(real.0)
    }
}

/// How a world's time passes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mode {
    /// As fast as real time.
    Real,
    /// This many times as fast as real time (finite, above zero).
    Scaled(f64),
    /// Only when it is moved.
    Manual,
}

impl Mode {
    /// Virtual seconds per real second; 1 for a manual clock, so that hints to clients stay in real seconds.
    pub fn rate(self) -> f64 {
        match self {
            Self::Real | Self::Manual => 1.0,
            Self::Scaled(rate) => rate,
        }
    }

    /// How much real time a client has to wait for so much virtual time; as much for a manual clock, which moves only
    /// when somebody moves it.
    pub fn real_time(self, virtual_time: Duration) -> Duration {
        Duration::try_from_secs_f64(virtual_time.as_secs_f64() / self.rate()).unwrap_or(Duration::MAX)
    }

    /// `real`, `scaled` or `manual`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Scaled(_) => "scaled",
            Self::Manual => "manual",
        }
    }
}

/// A world's clock. It never goes back.
#[derive(Debug, Clone)]
pub struct WorldClock {
    mode: Mode,
    anchor_real: RealTime,
    anchor: VirtualTime,
    last: VirtualTime,
}

impl WorldClock {
    /// A clock that shows `start` at the reading `real`.
    pub fn new(mode: Mode, start: VirtualTime, real: RealTime) -> Self {
        Self { mode, anchor_real: real, anchor: start, last: start }
    }

    /// How time passes.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The virtual time at the reading `real`: never earlier than any instant shown before.
    pub fn read(&mut self, real: RealTime) -> VirtualTime {
        let passed = real.0.saturating_sub(self.anchor_real.0);
        let now = match self.mode {
            Mode::Manual => self.anchor,
            Mode::Real => self.anchor.after(passed),
            Mode::Scaled(rate) => {
                let scaled =
                    Duration::try_from_secs_f64(passed.as_secs_f64() * rate).unwrap_or(Duration::MAX);
                self.anchor.after(scaled)
            }
        };
        self.last = self.last.max(now);
        self.last
    }

    /// The latest instant that it has shown.
    pub fn shown(&self) -> VirtualTime {
        self.last
    }

    /// Lets the clock show `to` at the reading `real`. An instant that has passed is refused with the present one.
    pub fn set(&mut self, to: VirtualTime, real: RealTime) -> Result<(), VirtualTime> {
        let now = self.read(real);
        if to < now {
            return Err(now);
        }
        (self.anchor, self.anchor_real, self.last) = (to, real, to);
        Ok(())
    }

    /// Lets time pass in another way from now on.
    pub fn change_mode(&mut self, mode: Mode, real: RealTime) {
        self.anchor = self.read(real);
        self.anchor_real = real;
        self.mode = mode;
    }
}

#[cfg(test)]
mod tests;
