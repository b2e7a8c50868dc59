//! Lists of runs: newest first, filters that neither add nor lose, sizes as asked for.
//!
//! What relates two lists is judged on settled data only: every run of the key was over before the first of them.

mod filters;
mod items;
mod sizes;

use std::collections::BTreeSet;

use fixtures::contract::Level::{Must, Should};
use jiff::Timestamp;

use super::{Check, Cost};
use crate::history::History;
use crate::history::seen::Seen;
use crate::judge::binds_anyone;
use crate::profile::Family;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "list.order",
        title: "A list begins with the newest run",
        level: Must,
        cost: Cost::Read,
        clauses: &[
            "catalog.crawl.list.newest-first",
            "catalog.extract.list.newest-first",
            "catalog.agentic-search.list.newest-first",
        ],
        needs: "a list of two runs created at different times",
        judge: order,
    },
    Check {
        id: "list.filter-sound",
        title: "A filtered list holds only runs in the state asked for",
        level: Must,
        cost: Cost::Read,
        clauses: &[
            "catalog.crawl.list.filter",
            "catalog.extract.list.filter",
            "catalog.agentic-search.list.filter",
        ],
        needs: "a filtered list with something in it",
        judge: filter_sound,
    },
    Check {
        id: "list.filter-complete",
        title: "The filtered lists together are the whole list",
        level: Must,
        cost: Cost::Read,
        clauses: &[
            "catalog.crawl.list.filter-complete",
            "catalog.extract.list.filter-complete",
            "catalog.agentic-search.list.filter-complete",
        ],
        needs: "all three filtered lists and the whole one, on settled data",
        judge: filters::complete,
    },
    Check {
        id: "list.page-size",
        title: "A list holds as many runs as asked for, from 1 to 100, and 20 unless asked",
        level: Must,
        cost: Cost::Read,
        clauses: &[
            "catalog.crawl.list.page-size",
            "catalog.extract.list.page-size",
            "catalog.agentic-search.list.page-size",
            "catalog.extract.list.page-size-bounds",
        ],
        needs: "a list with a size from 1 to 100, or without one",
        judge: page_size,
    },
    Check {
        id: "list.page-filled",
        title: "A list that has more to show is as long as asked for",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.execution.visible-at-once"],
        needs: "a list with a size, and one of all runs, on settled data",
        judge: page_filled,
    },
    Check {
        id: "list.ties",
        title: "Runs keep their order from list to list, those of one instant too",
        level: Should,
        cost: Cost::Read,
        clauses: &[
            "catalog.crawl.list.newest-first",
            "catalog.extract.list.newest-first",
            "catalog.agentic-search.list.newest-first",
        ],
        needs: "two lists of all runs, on settled data",
        judge: ties,
    },
    Check {
        id: "list.meta",
        title: "A list describes itself as its only page",
        level: Must,
        cost: Cost::Read,
        clauses: &[
            "catalog.crawl.list.single-page",
            "catalog.extract.list.single-page",
            "catalog.agentic-search.list.single-page",
            "catalog.crawl.list.total-items",
            "catalog.extract.list.total-items",
            "catalog.agentic-search.list.total-items",
            "catalog.crawl.list.total-pages",
            "catalog.extract.list.total-pages",
            "catalog.agentic-search.list.total-pages",
        ],
        needs: "a list",
        judge: meta,
    },
    Check {
        id: "list.size-told",
        title: "A list tells the size it was asked for, and 20 unless asked",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.execution.list-size-told"],
        needs: "a list with a size from 1 to 100, or without one",
        judge: sizes::told,
    },
    Check {
        id: "list.ids",
        title: "A list names each run once, by an id of its kind",
        level: Should,
        cost: Cost::Passive,
        clauses: &["catalog.execution.list-ids"],
        needs: "a list with a run in it",
        judge: items::ids,
    },
    Check {
        id: "list.created-stays",
        title: "A run was created when the lists before said it was",
        level: Should,
        cost: Cost::Passive,
        clauses: &["catalog.execution.list-created-stays"],
        needs: "two lists that show the same run",
        judge: items::created,
    },
];

const FILTERS: [(&str, &[&str]); 3] = [
    ("processing", &["pending", "running", "processing"]),
    ("completed", &["completed"]),
    ("failed", &["failed"]),
];

/// The most runs one list can hold.
const LONGEST: usize = 100;

fn len(list: &Seen) -> usize {
    list.at("/data").as_array().map_or(0, Vec::len)
}

fn size_of(list: &Seen) -> Option<usize> {
    list.query("page_size").map_or(Some(20), |size| size.parse().ok())
}

fn order(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        for list in history.lists(family) {
            let items = list.at("/data").as_array().map(Vec::as_slice).unwrap_or_default();
            let created: Vec<Option<Timestamp>> =
                items.iter().map(|item| item.get("created_at")?.as_str()?.parse().ok()).collect();
            for (index, pair) in created.windows(2).enumerate() {
                let [Some(first), Some(second)] = pair else { continue };
                if first != second {
                    tally.saw(list);
                }
                if first < second {
                    let observed = format!("{first}, then {second}");
                    tally
                        .broke(list, "older-first", "the newer first", observed)
                        .at(format!("/data/{index}"));
                    break;
                }
            }
        }
    }
    tally
}

fn filter_sound(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        for list in history.lists(family) {
            let Some((filter, states)) = FILTERS.iter().find(|(name, _)| list.query("status") == Some(name))
            else {
                continue;
            };
            for (index, item) in list.at("/data").as_array().into_iter().flatten().enumerate() {
                tally.saw(list);
                let status = item.get("status").and_then(|status| status.as_str()).unwrap_or_default();
                if !states.contains(&status) {
                    let expected = format!("{} under status={filter}", states.join(" or "));
                    tally.broke(list, "other-state", expected, status).at(format!("/data/{index}/status"));
                }
            }
        }
    }
    tally
}

