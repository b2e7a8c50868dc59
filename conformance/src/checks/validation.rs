//! One mistake at a time: each bad member is refused, by the right code, and named; what is no endpoint is none.

mod strays;

use fixtures::contract::Level::{Must, Should};
use http::Method;
use serde_json::Value;

use super::{Check, Cost, auth};
use crate::history::History;
use crate::history::seen::Seen;
use crate::profile::catalog::UNKNOWN;
use crate::profile::{Family, Fault};
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "err.validation-each",
        title: "Each kind of bad body is refused with 400, and the nearest good one is accepted",
        level: Must,
        cost: Cost::Write,
        clauses: &[
            "catalog.errors.missing-field",
            "catalog.crawl.create.url-required",
            "catalog.extract.create.urls-not-empty",
            "catalog.extract.create.one-input",
            "catalog.extract.create.urls-limit",
            "catalog.errors.invalid-urls",
            "catalog.agentic-search.create.query-required",
        ],
        needs: "a create with one documented mistake in its body",
        judge: |history| each(history, true),
    },
    Check {
        id: "err.validation-house",
        title: "A bad body of which no page speaks is refused with 400 too",
        level: Should,
        cost: Cost::Write,
        clauses: &[
            "catalog.errors.wrong-type",
            "catalog.extract.create.country-code",
            "catalog.extract.create.one-input-code",
        ],
        needs: "a create with one mistake in its body of which no page speaks",
        judge: |history| each(history, false),
    },
    Check {
        id: "err.validation-code",
        title: "A missing or mistyped member is an invalid request, one out of range a validation error",
        level: Should,
        cost: Cost::Write,
        clauses: &["catalog.errors.missing-field-code"],
        needs: "a bad create that is refused with 400 and a code",
        judge: code,
    },
    Check {
        id: "err.field-named",
        title: "A refusal names the member at fault",
        level: Should,
        cost: Cost::Write,
        clauses: &["catalog.errors.field-named"],
        needs: "a bad create that is refused with 400",
        judge: field_named,
    },
    Check {
        id: "err.extra-fields-at-root",
        title: "What an error tells beside code, message and request id stands beside the error object",
        level: Must,
        cost: Cost::Write,
        clauses: &["catalog.errors.extra-fields-at-root"],
        needs: "a refusal that tells more, such as the addresses at fault",
        judge: extra_fields,
    },
    Check {
        id: "err.media-type",
        title: "A form where JSON is expected is refused with 400 or 415",
        level: Should,
        cost: Cost::Write,
        clauses: &["catalog.errors.malformed-json"],
        needs: "a create whose body is no JSON and does not say it is",
        judge: media_type,
    },
    Check {
        id: "req.unknown-ignored",
        title: "A member or a query parameter that no page names changes nothing",
        level: Should,
        cost: Cost::Job,
        clauses: &["catalog.requests.unknown-fields-ignored"],
        needs: "a create with an unknown member, or a list with an unknown parameter and the same without",
        judge: unknown_ignored,
    },
    Check {
        id: "err.unknown-path-404",
        title: "An address that is no endpoint answers 404 NOT_FOUND",
        level: Must,
        cost: Cost::Read,
        clauses: &["catalog.errors.unknown-path-404"],
        needs: "a request with a good key for a path that no page names",
        judge: unknown_path,
    },
    Check {
        id: "err.method-404-405",
        title: "A method that an endpoint does not have answers 404 or 405",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.errors.unknown-path-404"],
        needs: "a request with a good key and a method that no page names for its path",
        judge: unknown_method,
    },
    Check {
        id: "err.unknown-path-envelope",
        title: "An address that is no endpoint is refused in the common envelope, with a Request-ID",
        level: Must,
        cost: Cost::Read,
        clauses: &[
            "catalog.errors.envelope",
            "catalog.errors.request-id-header",
            "catalog.responses.request-id-header",
        ],
        needs: "an answer 404 with a good key to a path that no page names",
        judge: strays::of_path,
    },
    Check {
        id: "err.method-as-unknown",
        title: "A method that an endpoint does not have is refused as an unknown address is",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.requests.other-methods"],
        needs: "a refusal, with a good key, of a method that no page names for its path",
        judge: strays::of_method,
    },
];

