//! Cancelling: stops what runs, refuses what does not.

use fixtures::contract::Level::{Must, Should};

use super::{Check, Cost, race};
use crate::history::seen::Seen;
use crate::history::{History, Job};
use crate::profile::{field, is_terminal};
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "cancel.running",
        title: "Cancelling a running run is accepted, and answered so",
        level: Must,
        cost: Cost::Job,
        clauses: &[
            "catalog.crawl.cancel.running",
            "catalog.extract.cancel.running",
            "catalog.agentic-search.cancel.running",
        ],
        needs: "a cancel of a run that was seen running",
        judge: running,
    },
    Check {
        id: "cancel.is-failed",
        title: "A cancelled run reads failed from then on",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.execution.canceled-is-failed"],
        needs: "a read of a run after it was cancelled",
        judge: is_failed,
    },
    Check {
        id: "cancel.stop-date",
        title: "The stop date a cancel answers is the one the run shows afterwards",
        level: Should,
        cost: Cost::Job,
        clauses: &["catalog.execution.cancel-stop-date"],
        needs: "a read of a run after a cancel that told its stop date",
        judge: stop_date,
    },
    Check {
        id: "cancel.terminal",
        title: "Cancelling a run that is over is refused and changes nothing",
        level: Must,
        cost: Cost::Job,
        clauses: &[
            "catalog.crawl.cancel.terminal-refused",
            "catalog.extract.cancel.terminal-refused",
            "catalog.agentic-search.cancel.terminal-refused",
        ],
        needs: "a cancel of a run that was seen to be over by itself",
        judge: terminal,
    },
    Check {
        id: "cancel.repeat",
        title: "A second cancel is refused or answered as the first, and changes nothing",
        level: Should,
        cost: Cost::Job,
        clauses: &[
            "catalog.crawl.cancel.terminal-refused",
            "catalog.extract.cancel.terminal-refused",
            "catalog.agentic-search.cancel.terminal-refused",
        ],
        needs: "a second cancel of a cancelled run",
        judge: repeat,
    },
    Check {
        id: "cancel.waiting",
        title: "An extract that waits for a crawl cannot be cancelled yet",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.extract.cancel.waiting-refused"],
        needs: "a cancel of an extract that was seen waiting",
        judge: waiting,
    },
    Check {
        id: "cancel.pending",
        title: "A crawl or an extract that has not started cannot be cancelled",
        level: Should,
        cost: Cost::Job,
        clauses: &["catalog.crawl.cancel.pending-refused", "catalog.extract.cancel.pending-refused"],
        needs: "a cancel of a crawl or an extract that was seen pending before and after",
        judge: pending,
    },
    Check {
        id: "cancel.pending-search",
        title: "Cancelling a search that has not started is refused, or stops it",
        level: Should,
        cost: Cost::Job,
        clauses: &["catalog.agentic-search.cancel.pending"],
        needs: "a cancel of a search that was seen pending",
        judge: pending_search,
    },
];

/// Where the answer to a cancel tells when the run stopped.
const STOP_DATE: &str = "/stop_date";

/// Where a refusal has its code.
const CODE: &str = "/error/code";

/// Every cancel by an owner with the read before it.
fn cancels(history: &History) -> impl Iterator<Item = (&Job, &Seen, &Seen)> {
    history.jobs().iter().flat_map(move |job| {
        let answered = history.cancels(job).filter(|seen| history.is_judged(seen));
        answered.filter_map(move |seen| Some((job, history.last_read_before(job, seen)?, seen)))
    })
}

/// Whether a cancel was accepted before, or one that nobody knows the fate of.
fn was_cancelled_before(history: &History, job: &Job, moment: &Seen) -> bool {
    let mut earlier = history.cancels(job).filter(|earlier| earlier.id() < moment.id());
    earlier.any(|earlier| earlier.is_success() || earlier.is_uncertain())
}

