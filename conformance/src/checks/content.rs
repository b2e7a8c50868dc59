//! What runs and lists say of what was asked for.

use fixtures::contract::Level::{Must, Should};
use serde_json::{Value, json};

use super::{Check, Cost};
use crate::history::seen::Seen;
use crate::history::{History, Job};
use crate::profile::field;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "create.counts",
        title: "A create counts the addresses it was given, and how many of them it will read",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.extract.create.url-count", "catalog.extract.create.urls-to-process"],
        needs: "an accepted create with a list of addresses",
        judge: counts,
    },
    Check {
        id: "create.count-members",
        title: "The counts of the addresses of a shop have documented names",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.extract.create.count-members"],
        needs: "an accepted extract of a shop",
        judge: count_members,
    },
    Check {
        id: "result.at-most",
        title: "A search finds eight products at most",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.agentic-search.get.up-to-eight"],
        needs: "a read of a completed search",
        judge: at_most,
    },
    Check {
        id: "repr.query-echo",
        title: "A search repeats its query",
        level: Should,
        cost: Cost::Passive,
        clauses: &["catalog.agentic-search.get.query"],
        needs: "a read of a search",
        judge: query_echo,
    },
    Check {
        id: "repr.error-text",
        title: "A failed extract says one of two general sentences",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.extract.get.error-text"],
        needs: "a read of a failed extract",
        judge: error_text,
    },
    Check {
        id: "list.meta-empty",
        title: "The metadata of a list is an empty object",
        level: Should,
        cost: Cost::Read,
        clauses: &[
            "catalog.crawl.list.meta-empty",
            "catalog.extract.list.meta-empty",
            "catalog.agentic-search.list.meta-empty",
        ],
        needs: "a list",
        judge: meta_empty,
    },
];

fn counts(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs() {
        let create = history.create(job);
        let Some(urls) = create.request().get("urls").and_then(Value::as_array) else { continue };
        tally.saw(create);
        // A guide has other names for them.
        let older = ["/meta/listings_count", "/meta/products_to_process"];
        let other = older.iter().all(|pointer| create.at(pointer).is_u64());
        tally.reading("catalog.extract.create.count-members", usize::from(other), create);
        for pointer in if other { older } else { ["/meta/url_count", "/meta/urls_to_process"] } {
            if create.at(pointer).as_u64() != Some(urls.len() as u64) {
                let observed = create.at(pointer).to_string();
                tally.broke(create, "count", urls.len().to_string(), observed).at(pointer);
            }
        }
    }
    tally
}

/// The two counts of a shop's addresses, as the endpoint's page calls them and as the guide does: all that are known,
/// and those that are going to be read.
const SHOP_COUNTS: [[&str; 2]; 2] =
    [["url_count", "urls_to_process"], ["listings_count", "products_to_process"]];

/// The counts in the answer to an extract of a shop, and which pair of names they have.
pub(super) fn shop_counts(create: &Seen) -> Option<(usize, u64, u64)> {
    SHOP_COUNTS.iter().enumerate().find_map(|(reading, names)| {
        let [known, planned] = names.map(|name| create.at(&format!("/meta/{name}")).as_u64());
        Some((reading, known?, planned?))
    })
}

/// The accepted extracts of a shop.
pub(super) fn of_shops(history: &History) -> impl Iterator<Item = &Job> {
    let extracts = history.jobs().iter().filter(|job| job.family.most_urls.is_some());
    extracts.filter(|job| history.create(job).request().get("vendor").is_some())
}

fn count_members(history: &History) -> Tally {
    let mut tally = Tally::default();
    for create in of_shops(history).map(|job| history.create(job)) {
        tally.saw(create);
        match shop_counts(create) {
            Some((reading, ..)) => tally.reading("catalog.extract.create.count-members", reading, create),
            None => {
                let [page, guide] = SHOP_COUNTS.map(|names| names.join(" and "));
                let observed = create.at("/meta").to_string();
                tally.broke(create, "unnamed", format!("{page}, or {guide}"), observed).at("/meta");
            }
        }
    }
    tally
}

fn at_most(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, seen) in history.all_reads() {
        let (Some(most), Some("completed")) = (job.family.at_most, seen.state()) else { continue };
        tally.saw(seen);
        let total = seen.at("/pagination/total_items");
        let shown = seen.at("/data").as_array().map_or(0, Vec::len) as u64;
        if shown.max(total.as_u64().unwrap_or(0)) > most {
            let observed = format!("{shown} shown, {total} in all");
            tally.broke(seen, "too-many", format!("{most} at most"), observed).at("/data");
        }
    }
    tally
}

fn query_echo(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, seen) in history.all_reads() {
        let Some(query) = history.create(job).request().get("query") else { continue };
        // A read may do without it.
        let Some(shown) = seen.body().pointer(field::QUERY) else { continue };
        tally.saw(seen);
        if shown != query {
            tally
                .broke(seen, "differs", query.to_string(), shown.to_string())
                .at(field::QUERY)
                .after(history.create(job));
        }
    }
    tally
}

fn error_text(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, seen) in history.all_reads().filter(|(_, seen)| seen.state() == Some("failed")) {
        let known = job.family.error_texts;
        if known.is_empty() {
            continue;
        }
        tally.saw(seen);
        if !seen.text(field::ERROR).is_some_and(|text| known.contains(&text)) {
            let expected = format!("`{}`", known.join("` or `"));
            tally.broke(seen, "other-text", expected, seen.at(field::ERROR).to_string()).at(field::ERROR);
        }
    }
    tally
}

fn meta_empty(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        for list in history.lists(family) {
            tally.saw(list);
            if *list.at("/meta") != json!({}) {
                tally.broke(list, "not-empty", "{}", list.at("/meta").to_string()).at("/meta");
            }
        }
    }
    tally
}
