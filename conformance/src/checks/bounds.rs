//! Bounds: the least and the most are accepted, and what lies beyond is not.

use fixtures::contract::Level::{Must, Should};
use serde_json::Value;

use super::lists::has_documented_bounds;
use super::{Check, Cost, create, validation};
use crate::history::History;
use crate::history::seen::Seen;
use crate::profile::Family;
use crate::profile::catalog::COUNTRIES;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "err.boundary-valid",
        title: "The least and the most of every bounded value are accepted",
        level: Must,
        cost: Cost::Job,
        clauses: &[
            "catalog.extract.create.urls-limit",
            "catalog.extract.create.urls-not-empty",
            "catalog.extract.create.max-products",
            "catalog.extract.list.page-size-bounds",
            "catalog.extract.get.page-size",
            "catalog.agentic-search.get.page-size",
            "catalog.crawl.list.filter",
            "catalog.extract.list.filter",
            "catalog.agentic-search.list.filter",
        ],
        needs: "a request with a value at one of its bounds",
        judge: boundary_valid,
    },
    Check {
        id: "list.filter-unknown",
        title: "A filter that is none of the three is refused, and does not list everything",
        level: Should,
        cost: Cost::Read,
        clauses: &[
            "catalog.crawl.list.filter-unknown",
            "catalog.extract.list.filter-unknown",
            "catalog.agentic-search.list.filter-unknown",
        ],
        needs: "a list with a filter that no page names, and one with a filter that is named",
        judge: filter_unknown,
    },
    Check {
        id: "list.size-bounds",
        title: "A list size outside 1 to 100 is refused",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.crawl.list.page-size-bounds", "catalog.agentic-search.list.page-size-bounds"],
        needs: "a list with a size outside its bounds, and one with a size within",
        judge: list_size,
    },
    Check {
        id: "page.bounds",
        title: "A page below one, or a page size outside 1 to 100, is refused",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.extract.get.page-bounds", "catalog.agentic-search.get.page-bounds"],
        needs: "a read of a page outside the bounds, and one of a page within",
        judge: page_bounds,
    },
];

const FILTERS: [&str; 3] = ["processing", "completed", "failed"];

fn boundary_valid(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in history.judged().filter(|seen| seen.has_good_key()) {
        let family = seen.operation().and_then(|operation| history.profile.family_of(operation));
        let Some(family) = family else { continue };
        let Some(reason) = at_bound(history, family, seen) else { continue };
        if history.is_turned_away(seen) {
            continue;
        }
        match seen.status().unwrap_or_default() {
            200..300 => {
                tally.saw(seen);
                if reason == MOST_URLS {
                    tally.reading(URLS_LIMIT, 0, seen);
                }
            }
            // The welcome page says fifty. That is the limit if one more is refused as well.
            400 if reason == MOST_URLS && refuses_more_than_fifty(history, family) == Some(true) => {
                tally.reading(URLS_LIMIT, 1, seen);
            }
            400 if reason == MOST_URLS && refuses_more_than_fifty(history, family).is_none() => {
                tally.block("the most addresses were refused, and whether the limit is fifty was not tried");
            }
            // Out of credits, no right, in the way of another: not this check's business.
            402 | 403 | 409 | 500.. => {
                tally.block(format!("a value at its bound was answered {}", seen.status_text()));
            }
            _ => {
                let observed = seen.status_text();
                tally.broke(seen, reason, "a value at its bound is accepted", observed);
            }
        }
    }
    tally
}

const MOST_URLS: &str = "most-urls";
const URLS_LIMIT: &str = "catalog.extract.create.urls-limit";

/// The most addresses that may be given according to the welcome page.
pub(super) const FIFTY: usize = 50;

/// Whether more than fifty addresses, but not more than the endpoint's page allows, were refused; `None` if nobody
/// tried.
fn refuses_more_than_fifty(history: &History, family: &Family) -> Option<bool> {
    let between = history.of(family.create).filter(|seen| {
        let count = seen.request().get("urls").and_then(Value::as_array).map_or(0, Vec::len);
        seen.has_good_key() && count > FIFTY && family.most_urls.is_some_and(|most| count < most)
    });
    let refused: Vec<bool> = between.map(|seen| seen.status() == Some(400)).collect();
    (!refused.is_empty()).then(|| refused.into_iter().all(|refused| refused))
}

