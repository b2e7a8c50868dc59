//! Enrichments and their items.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::{Check, Cost};
use super::{asked, called, expect, good, instant, is_over, jobs, member, must, pairs, should};
use crate::history::History;
use crate::history::seen::Seen;
use crate::profile::extralt::is_v1;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    must(
        "enrichment.auto",
        "Once a run with auto_enrich is completed an enrichment of it begins by itself",
        Cost::Long,
        &["extralt.v0.enrichments.auto.begins", "extralt.v1.enrichments.auto.begins"],
        "a list of the enrichments of a completed run that was to be enriched",
        auto,
    ),
    must(
        "enrichment.not-by-default",
        "Without auto_enrich no enrichment begins by itself",
        Cost::Long,
        &["extralt.v0.runs.create.auto-enrich-default"],
        "a list of the enrichments of a completed run that was not to be enriched",
        by_default,
    ),
    should(
        "enrichment.not-otherwise",
        "A run that is stopped or failed is not enriched by itself",
        Cost::Long,
        &["extralt.v0.enrichments.auto.not-otherwise"],
        "a list of the enrichments of a stopped run",
        not_otherwise,
    ),
    should(
        "enrichment.accepted-202",
        "An accepted enrichment is answered with 202 and its id",
        Cost::Job,
        &["extralt.v0.enrichments.create.status-202"],
        "an accepted enrichment",
        accepted,
    ),
    should(
        "enrichment.as-asked",
        "An enrichment shows the source and the budget that were asked for",
        Cost::Job,
        &["extralt.v1.enrichments.create.as-asked"],
        "an accepted enrichment",
        as_asked,
    ),
    should(
        "enrichment.continues",
        "A create for a source under way, stopped or failed gives the same one",
        Cost::Job,
        &["extralt.v0.enrichments.create.goes-on"],
        "two creates for one source",
        goes_on,
    ),
    must(
        "enrichment.goes-on",
        "A create for a source whose enrichment has not completed goes on with that one",
        Cost::Job,
        &["extralt.v1.enrichments.create.goes-on"],
        "two creates for one source",
        goes_on,
    ),
    should(
        "enrichment.source-refused",
        "A source that is not there is 404, one that is not finished 409",
        Cost::Write,
        &["extralt.v1.enrichments.create.source-refused"],
        "a create for an unknown source",
        source_refused,
    ),
    should(
        "enrichment.processed",
        "What was processed never falls, nor exceeds the budget",
        Cost::Job,
        &["extralt.v0.enrichments.processed", "extralt.v1.enrichments.budget-kept"],
        "a read of an enrichment",
        processed,
    ),
    must(
        "enrichment.finished",
        "An enrichment is finished exactly when it is completed, stopped or failed",
        Cost::Job,
        &["extralt.v1.enrichments.finished-iff-terminal"],
        "a read of an enrichment",
        |history| super::ends::finished(history, "enrichment"),
    ),
    must(
        "enrichment.unfinished-no-end",
        "An enrichment that is not finished has no finished_at",
        Cost::Job,
        &["extralt.v1.enrichments.unfinished-no-end"],
        "a read of an enrichment that is not finished",
        |history| super::ends::no_end(history, "enrichment"),
    ),
    should(
        "enrichment.duration",
        "The duration is the time from the start to the end, in milliseconds",
        Cost::Job,
        &["extralt.v1.enrichments.duration"],
        "a read of an enrichment that is finished",
        duration,
    ),
    should(
        "enrichment.stop-204",
        "A stop is answered with 204, and the enrichment shows stopped",
        Cost::Job,
        &["extralt.v0.enrichments.stop.no-content"],
        "a stop of an enrichment under way",
        stop,
    ),
    must(
        "enrichment.stop-whole",
        "A stop is answered with the whole enrichment",
        Cost::Job,
        &["extralt.v1.enrichments.stop.full-enrichment"],
        "a stop of an enrichment under way",
        stop,
    ),
    should(
        "enrichment.stop-again",
        "A stopped enrichment can be asked to stop again",
        Cost::Job,
        &["extralt.v1.enrichments.stop.again"],
        "a stop of a stopped enrichment",
        stop_again,
    ),
    should(
        "enrichment.stop-over-409",
        "A stop of a completed or failed enrichment is answered with 409",
        Cost::Job,
        &["extralt.v1.enrichments.stop.over-409"],
        "a stop of a completed enrichment",
        stop_over,
    ),
];

