//! Lists: their pages, bounds, order and filters.

use std::collections::BTreeSet;

use super::super::{Check, Cost};
use super::{
    asked, called, expect, expect_refusal, first_pages, good, instant, member, must, needs_acceptance, should,
};
use crate::history::History;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    must(
        "list.envelope",
        "A page has its entries in a list, and a cursor that is text or null",
        Cost::Read,
        &["extralt.v0.captures.list.rows", "extralt.v1.lists.envelope", "extralt.v1.lists.next-cursor"],
        "a page of a list",
        envelope,
    ),
    must(
        "list.partition-all",
        "All pages together show each entry once",
        Cost::Read,
        &["extralt.v1.lists.partition"],
        "a list that was followed from page to page",
        partition,
    ),
    should(
        "list.partition",
        "Followed from page to page, a list shows each of its rows once",
        Cost::Read,
        &["extralt.v0.lists.partition"],
        "a list that was followed from page to page",
        partition,
    ),
    must(
        "list.limit",
        "A page has no more entries than limit says",
        Cost::Read,
        &["extralt.v1.lists.limit"],
        "a page with a limit",
        limit,
    ),
    must(
        "list.limit-bounds",
        "A limit below 1 or above 100 is refused",
        Cost::Read,
        &["extralt.v1.lists.limit-bounds"],
        "a page with a limit out of bounds",
        bounds,
    ),
    should(
        "list.cursor-bound",
        "A cursor that was edited, or is of another list or organization, is 400",
        Cost::Read,
        &["extralt.v1.lists.cursor-bound"],
        "a page with a cursor that was not given out for it",
        cursors,
    ),
    must(
        "list.newest-first",
        "Runs and enrichments are listed newest first",
        Cost::Read,
        &["extralt.v1.runs.list.newest-first", "extralt.v1.enrichments.list.newest-first"],
        "a list of runs or enrichments with two entries",
        newest,
    ),
    must(
        "list.finished-since",
        "Only what finished since then is listed, the first to finish first",
        Cost::Read,
        &["extralt.v1.runs.list.finished-since", "extralt.v1.enrichments.list.finished-since"],
        "a list with finished_since",
        since,
    ),
    must(
        "list.source",
        "With source_id only enrichments of that source are listed",
        Cost::Read,
        &["extralt.v1.enrichments.list.source-id"],
        "a list of enrichments with source_id",
        source,
    ),
    must(
        "list.one-filter",
        "Both filters together are refused",
        Cost::Read,
        &["extralt.v1.enrichments.list.one-filter"],
        "a list of enrichments with both filters",
        both,
    ),
    should(
        "list.unknown-names",
        "A member or a parameter that no page names has no effect",
        Cost::Read,
        &["extralt.v0.requests.unknown-fields-ignored", "extralt.v1.requests.unknown-fields-ignored"],
        "a list or a create with a name that is unknown",
        unknown,
    ),
];

/// The lists of both versions.
const LISTS: [&str; 6] = [
    "extralt.robots.list",
    "extralt.runs.list",
    "extralt.captures.list",
    "extralt.schedules.list",
    "extralt.enrichments.list",
    "extralt.items.list",
];

fn pages(history: &History) -> impl Iterator<Item = &Seen> {
    LISTS.into_iter().flat_map(|operation| good(history, operation))
}

fn envelope(history: &History) -> Tally {
    let mut tally = Tally::default();
    for page in pages(history) {
        tally.saw(page);
        let cursor = page.at("/next_cursor");
        if !page.is_list() {
            tally.broke(page, "no-list", "the entries in a list", page.body().to_string());
        } else if !cursor.is_null() && !cursor.is_string() {
            tally.broke(page, "cursor", "text or null", cursor.to_string()).at("/next_cursor");
        }
    }
    tally
}

/// What a page is asked for, but for the cursor.
fn question(page: &Seen) -> (Option<&'static str>, Option<&str>, Vec<(String, String)>) {
    let mut query = crate::history::seen::pairs(page.exchange().request().query());
    query.retain(|(name, _)| name != "cursor");
    (page.operation(), page.credential(), query)
}

