//! Robots and their builds.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::{Check, Cost};
use super::{asked, called, expect, good, is_over, jobs, member, must, should};
use crate::history::History;
use crate::history::seen::Seen;
use crate::profile::extralt::is_v1;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    must(
        "robot.build-202",
        "A build that is started is answered with 202 and the id of the build",
        Cost::Job,
        &["extralt.v0.robot-builds.create.status-202"],
        "a build that was started",
        new,
    ),
    must(
        "robot.existing",
        "For a shop and a country with a robot that robot is the answer",
        Cost::Job,
        &["extralt.v0.robot-builds.create.existing-200", "extralt.v1.robots.create.existing"],
        "a create for a shop whose robot is there",
        existing,
    ),
    should(
        "robot.existing-200",
        "A robot that was built already comes with 200, a new one with 202",
        Cost::Job,
        &["extralt.v1.robots.create.existing-200"],
        "a create for a shop whose robot is there",
        existing_200,
    ),
    should(
        "robot.under-way",
        "A build that is under way makes another one a conflict",
        Cost::Job,
        &["extralt.v0.robot-builds.create.under-way-409"],
        "a create for a shop whose robot is being built",
        |history| under_way(history, &[409]),
    ),
    should(
        "robot.under-way-same",
        "While a robot is being built it is returned with 202",
        Cost::Job,
        &["extralt.v1.robots.create.under-way"],
        "a create for a shop whose robot is being built",
        |history| under_way(history, &[202]),
    ),
    should(
        "robot.for-the-host",
        "Two addresses of one host mean one shop, another country another robot",
        Cost::Job,
        &["extralt.v1.robots.create.for-the-host"],
        "creates for two addresses of a host, and for two countries",
        host,
    ),
    must(
        "robot.one-per-shop",
        "No two robots are for the same host and country",
        Cost::Read,
        &["extralt.v0.robots.list.one-per-shop"],
        "a list of robots",
        one_per_shop,
    ),
    should(
        "robot.build-ends",
        "A build completes or fails in the end, and stays as it is",
        Cost::Long,
        &["extralt.v0.robot-builds.ends"],
        "a build that was read until it was over",
        ends,
    ),
    must(
        "robot.finished",
        "A robot is finished exactly when it is completed or failed",
        Cost::Job,
        &["extralt.v1.robots.finished-iff-terminal"],
        "a read of a robot",
        |history| super::ends::finished(history, "robot-build"),
    ),
    must(
        "robot.refusal",
        "A robot whose shop is refused says what kind of refusal it is, and why",
        Cost::Job,
        &["extralt.v1.robots.refusal"],
        "a robot whose shop was refused",
        refusal,
    ),
    should(
        "robot.refusal-iff-failed",
        "A robot that has not failed has no refusal",
        Cost::Passive,
        &["extralt.v1.robots.refusal-iff-failed"],
        "an answer with a robot that has not failed",
        no_refusal,
    ),
    should(
        "robot.run-count",
        "The count of runs grows with each run of the robot",
        Cost::Job,
        &["extralt.v1.robots.run-count"],
        "two reads of a robot with a run in between",
        run_count,
    ),
    must(
        "robot.deleted",
        "A robot that was deleted is not found and not listed any more",
        Cost::Job,
        &["extralt.v1.robots.delete.gone"],
        "a robot that was deleted",
        deleted,
    ),
    should(
        "robot.delete-204",
        "A robot is deleted with 204, and is unknown from then on",
        Cost::Job,
        &["extralt.v0.robots.delete.status-204"],
        "a robot that was deleted",
        deleted,
    ),
];

/// The shop that a create asks for: its host without www., and the country.
fn shop(history: &History, seen: &Seen) -> Option<(String, String)> {
    let url = seen.request().get("url").and_then(Value::as_str)?;
    let host = url.split("://").nth(1)?.split(['/', '?', '#']).next()?.to_ascii_lowercase();
    let country = seen.request().get(called(history).asked_country).and_then(Value::as_str)?;
    Some((host.strip_prefix("www.").unwrap_or(&host).to_owned(), country.to_owned()))
}

