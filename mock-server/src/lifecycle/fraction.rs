//! Parts of a whole.

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

    /// `position` as a part of `whole`; everything of nothing.
    pub fn of_time(position: Duration, whole: Duration) -> Self {
        let parts = position.as_micros() * u128::from(Self::ONE.0) / whole.as_micros().max(1);
        Self(u32::try_from(parts).unwrap_or(Self::ONE.0).min(Self::ONE.0))
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
