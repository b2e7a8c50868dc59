//! States: known, reached along documented edges, final when they are final; and what a run shows in each.

use std::collections::BTreeSet;

use fixtures::contract::Level::{Must, Should};
use serde_json::Value;

use super::{Check, Cost};
use crate::history::seen::Seen;
use crate::history::{History, Job};
use crate::profile::{field, is_terminal};
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "job.state-known",
        title: "A run's state is one of the documented ones",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.execution.legal-edges", "catalog.responses.schema"],
        needs: "a successful read of a run",
        judge: state_known,
    },
    Check {
        id: "job.edge-legal",
        title: "Between two reads a run moves along documented edges only",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.execution.legal-edges"],
        needs: "two reads of one run",
        judge: edge_legal,
    },
    Check {
        id: "job.terminal-immutable",
        title: "A run that is over reads the same ever after",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.execution.terminal-stays"],
        needs: "two reads of a run that is over",
        judge: terminal_immutable,
    },
    Check {
        id: "job.reaches-terminal",
        title: "A run is over in the end",
        level: Should,
        cost: Cost::Long,
        clauses: &["catalog.execution.legal-edges"],
        needs: "a run that was read until it was over",
        judge: reaches_terminal,
    },
    Check {
        id: "job.result-iff-completed",
        title: "Results are shown by completed runs only",
        level: Must,
        cost: Cost::Passive,
        clauses: &[
            "catalog.crawl.get.result-iff-completed",
            "catalog.extract.get.data-only-when-completed",
            "catalog.extract.get.result-only-when-completed",
            "catalog.agentic-search.get.data-only-when-completed",
            "catalog.agentic-search.get.result-only-when-completed",
        ],
        needs: "a read of a run that is not completed, and one of a run that is",
        judge: result_iff_completed,
    },
    Check {
        id: "job.error-iff-failed",
        title: "A run has an error text if it failed and null if not",
        level: Must,
        cost: Cost::Passive,
        clauses: &[
            "catalog.crawl.get.error-iff-failed",
            "catalog.extract.get.error-iff-failed",
            "catalog.agentic-search.get.error-iff-failed",
        ],
        needs: "a successful read of a run",
        judge: error_iff_failed,
    },
    Check {
        id: "job.dependency-wait",
        title: "An extract of a running crawl stays pending and names the crawl",
        level: Must,
        cost: Cost::Long,
        clauses: &[
            "catalog.extract.waiting.pending",
            "catalog.extract.waiting.nothing-yet",
            "catalog.extract.create.waiting-for",
        ],
        needs: "a read of an extract while the crawl it waits for is not over",
        judge: dependency_wait,
    },
    Check {
        id: "job.dependency-failed",
        title: "An extract whose crawl failed or was cancelled fails",
        level: Must,
        cost: Cost::Long,
        clauses: &["catalog.extract.waiting.crawl-failed"],
        needs: "a read of a waiting extract after its crawl failed",
        judge: dependency_failed,
    },
    Check {
        id: "job.waits-only-if-asked",
        title: "Only a pending extract of a crawl names something it waits for",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.extract.waiting.named-only-while-waiting"],
        needs: "a read of a run that waits for nothing",
        judge: waits_only_if_asked,
    },
];

fn state_known(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, seen) in history.all_reads() {
        let Some(lifecycle) = history.contract.lifecycle_of(job.family.get) else { continue };
        tally.saw(seen);
        if !seen.state().is_some_and(|state| lifecycle.states.iter().any(|known| known == state)) {
            let expected = format!("one of {}", lifecycle.states.join(", "));
            tally
                .broke(seen, "unknown-state", expected, seen.at(field::STATUS).to_string())
                .at(field::STATUS);
        }
    }
    tally
}

fn edge_legal(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, before, after) in history.read_pairs() {
        let lifecycle = history.contract.lifecycle_of(job.family.get);
        let (Some(lifecycle), Some(from), Some(to)) = (lifecycle, before.state(), after.state()) else {
            continue;
        };
        tally.saw(after);
        if !lifecycle.reaches(from, to) {
            let expected = format!("a state that {from} leads to");
            tally
                .broke(after, "illegal-edge", expected, format!("{from}, then {to}"))
                .at(field::STATUS)
                .after(before);
        }
    }
    tally
}

fn terminal_immutable(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs() {
        let Some(first) = history.first_terminal(job) else { continue };
        for later in history.reads(job).filter(|seen| seen.id() > first.id()) {
            tally.saw(later);
            let (then, now) = (lasting(first), lasting(later));
            if let Some(pointer) = difference(&then, &now, String::new()) {
                let at = |value: &Value| value.pointer(&pointer).map_or("nothing".into(), Value::to_string);
                tally.broke(later, "changed", at(&then), at(&now)).at(pointer).after(first);
            }
        }
    }
    tally
}

/// What of a read may not change any more: everything but the page of results and what names the request.
fn lasting(seen: &Seen) -> Value {
    let mut body = seen.body().clone();
    if let Some(root) = body.as_object_mut() {
        root.remove("data");
        root.remove("pagination");
    }
    if let Some(meta) = body.pointer_mut("/meta").and_then(Value::as_object_mut) {
        meta.remove("request_id");
    }
    body
}

