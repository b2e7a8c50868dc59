//! Stops: how they are answered, and what becomes of the run.

use super::super::{Check, Cost};
use super::{expect, is_over, jobs, must, should};
use crate::history::seen::Seen;
use crate::history::{History, Job};
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    must(
        "stop.no-content",
        "A stop is answered with 204 and without a body",
        Cost::Job,
        &["extralt.v0.runs.stop.no-content"],
        "a stop of a run that was pending or running",
        no_content,
    ),
    must(
        "stop.no-body-needed",
        "A stop needs no body",
        Cost::Job,
        &["extralt.v0.runs.stop.no-body-needed"],
        "a stop without a body of a run that was pending or running",
        no_body,
    ),
    must(
        "stop.full-run",
        "A stop is answered with the whole run",
        Cost::Job,
        &["extralt.v1.runs.stop.full-run"],
        "an accepted stop",
        full,
    ),
    must(
        "stop.pending",
        "A pending run that is stopped shows stopped and never starts",
        Cost::Job,
        &["extralt.v0.runs.stop.pending"],
        "a stop of a pending run",
        |history| stopped(history, "pending"),
    ),
    must(
        "stop.running",
        "A running run that is stopped shows stopped and captures nothing more",
        Cost::Job,
        &["extralt.v0.runs.stop.running"],
        "a stop of a running run",
        |history| stopped(history, "running"),
    ),
    should(
        "stop.by-and-by",
        "A pending or running run that is stopped is stopped by and by",
        Cost::Job,
        &["extralt.v1.runs.stop.stopped"],
        "a stop of a pending or running run",
        either,
    ),
    should(
        "stop.again",
        "A stopped run can be asked to stop again",
        Cost::Job,
        &["extralt.v1.runs.stop.again"],
        "a stop of a stopped run",
        again,
    ),
    should(
        "stop.over-409",
        "A stop of a completed or failed run is answered with 409",
        Cost::Job,
        &["extralt.v1.runs.stop.over-409"],
        "a stop of a completed or failed run",
        over,
    ),
];

/// The owner's stops of runs, each with the read before it if that was the last thing that was asked of the run.
fn stops(history: &History) -> Vec<(&Job, &Seen, &Seen)> {
    let mut stops = Vec::new();
    for job in jobs(history, "run") {
        for stop in history.cancels(job).filter(|seen| !seen.is_server_failure()) {
            let Some(before) = history.last_read_before(job, stop) else { continue };
            let acted = history.cancels(job).chain(history.restarts(job)).filter(|it| !it.is_refusal());
            if !acted.into_iter().any(|it| (before.id()..stop.id()).contains(&it.id())) {
                stops.push((job, stop, before));
            }
        }
    }
    stops
}

/// The same of runs that were in this state a moment before. One may have ended in between.
fn of_state<'a>(history: &'a History, state: &'a str) -> impl Iterator<Item = (&'a Job, &'a Seen)> {
    let stops = stops(history).into_iter().filter(move |(_, _, before)| before.state() == Some(state));
    stops.map(|(job, stop, _)| (job, stop))
}

/// Whether a run was over by itself when it was asked to stop.
fn was_over(history: &History, job: &Job, stop: &Seen) -> bool {
    let after = history.first_read_after(job, stop);
    stop.status() == Some(409)
        && after.is_some_and(|read| matches!(read.state(), Some("completed" | "failed")))
}

fn accepted(history: &History) -> impl Iterator<Item = (&Job, &Seen)> {
    let both = of_state(history, "pending").chain(of_state(history, "running"));
    both.filter(|(job, stop)| !was_over(history, job, stop))
}

fn no_content(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (_, stop) in accepted(history) {
        tally.saw(stop);
        if stop.status() != Some(204) {
            tally.broke(stop, "not-204", "204", stop.status_text());
        } else if stop.response().is_some_and(|response| !response.body.is_empty()) {
            tally.broke(stop, "body", "no body", stop.body().to_string());
        }
    }
    tally
}

fn no_body(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (_, stop) in accepted(history).filter(|(_, stop)| stop.exchange().request().body.is_empty()) {
        tally.saw(stop);
        if !stop.is_success() {
            tally.broke(stop, "refused", "a stop without a body", stop.status_text());
        }
    }
    tally
}

fn full(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (_, stop) in accepted(history) {
        tally.saw(stop);
        let whole = ["/id", "/status", "/robot_id", "/extracted", "/created_at", "/finished"];
        if !stop.is_success() {
            tally.broke(stop, "not-accepted", "the run", stop.status_text());
        } else if let Some(at) = whole.iter().find(|at| stop.at(at).is_null()) {
            tally.broke(stop, "not-whole", "the whole run", format!("nothing at {at}")).at(*at);
        }
    }
    tally
}

fn judge<'a>(history: &'a History, tally: &mut Tally, probes: impl Iterator<Item = (&'a Job, &'a Seen)>) {
    for (job, stop) in probes {
        let begun = history.restarts(job).find(|seen| seen.id() > stop.id()).map_or(u64::MAX, Seen::id);
        let reads = history.reads(job).filter(|read| read.id() > stop.id() && read.id() < begun);
        let reads: Vec<_> = reads.collect();
        let Some(last) = reads.last() else { continue };
        if was_over(history, job, stop) {
            continue;
        }
        tally.saw(last);
        let early = |read: &&&Seen| is_over(job.family, read) && read.state() != Some("stopped");
        if let Some(read) =
            reads.iter().find(early).or(Some(last)).filter(|read| read.state() != Some("stopped"))
        {
            let observed = read.state().unwrap_or("no state");
            tally.broke(read, "not-stopped", "stopped", observed).at("/status").after(stop);
            continue;
        }
        let counts = reads.iter().filter(|read| read.state() == Some("stopped"));
        let counts: Vec<_> = counts.filter_map(|read| read.at("/extracted").as_u64()).collect();
        if counts.windows(2).any(|two| two[0] != two[1]) {
            tally
                .broke(last, "goes-on", "no capture after the stop", format!("{counts:?}"))
                .at("/extracted")
                .after(stop);
        }
    }
}

fn stopped(history: &History, state: &str) -> Tally {
    let mut tally = Tally::default();
    judge(history, &mut tally, of_state(history, state));
    tally
}

fn either(history: &History) -> Tally {
    let mut tally = Tally::default();
    judge(history, &mut tally, of_state(history, "pending").chain(of_state(history, "running")));
    tally
}

fn again(history: &History) -> Tally {
    let mut tally = Tally::default();
    expect(&mut tally, of_state(history, "stopped").map(|(_, stop)| stop), "not-200", &[200]);
    tally
}

fn over(history: &History) -> Tally {
    let mut tally = Tally::default();
    let both = of_state(history, "completed").chain(of_state(history, "failed"));
    expect(&mut tally, both.map(|(_, stop)| stop), "not-409", &[409]);
    tally
}
