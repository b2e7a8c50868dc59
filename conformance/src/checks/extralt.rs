//! Checks of Extralt, both versions. Where they say the same, one check judges both; what they call things differently
//! stands in the profile.

pub mod auth;
pub mod bodies;
pub mod captures;
pub mod ends;
pub mod enrichments;
pub mod errors;
pub mod exports;
pub mod intervals;
pub mod items;
pub mod lists;
pub mod repeats;
pub mod restart;
pub mod robots;
pub mod runs;
pub mod schedules;
pub mod shapes;
pub mod stop;
pub mod v1;

use fixtures::contract::Level::{Must, Should};
use jiff::Timestamp;
use serde_json::Value;

use super::{Check, Cost};
use crate::history::seen::Seen;
use crate::history::{History, Job};
use crate::profile::Family;
use crate::profile::extralt::{Names, names};
use crate::verdict::Tally;

/// What goes through a record.
type Judge = fn(&History) -> Tally;

/// What a check stands on: its clauses in either version.
type Clauses = &'static [&'static str];

/// A check that fails a server.
const fn must(
    id: &'static str,
    title: &'static str,
    cost: Cost,
    clauses: Clauses,
    needs: &'static str,
    judge: Judge,
) -> Check {
    Check { id, title, level: Must, cost, clauses, needs, judge }
}

/// A check that warns.
const fn should(
    id: &'static str,
    title: &'static str,
    cost: Cost,
    clauses: Clauses,
    needs: &'static str,
    judge: Judge,
) -> Check {
    Check { id, title, level: Should, cost, clauses, needs, judge }
}

/// What the version of this record calls things.
fn called(history: &History) -> &'static Names {
    names(history.profile)
}

/// The successes of an operation.
fn good<'a>(history: &'a History, operation: &'a str) -> impl DoubleEndedIterator<Item = &'a Seen> {
    history.of(operation).filter(|seen| seen.is_success() && seen.has_good_key())
}

/// The first pages of lists of whatever time, as long as a page may be.
fn first_pages<'a>(history: &'a History, operation: &'a str) -> impl DoubleEndedIterator<Item = &'a Seen> {
    good(history, operation).filter(|list| {
        list.query("limit") == Some("100")
            && list.query("cursor").is_none()
            && list.query("finished_since").is_none()
    })
}

/// The lists that show all there is on their first page.
fn whole<'a>(history: &'a History, operation: &'a str) -> impl DoubleEndedIterator<Item = &'a Seen> {
    first_pages(history, operation).filter(|list| list.at("/next_cursor").is_null())
}

/// The answers to good keys of an operation, but for failures of the server.
fn asked<'a>(history: &'a History, operation: &'a str) -> impl DoubleEndedIterator<Item = &'a Seen> {
    history.of(operation).filter(|seen| seen.has_good_key() && !seen.is_server_failure())
}

/// The runs of a kind that the record created.
fn jobs<'a>(history: &'a History, family: &'a str) -> impl Iterator<Item = &'a Job> {
    history.jobs().iter().filter(move |job| job.family.name == family)
}

/// The reads of a run between two of its beginnings. What was read while a restart was under way is in neither.
fn lives<'a>(history: &'a History, job: &'a Job) -> Vec<Vec<&'a Seen>> {
    let mut lives = vec![Vec::new()];
    let mut restarts = history.restarts(job).filter(|seen| !seen.is_refusal()).peekable();
    for read in history.reads(job) {
        while restarts.next_if(|restart| restart.id() < read.id()).is_some() {
            lives.push(Vec::new());
        }
        if let Some(last) = lives.last_mut() {
            last.push(read);
        }
    }
    lives
}

/// Every pair of a read and the next one of one life.
fn pairs<'a>(history: &'a History, family: &'a str) -> Vec<(&'a Seen, &'a Seen)> {
    let lives = jobs(history, family).flat_map(|job| lives(history, job));
    lives
        .flat_map(|life| life.iter().copied().zip(life.iter().copied().skip(1)).collect::<Vec<_>>())
        .collect()
}

/// The reads that show a run to be over, since it was begun last.
fn ends<'a>(history: &'a History, job: &'a Job) -> impl DoubleEndedIterator<Item = &'a Seen> {
    let begun = history.restarts(job).rfind(|seen| !seen.is_refusal()).map_or(0, Seen::id);
    history.reads(job).filter(move |read| read.id() > begun && is_over(job.family, read))
}

/// The last of them.
fn end<'a>(history: &'a History, job: &'a Job) -> Option<&'a Seen> {
    ends(history, job).next_back()
}

fn is_over(family: &Family, seen: &Seen) -> bool {
    seen.state().is_some_and(|state| family.is_over(state))
}

/// A time in milliseconds since 1970, in either version's form.
fn instant(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse::<Timestamp>().ok().map(|time| time.as_millisecond() as f64),
        _ => None,
    }
}

/// A member of a value, null where it is not there.
fn member<'v>(value: &'v Value, name: &str) -> &'v Value {
    value.get(name).unwrap_or(&Value::Null)
}

/// Expects a status of every probe.
fn expect<'a>(tally: &mut Tally, probes: impl Iterator<Item = &'a Seen>, reason: &'static str, good: &[u16]) {
    for seen in probes {
        if !tally.is_entitled(seen) {
            continue;
        }
        tally.saw(seen);
        if !seen.status().is_some_and(|status| good.contains(&status)) {
            let words: Vec<_> = good.iter().map(u16::to_string).collect();
            tally.broke(seen, reason, words.join(" or "), seen.status_text());
        }
    }
}

/// Expects every probe to be refused, with whatever status.
fn expect_refusal<'a>(tally: &mut Tally, probes: impl Iterator<Item = &'a Seen>, reason: &'static str) {
    for seen in probes {
        if !tally.is_entitled(seen) {
            continue;
        }
        tally.saw(seen);
        if !seen.is_refusal() {
            tally.broke(seen, reason, "a status between 400 and 499", seen.status_text());
        }
    }
}

/// A server that refuses everything keeps every rule about refusals: it shows nothing unless `operation` was accepted
/// once.
fn needs_acceptance(history: &History, tally: &mut Tally, operation: &str) {
    if !tally.occasions().is_empty() && good(history, operation).next().is_none() {
        tally.block("nothing of the kind was ever accepted, so refusing proves nothing");
    }
}