/// What is wrong with a body.
pub(super) struct Mistake {
    reason: &'static str,
    field: &'static str,
    fault: Fault,
    documented: bool,
}

/// The one mistake in the body of a create, if it makes one.
pub(super) fn mistake(history: &History, family: &Family, seen: &Seen) -> Option<Mistake> {
    let body = seen.request();
    let known = family
        .refused
        .iter()
        .find(|refused| serde_json::from_str::<Value>(refused.body).is_ok_and(|it| it == *body));
    if let Some(known) = known {
        let crate::profile::Refused { reason, field, fault, documented, .. } = *known;
        return Some(Mistake { reason, field, fault, documented });
    }
    let urls = body.get("urls").and_then(Value::as_array).map_or(0, Vec::len);
    if family.most_urls.is_some_and(|most| urls > most) {
        return Some(Mistake {
            reason: "urls-too-many",
            field: "urls",
            fault: Fault::Value,
            documented: true,
        });
    }
    let breaks = history.contract.operation(family.create)?.request_violations(body);
    let violation = breaks.first()?;
    let form = matches!(violation.keyword.as_str(), "required" | "type");
    Some(Mistake {
        reason: "breaks-the-schema",
        field: "",
        fault: if form { Fault::Form } else { Fault::Value },
        documented: false,
    })
}

/// Creates with a good key that make one mistake: their bodies are JSON.
fn mistakes(history: &History) -> impl Iterator<Item = (&'static Family, &Seen, Mistake)> {
    history.profile.families.iter().flat_map(move |family| {
        let creates = history.of(family.create).filter(|seen| seen.has_good_key() && !seen.is_malformed());
        creates.filter_map(move |seen| Some((family, seen, mistake(history, family, seen)?)))
    })
}

fn each(history: &History, documented: bool) -> Tally {
    let mut tally = Tally::default();
    for (family, seen, mistake) in mistakes(history).filter(|(.., it)| it.documented == documented) {
        if !tally.is_entitled(seen) {
            continue;
        }
        tally.saw(seen);
        if seen.status() != Some(400) {
            let body: String = seen.request().to_string().chars().take(80).collect();
            tally.broke(seen, mistake.reason, "400", format!("{} to {body}", seen.status_text()));
        }
        if !history.jobs().iter().any(|job| job.family.name == family.name) {
            tally.block(format!("no {} was accepted, so refusing one proves nothing", family.name));
        }
    }
    tally
}

fn code(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (_, seen, mistake) in mistakes(history).filter(|(_, seen, _)| seen.status() == Some(400)) {
        let Some(code) = seen.text("/error/code") else { continue };
        tally.saw(seen);
        let (reason, expected) = match mistake.fault {
            Fault::Form => ("form-code", "INVALID_REQUEST"),
            Fault::Value => ("value-code", "VALIDATION_ERROR"),
        };
        if code != expected {
            tally.broke(seen, reason, format!("{expected} ({})", mistake.reason), code).at("/error/code");
        }
    }
    tally
}

fn field_named(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (_, seen, mistake) in mistakes(history).filter(|(_, seen, _)| seen.status() == Some(400)) {
        if mistake.field.is_empty() {
            continue;
        }
        tally.saw(seen);
        let message = seen.text("/error/message").unwrap_or_default().to_ascii_lowercase();
        let listed = seen.at("/invalid_urls").as_array().is_some_and(|urls| !urls.is_empty());
        if !listed && !message.contains(mistake.field) {
            let expected = format!("a message that names `{}`", mistake.field);
            tally.broke(seen, "unnamed", expected, message).at("/error/message");
        }
    }
    tally
}

fn extra_fields(history: &History) -> Tally {
    const OWN: [&str; 3] = ["code", "message", "request_id"];
    let mut tally = Tally::default();
    for seen in history.all().iter().filter(|seen| seen.status() >= Some(400) && seen.operation().is_some()) {
        let (Some(root), Some(error)) = (seen.body().as_object(), seen.at("/error").as_object()) else {
            continue;
        };
        let inside = error.keys().find(|name| !OWN.contains(&name.as_str()));
        if inside.is_some() || root.len() > 1 {
            tally.saw(seen);
        }
        if let Some(name) = inside {
            let expected = format!("`{name}` at the root, beside `error`");
            tally.broke(seen, "inside", expected, "inside `error`").at(format!("/error/{name}"));
        }
    }
    tally
}

