//! Refusals: the right status, the documented envelope, and nothing done.

use std::collections::{BTreeMap, BTreeSet};

use fixtures::contract::Level::{Must, Should};
use serde_json::Value;

use super::{Check, Cost, account, auth, validation};
use crate::history::History;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "err.unknown-id-404",
        title: "A well-formed id that was never issued answers 404",
        level: Must,
        cost: Cost::Read,
        clauses: &["catalog.execution.unknown-id-404"],
        needs: "a read or cancel of an id never issued, with a good key",
        judge: unknown_id,
    },
    Check {
        id: "err.malformed-id",
        title: "An id of no documented form is refused, and breaks nothing",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.execution.unknown-id-404"],
        needs: "a read of an id of no documented form, with a good key",
        judge: malformed_id,
    },
    Check {
        id: "err.envelope",
        title: "Every refusal is JSON with the documented error object",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.errors.envelope", "catalog.auth.error-body", "catalog.responses.content-type"],
        needs: "an answer of 400 or above",
        judge: envelope,
    },
    Check {
        id: "err.code-status-pair",
        title: "An error code is documented, and for its status",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.errors.code-for-status"],
        needs: "an error with a code",
        judge: code_status_pair,
    },
    Check {
        id: "err.request-id-match",
        title: "The Request-ID header of an error is the request id in its body",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.errors.request-id-header"],
        needs: "an error with a request id",
        judge: request_id_match,
    },
    Check {
        id: "err.request-id-unique",
        title: "No two answers share a request id",
        level: Should,
        cost: Cost::Passive,
        clauses: &["catalog.errors.request-id-unique"],
        needs: "two answers with request ids",
        judge: request_id_unique,
    },
    Check {
        id: "err.invalid-urls",
        title: "A refusal for bad addresses names each by its index",
        level: Must,
        cost: Cost::Write,
        clauses: &["catalog.errors.invalid-urls"],
        needs: "an extract of a good and a bad address",
        judge: invalid_urls,
    },
    Check {
        id: "err.malformed-json",
        title: "A body that is not JSON is refused with 400",
        level: Must,
        cost: Cost::Write,
        clauses: &["catalog.errors.malformed-json"],
        needs: "a create whose body is not JSON",
        judge: malformed_json,
    },
    Check {
        id: "err.no-side-effect",
        title: "A refused create leaves no run behind and costs nothing",
        level: Must,
        cost: Cost::Write,
        clauses: &["catalog.errors.no-side-effect"],
        needs: "a refused create between two lists, and later an accepted one that does show",
        judge: no_side_effect,
    },
];

/// The documented codes and the status each belongs to.
const CODES: [(&str, u16); 9] = [
    ("INVALID_REQUEST", 400),
    ("VALIDATION_ERROR", 400),
    ("UNAUTHORIZED", 401),
    ("INSUFFICIENT_CREDITS", 402),
    ("FORBIDDEN", 403),
    ("NOT_FOUND", 404),
    ("CONFLICT", 409),
    ("RATE_LIMITED", 429),
    ("INTERNAL_ERROR", 500),
];

/// Where the contract describes the error object.
const ENVELOPE: &str = "/components/schemas/Error";

fn unknown_id(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        for seen in history.of(family.get).chain(history.of(family.cancel)) {
            if seen.run() != Some(family.unknown_id) || !seen.has_good_key() {
                continue;
            }
            tally.saw(seen);
            if seen.status() != Some(404) {
                tally.broke(seen, "not-404", "404", seen.status_text());
            }
        }
    }
    if !tally.occasions().is_empty() && history.all_reads().next().is_none() {
        tally.block("no run could be read, so a 404 proves nothing");
    }
    tally
}

fn malformed_id(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        for seen in history.of(family.get).filter(|seen| seen.has_good_key()) {
            let Some(id) = seen.run() else { continue };
            if id == family.unknown_id || history.job(id).is_some() {
                continue;
            }
            tally.saw(seen);
            if !seen.status().is_some_and(|status| (400..500).contains(&status)) {
                tally.broke(seen, "not-refused", "a status between 400 and 499", seen.status_text());
            }
        }
    }
    tally
}

fn refusals(history: &History) -> impl Iterator<Item = (&Seen, u16)> {
    // What passed when it was asked again may have come from something in front of the server.
    let documented =
        history.all().iter().filter(|seen| seen.operation().is_some() && !history.is_excused(seen));
    documented.filter_map(|seen| Some((seen, seen.status().filter(|status| *status >= 400)?)))
}

fn envelope(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, status) in refusals(history) {
        tally.saw(seen);
        let media = seen.response().and_then(|response| response.header("content-type")).unwrap_or("none");
        if !media.to_ascii_lowercase().starts_with("application/json") {
            tally.broke(seen, "media-type", "application/json", media);
            continue;
        }
        // The pages print two bodies for 401; either is good.
        let flat = status == 401 && seen.at("/error").is_string();
        let whole = ["/error/code", "/error/message"].iter().all(|pointer| seen.at(pointer).is_string());
        // The page on rate limits promises "a brief JSON error" and no more.
        let brief = status == 429 && seen.body().is_object();
        if status == 401 && (flat || whole) {
            tally.reading("catalog.auth.error-body", usize::from(whole), seen);
        }
        if !flat && !whole && !brief {
            let expected = "an object `error` with `code`, `message` and `request_id`";
            tally.broke(seen, "shape", expected, seen.body().to_string()).schema(ENVELOPE);
        }
    }
    tally
}