/// What is known of a shop when a robot is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage<'a> {
    /// Nothing began.
    None,
    /// A build was begun and not seen to be over.
    Building(&'a str),
    /// A build was seen to be completed.
    Built(&'a str),
    /// A build was seen to fail, or nobody knows.
    Open,
}

/// Every create by the first key, with what was known of its shop.
fn creates(history: &History) -> Vec<(&Seen, Stage<'_>)> {
    let build = called(history).build;
    let mut stages: BTreeMap<(String, String), &Seen> = BTreeMap::new();
    let mut found = Vec::new();
    for seen in asked(history, build).filter(|seen| seen.credential() == Some("$KEY_A")) {
        let Some(shop) = shop(history, seen) else { continue };
        let stage = stages.get(&shop).map_or(Stage::None, |first| stage(history, first, seen));
        found.push((seen, stage));
        if seen.status() == Some(202) && !matches!(stage, Stage::Building(_)) {
            stages.insert(shop, seen);
        }
    }
    found
}

fn stage<'a>(history: &'a History, first: &'a Seen, now: &Seen) -> Stage<'a> {
    let Some(id) = first.own_id() else { return Stage::Open };
    let Some(job) = history.job(id) else { return Stage::Open };
    let deleted = good(history, "extralt.robots.delete").any(|it| it.id() > first.id() && it.id() < now.id());
    match history.last_read_before(job, now) {
        _ if deleted => Stage::Open,
        Some(read) if read.state() == Some("completed") => Stage::Built(id),
        Some(read) if is_over(job.family, read) => Stage::Open,
        // It has to be seen under way afterwards, or it may have been over already.
        _ => match history.first_read_after(job, now) {
            Some(read) if !is_over(job.family, read) => Stage::Building(id),
            _ => Stage::Open,
        },
    }
}

fn new(history: &History) -> Tally {
    let mut tally = Tally::default();
    // On a rented server there may be a robot that nobody here knows of.
    let fresh = creates(history)
        .into_iter()
        .filter(|(seen, stage)| *stage == Stage::None && seen.is_success() && seen.status() != Some(200));
    for (seen, _) in fresh {
        tally.saw(seen);
        let build = seen.own_id().unwrap_or_default();
        let read = good(history, "extralt.robot-builds.get").any(|it| it.run() == Some(build));
        if seen.status() != Some(202) {
            tally.broke(seen, "not-202", "202", seen.status_text());
        } else if build.is_empty() || !read {
            tally.broke(seen, "no-build", "the id of a build", seen.body().to_string());
        }
    }
    tally
}

fn existing(history: &History) -> Tally {
    let mut tally = Tally::default();
    let shown: Vec<_> = good(history, "extralt.robots.get").filter_map(|seen| seen.run()).collect();
    for (seen, stage) in creates(history) {
        let Stage::Built(id) = stage else { continue };
        tally.saw(seen);
        let own = seen.own_id().unwrap_or_default();
        if !seen.is_success() || !is_v1(history) && seen.status() != Some(200) {
            tally.broke(seen, "not-200", "200", seen.status_text());
        } else if is_v1(history) && own != id {
            tally.broke(seen, "another", id, own);
        } else if !is_v1(history) && (own == id || !shown.is_empty() && !known(history, own)) {
            tally.broke(seen, "no-robot", "the id of a robot that can be read", own);
        }
    }
    tally
}

/// Whether a robot of this id was listed or read.
fn known(history: &History, id: &str) -> bool {
    let read = good(history, "extralt.robots.get").any(|seen| seen.run() == Some(id));
    read || good(history, "extralt.robots.list").any(|list| list.item(id).is_some())
}

fn existing_200(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, stage) in creates(history).into_iter().filter(|(seen, _)| seen.is_success()) {
        let expected: &[u16] = match stage {
            Stage::Built(_) => &[200],
            Stage::None => &[202],
            _ => continue,
        };
        expect(&mut tally, std::iter::once(seen), "other-status", expected);
    }
    tally
}

fn under_way(history: &History, status: &[u16]) -> Tally {
    let mut tally = Tally::default();
    for (seen, stage) in creates(history) {
        let Stage::Building(id) = stage else { continue };
        expect(&mut tally, std::iter::once(seen), "other-status", status);
        if seen.is_success() && seen.own_id() != Some(id) {
            tally.broke(seen, "another", id, seen.own_id().unwrap_or("none"));
        }
    }
    tally
}

