//! The one reader of real time in this crate: request timeouts and the stamps of exchanges need it. What a server
//! says about time is never compared with it.

use std::hash::{BuildHasher, Hasher};
use std::time::{Duration, Instant};

/// Measures from the moment a run began.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch {
    began: Instant,
}

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "a harness stamps its own requests with real time")]
    pub fn start() -> Self {
        Stopwatch { began: Instant::now() }
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Whole milliseconds since the start.
    pub fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Eight hexadecimal digits that no other run uses, for the names of keys.
///
/// Two runs must never share a world, so this is drawn from the system and not from a seed; nothing a check decides
/// depends on it.
pub fn nonce() -> String {
    let mut hasher = std::hash::RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    let drawn = hasher.finish();
    format!("{:08x}", drawn & 0xffff_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_do_not_share_a_nonce() {
        assert_ne!(nonce(), nonce());
        assert_eq!(nonce().len(), 8);
    }
}
