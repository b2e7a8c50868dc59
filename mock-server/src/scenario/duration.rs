//! Durations, fixed or drawn: `30s`, `20s..40s`, `{ p50: 200ms, p99: 2s }`.

mod portable;
#[cfg(test)]
mod tests;
pub mod text;

use std::time::Duration;

use rand::Rng;
use rand::rngs::ChaCha12Rng;

/// The longest duration a scenario may say or draw: ten years of 365 days.
pub const MAX_DURATION: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// The 99th percentile of the standard normal distribution.
const Z99: f64 = 2.326_347_874_040_841;

/// A duration, or a distribution from which each run draws its own. All durations are whole milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DurationRange {
    /// Always the same: `30s`.
    Fixed(Duration),
    /// Each millisecond equally likely, both ends included: `20s..40s`.
    Uniform {
        /// The shortest.
        min: Duration,
        /// The longest; at least `min`.
        max: Duration,
    },
    /// Log-normal, the shape of real latencies: `{ p50: 200ms, p99: 2s }`.
    LogNormal {
        /// The median; more than zero.
        p50: Duration,
        /// What 99 of 100 draws stay below; at least `p50`.
        p99: Duration,
    },
}

impl DurationRange {
    /// A duration that no draw exceeds.
    pub fn longest(&self) -> Duration {
        match *self {
            Self::Fixed(longest) | Self::Uniform { max: longest, .. } => longest,
            Self::LogNormal { .. } => MAX_DURATION,
        }
    }

    /// Draws a duration in whole milliseconds, at most [`MAX_DURATION`]. Equal generators give equal durations on every
    /// platform; a fixed duration draws nothing.
    pub fn sample(&self, rng: &mut ChaCha12Rng) -> Duration {
        match *self {
            Self::Fixed(duration) => duration,
            Self::Uniform { min, max } => Duration::from_millis(uniform(rng, millis(min), millis(max))),
            Self::LogNormal { p50, p99 } => log_normal(rng, p50, p99),
        }
    }
}

/// Draws an integer from `min` to `max`, both included, from one output of the generator: the high half of its product
/// with the size of the range, whose bias (at most the size in 2^64) no test could see. A range of one draws nothing.
pub(crate) fn uniform(rng: &mut ChaCha12Rng, min: u64, max: u64) -> u64 {
    let span = max.saturating_sub(min);
    if span == 0 {
        return min;
    }
    let offset = (u128::from(rng.next_u64()) * (u128::from(span) + 1)) >> 64;
    min + u64::try_from(offset).unwrap_or(span)
}

/// `p50 · (p99 / p50)^(z / z99)`, with `z` standard normal by Marsaglia's polar method.
fn log_normal(rng: &mut ChaCha12Rng, p50: Duration, p99: Duration) -> Duration {
    let (median, high) = (p50.as_secs_f64(), p99.as_secs_f64());
    let z = loop {
        let (u, v) = (signed_unit(rng), signed_unit(rng));
        let s = u * u + v * v;
        if s > 0.0 && s < 1.0 {
            break u * (-2.0 * portable::ln(s) / s).sqrt();
        }
    };
    let seconds = median * portable::exp(portable::ln(high / median) / Z99 * z);
    let longest = MAX_DURATION.as_secs_f64();
    // Not `min`: a NaN (of a median of zero, which the checks refuse) becomes the cap and not a panic.
    let seconds = if seconds < longest { seconds } else { longest };
    Duration::from_millis((seconds * 1000.0).round() as u64)
}

/// A number in [-1, 1) from the 53 high bits of one output.
fn signed_unit(rng: &mut ChaCha12Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

/// A duration in whole milliseconds.
fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
