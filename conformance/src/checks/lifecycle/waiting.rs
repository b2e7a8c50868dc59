//! An extract that waits for a crawl: while the crawl is under way, and once it is over.

use crate::history::seen::Seen;
use crate::history::{History, Job};
use crate::profile::{field, is_terminal};
use crate::verdict::Tally;

/// Runs that were created to wait for another, with that other.
fn dependent(history: &History) -> impl Iterator<Item = (&Job, &Job)> {
    history.jobs().iter().filter_map(|child| {
        let parent = history.create(child).request().get("crawl_id")?.as_str()?;
        Some((child, history.job(parent)?))
    })
}

pub(super) fn dependency_wait(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (child, parent) in dependent(history) {
        let create = history.create(child);
        let later = history.first_read_after(parent, create).and_then(Seen::state);
        if later.is_some_and(|state| !is_terminal(state)) {
            tally.saw(create);
            if create.text(field::WAITING_FOR) != Some(&parent.id) {
                let observed = create.at(field::WAITING_FOR).to_string();
                tally.broke(create, "unnamed-at-create", parent.id.as_str(), observed).at(field::WAITING_FOR);
            }
        }
        for seen in history.reads(child) {
            // Certain only while a later read of the crawl shows that it was not over yet.
            let later = history.first_read_after(parent, seen).and_then(Seen::state);
            let mut cancels = history.cancels(parent).filter(|cancel| cancel.id() < seen.id());
            let is_stopping = cancels.any(|cancel| cancel.is_success() || cancel.is_uncertain());
            if later.is_none_or(is_terminal) || is_stopping {
                continue;
            }
            tally.saw(seen);
            if seen.state() != Some("pending") {
                let observed = seen.at(field::STATUS).to_string();
                tally.broke(seen, "started-early", "\"pending\"", observed).at(field::STATUS);
            }
            for pointer in [field::STARTED, field::STOPPED, field::DURATION, field::PROGRESS] {
                if !seen.at(pointer).is_null() {
                    let observed = seen.at(pointer).to_string();
                    tally.broke(seen, "set-while-waiting", "null while it waits", observed).at(pointer);
                }
            }
            if seen.text(field::WAITING_FOR) != Some(&parent.id) {
                let observed = seen.at(field::WAITING_FOR).to_string();
                tally.broke(seen, "parent-unnamed", parent.id.as_str(), observed).at(field::WAITING_FOR);
            }
        }
    }
    tally
}

pub(super) fn dependency_failed(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (child, parent) in dependent(history) {
        let failed = history.first_terminal(parent).filter(|seen| seen.state() == Some("failed"));
        let last = history.reads(child).last();
        let (Some(failed), Some(last)) =
            (failed, last.filter(|last| failed.is_some_and(|f| f.id() < last.id())))
        else {
            continue;
        };
        let names_parent = |seen: &Seen| seen.text(field::WAITING_FOR) == Some(&parent.id);
        if !names_parent(history.create(child)) && !history.reads(child).any(names_parent) {
            continue;
        }
        tally.saw(last);
        if last.state() != Some("failed") {
            let observed = last.at(field::STATUS).to_string();
            tally.broke(last, "parent-ignored", "\"failed\"", observed).at(field::STATUS).after(failed);
        }
    }
    tally
}

pub(super) fn dependency_over(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (child, parent) in dependent(history) {
        let end = history.first_terminal(parent).filter(|seen| seen.state() == Some("completed"));
        let Some(completed) = end else { continue };
        // Of two answers that overlap nobody knows which came first.
        let is_later = |seen: &&Seen| seen.exchange().started_ms() >= completed.exchange().ended_ms();
        for seen in history.reads(child).filter(|seen| seen.id() > completed.id()).filter(is_later) {
            tally.saw(seen);
            if let Some(named) = seen.text(field::WAITING_FOR).filter(|_| seen.state() == Some("pending")) {
                tally
                    .broke(seen, "still-waiting", "no `waiting_for`", named)
                    .at(field::WAITING_FOR)
                    .after(completed);
            }
        }
    }
    tally
}

pub(super) fn waits_only_if_asked(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs() {
        let create = history.create(job);
        if create.request().get("crawl_id").is_some() {
            continue;
        }
        tally.saw(create);
        // Null names nothing.
        if let Some(named) = create.body().pointer(field::WAITING_FOR).filter(|named| !named.is_null()) {
            tally.broke(create, "named", "no `waiting_for`", named.to_string()).at(field::WAITING_FOR);
        }
    }
    for (job, seen) in history.all_reads() {
        let asked = history.create(job).request().get("crawl_id").is_some();
        if asked && seen.state() == Some("pending") {
            continue;
        }
        tally.saw(seen);
        if let Some(named) = seen.body().pointer(field::WAITING_FOR) {
            tally.broke(seen, "named", "no `waiting_for`", named.to_string()).at(field::WAITING_FOR);
        }
    }
    tally
}
