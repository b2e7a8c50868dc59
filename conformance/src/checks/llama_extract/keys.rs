//! Keys, what one organization learns of another, and what is refused whatever is asked.

use std::collections::BTreeSet;

use super::look::{Fate, entries, expect, hold, id, name};
use super::rows::{Case, check, clauses};
use crate::checks::Check;
use crate::history::seen::{FORBIDDEN_KEY, LIMITED_KEY, REFUSED_KEY, Seen};
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    check!(
        Must,
        Read,
        "llama.bearer",
        "A good key as a bearer token lets the request in",
        "a request with a good key",
        [(all, "auth.bearer-accepted", bearer),]
    ),
    check!(
        Should,
        Read,
        "llama.keys-401",
        "No key, and a key that nobody knows, are answered with 401, whatever the operation",
        "requests without a key and with a bad one, also about what is not there",
        [
            (all, "auth.missing-401", |case, tally| keyless(case, tally, |seen| seen.credential().is_none())),
            (all, "auth.invalid-401", |case, tally| keyless(case, tally, |seen| seen.credential()
                == Some(REFUSED_KEY))),
            (all, "auth.before-lookup", |case, tally| {
                keyless(case, tally, |seen| {
                    seen.credential() != Some(FORBIDDEN_KEY)
                        && seen.subject().is_some_and(|id| case.fate(seen, id) == Fate::Unknown)
                });
            }),
        ]
    ),
    check!(
        Should,
        Read,
        "llama.forbidden",
        "A key that may not use the API is answered with 403",
        "a request with a key that is known and may do nothing",
        [(v2, "auth.forbidden-403", |case, tally| {
            let known = case.history.judged().filter(|seen| seen.operation().is_some());
            expect(tally, known.filter(|seen| seen.credential() == Some(FORBIDDEN_KEY)), "not-403", &[403]);
        }),]
    ),
    check!(
        Should,
        Read,
        "llama.tenancy",
        "A key of one organization finds nothing of another",
        "two keys, and something that one of them has and the other asks for and lists",
        [
            (all, "tenancy.foreign-invisible", invisible),
            (all, "tenancy.foreign-404", |case, tally| expect(tally, reaching(case), "not-404", &[404])),
        ]
    ),
    check!(
        Should,
        Read,
        "llama.unknown-path",
        "An address that is no endpoint, and a method that it does not have, are answered with 404",
        "a request to an address that is none, and one with another method",
        [(all, "errors.unknown-path", |case, tally| {
            let probes = case.history.judged().filter(|seen| {
                let path = seen.exchange().request().path();
                seen.operation().is_none()
                    && (case.history.contract.path_exists(path) || path.ends_with(NO_ENDPOINT))
            });
            expect(tally, probes, "not-404", &[404]);
        }),]
    ),
    check!(
        Should,
        Write,
        "llama.conflict-no-retry",
        "A 409 says that asking again leads nowhere",
        "an answer of 409",
        [(all, "errors.conflict-no-retry", |case, tally| {
            for seen in case.history.judged().filter(|seen| seen.status() == Some(409)) {
                let said = seen.header("x-should-retry");
                hold(
                    tally,
                    seen,
                    said == Some("false"),
                    "no-header",
                    "x-should-retry: false",
                    said.unwrap_or("none"),
                );
            }
        }),]
    ),
    check!(
        Must,
        Read,
        "llama.session-cookie",
        "A cookie called session is borne",
        "a request with that cookie",
        [(all, "requests.session-cookie", |case, tally| {
            let probes = case.all_asked().filter(|seen| seen.exchange().request().header("cookie").is_some());
            expect(tally, probes.filter(|seen| case.is_sound(seen)), "refused", &[200]);
        }),]
    ),
    check!(
        Should,
        Write,
        "llama.all-faults",
        "A 422 lists every fault of the request",
        "a request with several faults",
        [(all, "errors.all-faults", |case, tally| {
            for seen in
                case.all_asked().filter(|seen| seen.status() == Some(422) && seen.asked_wrong().len() > 1)
            {
                let told = seen.at("/detail").as_array().map_or(0, Vec::len);
                hold(tally, seen, told > 1, "one-only", "every fault", &format!("{told} of them"));
            }
        }),]
    ),
    check!(
        Should,
        Write,
        "llama.unknown-members",
        "What is not known has no effect",
        "a request with a member that nobody knows",
        [(all, "requests.unknown-fields-ignored", |case, tally| {
            let knows = |seen: &&Seen| {
                seen.request().get("x_unheard_of").is_some() || seen.query("x_unheard_of").is_some()
            };
            expect(
                tally,
                case.all_asked().filter(knows).filter(|seen| case.is_sound(seen)),
                "refused",
                &[200, 201],
            );
        }),]
    ),
    check!(
        Should,
        Write,
        "llama.null-is-absent",
        "Null in a member that may be null counts as leaving it out",
        "a request with a member that is null",
        [(all, "requests.null-is-absent", |case, tally| {
            let has_null = |seen: &&Seen| {
                let settings =
                    ["config", "configuration"].iter().filter_map(|name| seen.request().get(*name));
                let mut all = settings.chain([seen.request()]).filter_map(|it| it.as_object());
                all.any(|members| members.values().any(|value| value.is_null()))
            };
            expect(
                tally,
                case.all_asked().filter(has_null).filter(|seen| case.is_sound(seen)),
                "refused",
                &[200, 201],
            );
        }),]
    ),
    check!(
        Must,
        Read,
        "llama.rate-limit",
        "Too many requests are answered with 429",
        "more requests than the account may make",
        [(all, "errors.rate-limited-429", limited),]
    ),
];

