//! The usual course of runs, where a scenario says nothing: what its checks must know of it.

use std::ops::RangeInclusive;
use std::time::Duration;

use fixtures::samples::catalog::vendor::{self, Vendor};

use crate::seed::Seed;

/// How long a crawl is pending, in milliseconds. Our choice, like all usual durations.
pub const CRAWL_PENDING_MILLIS: RangeInclusive<u64> = 1_000..=2_000;

/// How long a crawl is running, in milliseconds.
pub const CRAWL_RUNNING_MILLIS: RangeInclusive<u64> = 20_000..=40_000;

/// How long the building of a robot is pending.
pub const BUILD_PENDING: Duration = Duration::from_secs(1);

/// How long a robot is being built, in milliseconds.
pub const BUILDING_MILLIS: RangeInclusive<u64> = 10_000..=20_000;

/// How long a robot's run is pending if nothing holds it back.
pub const RUN_PENDING: Duration = Duration::from_secs(1);

/// How long a robot's run is starting, in milliseconds.
pub const RUN_STARTING_MILLIS: RangeInclusive<u64> = 2_000..=4_000;

/// How long a robot's run is running at most, however many captures it brings.
pub const RUN_RUNNING_MAX: Duration = Duration::from_secs(60);

/// How long a robot's run is finalizing, in milliseconds.
pub const RUN_FINALIZING_MILLIS: RangeInclusive<u64> = 1_000..=2_000;

/// How long a run of an extraction is created and not queued, in milliseconds.
pub const EXTRACTION_CREATED_MILLIS: RangeInclusive<u64> = 200..=500;

/// How long an extraction waits for its turn, in milliseconds.
pub const EXTRACTION_PENDING_MILLIS: RangeInclusive<u64> = 500..=1_500;

/// How long an extraction is at work, in milliseconds.
pub const EXTRACTION_RUNNING_MILLIS: RangeInclusive<u64> = 2_300..=6_000;

/// How much longer everything takes for [`Magic::Slow`](super::magic::Magic::Slow).
pub const SLOW_FACTOR: u32 = 10;

/// The vendors that are known without any crawl, in every world of a seed.
pub fn invented_vendors(seed: Seed) -> Vec<Vendor> {
    vendor::vendors(seed.content(&[b"catalog.index"]))
}
