//! Runs: as they were asked for, and on their way to their end.

use super::super::{Check, Cost};
use super::{called, end, expect, good, jobs, lives, member, must, should};
use crate::history::History;
use crate::history::seen::Seen;
use crate::profile::extralt::is_v1;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    must(
        "run.accepted-202",
        "An accepted run is answered with 202 and its id",
        Cost::Job,
        &["extralt.v0.runs.create.status-202"],
        "an accepted run",
        accepted,
    ),
    must(
        "run.id-unique",
        "Two creates give two ids",
        Cost::Job,
        &["extralt.v0.runs.create.id-unique"],
        "two accepted runs",
        unique,
    ),
    must(
        "run.visible",
        "A run can be read from its create on",
        Cost::Job,
        &["extralt.v0.runs.create.visible-at-once"],
        "a read of a run after its create",
        visible,
    ),
    should(
        "run.pending-first",
        "A new run is pending at first",
        Cost::Job,
        &["extralt.v0.runs.create.pending"],
        "a read of a run just created",
        pending,
    ),
    should(
        "run.robot-refused",
        "A robot that is not there is answered with 404",
        Cost::Write,
        &["extralt.v0.runs.create.unknown-robot", "extralt.v1.runs.create.robot-refused"],
        "a create for an unknown robot",
        robot_refused,
    ),
    must(
        "run.as-created",
        "A run keeps its robot and when it was created",
        Cost::Job,
        &["extralt.v0.runs.as-created"],
        "a read of a run",
        as_created,
    ),
    should(
        "run.as-asked",
        "A run shows what was asked for",
        Cost::Job,
        &["extralt.v1.runs.as-created"],
        "a read of a run",
        as_created,
    ),
    should(
        "run.trigger",
        "A run that was asked for is triggered by api",
        Cost::Job,
        &["extralt.v1.runs.create.triggered-by"],
        "a read of a run",
        trigger,
    ),
    must(
        "run.budget-bounds",
        "A run never captures more than its budget",
        Cost::Job,
        &["extralt.v0.runs.budget-bounds", "extralt.v1.runs.budget-bounds"],
        "a read of a run with a budget",
        bounds,
    ),
    must(
        "run.unlimited",
        "A run without a budget is not ended by one",
        Cost::Long,
        &["extralt.v1.runs.create.unlimited"],
        "a run without a budget that has completed",
        unlimited,
    ),
];

fn accepted(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in good(history, "extralt.runs.create") {
        tally.saw(seen);
        if seen.status() != Some(202) {
            tally.broke(seen, "not-202", "202", seen.status_text());
        } else if seen.own_id().is_none_or(str::is_empty) {
            tally.broke(seen, "no-id", "an id", seen.body().to_string());
        }
    }
    tally
}

fn unique(history: &History) -> Tally {
    let mut tally = Tally::default();
    let plain = |seen: &&Seen| seen.exchange().request().header("idempotency-key").is_none();
    let creates: Vec<_> = good(history, "extralt.runs.create").filter(plain).collect();
    for (nth, create) in creates.iter().enumerate().skip(1) {
        tally.saw(create);
        if let Some(earlier) =
            creates[..nth].iter().find(|it| it.own_id().is_some() && it.own_id() == create.own_id())
        {
            let observed = create.own_id().unwrap_or_default();
            tally.broke(create, "id-reused", "an id of its own", observed).after(earlier);
        }
    }
    tally
}

fn visible(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in jobs(history, "run") {
        let create = history.create(job);
        let reads = history.of(job.family.get).filter(|seen| seen.run() == Some(&job.id));
        let mut own = reads.filter(|seen| seen.credential() == Some(&job.owner) && seen.id() > create.id());
        if let Some(first) = own.next() {
            tally.saw(first);
            if !first.is_success() {
                tally.broke(first, "not-there", "the run", first.status_text()).after(create);
            }
        }
    }
    tally
}

fn pending(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in jobs(history, "run") {
        let create = history.create(job);
        // Nothing was asked in between but where the clock stands, which is moved by less than any state lasts.
        let Some(read) = history.reads(job).next().filter(|read| read.id() <= create.id() + 3) else {
            continue;
        };
        tally.saw(read);
        if read.state() != Some("pending") {
            tally
                .broke(read, "not-pending", "pending", read.state().unwrap_or("none"))
                .at("/status")
                .after(create);
        }
    }
    tally
}

