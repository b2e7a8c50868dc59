//! The pages of version 2's lists, and the order of lists.

use std::collections::BTreeSet;

use serde_json::Value;

use super::look::{at, declined, entries, expect, hold, id, name, text};
use super::rows::{Case, check, clauses};
use crate::checks::Check;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    check!(
        Must,
        Read,
        "llama.pages",
        "A page has as many entries as asked for, and all pages together show each entry once",
        "a list that is followed from page to page",
        [
            (v2, "lists.page-size", |case, tally| {
                for list in pages(case) {
                    let Some(size) = list.query("page_size").and_then(|it| it.parse::<usize>().ok()) else {
                        continue;
                    };
                    let shown = entries(list).len();
                    hold(
                        tally,
                        list,
                        shown <= size,
                        "too-many",
                        &format!("{size} at most"),
                        &shown.to_string(),
                    );
                }
            }),
            (v2, "lists.partition", partition),
            (v2, "files.list.page-size", |case, tally| {
                for list in case.good("files.list").filter(|list| list.query("page_size").is_none()) {
                    let shown = entries(list).len();
                    hold(tally, list, shown <= 50, "too-many", "50 at most", &shown.to_string());
                }
                sizes(case, tally, "files.list");
            }),
        ]
    ),
    check!(
        Should,
        Read,
        "llama.tokens",
        "A token that was edited, or is another's, is answered with 400; filters narrow each other",
        "a token that was edited, one that another list or key was given, and a list with two filters",
        [
            (v2, "lists.token-bound", |case, tally| expect(tally, bad_tokens(case), "not-400", &[400])),
            (v2, "lists.filters-and", |case, tally| {
                for list in case.good("files.list") {
                    let (Some(name), Some(external)) =
                        (list.query("file_name"), list.query("external_file_id"))
                    else {
                        continue;
                    };
                    let both = |it: &Value| {
                        text(it, "/name") == Some(name) && text(it, "/external_file_id") == Some(external)
                    };
                    hold(
                        tally,
                        list,
                        entries(list).iter().all(both),
                        "others",
                        "entries that pass both",
                        "others",
                    );
                }
            }),
            (v2, "extract.create.file-prefix", |case, tally| {
                let prefixed = |seen: &&Seen| {
                    at(seen.request(), "/file_input").as_str().is_some_and(|it| it.starts_with("dfl-"))
                };
                expect(
                    tally,
                    case.asked("extract.create").filter(prefixed).filter(|it| case.is_sound(it)),
                    "refused",
                    &[200],
                );
            }),
            (v2, "files.id-forms", |case, tally| {
                let all = || case.asked("files.get").filter(|seen| case.is_sound(seen));
                let (with, without): (Vec<_>, Vec<_>) =
                    all().partition(|seen| seen.subject().is_some_and(|it| it.starts_with("dfl-")));
                if !with.is_empty() && !without.is_empty() {
                    expect(tally, with.into_iter().chain(without), "not-found", &[200]);
                }
            }),
        ]
    ),
];

/// The lists that come in pages.
const LISTS: [&str; 6] = [
    "files.list",
    "extract.list",
    "configurations.list",
    "extraction-agents.list",
    "projects.list",
    "organizations.list",
];

fn pages<'h>(case: &'h Case<'h>) -> impl Iterator<Item = &'h Seen> {
    LISTS.into_iter().flat_map(|it| case.good(it))
}

/// Expects sizes beyond 1 and 1000 to be refused, and these two to be taken.
pub(super) fn sizes(case: &Case<'_>, tally: &mut Tally, list: &'static str) {
    for seen in case.asked(list).filter(|seen| seen.query("page_token").is_none()) {
        match seen.query("page_size") {
            Some("0" | "1001") => {
                declined(tally, seen);
            }
            Some("1" | "1000") => {
                hold(tally, seen, seen.is_success(), "refused", "a page", &seen.status_text());
            }
            _ => {}
        }
    }
}

/// Expects the entries of lists to be newest first, where they tell when they were made.
pub(super) fn falling<'h>(tally: &mut Tally, lists: impl Iterator<Item = &'h Seen>, member: &str) {
    for list in lists {
        let instant = |entry: &Value| text(entry, member)?.parse::<jiff::Timestamp>().ok();
        let times: Vec<_> = entries(list).iter().filter_map(instant).collect();
        if times.len() > 1 {
            hold(tally, list, times.iter().rev().is_sorted(), "unordered", "newest first", "another order");
        }
    }
}

/// What the pages of one list share.
fn question(list: &Seen) -> Vec<(&str, &str)> {
    let all = list.pairs().iter().filter(|(name, _)| name != "page_token");
    all.map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn partition(case: &Case<'_>, tally: &mut Tally) {
    let all: Vec<&Seen> = pages(case).collect();
    for first in all.iter().filter(|list| list.query("page_token").is_none()) {
        let mut row = vec![*first];
        let mut last = *first;
        while let Some(token) = last.text("/next_page_token") {
            let next = all.iter().find(|it| {
                it.id() > last.id()
                    && name(it) == name(first)
                    && it.query("page_token") == Some(token)
                    && question(it) == question(first)
                    && it.credential() == first.credential()
            });
            let Some(next) = next else { break };
            row.push(next);
            last = next;
        }
        if row.len() < 2 {
            continue;
        }
        let ids: Vec<&str> = row.iter().flat_map(|page| entries(page).iter().filter_map(id)).collect();
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        hold(tally, last, unique.len() == ids.len(), "twice", "each entry once", "one of them again");
        // A list of the same in one piece, with nothing made or deleted since.
        let whole = all.iter().find(|it| {
            it.id() > last.id()
                && name(it) == name(first)
                && it.credential() == first.credential()
                && it.query("page_size") == Some("1000")
                && question(it).len() == 1
                && question(first).len() == 1
        });
        let whole = whole.filter(|_| last.at("/next_page_token").is_null()).filter(|whole| {
            let between = case.history.all().iter().filter(|it| (first.id()..whole.id()).contains(&it.id()));
            !between.into_iter().any(|it| it.writes() && it.is_success())
        });
        if let Some(whole) = whole {
            let shown: BTreeSet<&str> = entries(whole).iter().filter_map(id).collect();
            hold(
                tally,
                last,
                shown == unique,
                "not-all",
                &shown.len().to_string(),
                &unique.len().to_string(),
            );
        }
    }
}

/// Lists that were asked for with a token that they were not given: an edited one, one of another list or another key.
fn bad_tokens<'h>(case: &'h Case<'h>) -> impl Iterator<Item = &'h Seen> {
    let all = LISTS.into_iter().flat_map(|it| case.asked(it));
    all.filter(|seen| {
        let Some(token) = seen.query("page_token") else { return false };
        let mut given = pages(case).filter(|list| list.text("/next_page_token") == Some(token));
        !given.any(|list| {
            name(list) == name(seen)
                && list.credential() == seen.credential()
                && question(list) == question(seen)
        })
    })
}
