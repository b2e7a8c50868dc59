//! Keys: required on every operation, refused when wrong, accepted in each documented form.

use fixtures::contract::Level::{Must, Should};

use super::{Check, Cost};
use crate::history::History;
use crate::history::seen::{FORBIDDEN_KEY, REFUSED_KEY, Seen};
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "auth.missing-401",
        title: "Every operation answers 401 without a key",
        level: Must,
        cost: Cost::Read,
        clauses: &[
            "catalog.auth.missing-401",
            "catalog.auth.error-body",
            "extralt.v0.auth.missing-401",
            "extralt.v1.auth.missing-401",
        ],
        needs: "a request without a key that would be fine with one",
        judge: missing,
    },
    Check {
        id: "auth.invalid-401",
        title: "Every operation answers 401 to an unknown key",
        level: Must,
        cost: Cost::Read,
        clauses: &[
            "catalog.auth.invalid-401",
            "catalog.auth.error-body",
            "extralt.v0.auth.invalid-401",
            "extralt.v1.auth.invalid-401",
        ],
        needs: "a request with an unknown key that would be fine with a good one",
        judge: invalid,
    },
    Check {
        id: "auth.forbidden-403",
        title: "An answer of 403 has the code FORBIDDEN",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.auth.forbidden-403"],
        needs: "an answer of 403",
        judge: forbidden_code,
    },
    Check {
        id: "auth.forbidden-key",
        title: "Every operation answers 403 to a key that begins with forbidden",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.auth.forbidden-keys"],
        needs: "a request with a key that begins with forbidden",
        judge: forbidden_key,
    },
    Check {
        id: "auth.schemes-equal",
        title: "A key works alike in x-api-key and as a bearer token",
        level: Must,
        cost: Cost::Read,
        clauses: &["catalog.auth.api-key-accepted", "catalog.auth.bearer-accepted"],
        needs: "the same request with the key in either header",
        judge: schemes,
    },
    Check {
        id: "auth.before-lookup",
        title: "Without a key nobody learns which ids exist: 401, not 404",
        level: Should,
        cost: Cost::Read,
        clauses: &[
            "catalog.auth.before-lookup",
            "extralt.v0.auth.before-lookup",
            "extralt.v1.auth.before-lookup",
        ],
        needs: "a request without a key for an id never issued",
        judge: before_lookup,
    },
    Check {
        id: "auth.before-validation",
        title: "Without a key a bad body is not judged: 401, not 400",
        level: Should,
        cost: Cost::Write,
        clauses: &[
            "catalog.auth.before-validation",
            "extralt.v0.auth.before-validation",
            "extralt.v1.auth.before-validation",
        ],
        needs: "a create without a key whose body is refused with one",
        judge: before_validation,
    },
];

/// What a request would run into if its key were good.
#[derive(PartialEq, Eq)]
enum Ahead {
    Nothing,
    UnknownId,
    BadBody,
}

fn ahead(history: &History, seen: &Seen) -> Ahead {
    if seen.run().is_some_and(|id| !is_known(history, id)) {
        return Ahead::UnknownId;
    }
    let operation = seen.operation().and_then(|id| history.contract.operation(id));
    let bad = operation.is_some_and(|operation| {
        // What is left out may be left out.
        let empty = seen.exchange().request().body.is_empty();
        operation.request_schema().is_some()
            && !empty
            && !operation.request_violations(seen.request()).is_empty()
    });
    if bad || seen.is_malformed() { Ahead::BadBody } else { Ahead::Nothing }
}

/// Whether there is something of this id: a run that was created, or whatever a good key has got an answer about.
fn is_known(history: &History, id: &str) -> bool {
    let told = |seen: &Seen| seen.run() == Some(id) && seen.is_success() && seen.has_good_key();
    history.job(id).is_some() || history.all().iter().any(told)
}

fn keyless(history: &History) -> impl Iterator<Item = &Seen> {
    history
        .judged()
        .filter(|seen| seen.operation().is_some() && seen.credential().is_none() && !seen.has_misplaced_key())
}

fn missing(history: &History) -> Tally {
    let probes = keyless(history).filter(|seen| ahead(history, seen) == Ahead::Nothing);
    refused(history, probes)
}

fn invalid(history: &History) -> Tally {
    let probes = history
        .judged()
        .filter(|seen| seen.operation().is_some() && seen.credential() == Some(REFUSED_KEY))
        .filter(|seen| ahead(history, seen) == Ahead::Nothing);
    refused(history, probes)
}

