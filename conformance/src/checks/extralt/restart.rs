//! Restarts: the same run, from the beginning.

use serde_json::Value;

use super::super::{Check, Cost};
use super::{is_over, jobs, must, should};
use crate::history::seen::Seen;
use crate::history::{History, Job};
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    must(
        "restart.status-202",
        "An accepted restart is answered with 202 and the id of the run",
        Cost::Job,
        &["extralt.v0.runs.restart.status-202"],
        "an accepted restart",
        status,
    ),
    must(
        "restart.same-id",
        "A restart goes on with the same run, under the same id",
        Cost::Job,
        &["extralt.v1.runs.restart.same-id"],
        "an accepted restart",
        status,
    ),
    must(
        "restart.body-optional",
        "A restart needs no body",
        Cost::Job,
        &["extralt.v0.runs.restart.body-optional"],
        "a restart without a body of a stopped or failed run",
        body,
    ),
    must(
        "restart.stopped",
        "A stopped run can be restarted",
        Cost::Job,
        &["extralt.v0.runs.restart.stopped"],
        "a restart of a stopped run",
        |history| from(history, &["stopped"]),
    ),
    must(
        "restart.failed",
        "A failed run can be restarted",
        Cost::Job,
        &["extralt.v0.runs.restart.failed"],
        "a restart of a failed run",
        |history| from(history, &["failed"]),
    ),
    must(
        "restart.finished",
        "A completed, stopped or failed run can be restarted",
        Cost::Job,
        &["extralt.v1.runs.restart.finished"],
        "a restart of a run that is finished",
        |history| from(history, &["completed", "stopped", "failed"]),
    ),
    must(
        "restart.unfinished",
        "A restarted run is unfinished again",
        Cost::Job,
        &["extralt.v1.runs.restart.unfinished"],
        "an accepted restart",
        unfinished,
    ),
    must(
        "restart.runs-again",
        "A restarted run leaves its state, runs again, and is over again in the end",
        Cost::Long,
        &["extralt.v0.runs.restart.runs-again"],
        "reads of a run after its restart",
        runs_again,
    ),
    should(
        "restart.shown",
        "A restarted run is restarting until it starts or waits",
        Cost::Job,
        &["extralt.v0.runs.restart.shown"],
        "a read of a run just restarted",
        shown,
    ),
    must(
        "restart.budget-replaces",
        "The budget of a restart takes the place of the former one",
        Cost::Long,
        &["extralt.v0.runs.restart.budget-replaces", "extralt.v1.runs.restart.budget-replaces"],
        "a restart with another budget",
        replaces,
    ),
    must(
        "restart.keeps-budget",
        "A restart without a budget keeps the former one",
        Cost::Long,
        &["extralt.v0.runs.restart.budget-kept"],
        "a restart without a budget of a run that has one",
        kept,
    ),
    should(
        "restart.budget-kept",
        "A restart without a budget leaves the run the one it had",
        Cost::Long,
        &["extralt.v1.runs.restart.budget-kept"],
        "a restart without a budget of a run that has one",
        kept,
    ),
    should(
        "restart.under-way-409",
        "A restart of a run that is not over is answered with 409",
        Cost::Job,
        &["extralt.v1.runs.restart.under-way-409"],
        "a restart of a run that is not over",
        under_way,
    ),
];

/// The owner's restarts with the run as it was read right before.
fn restarts(history: &History) -> Vec<(&Job, &Seen, &Seen)> {
    let mut found = Vec::new();
    for job in jobs(history, "run") {
        for restart in history.restarts(job).filter(|seen| !seen.is_server_failure()) {
            let Some(before) = history.last_read_before(job, restart) else { continue };
            let acted = history.cancels(job).chain(history.restarts(job)).filter(|it| !it.is_refusal());
            if !acted.into_iter().any(|it| (before.id()..restart.id()).contains(&it.id())) {
                found.push((job, restart, before));
            }
        }
    }
    found
}

/// Whether a request should have been taken: its body is in order, and so is its credit.
fn is_fair(history: &History, restart: &Seen) -> bool {
    let operation = restart.operation().and_then(|id| history.contract.operation(id));
    let empty = restart.exchange().request().body.is_empty();
    // What is not there any more cannot begin again.
    let robot_gone =
        history.of("extralt.robots.delete").any(|seen| seen.is_success() && seen.id() < restart.id());
    restart.status() != Some(402)
        && !robot_gone
        && (empty || operation.is_some_and(|it| it.request_violations(restart.request()).is_empty()))
}

fn status(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in jobs(history, "run") {
        for restart in history.restarts(job).filter(|seen| seen.is_success()) {
            tally.saw(restart);
            if restart.status() != Some(202) {
                tally.broke(restart, "not-202", "202", restart.status_text());
            } else if restart.own_id() != Some(&job.id) {
                tally.broke(restart, "other-id", job.id.as_str(), restart.own_id().unwrap_or("none"));
            }
        }
    }
    tally
}

fn from(history: &History, states: &[&str]) -> Tally {
    let mut tally = Tally::default();
    for (_, restart, before) in restarts(history) {
        let was = before.state().is_some_and(|state| states.contains(&state));
        if !was || !is_fair(history, restart) {
            continue;
        }
        tally.saw(restart);
        if !restart.is_success() {
            let expected = format!("a restart of a {} run", before.state().unwrap_or_default());
            tally.broke(restart, "refused", expected, restart.status_text()).after(before);
        }
    }
    tally
}

