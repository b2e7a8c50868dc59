//! States: known, reached along documented edges, final when they are final; and what a run shows in each.

mod waiting;

use fixtures::contract::Level::{Must, Should};
use serde_json::Value;

use super::{Check, Cost};
use crate::history::seen::Seen;
use crate::history::{History, Job};
use crate::oracle;
use crate::profile::{field, is_terminal};
use crate::session::control::CLOCK;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "job.state-known",
        title: "A run's state is one of the documented ones",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.responses.schema", "extralt.v0.runs.states", "extralt.v0.robot-builds.states"],
        needs: "a successful read of a run",
        judge: state_known,
    },
    Check {
        id: "job.edge-legal",
        title: "A run moves along documented edges only",
        level: Must,
        cost: Cost::Passive,
        clauses: &[
            "catalog.execution.legal-edges",
            "extralt.v0.runs.legal-edges",
            "extralt.v0.robot-builds.legal-edges",
            "extralt.v0.enrichments.legal-edges",
            "extralt.v1.runs.legal-edges",
            "extralt.v1.robots.legal-edges",
            "extralt.v1.enrichments.legal-edges",
            "extralt.v1.imports.legal-edges",
            "llama-extract.extractionv2.jobs.lifecycle",
            "llama-extract.v1.jobs.lifecycle",
            "llama-extract.v2.extract.lifecycle",
        ],
        needs: "two exchanges about one run",
        judge: edge_legal,
    },
    Check {
        id: "job.end-final",
        title: "A run that has completed or failed is in no other state later",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.execution.ends"],
        needs: "two reads of a run, the first of which shows it to be over",
        judge: end_final,
    },
    Check {
        id: "job.terminal-immutable",
        title: "A run that is over reads the same ever after",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.execution.terminal-stays"],
        needs: "two reads of a run that is over",
        judge: super::immutable::judge,
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
            "catalog.crawl.get.result-only-when-completed",
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
        judge: waiting::dependency_wait,
    },
    Check {
        id: "job.dependency-failed",
        title: "An extract whose crawl failed or was cancelled fails",
        level: Must,
        cost: Cost::Long,
        clauses: &["catalog.extract.waiting.crawl-failed"],
        needs: "a read of a waiting extract after its crawl failed",
        judge: waiting::dependency_failed,
    },
    Check {
        id: "job.dependency-over",
        title: "An extract whose crawl has completed waits no longer",
        level: Should,
        cost: Cost::Long,
        clauses: &["catalog.extract.waiting.starts"],
        needs: "a read of an extract after the crawl it waited for was seen to have completed",
        judge: waiting::dependency_over,
    },
    Check {
        id: "job.waits-only-if-asked",
        title: "Only a pending extract of a crawl names something it waits for",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.extract.waiting.named-only-while-waiting"],
        needs: "a read of a run that waits for nothing",
        judge: waiting::waits_only_if_asked,
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

fn end_final(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (_, before, after) in history.read_pairs() {
        let Some(end) = before.state().filter(|state| is_terminal(state)) else { continue };
        // Of two answers that overlap nobody knows which came first.
        if before.exchange().ended_ms() > after.exchange().started_ms() {
            continue;
        }
        let Some(state) = after.state() else { continue };
        tally.saw(after);
        if state != end {
            let reason = if is_terminal(state) { "ended-twice" } else { "reopened" };
            let expected = format!("\"{end}\", as before");
            tally.broke(after, reason, expected, format!("\"{state}\"")).at(field::STATUS).after(before);
        }
    }
    tally
}

fn edge_legal(history: &History) -> Tally {
    let mut tally = Tally::default();
    let account = oracle::account(history);
    for seen in history.all().iter().filter(|seen| account.occasions.contains(&seen.id())) {
        tally.saw(seen);
    }
    for breach in account.breaches {
        let last = breach.exchanges.last();
        let Some(seen) = history.all().iter().find(|seen| Some(&seen.id()) == last) else { continue };
        let finding = tally.broke(seen, breach.reason, breach.expected, breach.observed);
        finding.pointer = breach.pointer.map(str::to_owned);
        finding.exchanges = breach.exchanges;
    }
    tally
}

/// A run that has not ended after this many milliseconds is taken not to end.
const LONG: u64 = 15 * 60_000;

/// For how many milliseconds the clock of a run's world was moved, by the record, between its create and `last`.
fn moved(history: &History, job: &Job, last: &Seen) -> u64 {
    let moves = history.all().iter().filter(|seen| {
        (history.create(job).id()..last.id()).contains(&seen.id())
            && seen.exchange().request().path() == CLOCK
            && seen.is_success()
            && seen.query("key") == Some(&job.owner)
    });
    let by =
        moves.filter_map(|seen| seen.request().get("advance")?.as_str()?.strip_suffix("ms")?.parse().ok());
    by.fold(0, u64::saturating_add)
}

fn reaches_terminal(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs() {
        match (history.first_terminal(job), history.reads(job).last()) {
            (Some(terminal), _) => tally.saw(terminal),
            (None, Some(last)) if moved(history, job, last) >= LONG => {
                let expected = format!("an end within {} minutes", LONG / 60_000);
                tally
                    .broke(last, "never-ends", expected, last.at(field::STATUS).to_string())
                    .at(field::STATUS)
                    .after(history.create(job));
            }
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
    for (job, seen) in history.all_reads() {
        let Some(state) = seen.state() else { continue };
        tally.saw(seen);
        if state == "completed" {
            completed = true;
            let (data, pagination) = (seen.body().get("data"), seen.body().get("pagination"));
            if !job.family.paged && !seen.at(field::RESULT).is_object() {
                let observed = seen.at(field::RESULT).to_string();
                tally
                    .broke(seen, "missing-when-completed", "the totals of a completed run", observed)
                    .at(field::RESULT);
            }
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
