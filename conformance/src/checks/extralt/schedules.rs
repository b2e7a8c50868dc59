//! Schedules, and what is true of whatever was deleted.

use serde_json::Value;

use super::super::{Check, Cost};
use super::intervals::spans;
use super::{asked, called, expect, expect_refusal, good, member, must, should};
use crate::history::History;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    should(
        "schedule.created-201",
        "A new schedule is answered with 201 and its id",
        Cost::Write,
        &["extralt.v0.schedules.create.status-201"],
        "an accepted schedule",
        created,
    ),
    should(
        "schedule.name",
        "A schedule that was given no name has one",
        Cost::Write,
        &["extralt.v0.schedules.create.name"],
        "a schedule without a name",
        name,
    ),
    should(
        "schedule.named",
        "A schedule that was given no name has one made of its cadence and its robot",
        Cost::Write,
        &["extralt.v1.schedules.create.name"],
        "a schedule without a name",
        name,
    ),
    should(
        "schedule.enabled",
        "A new schedule is enabled",
        Cost::Write,
        &["extralt.v1.schedules.create.enabled"],
        "an accepted schedule",
        enabled,
    ),
    must(
        "schedule.start-urls",
        "Start addresses of another host are refused",
        Cost::Write,
        &["extralt.v1.schedules.create.start-urls"],
        "a schedule with an address of another host",
        elsewhere,
    ),
    should(
        "schedule.change-keeps",
        "A change keeps what it leaves out, and null takes away",
        Cost::Write,
        &["extralt.v0.schedules.update.kept"],
        "a change between two reads",
        |history| changes(history, |_| true),
    ),
    must(
        "schedule.update-kept",
        "What a change leaves out stays as it was",
        Cost::Write,
        &["extralt.v1.schedules.update.kept"],
        "a change between two reads",
        |history| changes(history, |null| !null),
    ),
    must(
        "schedule.null-clears",
        "Null takes the budget or the start addresses away",
        Cost::Write,
        &["extralt.v1.schedules.update.null-clears"],
        "a change to null between two reads",
        |history| changes(history, |null| null),
    ),
    must(
        "schedule.resumed",
        "A resumed schedule is enabled, with no reason to rest",
        Cost::Write,
        &["extralt.v1.schedules.resume.enabled"],
        "a read of a schedule after it was resumed",
        resumed,
    ),
    must(
        "schedule.deleted",
        "A schedule that was deleted is not found and not listed any more",
        Cost::Write,
        &["extralt.v1.schedules.delete.gone"],
        "a schedule that was deleted",
        deleted,
    ),
    should(
        "schedule.delete-204",
        "A schedule is deleted with 204, and is unknown from then on",
        Cost::Write,
        &["extralt.v0.schedules.delete.status-204"],
        "a schedule that was deleted",
        deleted,
    ),
];

const CREATE: &str = "extralt.schedules.create";
pub(super) const GET: &str = "extralt.schedules.get";
const DELETE: &str = "extralt.schedules.delete";

fn created(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in good(history, CREATE) {
        tally.saw(seen);
        if seen.status() != Some(201) || seen.own_id().is_none() {
            tally.broke(seen, "not-201", "201 and an id", seen.status_text());
        }
    }
    tally
}

/// The first read of each schedule that was created, with its create.
fn first_reads(history: &History) -> impl Iterator<Item = (&Seen, &Seen)> {
    good(history, CREATE).filter_map(|create| Some((create, next_read(history, create, create.own_id()?)?)))
}

/// The first read of a schedule after `call`. None if the schedule was changed in between: then the read says nothing
/// of what the call did.
fn next_read<'a>(history: &'a History, call: &Seen, id: &str) -> Option<&'a Seen> {
    let later = history.all().iter().filter(|seen| seen.id() > call.id() && seen.run() == Some(id));
    let mut telling = later.filter(|seen| seen.is_success() && (seen.is(GET) || seen.writes()));
    telling.next().filter(|seen| seen.is(GET))
}

fn name(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (create, read) in first_reads(history).filter(|(create, _)| create.request().get("name").is_none()) {
        tally.saw(read);
        if read.text("/name").is_none_or(str::is_empty) {
            tally.broke(read, "no-name", "a name", read.at("/name").to_string()).at("/name").after(create);
        }
    }
    tally
}

fn enabled(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (create, read) in first_reads(history) {
        tally.saw(read);
        if read.at("/enabled") != true {
            tally
                .broke(read, "not-enabled", "true", read.at("/enabled").to_string())
                .at("/enabled")
                .after(create);
        }
    }
    tally
}

