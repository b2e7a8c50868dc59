//! Counts calls by path, by the hour. Like the journal it is no part of the log: a call that changes nothing counts.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::clock::VirtualTime;

const HOUR: Duration = Duration::from_secs(3_600);

/// Calls further back than this many hours are only counted in all.
pub const HOURS_KEPT: u64 = 90 * 24;

/// The calls to each path since the world's start. There are as many paths as the contracts name, and of each no more
/// hours than [`HOURS_KEPT`], and one.
#[derive(Debug, Default)]
pub struct Usage {
    paths: BTreeMap<&'static str, Calls>,
}

#[derive(Debug, Default)]
struct Calls {
    total: u64,
    /// Hours since the Unix epoch in which there were calls, oldest first.
    hours: VecDeque<(u64, u64)>,
}

impl Usage {
    /// Counts a call to `path`, a path as its contract prints it.
    pub fn count(&mut self, path: &'static str, now: VirtualTime) {
        let calls = self.paths.entry(path).or_default();
        let now = hour(now);
        calls.total += 1;
        match calls.hours.back_mut() {
            Some((hour, count)) if *hour >= now => *count += 1,
            _ => calls.hours.push_back((now, 1)),
        }
        while calls.hours.front().is_some_and(|(hour, _)| hour.saturating_add(HOURS_KEPT) < now) {
            calls.hours.pop_front();
        }
    }

    /// How many calls there were to each path in the last `hours` hours (at most [`HOURS_KEPT`]), or since the start.
    /// A call counts for at least that long and at most an hour longer; a path without calls is left out.
    pub fn calls(&self, hours: Option<u64>, now: VirtualTime) -> impl Iterator<Item = (&'static str, u64)> {
        let now = hour(now);
        let counted = move |calls: &Calls| match hours {
            None => calls.total,
            Some(hours) => {
                let recent =
                    calls.hours.iter().rev().take_while(|(hour, _)| hour.saturating_add(hours) >= now);
                recent.map(|(_, count)| count).sum()
            }
        };
        let counts = self.paths.iter().map(move |(path, calls)| (*path, counted(calls)));
        counts.filter(|(_, count)| *count > 0)
    }
}

fn hour(instant: VirtualTime) -> u64 {
    instant.as_millis() / HOUR.as_millis() as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::MANUAL_START;

    proptest! {
        #[test]
        fn a_call_counts_for_its_period_and_at_most_an_hour_longer(
            waits in proptest::collection::vec(0_u64..400 * 3_600, 1..40),
            hours in prop::sample::select(&[24_u64, 168, 720, 2_160][..]),
        ) {
            let (mut usage, mut now, mut instants) = (Usage::default(), MANUAL_START, Vec::new());
            for wait in waits {
                now = now.after(Duration::from_secs(wait));
                usage.count("/v2/crawl", now);
                instants.push(now);
            }
            let within = |hours: u64| instants.iter().filter(|at| now.since(**at) <= HOUR * hours as u32).count() as u64;
            let counted = |hours| usage.calls(hours, now).map(|(_, count)| count).sum::<u64>();
            prop_assert!((within(hours)..=within(hours + 1)).contains(&counted(Some(hours))));
            prop_assert_eq!(counted(None), instants.len() as u64);
        }
    }

    #[test]
    fn what_is_kept_does_not_grow_with_time() {
        let mut usage = Usage::default();
        for hour in 0..10_000 {
            usage.count("/v2/crawl", MANUAL_START.after(HOUR * hour));
        }
        assert_eq!(usage.paths["/v2/crawl"].hours.len() as u64, HOURS_KEPT + 1);
    }
}
