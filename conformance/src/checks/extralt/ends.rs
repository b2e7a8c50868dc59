//! Runs on their way to their end, and what they show of it.

use super::super::{Check, Cost};
use super::{called, end, instant, is_over, jobs, lives, member, must, pairs, should};
use crate::history::seen::Seen;
use crate::history::{History, Job};
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    should(
        "run.extracted-grows",
        "What is captured never becomes less without a restart",
        Cost::Job,
        &["extralt.v0.runs.extracted-grows", "extralt.v1.runs.extracted-grows"],
        "two reads of a run",
        grows,
    ),
    must(
        "run.ends",
        "A run that is polled is over in the end",
        Cost::Long,
        &["extralt.v0.runs.ends"],
        "a run that was read until it was over",
        ends,
    ),
    must(
        "run.terminal-stays",
        "A run that is over stays as it is until it is restarted",
        Cost::Job,
        &["extralt.v0.runs.terminal-stays"],
        "two reads of a run that is over",
        stays,
    ),
    must(
        "run.started-at",
        "A run that runs or has completed shows when it started, after it was created",
        Cost::Job,
        &["extralt.v0.runs.started-at"],
        "a read of a run that runs or has completed",
        started,
    ),
    must(
        "run.duration",
        "A run that started and is over shows how long it took",
        Cost::Job,
        &["extralt.v0.runs.duration"],
        "a read of a run that is over",
        duration,
    ),
    should(
        "run.ended",
        "A finished run says when it finished, and its times are in order",
        Cost::Job,
        &["extralt.v1.runs.ended"],
        "a read of a finished run",
        ended,
    ),
    must(
        "run.finished",
        "A run is finished exactly when it is completed, stopped or failed",
        Cost::Job,
        &["extralt.v1.runs.finished-iff-terminal"],
        "a read of a run that is over, and of one that is not",
        |history| finished(history, "run"),
    ),
    must(
        "run.unfinished-no-end",
        "A run that is not finished has no finished_at",
        Cost::Job,
        &["extralt.v1.runs.unfinished-no-end"],
        "a read of a run that is not finished",
        |history| no_end(history, "run"),
    ),
    should(
        "run.list-like-get",
        "A list and a read say the same of a run that is over",
        Cost::Read,
        &["extralt.v0.runs.list.like-get", "extralt.v1.runs.list.like-get"],
        "a list and a read of one run",
        like_get,
    ),
];

fn grows(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (before, after) in pairs(history, "run") {
        let (Some(one), Some(other)) = (before.at("/extracted").as_u64(), after.at("/extracted").as_u64())
        else {
            continue;
        };
        tally.saw(after);
        if other < one {
            tally
                .broke(after, "fell", format!("{one} or more"), other.to_string())
                .at("/extracted")
                .after(before);
        }
    }
    tally
}

fn ends(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in jobs(history, "run") {
        let Some(life) = lives(history, job).pop().filter(|life| !life.is_empty()) else { continue };
        let Some(last) = life.last() else { continue };
        if life.iter().any(|read| is_over(job.family, read)) {
            tally.saw(last);
        } else if life.len() > STUCK {
            let observed = last.state().unwrap_or("no state");
            tally.broke(last, "stuck", "completed, failed or stopped", observed).after(history.create(job));
        }
    }
    tally
}

/// A run that shows no end in so many reads was waited for.
const STUCK: usize = 40;

fn stays(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (before, after) in pairs(history, "run") {
        let over = ["completed", "failed", "stopped"].iter().any(|state| before.state() == Some(state));
        if !over {
            continue;
        }
        tally.saw(after);
        if before.body() != after.body() {
            let object = before.body().as_object();
            let changed = object
                .into_iter()
                .flatten()
                .find(|(name, value)| after.body().get(name.as_str()) != Some(value));
            let name = changed.map_or("a new member", |(name, _)| name.as_str());
            tally.broke(after, "changed", "the run as it was", format!("{name} is another")).after(before);
        }
    }
    tally
}

