//! Counts and shares: `120`, `40..60`, `12.5%`.

use std::fmt;
use std::time::Duration;

use rand::rngs::ChaCha12Rng;

use super::duration::uniform;

/// A count, or an inclusive range of counts: `120` or `40..60`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountRange {
    /// The least count.
    pub min: u64,
    /// The greatest count; at least `min`.
    pub max: u64,
}

impl CountRange {
    /// A count that is always the same.
    pub fn exactly(count: u64) -> Self {
        Self { min: count, max: count }
    }

    /// Draws a count, each of the range equally likely. A single count draws nothing.
    pub fn sample(&self, rng: &mut ChaCha12Rng) -> u64 {
        uniform(rng, self.min, self.max)
    }
}

impl fmt::Display for CountRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.min == self.max { write!(f, "{}", self.min) } else { write!(f, "{}..{}", self.min, self.max) }
    }
}

/// A share of a whole, from `0%` to `100%`, exact to four decimal places of a percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent {
    /// The share in millionths; at most 1,000,000.
    pub parts_per_million: u32,
}

impl Percent {
    /// This share of a duration, in whole nanoseconds, rounded down.
    pub fn of(self, whole: Duration) -> Duration {
        Duration::from_nanos_u128(whole.as_nanos() * u128::from(self.parts_per_million) / 1_000_000)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.parts_per_million / 10_000, self.parts_per_million % 10_000);
        if fraction == 0 {
            write!(f, "{whole}%")
        } else {
            write!(f, "{whole}.{}%", format!("{fraction:04}").trim_end_matches('0'))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_share_of_a_duration_is_exact() {
        let share = |parts_per_million| Percent { parts_per_million };
        assert_eq!(share(600_000).of(Duration::from_secs(10)), Duration::from_secs(6));
        assert_eq!(share(1_000_000).of(Duration::MAX), Duration::MAX);
        assert_eq!(share(0).of(Duration::MAX), Duration::ZERO);
    }

    #[test]
    fn amounts_are_shown_as_they_are_written() {
        assert_eq!(CountRange { min: 40, max: 60 }.to_string(), "40..60");
        assert_eq!(CountRange::exactly(3).to_string(), "3");
        for (parts_per_million, shown) in [(600_000, "60%"), (125_000, "12.5%"), (1, "0.0001%")] {
            assert_eq!(Percent { parts_per_million }.to_string(), shown);
        }
    }

    proptest! {
        #[test]
        fn a_drawn_count_lies_within_its_range(seed: u64, a: u64, b: u64) {
            let range = CountRange { min: a.min(b), max: a.max(b) };
            let drawn = range.sample(&mut ChaCha12Rng::seed_from_u64(seed));
            prop_assert!((range.min..=range.max).contains(&drawn));
        }
    }
}
