//! Items: what an enrichment made of captures.

use std::collections::BTreeSet;

use super::super::{Check, Cost};
use super::enrichments::GET;
use super::{asked, expect, expect_refusal, good, is_over, member, must, should, whole};
use crate::history::History;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    must(
        "enrichment.stop-delivers",
        "What was processed before a stop is there as items",
        Cost::Job,
        &["extralt.v1.enrichments.stop.delivers"],
        "a list of the items of an enrichment that is over",
        delivers,
    ),
    should(
        "item.one-per-capture",
        "No two items of an enrichment are of one capture",
        Cost::Job,
        &["extralt.v0.items.list.one-per-capture"],
        "a list of items",
        one_per_capture,
    ),
    must(
        "item.of-one",
        "The items of one enrichment are listed, and no others",
        Cost::Job,
        &["extralt.v1.items.list.of-one"],
        "a list of items",
        of_one,
    ),
    must(
        "item.enrichment-required",
        "A request for items that names no enrichment is refused",
        Cost::Read,
        &["extralt.v1.items.list.enrichment-required"],
        "a request for items without an enrichment",
        required,
    ),
    should(
        "item.captures",
        "An item comes from a capture of its source",
        Cost::Job,
        &["extralt.v1.items.list.captures"],
        "a list of items and one of the captures of their run",
        captures,
    ),
    must(
        "item.like-list",
        "A list and a look at an item show the same",
        Cost::Job,
        &["extralt.v1.items.get.like-list"],
        "a look at an item of a list",
        like_list,
    ),
    should(
        "item.other-enrichment-404",
        "An item of another enrichment is answered with 404",
        Cost::Job,
        &["extralt.v1.items.get.other-enrichment-404"],
        "a look at an item with another enrichment",
        other_404,
    ),
];

/// Whole lists of items, each with its enrichment's last read before.
fn items(history: &History) -> impl Iterator<Item = (&Seen, &Seen)> {
    whole(history, ITEMS).filter_map(|list| {
        let id = list.query("enrichment_id")?;
        let read = good(history, GET).rfind(|read| read.run() == Some(id) && read.id() < list.id())?;
        let family = history.profile.family_of(GET)?;
        is_over(family, read).then_some((list, read))
    })
}

fn delivers(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (list, read) in items(history) {
        let errors = read.at("/errors").as_u64().unwrap_or(0);
        let Some(done) = read.at("/processed").as_u64() else { continue };
        tally.saw(list);
        if (list.items().len() as u64) < done.saturating_sub(errors) {
            let expected = format!("{} items", done.saturating_sub(errors));
            tally.broke(list, "lost", expected, list.items().len().to_string()).after(read);
        }
    }
    tally
}

fn one_per_capture(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (list, _) in items(history) {
        let mut known = BTreeSet::new();
        for item in list.items() {
            tally.saw(list);
            let capture = member(item, "capture_id").to_string();
            if !known.insert(capture.clone()) {
                tally.broke(list, "twice", "one item of a capture", capture);
            }
        }
    }
    tally
}

fn of_one(history: &History) -> Tally {
    let mut tally = Tally::default();
    for list in good(history, ITEMS) {
        let Some(id) = list.query("enrichment_id") else { continue };
        for item in list.items() {
            tally.saw(list);
            if member(item, "enrichment_id") != id {
                tally.broke(list, "of-another", id, member(item, "enrichment_id").to_string());
            }
        }
    }
    tally
}

fn required(history: &History) -> Tally {
    let mut tally = Tally::default();
    let all =
        [ITEMS, "extralt.items.get", "extralt.items.export"].into_iter().flat_map(|it| asked(history, it));
    expect_refusal(&mut tally, all.filter(|seen| seen.query("enrichment_id").is_none()), "accepted");
    super::needs_acceptance(history, &mut tally, ITEMS);
    tally
}

fn captures(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (list, read) in items(history) {
        let Some(run) = read.text("/source/id") else { continue };
        let mut lists = whole(history, "extralt.captures.list");
        let Some(all) = lists.rfind(|it| it.query("run_id") == Some(run)) else { continue };
        for item in list.items() {
            tally.saw(list);
            let capture = member(item, "capture_id").as_str().unwrap_or_default();
            if all.item(capture).is_none() {
                tally.broke(list, "no-capture", format!("a capture of {run}"), capture).after(all);
            }
        }
    }
    tally
}

/// The id of the item in a path.
fn asked_item(seen: &Seen) -> Option<&str> {
    seen.exchange().request().path().rsplit('/').next()
}

fn like_list(history: &History) -> Tally {
    let mut tally = Tally::default();
    for look in good(history, "extralt.items.get") {
        let own = |list: &&Seen| list.query("enrichment_id") == look.query("enrichment_id");
        let item = asked_item(look)
            .and_then(|id| good(history, ITEMS).filter(own).find_map(|list| Some((list, list.item(id)?))));
        let Some((list, item)) = item else { continue };
        tally.saw(look);
        if item != look.body() {
            tally.broke(look, "differs", "the item as the list shows it", "another").after(list);
        }
    }
    tally
}

fn other_404(history: &History) -> Tally {
    let mut tally = Tally::default();
    let probes = asked(history, "extralt.items.get").filter(|look| {
        let Some(id) = asked_item(look).filter(|_| look.query("enrichment_id").is_some()) else {
            return false;
        };
        let mut homes = good(history, ITEMS).filter(|list| list.item(id).is_some());
        let own = |list: &Seen| list.query("enrichment_id") == look.query("enrichment_id");
        let known = homes.next().is_some_and(|list| !own(list));
        let is_listed = good(history, ITEMS).any(|list| own(list) && list.item(id).is_some());
        known && !is_listed && look.credential() == Some("$KEY_A")
    });
    expect(&mut tally, probes, "not-404", &[404]);
    tally
}

const ITEMS: &str = "extralt.items.list";