/// For each key of a family, its last whole list on settled data.
fn whole<'a>(history: &'a History, family: &'a Family) -> impl Iterator<Item = (&'a str, &'a Seen)> {
    let owners: BTreeSet<&str> = history.lists(family).filter_map(Seen::credential).collect();
    owners.into_iter().filter_map(move |owner| {
        let whole = |list: &&Seen| {
            list.credential() == Some(owner)
                && list.query("status").is_none()
                && size_of(list) == Some(LONGEST)
                && history.is_settled(family, owner, list)
        };
        let list = history.lists(family).rev().find(whole)?;
        Some((owner, list))
    })
}

/// The whole list on settled data before the last one.
fn whole_before<'a>(history: &'a History, family: &'a Family, owner: &str, last: &Seen) -> Option<&'a Seen> {
    history.lists(family).rev().find(|list| {
        list.id() < last.id()
            && list.credential() == Some(owner)
            && list.query("status").is_none()
            && size_of(list) == Some(LONGEST)
            && history.is_settled(family, owner, list)
    })
}

fn page_size(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        for seen in history.of(family.list).filter(|seen| seen.has_good_key()) {
            let Some(size) = size_of(seen).filter(|size| (1..=LONGEST).contains(size)) else { continue };
            let answered = || history.lists(family).any(|list| size_of(list) == Some(size));
            if seen.is_server_failure() && answered() {
                continue;
            }
            if seen.is_server_failure() {
                tally.block(format!("a list of {size} was answered {}", seen.status_text()));
                continue;
            }
            let is_sized = seen.query("page_size").is_some();
            if is_sized && seen.status() == Some(400) && !has_documented_bounds(history, family) {
                tally.block(format!("a list of {size} was refused, and no page says which sizes are good"));
                continue;
            }
            if is_sized && !seen.is_success() {
                let observed = seen.status_text();
                tally.broke(seen, "refused", format!("200 for page_size={size}"), observed);
            }
            tally.saw(seen);
            if len(seen) > size {
                tally.broke(seen, "too-many", format!("at most {size}"), len(seen).to_string()).at("/data");
            }
        }
    }
    tally
}

/// Whether the pages say which sizes a list of these runs takes.
pub(super) fn has_documented_bounds(history: &History, family: &Family) -> bool {
    let clause = history.clause(&format!("catalog.{}.list.page-size-bounds", family.name));
    clause.is_some_and(binds_anyone)
}

fn page_filled(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        for (owner, all) in whole(history, family) {
            let sized = history.lists(family).filter(|list| {
                list.credential() == Some(owner)
                    && list.query("status").is_none()
                    && history.is_settled(family, owner, list)
            });
            for list in sized.filter(|list| list.id() != all.id()) {
                let Some(size) = size_of(list) else { continue };
                tally.saw(list);
                let expected = size.min(len(all));
                if len(list) < expected && history.jobs_between(family, list, all) == 0 {
                    let observed = len(list).to_string();
                    tally
                        .broke(list, "too-few", format!("{expected} of {}", len(all)), observed)
                        .at("/data")
                        .after(all);
                }
            }
        }
    }
    tally
}

fn ties(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        for (owner, all) in whole(history, family) {
            let ids = |list: &Seen| -> Vec<String> {
                let items = list.at("/data").as_array().map(Vec::as_slice).unwrap_or_default();
                items
                    .iter()
                    .filter_map(|item| item.get("execution_id")?.as_str().map(str::to_owned))
                    .collect()
            };
            let earlier = whole_before(history, family, owner, all);
            let Some(earlier) = earlier else { continue };
            let (mut then, mut now) = (ids(earlier), ids(all));
            // A list that lags behind does not have the newest yet.
            let both: BTreeSet<_> = then.iter().filter(|id| now.contains(id)).cloned().collect();
            then.retain(|id| both.contains(id));
            now.retain(|id| both.contains(id));
            if both.len() < 2 || history.jobs_between(family, earlier, all) > 0 {
                continue;
            }
            tally.saw(all);
            if then != now {
                let (expected, observed) = (then.join(", "), now.join(", "));
                tally.broke(all, "reordered", expected, observed).at("/data").after(earlier);
            }
        }
    }
    tally
}

fn meta(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        for list in history.lists(family) {
            tally.saw(list);
            let documented = [
                ("/pagination/page", serde_json::json!(1)),
                ("/pagination/has_next", serde_json::json!(false)),
                ("/pagination/has_prev", serde_json::json!(false)),
                ("/pagination/total_items", serde_json::json!(len(list))),
            ];
            for (pointer, expected) in documented {
                let observed = list.at(pointer);
                let same = match (observed.as_f64(), expected.as_f64()) {
                    (Some(observed), Some(expected)) => (observed - expected).abs() < f64::EPSILON,
                    _ => *observed == expected,
                };
                if !same {
                    tally.broke(list, "meta", expected.to_string(), observed.to_string()).at(pointer);
                }
            }
            // Nothing says how many pages an empty list of extracts has.
            let pages = list.at("/pagination/total_pages").as_u64();
            if !(pages == Some(1) || pages == Some(0) && len(list) == 0) {
                let observed = list.at("/pagination/total_pages").to_string();
                tally.broke(list, "meta", "1", observed).at("/pagination/total_pages");
            }
        }
    }
    tally
}
