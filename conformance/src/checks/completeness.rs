//! What lists show of runs that are under way: each of them, and nothing that nobody asked for.

use std::collections::BTreeSet;

use fixtures::contract::Level::{Must, Should};

use super::{Check, Cost};
use crate::history::History;
use crate::history::seen::Seen;
use crate::profile::{Family, is_terminal};
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "create.starts-one",
        title: "A create starts one run and not two",
        level: Should,
        cost: Cost::Job,
        clauses: &["catalog.execution.created-once"],
        needs: "two lists of all runs with nothing but accepted creates between them",
        judge: starts_one,
    },
    Check {
        id: "list.filter-active",
        title: "The list of what is being processed holds what is pending and what is running",
        level: Must,
        cost: Cost::Job,
        clauses: &[
            "catalog.crawl.list.filter",
            "catalog.extract.list.filter",
            "catalog.agentic-search.list.filter",
        ],
        needs: "lists of what is being processed, and later a run from before them that is still active",
        judge: filter_active,
    },
];

/// Whether there would have been room for one run more.
fn has_room(list: &Seen) -> bool {
    let size = list.query("page_size").map_or(Some(20), |size| size.parse().ok());
    size.is_some_and(|size: usize| History::listed(list).len() < size)
}

fn starts_one(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        let whole = |list: &&Seen| list.query("status").is_none() && has_room(list);
        let lists: Vec<&Seen> = history.lists(family).filter(whole).collect();
        let owners: BTreeSet<&str> = lists.iter().filter_map(|list| list.credential()).collect();
        for owner in owners {
            let mut own = lists.iter().copied().filter(|list| list.credential() == Some(owner));
            let Some(mut before) = own.next() else { continue };
            for after in own {
                compare(history, family, before, after, &mut tally);
                before = after;
            }
        }
    }
    tally
}

/// Looks for a run that appeared between two lists and that no create of the record gave.
fn compare(history: &History, family: &Family, before: &Seen, after: &Seen, tally: &mut Tally) {
    let between = |seen: &&Seen| {
        (before.id()..after.id()).contains(&seen.id()) && seen.credential() == after.credential()
    };
    let creates: Vec<&Seen> = history.of(family.create).filter(between).collect();
    let orphans = history.may_have_orphans(family, after.credential(), before.id(), after.id());
    if creates.is_empty() || orphans || !creates.iter().all(|create| create.is_success()) {
        return;
    }
    tally.saw(after);
    let known = History::listed(before);
    let is_new = |id: &&str| !known.contains_key(id) && history.job(id).is_none();
    if let Some(id) = History::listed(after).into_keys().find(is_new) {
        let observed = format!("{id} beside what {} creates gave", creates.len());
        let finding = tally.broke(after, "second-run", "the runs that were asked for", observed);
        finding.at("/data").after(before);
    }
}

/// A run that was created before a list and is active after it was active when the list was made. One list may lag
/// behind for a while; a run that two in a row leave out is missing.
fn filter_active(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs() {
        let create = history.create(job);
        let processing = |list: &&Seen| {
            list.query("status") == Some("processing")
                && has_room(list)
                && list.credential() == Some(&job.owner)
                && list.id() > create.id()
        };
        let is_active = |seen: &&Seen| seen.state().is_some_and(|state| !is_terminal(state));
        let mut missed = None;
        for list in history.lists(job.family).filter(processing) {
            let Some(later) = history.first_read_after(job, list).filter(is_active) else { break };
            tally.saw(list);
            if list.item(&job.id).is_some() {
                missed = None;
            } else if let Some(earlier) = missed.replace(list) {
                let state = later.state().unwrap_or_default();
                let observed = format!("{} is in neither of two lists, and {state} later", job.id);
                let expected = "every run that is pending or running";
                tally.broke(list, "active-left-out", expected, observed).at("/data").after(earlier);
            }
        }
    }
    tally
}