fn code_status_pair(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, status) in refusals(history) {
        let Some(code) = seen.text("/error/code") else { continue };
        // A form where JSON is expected may be refused with 415, for which no page has a code.
        if status == 415 {
            continue;
        }
        tally.saw(seen);
        match CODES.iter().find(|(known, _)| *known == code) {
            None => {
                tally.broke(seen, "unknown-code", "one of the nine documented codes", code).at("/error/code");
            }
            Some((_, documented)) if *documented != status => {
                let expected = format!("{code} with status {documented}");
                tally
                    .broke(seen, "wrong-status", expected, format!("{code} with status {status}"))
                    .at("/error/code");
            }
            Some(_) => {}
        }
    }
    tally
}

fn request_id_match(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, _) in refusals(history) {
        let Some(inside) = seen.text("/error/request_id") else { continue };
        tally.saw(seen);
        let header = request_id(seen);
        if header != Some(inside) {
            let observed = format!("{inside} in the body, {} in the header", header.unwrap_or("nothing"));
            tally.broke(seen, "differs", "one request id in both places", observed).at("/error/request_id");
        }
    }
    tally
}

fn request_id_unique(history: &History) -> Tally {
    let mut tally = Tally::default();
    let mut used: BTreeMap<&str, &Seen> = BTreeMap::new();
    for seen in history.judged().filter(|seen| seen.operation().is_some()) {
        let Some(id) = request_id(seen).or(seen.text("/error/request_id")) else { continue };
        tally.saw(seen);
        if let Some(earlier) = used.insert(id, seen) {
            tally.broke(seen, "repeated", "a request id of its own", format!("{id} again")).after(earlier);
        }
    }
    tally
}

fn request_id(seen: &Seen) -> Option<&str> {
    seen.response().and_then(|response| response.header("request-id"))
}

/// A host without a dot: the documents' own example of an address that is none.
const BAD_URL: &str = "https://invalid-url";

fn invalid_urls(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        for seen in history.of(family.create).filter(|seen| seen.has_good_key()) {
            let urls =
                seen.request().get("urls").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let Some(index) = urls.iter().position(|url| url == BAD_URL) else { continue };
            if !tally.is_entitled(seen) {
                continue;
            }
            tally.saw(seen);
            let named = seen.at("/invalid_urls").as_array().map(Vec::as_slice).unwrap_or_default();
            let form = format!("Index {index}:");
            if !named.iter().any(|line| line.as_str().is_some_and(|line| line.starts_with(&form))) {
                let expected = format!("an entry that begins with `{form}`");
                let observed = seen.at("/invalid_urls").to_string();
                tally.broke(seen, "unnamed", expected, observed).at("/invalid_urls");
            }
        }
    }
    tally
}

/// Whether a create with a good key has a body that says it is JSON and is not.
fn is_broken_json(seen: &Seen) -> bool {
    seen.has_good_key() && seen.is_malformed() && validation::says_json(seen)
}

fn malformed_json(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        for seen in history.of(family.create).filter(|seen| is_broken_json(seen)) {
            if !tally.is_entitled(seen) {
                continue;
            }
            tally.saw(seen);
            if seen.status() != Some(400) {
                tally.broke(seen, "not-400", "400", seen.status_text());
            }
        }
    }
    if !tally.occasions().is_empty() && !auth::accepts_a_key(history) {
        tally.block("no request with a key was accepted, so refusing proves nothing");
    }
    tally
}

fn no_side_effect(history: &History) -> Tally {
    let mut tally = Tally::default();
    let mut told = BTreeSet::new();
    for family in history.profile.families {
        let refused = history.of(family.create).filter(|seen| seen.has_good_key() && seen.is_refusal());
        for seen in refused {
            let owned =
                |list: &&Seen| list.credential() == seen.credential() && list.query("status").is_none();
            let lists: Vec<_> = history.lists(family).filter(owned).collect();
            let at = lists.partition_point(|list| list.id() < seen.id());
            let (Some(before), Some(after)) = (at.checked_sub(1).map(|at| lists[at]), lists.get(at)) else {
                continue;
            };
            if history.may_have_orphans(family, seen.credential(), before.id(), after.id()) {
                continue;
            }
            // A run of the record's own may lie between the two lists; it is not a ghost.
            let mine = |id: &str| history.job(id).is_some();
            let shows = lists[at..].iter().any(|list| History::listed(list).keys().any(|id| mine(id)));
            if !shows {
                tally.block(
                    "no list ever showed an accepted run, so not showing a refused one proves nothing",
                );
                continue;
            }
            tally.saw(seen);
            let known = History::listed(before);
            let ghost = History::listed(after).into_keys().find(|id| !known.contains_key(id) && !mine(id));
            // Several refusals between two lists have one ghost between them.
            if let Some(ghost) = ghost.filter(|_| told.insert(after.id())) {
                let observed = format!("{ghost} appeared");
                let finding =
                    tally.broke(after, "ghost-run", "the same list as before the refusal", observed);
                finding.at("/data").after(seen).after(before);
            }
        }
    }
    for span in account::spans(history) {
        let refused = span.creates.iter().all(|create| create.is_refusal());
        if span.creates.is_empty() || !refused {
            continue;
        }
        tally.saw(span.after);
        if span.spent > 0 {
            let observed = format!("{} credits less", span.spent);
            let finding = tally.broke(span.after, "charged", "as many credits as before", observed);
            finding.at("/apis/catalog/credits").after(span.creates[0]).after(span.before);
        }
    }
    tally
}
