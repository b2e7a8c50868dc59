//! Captures: listed, counted and exported alike.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::{Check, Cost};
use super::{end, ends, expect, good, jobs, member, must, needs_acceptance, should};
use crate::history::seen::Seen;
use crate::history::{History, Job};
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    should(
        "capture.sku-count",
        "The sku_count of a capture is the number of its skus",
        Cost::Job,
        &["extralt.v0.captures.list.sku-count"],
        "a list with a capture whose skus are shown",
        sku_count,
    ),
    must(
        "capture.source",
        "A capture names the run it was asked for by",
        Cost::Job,
        &["extralt.v1.captures.source"],
        "a list with a capture",
        source,
    ),
    must(
        "capture.of-one",
        "The captures of one run are listed, and no others",
        Cost::Job,
        &["extralt.v1.captures.list.of-one"],
        "lists of the captures of two runs",
        of_one,
    ),
    should(
        "capture.unknown-404",
        "The captures of a run that is not there are answered with 404",
        Cost::Read,
        &["extralt.v1.captures.list.unknown-404"],
        "a request for the captures of an unknown run",
        unknown,
    ),
    should(
        "capture.one-source",
        "A request that names no source, or two, is answered with 400",
        Cost::Read,
        &["extralt.v1.captures.list.one-source"],
        "a request for captures without a run, or with two sources",
        one_source,
    ),
    should(
        "capture.as-extracted",
        "A run that is over has as many captures as its extracted says",
        Cost::Job,
        &["extralt.v0.captures.list.extracted"],
        "a whole list of the captures of a run that is over",
        extracted,
    ),
    should(
        "capture.stable",
        "A capture is shown again, unchanged",
        Cost::Job,
        &["extralt.v0.captures.list.stable"],
        "two whole lists of the captures of a run that is over",
        stable,
    ),
    should(
        "capture.counted",
        "The count of a run that is over is the number of its captures",
        Cost::Job,
        &["extralt.v0.captures.count.agrees"],
        "a count and a whole list of a run that is over",
        count,
    ),
    must(
        "capture.count-agrees",
        "The count is the number of captures that the list shows",
        Cost::Job,
        &["extralt.v1.captures.count.agrees"],
        "a count and a whole list of a run that is over",
        count,
    ),
    should(
        "capture.count-as-extracted",
        "The count of a finished run is what it says it has extracted",
        Cost::Job,
        &["extralt.v1.captures.count.equals-extracted"],
        "a count of a run that is over",
        counted,
    ),
];

fn sku_count(history: &History) -> Tally {
    let mut tally = Tally::default();
    for list in good(history, "extralt.captures.list") {
        for item in list.items() {
            let Some(skus) = item.get("skus").and_then(Value::as_array) else { continue };
            tally.saw(list);
            if member(item, "sku_count").as_u64() != Some(skus.len() as u64) {
                tally.broke(list, "differs", skus.len().to_string(), member(item, "sku_count").to_string());
            }
        }
    }
    tally
}

/// The source that a query names by this parameter.
fn subject<'a>(seen: &'a Seen, parameter: &str) -> Option<&'a str> {
    seen.query(parameter).filter(|id| !id.is_empty())
}

fn source(history: &History) -> Tally {
    let mut tally = Tally::default();
    for list in good(history, "extralt.captures.list") {
        let mut kinds = [("run", "run_id"), ("import", "import_id")].into_iter();
        let named = kinds.find_map(|(kind, name)| Some((kind, subject(list, name)?)));
        let Some((kind, id)) = named else { continue };
        for item in list.items() {
            tally.saw(list);
            if member(item, "source_id") != id || member(item, "source_kind") != kind {
                let observed = format!("{} {}", member(item, "source_kind"), member(item, "source_id"));
                tally.broke(list, "other-source", format!("{kind} {id}"), observed);
            }
        }
    }
    tally
}

fn of_one(history: &History) -> Tally {
    let mut tally = Tally::default();
    let mut owners: BTreeMap<&str, (&str, &Seen)> = BTreeMap::new();
    for list in good(history, "extralt.captures.list") {
        let Some(run) = subject(list, "run_id").or_else(|| subject(list, "import_id")) else { continue };
        for id in list.items().iter().filter_map(|item| list.id_of(item)) {
            tally.saw(list);
            let (first, before) = *owners.entry(id).or_insert((run, list));
            if first != run {
                tally
                    .broke(list, "of-another", format!("captures of {run}"), format!("{id} of {first}"))
                    .after(before);
            }
        }
    }
    tally
}