fn body(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (_, restart, before) in restarts(history) {
        // Whether a completed run can be restarted is open; with a body in its way nobody could tell.
        let was = before.state().is_some_and(|state| ["stopped", "failed", "completed"].contains(&state));
        let empty = restart.exchange().request().body.is_empty();
        let disputed = before.state() == Some("completed") && restart.status() == Some(409);
        if !was || !empty || disputed || !is_fair(history, restart) {
            continue;
        }
        tally.saw(restart);
        if !restart.is_success() {
            tally.broke(restart, "refused", "a restart without a body", restart.status_text());
        }
    }
    tally
}

/// The reads of a run from an accepted restart to the next thing that was done to it.
fn after<'a>(history: &'a History, job: &'a Job, restart: &Seen) -> Vec<&'a Seen> {
    let from = restart.id();
    let acts = history.cancels(job).chain(history.restarts(job)).filter(|it| it.id() > from);
    let to = acts.map(Seen::id).min().unwrap_or(u64::MAX);
    history.reads(job).filter(|read| read.id() > from && read.id() < to).collect()
}

fn unfinished(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (_, restart, _) in restarts(history).into_iter().filter(|(_, restart, _)| restart.is_success()) {
        tally.saw(restart);
        if restart.at("/finished") != false || !restart.at("/finished_at").is_null() {
            let observed =
                format!("finished: {}, finished_at: {}", restart.at("/finished"), restart.at("/finished_at"));
            tally.broke(restart, "finished", "an unfinished run", observed);
        }
    }
    tally
}

fn runs_again(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, restart, _) in restarts(history).into_iter().filter(|(_, restart, _)| restart.is_success()) {
        let reads = after(history, job, restart);
        let (Some(first), Some(last)) = (reads.first(), reads.last()) else { continue };
        let left = reads.iter().any(|read| !is_over(job.family, read));
        // Where nobody read it in between it may have been through all of it.
        let hidden = first.exchange().started_ms() > restart.exchange().ended_ms() + HIDDEN_MS;
        tally.saw(last);
        if !left && !hidden {
            let observed = first.state().unwrap_or("none");
            tally.broke(first, "not-reopened", "a run that is not over", observed).after(restart);
        } else if reads.len() > 40 && !is_over(job.family, last) {
            tally.broke(last, "stuck", "an end", last.state().unwrap_or("none")).after(restart);
        }
    }
    tally
}

/// A run may begin again and be over in so much time without being seen.
const HIDDEN_MS: u64 = 1_000;

fn shown(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, restart, _) in restarts(history).into_iter().filter(|(_, restart, _)| restart.is_success()) {
        let Some(first) = after(history, job, restart).first().copied() else { continue };
        if first.id() > restart.id() + 2 {
            continue;
        }
        tally.saw(first);
        if !matches!(first.state(), Some("restarting" | "pending" | "starting")) {
            let observed = first.state().unwrap_or("none");
            tally.broke(first, "other-state", "restarting", observed).at("/status").after(restart);
        }
    }
    tally
}

fn budget(value: &Value) -> Option<u64> {
    value.get("budget").and_then(Value::as_u64)
}

/// Expects a budget of every read after a restart, and no more captures than that.
fn held(tally: &mut Tally, reads: &[&Seen], restart: &Seen, expected: u64) {
    for read in reads {
        tally.saw(read);
        let told = read.at("/budget").as_u64();
        if told.is_some_and(|told| told != expected) {
            let observed = told.unwrap_or_default().to_string();
            tally.broke(read, "other-budget", expected.to_string(), observed).at("/budget").after(restart);
        } else if read.at("/extracted").as_u64().is_some_and(|count| count > expected) {
            let observed = read.at("/extracted").to_string();
            tally
                .broke(read, "too-many", format!("{expected} at most"), observed)
                .at("/extracted")
                .after(restart);
        }
    }
}

fn replaces(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, restart, _) in restarts(history).into_iter().filter(|(_, restart, _)| restart.is_success()) {
        let Some(asked) = budget(restart.request()) else { continue };
        held(&mut tally, &after(history, job, restart), restart, asked);
    }
    tally
}

fn kept(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, restart, before) in restarts(history).into_iter().filter(|(_, restart, _)| restart.is_success())
    {
        let (None, Some(former)) = (budget(restart.request()), budget(before.body())) else { continue };
        let reads = after(history, job, restart);
        held(&mut tally, &reads, restart, former);
        for read in reads.iter().filter(|read| budget(read.body()).is_none()) {
            tally.broke(read, "lost", former.to_string(), "no budget").at("/budget").after(restart);
        }
    }
    tally
}

fn under_way(history: &History) -> Tally {
    let mut tally = Tally::default();
    let fair = restarts(history).into_iter().filter(|(job, _, before)| !is_over(job.family, before));
    let plain =
        fair.filter(|(_, restart, _)| restart.exchange().request().header("idempotency-key").is_none());
    super::expect(&mut tally, plain.map(|(_, restart, _)| restart), "not-409", &[409]);
    tally
}
