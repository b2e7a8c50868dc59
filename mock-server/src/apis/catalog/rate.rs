//! What Catalog tells a client of its rate limit (page "Rate limits").

use http::header::{HeaderName, RETRY_AFTER};
use http::{HeaderMap, HeaderValue};

use crate::apis::dialect::Allowance;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// The three headers of every good answer, and the fourth of one that refuses a request.
pub(super) fn announce(allowance: &Allowance, headers: &mut HeaderMap) {
    headers.insert(LIMIT, HeaderValue::from(allowance.limit));
    headers.insert(REMAINING, HeaderValue::from(allowance.remaining));
    if let Ok(reset) = HeaderValue::try_from(allowance.reset.iso_millis()) {
        headers.insert(RESET, reset);
    }
    if let Some(seconds) = allowance.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}
