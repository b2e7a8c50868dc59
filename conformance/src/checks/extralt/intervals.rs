//! Schedules and the runs they make, on a clock that can be moved.

use serde_json::Value;

use super::super::{Check, Cost};
use super::schedules::{GET, after};
use super::{called, first_pages, good, instant, member, must, should};
use crate::history::History;
use crate::history::seen::Seen;
use crate::session::control::CLOCK;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    must(
        "schedule.runs",
        "An active schedule makes a run of its robot at every interval",
        Cost::Long,
        &["extralt.v0.schedules.runs.at-the-interval", "extralt.v1.schedules.runs.at-the-interval"],
        "lists of runs around an interval, on a clock that can be moved",
        runs,
    ),
    should(
        "schedule.run-settings",
        "A run that a schedule made has the settings of the schedule",
        Cost::Long,
        &["extralt.v0.schedules.runs.settings"],
        "a read of a run that a schedule made",
        settings,
    ),
    should(
        "schedule.run-known",
        "A run that a schedule began is triggered by it, and named by it",
        Cost::Long,
        &["extralt.v1.schedules.runs.known"],
        "a read of a schedule after it began a run",
        known,
    ),
    must(
        "schedule.paused-no-runs",
        "A schedule that is paused makes no runs",
        Cost::Long,
        &["extralt.v0.schedules.pause.no-runs"],
        "an interval that passed while a schedule was paused",
        no_runs,
    ),
    must(
        "schedule.paused",
        "A paused schedule is not enabled, says who paused it, and begins no run",
        Cost::Write,
        &["extralt.v1.schedules.pause.paused"],
        "a read of a schedule after its pause",
        paused,
    ),
];

/// A time in which an interval of a schedule lay: the schedule before and after, and lists of runs around it.
struct Rest<'a> {
    schedule: &'a Seen,
    lists: (&'a Seen, &'a Seen),
}

/// Two lists of all runs, one after the other, with nothing but the clock moved in between.
pub(super) fn spans(history: &History) -> Vec<(&Seen, &Seen)> {
    let lists: Vec<_> = first_pages(history, "extralt.runs.list")
        .filter(|list| list.credential() == Some("$KEY_A"))
        .collect();
    let is_still = |(before, after): &(&Seen, &Seen)| {
        let mut between = between(history, before, after);
        !between.any(|seen| seen.writes() && seen.exchange().request().path() != CLOCK)
    };
    lists.windows(2).map(|two| (two[0], two[1])).filter(is_still).collect()
}

fn between<'a>(history: &'a History, before: &Seen, after: &Seen) -> impl Iterator<Item = &'a Seen> {
    let span = before.id()..after.id();
    history.all().iter().filter(move |seen| span.contains(&seen.id()))
}

/// Such lists with the schedule as it was read in between.
fn rests(history: &History) -> Vec<Rest<'_>> {
    let rests = spans(history).into_iter().flat_map(|lists| {
        let reads = between(history, lists.0, lists.1).filter(|seen| seen.is(GET) && seen.is_success());
        reads.map(move |schedule| Rest { schedule, lists })
    });
    rests.collect()
}

/// The runs of a schedule's robot that are new in the second list.
fn new_runs<'a>(history: &History, rest: &Rest<'a>) -> Vec<&'a Value> {
    let names = called(history);
    let (before, after) = rest.lists;
    let robot = member(rest.schedule.body(), names.robot);
    let is_new = |item: &&Value| after.id_of(item).is_some_and(|id| before.item(id).is_none());
    after.items().iter().filter(is_new).filter(|item| member(item, names.robot) == robot).collect()
}

/// Whether the interval of a schedule passed: it says another next run afterwards.
fn is_due(history: &History, rest: &Rest<'_>) -> bool {
    let next = called(history).next_run;
    let id = rest.schedule.run();
    let mut later = good(history, GET).filter(|seen| seen.run() == id && seen.id() > rest.lists.1.id());
    let after = later.next().and_then(|seen| instant(member(seen.body(), next)));
    let before = instant(member(rest.schedule.body(), next));
    matches!((before, after), (Some(before), Some(after)) if after > before)
}

fn runs(history: &History) -> Tally {
    let mut tally = Tally::default();
    for rest in rests(history).into_iter().filter(|rest| rest.schedule.at("/enabled") == true) {
        if !is_due(history, &rest) {
            continue;
        }
        tally.saw(rest.lists.1);
        if new_runs(history, &rest).is_empty() {
            tally.broke(rest.lists.1, "no-run", "a new run of the robot", "none").after(rest.schedule);
        }
    }
    for (schedule, list) in overdue(history) {
        tally.saw(list);
        let robot = member(schedule.body(), called(history).robot);
        let begun = |item: &Value| {
            member(item, called(history).robot) == robot
                && member(item, called(history).trigger) == "schedule"
        };
        if !list.items().iter().any(begun) {
            tally.broke(list, "no-run", "a run that the schedule began", "none").after(schedule);
        }
    }
    tally
}

