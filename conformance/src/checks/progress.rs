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
        title: "A crawl or search shows its progress while it runs, and not before or once it failed",
        level: Must,
        cost: Cost::Passive,
        clauses: &[
            "catalog.crawl.get.progress-iff-running",
            "catalog.agentic-search.get.progress-iff-running",
        ],
        needs: "a read of a crawl or search",
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
        id: "progress.shape",
        title: "Progress is null, or counts what is done and all there is, and a percentage from 0 to 100",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.extract.get.progress"],
        needs: "a read of an extract with progress",
        judge: shape,
    },
    Check {
        id: "progress.bounds",
        title: "What is done lies between nothing and the total, and the percentage agrees",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.extract.get.progress-bounds"],
        needs: "a read of a run with progress",
        judge: bounds,
    },
    Check {
        id: "progress.final",
        title: "A completed run has no work left: 100 percent, and every step completed",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.crawl.get.steps-when-completed", "catalog.extract.get.progress-bounds"],
        needs: "a read of a completed run with progress or steps",
        judge: final_progress,
    },
    Check {
        id: "progress.steps",
        title: "A crawl takes its four steps in turn, and fails in one of them",
        level: Must,
        cost: Cost::Passive,
        clauses: &[
            "catalog.crawl.get.steps",
            "catalog.crawl.get.steps-in-turn",
            "catalog.crawl.get.steps-when-failed",
        ],
        needs: "a read of a crawl",
        judge: steps,
    },
];

fn while_running(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, seen) in history.all_reads().filter(|(job, _)| job.family.progress_while_running) {
        let shown = seen.at(field::PROGRESS);
        let broken = match seen.state() {
            Some("running") if !shown.is_object() => ("missing", "an object while running"),
            Some("pending" | "failed") if !shown.is_null() => ("shown-otherwise", "null unless running"),
            Some("completed") => {
                let clause = format!("catalog.{}.get.progress-iff-running", job.family.name);
                if let Some(clause) = history.clause(&clause).filter(|clause| !clause.readings.is_empty()) {
                    tally.reading(&clause.id, usize::from(shown.is_object()), seen);
                }
                continue;
            }
            Some("running" | "pending" | "failed") => {
                tally.saw(seen);
                continue;
            }
            _ => continue,
        };
        tally.broke(seen, broken.0, broken.1, shown.to_string()).at(field::PROGRESS);
    }
    tally
}

fn shape(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, seen) in history.all_reads().filter(|(job, _)| job.family.most_urls.is_some()) {
        let Some((done, total)) = job.family.done_of_total else { continue };
        let progress = seen.at(field::PROGRESS);
        if progress.is_null() {
            continue;
        }
        tally.saw(seen);
        for name in [done, total, "percent_complete"] {
            let value = progress.get(name).unwrap_or(&Value::Null);
            let pointer = format!("{}/{name}", field::PROGRESS);
            match value.as_f64() {
                None => {
                    tally.broke(seen, "member-missing", "a number", value.to_string()).at(pointer);
                }
                Some(number) if name == "percent_complete" && !(0.0..=100.0).contains(&number) => {
                    tally.broke(seen, "percent-range", "0 to 100", value.to_string()).at(pointer);
                }
                Some(_) => {}
            }
        }
    }
    tally
}

/// The steps of a crawl, in their order (page "Get crawl status").
const STEPS: [&str; 4] =
    ["Determining crawl method", "Discovering collections", "Analyzing collections", "Extracting listings"];

fn steps(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (_, seen) in history.all_reads().filter(|(_, seen)| seen.body().pointer(field::STEPS).is_some()) {
        let steps = seen.at(field::STEPS).as_array().map(Vec::as_slice).unwrap_or_default();
        let text = |name: &str| -> Vec<&str> {
            steps.iter().map(|step| step.get(name).and_then(Value::as_str).unwrap_or_default()).collect()
        };
        let (names, states) = (text("name"), text("status"));
        tally.saw(seen);
        if names != STEPS {
            tally.broke(seen, "other-steps", STEPS.join(", "), names.join(", ")).at(field::STEPS);
            continue;
        }
        let mut rest = states.iter().copied().skip_while(|state| *state == "completed").peekable();
        let current = rest.next_if(|state| matches!(*state, "running" | "failed"));
        if rest.any(|state| state != "pending") {
            let expected = "completed steps, then one under way, then pending ones";
            tally.broke(seen, "out-of-turn", expected, states.join(", ")).at(field::STEPS);
        }
        let failed = seen.state() == Some("failed");
        if (current == Some("failed")) != failed && seen.at(field::STARTED).is_string() {
            let expected = if failed { "one failed step" } else { "no failed step" };
            tally.broke(seen, "failed-step", expected, states.join(", ")).at(field::STEPS);
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
        if seen.state() == Some("running") && total > 0.0 && (percent - 100.0 * done / total).abs() > 1.0 {
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
