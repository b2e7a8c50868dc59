//! The request headers that a journal keeps. All others are left out: who knows what stands in them.

use std::fmt::Write;

use http::HeaderMap;

use crate::journal::redaction::Secret;

/// Headers that say how a client asks and never who it is, by lower-case name. Those that begin with `x-stainless-` are
/// what generated clients say of themselves and of their retries.
pub const KEPT: [&str; 8] = [
    "accept",
    "content-type",
    "idempotency-key",
    "if-none-match",
    "traceparent",
    "user-agent",
    "x-correlation-id",
    "x-request-id",
];
/// How the names of the others begin that are kept.
pub const KEPT_PREFIX: &str = "x-stainless-";
/// How much of them is kept, in bytes.
const MAX_BYTES: usize = 2 * 1024;

/// Whether the header of this lower-case name is kept.
pub fn is_kept(name: &str) -> bool {
    KEPT.contains(&name) || name.starts_with(KEPT_PREFIX)
}

/// The headers that are kept, as `name: value` lines, without credentials.
pub fn kept(headers: &HeaderMap, secret: Secret<'_>) -> String {
    let mut text = String::new();
    for (name, value) in headers {
        let name = name.as_str();
        if !is_kept(name) {
            continue;
        }
        let Ok(value) = value.to_str() else { continue };
        if text.len() + name.len() + value.len() + 3 > MAX_BYTES {
            break;
        }
        // Writing into a string does not fail.
        let _ = writeln!(text, "{name}: {}", secret.hidden_in(value));
    }
    text
}

/// The names and values of headers as [`kept`] wrote them.
pub fn read(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| line.split_once(": "))
}