fn started(history: &History) -> Tally {
    let names = called(history);
    let mut tally = Tally::default();
    for read in jobs(history, "run").flat_map(|job| history.reads(job)) {
        if !matches!(read.state(), Some("running" | "completed")) {
            continue;
        }
        tally.saw(read);
        let started = instant(member(read.body(), names.started));
        match (started, instant(member(read.body(), names.created))) {
            (None, _) => {
                tally.broke(read, "missing", format!("a {}", names.started), "none");
            }
            (Some(started), Some(created)) if started < created => {
                tally.broke(read, "before-created", format!("{created} or later"), started.to_string());
            }
            _ => {}
        }
    }
    tally
}

fn duration(history: &History) -> Tally {
    let names = called(history);
    let mut tally = Tally::default();
    for job in jobs(history, "run") {
        for read in history.reads(job).filter(|read| is_over(job.family, read)) {
            if member(read.body(), names.started).is_null() {
                continue;
            }
            tally.saw(read);
            if read.at("/duration").as_f64().is_none_or(|length| length < 0.0) {
                tally
                    .broke(read, "missing", "how long it took", read.at("/duration").to_string())
                    .at("/duration");
            }
        }
    }
    tally
}

fn ended(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in jobs(history, "run") {
        for read in history.reads(job).filter(|read| is_over(job.family, read)) {
            tally.saw(read);
            let times: Vec<_> = ["/created_at", "/started_at", "/finished_at"]
                .iter()
                .filter_map(|at| instant(read.at(at)))
                .collect();
            if instant(read.at("/finished_at")).is_none() {
                tally.broke(read, "no-end", "a finished_at", "none").at("/finished_at");
            } else if !times.is_sorted() {
                tally.broke(read, "out-of-order", "created, started, finished", read.body().to_string());
            }
        }
    }
    tally
}

/// Holds `finished` against the state of everything of a kind.
pub(super) fn finished(history: &History, kind: &str) -> Tally {
    let mut tally = Tally::default();
    for job in jobs(history, kind) {
        for read in history.reads(job).filter(|read| read.state().is_some()) {
            tally.saw(read);
            let over = is_over(job.family, read);
            if read.at("/finished").as_bool() != Some(over) {
                let reason = if over { "unfinished-at-end" } else { "finished-early" };
                let observed = format!("{} when {}", read.at("/finished"), read.state().unwrap_or_default());
                tally.broke(read, reason, over.to_string(), observed).at("/finished");
            }
        }
    }
    tally
}

/// Expects no end of what is not over.
pub(super) fn no_end(history: &History, kind: &str) -> Tally {
    let mut tally = Tally::default();
    for job in jobs(history, kind) {
        for read in history.reads(job).filter(|read| read.at("/finished") == false) {
            tally.saw(read);
            if !read.at("/finished_at").is_null() {
                tally.broke(read, "end", "null", read.at("/finished_at").to_string()).at("/finished_at");
            }
        }
    }
    tally
}

/// What a list and a read of one run may not differ in once it is over.
fn like_get(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in jobs(history, "run") {
        let Some(read) = end(history, job) else { continue };
        let lists = history.lists(job.family).filter(|list| list.id() > read.id() && has(job, list));
        let unchanged = |list: &&Seen| !changed_between(history, job, read, list);
        let Some(list) = lists.filter(|list| list.credential() == Some(&job.owner)).find(unchanged) else {
            continue;
        };
        let Some(item) = list.item(&job.id) else { continue };
        tally.saw(list);
        for (name, value) in item.as_object().into_iter().flatten() {
            if member(read.body(), name) != value {
                let observed = format!("{name}: {value}");
                let expected = format!("{name}: {}", member(read.body(), name));
                tally.broke(list, "differs", expected, observed).after(read);
            }
        }
    }
    tally
}

fn has(job: &Job, list: &Seen) -> bool {
    list.item(&job.id).is_some()
}

fn changed_between(history: &History, job: &Job, read: &Seen, list: &Seen) -> bool {
    history.restarts(job).any(|seen| (read.id()..list.id()).contains(&seen.id()))
}
