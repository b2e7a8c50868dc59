//! The shape of what is shown, each kind of thing by itself, and its times.

use std::collections::BTreeSet;

use super::super::{Check, Cost};
use super::{called, good, instant, jobs, must, should};
use crate::history::History;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    must(
        "shape.runs",
        "A run shows the members it is documented with",
        Cost::Passive,
        &["extralt.v0.runs.members", "extralt.v1.runs.members"],
        "an answer that shows a run",
        |history| {
            fits(
                history,
                &["extralt.runs.create", "extralt.runs.get", "extralt.runs.list", "extralt.runs.stop"],
            )
        },
    ),
    must(
        "shape.robots",
        "A robot shows the members it is documented with",
        Cost::Passive,
        &["extralt.v1.robots.members"],
        "an answer that shows a robot",
        robots,
    ),
    should(
        "shape.robots-and-builds",
        "A robot and a build show what is known of them",
        Cost::Passive,
        &["extralt.v0.robots.members", "extralt.v0.robot-builds.members"],
        "an answer that shows a robot",
        robots,
    ),
    must(
        "shape.captures",
        "A capture shows the members it is documented with",
        Cost::Job,
        &[
            "extralt.v0.captures.list.row-members",
            "extralt.v1.captures.members",
            "extralt.v1.captures.empty-text",
        ],
        "a list with a capture",
        |history| fits(history, &["extralt.captures.list"]),
    ),
    must(
        "shape.schedules",
        "A schedule and its cadence show the members they are documented with",
        Cost::Write,
        &["extralt.v1.schedules.members", "extralt.v1.schedules.cadence"],
        "an answer that shows a schedule",
        schedules,
    ),
    should(
        "shape.schedules-known",
        "A schedule shows what is known of one",
        Cost::Write,
        &["extralt.v0.schedules.members"],
        "an answer that shows a schedule",
        schedules,
    ),
    must(
        "shape.enrichments",
        "An enrichment shows the members it is documented with",
        Cost::Job,
        &["extralt.v1.enrichments.members"],
        "an answer that shows an enrichment",
        enrichments,
    ),
    should(
        "shape.enrichments-known",
        "An enrichment shows what is known of one",
        Cost::Job,
        &["extralt.v0.enrichments.members"],
        "an answer that shows an enrichment",
        enrichments,
    ),
    must(
        "shape.items",
        "An item shows the members it is documented with, prices as decimal text",
        Cost::Job,
        &["extralt.v1.items.members", "extralt.v1.items.prices"],
        "a list with an item",
        |history| fits(history, &["extralt.items.list", "extralt.items.get"]),
    ),
    must(
        "shape.times",
        "Every instant is a date and a time with an offset",
        Cost::Passive,
        &["extralt.v1.responses.times"],
        "an answer with an instant",
        times,
    ),
    should(
        "shape.milliseconds",
        "The times of a run are whole milliseconds since 1970",
        Cost::Passive,
        &["extralt.v0.runs.time-unit"],
        "a read of a run",
        milliseconds,
    ),
    should(
        "shape.capture-seconds",
        "The time of a capture is seconds since 1970, with a fraction",
        Cost::Job,
        &["extralt.v0.captures.list.extracted-at"],
        "a list with a capture",
        seconds,
    ),
    must(
        "shape.media-type",
        "What is not a file and has a body is JSON, and says so",
        Cost::Passive,
        &["extralt.v1.responses.content-type", "extralt.v0.responses.content-type"],
        "an answer with a body that is no file",
        media,
    ),
    should(
        "shape.success-status",
        "A success is 202 for a job, 201 for what is kept, 204 after a delete, else 200",
        Cost::Passive,
        &["extralt.v1.responses.success-status"],
        "a success of a documented operation",
        success,
    ),
    must(
        "shape.same-id",
        "What is asked for by its id has that id in the answer",
        Cost::Passive,
        &["extralt.v0.runs.id-echo", "extralt.v1.responses.same-id"],
        "a success that is about one thing",
        same_id,
    ),
    must(
        "shape.full-resource",
        "A call that makes or changes something shows all of it",
        Cost::Job,
        &["extralt.v1.responses.full-resource"],
        "an accepted create or change, and a look at what it made",
        full,
    ),
];