fn elsewhere(history: &History) -> Tally {
    let mut tally = Tally::default();
    let away = asked(history, "extralt.schedules.create").filter(|seen| super::bodies::is_elsewhere(seen));
    expect_refusal(&mut tally, away, "accepted");
    super::needs_acceptance(history, &mut tally, "extralt.schedules.create");
    tally
}

/// The names of members in a change and in what is shown of a schedule.
fn shown_name(history: &History, name: &str) -> &'static str {
    let names = called(history);
    match name {
        "start_urls" => names.start_urls,
        "auto_enrich" => names.auto_enrich,
        "robot_id" => names.robot,
        "budget" => "budget",
        _ => "name",
    }
}

/// Changes with the reads around them; `about` says whether one to null counts.
fn changes(history: &History, about: fn(bool) -> bool) -> Tally {
    let mut tally = Tally::default();
    for change in good(history, "extralt.schedules.update") {
        let Some(asked) = change.request().as_object() else { continue };
        if !about(asked.values().any(Value::is_null)) {
            continue;
        }
        let Some(id) = change.run() else { continue };
        let before = good(history, GET).take_while(|seen| seen.id() < change.id());
        let before = before.filter(|seen| seen.run() == Some(id)).last();
        let (Some(before), Some(after)) = (before, next_read(history, change, id)) else { continue };
        let is_change = |seen: &Seen| seen.run() == Some(id) && seen.writes() && seen.is_success();
        let mut between =
            history.all().iter().filter(|seen| (before.id() + 1..change.id()).contains(&seen.id()));
        if between.any(is_change) {
            continue;
        }
        tally.saw(after);
        let changed: Vec<_> = asked.keys().map(|name| shown_name(history, name)).collect();
        for (name, value) in asked {
            let shown = member(after.body(), shown_name(history, name));
            if shown != value {
                tally
                    .broke(after, "not-changed", format!("{name}: {value}"), shown.to_string())
                    .after(change);
            }
        }
        let names = called(history);
        for name in ["name", "budget", "enabled", "cadence", names.robot, names.start_urls, names.auto_enrich]
        {
            let (was, is) = (member(before.body(), name), member(after.body(), name));
            if !changed.contains(&name) && was != is {
                tally
                    .broke(after, "not-kept", format!("{name}: {was}"), is.to_string())
                    .after(change)
                    .after(before);
            }
        }
    }
    tally
}

/// The first read of a schedule after an accepted call.
pub(super) fn after<'a>(
    history: &'a History,
    operation: &'a str,
) -> impl Iterator<Item = (&'a Seen, &'a Seen)> {
    good(history, operation).filter_map(|call| Some((call, next_read(history, call, call.run()?)?)))
}

fn resumed(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (call, read) in after(history, "extralt.schedules.resume") {
        tally.saw(read);
        if read.at("/enabled") != true || !read.at("/pause_reason").is_null() {
            let observed = format!("{}, {}", read.at("/enabled"), read.at("/pause_reason"));
            tally.broke(read, "still-paused", "true, and no reason", observed).after(call);
        }
    }
    tally
}

fn deleted(history: &History) -> Tally {
    let mut tally = Tally::default();
    gone(history, &mut tally, "extralt.schedules");
    for (before, after) in spans(history) {
        let done = |operation| good(history, operation).filter(|seen| seen.id() < before.id());
        let Some(delete) = done(DELETE).next_back() else { continue };
        // As long as another is there the run may be one of that.
        let is_deleted = |create: &Seen| done(DELETE).any(|delete| delete.run() == create.own_id());
        if !done(CREATE).all(is_deleted) {
            continue;
        }
        let begun = after.items().iter().find(|run| {
            member(run, called(history).trigger) == "schedule"
                && after.id_of(run).is_some_and(|id| before.item(id).is_none())
        });
        if let Some(id) = begun.and_then(|run| after.id_of(run)) {
            tally.broke(after, "still-runs", "no run of a schedule", id).after(delete).after(before);
        }
    }
    tally
}

/// Expects what was deleted to be unknown from then on.
pub(super) fn gone(history: &History, tally: &mut Tally, resource: &str) {
    let operation = |verb: &str| format!("{resource}.{verb}");
    for delete in good(history, &operation("delete")) {
        let Some(id) = delete.run() else { continue };
        expect(tally, std::iter::once(delete), "not-204", &[204]);
        let get = operation("get");
        let later = asked(history, &get).filter(|seen| seen.run() == Some(id) && seen.id() > delete.id());
        expect(tally, later.filter(|seen| seen.credential() == delete.credential()), "still-there", &[404]);
        for list in good(history, &operation("list")).filter(|list| list.id() > delete.id()) {
            if list.item(id).is_some() {
                tally.broke(list, "still-listed", "no longer listed", id).after(delete);
            }
        }
    }
}

#[cfg(test)]
mod tests;
