//! Extralt in its two dialects: v0, which its pages document, and v1, which its published client speaks. Both are spoken
//! over one state: a run that is created in one is the same run in the other.
//!
//! What is done and what is found is the same for both (`acts`, `robots`, `runs`, `schedules`, `imports`, `enrichments`,
//! `lists`); [`v0`] and [`v1`] say it, each in its own documents and errors.

use http::header::{HeaderName, RETRY_AFTER};
use http::{HeaderMap, HeaderValue};
use uuid::Builder;

use crate::apis::dialect::Allowance;
use crate::clock::VirtualTime;
use crate::seed::Draws;

mod about;
mod acts;
mod again;
mod captures;
mod cursor;
mod enrichments;
mod imports;
mod lists;
mod problem;
mod robots;
mod runs;
mod schedules;
mod shown;
pub mod v0;
pub mod v1;

/// In front of the paths of both versions it reaches the same operations.
pub const ALIAS: &str = "/extralt";

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A version 7 UUID, as published errors of v1 have it.
fn request_id(draws: &Draws, now: VirtualTime) -> String {
    let mut random = [0; 10];
    random.copy_from_slice(&draws.bits().to_le_bytes()[..10]);
    Builder::from_unix_timestamp_millis(now.as_millis(), &random).into_uuid().to_string()
}

/// No header of a rate limit is documented. A request that is turned away is told when to come again, which is our choice.
fn announce(allowance: &Allowance, headers: &mut HeaderMap) {
    if let Some(seconds) = allowance.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}
