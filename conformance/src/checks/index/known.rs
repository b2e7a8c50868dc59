//! What the items of the index say, by themselves and beside what a crawl found.

use jiff::Timestamp;
use serde_json::Value;

use super::pages::pages;
use super::whole::settled;
use super::{COLLECTIONS, LISTINGS, VENDORS, bare, vendor};
use crate::history::History;
use crate::history::seen::Seen;
use crate::profile::{field, is_terminal};
use crate::verdict::Tally;

const CRAWL: &str = "catalog.crawl.create";

/// What the one completed crawl of a shop found before `moment`, as `owner` saw it end; none while another crawl of the
/// shop may change it.
fn found<'a>(history: &'a History, owner: Option<&str>, shop: &str, moment: &Seen) -> Option<&'a Seen> {
    let crawls = history.jobs().iter().filter(|job| {
        let create = history.create(job);
        let url = create.request().get("url").and_then(Value::as_str);
        job.family.create == CRAWL
            && Some(job.owner.as_str()) == owner
            && url.is_some_and(|url| bare(url) == shop)
            && create.id() < moment.id()
    });
    let mut completed = None;
    for job in crawls {
        let end = history.first_terminal(job).filter(|end| end.id() < moment.id())?;
        if end.state() == Some("completed") && completed.replace(end).is_some() {
            return None;
        }
    }
    completed
}