const CREATE: &str = "extralt.enrichments.create";
pub(super) const GET: &str = "extralt.enrichments.get";
const LIST: &str = "extralt.enrichments.list";

/// Lists of the enrichments of a run, after it was over in this state and before anybody asked for one.
fn lists<'a>(history: &'a History, enrich: bool, states: &'a [&str]) -> Vec<(&'a Seen, &'a Seen)> {
    let mut found = Vec::new();
    for job in jobs(history, "run") {
        let asked = member(history.create(job).request(), "auto_enrich") == true;
        if asked != enrich {
            continue;
        }
        let by_hand = good(history, CREATE)
            .find(|seen| seen.request().pointer("/source/id").is_some_and(|id| *id == *job.id))
            .map_or(u64::MAX, Seen::id);
        let own = good(history, LIST).filter(|list| list.query("source_id") == Some(&job.id));
        let own = own.filter(|list| list.credential() == Some(&job.owner));
        for list in own.filter(|list| list.id() < by_hand) {
            let Some(read) = history.last_read_before(job, list) else { continue };
            let begun =
                history.restarts(job).any(|it| it.id() < list.id() && (!enrich || it.id() > read.id()));
            if !begun && read.state().is_some_and(|state| states.contains(&state)) {
                found.push((list, read));
            }
        }
    }
    found
}

/// Whether an enrichment is of this run.
fn is_of(item: &Value, run: &Seen) -> bool {
    item.pointer("/source/id").and_then(Value::as_str) == run.own_id()
}

fn is_auto(history: &History, item: &Value) -> bool {
    let trigger = member(item, called(history).trigger);
    trigger == "auto" || trigger.is_null() && !is_v1(history)
}

fn auto(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (list, read) in lists(history, true, &["completed"]) {
        if read.at("/extracted") == 0 {
            continue;
        }
        tally.saw(list);
        if !list.items().iter().any(|item| is_of(item, read) && is_auto(history, item)) {
            tally.broke(list, "not-begun", "an enrichment that began by itself", "none").after(read);
        }
    }
    tally
}

fn by_default(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (list, read) in lists(history, false, &["completed"]) {
        tally.saw(list);
        if list.items().iter().any(|item| is_of(item, read) && is_auto(history, item)) {
            tally.broke(list, "begun", "no enrichment", "one that began by itself").after(read);
        }
    }
    tally
}

fn not_otherwise(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (list, read) in lists(history, true, &["stopped", "failed"]) {
        tally.saw(list);
        if list.items().iter().any(|item| is_of(item, read)) {
            tally.broke(list, "begun", "no enrichment", "one that began by itself").after(read);
        }
    }
    tally
}

fn accepted(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in good(history, CREATE) {
        tally.saw(seen);
        if seen.status() != Some(202) || seen.own_id().is_none() {
            tally.broke(seen, "not-202", "202 and an id", seen.status_text());
        }
    }
    tally
}

fn as_asked(history: &History) -> Tally {
    let mut tally = Tally::default();
    let mut known = BTreeSet::new();
    for seen in good(history, CREATE) {
        // One that goes on may keep what it had.
        if !seen.own_id().is_some_and(|id| known.insert(id)) {
            continue;
        }
        tally.saw(seen);
        let api = Value::from("api");
        let wanted = [
            ("source", member(seen.request(), "source")),
            ("budget", member(seen.request(), "budget")),
            ("triggered_by", &api),
        ];
        for (name, value) in wanted {
            if member(seen.body(), name) != value {
                let observed = member(seen.body(), name).to_string();
                tally.broke(seen, "differs", format!("{name}: {value}"), observed).at(format!("/{name}"));
            }
        }
    }
    tally
}

fn goes_on(history: &History) -> Tally {
    let mut tally = Tally::default();
    let creates: Vec<_> = good(history, CREATE).collect();
    for (nth, seen) in creates.iter().enumerate() {
        let source = member(seen.request(), "source");
        let same =
            |it: &&&Seen| member(it.request(), "source") == source && it.credential() == seen.credential();
        let Some(before) = creates[..nth].iter().rfind(same) else { continue };
        let Some(job) = before.own_id().and_then(|id| history.job(id)) else { continue };
        // One that may have completed in the meantime says nothing.
        let after = history.first_read_after(job, seen);
        if after.is_none_or(|read| read.state() == Some("completed")) {
            continue;
        }
        tally.saw(seen);
        if seen.own_id() != before.own_id() {
            let expected = before.own_id().unwrap_or_default();
            tally.broke(seen, "another", expected, seen.own_id().unwrap_or("none")).after(before);
        }
    }
    tally
}

