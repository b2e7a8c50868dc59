//! Counts equal requests, so that each of them draws something of its own.

use std::collections::HashMap;

use crate::seed::Digest;

/// How many different requests are told apart. Beyond it the counts start again in a new epoch: draws stay unique,
/// and are repeatable for the same requests in the same order.
pub const DISTINCT_MAX: usize = 262_144;

/// How often each request has been seen since the world's start.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Occurrences {
    counts: HashMap<Digest, u32>,
    epoch: u64,
}

impl Occurrences {
    /// Counts a request and says how many equal ones came before it.
    pub fn count(&mut self, digest: Digest) -> u64 {
        if self.counts.len() >= DISTINCT_MAX && !self.counts.contains_key(&digest) {
            self.counts.clear();
            self.epoch += 1;
        }
        let count = self.counts.entry(digest).or_insert(0);
        let before = *count;
        *count = count.wrapping_add(1);
        self.epoch << 32 | u64::from(before)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn equal_requests_are_told_apart_also_beyond_the_capacity() {
        let mut occurrences = Occurrences::default();
        let mut seen = HashSet::new();
        for round in 0..3 {
            for request in 0..DISTINCT_MAX as u64 {
                let drawn = (request, occurrences.count(Digest(request)));
                assert!(seen.insert(drawn), "round {round}: {drawn:?} came twice");
            }
            occurrences.count(Digest(u64::MAX));
        }
    }
}
