//! What an account may do: how many requests it may make, and what it can pay for.
//!
//! The third key (`$KEY_C`) is the one that the plan brings to its limits: its account has credits for the first job
//! it asks for and for no other, and it asks for lists until it is turned away, while its clock stands still.

mod amounts;
mod told;

use fixtures::contract::Level::{Must, Should};
use jiff::Timestamp;

use super::{Check, Cost};
use crate::history::History;
use crate::history::seen::{LIMITED_KEY, Seen};
use crate::profile::Family;
use crate::session::control::ACCOUNT;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "rate.headers",
        title: "Every success says how many requests are allowed and how many are left",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.rate-limit.headers"],
        needs: "a successful answer",
        judge: headers,
    },
    Check {
        id: "rate.reset-is-time",
        title: "RateLimit-Reset is a time stamp and not a number of seconds",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.rate-limit.reset-is-a-time"],
        needs: "an answer with RateLimit-Reset",
        judge: reset_is_time,
    },
    Check {
        id: "rate.remaining-falls",
        title: "With every request of a window fewer are left",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.rate-limit.remaining", "catalog.rate-limit.what-counts"],
        needs: "two successful answers to a limited key within one window",
        judge: remaining_falls,
    },
    Check {
        id: "rate.off",
        title: "A key without a limit is never turned away, whatever others do, and told of a window of its own",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.rate-limit.off", "catalog.rate-limit.per-world"],
        needs: "an answer to a key whose limit was seen to be off",
        judge: off,
    },
    Check {
        id: "rate.reset",
        title: "RateLimit-Reset is when the oldest request of the window stops to count",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.rate-limit.reset"],
        needs: "two answers to a limited key whose clock stands still",
        judge: reset,
    },
    Check {
        id: "rate.429",
        title: "A limited key is turned away with 429 when nothing is left, and heard again after Retry-After",
        level: Must,
        cost: Cost::Read,
        clauses: &["catalog.rate-limit.retry-after", "catalog.rate-limit.window"],
        needs: "an answer 429, or a key whose limit can be switched on",
        judge: too_many,
    },
    Check {
        id: "rate.limit",
        title: "RateLimit-Limit is the limit of the documented window",
        level: Should,
        cost: Cost::Passive,
        clauses: &["catalog.rate-limit.limit"],
        needs: "a success for a key whose limit is known to be the documented one, or off",
        judge: told::limit,
    },
    Check {
        id: "rate.429-values",
        title: "A 429 tells the limit of the success before it, and that nothing is left",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.rate-limit.nothing-left"],
        needs: "an answer 429 with the headers of a success",
        judge: told::of_refusal,
    },
    Check {
        id: "rate.body",
        title: "A 429 has the common envelope with the code RATE_LIMITED",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.rate-limit.body"],
        needs: "an answer 429",
        judge: body,
    },
    Check {
        id: "err.insufficient-credits",
        title: "What cannot be paid for is refused with 402, the credits needed and the credits left, and not started",
        level: Must,
        cost: Cost::Write,
        clauses: &["catalog.errors.insufficient-credits"],
        needs: "an answer 402, or a key whose credits can be set",
        judge: insufficient_credits,
    },
    Check {
        id: "err.credits-amounts",
        title: "A 402 tells what the job costs, and what the account has",
        level: Should,
        cost: Cost::Write,
        clauses: &["catalog.errors.credits-amounts"],
        needs: "an answer 402 to what was paid for another time, or after a look at the account",
        judge: amounts::judge,
    },
];

const LIMIT: &str = "ratelimit-limit";
const REMAINING: &str = "ratelimit-remaining";
const RESET: &str = "ratelimit-reset";

fn number(seen: &Seen, name: &str) -> Option<u64> {
    seen.header(name).and_then(|value| value.parse().ok())
}

