//! Progress: shown while a run runs, never falling, within its bounds, and complete in the end.

use fixtures::contract::Level::{Must, Should};
use serde_json::Value;

use super::{Check, Cost};
use crate::history::History;
use crate::profile::field;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "progress.while-running",
        title: "A running crawl or search shows its progress",
        level: Must,
        cost: Cost::Passive,
        clauses: &[
            "catalog.crawl.get.progress-iff-running",
            "catalog.agentic-search.get.progress-iff-running",
        ],
        needs: "a read of a running crawl or search",
        judge: while_running,
    },
    Check {
        id: "progress.monotone",
        title: "Progress never falls",
        level: Should,
        cost: Cost::Passive,
        clauses: &[
            "catalog.crawl.get.progress-grows",
            "catalog.extract.get.progress-grows",
            "catalog.agentic-search.get.progress-grows",
        ],
        needs: "two reads of a running run with progress",
        judge: monotone,
    },
    Check {
        id: "progress.bounds",
        title: "What is done lies between nothing and the total, and the percentage agrees",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.extract.get.progress", "catalog.extract.get.progress-bounds"],
        needs: "a read of a run with progress",
        judge: bounds,
    },
    Check {
        id: "progress.final",
        title: "A completed run has no work left: 100 percent, and every step completed",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.crawl.get.steps-when-completed", "catalog.extract.get.progress"],
        needs: "a read of a completed run with progress or steps",
        judge: final_progress,
    },
];

fn while_running(history: &History) -> Tally {
    let mut tally = Tally::default();
    let running = history.all_reads().filter(|(_, seen)| seen.state() == Some("running"));
    for (_, seen) in running.filter(|(job, _)| job.family.progress_while_running) {
        tally.saw(seen);
        if !seen.at(field::PROGRESS).is_object() {
            let observed = seen.at(field::PROGRESS).to_string();
            tally.broke(seen, "missing", "an object while running", observed).at(field::PROGRESS);
        }
    }
    tally
}

fn monotone(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, before, after) in history.read_pairs() {
        // What a finished run shows as progress counts successes, not work done.
        if after.state() != Some("running") {
            continue;
        }
        for counter in job.family.counters.iter().chain(&["percent_complete"]) {
            let pointer = format!("{}/{counter}", field::PROGRESS);
            let (Some(then), Some(now)) = (before.at(&pointer).as_f64(), after.at(&pointer).as_f64()) else {
                continue;
            };
            tally.saw(after);
            if now < then {
                let expected = format!("at least {then}");
                tally.broke(after, "fell", expected, now.to_string()).at(pointer).after(before);
            }
        }
    }
    tally
}

fn bounds(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, seen) in history.all_reads() {
        let counter = |name: &str| seen.at(&format!("{}/{name}", field::PROGRESS)).as_f64();
        for name in job.family.counters {
            let Some(count) = counter(name) else { continue };
            tally.saw(seen);
            if count < 0.0 {
                tally
                    .broke(seen, "negative", "0 or more", count.to_string())
                    .at(format!("{}/{name}", field::PROGRESS));
            }
        }
        let Some((done_name, total_name)) = job.family.done_of_total else { continue };
        let (Some(done), Some(total)) = (counter(done_name), counter(total_name)) else { continue };
        tally.saw(seen);
        if done > total {
            let pointer = format!("{}/{done_name}", field::PROGRESS);
            tally.broke(seen, "overcount", format!("at most {total}"), done.to_string()).at(pointer);
        }
        let Some(percent) = counter("percent_complete") else { continue };
        let pointer = format!("{}/percent_complete", field::PROGRESS);
        if !(0.0..=100.0).contains(&percent) {
            tally.broke(seen, "percent-range", "0 to 100", percent.to_string()).at(pointer);
        } else if seen.state() == Some("running")
            && total > 0.0
            && (percent - 100.0 * done / total).abs() > 1.0
        {
            let expected = format!("{:.1}, which is {done} of {total}, give or take 1", 100.0 * done / total);
            tally.broke(seen, "percent-differs", expected, percent.to_string()).at(pointer);
        }
    }
    tally
}

fn final_progress(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (_, seen) in history.all_reads().filter(|(_, seen)| seen.state() == Some("completed")) {
        let pointer = format!("{}/percent_complete", field::PROGRESS);
        if let Some(percent) = seen.at(&pointer).as_f64() {
            tally.saw(seen);
            if percent < 100.0 {
                tally.broke(seen, "below-100", "100", percent.to_string()).at(pointer);
            }
        }
        for (index, step) in seen.at(field::STEPS).as_array().into_iter().flatten().enumerate() {
            tally.saw(seen);
            let status = step.get("status").unwrap_or(&Value::Null);
            if status != "completed" {
                let pointer = format!("{}/{index}/status", field::STEPS);
                tally.broke(seen, "step-open", "\"completed\"", status.to_string()).at(pointer);
            }
        }
    }
    tally
}