fn host(history: &History) -> Tally {
    let mut tally = Tally::default();
    let mut ids: BTreeMap<&str, (String, String)> = BTreeMap::new();
    for (seen, stage) in creates(history).into_iter().filter(|(seen, _)| seen.is_success()) {
        let (Some(id), Some(shop)) = (seen.own_id(), shop(history, seen)) else { continue };
        if let Stage::Built(first) | Stage::Building(first) = stage {
            tally.saw(seen);
            if first != id {
                tally.broke(seen, "two-robots", first, id);
            }
        }
        let of = ids.entry(id).or_insert_with(|| shop.clone());
        if *of != shop {
            tally.broke(seen, "shared", format!("a robot of its own for {} in {}", shop.0, shop.1), id);
        }
    }
    tally
}

fn one_per_shop(history: &History) -> Tally {
    let country = called(history).country;
    let mut tally = Tally::default();
    for list in good(history, "extralt.robots.list").filter(|list| !list.items().is_empty()) {
        tally.saw(list);
        let mut shops = std::collections::BTreeSet::new();
        for item in list.items() {
            let shop = (member(item, "host").to_string(), member(item, country).to_string());
            if member(item, country).is_string() && !shops.insert(shop.clone()) {
                tally.broke(
                    list,
                    "twice",
                    "one robot for a shop and a country",
                    format!("two for {}", shop.0),
                );
            }
        }
    }
    tally
}

fn ends(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in jobs(history, "robot-build") {
        let over = history.reads(job).find(|read| is_over(job.family, read));
        let Some(last) = history.reads(job).next_back() else { continue };
        match over {
            Some(over) => {
                tally.saw(last);
                if last.state() != over.state() {
                    let observed = last.state().unwrap_or("none");
                    tally.broke(last, "left-its-end", over.state().unwrap_or_default(), observed).after(over);
                }
            }
            None if history.reads(job).count() > 40 => {
                tally.broke(last, "stuck", "completed or failed", last.state().unwrap_or("none"));
            }
            None => {}
        }
    }
    tally
}

fn shown(history: &History) -> impl Iterator<Item = (&Seen, &Value)> {
    let single = ["extralt.robots.get", "extralt.robots.create"].into_iter().flat_map(|it| good(history, it));
    let lists =
        good(history, "extralt.robots.list").flat_map(|list| list.items().iter().map(move |it| (list, it)));
    single.map(|seen| (seen, seen.body())).chain(lists)
}

fn refusal(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, robot) in shown(history) {
        if member(robot, "refusal").is_null() {
            continue;
        }
        tally.saw(seen);
        if member(robot, "status") != "failed" {
            tally.broke(seen, "not-failed", "failed", member(robot, "status").to_string());
        } else if member(robot, "status_reason").is_null() {
            tally.broke(seen, "no-reason", "a status_reason", "null");
        }
    }
    tally
}

fn no_refusal(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, robot) in shown(history).filter(|(_, robot)| member(robot, "status") != "failed") {
        tally.saw(seen);
        if !member(robot, "refusal").is_null() {
            tally.broke(seen, "refusal", "null", member(robot, "refusal").to_string());
        }
    }
    tally
}

fn run_count(history: &History) -> Tally {
    let mut tally = Tally::default();
    let lists: Vec<_> =
        good(history, "extralt.robots.list").filter(|it| it.credential() == Some("$KEY_A")).collect();
    for two in lists.windows(2) {
        let (before, after) = (two[0], two[1]);
        for item in before.items() {
            let Some(id) = before.id_of(item) else { continue };
            let Some(later) = after.item(id) else { continue };
            let span = before.id()..after.id();
            let made = jobs(history, "run").filter(|job| {
                let create = history.create(job);
                span.contains(&create.id()) && create.request().get("robot_id").is_some_and(|it| it == id)
            });
            let made = made.count() as u64;
            let counts = (member(item, "run_count").as_u64(), member(later, "run_count").as_u64());
            let (Some(one), Some(other)) = counts else { continue };
            if made == 0 {
                continue;
            }
            tally.saw(after);
            if other < one + made {
                let expected = format!("{} or more", one + made);
                tally.broke(after, "not-counted", expected, other.to_string()).after(before);
            }
        }
    }
    tally
}

fn deleted(history: &History) -> Tally {
    let mut tally = Tally::default();
    super::schedules::gone(history, &mut tally, "extralt.robots");
    tally
}