/// Holds the successes of some operations that show something against the contract.
pub(super) fn fits(history: &History, operations: &[&str]) -> Tally {
    let mut tally = Tally::default();
    let mut told = BTreeSet::new();
    for id in operations {
        let Some(operation) = history.contract.operation(id) else { continue };
        for seen in good(history, id).filter(|seen| !seen.is_list() || !seen.items().is_empty()) {
            let Some(response) = seen.response().filter(|_| seen.body().is_object()) else { continue };
            tally.saw(seen);
            let media = response.header("content-type");
            for violation in operation.response_violations(response.status, media, seen.body()) {
                if violation.keyword != "status" && told.insert((id, violation.keyword.clone())) {
                    let finding = tally.broke(seen, "shape", violation.message, violation.value);
                    finding.at(violation.pointer).schema(violation.schema_pointer);
                }
            }
        }
    }
    tally
}

fn robots(history: &History) -> Tally {
    fits(
        history,
        &["extralt.robots.get", "extralt.robots.list", "extralt.robots.create", "extralt.robot-builds.get"],
    )
}

fn schedules(history: &History) -> Tally {
    fits(history, &["extralt.schedules.get", "extralt.schedules.list", "extralt.schedules.update"])
}

fn enrichments(history: &History) -> Tally {
    fits(history, &["extralt.enrichments.get", "extralt.enrichments.list"])
}

/// The members of an answer, and of the items of a list, whose names say that they are instants.
fn instants(seen: &Seen) -> impl Iterator<Item = (&str, &serde_json::Value)> {
    let things = std::iter::once(seen.body()).chain(seen.items());
    let members = things.filter_map(serde_json::Value::as_object).flatten();
    members
        .filter(|(name, _)| name.ends_with("_at") || name.ends_with("At"))
        .map(|(name, it)| (name.as_str(), it))
}

fn times(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in history.judged().filter(|seen| seen.operation().is_some() && seen.is_success()) {
        for (name, value) in instants(seen).filter(|(_, value)| !value.is_null()) {
            tally.saw(seen);
            let is_dated = value.as_str().is_some_and(|text| text.contains('T'));
            if !is_dated || instant(value).is_none() {
                let observed = format!("{name}: {value}");
                tally.broke(seen, "not-rfc-3339", "a date and a time with an offset", observed);
            }
        }
    }
    tally
}

/// Later than any time in seconds that is meant, and earlier than any in milliseconds: 1973, or the year 5138.
const BETWEEN: f64 = 1e11;

fn milliseconds(history: &History) -> Tally {
    let names = called(history);
    let mut tally = Tally::default();
    for (_, seen) in jobs(history, "run").flat_map(|job| history.reads(job).map(move |seen| (job, seen))) {
        for name in [names.created, names.started] {
            let Some(value) = seen.body().get(name) else { continue };
            tally.saw(seen);
            if !value.as_f64().is_some_and(|time| time.fract() == 0.0 && time > BETWEEN) {
                let observed = format!("{name}: {value}");
                tally
                    .broke(seen, "other-unit", "whole milliseconds since 1970", observed)
                    .at(format!("/{name}"));
            }
        }
    }
    tally
}

fn seconds(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in good(history, "extralt.captures.list") {
        for item in seen.items() {
            tally.saw(seen);
            let value = super::member(item, "extracted_at");
            if !value.as_f64().is_some_and(|time| time > 0.0 && time < BETWEEN) {
                tally.broke(seen, "other-unit", "seconds since 1970", value.to_string());
            }
        }
    }
    tally
}