/// Whether a request says that its body is JSON. One that says nothing is taken to mean it.
pub(super) fn says_json(seen: &Seen) -> bool {
    let media = seen.exchange().request().header("content-type");
    media.is_none_or(|media| media.to_ascii_lowercase().contains("json"))
}

fn media_type(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        let forms = history
            .of(family.create)
            .filter(|seen| seen.has_good_key() && seen.is_malformed() && !says_json(seen));
        for seen in forms {
            if !tally.is_entitled(seen) {
                continue;
            }
            tally.saw(seen);
            if !matches!(seen.status(), Some(400 | 415)) {
                tally.broke(seen, "not-refused", "400 or 415", seen.status_text());
            }
        }
    }
    if !tally.occasions().is_empty() && !auth::accepts_a_key(history) {
        tally.block("no request with a key was accepted, so refusing proves nothing");
    }
    tally
}

/// Requests with a good key below the API's version that no operation is for; whether their path has any.
fn strays(history: &History) -> impl Iterator<Item = (&Seen, bool)> {
    let below = format!("/{}/", history.profile.version);
    let strays = history.judged().filter(move |seen| {
        seen.operation().is_none()
            && seen.has_good_key()
            && seen.exchange().request().path().starts_with(&below)
    });
    strays.map(|seen| {
        let path = seen.exchange().request().path();
        let methods = [Method::GET, Method::POST, Method::DELETE];
        (seen, methods.iter().any(|method| history.contract.route(method, path).is_some()))
    })
}

fn unknown_ignored(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        for seen in history.of(family.create).filter(|seen| seen.request().get(UNKNOWN).is_some()) {
            tally.saw(seen);
            if !seen.is_success() {
                tally.broke(seen, "member-refused", "a run, as without the member", seen.status_text());
            }
        }
        for seen in history.of(family.list).filter(|seen| seen.query(UNKNOWN).is_some()) {
            let is_same_but = |other: &&Seen| {
                other.id() < seen.id()
                    && other.credential() == seen.credential()
                    && other.query("page_size") == seen.query("page_size")
                    && other.query("status").is_none()
                    && other.query(UNKNOWN).is_none()
            };
            let Some(plain) = history.lists(family).rev().find(is_same_but) else { continue };
            let settled = plain.credential().is_some_and(|owner| history.is_settled(family, owner, plain));
            if !settled || history.jobs_between(family, plain, seen) > 0 {
                continue;
            }
            tally.saw(seen);
            if !seen.is_success() {
                let expected = "the list, as without the parameter";
                tally.broke(seen, "parameter-refused", expected, seen.status_text()).after(plain);
            } else if History::listed(seen).keys().ne(History::listed(plain).keys()) {
                let observed = format!("{} runs, or others", History::listed(seen).len());
                let expected = format!("the {} runs of the list without it", History::listed(plain).len());
                tally.broke(seen, "parameter-heeded", expected, observed).at("/data").after(plain);
            }
        }
    }
    tally
}

fn unknown_path(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, _) in strays(history).filter(|(_, known)| !known) {
        tally.saw(seen);
        if seen.status() != Some(404) {
            tally.broke(seen, "not-404", "404", seen.status_text());
        } else if seen.text("/error/code") != Some("NOT_FOUND") {
            let observed = seen.at("/error/code").to_string();
            tally.broke(seen, "code", "NOT_FOUND", observed).at("/error/code");
        }
    }
    if !tally.occasions().is_empty() && !auth::accepts_a_key(history) {
        tally.block("no request with a key was accepted, so a 404 proves nothing");
    }
    tally
}

fn unknown_method(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, _) in strays(history).filter(|(_, known)| *known) {
        if !tally.is_entitled(seen) {
            continue;
        }
        tally.saw(seen);
        if !matches!(seen.status(), Some(404 | 405)) {
            tally.broke(seen, "accepted", "404 or 405", seen.status_text());
        }
    }
    if !tally.occasions().is_empty() && !auth::accepts_a_key(history) {
        tally.block("no request with a key was accepted, so refusing proves nothing");
    }
    tally
}
