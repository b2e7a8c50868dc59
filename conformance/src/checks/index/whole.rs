//! Lists of the index put together from their pages.

use std::collections::BTreeMap;

use serde_json::Value;

use super::pages::{pages, same_list};
use super::{COLLECTIONS, LISTINGS, VENDORS, bare, vendor};
use crate::checks::paging::Page;
use crate::history::History;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// One list, as far as its pages show it. None of them was taken while the number of items changed.
pub(super) struct List<'a> {
    pages: Vec<Page<'a>>,
    total: u64,
}

/// Every list of an operation that was seen, and whether its number of items changed between pages.
fn lists<'a>(history: &'a History, operation: &'a str) -> Vec<(List<'a>, bool)> {
    let mut lists: Vec<(List<'a>, bool)> = Vec::new();
    for page in pages(history, operation) {
        let Some(total) = page.seen.at("/pagination/total_items").as_u64() else { continue };
        match lists.iter_mut().find(|(list, _)| same_list(list.pages[0].seen, page.seen)) {
            Some((list, changed)) => {
                *changed |= list.total != total;
                list.total = total;
                list.pages.push(page);
            }
            None => lists.push((List { pages: vec![page], total }, false)),
        }
    }
    lists
}

impl<'a> List<'a> {
    /// The first page that was seen.
    pub(super) fn first(&self) -> &'a Seen {
        self.pages[0].seen
    }

    /// The last page that was seen.
    pub(super) fn last(&self) -> &'a Seen {
        self.pages[self.pages.len() - 1].seen
    }

    /// How many items the list says it has.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Every item with its place, as the pages show them: later pages do not replace earlier ones.
    pub(super) fn items(&self) -> BTreeMap<u64, &'a Value> {
        let mut items = BTreeMap::new();
        for page in &self.pages {
            for (place, item) in page.placed() {
                items.entry(place).or_insert(item);
            }
        }
        items
    }

    /// The texts under `member` of all items, if every item was seen.
    pub(super) fn all(&self, member: &str) -> Option<Vec<&'a str>> {
        let items = self.items();
        let texts = items.values().filter_map(|item| item.get(member)?.as_str()).collect();
        (items.len() as u64 == self.total).then_some(texts)
    }

    /// The texts under `member` of all items that any page showed, if every place was seen. A page that was read twice
    /// may have shown other items the second time.
    fn ever(&self, member: &str) -> Option<Vec<&'a str>> {
        let placed = self.pages.iter().flat_map(|page| page.placed());
        let texts = placed.filter_map(|(_, item)| item.get(member)?.as_str()).collect();
        (self.items().len() as u64 == self.total).then_some(texts)
    }

    fn is_filtered(&self) -> bool {
        self.last().query("collection_url").is_some()
    }
}

/// The lists of an operation whose number of items stayed the same.
pub(super) fn settled<'a>(history: &'a History, operation: &'a str) -> impl Iterator<Item = List<'a>> {
    lists(history, operation).into_iter().filter(|(_, changed)| !changed).map(|(list, _)| list)
}

pub(super) fn partition(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (operation, member) in [(VENDORS, "vendor"), (COLLECTIONS, "id"), (LISTINGS, "id")] {
        for (list, changed) in lists(history, operation) {
            if changed {
                tally.block("a list changed while its pages were read");
                continue;
            }
            let (mut by_place, mut by_item) = (BTreeMap::new(), BTreeMap::new());
            for page in &list.pages {
                if list.pages.len() > 1 && !page.items.is_empty() {
                    tally.saw(page.seen);
                }
                for (place, item) in page.placed() {
                    let Some(item) = item.get(member).and_then(Value::as_str) else { continue };
                    let (there, earlier) = *by_place.entry(place).or_insert((item, page.seen));
                    if there != item {
                        let expected = format!("{there} at place {}, as before", place + 1);
                        tally.broke(page.seen, "not-a-partition", expected, item).at("/data").after(earlier);
                    }
                    let (first, earlier) = *by_item.entry(item).or_insert((place, page.seen));
                    if first != place {
                        let observed = format!("{item} at the places {} and {}", first + 1, place + 1);
                        tally
                            .broke(page.seen, "repeated", "every item once", observed)
                            .at("/data")
                            .after(earlier);
                    }
                }
            }
        }
    }
    tally
}

