//! What the shape of single answers has to be beyond what a schema alone can say of any server.

use fixtures::contract::Level::Must;
use serde_json::Value;

use super::{Check, Cost};
use crate::history::History;
use crate::profile::field;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "schema.success-status",
        title: "A success is 200, and 202 where a run was started",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.responses.success-status"],
        needs: "a success of a documented operation",
        judge: success_status,
    },
    Check {
        id: "repr.step-names",
        title: "Every step has a documented name and state",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.crawl.get.step-names"],
        needs: "a read of a run with steps",
        judge: step_names,
    },
    Check {
        id: "result.when-completed",
        title: "A completed run shows its counts",
        level: Must,
        cost: Cost::Passive,
        clauses: &[
            "catalog.crawl.get.result-iff-completed",
            "catalog.extract.get.result-when-completed",
            "catalog.agentic-search.get.result-when-completed",
        ],
        needs: "a read of a completed run",
        judge: when_completed,
    },
    Check {
        id: "result.crawl-totals",
        title: "The totals of a crawl have documented names",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.crawl.get.result-members"],
        needs: "a read of a crawl with totals",
        judge: crawl_totals,
    },
    Check {
        id: "progress.search-total",
        title: "The progress of a search counts eight products at most",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.agentic-search.get.progress-total"],
        needs: "a read of a search with progress",
        judge: search_total,
    },
];

fn success_status(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in history.all().iter().filter(|seen| seen.is_success()) {
        let Some(operation) = seen.operation() else { continue };
        tally.saw(seen);
        let starts = history.profile.families.iter().any(|family| family.create == operation);
        let expected = if starts { 202 } else { 200 };
        if seen.status() != Some(expected) {
            tally.broke(seen, "other-success", expected.to_string(), seen.status_text());
        }
    }
    tally
}

/// The names of the steps, and the states of one (page "Get crawl status").
const STEP_NAMES: [&str; 4] =
    ["Determining crawl method", "Discovering collections", "Analyzing collections", "Extracting listings"];
const STEP_STATES: [&str; 4] = ["pending", "running", "completed", "failed"];

fn step_names(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (_, seen) in history.all_reads() {
        let Some(steps) = seen.at(field::STEPS).as_array() else { continue };
        tally.saw(seen);
        for (index, step) in steps.iter().enumerate() {
            for (member, known, reason) in
                [("name", STEP_NAMES, "other-name"), ("status", STEP_STATES, "other-state")]
            {
                let value = step.get(member).unwrap_or(&Value::Null);
                if !value.as_str().is_some_and(|value| known.contains(&value)) {
                    tally
                        .broke(seen, reason, format!("one of {}", known.join(", ")), value.to_string())
                        .at(format!("{}/{index}/{member}", field::STEPS));
                }
            }
        }
    }
    tally
}

fn when_completed(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (_, seen) in history.all_reads().filter(|(_, seen)| seen.state() == Some("completed")) {
        tally.saw(seen);
        let result = seen.at(field::RESULT);
        if !result.is_object() {
            tally.broke(seen, "no-result", "an object with counts", result.to_string()).at(field::RESULT);
        }
    }
    tally
}

fn crawl_totals(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (_, seen) in history.all_reads().filter(|(job, _)| job.family.get == "catalog.crawl.get") {
        let Some(result) = seen.at(field::RESULT).as_object() else { continue };
        tally.saw(seen);
        let has = |name: &str| result.get(name).is_some_and(Value::is_u64);
        if !(has("collections_total") && has("listings_total") || has("total_listings_found")) {
            let observed = result.keys().cloned().collect::<Vec<_>>().join(", ");
            let expected = "collections_total and listings_total, or total_listings_found";
            tally.broke(seen, "other-members", expected, observed).at(field::RESULT);
        }
    }
    tally
}

fn search_total(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, seen) in history.all_reads() {
        let (Some(most), Some((_, total))) = (job.family.at_most, job.family.done_of_total) else { continue };
        let pointer = format!("{}/{total}", field::PROGRESS);
        let Some(count) = seen.at(&pointer).as_f64() else { continue };
        tally.saw(seen);
        if count > most as f64 {
            tally.broke(seen, "too-many", format!("{most} at most"), count.to_string()).at(pointer);
        }
    }
    tally
}
