//! What one key can learn of another's runs: nothing.

use std::collections::{BTreeSet, HashMap};

use fixtures::contract::Level::{Must, Should};
use serde_json::Value;

use super::{Check, Cost};
use crate::history::seen::Seen;
use crate::history::{History, Job};
use crate::profile::{field, is_terminal};
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "tenant.get-404",
        title: "Reading another key's run answers 404",
        level: Must,
        cost: Cost::Read,
        clauses: &["catalog.execution.foreign-id-404"],
        needs: "two keys, and a read with one of a run of the other",
        judge: get,
    },
    Check {
        id: "tenant.cancel-404",
        title: "Cancelling another key's run answers 404 and leaves the run alone",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.execution.foreign-cancel-404"],
        needs: "two keys, and a cancel with one of a run of the other",
        judge: cancel,
    },
    Check {
        id: "tenant.list-disjoint",
        title: "No run is in the lists of two keys",
        level: Must,
        cost: Cost::Read,
        clauses: &["catalog.execution.foreign-list"],
        needs: "two keys, and a list of each after one of them created a run",
        judge: lists,
    },
    Check {
        id: "tenant.indistinct",
        title: "Another key's id and an unknown id are answered alike",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.execution.foreign-indistinct"],
        needs: "two keys, and a read of a foreign and of an unknown id of one kind",
        judge: indistinct,
    },
    Check {
        id: "tenant.create-own",
        title: "A create never gives another key's run",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.execution.foreign-create"],
        needs: "two keys, and an accepted create with one after the other has a run of the kind",
        judge: create_own,
    },
    Check {
        id: "secret.not-echoed",
        title: "No answer repeats a key",
        level: Must,
        cost: Cost::Passive,
        clauses: &[],
        needs: "an answer to a request with a key of at least eight characters",
        judge: not_echoed,
    },
];

/// Requests of `operation` for a run of another key.
fn foreign(history: &History, pick: fn(&Job) -> &'static str) -> impl Iterator<Item = (&Job, &Seen)> {
    history.jobs().iter().flat_map(move |job| {
        let trespass = move |seen: &&Seen| {
            seen.run() == Some(&job.id)
                && seen.id() > history.create(job).id()
                && seen.has_good_key()
                && seen.credential() != Some(&job.owner)
        };
        history.of(pick(job)).filter(trespass).map(move |seen| (job, seen))
    })
}

/// Expects 404, and shows something only if the owner is answered otherwise.
fn expect_404(history: &History, tally: &mut Tally, job: &Job, seen: &Seen) {
    if history.reads(job).next().is_none() {
        tally.block("the owner could not read the run either");
        return;
    }
    tally.saw(seen);
    if seen.status() != Some(404) {
        let observed = seen.status_text();
        tally.broke(seen, "not-404", "404 for another key's run", observed).after(history.create(job));
    }
}

fn get(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, seen) in foreign(history, |job| job.family.get) {
        expect_404(history, &mut tally, job, seen);
    }
    tally
}

fn cancel(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, seen) in foreign(history, |job| job.family.cancel) {
        expect_404(history, &mut tally, job, seen);
        let (Some(before), Some(after)) =
            (history.last_read_before(job, seen), history.first_read_after(job, seen))
        else {
            continue;
        };
        let own = history.cancels(job).any(|own| (before.id()..after.id()).contains(&own.id()));
        let active = before.state().is_some_and(|state| !is_terminal(state));
        // A run may fail by itself; that a refused cancel stopped it, nobody can tell.
        if seen.is_success() && active && after.state() == Some("failed") && !own {
            let expected = format!("{}, or whatever follows without a cancel", before.at("/status"));
            tally
                .broke(after, "stopped-by-other", expected, "failed")
                .at("/status")
                .after(seen)
                .after(before);
        }
    }
    tally
}

fn lists(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs() {
        let after = history.lists(job.family).filter(|list| list.id() > history.create(job).id());
        let (own, other): (Vec<_>, Vec<_>) =
            after.filter(|list| list.has_good_key()).partition(|list| list.credential() == Some(&job.owner));
        if !own.iter().any(|list| list.item(&job.id).is_some()) {
            continue;
        }
        for list in other {
            tally.saw(list);
            if list.item(&job.id).is_some() {
                let expected = "only runs of the key that asks";
                tally
                    .broke(list, "foreign-run-listed", expected, job.id.as_str())
                    .at("/data")
                    .after(history.create(job));
            }
        }
    }
    tally
}

fn create_own(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        let jobs = history.jobs().iter().filter(|job| job.family.name == family.name);
        let jobs: HashMap<&str, &Job> = jobs.map(|job| (job.id.as_str(), job)).collect();
        for create in history.of(family.create).filter(|seen| seen.is_success() && seen.has_good_key()) {
            let foreign =
                |job: &Job| create.credential() != Some(&job.owner) && history.create(job).id() < create.id();
            if jobs.values().any(|job| foreign(job)) {
                tally.saw(create);
            }
            let given = create.text(field::ID).and_then(|id| jobs.get(id));
            if let Some(job) = given.filter(|job| foreign(job)) {
                tally
                    .broke(create, "foreign-run-given", "a run of the key that asks", job.id.as_str())
                    .at(field::ID)
                    .after(history.create(job));
            }
        }
    }
    tally
}

fn indistinct(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, seen) in foreign(history, |job| job.family.get) {
        let unknown = history
            .of(job.family.get)
            .find(|other| other.run() == Some(job.family.unknown_id) && other.has_good_key());
        let Some(unknown) = unknown else { continue };
        tally.saw(seen);
        let (foreign, unknown_shape) = (shape(seen), shape(unknown));
        if foreign != unknown_shape {
            let expected = format!("{unknown_shape}, as for an unknown id");
            tally.broke(seen, "told-apart", expected, foreign.to_string()).after(unknown);
        }
    }
    tally
}

/// Status and body of a refusal, without what names the request.
fn shape(seen: &Seen) -> Value {
    let mut body = seen.body().clone();
    if let Some(error) = body.pointer_mut("/error").and_then(Value::as_object_mut) {
        error.remove("request_id");
    }
    serde_json::json!({"status": seen.status(), "body": body})
}

fn not_echoed(history: &History) -> Tally {
    let mut tally = Tally::default();
    let keys: BTreeSet<_> = history.all().iter().filter_map(Seen::credential).collect();
    for seen in history.all() {
        let (Some(_), Some(response)) = (seen.credential(), seen.response()) else { continue };
        tally.saw(seen);
        for key in &keys {
            // The record holds the placeholder wherever the answer held the key.
            let inside = response.body.text().is_some_and(|text| text.contains(key));
            let beside = response.headers.iter().find(|(_, value)| value.contains(key));
            if inside {
                tally.broke(seen, "in-body", "an answer without keys", format!("{key} in the body"));
            } else if let Some((name, _)) = beside {
                tally.broke(seen, "in-header", "an answer without keys", format!("{key} in `{name}`"));
            }
        }
    }
    tally
}

#[cfg(test)]
mod tests;
