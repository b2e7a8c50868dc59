//! Single pages of the index: what they say of themselves.

use serde_json::json;

use super::{COLLECTIONS, LISTINGS, VENDORS, answers, is_fault_found, vendor};
use crate::checks::paging::{Page, asked};
use crate::history::History;
use crate::history::seen::Seen;
use crate::verdict::Tally;

const USAGE: &str = "catalog.usage.get";

/// The size of a page where none is asked for.
const DEFAULT: u64 = 20;

/// The good answers of an operation as pages.
pub(super) fn pages<'a>(history: &'a History, operation: &'a str) -> impl Iterator<Item = Page<'a>> {
    answers(history, operation).filter(|seen| seen.is_success()).filter_map(|seen| Page::of(seen, DEFAULT))
}

pub(super) fn vendor_required(history: &History) -> Tally {
    let mut tally = Tally::default();
    for operation in [COLLECTIONS, LISTINGS] {
        for seen in answers(history, operation).filter(|seen| seen.query("vendor").is_none()) {
            tally.saw(seen);
            if seen.status() != Some(400) {
                tally.broke(seen, "not-400", "400 without a vendor", seen.status_text());
            }
        }
        if !answers(history, operation).any(|seen| vendor(seen).is_some() && seen.is_success()) {
            tally.block(format!("{operation} was not answered with a vendor either"));
        }
    }
    tally
}

pub(super) fn size(history: &History) -> Tally {
    let mut tally = Tally::default();
    for operation in [VENDORS, COLLECTIONS, LISTINGS, USAGE] {
        let complete = |seen: &&Seen| operation == VENDORS || operation == USAGE || vendor(seen).is_some();
        for seen in answers(history, operation).filter(complete) {
            let Some((number, size)) = asked(seen, DEFAULT) else { continue };
            // Another page may lie past the end, and be refused for that.
            let total = answers(history, operation)
                .filter(|other| same_list(other, seen))
                .find_map(|other| other.at("/pagination/total_items").as_u64());
            let is_past_end = total.is_none_or(|total| (number - 1).saturating_mul(size) >= total);
            if number > 1 && is_past_end && !seen.is_success() {
                continue;
            }
            // A shop may be unknown to the server; a list that was shown once is not.
            let is_known = seen.query("vendor").is_none()
                || answers(history, operation).any(|other| same_list(other, seen) && other.is_success());
            let is_answered = seen.is_success() || is_fault_found(seen) && is_known;
            if !is_answered {
                tally.block(format!("{operation} was not answered with success"));
                continue;
            }
            tally.saw(seen);
            if !seen.is_success() {
                let expected = format!("200 for a page of {size}");
                tally.broke(seen, "refused", expected, seen.status_text());
                continue;
            }
            let said = seen.at("/pagination/page_size");
            if seen.query("page_size").is_none() && *said != json!(DEFAULT) {
                let (expected, observed) = (DEFAULT.to_string(), said.to_string());
                tally.broke(seen, "default", expected, observed).at("/pagination/page_size");
            }
            let shown = seen.at("/data").as_array().map_or(0, Vec::len);
            if shown as u64 > size {
                let expected = format!("at most {size} items");
                tally.broke(seen, "too-many", expected, shown.to_string()).at("/data");
            }
        }
    }
    tally
}

pub(super) fn meta(history: &History) -> Tally {
    let mut tally = Tally::default();
    for operation in [VENDORS, COLLECTIONS, LISTINGS, USAGE] {
        for page in pages(history, operation) {
            page.describes_itself("items", &mut tally);
        }
    }
    tally
}

pub(super) fn past_end(history: &History) -> Tally {
    let mut tally = Tally::default();
    for operation in [VENDORS, COLLECTIONS, LISTINGS] {
        for seen in answers(history, operation) {
            let Some((number, size)) = asked(seen, DEFAULT) else { continue };
            let alike = |page: &Page<'_>| page.number == 1 && same_list(page.seen, seen);
            let first = pages(history, operation).find(alike);
            let total = first.and_then(|page| page.seen.at("/pagination/total_items").as_u64());
            let Some(total) = total.filter(|total| (number - 1).saturating_mul(size) >= *total) else {
                continue;
            };
            if number == 1 {
                continue;
            }
            tally.saw(seen);
            let empty = seen.at("/data").as_array().is_some_and(Vec::is_empty);
            let refused = matches!(seen.status(), Some(400 | 404));
            if !(refused || seen.is_success() && empty) {
                let observed = format!("{} with {} past {total} items", seen.status_text(), seen.at("/data"));
                tally.broke(seen, "not-empty", "an empty page, or 400 or 404", observed).at("/data");
            }
        }
    }
    tally
}

/// Whether two requests ask for pages of the same list.
pub(super) fn same_list(one: &Seen, other: &Seen) -> bool {
    let list = |seen: &Seen| {
        let text = |name| seen.query(name).map(str::to_owned);
        (seen.credential().map(str::to_owned), text("vendor"), text("collection_url"))
    };
    one.operation() == other.operation() && list(one) == list(other)
}
