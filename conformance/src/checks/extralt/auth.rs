//! Keys, and what one organization can learn of another: nothing.

use std::collections::BTreeSet;

use super::super::{Check, Cost};
use super::{asked, expect, good, jobs, must, should};
use crate::history::History;
use crate::history::seen::{FORBIDDEN_KEY, Seen};
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    must(
        "auth.bearer",
        "A good key as a bearer token lets the request in",
        Cost::Read,
        &["extralt.v0.auth.bearer-accepted", "extralt.v1.auth.bearer-accepted"],
        "a request with a good key",
        bearer,
    ),
    should(
        "auth.bearer-only",
        "A good key in another place does not let the request in",
        Cost::Read,
        &["extralt.v0.auth.bearer-only"],
        "a request with a good key in another header",
        bearer_only,
    ),
    must(
        "auth.forbidden",
        "A key that may not do something is answered with 403",
        Cost::Read,
        &["extralt.v0.auth.forbidden-403", "extralt.v1.auth.forbidden-403"],
        "a request with a key that is known and may do nothing",
        forbidden,
    ),
    must(
        "tenant.invisible",
        "No list and no read shows what another organization has",
        Cost::Read,
        &["extralt.v0.tenancy.foreign-invisible", "extralt.v1.tenancy.foreign-invisible"],
        "two keys, and something that one of them asks for and the other has",
        invisible,
    ),
    should(
        "tenant.foreign-404",
        "Another organization's id is answered with 404",
        Cost::Read,
        &["extralt.v0.tenancy.foreign-404", "extralt.v1.tenancy.foreign-404"],
        "two keys, and a request with one about a run of the other",
        foreign,
    ),
    must(
        "tenant.untouched",
        "Another organization's key changes nothing of a run",
        Cost::Job,
        &["extralt.v0.tenancy.foreign-untouched"],
        "a stop or a restart with another organization's key",
        untouched,
    ),
];

fn bearer(history: &History) -> Tally {
    let mut tally = Tally::default();
    let judged =
        history.judged().filter(|seen| seen.operation().is_some() && seen.credential() == Some("$KEY_A"));
    let judged: Vec<_> = judged.filter(|seen| seen.is_bearer()).collect();
    for seen in &judged {
        tally.saw(seen);
    }
    let everywhere = judged.iter().all(|seen| seen.status() == Some(401));
    let refused = |seen: &&Seen| seen.status() == Some(401) && (everywhere || !history.is_turned_away(seen));
    if let Some(first) = judged.into_iter().find(refused) {
        tally.broke(first, "refused", "anything but 401", "401 to a good key");
    }
    tally
}

fn bearer_only(history: &History) -> Tally {
    let mut tally = Tally::default();
    let probes = history.judged().filter(|seen| seen.operation().is_some() && seen.has_misplaced_key());
    expect(&mut tally, probes.filter(|seen| !is_faulty(history, seen)), "let-in", &[401]);
    super::needs_acceptance(history, &mut tally, "extralt.runs.list");
    tally
}

/// Whether the body of a request would be refused with a good key.
fn is_faulty(history: &History, seen: &Seen) -> bool {
    let operation = seen.operation().and_then(|id| history.contract.operation(id));
    seen.is_malformed() || operation.is_some_and(|it| !it.request_violations(seen.request()).is_empty())
}

fn forbidden(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in history.judged().filter(|seen| seen.operation().is_some()) {
        if seen.credential() == Some(FORBIDDEN_KEY) {
            tally.saw(seen);
            if seen.status() != Some(403) {
                tally.broke(seen, "not-403", "403", seen.status_text());
            }
        }
    }
    tally
}

/// Requests with one key about something that another key made.
fn reaching(history: &History) -> impl Iterator<Item = &Seen> {
    history.judged().filter(|seen| {
        let source = seen.query("run_id").or_else(|| seen.query("enrichment_id"));
        let owner = seen.run().or(source).and_then(|id| owner(history, id));
        seen.has_good_key()
            && seen.operation().is_some()
            && owner.is_some_and(|owner| seen.credential() != Some(owner))
    })
}

/// The key that made the run, or the schedule and the like, of this id.
fn owner<'a>(history: &'a History, id: &str) -> Option<&'a str> {
    if let Some(job) = history.job(id) {
        return Some(&job.owner);
    }
    let mut creates = history.profile.standing.iter().flat_map(|kind| good(history, kind.create));
    creates.find(|seen| seen.own_id() == Some(id)).and_then(Seen::credential)
}

/// The lists that need no source, and so might show what is somebody else's.
const SHARED: [&str; 5] = [
    "extralt.runs.list",
    "extralt.robots.list",
    "extralt.schedules.list",
    "extralt.enrichments.list",
    "extralt.webhooks.list",
];

fn invisible(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in reaching(history).filter(|seen| !seen.writes()) {
        tally.saw(seen);
        if seen.is_success() {
            tally.broke(seen, "foreign-shown", "nothing of another organization", seen.status_text());
        }
    }
    for operation in SHARED {
        let mut owners: std::collections::BTreeMap<&str, (&str, &Seen)> = Default::default();
        for list in good(history, operation) {
            let Some(owner) = list.credential() else { continue };
            for id in list.items().iter().filter_map(|item| list.id_of(item)) {
                let (first, before) = *owners.entry(id).or_insert((owner, list));
                let of_job = history.job(id).is_some_and(|job| job.owner != owner);
                if first != owner || of_job {
                    tally
                        .broke(list, "foreign-listed", "lists of two keys that share nothing", id)
                        .after(before);
                }
            }
        }
    }
    tally
}

fn foreign(history: &History) -> Tally {
    let mut tally = Tally::default();
    expect(&mut tally, reaching(history), "not-404", &[404]);
    super::needs_acceptance(history, &mut tally, "extralt.runs.get");
    tally
}

fn untouched(history: &History) -> Tally {
    let mut tally = Tally::default();
    let mut told = BTreeSet::new();
    for job in jobs(history, "run") {
        let theirs = [job.family.cancel, job.family.restart].into_iter().flat_map(|it| asked(history, it));
        for seen in theirs.filter(|seen| seen.run() == Some(&job.id) && seen.credential() != Some(&job.owner))
        {
            let (before, after) = (history.last_read_before(job, seen), history.first_read_after(job, seen));
            let (Some(before), Some(after)) = (before, after) else { continue };
            let own = history.cancels(job).chain(history.restarts(job));
            if own.into_iter().any(|it| (before.id()..after.id()).contains(&it.id())) {
                continue;
            }
            tally.saw(seen);
            let stopped = before.state() != Some("stopped") && after.state() == Some("stopped");
            let begun = before.state().is_some_and(|state| job.family.is_over(state))
                && before.state() != after.state();
            if (stopped || begun) && told.insert(job.id.as_str()) {
                let observed = after.state().unwrap_or("no state");
                tally
                    .broke(after, "changed", before.state().unwrap_or("as before"), observed)
                    .after(seen)
                    .after(before);
            }
        }
    }
    tally
}