/// Lists that were shown to their end, as their pages.
fn chains(history: &History) -> Vec<Vec<&Seen>> {
    let pages: Vec<_> = pages(history).filter(|page| page.is_list()).collect();
    let mut chains = Vec::new();
    for first in pages.iter().filter(|page| page.query("cursor").is_none()) {
        let mut chain = vec![*first];
        while let Some(cursor) = chain.last().and_then(|page| page.text("/next_cursor")) {
            let follows = |page: &&&Seen| {
                page.query("cursor") == Some(cursor)
                    && question(page) == question(first)
                    && chain.last().is_some_and(|last| last.id() < page.id())
            };
            let Some(next) = pages.iter().find(follows) else { break };
            chain.push(next);
        }
        if chain.last().is_some_and(|page| page.at("/next_cursor").is_null()) {
            chains.push(chain);
        }
    }
    chains
}

fn partition(history: &History) -> Tally {
    let mut tally = Tally::default();
    for chain in chains(history) {
        let (Some(first), Some(last)) = (chain.first(), chain.last()) else { continue };
        // What was made while pages were turned may be anywhere.
        let writes = |seen: &Seen| seen.writes() && (first.id()..last.id()).contains(&seen.id());
        if history.all().iter().any(writes) {
            continue;
        }
        // A list of one page may show an entry twice as well, but tells nothing of what cursors do.
        if chain.len() > 1 {
            tally.saw(last);
        }
        let mut known = BTreeSet::new();
        for page in &chain {
            for id in page.items().iter().filter_map(|item| page.id_of(item)) {
                if !known.insert(id) {
                    tally.broke(page, "twice", "each entry once", id).after(first);
                }
            }
        }
        let whole = pages(history).find(|page| is_whole(history, first, page));
        if let Some(whole) = whole {
            let missing =
                whole.items().iter().filter_map(|item| whole.id_of(item)).find(|id| !known.contains(id));
            if let Some(missing) = missing {
                tally.broke(last, "skipped", "every entry of the list", format!("no {missing}")).after(whole);
            }
        }
    }
    tally
}

/// Whether a page shows all that the pages from `first` on show, with nothing done in between.
fn is_whole(history: &History, first: &Seen, page: &Seen) -> bool {
    let without = |seen: &Seen| {
        let (operation, key, mut query) = question(seen);
        query.retain(|(name, _)| name != "limit");
        (operation, key.map(str::to_owned), query)
    };
    let span = first.id().min(page.id())..first.id().max(page.id());
    page.query("limit") == Some("100")
        && page.query("cursor").is_none()
        && page.at("/next_cursor").is_null()
        && without(first) == without(page)
        && !history.all().iter().any(|seen| seen.writes() && span.contains(&seen.id()))
}

fn limit(history: &History) -> Tally {
    let mut tally = Tally::default();
    for page in pages(history) {
        let Some(limit) = page.query("limit").and_then(|text| text.parse::<usize>().ok()) else { continue };
        if !(1..=100).contains(&limit) {
            continue;
        }
        tally.saw(page);
        if page.items().len() > limit {
            tally.broke(page, "too-many", format!("{limit} at most"), page.items().len().to_string());
        }
    }
    tally
}

fn bounds(history: &History) -> Tally {
    let mut tally = Tally::default();
    let out = |seen: &&Seen| seen.query("limit").is_some_and(|limit| ["0", "101"].contains(&limit));
    let probes = LISTS.into_iter().flat_map(|operation| asked(history, operation)).filter(out);
    expect_refusal(&mut tally, probes, "accepted");
    needs_acceptance(history, &mut tally, "extralt.runs.list");
    tally
}

fn cursors(history: &History) -> Tally {
    let mut tally = Tally::default();
    let all = LISTS.into_iter().flat_map(|operation| asked(history, operation));
    let probes = all.filter(|seen| {
        let Some(cursor) = seen.query("cursor") else { return false };
        let gave =
            |page: &Seen| page.text("/next_cursor") == Some(cursor) && question(page).0 == question(seen).0;
        let of_it = |page: &Seen| gave(page) && page.credential() == seen.credential();
        let filter = |page: &Seen| page.query("run_id") == seen.query("run_id");
        !pages(history).any(|page| of_it(page) && filter(page))
    });
    expect(&mut tally, probes, "not-400", &[400]);
    needs_acceptance(history, &mut tally, "extralt.runs.list");
    tally
}

