//! Which of the requests that match a fault it meets.

use std::time::Duration;

use crate::scenario::amount::Percent;

/// The most requests of a tumbling window (`exactly k of n`).
pub const EXACTLY_OF_MAX: u64 = 1_000;

/// A choice among the requests that match.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct When {
    /// Only requests in this window match at all.
    pub window: Option<Window>,
    /// Which of them.
    pub pick: Pick,
    /// What is counted together.
    pub per: Per,
}

/// Which of the matching requests, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Pick {
    /// Every one.
    #[default]
    All,
    /// Only this one.
    Nth(u64),
    /// The first so many.
    First(u64),
    /// The nth, the 2nth and so on.
    Every(u64),
    /// Each with the same probability.
    Probability(Chance),
    /// In each row of `of` requests so many, at places that are drawn.
    Exactly {
        /// How many.
        count: u64,
        /// Of how many; at least `count`, at most [`EXACTLY_OF_MAX`].
        of: u64,
    },
}

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Per {
    /// All requests of the world.
    #[default]
    World,
    /// Those that name the same run; a request that names none does not match.
    Run,
    /// Equal requests.
    Request,
}

impl Per {
    /// Every one, in the order in which messages list them.
    pub const ALL: &'static [Self] = &[Self::World, Self::Run, Self::Request];

    /// The name in a scenario.
    pub fn name(self) -> &'static str {
        match self {
            Self::World => "world",
            Self::Run => "run",
            Self::Request => "request",
        }
    }
}

/// A stretch of virtual time, once or again and again, counted from the world's start or its last reset; of a fault
/// that was added later, from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// When it begins.
    pub from: Duration,
    /// How long it lasts; `None` means for good.
    pub lasts: Option<Duration>,
    /// After how long it begins again; at least as long as it lasts.
    pub every: Option<Duration>,
}

impl Window {
    /// Whether it is open at this time.
    pub fn is_open(&self, since_start: Duration) -> bool {
        let Some(since) = since_start.checked_sub(self.from) else { return false };
        let Some(lasts) = self.lasts else { return true };
        let within = match self.every {
            Some(every) => Duration::from_nanos_u128(since.as_nanos() % every.as_nanos().max(1)),
            None => since,
        };
        within < lasts
    }
}

/// A probability, and how many requests in a row may be met.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chance {
    /// The share of requests that are met in the long run.
    pub share: Percent,
    /// The most in a row.
    pub at_most: Option<u32>,
    /// What a draw from 0 to 2^53 stays below where a request is met. With `at_most` it is more than the share: what
    /// the rows that end early leave out is made up for, so that the share is what was asked for.
    threshold: u64,
}

impl Chance {
    /// The size of the range that is drawn from.
    pub const RANGE: u64 = 1 << 53;

    /// A chance; `None` if no more than `at_most` in a row cannot give such a share: it is at most k / (k + 1).
    pub fn new(share: Percent, at_most: Option<u32>) -> Option<Self> {
        let wanted = f64::from(share.parts_per_million) / 1_000_000.0;
        let chance = match at_most {
            None => wanted,
            Some(most) => {
                let most = most.max(1);
                let (share, row) = (u64::from(share.parts_per_million), u64::from(most));
                if share * (row + 1) > 1_000_000 * row {
                    return None;
                }
                solve(wanted, most)
            }
        };
        Some(Self { share, at_most, threshold: (chance * Self::RANGE as f64) as u64 })
    }

    /// Whether a request with this draw, from 0 to [`Self::RANGE`], is met after a row of so many that were.
    pub fn meets(&self, draw: u64, row: u32) -> bool {
        draw < self.threshold && self.at_most.is_none_or(|most| row < most)
    }
}

/// The probability q that, where after `most` hits in a row comes a miss, makes hits a share of `wanted`:
/// (q + q² + … + q^k) / (1 + q + … + q^k). The left side grows with q, so halving finds it.
fn solve(wanted: f64, most: u32) -> f64 {
    // Beyond this length rows do not come to an end that anybody could count.
    let most = most.min(64);
    let share = |q: f64| {
        let (mut power, mut hits) = (1.0, 0.0);
        for _ in 0..most {
            power *= q;
            hits += power;
        }
        hits / (1.0 + hits)
    };
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if share(middle) < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_window_opens_after_a_while_and_closes() {
        let window = Window { from: 10 * SECOND, lasts: Some(5 * SECOND), every: None };
        let open: Vec<u32> = (0..40).filter(|second| window.is_open(*second * SECOND)).collect();
        assert_eq!(open, [10, 11, 12, 13, 14]);
        let again = Window { every: Some(12 * SECOND), ..window };
        let open: Vec<u32> = (0..40).filter(|second| again.is_open(*second * SECOND)).collect();
        assert_eq!(open, [10, 11, 12, 13, 14, 22, 23, 24, 25, 26, 34, 35, 36, 37, 38]);
        assert!(Window { lasts: None, ..window }.is_open(1_000_000 * SECOND));
    }

    #[test]
    fn a_share_that_rows_do_not_allow_is_no_chance() {
        let share = |percent: u32| Percent { parts_per_million: percent * 10_000 };
        assert!(Chance::new(share(50), Some(1)).is_some());
        assert!(Chance::new(share(51), Some(1)).is_none());
        assert!(Chance::new(share(66), Some(2)).is_some());
        assert!(Chance::new(share(67), Some(2)).is_none());
        assert!(Chance::new(share(100), None).is_some());
    }

    proptest! {
        #[test]
        fn a_chance_makes_up_for_the_rows_it_cuts(parts in 0_u32..=1_000_000, most in 1_u32..9) {
            let Some(chance) = Chance::new(Percent { parts_per_million: parts }, Some(most)) else { return Ok(()) };
            let q = chance.threshold as f64 / Chance::RANGE as f64;
            let hits: f64 = (1..=most).map(|power| q.powi(power.cast_signed())).sum();
            let share = hits / (1.0 + hits);
            prop_assert!((share - f64::from(parts) / 1_000_000.0).abs() < 1e-9, "{share} for {parts}");
        }
    }
}
