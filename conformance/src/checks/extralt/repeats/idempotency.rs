//! Requests that repeat an Idempotency-Key.

use super::super::{called, expect, first_pages, good, member};
use crate::history::History;
use crate::history::seen::Seen;
use crate::verdict::Tally;

const CREATE: &str = "extralt.runs.create";
const KEY: &str = "idempotency-key";

fn key(seen: &Seen) -> Option<&str> {
    seen.exchange().request().header(KEY)
}

/// Requests that repeat an Idempotency-Key, with the first of that key.
fn repeats(history: &History) -> Vec<(&Seen, &Seen)> {
    let keyed: Vec<_> =
        history.judged().filter(|seen| seen.operation().is_some() && key(seen).is_some()).collect();
    let mut found = Vec::new();
    for (nth, seen) in keyed.iter().enumerate() {
        let target = &seen.exchange().request().target;
        let same = |it: &&&Seen| {
            key(it) == key(seen)
                && it.credential() == seen.credential()
                && it.exchange().request().target == *target
        };
        if let Some(first) = keyed[..nth].iter().find(same) {
            found.push((*seen, *first));
        }
    }
    found
}

fn is_equal(one: &Seen, other: &Seen) -> bool {
    one.exchange().request().body == other.exchange().request().body
}

pub(super) fn once(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, first) in
        repeats(history).into_iter().filter(|(seen, first)| is_equal(seen, first) && first.is_success())
    {
        tally.saw(seen);
        if seen.is_success() && seen.own_id() != first.own_id() {
            let observed = seen.own_id().unwrap_or("none");
            tally.broke(seen, "twice", first.own_id().unwrap_or_default(), observed).after(first);
        } else if let Some((list, id)) = beside(history, first, seen) {
            tally.broke(list, "another-run", "the runs that were answered with", id).after(seen).after(first);
        }
    }
    tally
}

/// A run that the first list after a repeated create shows, that an API client began, and that no create was answered
/// with; and the list.
fn beside<'a>(history: &'a History, first: &Seen, again: &Seen) -> Option<(&'a Seen, &'a str)> {
    const LIST: &str = "extralt.runs.list";
    let own = |list: &&Seen| list.credential() == first.credential();
    if !again.is(CREATE) {
        return None;
    }
    let list = first_pages(history, LIST).filter(own).find(|list| list.id() > again.id())?;
    let before = first_pages(history, LIST).filter(own).take_while(|list| list.id() < first.id()).last()?;
    let is_known = |id: &str| {
        before.item(id).is_some() || good(history, CREATE).any(|create| create.own_id() == Some(id))
    };
    let by_api = list.items().iter().filter(|run| member(run, called(history).trigger) == "api");
    let unknown = by_api.filter_map(|run| list.id_of(run)).find(|id| !is_known(id))?;
    Some((list, unknown))
}

pub(super) fn same_answer(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, first) in
        repeats(history).into_iter().filter(|(seen, first)| is_equal(seen, first) && first.is_success())
    {
        tally.saw(seen);
        if seen.status() != first.status() || seen.body() != first.body() {
            tally
                .broke(seen, "other-answer", "the answer of the first", seen.body().to_string())
                .after(first);
        }
    }
    tally
}

pub(super) fn other_body(history: &History) -> Tally {
    let mut tally = Tally::default();
    let other =
        repeats(history).into_iter().filter(|(seen, first)| !is_equal(seen, first) && first.is_success());
    expect(&mut tally, other.map(|(seen, _)| seen), "not-409", &[409]);
    tally
}
