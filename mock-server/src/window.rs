//! How many requests of a world are answered: a window that slides over its own clock.

use std::collections::VecDeque;
use std::time::Duration;

use crate::clock::VirtualTime;
use crate::scenario::account::{RateLimit, TokenBucket};

/// When the requests were made that still count. It remembers at most as many as its limit admits.
#[derive(Debug, Clone, Default)]
pub struct Window {
    limit: Option<RateLimit>,
    admitted: VecDeque<VirtualTime>,
}

/// Where a request leaves its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether the request is answered.
    pub admitted: bool,
    /// How many requests the window takes.
    pub limit: u32,
    /// How many more it takes now.
    pub remaining: u32,
    /// The virtual time until the oldest request stops to count, which makes room for one.
    pub reset_in: Duration,
}

impl Standing {
    /// That of a request beside which no other counts.
    pub fn alone(limit: RateLimit) -> Self {
        Self {
            admitted: true,
            limit: limit.requests(),
            remaining: limit.requests() - 1,
            reset_in: limit.per(),
        }
    }
}

/// How full a bucket of tokens is. It is filled steadily, and begins full.
#[derive(Debug, Clone, Default)]
pub struct Bucket {
    limit: Option<TokenBucket>,
    /// When it was looked at last, and how much time it would take then until it is full.
    lacks: Option<(VirtualTime, Duration)>,
}

impl Bucket {
    /// Admits a request at `now` if there is a token for it. Another limit than before begins with a full bucket. For an
    /// account without a limit each request stands alone before a full bucket of the `usual` one.
    pub fn admit_within(
        &mut self,
        limit: Option<TokenBucket>,
        usual: TokenBucket,
        now: VirtualTime,
    ) -> Standing {
        let Some(limit) = limit else {
            *self = Self::default();
            return Self::default().admit_within(Some(usual), usual, now);
        };
        if self.limit != Some(limit) {
            *self = Self { limit: Some(limit), lacks: None };
        }
        let token = limit.per() / limit.requests();
        let full = token * limit.burst();
        let lacked = self.lacks.map_or(Duration::ZERO, |(at, lacks)| lacks.saturating_sub(now.since(at)));
        let admitted = lacked + token <= full;
        let lacks = if admitted { lacked + token } else { lacked };
        self.lacks = Some((now, lacks));
        let left = (full - lacks).as_nanos() / token.as_nanos().max(1);
        Standing {
            admitted,
            limit: limit.burst(),
            remaining: u32::try_from(left).unwrap_or(u32::MAX),
            reset_in: (lacks + token).saturating_sub(full),
        }
    }
}

impl Window {
    /// Admits a request at `now` if fewer than the limit were admitted in the time before. One that is refused does not
    /// count, or a client that is too fast would never be heard again. Another limit than before begins anew.
    pub fn admit(&mut self, limit: RateLimit, now: VirtualTime) -> Standing {
        if self.limit != Some(limit) {
            *self = Self { limit: Some(limit), admitted: VecDeque::new() };
        }
        while self.admitted.front().is_some_and(|first| now.since(*first) >= limit.per()) {
            self.admitted.pop_front();
        }
        let count = |admitted: &VecDeque<_>| u32::try_from(admitted.len()).unwrap_or(u32::MAX);
        let admitted = count(&self.admitted) < limit.requests();
        if admitted {
            self.admitted.push_back(now);
        }
        let oldest = self.admitted.front().copied().unwrap_or(now);
        Standing {
            admitted,
            limit: limit.requests(),
            remaining: limit.requests().saturating_sub(count(&self.admitted)),
            reset_in: limit.per().saturating_sub(now.since(oldest)),
        }
    }

    /// The same for a limit that an account may be without: each request then stands alone in the `usual` one, and none
    /// is remembered.
    pub fn admit_within(&mut self, limit: Option<RateLimit>, usual: RateLimit, now: VirtualTime) -> Standing {
        match limit {
            Some(limit) => self.admit(limit, now),
            None => {
                *self = Self::default();
                Standing::alone(usual)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::MANUAL_START;

    fn limit(requests: u64, millis: u64) -> RateLimit {
        RateLimit::new(requests, Duration::from_millis(millis)).unwrap()
    }

    fn at(millis: u64) -> VirtualTime {
        MANUAL_START.after(Duration::from_millis(millis))
    }

    #[test]
    fn a_bucket_lets_a_burst_through_and_then_as_many_as_are_filled_in() {
        let limit = TokenBucket::new(120, Duration::from_secs(60), 30).unwrap();
        let mut bucket = Bucket::default();
        let admitted = |bucket: &mut Bucket, millis| bucket.admit_within(Some(limit), limit, at(millis));
        let first = admitted(&mut bucket, 0);
        assert_eq!((first.admitted, first.limit, first.remaining), (true, 30, 29));
        for _ in 1..30 {
            assert!(admitted(&mut bucket, 0).admitted);
        }
        let refused = admitted(&mut bucket, 100);
        assert_eq!((refused.admitted, refused.reset_in), (false, Duration::from_millis(400)));
        assert!(admitted(&mut bucket, 500).admitted, "waiting as told helps");
        assert!(!admitted(&mut bucket, 500).admitted);
        // A quarter of a minute fills it.
        assert_eq!(admitted(&mut bucket, 15_500).remaining, 29);
        assert_eq!(bucket.admit_within(None, limit, at(15_500)).remaining, 29);
    }

    #[test]
    fn a_place_is_free_again_when_the_oldest_request_is_as_old_as_the_window() {
        let mut window = Window::default();
        let (limit, second) = (limit(2, 4_000), Duration::from_secs(1));
        let first = Standing { admitted: true, limit: 2, remaining: 1, reset_in: 4 * second };
        assert_eq!(window.admit(limit, at(0)), first);
        assert_eq!(window.admit(limit, at(1_000)), Standing { remaining: 0, reset_in: 3 * second, ..first });
        let refused = Standing { admitted: false, remaining: 0, reset_in: second, ..first };
        assert_eq!(window.admit(limit, at(3_000)), refused);
        assert!(!window.admit(limit, at(3_999)).admitted);
        let next = Standing { remaining: 0, reset_in: second, ..first };
        assert_eq!(window.admit(limit, at(4_000)), next);
    }

    #[test]
    fn another_limit_begins_anew() {
        let mut window = Window::default();
        assert!(window.admit(limit(1, 4_000), at(0)).admitted);
        assert!(!window.admit(limit(1, 4_000), at(0)).admitted);
        assert!(window.admit(limit(1, 5_000), at(0)).admitted);
    }

    proptest! {
        /// Against the definition: fewer than the limit within the time before.
        #[test]
        fn no_window_of_any_history_holds_more_than_the_limit(
            requests in 1..6_u64,
            per in 1..50_u64,
            steps in prop::collection::vec(0..20_u64, 1..60),
        ) {
            let mut window = Window::default();
            let mut admitted: Vec<u64> = Vec::new();
            let mut now = 0;
            for step in steps {
                now += step;
                let counted = admitted.iter().filter(|then| now - **then < per).count() as u64;
                let standing = window.admit(limit(requests, per), at(now));
                prop_assert_eq!(standing.admitted, counted < requests);
                if standing.admitted {
                    admitted.push(now);
                }
                let counted = admitted.iter().filter(|then| now - **then < per).count() as u64;
                prop_assert_eq!(u64::from(standing.remaining), requests - counted);
                prop_assert!(!standing.reset_in.is_zero());
                prop_assert!(window.admitted.len() as u64 <= requests);
            }
        }
    }
}
