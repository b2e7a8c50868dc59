//! Extracts of a shop: how many of its products they read, and how the shop may be named.

use serde_json::Value;

use super::super::content::{of_shops, shop_counts};
use super::super::create;
use super::extracts;
use crate::history::History;
use crate::profile::catalog::host_of;
use crate::profile::field;
use crate::verdict::Tally;

pub(super) fn max_products(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs() {
        let create = history.create(job);
        let most = create.request().get("max_products").and_then(Value::as_u64).filter(|most| *most > 0);
        let Some(most) = most.filter(|_| create.request().get("vendor").is_some()) else { continue };
        tally.saw(create);
        let shown = history.reads(job).map(|seen| (seen, "/pagination/total_items", "too-many-read"));
        let counts = std::iter::once((create, "/meta/urls_to_process", "too-many-planned")).chain(shown);
        for (seen, pointer, reason) in counts {
            if seen.at(pointer).as_u64().is_some_and(|count| count > most) {
                let observed = seen.at(pointer).to_string();
                tally.broke(seen, reason, format!("at most {most}"), observed).at(pointer);
            }
        }
    }
    tally
}

pub(super) fn all_products(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in of_shops(history) {
        let create = history.create(job);
        if create.request().get("max_products").is_some() {
            continue;
        }
        // Before the crawl that it waits for is over, nobody knows how many there are.
        let waits = create.at(field::WAITING_FOR).is_string();
        let Some((_, known, planned)) = shop_counts(create).filter(|_| !waits) else { continue };
        tally.saw(create);
        if planned < known {
            let expected = format!("all {known} that are known");
            tally.broke(create, "fewer-planned", expected, planned.to_string()).at("/meta");
        }
        for seen in history.reads(job).filter(|seen| seen.state() == Some("completed")) {
            let total = seen.at(TOTAL).as_u64();
            if let Some(total) = total.filter(|total| *total < known) {
                let expected = format!("all {known} that were known");
                tally.broke(seen, "fewer-read", expected, total.to_string()).at(TOTAL).after(create);
            }
        }
    }
    tally
}

pub(super) fn vendor_normalized(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in extracts(history) {
        let Some(vendor) = seen.request().get("vendor").and_then(Value::as_str) else { continue };
        let known = history.jobs().iter().find(|job| {
            let url = history.create(job).request().get("url").and_then(Value::as_str);
            let over = history.first_terminal(job).filter(|end| end.id() < seen.id());
            url.is_some_and(|url| host_of(url) == host_of(vendor))
                && seen.credential() == Some(&job.owner)
                && over.is_some_and(|end| end.state() == Some("completed"))
                && create::has_something(history, job, seen)
        });
        let Some(known) = known.filter(|_| vendor != host_of(vendor)) else { continue };
        tally.saw(seen);
        if matches!(seen.status(), Some(400 | 404)) {
            let expected = format!("an extract of {}", host_of(vendor));
            tally.broke(seen, "spelling-refused", expected, seen.status_text()).after(history.create(known));
        }
    }
    tally
}

/// Where a page says how many items there are in all.
const TOTAL: &str = "/pagination/total_items";