fn newest(history: &History) -> Tally {
    let created = called(history).created;
    let mut tally = Tally::default();
    for operation in ["extralt.runs.list", "extralt.enrichments.list"] {
        for list in good(history, operation).filter(|list| list.query("finished_since").is_none()) {
            let times: Vec<_> =
                list.items().iter().filter_map(|item| instant(member(item, created))).collect();
            if times.len() < 2 {
                continue;
            }
            tally.saw(list);
            if times.windows(2).any(|two| two[0] < two[1]) {
                tally.broke(list, "not-newest-first", "the newest first", "an older one before a newer one");
            }
        }
    }
    tally
}

fn since(history: &History) -> Tally {
    let mut tally = Tally::default();
    for operation in ["extralt.runs.list", "extralt.enrichments.list"] {
        for list in good(history, operation) {
            let since = list.query("finished_since").map(serde_json::Value::from);
            let Some(since) = since.as_ref().and_then(instant) else { continue };
            tally.saw(list);
            let times: Vec<_> =
                list.items().iter().map(|item| instant(member(item, "finished_at"))).collect();
            if times.iter().any(|time| time.is_none_or(|time| time < since)) {
                tally.broke(list, "too-early", "only what finished since", "something else");
            } else if !times.is_sorted_by(|one, other| one <= other) {
                tally.broke(list, "order", "the first to finish first", "another order");
            }
            let before = first_pages(history, operation)
                .rfind(|it| it.id() < list.id() && it.credential() == list.credential());
            let Some(before) = before.filter(|_| list.query("limit") == Some("100")) else { continue };
            for item in before
                .items()
                .iter()
                .filter(|it| instant(member(it, "finished_at")).is_some_and(|at| at >= since))
            {
                let id = before.id_of(item).unwrap_or_default();
                let begun = |seen: &Seen| seen.writes() && (before.id()..list.id()).contains(&seen.id());
                if list.item(id).is_none() && !history.all().iter().any(begun) {
                    tally.broke(list, "missing", "all that finished since", format!("no {id}")).after(before);
                }
            }
        }
    }
    tally
}

fn source(history: &History) -> Tally {
    let mut tally = Tally::default();
    for list in good(history, "extralt.enrichments.list") {
        let Some(source) = list.query("source_id") else { continue };
        for item in list.items() {
            tally.saw(list);
            let shown = item.pointer("/source/id").unwrap_or(&serde_json::Value::Null);
            if shown != source {
                tally.broke(list, "of-another", source, shown.to_string());
            }
        }
    }
    tally
}

fn both(history: &History) -> Tally {
    let mut tally = Tally::default();
    let two = |seen: &&Seen| seen.query("source_id").is_some() && seen.query("finished_since").is_some();
    expect_refusal(&mut tally, asked(history, "extralt.enrichments.list").filter(two), "accepted");
    needs_acceptance(history, &mut tally, "extralt.enrichments.list");
    tally
}

fn unknown(history: &History) -> Tally {
    let mut tally = Tally::default();
    for operation in LISTS {
        for seen in asked(history, operation).filter(|seen| seen.query("no_such_name").is_some()) {
            let plain = good(history, operation).find(|it| {
                it.query("no_such_name").is_none()
                    && it.query("cursor").is_none()
                    && it.query("limit") == seen.query("limit")
                    && it.credential() == seen.credential()
                    && !history.all().iter().any(|w| w.writes() && (it.id()..seen.id()).contains(&w.id()))
            });
            let Some(plain) = plain else { continue };
            tally.saw(seen);
            let ids = |seen: &Seen| {
                seen.items().iter().filter_map(|it| seen.id_of(it)).map(str::to_owned).collect::<Vec<_>>()
            };
            if !seen.is_success() || ids(seen) != ids(plain) {
                tally
                    .broke(seen, "has-effect", "the same list as without it", seen.status_text())
                    .after(plain);
            }
        }
    }
    let creates =
        asked(history, "extralt.runs.create").filter(|seen| seen.request().get("no_such_name").is_some());
    expect_success(&mut tally, creates);
    tally
}

fn expect_success<'a>(tally: &mut Tally, probes: impl Iterator<Item = &'a Seen>) {
    for seen in probes {
        if tally.is_entitled(seen) {
            tally.saw(seen);
            if !seen.is_success() {
                tally.broke(seen, "refused", "a create as without it", seen.status_text());
            }
        }
    }
}