fn source_refused(history: &History) -> Tally {
    let mut tally = Tally::default();
    let unknown = history.profile.families.first().map_or("", |family| family.unknown_id);
    let of = |seen: &&Seen| seen.request().pointer("/source/id").is_some_and(|id| id == unknown);
    let run = |seen: &&Seen| seen.request().pointer("/source/kind").is_some_and(|kind| kind == "run");
    expect(&mut tally, asked(history, CREATE).filter(of).filter(run), "not-404", &[404]);
    let early = asked(history, CREATE).filter(|seen| {
        let id = seen.request().pointer("/source/id").and_then(Value::as_str);
        let job = id.and_then(|id| history.job(id));
        // It is seen to be at work afterwards.
        let after = job.and_then(|job| history.first_read_after(job, seen));
        job.zip(after).is_some_and(|(job, read)| job.family.name == "run" && !is_over(job.family, read))
            && job.is_some_and(|job| history.restarts(job).next().is_none())
    });
    expect(&mut tally, early, "not-409", &[409]);
    super::needs_acceptance(history, &mut tally, CREATE);
    tally
}

fn processed(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (before, after) in pairs(history, "enrichment") {
        let (one, other) = (before.at("/processed").as_u64(), after.at("/processed").as_u64());
        tally.saw(after);
        if one > other {
            tally.broke(after, "fell", format!("{one:?} or more"), format!("{other:?}")).after(before);
        }
        if let (Some(budget), Some(count)) = (after.at("/budget").as_u64(), other)
            && count > budget
        {
            tally.broke(after, "too-many", format!("{budget} at most"), count.to_string()).at("/processed");
        }
    }
    tally
}

fn duration(history: &History) -> Tally {
    let mut tally = Tally::default();
    for read in jobs(history, "enrichment").flat_map(|job| history.reads(job)) {
        let (Some(from), Some(to)) = (instant(read.at("/started_at")), instant(read.at("/finished_at")))
        else {
            continue;
        };
        let Some(told) = read.at("/duration_ms").as_f64() else { continue };
        tally.saw(read);
        if (told - (to - from)).abs() > 1.0 {
            tally
                .broke(read, "differs", format!("{} ms", to - from), format!("{told} ms"))
                .at("/duration_ms");
        }
    }
    tally
}

/// Stops with the state of the enrichment right before.
fn stops<'a>(history: &'a History, states: &'a [&str]) -> impl Iterator<Item = (&'a Seen, Option<&'a Seen>)> {
    jobs(history, "enrichment").flat_map(move |job| {
        history.cancels(job).filter(|seen| !seen.is_server_failure()).filter_map(move |stop| {
            let before = history.last_read_before(job, stop)?;
            let state = before.state()?;
            let acts = history.cancels(job).any(|it| (before.id()..stop.id()).contains(&it.id()));
            let again = good(history, CREATE).any(|it| (before.id()..stop.id()).contains(&it.id()));
            (states.contains(&state) && !acts && !again).then(|| (stop, history.first_read_after(job, stop)))
        })
    })
}

fn stop(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (stop, after) in stops(history, &["pending", "running"]) {
        if after.is_some_and(|read| matches!(read.state(), Some("completed" | "failed"))) {
            continue;
        }
        tally.saw(stop);
        let whole = stop.is_success()
            && ["/id", "/status", "/source", "/processed"].iter().all(|at| !stop.at(at).is_null());
        if is_v1(history) && !whole {
            tally.broke(stop, "not-whole", "the whole enrichment", stop.body().to_string());
        } else if !is_v1(history) && stop.status() != Some(204) {
            tally.broke(stop, "not-204", "204", stop.status_text());
        }
        if !is_v1(history)
            && let Some(read) = after.filter(|read| !matches!(read.state(), Some("stopped" | "stopping")))
        {
            tally.broke(read, "not-stopped", "stopped", read.state().unwrap_or("none")).after(stop);
        }
    }
    tally
}

fn stop_again(history: &History) -> Tally {
    let mut tally = Tally::default();
    expect(&mut tally, stops(history, &["stopped"]).map(|(stop, _)| stop), "not-200", &[200]);
    tally
}

fn stop_over(history: &History) -> Tally {
    let mut tally = Tally::default();
    expect(&mut tally, stops(history, &["completed", "failed"]).map(|(stop, _)| stop), "not-409", &[409]);
    tally
}