fn media(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in history.judged() {
        let (Some(operation), Some(response)) = (seen.operation(), seen.response()) else { continue };
        let is_file = operation.ends_with(".export") && seen.is_success();
        if is_file || response.body.is_empty() {
            continue;
        }
        tally.saw(seen);
        let media = response.header("content-type").unwrap_or("none");
        if !media.to_ascii_lowercase().starts_with("application/json") || seen.body().is_null() {
            tally.broke(seen, "not-json", "application/json", media);
        }
    }
    tally
}

fn success(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in history.judged().filter(|seen| seen.is_success()) {
        let Some(operation) = seen.operation() else { continue };
        let expected: &[u16] = match operation {
            // A robot that is there already is only shown.
            "extralt.robots.create" => &[200, 202],
            "extralt.runs.create" | "extralt.runs.restart" | "extralt.imports.create" => &[202],
            "extralt.enrichments.create" => &[202],
            "extralt.schedules.create" | "extralt.webhooks.create" => &[201],
            other if other.ends_with(".delete") => &[204],
            _ => &[200],
        };
        super::expect(&mut tally, std::iter::once(seen), "other-success", expected);
    }
    tally
}

/// The operations that answer with the thing they were asked for by its id.
fn by_id(operation: &str) -> bool {
    let verbs = [".get", ".stop", ".restart", ".update", ".pause", ".resume"];
    let apart = operation.contains("explore") || operation.contains("query");
    verbs.iter().any(|verb| operation.ends_with(verb)) && !operation.contains("items") && !apart
}

fn same_id(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in history.judged().filter(|seen| seen.is_success() && seen.operation().is_some_and(by_id)) {
        let Some(asked) = seen.run().filter(|_| seen.body().is_object()) else { continue };
        tally.saw(seen);
        if seen.own_id() != Some(asked) {
            tally.broke(seen, "id-differs", asked, seen.own_id().unwrap_or("no id"));
        }
    }
    tally
}

/// Creates and changes, with the look at what they made.
const MADE: [(&str, &str); 12] = [
    ("extralt.runs.create", "extralt.runs.get"),
    ("extralt.runs.stop", "extralt.runs.get"),
    ("extralt.runs.restart", "extralt.runs.get"),
    ("extralt.robots.create", "extralt.robots.get"),
    ("extralt.schedules.create", "extralt.schedules.get"),
    ("extralt.schedules.update", "extralt.schedules.get"),
    ("extralt.schedules.pause", "extralt.schedules.get"),
    ("extralt.schedules.resume", "extralt.schedules.get"),
    ("extralt.enrichments.create", "extralt.enrichments.get"),
    ("extralt.enrichments.stop", "extralt.enrichments.get"),
    ("extralt.imports.create", "extralt.imports.get"),
    ("extralt.webhooks.create", "extralt.webhooks.get"),
];

/// What is not set before something has happened; a server may leave out a member that is not set.
const SET_LATER: [&str; 12] = [
    "changes",
    "duration_ms",
    "finished_at",
    "language",
    "last_run_at",
    "last_run_id",
    "next_run_at",
    "pause_reason",
    "refusal",
    "started_at",
    "status_reason",
    "updated_at",
];

fn full(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (make, look) in MADE {
        for seen in good(history, make) {
            let Some(id) = seen.own_id() else { continue };
            let later = |look: &&Seen| look.run() == Some(id) && look.id() > seen.id();
            let Some(shown) = good(history, look).find(later) else { continue };
            tally.saw(seen);
            let missing = shown
                .body()
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(name, _)| !SET_LATER.contains(&name.as_str()))
                .find(|(name, value)| !value.is_null() && seen.body().get(name.as_str()).is_none());
            if let Some((name, _)) = missing {
                let expected = format!("all that a look at it shows, `{name}` too");
                tally.broke(seen, "member-missing", expected, format!("no `{name}`")).after(shown);
            }
        }
    }
    tally
}