fn headers(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in history.judged().filter(|seen| seen.is_success() && seen.operation().is_some()) {
        tally.saw(seen);
        let missing: Vec<_> =
            [LIMIT, REMAINING, RESET].into_iter().filter(|name| seen.header(name).is_none()).collect();
        if !missing.is_empty() {
            tally.broke(seen, "missing", "three headers", format!("no {}", missing.join(", no ")));
            continue;
        }
        match (number(seen, LIMIT), number(seen, REMAINING)) {
            (Some(limit), Some(remaining)) if remaining > limit => {
                let observed = format!("{remaining} left of {limit}");
                tally.broke(seen, "more-than-all", "no more left than allowed", observed);
            }
            (Some(_), Some(_)) => {}
            (limit, _) => {
                let name = if limit.is_none() { LIMIT } else { REMAINING };
                let observed = format!("{name}: {}", seen.header(name).unwrap_or_default());
                tally.broke(seen, "not-a-number", "a whole number", observed);
            }
        }
    }
    tally
}

fn reset_is_time(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in history.all() {
        let Some(reset) = seen.header(RESET) else { continue };
        tally.saw(seen);
        if reset.parse::<Timestamp>().is_err() {
            tally.broke(seen, "not-a-time", "a point in time in ISO 8601", reset);
        }
    }
    tally
}

/// The answers to the lists that the limited key asked for, from the moment its limit was on. What was lost, or failed,
/// may or may not have counted.
fn limited(history: &History) -> Vec<&Seen> {
    let lists = history.profile.families.first().map(|family| family.list);
    let asked = |seen: &&Seen| {
        seen.credential() == Some(LIMITED_KEY) && seen.operation() == lists && !seen.is_uncertain()
    };
    history.all().iter().filter(asked).collect()
}

fn remaining_falls(history: &History) -> Tally {
    let mut tally = Tally::default();
    let limited = limited(history);
    for pair in limited.windows(2) {
        let &[before, after] = pair else { continue };
        let same_window = before.header(RESET).is_some() && before.header(RESET) == after.header(RESET);
        if !(same_window && before.is_success() && after.is_success()) {
            continue;
        }
        let (Some(then), Some(now)) = (number(before, REMAINING), number(after, REMAINING)) else { continue };
        tally.saw(after);
        if now >= then {
            let observed = format!("{then}, then {now}");
            tally.broke(after, "does-not-fall", "fewer than before", observed).after(before);
        }
    }
    tally
}

/// Whether the control plane tells of an account whose limit is off.
fn is_off(seen: &Seen) -> bool {
    seen.exchange().request().path() == ACCOUNT && *seen.at("/apis/catalog/rate-limit") == "off"
}

fn off(history: &History) -> Tally {
    let mut tally = Tally::default();
    let Some(account) = history.all().iter().find(|seen| is_off(seen)) else { return tally };
    let mine = |seen: &&Seen| seen.credential() == account.query("key") && seen.operation().is_some();
    let after = history.all().iter().filter(|seen| seen.id() > account.id());
    for seen in after.filter(mine) {
        if seen.status() == Some(429) {
            tally.saw(seen);
            tally.broke(seen, "turned-away", "an answer", "429").after(account);
        }
        let (Some(limit), Some(left)) = (number(seen, LIMIT), number(seen, REMAINING)) else { continue };
        tally.saw(seen);
        if seen.is_success() && left + 1 != limit {
            let expected = format!("{} left of {limit}, as for the only request", limit.saturating_sub(1));
            tally.broke(seen, "counted", expected, format!("{left} left")).after(account);
        }
    }
    tally
}

/// The limited key's clock stands still but for the wait that a refusal asks for, so its oldest request stays the same
/// until then.
fn reset(history: &History) -> Tally {
    let mut tally = Tally::default();
    let limited = limited(history);
    for pair in limited.windows(2) {
        let &[before, after] = pair else { continue };
        let (Some(then), Some(now)) = (before.header(RESET), after.header(RESET)) else { continue };
        let (Ok(then), Ok(now)) = (then.parse::<Timestamp>(), now.parse::<Timestamp>()) else { continue };
        tally.saw(after);
        if before.is_success() && now != then {
            tally.broke(after, "moves", then.to_string(), now.to_string()).after(before);
        } else if !before.is_success() && now <= then {
            let expected = format!("later than {then}, since that request counts no more");
            tally.broke(after, "stays", expected, now.to_string()).after(before);
        }
    }
    tally
}