/// How an address ends that is no endpoint.
pub(crate) const NO_ENDPOINT: &str = "-that-is-no-endpoint";

fn bearer(case: &Case<'_>, tally: &mut Tally) {
    let history = case.history;
    let judged =
        history.judged().filter(|seen| seen.operation().is_some() && seen.credential() == Some("$KEY_A"));
    for seen in judged {
        let refused = seen.status() == Some(401) && !history.is_turned_away(seen);
        hold(tally, seen, !refused, "refused", "anything but 401", "401 to a good key");
    }
}

fn keyless(case: &Case<'_>, tally: &mut Tally, counts: impl Fn(&Seen) -> bool) {
    let known =
        case.history.judged().filter(|seen| !name(seen).is_empty() && !name(seen).starts_with("presigned"));
    let probes = known.filter(|seen| !seen.has_good_key() && seen.credential() != Some(FORBIDDEN_KEY));
    for seen in probes.filter(|seen| counts(seen)) {
        hold(tally, seen, seen.status() == Some(401), "not-401", "401", &seen.status_text());
    }
}

/// Requests about what only another key was shown.
fn reaching<'h>(case: &'h Case<'h>) -> impl Iterator<Item = &'h Seen> {
    case.all_asked().filter(|seen| {
        let foreign = |id: &&str| case.fate(seen, id) == Fate::Foreign;
        case.fits(seen) && !name(seen).ends_with(".list") && case.named(seen).iter().any(foreign)
    })
}

fn invisible(case: &Case<'_>, tally: &mut Tally) {
    let reaching: BTreeSet<u64> = reaching(case).map(Seen::id).collect();
    for seen in case.all_asked().filter(|seen| seen.is_success()) {
        if reaching.contains(&seen.id()) {
            tally.broke(seen, "foreign-shown", "nothing of another organization", seen.status_text());
        }
        for entry in entries(seen) {
            let Some(id) = id(entry) else { continue };
            tally.saw(seen);
            let made = case.history.all().iter().take_while(|earlier| earlier.id() < seen.id());
            let mut makers = made.filter(|earlier| earlier.is_success() && earlier.own_id() == Some(id));
            let Some(maker) = makers.find(|earlier| earlier.has_good_key()) else { continue };
            if maker.credential() != seen.credential() {
                tally.broke(seen, "foreign-listed", "nothing of another organization", id).after(maker);
            }
        }
    }
}

fn limited(case: &Case<'_>, tally: &mut Tally) {
    let own: Vec<_> =
        case.history.all().iter().filter(|seen| seen.credential() == Some(LIMITED_KEY)).collect();
    if let Some(last) = own.last() {
        let turned = own.iter().any(|seen| seen.status() == Some(429));
        hold(
            tally,
            last,
            turned,
            "let-through",
            "429 to one of them",
            &format!("none in {} requests", own.len()),
        );
    }
}
