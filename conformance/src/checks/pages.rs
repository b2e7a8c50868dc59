//! Pages of a completed run's results: they add up to the whole and describe themselves.

use std::collections::BTreeSet;

use fixtures::contract::Level::{Must, Should};
use serde_json::Value;

use super::paging::{GREATEST, Page};
use super::{Check, Cost};
use crate::history::seen::Seen;
use crate::history::{History, Job};
use crate::profile::is_terminal;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "page.partition",
        title: "The pages of a result, one after the other, are the whole result",
        level: Must,
        cost: Cost::Read,
        clauses: &["catalog.extract.get.pagination", "catalog.agentic-search.get.pagination"],
        needs: "every page of a result in one size, and the result in one page",
        judge: |history| partition(history, false),
    },
    Check {
        id: "page.order",
        title: "Results keep their order from page to page",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.extract.get.items-in-order"],
        needs: "every page of a result in one size, and the result in one page",
        judge: |history| partition(history, true),
    },
    Check {
        id: "page.stable",
        title: "A run that is started between two looks at a page of results changes nothing in it",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.extract.get.items-in-order", "catalog.execution.terminal-stays"],
        needs: "one page of a result twice, and a create of the same kind in between",
        judge: stable,
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
    Check {
        id: "page.ignored-early",
        title: "While there are no results, a page and its size change nothing",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.extract.get.page-ignored", "catalog.agentic-search.get.page-ignored"],
        needs: "a read of a page between two plain reads of a run that was under way all the while",
        judge: ignored_early,
    },
];

/// The size of a page where none is asked for.
const DEFAULT: u64 = 50;

/// The completed reads of a run as pages.
fn pages<'a>(history: &'a History, job: &'a Job) -> impl Iterator<Item = Page<'a>> {
    let completed = history.reads(job).filter(|seen| seen.state() == Some("completed"));
    completed.filter(|_| job.family.paged).filter_map(|seen| Page::of(seen, DEFAULT))
}

/// Joins the pages of one size: the same results as in the whole, or (`ordered`) the same in the same order.
fn partition(history: &History, ordered: bool) -> Tally {
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
            let text = |items: &[&Value]| -> Vec<String> { items.iter().map(ToString::to_string).collect() };
            let (mut found, mut expected) = (text(&joined), text(&whole.items.iter().collect::<Vec<_>>()));
            if ordered {
                // Other results are no matter of order.
                if found.iter().collect::<BTreeSet<_>>() != expected.iter().collect::<BTreeSet<_>>() {
                    continue;
                }
            } else {
                found.sort_unstable();
                expected.sort_unstable();
            }
            if found != expected {
                let expected = format!("the {} results of the whole", whole.items.len());
                let observed = format!("{} results, or others, in pages of {size}", joined.len());
                let reason = if ordered { "other-order" } else { "not-a-partition" };
                let finding = tally.broke(last, reason, expected, observed);
                finding.at("/data");
                finding.exchanges =
                    parts.iter().map(|page| page.seen.id()).chain([whole.seen.id()]).collect();
            }
        }
    }
    tally
}

fn stable(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs() {
        let all: Vec<_> = pages(history, job).collect();
        for (at, page) in all.iter().enumerate() {
            let same = |other: &&Page<'_>| other.number == page.number && other.size == page.size;
            let Some(earlier) = all[..at].iter().find(same) else { continue };
            if history.jobs_between(job.family, earlier.seen, page.seen) == 0 {
                continue;
            }
            tally.saw(page.seen);
            if earlier.items != page.items {
                let expected = "the same results as before the other run was started";
                tally
                    .broke(page.seen, "shifted", expected, format!("{} others", page.items.len()))
                    .at("/data")
                    .after(earlier.seen);
            }
        }
    }
    tally
}

fn meta(history: &History) -> Tally {
    let mut tally = Tally::default();
    for page in history.jobs().iter().flat_map(|job| pages(history, job)) {
        page.describes_itself("results", &mut tally);
    }
    tally
}

fn size_bounds(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs().iter().filter(|job| job.family.paged) {
        let own = |seen: &&Seen| seen.run() == Some(&job.id) && seen.credential() == Some(&job.owner);
        let total = pages(history, job).find_map(|page| page.seen.at("/pagination/total_items").as_u64());
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
            // Nothing says what becomes of sizes outside the bounds, or of pages past the end.
            if !(1..=GREATEST).contains(&size) || is_past_end(seen, size, total) {
                continue;
            }
            if seen.is_server_failure() {
                tally.block(format!("a page of {size} was answered {}", seen.status_text()));
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

/// Whether a page may be past the end of a result of `total` items. Page numbers that are none are.
fn is_past_end(seen: &Seen, size: u64, total: Option<u64>) -> bool {
    let number = seen.query("page").map_or(Some(1), |text| text.parse::<u64>().ok());
    number != Some(1)
        && number.zip(total).is_none_or(|(page, total)| page.saturating_sub(1).saturating_mul(size) >= total)
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

fn ignored_early(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs().iter().filter(|job| job.family.paged) {
        let own = |seen: &&Seen| seen.run() == Some(&job.id) && seen.credential() == Some(&job.owner);
        let reads: Vec<_> = history.of(job.family.get).filter(own).collect();
        let is_plain = |seen: &&&Seen| seen.query("page").is_none() && seen.query("page_size").is_none();
        for (at, seen) in reads.iter().enumerate().filter(|(_, seen)| !is_plain(seen)) {
            let (Some(before), Some(after)) =
                (reads[..at].iter().rev().find(is_plain), reads[at..].iter().find(is_plain))
            else {
                continue;
            };
            if !(is_under_way(before) && is_under_way(after)) {
                continue;
            }
            tally.saw(seen);
            if !seen.is_success() {
                let expected = "the answer without a page";
                tally.broke(seen, "refused", expected, seen.status_text()).after(before);
            } else if ![members(before), members(after)].contains(&members(seen)) {
                let names = |seen| members(seen).into_iter().collect::<Vec<_>>().join(", ");
                tally.broke(seen, "other-members", names(before), names(seen)).after(before);
            }
        }
    }
    tally
}

fn is_under_way(seen: &Seen) -> bool {
    seen.is_success() && seen.state().is_some_and(|state| !is_terminal(state))
}

/// The names in an answer.
fn members(seen: &Seen) -> BTreeSet<&str> {
    seen.body().as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}