/// Each list of one collection's listings with the list of all the shop's listings and what the collection says of its
/// size, if it says one.
fn collected<'a>(history: &'a History, mut judge: impl FnMut(&List<'a>, &List<'a>, Option<u64>)) {
    let (filtered, whole): (Vec<List<'_>>, Vec<List<'_>>) =
        settled(history, LISTINGS).partition(List::is_filtered);
    let collections: Vec<_> = settled(history, COLLECTIONS).collect();
    for part in &filtered {
        let (seen, url) = (part.last(), part.last().query("collection_url"));
        let of_shop = |other: &&List<'_>| {
            other.last().credential() == seen.credential() && vendor(other.last()) == vendor(seen)
        };
        let items = collections.iter().filter(of_shop).flat_map(|list| list.items().into_values());
        let mut same = items.filter(|item| item.get("url").and_then(Value::as_str) == url);
        let said = same.find_map(|item| item.get("products_total")?.as_u64());
        if let Some(whole) = whole.iter().find(of_shop) {
            judge(part, whole, said);
        }
    }
}

pub(super) fn collection_filter(history: &History) -> Tally {
    let mut tally = Tally::default();
    let mut everything = Vec::new();
    collected(history, |part, whole, said| {
        let seen = part.last();
        let is_whole = part.total() >= whole.total();
        // A collection that does not say its size may have everything.
        if said.map_or(is_whole, |said| said >= whole.total()) {
            return;
        }
        tally.saw(seen);
        everything.push((seen, is_whole, whole.total(), whole.last(), said));
        let Some(known) = whole.ever("id") else { return };
        let items = part.items();
        let ids = items.values().filter_map(|item| item.get("id")?.as_str());
        if let Some(stranger) = ids.into_iter().find(|id| !known.contains(id)) {
            let expected = "only listings that the shop has without a collection too";
            tally.broke(seen, "filter-outside", expected, stranger).at("/data").after(whole.last());
        }
    });
    // One collection may have everything, whatever it says of its size; two of them say that nobody filters.
    let is_ignored = everything.len() > 1 && everything.iter().all(|(_, is_whole, ..)| *is_whole);
    for (seen, _, total, whole, said) in everything.into_iter().filter(|_| is_ignored) {
        let said = said.map_or_else(String::new, |said| format!(": the collection says {said}"));
        let expected = format!("fewer than all {total} listings{said}");
        let observed = seen.at("/pagination/total_items").to_string();
        let finding = tally.broke(seen, "filter-ignored", expected, observed);
        finding.at("/pagination/total_items").after(whole);
    }
    tally
}

pub(super) fn collection_counts(history: &History) -> Tally {
    let mut tally = Tally::default();
    collected(history, |part, _, said| {
        let Some(said) = said else { return };
        tally.saw(part.last());
        if part.total() != said {
            let expected = format!("{said} listings, as the collection says");
            let observed = part.total().to_string();
            tally.broke(part.last(), "count-differs", expected, observed).at("/pagination/total_items");
        }
    });
    tally
}

pub(super) fn extract_listed(history: &History) -> Tally {
    let mut tally = Tally::default();
    let whole: Vec<_> = settled(history, LISTINGS).filter(|list| !list.is_filtered()).collect();
    for (job, seen) in history.all_reads().filter(|(job, seen)| job.family.paged && seen.is_success()) {
        let Some(shop) = history.create(job).request().get("vendor").and_then(Value::as_str) else {
            continue;
        };
        let Some(items) = seen.at("/data").as_array().filter(|items| !items.is_empty()) else { continue };
        let of_shop = |list: &&List<'_>| {
            list.last().credential() == Some(&job.owner) && vendor(list.last()) == Some(bare(shop))
        };
        let listed = whole.iter().find(of_shop).and_then(|list| Some((list.last(), list.all("url")?)));
        let Some((list, listed)) = listed else { continue };
        tally.saw(seen);
        let read = items.iter().filter_map(|item| item.get("url")?.as_str());
        if let Some(stranger) = read.into_iter().find(|url| !listed.contains(url)) {
            tally
                .broke(seen, "not-listed", "addresses of the shop's listings", stranger)
                .at("/data")
                .after(list);
        }
    }
    tally
}