/// Which bound a request touches, as the reason code of refusing it.
fn at_bound(history: &History, family: &'static Family, seen: &Seen) -> Option<&'static str> {
    if seen.is(family.create) {
        let body = seen.request();
        if seen.is_malformed() || validation::mistake(history, family, seen).is_some() {
            return None;
        }
        let urls = body.get("urls").and_then(Value::as_array).map(Vec::len);
        let country = body.get("country_code").and_then(Value::as_str);
        // An extract of a shop depends on that shop's crawl, so only one that names it is certain.
        let shop = body.get("crawl_id").and_then(Value::as_str).and_then(|id| history.job(id));
        return match (urls, country) {
            (Some(_), Some(country)) if COUNTRIES.contains(&country) => Some("country"),
            (Some(1), _) => Some("one-url"),
            (Some(count), _) if family.most_urls == Some(count) => Some(MOST_URLS),
            (Some(FIFTY), _) => Some("fifty-urls"),
            (None, _)
                if shop.is_some_and(|crawl| create::has_something(history, crawl, seen))
                    && body.get("max_products") == Some(&Value::from(1)) =>
            {
                Some("max-products-1")
            }
            _ => None,
        };
    }
    let size = seen.query("page_size");
    if seen.is(family.list) {
        return match (size, seen.query("status")) {
            // Where no page says which sizes are good, it may be the size that is refused.
            (Some(_), Some(_)) if !has_documented_bounds(history, family) => None,
            (_, Some(status)) if FILTERS.contains(&status) => Some("filter"),
            (Some("1"), None) => Some("list-size-1"),
            // Only the page on extracts says what the most is.
            (Some("100"), None) if family.name == "extract" => Some("list-size-100"),
            _ => None,
        };
    }
    let own =
        seen.run().and_then(|id| history.job(id)).is_some_and(|job| seen.credential() == Some(&job.owner));
    if !seen.is(family.get) || !own || !family.paged {
        return None;
    }
    // A page past the end may be refused for that.
    if seen.query("page").is_some_and(|page| page != "1") {
        return None;
    }
    match size {
        Some("1") => Some("page-size-1"),
        Some("100") => Some("page-size-100"),
        _ => None,
    }
}

/// Expects 400 with the code `VALIDATION_ERROR`.
fn refused(tally: &mut Tally, seen: &Seen, reason: &'static str) {
    tally.saw(seen);
    if seen.status() != Some(400) {
        tally.broke(seen, reason, "400", seen.status_text());
    } else if seen.text("/error/code").is_some_and(|code| code != "VALIDATION_ERROR") {
        let observed = seen.at("/error/code").to_string();
        tally.broke(seen, "code", "VALIDATION_ERROR", observed).at("/error/code");
    }
}

fn filter_unknown(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        let lists = || history.of(family.list).filter(|seen| seen.has_good_key());
        let known = |seen: &Seen| seen.query("status").is_some_and(|status| FILTERS.contains(&status));
        for seen in lists().filter(|seen| seen.query("status").is_some() && !known(seen)) {
            refused(&mut tally, seen, "accepted");
            if !lists().any(|seen| known(seen) && seen.is_success()) {
                tally.block("no filter was accepted, so refusing one proves nothing");
            }
        }
    }
    tally
}

/// Why a number is out of bounds, as a reason code; `None` within.
fn beyond(value: &str, most: u64, reasons: [&'static str; 3]) -> Option<&'static str> {
    match value.parse::<u64>() {
        Err(_) => Some(reasons[0]),
        Ok(0) => Some(reasons[1]),
        Ok(number) if number > most => Some(reasons[2]),
        Ok(_) => None,
    }
}

const SIZES: [&str; 3] = ["size-no-number", "size-zero", "size-above-most"];
const PAGES: [&str; 3] = ["page-no-number", "page-zero", "page-above-most"];
const MOST: u64 = 100;

fn list_size(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        let lists = || history.of(family.list).filter(|seen| seen.has_good_key());
        for seen in lists() {
            let Some(reason) = seen.query("page_size").and_then(|size| beyond(size, MOST, SIZES)) else {
                continue;
            };
            refused(&mut tally, seen, reason);
            let within =
                |seen: &Seen| seen.query("page_size").is_some_and(|size| beyond(size, MOST, SIZES).is_none());
            if !lists().any(|seen| within(seen) && seen.is_success()) {
                tally.block("no size was accepted, so refusing one proves nothing");
            }
        }
    }
    tally
}

fn page_bounds(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs().iter().filter(|job| job.family.paged) {
        let own = |seen: &&Seen| seen.run() == Some(&job.id) && seen.credential() == Some(&job.owner);
        for seen in history.of(job.family.get).filter(own) {
            let size = seen.query("page_size").and_then(|size| beyond(size, MOST, SIZES));
            let page = seen.query("page").and_then(|page| beyond(page, u64::MAX, PAGES));
            let Some(reason) = page.or(size) else { continue };
            refused(&mut tally, seen, reason);
            if !history.reads(job).any(|seen| seen.query("page_size").is_some()) {
                tally.block("no page was shown, so refusing one proves nothing");
            }
        }
    }
    tally
}

#[cfg(test)]
mod tests;