fn about(history: &History, wanted: fn(&Seen, &History) -> bool) -> impl Iterator<Item = &Seen> {
    let all = ["extralt.captures.list", "extralt.captures.count", "extralt.captures.export"];
    all.into_iter().flat_map(|it| super::asked(history, it)).filter(move |seen| wanted(seen, history))
}

fn unknown(history: &History) -> Tally {
    let mut tally = Tally::default();
    let is_unknown = |seen: &Seen, history: &History| {
        let unknown = history.profile.families.first().map(|family| family.unknown_id);
        seen.query("run_id").is_some() && seen.query("run_id") == unknown && seen.query("import_id").is_none()
    };
    expect(&mut tally, about(history, is_unknown), "not-404", &[404]);
    needs_acceptance(history, &mut tally, "extralt.captures.list");
    tally
}

fn one_source(history: &History) -> Tally {
    let mut tally = Tally::default();
    let is_odd =
        |seen: &Seen, _: &History| seen.query("run_id").is_some() == seen.query("import_id").is_some();
    expect(&mut tally, about(history, is_odd), "not-400", &[400]);
    needs_acceptance(history, &mut tally, "extralt.captures.list");
    tally
}

/// The first and the last read of a run that show it to be over.
fn over<'a>(history: &'a History, job: &'a Job) -> Option<(&'a Seen, &'a Seen)> {
    Some((ends(history, job).next()?, end(history, job)?))
}

/// The whole lists of the captures of runs that are over, each with the run and its last read.
fn whole(history: &History) -> Vec<(&str, &Seen, &Seen)> {
    let mut found = Vec::new();
    for job in jobs(history, "run") {
        let Some((first, last)) = over(history, job) else { continue };
        let lists = super::whole(history, "extralt.captures.list");
        let mine = lists.filter(|list| list.query("run_id") == Some(&job.id) && list.id() > first.id());
        found.extend(mine.map(|list| (job.id.as_str(), list, last)));
    }
    found
}

fn extracted(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (_, list, read) in whole(history) {
        let Some(count) = read.at("/extracted").as_u64() else { continue };
        tally.saw(list);
        if list.items().len() as u64 != count {
            tally.broke(list, "other-number", count.to_string(), list.items().len().to_string()).after(read);
        }
    }
    tally
}

fn stable(history: &History) -> Tally {
    let mut tally = Tally::default();
    let lists = whole(history);
    for (nth, (run, list, _)) in lists.iter().enumerate() {
        let Some((_, before, _)) = lists[..nth].iter().find(|(other, ..)| other == run) else { continue };
        tally.saw(list);
        if before.items() != list.items() {
            tally.broke(list, "changed", "the captures as they were", "others").after(before);
        }
    }
    tally
}

/// A count of each run that is over, with the run and its last read.
fn counts(history: &History) -> impl Iterator<Item = (&str, &Seen, &Seen)> {
    jobs(history, "run").filter_map(|job| {
        let (first, last) = over(history, job)?;
        let own = |seen: &&Seen| seen.query("run_id") == Some(&job.id) && seen.id() > first.id();
        let count = good(history, "extralt.captures.count").find(own)?;
        Some((job.id.as_str(), count, last))
    })
}

fn count(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (run, count, _) in counts(history) {
        let Some((_, list, _)) = whole(history).into_iter().find(|(id, ..)| *id == run) else { continue };
        tally.saw(count);
        if count.at("/count").as_u64() != Some(list.items().len() as u64) {
            let observed = count.at("/count").to_string();
            tally.broke(count, "differs", list.items().len().to_string(), observed).at("/count").after(list);
        }
    }
    tally
}

fn counted(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (_, count, read) in counts(history) {
        tally.saw(count);
        if count.at("/count") != read.at("/extracted") {
            let expected = read.at("/extracted").to_string();
            tally.broke(count, "differs", expected, count.at("/count").to_string()).at("/count").after(read);
        }
    }
    tally
}
