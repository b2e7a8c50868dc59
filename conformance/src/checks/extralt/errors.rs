//! What is refused, with which status, and what an error says.

use std::collections::BTreeMap;

use http::StatusCode;

use super::super::{Check, Cost};
use super::{expect, must, needs_acceptance, should};
use crate::history::History;
use crate::history::seen::{LIMITED_KEY, Seen};
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    must(
        "error.flat",
        "An error has two texts, error and message",
        Cost::Read,
        &["extralt.v0.errors.flat"],
        "a refusal",
        flat,
    ),
    must(
        "error.unauthorized-body",
        "The body of a 401 says Unauthorized and has a sentence",
        Cost::Read,
        &["extralt.v0.auth.error-body"],
        "an answer of 401",
        unauthorized,
    ),
    must(
        "error.reason-phrase",
        "What an error says under error is the reason phrase of its status",
        Cost::Read,
        &["extralt.v0.errors.reason-phrase"],
        "a refusal",
        phrase,
    ),
    must(
        "error.object",
        "An error is an object with a code, a message and a request id",
        Cost::Read,
        &["extralt.v1.errors.envelope"],
        "a refusal",
        object,
    ),
    must(
        "error.same-request-id",
        "The header of an error names the request id of its body",
        Cost::Read,
        &["extralt.v1.errors.request-id-header"],
        "a refusal with a request id",
        request_id,
    ),
    should(
        "error.code",
        "The code of an error is that of its status",
        Cost::Read,
        &["extralt.v1.errors.code-for-status"],
        "a refusal with a code",
        code,
    ),
    should(
        "error.request-ids",
        "No two answers have the same request id",
        Cost::Passive,
        &["extralt.v1.errors.request-id-unique"],
        "two answers with a request id",
        unique,
    ),
    should(
        "error.request-id-always",
        "Every answer has an x-request-id",
        Cost::Passive,
        &["extralt.v1.responses.request-id"],
        "an answer of a documented operation",
        always,
    ),
    must(
        "error.unknown-404",
        "An id that nobody was given is answered with 404",
        Cost::Read,
        &["extralt.v0.errors.unknown-id-404", "extralt.v1.errors.unknown-id-404"],
        "a request about an id never given",
        unknown,
    ),
    should(
        "limit.off",
        "Nobody is turned away for asking too often",
        Cost::Passive,
        &["extralt.v0.rate-limit.off"],
        "an answered request",
        rate,
    ),
];

/// Every answer of a documented operation but failures that passed; that there are too many requests is one as well.
fn answers(history: &History) -> impl Iterator<Item = &Seen> {
    let answered = history.all().iter().filter(|seen| seen.operation().is_some() && seen.status().is_some());
    answered.filter(|seen| !history.is_excused(seen))
}

/// What a server refused, with the status.
fn refusals(history: &History) -> impl Iterator<Item = (&Seen, u16)> {
    answers(history).filter_map(|seen| Some((seen, seen.status().filter(|status| *status >= 400)?)))
}

fn text<'a>(seen: &'a Seen, pointer: &str) -> Option<&'a str> {
    seen.text(pointer).filter(|text| !text.is_empty())
}

fn flat(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, _) in refusals(history) {
        tally.saw(seen);
        if text(seen, "/error").is_none() || text(seen, "/message").is_none() {
            tally.broke(seen, "shape", "an object with the texts error and message", seen.body().to_string());
        }
    }
    tally
}

fn unauthorized(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, _) in refusals(history).filter(|(_, status)| *status == 401) {
        tally.saw(seen);
        if seen.text("/error") != Some("Unauthorized") || text(seen, "/message").is_none() {
            tally.broke(seen, "other-body", "Unauthorized and a sentence", seen.body().to_string());
        }
    }
    tally
}

fn phrase(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, status) in refusals(history) {
        let known = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        let (Some(known), Some(said)) = (known, seen.text("/error")) else { continue };
        tally.saw(seen);
        // Two of them have changed their names over the years.
        let same = said == known
            || matches!((status, said), (413, "Payload Too Large") | (422, "Unprocessable Content"));
        if !same {
            tally.broke(seen, "other-phrase", known, said).at("/error");
        }
    }
    tally
}

fn object(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, _) in refusals(history) {
        tally.saw(seen);
        if ["/error/code", "/error/message", "/error/request_id"].iter().any(|at| text(seen, at).is_none()) {
            let expected = "an object `error` with `code`, `message` and `request_id`";
            tally.broke(seen, "shape", expected, seen.body().to_string());
        }
    }
    tally
}

fn request_id(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, _) in refusals(history) {
        let Some(inside) = seen.text("/error/request_id") else { continue };
        tally.saw(seen);
        if seen.header("x-request-id") != Some(inside) {
            let observed = seen.header("x-request-id").unwrap_or("none");
            tally.broke(seen, "differs", inside, observed).at("/error/request_id");
        }
    }
    tally
}

/// The code of each status.
const CODES: [(u16, &str); 13] = [
    (400, "invalid_request"),
    (401, "unauthorized"),
    (402, "insufficient_credits"),
    (403, "forbidden"),
    (404, "not_found"),
    (409, "conflict"),
    (413, "payload_too_large"),
    (415, "unsupported_media_type"),
    (422, "unprocessable_entity"),
    (429, "rate_limited"),
    (500, "internal_error"),
    (501, "not_implemented"),
    (503, "service_unavailable"),
];

fn code(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, status) in refusals(history) {
        let known = CODES.iter().find(|(known, _)| *known == status);
        let (Some((_, known)), Some(said)) = (known, seen.text("/error/code")) else { continue };
        tally.saw(seen);
        if said != *known {
            tally.broke(seen, "other-code", *known, said).at("/error/code");
        }
    }
    tally
}

fn unique(history: &History) -> Tally {
    let mut tally = Tally::default();
    let mut used: BTreeMap<&str, &Seen> = BTreeMap::new();
    for seen in answers(history) {
        let Some(id) = seen.header("x-request-id") else { continue };
        tally.saw(seen);
        if let Some(earlier) = used.insert(id, seen) {
            tally.broke(seen, "repeated", "a request id of its own", id).after(earlier);
        }
    }
    tally
}

fn always(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in answers(history) {
        tally.saw(seen);
        if seen.header("x-request-id").is_none_or(str::is_empty) {
            tally.broke(seen, "missing", "an x-request-id header", "none");
        }
    }
    tally
}

fn unknown(history: &History) -> Tally {
    let mut tally = Tally::default();
    let unknown = history.profile.families.first().map(|family| family.unknown_id);
    let probes = history.judged().filter(|seen| {
        seen.has_good_key() && seen.operation().is_some() && seen.run().is_some() && seen.run() == unknown
    });
    expect(&mut tally, probes, "not-404", &[404]);
    needs_acceptance(history, &mut tally, "extralt.runs.get");
    tally
}

fn rate(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in history.all().iter().filter(|seen| seen.operation().is_some() && seen.status().is_some()) {
        tally.saw(seen);
        if seen.status() == Some(429) && seen.credential() != Some(LIMITED_KEY) {
            tally.broke(seen, "turned-away", "no limit unless one is switched on", "429");
        }
    }
    tally
}