fn running(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, before, cancel) in cancels(history) {
        if before.state() != Some("running") || was_cancelled_before(history, job, cancel) {
            continue;
        }
        let after = history.first_read_after(job, cancel);
        // Of two that are under way together either may be the second one.
        if !cancel.is_success() && race::met_another(history, job, cancel) {
            continue;
        }
        // It may have ended by itself in the meantime; then a refusal is right.
        if !cancel.is_success() && after.is_some_and(|after| after.state().is_some_and(is_terminal)) {
            continue;
        }
        tally.saw(cancel);
        if cancel.status() != Some(200) {
            let observed = cancel.status_text();
            tally.broke(cancel, "refused", "200 for a running run", observed).after(before);
            continue;
        }
        let mut later = history.reads(job).filter(|seen| seen.id() > cancel.id());
        if let Some(done) = later.find(|seen| seen.state() == Some("completed")) {
            tally
                .broke(done, "undone", "a run that never completes", "\"completed\"")
                .at(field::STATUS)
                .after(cancel);
        }
        if cancel.state() != Some("canceled") {
            let observed = cancel.at(field::STATUS).to_string();
            tally.broke(cancel, "reply", "\"canceled\"", observed).at(field::STATUS);
        }
        if cancel.text(field::ID) != Some(&job.id) {
            let observed = cancel.at(field::ID).to_string();
            tally.broke(cancel, "reply", job.id.as_str(), observed).at(field::ID);
        }
        // It may be null, since not every run stops at once.
        let date = cancel.body().pointer(STOP_DATE);
        if !date.is_some_and(|date| date.is_string() || date.is_null()) {
            let observed = date.map_or_else(|| "nothing".to_owned(), ToString::to_string);
            tally.broke(cancel, "reply", "the stop date, or null", observed).at(STOP_DATE);
        }
    }
    tally
}

/// Cancels that were accepted, with the owner's first read after each.
fn accepted(history: &History) -> impl Iterator<Item = (&Seen, &Seen)> {
    history.jobs().iter().flat_map(move |job| {
        let accepted = history.cancels(job).filter(|seen| seen.is_success());
        accepted.filter_map(move |cancel| Some((cancel, history.first_read_after(job, cancel)?)))
    })
}

fn is_failed(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (cancel, after) in accepted(history) {
        tally.saw(after);
        if after.state() != Some("failed") {
            let observed = after.at(field::STATUS).to_string();
            tally
                .broke(after, "still-active", "\"failed\" after a cancel", observed)
                .at(field::STATUS)
                .after(cancel);
        }
    }
    tally
}

fn stop_date(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (cancel, after) in accepted(history) {
        let Some(told) = cancel.body().pointer(STOP_DATE) else { continue };
        tally.saw(after);
        if told != after.at(field::STOPPED) {
            let observed = after.at(field::STOPPED).to_string();
            tally.broke(after, "differs", told.to_string(), observed).at(field::STOPPED).after(cancel);
        }
    }
    tally
}

/// Notes which of the two documented refusals a run that is over answered a cancel with.
pub(super) fn read_refusal(tally: &mut Tally, history: &History, job: &Job, cancel: &Seen, status: u16) {
    let clause = format!("catalog.{}.cancel.terminal-refused", job.family.name);
    if let Some(clause) = history.clause(&clause) {
        tally.reading(&clause.id, usize::from(status == 409), cancel);
    }
}

/// Expects the code that belongs to the status of a refusal; whether it is there.
fn has_code(tally: &mut Tally, cancel: &Seen, status: u16) -> bool {
    let code = if status == 409 { "CONFLICT" } else { "INVALID_REQUEST" };
    let is_there = cancel.text(CODE) == Some(code);
    if !is_there {
        let expected = format!("{code}, as {status} has it");
        tally.broke(cancel, "code", expected, cancel.at(CODE).to_string()).at(CODE);
    }
    is_there
}

/// Notes which documented refusal of a run that is over this is, if it has the code of its status.
fn refused(tally: &mut Tally, history: &History, job: &Job, cancel: &Seen, status: u16) {
    if has_code(tally, cancel, status) {
        read_refusal(tally, history, job, cancel, status);
    }
}

fn terminal(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, before, cancel) in cancels(history) {
        if !before.state().is_some_and(is_terminal) || was_cancelled_before(history, job, cancel) {
            continue;
        }
        tally.saw(cancel);
        // One page says 400, another 409; either is good, with its own code.
        match cancel.status() {
            Some(status @ (400 | 409)) => refused(&mut tally, history, job, cancel, status),
            _ => {
                let observed = cancel.status_text();
                tally.broke(cancel, "not-refused", "400 or 409", observed).after(before);
            }
        }
        unchanged(history, &mut tally, job, before, cancel);
    }
    tally
}

