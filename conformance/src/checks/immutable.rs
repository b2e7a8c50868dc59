//! What is over stays as it is: compared over time, over refused cancels, and page by page.

use std::collections::{BTreeMap, BTreeSet};

use fixtures::contract::Lifecycle;
use serde_json::Value;

use crate::history::seen::Seen;
use crate::history::{History, Job};
use crate::profile::field;
use crate::verdict::Tally;

/// Compares every read of a run that is over with the first such read. Where the lifecycle lets a run leave a final
/// state, as by a restart, its next end is a new one.
pub(super) fn judge(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs() {
        let Some(lifecycle) = history.contract.lifecycle_of(job.family.get) else { continue };
        if let Some(end) = compare(&mut tally, lifecycle, history.reads(job)) {
            gone(history, &mut tally, job, end);
        }
    }
    tally
}

/// Compares the reads of one run; the first read of its last end, if it has one.
fn compare<'a>(
    tally: &mut Tally,
    lifecycle: &Lifecycle,
    reads: impl Iterator<Item = &'a Seen>,
) -> Option<&'a Seen> {
    let is_over = |seen: &Seen| seen.state().is_some_and(|state| lifecycle.is_terminal(state));
    let reopens = |before: &Seen, after: &Seen| match (before.state(), after.state()) {
        (Some(from), Some(to)) => from != to && lifecycle.reaches(from, to),
        _ => false,
    };
    let mut end: Option<&Seen> = None;
    let mut pages: BTreeMap<(String, String), &Seen> = BTreeMap::new();
    for seen in reads {
        if let Some(known) = end.filter(|known| !reopens(known, seen)) {
            tally.saw(seen);
            unchanged(tally, known, seen, lasting, "changed");
            if let Some(earlier) = pages.get(&page(seen)) {
                unchanged(tally, earlier, seen, results, "results-changed");
            }
        } else {
            pages.clear();
            end = is_over(seen).then_some(seen);
        }
        if end.is_some() {
            pages.entry(page(seen)).or_insert(seen);
        }
    }
    end
}

/// Expects a part of two answers to be the same.
fn unchanged(tally: &mut Tally, first: &Seen, later: &Seen, part: fn(&Seen) -> Value, reason: &'static str) {
    let (then, now) = (part(first), part(later));
    if let Some(pointer) = difference(&then, &now, String::new()) {
        let at = |value: &Value| value.pointer(&pointer).map_or("nothing".into(), Value::to_string);
        tally.broke(later, reason, at(&then), at(&now)).at(pointer).after(first);
    }
}

/// A run that was over and is not found any more.
fn gone(history: &History, tally: &mut Tally, job: &Job, first: &Seen) {
    let missing = history.of(job.family.get).find(|seen| {
        seen.id() > first.id()
            && seen.run() == Some(&job.id)
            && seen.credential() == Some(&job.owner)
            && seen.query("page").is_none()
            && seen.query("page_size").is_none()
            && matches!(seen.status(), Some(404 | 410))
    });
    if let Some(missing) = missing {
        tally.broke(missing, "gone", "200, as before", missing.status_text()).after(first);
    }
}

/// Which page of results a read asked for.
fn page(seen: &Seen) -> (String, String) {
    let text = |name| seen.query(name).unwrap_or_default().to_owned();
    (text("page"), text("page_size"))
}

/// The page of results and what it says of itself.
fn results(seen: &Seen) -> Value {
    let kept = ["data", "pagination"].into_iter();
    let members = kept.filter_map(|name| Some((name.to_owned(), seen.body().get(name)?.clone())));
    Value::Object(members.collect())
}

/// What of a read may not change any more: everything but the page of results and what names the request.
fn lasting(seen: &Seen) -> Value {
    let mut body = seen.body().clone();
    if let Some(root) = body.as_object_mut() {
        root.remove("data");
        root.remove("pagination");
    }
    if let Some(meta) = body.pointer_mut("/meta").and_then(Value::as_object_mut) {
        meta.remove(field::REQUEST_ID);
    }
    body
}

/// Pointer to the first place where two values differ.
fn difference(one: &Value, other: &Value, place: String) -> Option<String> {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let names: BTreeSet<_> = one.keys().chain(other.keys()).collect();
            names.into_iter().find_map(|name| {
                let inner = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
                match (one.get(name), other.get(name)) {
                    (Some(one), Some(other)) => difference(one, other, inner),
                    _ => Some(inner),
                }
            })
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let mut pairs = one.iter().zip(other).enumerate();
            pairs.find_map(|(index, (one, other))| difference(one, other, format!("{place}/{index}")))
        }
        _ if one == other => None,
        _ => Some(place),
    }
}

#[cfg(test)]
mod tests;