/// The host of every shop that was crawled.
fn crawled(history: &History) -> Vec<String> {
    let over = history.jobs().iter().filter(|job| job.family.create == CRAWL);
    let over = over.filter(|job| history.reads(job).any(|seen| seen.state().is_some_and(is_terminal)));
    let mut hosts: Vec<String> =
        over.filter_map(|job| history.create(job).request().get("url")?.as_str().map(bare)).collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

/// The names of a shop's count and time on the page itself, and in the guides.
const READINGS: [[&str; 2]; 2] =
    [["listings_count", "last_updated_by_catalog"], ["product_count", "latest_product_update_by_catalog"]];

pub(super) fn vendor_members(history: &History) -> Tally {
    let mut tally = Tally::default();
    for page in pages(history, VENDORS) {
        for (index, item) in page.items.iter().enumerate() {
            tally.saw(page.seen);
            let is_named = item.get("vendor").is_some_and(Value::is_string);
            let whole = |[count, time]: &[&str; 2]| {
                item.get(count).is_some_and(Value::is_u64)
                    && item.get(time).is_some_and(|time| time.is_string() || time.is_null())
            };
            if !is_named || !READINGS.iter().any(whole) {
                let expected = "vendor, and either listings_count and last_updated_by_catalog or product_count and \
                                latest_product_update_by_catalog";
                tally.broke(page.seen, "members", expected, item.to_string()).at(format!("/data/{index}"));
            }
        }
    }
    tally
}

pub(super) fn meta_empty(history: &History) -> Tally {
    let mut tally = Tally::default();
    for page in pages(history, VENDORS) {
        tally.saw(page.seen);
        if !page.seen.at("/meta").as_object().is_some_and(serde_json::Map::is_empty) {
            tally.broke(page.seen, "not-empty", "{}", page.seen.at("/meta").to_string()).at("/meta");
        }
    }
    tally
}

pub(super) fn crawled_vendor(history: &History) -> Tally {
    let mut tally = Tally::default();
    for list in settled(history, VENDORS) {
        let seen = list.last();
        let Some(listed) = list.all("vendor") else { continue };
        for host in crawled(history) {
            let first = list.first();
            let Some(end) = found(history, seen.credential(), &host, first) else { continue };
            if end.at(field::RESULT).get("listings_total").and_then(Value::as_u64) == Some(0) {
                continue;
            }
            tally.saw(seen);
            if !listed.iter().any(|vendor| bare(vendor) == host) {
                let expected = format!("{host}, whose crawl has completed");
                tally
                    .broke(seen, "absent", expected, format!("{} other shops", listed.len()))
                    .at("/data")
                    .after(end);
            }
        }
    }
    tally
}

pub(super) fn crawl_totals(history: &History) -> Tally {
    let mut tally = Tally::default();
    for page in pages(history, VENDORS) {
        for (index, item) in page.items.iter().enumerate() {
            let Some(host) = item.get("vendor").and_then(Value::as_str).map(bare) else { continue };
            for (count, total) in
                [("listings_count", "listings_total"), ("collections_count", "collections_total")]
            {
                let pointer = format!("/data/{index}/{count}");
                agree(history, page.seen, &host, &pointer, total, &mut tally);
            }
        }
    }
    for (operation, total) in [(COLLECTIONS, "collections_total"), (LISTINGS, "listings_total")] {
        for page in pages(history, operation).filter(|page| page.seen.query("collection_url").is_none()) {
            let Some(host) = vendor(page.seen) else { continue };
            agree(history, page.seen, &host, "/pagination/total_items", total, &mut tally);
        }
    }
    tally
}

/// Compares a number of the index with the total a crawl of the shop has shown.
fn agree(history: &History, seen: &Seen, host: &str, pointer: &str, total: &str, tally: &mut Tally) {
    let Some(end) = found(history, seen.credential(), host, seen) else { return };
    let (shown, expected) = (seen.at(pointer), end.at(field::RESULT).get(total));
    let Some(expected) = expected.filter(|_| shown.is_u64()) else { return };
    tally.saw(seen);
    if shown != expected {
        let expected = format!("{expected}, the {total} of the crawl");
        tally.broke(seen, "differs", expected, shown.to_string()).at(pointer).after(end);
    }
}

pub(super) fn listings_of_vendor(history: &History) -> Tally {
    let mut tally = Tally::default();
    for page in pages(history, LISTINGS) {
        let Some(asked) = vendor(page.seen) else { continue };
        for (index, item) in page.items.iter().enumerate() {
            tally.saw(page.seen);
            let shown = item.get("vendor").and_then(Value::as_str).unwrap_or_default();
            if bare(shown) != asked {
                tally.broke(page.seen, "foreign", asked.clone(), shown).at(format!("/data/{index}/vendor"));
            }
        }
    }
    tally
}

/// The pages of collections that all say how many products they have, with these numbers.
fn sizes(history: &History) -> impl Iterator<Item = (&Seen, Vec<u64>)> {
    pages(history, COLLECTIONS).filter_map(|page| {
        let sizes = page.items.iter().map(|item| item.get("products_total")?.as_u64());
        Some((page.seen, sizes.collect::<Option<Vec<_>>>()?))
    })
}

/// Whether numbers fall or rise all along. Which of the two the page means it does not say.
fn is_ordered(sizes: &[u64]) -> bool {
    sizes.is_sorted() || sizes.iter().rev().is_sorted()
}

pub(super) fn collections_ordered(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, sizes) in sizes(history).filter(|(_, sizes)| sizes.len() > 2) {
        tally.saw(seen);
        if !is_ordered(&sizes) {
            let observed: Vec<_> = sizes.iter().take(20).map(u64::to_string).collect();
            let expected = "numbers that rise or fall all along";
            tally.broke(seen, "not-ordered", expected, observed.join(", ")).at("/data");
        }
    }
    tally
}

pub(super) fn highest_first(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, sizes) in sizes(history).filter(|(_, sizes)| is_ordered(sizes)) {
        let (Some(first), Some(last)) = (sizes.first(), sizes.last()) else { continue };
        if first == last {
            continue;
        }
        tally.saw(seen);
        if first < last {
            tally
                .broke(seen, "lowest-first", "the highest number first", format!("{first} first"))
                .at("/data");
        }
    }
    tally
}

pub(super) fn first_seen(history: &History) -> Tally {
    let mut tally = Tally::default();
    for page in pages(history, LISTINGS) {
        for (index, item) in page.items.iter().enumerate() {
            let time = |name| item.get(name)?.as_str()?.parse::<Timestamp>().ok();
            let (Some(first), Some(last)) = (time("first_seen_by_catalog"), time("last_updated_by_catalog"))
            else {
                continue;
            };
            tally.saw(page.seen);
            if last < first {
                let expected = format!("no earlier than {first}");
                let pointer = format!("/data/{index}/last_updated_by_catalog");
                tally.broke(page.seen, "updated-before-seen", expected, last.to_string()).at(pointer);
            }
        }
    }
    tally
}