fn repeat(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, before, cancel) in cancels(history) {
        if !before.state().is_some_and(is_terminal) || !was_cancelled_before(history, job, cancel) {
            continue;
        }
        tally.saw(cancel);
        match cancel.status() {
            Some(200) => {}
            Some(status @ (400 | 409)) => refused(&mut tally, history, job, cancel, status),
            _ => {
                let observed = cancel.status_text();
                tally.broke(cancel, "undocumented", "200, 400 or 409", observed).after(before);
            }
        }
        unchanged(history, &mut tally, job, before, cancel);
    }
    tally
}

fn unchanged(history: &History, tally: &mut Tally, job: &Job, before: &Seen, cancel: &Seen) {
    let Some(after) = history.first_read_after(job, cancel) else { return };
    for pointer in [field::STATUS, field::STOPPED] {
        let (then, now) = (before.at(pointer), after.at(pointer));
        if then != now {
            tally
                .broke(after, "changed", then.to_string(), now.to_string())
                .at(pointer)
                .after(cancel)
                .after(before);
        }
    }
}

fn waiting(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, before, cancel) in cancels(history) {
        let after = history.first_read_after(job, cancel);
        // It may have started in between, or failed with its crawl; one that says that it was cancelled was.
        let moved_on = after.and_then(Seen::state).is_some_and(|state| match state {
            "failed" => !cancel.is_success(),
            state => state != "pending",
        });
        let waits_still = after.is_some_and(Seen::is_waiting);
        if !before.is_waiting() || !waits_still && (moved_on || crawl_ended(history, before, cancel)) {
            continue;
        }
        tally.saw(cancel);
        if cancel.status() != Some(400) {
            let observed = cancel.status_text();
            tally.broke(cancel, "not-400", "400 while it waits", observed).after(before);
        } else {
            has_code(&mut tally, cancel, 400);
        }
    }
    tally
}

/// Whether the crawl that a run was seen waiting for is over when it is looked at next, so that the wait may have been
/// over as well.
fn crawl_ended(history: &History, before: &Seen, cancel: &Seen) -> bool {
    let crawl = before.text(field::WAITING_FOR).and_then(|id| history.job(id));
    let next = crawl.and_then(|crawl| history.first_read_after(crawl, cancel));
    next.and_then(Seen::state).is_some_and(is_terminal)
}

/// Cancels of runs of a family that were pending, and waited for nothing: the run, the read before, the cancel, and the
/// read after, which shows it pending still or stopped. One that began to run in between shows nothing.
fn of_pending(history: &History) -> impl Iterator<Item = (&Job, &Seen, &Seen, &Seen)> {
    cancels(history).filter_map(|(job, before, cancel)| {
        let after = history.first_read_after(job, cancel)?;
        let plain = before.state() == Some("pending") && before.at(field::WAITING_FOR).is_null();
        let certain = matches!(after.state(), Some("pending" | "failed"));
        (plain && certain).then_some((job, before, cancel, after))
    })
}

fn pending(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, before, cancel, after) in of_pending(history) {
        let Some(clause) = history.clause(&format!("catalog.{}.cancel.pending-refused", job.family.name))
        else {
            continue;
        };
        tally.saw(cancel);
        let has_readings = !clause.readings.is_empty();
        let status = match cancel.status() {
            Some(400) => 400,
            Some(409) if has_readings => 409,
            _ => {
                let observed = cancel.status_text();
                tally.broke(cancel, "not-refused", "a refusal while pending", observed).after(before);
                continue;
            }
        };
        if has_code(&mut tally, cancel, status) && has_readings {
            tally.reading(&clause.id, usize::from(status == 409), cancel);
        }
        if after.state() == Some("failed") {
            tally
                .broke(after, "refused-and-stopped", "\"pending\", since the cancel was refused", "failed")
                .at(field::STATUS)
                .after(cancel);
        }
    }
    tally
}

fn pending_search(history: &History) -> Tally {
    const CLAUSE: &str = "catalog.agentic-search.cancel.pending";
    let mut tally = Tally::default();
    for (_, before, cancel, after) in of_pending(history).filter(|(job, ..)| job.family.at_most.is_some()) {
        tally.saw(cancel);
        match (cancel.status(), after.state()) {
            (Some(400 | 409), Some("pending")) => tally.reading(CLAUSE, 0, cancel),
            (Some(200), Some("failed")) => tally.reading(CLAUSE, 1, cancel),
            _ => {
                let observed = format!("{}, then {}", cancel.status_text(), after.at(field::STATUS));
                let expected = "a refusal and still pending, or 200 and failed";
                tally.broke(after, "neither", expected, observed).after(cancel).after(before);
            }
        }
    }
    tally
}

#[cfg(test)]
mod tests;
