//! Pages of a completed run's results: they add up to the whole and describe themselves.

use fixtures::contract::Level::{Must, Should};
use serde_json::Value;

use super::{Check, Cost};
use crate::history::seen::Seen;
use crate::history::{History, Job};
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "page.partition",
        title: "The pages of a result, one after the other, are the whole result",
        level: Must,
        cost: Cost::Read,
        clauses: &[
            "catalog.extract.get.items-in-order",
            "catalog.extract.get.pagination",
            "catalog.agentic-search.get.pagination",
        ],
        needs: "every page of a result in one size, and the result in one page",
        judge: partition,
    },
    Check {
        id: "page.meta",
        title: "A page of results says which it is and what comes before and after",
        level: Must,
        cost: Cost::Read,
        clauses: &["catalog.extract.get.pagination", "catalog.agentic-search.get.pagination"],
        needs: "a page of the results of a completed run",
        judge: meta,
    },
    Check {
        id: "page.size-bounds",
        title: "Pages hold 1 to 100 results as asked for, and 50 unless asked",
        level: Must,
        cost: Cost::Read,
        clauses: &["catalog.extract.get.page-size", "catalog.agentic-search.get.page-size"],
        needs: "pages of the smallest, the greatest and the default size",
        judge: size_bounds,
    },
    Check {
        id: "page.past-end",
        title: "A page past the end is empty or refused",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.extract.get.past-the-end"],
        needs: "a read of a page past the end of a result",
        judge: past_end,
    },
];

const GREATEST: u64 = 100;
const DEFAULT: u64 = 50;

/// A completed read as a page: what was asked for and what came.
struct Page<'a> {
    seen: &'a Seen,
    number: u64,
    size: u64,
    items: &'a [Value],
}

fn pages<'a>(history: &'a History, job: &'a Job) -> impl Iterator<Item = Page<'a>> {
    let completed = history.reads(job).filter(|seen| seen.state() == Some("completed"));
    completed.filter(|_| job.family.paged).filter_map(|seen| {
        let number = |name, default| seen.query(name).map_or(Some(default), |text| text.parse::<u64>().ok());
        let (number, size) = (number("page", 1)?, number("page_size", DEFAULT)?);
        let items = seen.at("/data").as_array()?;
        (number >= 1 && (1..=GREATEST).contains(&size)).then_some(Page { seen, number, size, items })
    })
}

fn partition(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs() {
        let all: Vec<_> = pages(history, job).collect();
        let fits = |page: &&Page| page.number == 1 && (page.items.len() as u64) < page.size;
        let Some(whole) = all.iter().filter(fits).max_by_key(|page| page.size) else { continue };
        for size in 1..whole.size {
            let mut parts: Vec<_> = all.iter().filter(|page| page.size == size).collect();
            parts.sort_by_key(|page| page.number);
            parts.dedup_by_key(|page| page.number);
            let needed = (whole.items.len() as u64).div_ceil(size);
            let complete = (1..=needed).all(|number| parts.iter().any(|page| page.number == number));
            if needed < 2 || !complete {
                continue;
            }
            let last = parts[parts.len() - 1].seen;
            tally.saw(last);
            let joined: Vec<_> = parts.iter().flat_map(|page| page.items).collect();
            if joined.iter().copied().ne(whole.items) {
                let expected = format!("the {} results of the whole, in order", whole.items.len());
                let observed = format!("{} results, or others, in pages of {size}", joined.len());
                let finding = tally.broke(last, "not-a-partition", expected, observed);
                finding.at("/data");
                finding.exchanges =
                    parts.iter().map(|page| page.seen.id()).chain([whole.seen.id()]).collect();
            }
        }
    }
    tally
}

fn meta(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs() {
        for Page { seen, number, size, items } in pages(history, job) {
            tally.saw(seen);
            let Some(total) = seen.at("/pagination/total_items").as_u64() else {
                let observed = seen.at("/pagination").to_string();
                tally.broke(seen, "no-total", "a number of results", observed).at("/pagination/total_items");
                continue;
            };
            let pages = total.div_ceil(size);
            let documented = [
                ("/pagination/page", serde_json::json!(number)),
                ("/pagination/page_size", serde_json::json!(size)),
                ("/pagination/total_pages", serde_json::json!(pages)),
                ("/pagination/has_next", serde_json::json!(number < pages)),
            ];
            for (pointer, expected) in documented {
                // Nothing says how many pages an empty result has.
                let open = total == 0 && pointer == "/pagination/total_pages";
                if !open && *seen.at(pointer) != expected {
                    tally.broke(seen, "meta", expected.to_string(), seen.at(pointer).to_string()).at(pointer);
                }
            }
            if number <= pages.max(1) && *seen.at("/pagination/has_prev") != serde_json::json!(number > 1) {
                let observed = seen.at("/pagination/has_prev").to_string();
                tally.broke(seen, "meta", (number > 1).to_string(), observed).at("/pagination/has_prev");
            }
            let expected = total.saturating_sub((number - 1).saturating_mul(size)).min(size);
            if items.len() as u64 != expected {
                let expected = format!("{expected} of {total} results on page {number} of size {size}");
                tally.broke(seen, "length", expected, items.len().to_string()).at("/data");
            }
        }
    }
    tally
}

fn size_bounds(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs().iter().filter(|job| job.family.paged) {
        let own = |seen: &&Seen| seen.run() == Some(&job.id) && seen.credential() == Some(&job.owner);
        for seen in history.of(job.family.get).filter(own) {
            let Some(size) = seen.query("page_size").and_then(|size| size.parse::<u64>().ok()) else {
                if *seen.at("/pagination/page_size") != Value::Null && seen.query("page_size").is_none() {
                    tally.saw(seen);
                    if *seen.at("/pagination/page_size") != serde_json::json!(DEFAULT) {
                        let observed = seen.at("/pagination/page_size").to_string();
                        tally
                            .broke(seen, "default", DEFAULT.to_string(), observed)
                            .at("/pagination/page_size");
                    }
                }
                continue;
            };
            // Nothing says what becomes of sizes outside the bounds.
            if !(1..=GREATEST).contains(&size) {
                continue;
            }
            tally.saw(seen);
            if !seen.is_success() {
                let observed = seen.status_text();
                tally.broke(seen, "refused", format!("200 for page_size={size}"), observed);
            }
        }
    }
    tally
}

fn past_end(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs().iter().filter(|job| job.family.paged) {
        let total = pages(history, job).find_map(|page| page.seen.at("/pagination/total_items").as_u64());
        let Some(total) = total else { continue };
        let own = |seen: &&Seen| seen.run() == Some(&job.id) && seen.credential() == Some(&job.owner);
        for seen in history.of(job.family.get).filter(own) {
            let number =
                |name, default| seen.query(name).map_or(Some(default), |text| text.parse::<u64>().ok());
            let (Some(page), Some(size)) = (number("page", 1), number("page_size", DEFAULT)) else {
                continue;
            };
            if page <= 1 || page.saturating_sub(1).saturating_mul(size) < total {
                continue;
            }
            tally.saw(seen);
            let empty = seen.at("/data").as_array().is_none_or(Vec::is_empty);
            let refused = matches!(seen.status(), Some(400 | 404));
            if !(refused || seen.is_success() && empty) {
                let observed = format!("{} with {}", seen.status().unwrap_or_default(), seen.at("/data"));
                tally.broke(seen, "not-empty", "an empty page, or 400 or 404", observed).at("/data");
            }
        }
    }
    tally
}
