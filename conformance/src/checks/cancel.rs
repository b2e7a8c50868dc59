//! Cancelling: stops what runs, refuses what does not.

use fixtures::contract::Level::{Must, Should};

use super::{Check, Cost};
use crate::history::seen::Seen;
use crate::history::{History, Job};
use crate::profile::{field, is_terminal};
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "cancel.running",
        title: "Cancelling a running run answers so, and stops it",
        level: Must,
        cost: Cost::Job,
        clauses: &[
            "catalog.crawl.cancel.running",
            "catalog.extract.cancel.running",
            "catalog.agentic-search.cancel.running",
            "catalog.execution.canceled-is-failed",
        ],
        needs: "a cancel of a run that was seen running",
        judge: running,
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
];

/// Every cancel by an owner with the read before it.
fn cancels(history: &History) -> impl Iterator<Item = (&Job, &Seen, &Seen)> {
    history.jobs().iter().flat_map(move |job| {
        let answered = history.cancels(job).filter(|seen| seen.status().is_some_and(|status| status != 429));
        answered.filter_map(move |seen| Some((job, history.last_read_before(job, seen)?, seen)))
    })
}

fn was_cancelled_before(history: &History, job: &Job, moment: &Seen) -> bool {
    history.cancels(job).any(|earlier| earlier.id() < moment.id() && earlier.is_success())
}

fn running(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, before, cancel) in cancels(history) {
        if before.state() != Some("running") || was_cancelled_before(history, job, cancel) {
            continue;
        }
        let after = history.first_read_after(job, cancel);
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
        if cancel.state() != Some("canceled") {
            let observed = cancel.at(field::STATUS).to_string();
            tally.broke(cancel, "reply", "\"canceled\"", observed).at(field::STATUS);
        }
        let Some(after) = after else { continue };
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

fn terminal(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, before, cancel) in cancels(history) {
        if !before.state().is_some_and(is_terminal) || was_cancelled_before(history, job, cancel) {
            continue;
        }
        tally.saw(cancel);
        // One page says 400, another 409; either is good.
        if !matches!(cancel.status(), Some(400 | 409)) {
            let observed = cancel.status_text();
            tally.broke(cancel, "not-refused", "400 or 409", observed).after(before);
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
        if !matches!(cancel.status(), Some(200 | 400 | 409)) {
            let observed = cancel.status_text();
            tally.broke(cancel, "undocumented", "200, 400 or 409", observed).after(before);
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
        let waits = before.state() == Some("pending") && before.at(field::WAITING_FOR).is_string();
        let after = history.first_read_after(job, cancel);
        // It may have started in between; only one that still waits afterwards, or was stopped, counts.
        let moved_on = after.is_some_and(|after| matches!(after.state(), Some("running" | "completed")));
        if !waits || moved_on {
            continue;
        }
        tally.saw(cancel);
        if cancel.status() != Some(400) {
            let observed = cancel.status_text();
            tally.broke(cancel, "not-400", "400 while it waits", observed).after(before);
        } else if cancel.text("/error/code") != Some("INVALID_REQUEST") {
            let observed = cancel.at("/error/code").to_string();
            tally.broke(cancel, "code", "INVALID_REQUEST", observed).at("/error/code");
        }
    }
    tally
}
