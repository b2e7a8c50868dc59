//! The lists of runs of the first two generations.

use std::collections::BTreeSet;

use serde_json::Value;

use super::look::{Fate, at, entries, hold, id, text};
use super::rows::{Case, check, clauses};
use crate::checks::Check;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    check!(
        Must,
        Job,
        "llama.runs-listed",
        "Runs are listed by agent, by run and by job",
        "lists with each filter",
        [
            (first, "runs.list.of-agent", |case, tally| filtered(
                case,
                tally,
                "extraction_agent_id",
                "/extraction_agent_id"
            )),
            (page, "runs.list.run-id", |case, tally| filtered(case, tally, "run_id", "/id")),
            (page, "runs.list.job-id", |case, tally| {
                for list in case.good("runs.list") {
                    let Some(job) = list.query("job_id") else { continue };
                    let run = case
                        .good("runs-by-job.get")
                        .find(|run| run.run() == Some(job))
                        .and_then(Seen::own_id);
                    let Some(run) = run.filter(|run| case.fate(list, run) == Fate::There) else { continue };
                    let shown: Vec<_> = entries(list).iter().filter_map(id).collect();
                    hold(tally, list, shown == [run], "others", run, &shown.join(", "));
                }
            }),
            (page, "runs.list.agent-optional", |case, tally| {
                for list in case.asked("runs.list").filter(|list| list.pairs().is_empty()) {
                    hold(
                        tally,
                        list,
                        matches!(list.status(), Some(200 | 422)),
                        "neither",
                        "200 or 422",
                        &list.status_text(),
                    );
                    let reading = usize::from(list.status() == Some(422));
                    tally.reading("llama-extract.extractionv2.runs.list.agent-optional", reading, list);
                }
            }),
        ]
    ),
    check!(
        Should,
        Job,
        "llama.runs-narrowed",
        "Several filters narrow each other",
        "a list with two filters of which one fits",
        [(page, "runs.list.filters-and", |case, tally| {
            for list in case.good("runs.list") {
                let (Some(agent), Some(run)) = (list.query("extraction_agent_id"), list.query("run_id"))
                else {
                    continue;
                };
                let both = |entry: &Value| {
                    text(entry, "/extraction_agent_id") == Some(agent) && id(entry) == Some(run)
                };
                hold(tally, list, entries(list).iter().all(both), "others", "runs that pass both", "others");
            }
        }),]
    ),
    check!(
        Must,
        Job,
        "llama.runs-paged",
        "Runs are listed in pages of 25, or of as many as asked for, each once",
        "pages of runs",
        [
            (v1, "runs.list.limit", |case, tally| {
                for list in case.good("runs.list") {
                    let Some(limit) = list.query("limit").and_then(|it| it.parse::<usize>().ok()) else {
                        continue;
                    };
                    let shown = entries(list).len();
                    hold(
                        tally,
                        list,
                        shown <= limit,
                        "too-many",
                        &format!("{limit} at most"),
                        &shown.to_string(),
                    );
                }
            }),
            (v1, "runs.list.default-limit", |case, tally| {
                for list in case.good("runs.list").filter(|list| list.query("limit").is_none()) {
                    let shown = entries(list).len();
                    hold(
                        tally,
                        list,
                        shown <= 25 && at(list.body(), "/limit") == 25,
                        "other-size",
                        "25",
                        &shown.to_string(),
                    );
                }
            }),
            (v1, "runs.list.default-skip", |case, tally| {
                for list in case.good("runs.list").filter(|list| list.query("skip").is_none()) {
                    hold(
                        tally,
                        list,
                        list.at("/skip") == 0,
                        "other-start",
                        "0",
                        &list.at("/skip").to_string(),
                    );
                }
            }),
            (v1, "runs.list.partition", |case, tally| partition(case, tally, false)),
        ]
    ),
    check!(
        Must,
        Job,
        "llama.runs-total",
        "The total of a page is the number of runs on all of them",
        "all pages of a list",
        [(v1, "runs.list.total", |case, tally| partition(case, tally, true)),]
    ),
    check!(
        Should,
        Job,
        "llama.runs-filters",
        "Runs are filtered by state and by id",
        "lists with these filters",
        [
            (v1, "runs.list.run-id", |case, tally| filtered(case, tally, "run_id", "/id")),
            (v1, "runs.list.status", |case, tally| filtered(case, tally, "status", "/status")),
        ]
    ),
    check!(
        Should,
        Job,
        "llama.runs-page-told",
        "A page says the skip and the limit that were asked for",
        "a page that was asked for with both",
        [(v1, "runs.list.echo", |case, tally| {
            for list in case.good("runs.list") {
                for name in ["skip", "limit"] {
                    let Some(asked) = list.query(name).and_then(|it| it.parse::<u64>().ok()) else {
                        continue;
                    };
                    let shown = list.at(&format!("/{name}"));
                    hold(tally, list, shown == asked, "differs", &asked.to_string(), &shown.to_string());
                }
            }
        }),]
    ),
];

/// Expects every entry of a list with a filter to have what the filter asks for.
fn filtered(case: &Case<'_>, tally: &mut Tally, filter: &str, member: &str) {
    for list in case.good("runs.list") {
        let Some(asked) = list.query(filter) else { continue };
        for entry in entries(list) {
            let has = text(entry, member);
            hold(tally, list, has == Some(asked), "others", asked, has.unwrap_or("none"));
        }
    }
}

/// Goes through the pages of lists that were followed from the first run on: of one agent, with one limit. No run may be
/// on two of them, and with `counted` all of them together have as many as each says.
fn partition(case: &Case<'_>, tally: &mut Tally, counted: bool) {
    let pages: Vec<&Seen> = case.good("runs.list").filter(|list| list.query("limit").is_some()).collect();
    let number = |list: &Seen, name: &str| list.query(name).and_then(|it| it.parse::<usize>().ok());
    for (place, first) in pages.iter().enumerate().filter(|(_, list)| number(list, "skip") == Some(0)) {
        let of_same = |list: &&&Seen| {
            ["extraction_agent_id", "limit", "status"].iter().all(|it| list.query(it) == first.query(it))
                && list.credential() == first.credential()
        };
        let mut row = vec![*first];
        let mut shown = entries(first).len();
        for page in pages[place + 1..].iter().filter(of_same) {
            if number(page, "skip") != Some(shown) {
                break;
            }
            row.push(page);
            shown += entries(page).len();
        }
        let ids: Vec<&str> = row.iter().flat_map(|page| entries(page).iter().filter_map(id)).collect();
        let total = first.at("/total").as_u64().unwrap_or_default() as usize;
        let last = row[row.len() - 1];
        if counted {
            let full = number(first, "limit").is_some_and(|limit| entries(last).len() < limit);
            if full {
                hold(
                    tally,
                    last,
                    total == ids.len(),
                    "other-total",
                    &ids.len().to_string(),
                    &total.to_string(),
                );
            }
        } else if row.len() > 1 {
            let unique: BTreeSet<&str> = ids.iter().copied().collect();
            hold(tally, last, unique.len() == ids.len(), "twice", "each run once", "one of them again");
        }
    }
}