/// A run may begin this many milliseconds late.
const LATE: f64 = 60_000.0;

/// Schedules whose next run is past, as a change of them says later on, with a list of runs after that. One that begins
/// nothing may say the same next run for ever.
fn overdue(history: &History) -> Vec<(&Seen, &Seen)> {
    let mut found = Vec::new();
    for change in good(history, "extralt.schedules.update") {
        let of_it = |seen: &Seen| seen.run() == change.run() && seen.is_success();
        let rests = |seen: &Seen| of_it(seen) && seen.writes() && !seen.is("extralt.schedules.update");
        let mut past = good(history, GET).filter(|seen| of_it(seen) && seen.id() < change.id());
        let Some(schedule) = past.find(|seen| seen.at("/enabled") == true) else { continue };
        let next = instant(member(schedule.body(), called(history).next_run));
        let (Some(next), Some(now)) = (next, instant(change.at("/updated_at"))) else { continue };
        let span = schedule.id()..change.id();
        if now < next + LATE || history.all().iter().any(|seen| span.contains(&seen.id()) && rests(seen)) {
            continue;
        }
        let mut lists = good(history, "extralt.runs.list")
            .filter(|list| list.query("cursor").is_none() && list.query("finished_since").is_none())
            .filter(|list| list.at("/next_cursor").is_null() && list.credential() == change.credential());
        found.extend(lists.find(|list| list.id() > change.id()).map(|list| (schedule, list)));
    }
    found
}

/// The runs that a schedule names as its last, as they were read, with the schedule.
fn made(history: &History) -> Vec<(&Seen, &Seen)> {
    let last = called(history).last_run;
    let mut found = Vec::new();
    let mut told = std::collections::BTreeSet::new();
    for schedule in good(history, GET) {
        let Some(id) = schedule.body().get(last).and_then(Value::as_str) else { continue };
        // Later it may have been changed.
        if !told.insert(id) {
            continue;
        }
        let read = good(history, "extralt.runs.get")
            .find(|seen| seen.run() == Some(id) && seen.id() > schedule.id());
        found.extend(read.map(|read| (schedule, read)));
    }
    found
}

fn settings(history: &History) -> Tally {
    let names = called(history);
    let mut tally = Tally::default();
    for (schedule, run) in made(history) {
        tally.saw(run);
        for name in ["budget", names.start_urls, names.auto_enrich] {
            let (asked, shown) = (member(schedule.body(), name), member(run.body(), name));
            if asked != shown {
                tally.broke(run, "differs", format!("{name}: {asked}"), shown.to_string()).after(schedule);
            }
        }
    }
    tally
}

fn known(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (schedule, run) in made(history) {
        tally.saw(run);
        if run.text("/triggered_by") != Some("schedule") {
            tally
                .broke(run, "other-trigger", "schedule", run.at("/triggered_by").to_string())
                .after(schedule);
        }
    }
    for rest in rests(history).into_iter().filter(|rest| rest.schedule.at("/enabled") == true) {
        let runs = new_runs(history, &rest);
        let Some(first) = runs.first().and_then(|item| rest.lists.1.id_of(item)) else { continue };
        let id = rest.schedule.run();
        let mut later = good(history, GET).filter(|seen| seen.run() == id && seen.id() > rest.lists.1.id());
        let Some(after) = later.next() else { continue };
        tally.saw(after);
        if after.text("/last_run_id") != Some(first) {
            tally.broke(after, "other-run", first, after.at("/last_run_id").to_string()).at("/last_run_id");
        }
    }
    tally
}

/// Whether the clock was moved far enough between two exchanges: a run of the plan takes minutes, an interval an hour.
fn no_runs(history: &History) -> Tally {
    let mut tally = Tally::default();
    let mut active = false;
    for rest in rests(history) {
        if rest.schedule.at("/enabled") != false {
            active |= !new_runs(history, &rest).is_empty();
            continue;
        }
        tally.saw(rest.lists.1);
        if !new_runs(history, &rest).is_empty() {
            tally.broke(rest.lists.1, "run", "no run while it is paused", "a new run").after(rest.schedule);
        }
    }
    if !tally.occasions().is_empty() && !active {
        tally.block("no schedule was seen to make a run, so making none proves nothing");
    }
    tally
}

fn paused(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (call, read) in after(history, "extralt.schedules.pause") {
        tally.saw(read);
        if read.at("/enabled") != false {
            tally.broke(read, "enabled", "false", read.at("/enabled").to_string()).at("/enabled").after(call);
        } else if read.text("/pause_reason") != Some("user") {
            let observed = read.at("/pause_reason").to_string();
            tally.broke(read, "other-reason", "user", observed).at("/pause_reason").after(call);
        }
    }
    for rest in rests(history).into_iter().filter(|rest| rest.schedule.at("/enabled") == false) {
        if !new_runs(history, &rest).is_empty() {
            tally.broke(rest.lists.1, "run", "no run while it is paused", "a new run").after(rest.schedule);
        }
    }
    tally
}