fn robot_refused(history: &History) -> Tally {
    let mut tally = Tally::default();
    let unknown = history.profile.families.first().map(|family| family.unknown_id);
    let probes = super::asked(history, "extralt.runs.create").filter(|seen| {
        let robot = seen.request().get("robot_id").and_then(serde_json::Value::as_str);
        robot.is_some() && robot == unknown
    });
    expect(&mut tally, probes, "not-404", &[404]);
    super::needs_acceptance(history, &mut tally, "extralt.runs.create");
    tally
}

fn as_created(history: &History) -> Tally {
    let names = called(history);
    let mut tally = Tally::default();
    for job in jobs(history, "run") {
        let create = history.create(job);
        let asked = create.request();
        for life in lives(history, job).into_iter().take(1) {
            let first = life.first().copied();
            // In v0 the answer to a create has an id and no more.
            let told = is_v1(history).then_some(create);
            for read in told.into_iter().chain(life) {
                tally.saw(read);
                let mut wanted = vec![(names.robot, member(asked, "robot_id").clone())];
                if is_v1(history) {
                    wanted.push(("budget", member(asked, "budget").clone()));
                    let enrich = member(asked, "auto_enrich");
                    wanted
                        .push(("auto_enrich", if enrich.is_null() { false.into() } else { enrich.clone() }));
                    let urls = member(asked, "start_urls");
                    // How a list of none is shown is open.
                    if urls.as_array().is_none_or(|urls| !urls.is_empty()) {
                        wanted.push(("start_urls", urls.clone()));
                    }
                }
                if let Some(first) = first {
                    wanted.push((names.created, member(first.body(), names.created).clone()));
                    wanted.push((names.robot_name, member(first.body(), names.robot_name).clone()));
                }
                for (name, value) in wanted {
                    let shown = member(read.body(), name);
                    if *shown != value {
                        let finding =
                            tally.broke(read, "differs", format!("{name}: {value}"), shown.to_string());
                        finding.at(format!("/{name}")).after(create);
                    }
                }
            }
        }
    }
    tally
}

fn trigger(history: &History) -> Tally {
    let mut tally = Tally::default();
    let told = |job| std::iter::once(history.create(job)).chain(history.reads(job));
    for read in jobs(history, "run").flat_map(told) {
        tally.saw(read);
        if read.text("/triggered_by") != Some("api") {
            tally
                .broke(read, "other-trigger", "api", read.at("/triggered_by").to_string())
                .at("/triggered_by");
        }
    }
    tally
}

fn bounds(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in jobs(history, "run") {
        let asked = history.create(job).request();
        let restarts: Vec<_> = history.restarts(job).filter(|seen| seen.is_success()).collect();
        for read in history.reads(job) {
            // What was asked for last, whatever the run says of it itself.
            let mut budget = asked.get("budget").and_then(serde_json::Value::as_u64);
            for restart in restarts.iter().filter(|restart| restart.id() < read.id()) {
                budget = restart.request().get("budget").and_then(serde_json::Value::as_u64).or(budget);
            }
            let (Some(budget), Some(count)) = (budget, read.at("/extracted").as_u64()) else { continue };
            tally.saw(read);
            if count > budget {
                tally
                    .broke(read, "too-many", format!("{budget} at most"), count.to_string())
                    .at("/extracted");
            }
        }
    }
    tally
}

fn unlimited(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in jobs(history, "run") {
        let without = history.create(job).request().get("budget").is_none_or(serde_json::Value::is_null);
        if !without || history.restarts(job).next().is_some() {
            continue;
        }
        let Some(read) = end(history, job).filter(|read| read.state() == Some("completed")) else { continue };
        tally.saw(read);
        if !read.at("/budget").is_null() {
            tally.broke(read, "budget", "no budget", read.at("/budget").to_string()).at("/budget");
        } else if read.text("/status_reason") == Some("Budget reached") {
            tally.broke(read, "ended", "an end without a budget", "Budget reached").at("/status_reason");
        }
    }
    tally
}
