//! Usage: the calls of a key, counted by path and period.

use std::collections::{BTreeMap, BTreeSet};

use fixtures::contract::Level::{Must, Should};
use http::Method;

use super::index::is_fault_found;
use super::{Check, Cost};
use crate::history::History;
use crate::history::seen::Seen;
use crate::verdict::Tally;

const GET: &str = "catalog.usage.get";

/// The periods from the shortest to the longest, and the one that counts unless another is asked for.
const PERIODS: [&str; 5] = ["24h", "7d", "30d", "90d", "all"];
const DEFAULT: &str = "30d";

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "usage.periods",
        title: "Usage is told for each documented period, for 30 days unless asked, and names the period",
        level: Must,
        cost: Cost::Read,
        clauses: &["catalog.usage.get.periods"],
        needs: "a read of usage for a documented period, or none",
        judge: periods,
    },
    Check {
        id: "usage.own-calls",
        title: "Calls made with the key are counted under their path",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.usage.get.own-calls"],
        needs: "a read of all paths of usage after other calls with the same key",
        judge: own_calls,
    },
    Check {
        id: "usage.path-once",
        title: "Usage names each path once",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.usage.get.path-once"],
        needs: "a page of usage with a path",
        judge: path_once,
    },
    Check {
        id: "usage.periods-nest",
        title: "A longer period counts no fewer calls than a shorter one",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.usage.get.periods-nest"],
        needs: "a read of usage for a period, and later one for a longer period",
        judge: periods_nest,
    },
    Check {
        id: "usage.most-first",
        title: "The paths with most calls come first",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.usage.get.most-first"],
        needs: "a page of usage with two paths",
        judge: most_first,
    },
];

fn reads(history: &History) -> impl Iterator<Item = &Seen> {
    history.of(GET).filter(|seen| seen.has_good_key())
}

/// The place of the period a request asks for; none for one that is not documented.
fn period(seen: &Seen) -> Option<usize> {
    let asked = seen.query("period").unwrap_or(DEFAULT);
    PERIODS.iter().position(|period| *period == asked)
}

/// The calls to each path, as a page lists them.
fn calls(seen: &Seen) -> Vec<(&str, u64)> {
    let items = seen.at("/data").as_array().map(Vec::as_slice).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| Some((item.get("path")?.as_str()?, item.get("total_calls")?.as_u64()?)))
        .collect()
}

/// Reads that show every path, with the calls to each.
fn whole(history: &History) -> impl Iterator<Item = (&Seen, BTreeMap<&str, u64>)> {
    let good = reads(history).filter(|seen| seen.is_success() && period(seen).is_some());
    good.filter_map(|seen| {
        let calls: BTreeMap<_, _> = calls(seen).into_iter().collect();
        let first = seen.query("page").is_none_or(|page| page == "1");
        let all = seen.at("/pagination/total_items").as_u64() == Some(calls.len() as u64);
        (first && all).then_some((seen, calls))
    })
}

fn periods(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in reads(history) {
        let Some(asked) = period(seen).map(|place| PERIODS[place]) else { continue };
        if !seen.is_success() && !is_fault_found(seen) {
            tally.block("usage was not told");
            continue;
        }
        tally.saw(seen);
        if !seen.is_success() {
            tally.broke(seen, "refused", format!("200 for {asked}"), seen.status_text());
        } else if seen.at("/meta/period") != asked {
            let reason = if seen.query("period").is_some() { "period-differs" } else { "default" };
            tally.broke(seen, reason, asked, seen.at("/meta/period").to_string()).at("/meta/period");
        }
    }
    tally
}

/// How often the same key was answered under each path before `moment`, by the path as the contract prints it.
fn made<'a>(history: &'a History, moment: &Seen) -> BTreeMap<&'a str, u64> {
    let mut made = BTreeMap::new();
    for seen in history.judged().filter(|seen| seen.id() < moment.id() && seen.is_success()) {
        let operation = seen.operation().and_then(|id| history.contract.operation(id));
        if let Some(operation) = operation.filter(|_| seen.credential() == moment.credential()) {
            *made.entry(operation.path()).or_default() += 1;
        }
    }
    made
}

/// Whether a path of the answer is this one, as the contract prints it or with its parameters filled in.
fn stands_for(history: &History, counted: &str, path: &str) -> bool {
    let routed = [Method::GET, Method::POST, Method::DELETE]
        .iter()
        .find_map(|method| history.contract.route(method, counted))
        .map(|(operation, _)| operation.path());
    counted == path || routed == Some(path)
}

fn own_calls(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, calls) in whole(history) {
        for (path, made) in made(history, seen) {
            tally.saw(seen);
            let fitting = calls.iter().filter(|(counted, _)| stands_for(history, counted, path));
            let counted: u64 = fitting.map(|(_, count)| count).sum();
            if counted < made {
                let expected = format!("at least {made} calls of {path}");
                tally.broke(seen, "undercounted", expected, counted.to_string()).at("/data");
            }
        }
    }
    tally
}

fn path_once(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in reads(history).filter(|seen| seen.is_success()) {
        let mut known = BTreeSet::new();
        for (at, (path, _)) in calls(seen).into_iter().enumerate() {
            tally.saw(seen);
            if !known.insert(path) {
                tally.broke(seen, "named-twice", "each path once", path).at(format!("/data/{at}/path"));
            }
        }
    }
    tally
}

fn periods_nest(history: &History) -> Tally {
    let mut tally = Tally::default();
    let all: Vec<_> = whole(history).collect();
    for (at, (long, longer)) in all.iter().enumerate() {
        // Calls between the two only add to the longer period, which is asked for later.
        let shorter = all[..at]
            .iter()
            .rev()
            .find(|(short, _)| period(short) < period(long) && short.credential() == long.credential());
        let Some((short, shorter)) = shorter else { continue };
        tally.saw(long);
        for (path, count) in shorter {
            let counted = longer.get(path).copied().unwrap_or(0);
            if counted < *count {
                let expected = format!("at least {count} calls of {path}, as in the shorter period");
                tally.broke(long, "fewer", expected, counted.to_string()).at("/data").after(short);
            }
        }
    }
    tally
}

fn most_first(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in reads(history).filter(|seen| seen.is_success()) {
        let calls = calls(seen);
        if calls.len() < 2 {
            continue;
        }
        tally.saw(seen);
        if let Some(pair) = calls.windows(2).find(|pair| pair[0].1 < pair[1].1) {
            let observed = format!("{} before {}", pair[0].1, pair[1].1);
            tally.broke(seen, "not-ordered", "the highest number of calls first", observed).at("/data");
        }
    }
    tally
}