fn forbidden_code(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in history.judged().filter(|seen| seen.operation().is_some() && seen.status() == Some(403)) {
        tally.saw(seen);
        if seen.text("/error/code") != Some("FORBIDDEN") {
            let observed = seen.at("/error/code").to_string();
            tally.broke(seen, "other-code", "FORBIDDEN", observed).at("/error/code");
        }
    }
    tally
}

fn forbidden_key(history: &History) -> Tally {
    let mut tally = Tally::default();
    let probes = history.judged().filter(|seen| seen.credential() == Some(FORBIDDEN_KEY));
    for seen in probes.filter(|seen| seen.operation().is_some()) {
        tally.saw(seen);
        if seen.status() != Some(403) {
            let observed = format!("{} to a key that may not use the API", seen.status_text());
            tally.broke(seen, "not-403", "403", observed);
        }
    }
    if !tally.occasions().is_empty() && !accepts_a_key(history) {
        tally.block("no request with a key was accepted, so refusing proves nothing");
    }
    tally
}

fn before_lookup(history: &History) -> Tally {
    let probes = keyless(history).filter(|seen| ahead(history, seen) == Ahead::UnknownId);
    refused(history, probes)
}

fn before_validation(history: &History) -> Tally {
    let probes = keyless(history).filter(|seen| ahead(history, seen) == Ahead::BadBody);
    refused(history, probes)
}

/// Expects 401 of every probe, and shows something only if a good key is not refused as well.
fn refused<'a>(history: &'a History, probes: impl Iterator<Item = &'a Seen>) -> Tally {
    let mut tally = Tally::default();
    for seen in probes {
        tally.saw(seen);
        let what = match seen.credential() {
            None => "no key",
            Some(_) if seen.is_bearer() => "an unknown key as a bearer token",
            Some(_) => "an unknown key",
        };
        if seen.status() != Some(401) {
            let observed = format!("{} to {what}", seen.status_text());
            tally.broke(seen, "not-401", "401", observed);
        } else if seen.body().get("error").is_none() {
            tally.broke(seen, "no-error", "a body with `error`", seen.body().to_string());
        } else if history.clause("catalog.auth.error-body").is_some() {
            let flat = seen.at("/error").is_string();
            tally.reading("catalog.auth.error-body", usize::from(!flat), seen);
        }
    }
    if !tally.occasions().is_empty() && !accepts_a_key(history) {
        tally.block("no request with a key was accepted, so refusing proves nothing");
    }
    tally
}

/// Whether some request with a key was answered with success.
pub(super) fn accepts_a_key(history: &History) -> bool {
    history.judged().any(|seen| seen.operation().is_some() && seen.is_success() && seen.has_good_key())
}

fn schemes(history: &History) -> Tally {
    let mut tally = Tally::default();
    let judged = || history.judged().filter(|seen| !seen.is_server_failure());
    for bearer in judged().filter(|seen| seen.is_bearer() && seen.has_good_key()) {
        let Some(header) = history.judged().rev().find(|other| is_same_with_header(bearer, other)) else {
            continue;
        };
        tally.saw(bearer);
        // What changes something may be answered otherwise the second time, but not for want of a key.
        let differs = match bearer.exchange().request().method.as_str() {
            "GET" => bearer.status() != header.status(),
            _ => is_about_keys(bearer),
        };
        if differs {
            let expected = format!("{}, as with x-api-key", header.status_text());
            tally.broke(bearer, "scheme-refused", expected, bearer.status_text()).after(header);
        }
    }
    if !tally.occasions().is_empty() && !accepts_a_key(history) {
        tally.block("no request with a key was accepted, so being answered alike proves nothing");
    }
    tally
}

/// Whether `other` asks for the same as `bearer` with the same key in the other header, and was let in. What changes
/// something is asked for once; of that the operation counts.
fn is_same_with_header(bearer: &Seen, other: &Seen) -> bool {
    let (one, two) = (bearer.exchange().request(), other.exchange().request());
    let is_read = one.method == "GET";
    let same = match is_read {
        true => two.method == "GET" && one.target == two.target,
        false => bearer.operation().is_some() && bearer.operation() == other.operation(),
    };
    let let_in = if is_read { other.is_success() } else { !is_about_keys(other) };
    same && !other.is_bearer() && other.credential() == bearer.credential() && let_in
}

/// Whether the answer is one to a bad key.
fn is_about_keys(seen: &Seen) -> bool {
    matches!(seen.status(), Some(401 | 403))
}