fn too_many(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in history.all().iter().filter(|seen| seen.status() == Some(429)) {
        tally.saw(seen);
        if number(seen, "retry-after").is_none() {
            let observed = seen.header("retry-after").unwrap_or("nothing");
            tally.broke(seen, "no-retry-after", "a number of seconds in Retry-After", observed);
        }
        if let Some(name) = [LIMIT, REMAINING, RESET].into_iter().find(|name| seen.header(name).is_none()) {
            tally.broke(seen, "no-headers", "the three headers of a success", format!("no {name}"));
        }
    }
    let limited = limited(history);
    let Some(first) = limited.first() else { return tally };
    let Some(at) = limited.iter().position(|seen| seen.status() == Some(429)) else {
        if let Some(limit) = number(first, LIMIT).filter(|limit| limited.len() as u64 > *limit) {
            let expected = format!("429 after {limit} requests in one instant");
            let last = limited[limited.len() - 1];
            tally.broke(last, "never-refused", expected, format!("{} to the last", last.status_text()));
        }
        return tally;
    };
    let refused = limited[at];
    // A request whose answer was lost may have been the last that was left.
    let is_lost = |before: &Seen| {
        let between = history.all().iter().filter(|seen| (before.id()..refused.id()).contains(&seen.id()));
        between.filter(|seen| seen.credential() == Some(LIMITED_KEY)).any(Seen::is_uncertain)
    };
    if let Some(before) = at.checked_sub(1).map(|before| limited[before])
        && let Some(left) = number(before, REMAINING).filter(|left| *left > 0)
        && !is_lost(before)
    {
        let observed = format!("429 with {left} left");
        tally.broke(refused, "refused-early", "an answer while requests are left", observed).after(before);
    }
    if let Some(next) = limited.get(at + 1) {
        tally.saw(next);
        if !next.is_success() {
            let expected = "an answer after the time in Retry-After";
            tally.broke(next, "still-refused", expected, next.status_text()).after(refused);
        }
    }
    tally
}

fn body(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in history.all().iter().filter(|seen| seen.status() == Some(429)) {
        tally.saw(seen);
        if seen.text("/error/code") != Some("RATE_LIMITED") {
            let observed = seen.at("/error/code").to_string();
            tally.broke(seen, "other-code", "the code RATE_LIMITED", observed).at("/error/code");
        }
    }
    tally
}

fn insufficient_credits(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        for seen in history.of(family.create).filter(|seen| seen.status() == Some(402)) {
            tally.saw(seen);
            if seen.text("/error/code") != Some("INSUFFICIENT_CREDITS") {
                let observed = seen.at("/error/code").to_string();
                tally.broke(seen, "other-code", "the code INSUFFICIENT_CREDITS", observed).at("/error/code");
            }
            for pointer in ["/credits_needed", "/credits_remaining"] {
                if !seen.at(pointer).is_number() {
                    let observed = seen.at(pointer).to_string();
                    tally.broke(seen, "no-amount", "a number beside `error`", observed).at(pointer);
                }
            }
            started(history, family, seen, &mut tally);
        }
        let mut poor = history.of(family.create).filter(|seen| seen.credential() == Some(LIMITED_KEY));
        let Some(paid) = poor.next() else { continue };
        if !paid.is_success() {
            tally.block("the job that the account could pay for was refused too, so refusing proves nothing");
        }
        for seen in poor.filter(|seen| seen.status() != Some(402)) {
            let expected = "402 once the credits are spent";
            tally.broke(seen, "not-402", expected, seen.status_text()).after(paid);
        }
    }
    tally
}

/// Looks whether a refused create appears in the next list all the same.
fn started(history: &History, family: &Family, refused: &Seen, tally: &mut Tally) {
    let lists: Vec<_> = history
        .lists(family)
        .filter(|list| list.credential() == refused.credential() && list.query("status").is_none())
        .collect();
    let at = lists.partition_point(|list| list.id() < refused.id());
    let (Some(before), Some(after)) = (at.checked_sub(1).map(|at| lists[at]), lists.get(at)) else { return };
    if history.may_have_orphans(family, refused.credential(), before.id(), after.id()) {
        return;
    }
    let known = History::listed(before);
    let is_new = |id: &&str| !known.contains_key(id) && history.job(id).is_none();
    if let Some(id) = History::listed(after).into_keys().find(is_new) {
        let observed = format!("{id} appeared");
        let finding = tally.broke(after, "started", "the same list as before", observed);
        finding.at("/data").after(refused).after(before);
    }
}