/// Pointer to the first place where two values differ.
fn difference(one: &Value, other: &Value, place: String) -> Option<String> {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let names: BTreeSet<_> = one.keys().chain(other.keys()).collect();
            names.into_iter().find_map(|name| {
                let inner = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
                match (one.get(name), other.get(name)) {
                    (Some(one), Some(other)) => difference(one, other, inner),
                    _ => Some(inner),
                }
            })
        }
        _ if one == other => None,
        _ => Some(place),
    }
}

fn reaches_terminal(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs() {
        match (history.first_terminal(job), history.reads(job).last()) {
            (Some(terminal), _) => tally.saw(terminal),
            (None, Some(last)) => {
                tally.block(format!("{} was still {} when it was last read", job.id, last.at(field::STATUS)));
            }
            (None, None) => tally.block(format!("{} could not be read", job.id)),
        }
    }
    tally
}

fn result_iff_completed(history: &History) -> Tally {
    let mut tally = Tally::default();
    let (mut completed, mut other) = (false, false);
    for (_, seen) in history.all_reads() {
        let Some(state) = seen.state() else { continue };
        tally.saw(seen);
        if state == "completed" {
            completed = true;
            let (data, pagination) = (seen.body().get("data"), seen.body().get("pagination"));
            if data.is_some() != pagination.is_some() {
                tally.broke(seen, "half-a-page", "`data` and `pagination` together", "one without the other");
            }
            continue;
        }
        other = true;
        for pointer in ["/data", "/pagination", field::RESULT] {
            if seen.body().pointer(pointer).is_some() {
                tally
                    .broke(
                        seen,
                        "shown-early",
                        format!("nothing while {state}"),
                        seen.at(pointer).to_string(),
                    )
                    .at(pointer);
            }
        }
    }
    if !(completed && other) {
        tally.block("needs both a read of a completed run and one of a run that is not");
    }
    tally
}

fn error_iff_failed(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (_, seen) in history.all_reads() {
        let Some(state) = seen.state() else { continue };
        tally.saw(seen);
        let error = seen.body().get("error");
        let observed = error.map_or("no `error`".to_owned(), Value::to_string);
        match (state, error) {
            ("failed", Some(Value::String(text))) if !text.is_empty() => {}
            ("failed", _) => {
                tally.broke(seen, "missing-when-failed", "a text", observed).at(field::ERROR);
            }
            (_, Some(Value::Null)) => {}
            (_, _) => {
                tally
                    .broke(seen, "set-unless-failed", format!("null while {state}"), observed)
                    .at(field::ERROR);
            }
        }
    }
    tally
}

/// Runs that were created to wait for another, with that other.
fn dependent(history: &History) -> impl Iterator<Item = (&Job, &Job)> {
    history.jobs().iter().filter_map(|child| {
        let parent = history.create(child).request().get("crawl_id")?.as_str()?;
        Some((child, history.job(parent)?))
    })
}

fn dependency_wait(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (child, parent) in dependent(history) {
        for seen in history.reads(child) {
            // Certain only while a later read of the crawl shows that it was not over yet.
            let later = history.first_read_after(parent, seen).and_then(Seen::state);
            if later.is_none_or(is_terminal) {
                continue;
            }
            tally.saw(seen);
            if seen.state() != Some("pending") {
                let observed = seen.at(field::STATUS).to_string();
                tally.broke(seen, "started-early", "\"pending\"", observed).at(field::STATUS);
            }
            if seen.text(field::WAITING_FOR) != Some(&parent.id) {
                let observed = seen.at(field::WAITING_FOR).to_string();
                tally.broke(seen, "parent-unnamed", parent.id.as_str(), observed).at(field::WAITING_FOR);
            }
        }
    }
    tally
}

fn dependency_failed(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (child, parent) in dependent(history) {
        let failed = history.first_terminal(parent).filter(|seen| seen.state() == Some("failed"));
        let last = history.reads(child).last();
        let (Some(failed), Some(last)) =
            (failed, last.filter(|last| failed.is_some_and(|f| f.id() < last.id())))
        else {
            continue;
        };
        let names_parent = |seen: &Seen| seen.text(field::WAITING_FOR) == Some(&parent.id);
        if !names_parent(history.create(child)) && !history.reads(child).any(names_parent) {
            continue;
        }
        tally.saw(last);
        if last.state() != Some("failed") {
            let observed = last.at(field::STATUS).to_string();
            tally.broke(last, "parent-ignored", "\"failed\"", observed).at(field::STATUS).after(failed);
        }
    }
    tally
}

fn waits_only_if_asked(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, seen) in history.all_reads() {
        let asked = history.create(job).request().get("crawl_id").is_some();
        if asked && seen.state() == Some("pending") {
            continue;
        }
        tally.saw(seen);
        if let Some(named) = seen.body().pointer(field::WAITING_FOR) {
            tally.broke(seen, "named", "no `waiting_for`", named.to_string()).at(field::WAITING_FOR);
        }
    }
    tally
}
