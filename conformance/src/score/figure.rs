//! Shares of a whole, with what they say about the next one.

use serde::Serialize;

/// A share, and between which bounds the true one is in 95 of 100 cases.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figure {
    /// The part.
    pub killed: usize,
    /// The whole.
    pub of: usize,
    /// The lower bound in percent, after Wilson.
    pub low: f64,
    /// The upper bound in percent, after Wilson.
    pub high: f64,
}

/// Ninety-five in a hundred, as a number of standard deviations.
const Z: f64 = 1.96;

impl Figure {
    /// `killed` of `of`. Of nothing, anything may be true.
    pub fn new(killed: usize, of: usize) -> Self {
        if of == 0 {
            return Figure { killed, of, low: 0.0, high: 100.0 };
        }
        let (n, share) = (count(of), count(killed) / count(of));
        let middle = share + Z * Z / (2.0 * n);
        let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        let whole = 1.0 + Z * Z / n;
        let percent = |bound: f64| (bound / whole * 1000.0).round() / 10.0;
        Figure {
            killed,
            of,
            low: percent(middle - spread).max(0.0),
            high: percent(middle + spread).min(100.0),
        }
    }

    /// The share in percent; nothing of nothing is nothing.
    pub fn percent(&self) -> f64 {
        if self.of == 0 { 0.0 } else { (count(self.killed) / count(self.of) * 1000.0).round() / 10.0 }
    }
}

/// The most, in percent, that something happens in 95 of 100 cases if it never happened in `runs` (rule of three).
pub fn bound_after_none(runs: usize) -> f64 {
    if runs == 0 { 100.0 } else { (300.0 / count(runs)).min(100.0) }
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_those_of_the_book() {
        let bounds = |killed, of| {
            let figure = Figure::new(killed, of);
            (figure.low, figure.high)
        };
        assert_eq!(bounds(68, 68), (94.7, 100.0));
        assert_eq!(bounds(0, 10), (0.0, 27.8));
        assert_eq!(bounds(5, 10), (23.7, 76.3));
        assert_eq!(bounds(0, 0), (0.0, 100.0));
        assert!((bound_after_none(100) - 3.0).abs() < 1e-9);
    }
}
