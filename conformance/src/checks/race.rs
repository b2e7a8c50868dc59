//! Cancels that meet something else: the end of the run, or another cancel. Either may come first; there is no third
//! way.

use fixtures::contract::Level::Must;

use super::{Check, Cost, cancel};
use crate::history::seen::Seen;
use crate::history::{History, Job};
use crate::profile::{field, is_terminal};
use crate::session::control::CLOCK;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[Check {
    id: "cancel.race",
    title: "A cancel that meets the end of a run, or another cancel, wins or loses, and stays with it",
    level: Must,
    cost: Cost::Job,
    clauses: &[
        "catalog.crawl.cancel.running",
        "catalog.extract.cancel.running",
        "catalog.agentic-search.cancel.running",
        "catalog.crawl.cancel.terminal-refused",
        "catalog.extract.cancel.terminal-refused",
        "catalog.agentic-search.cancel.terminal-refused",
    ],
    needs: "a cancel of a running run that is under way together with another, or with the run's end",
    judge: race,
}];

/// Whether two requests were under way at the same time.
fn overlap(one: &Seen, other: &Seen) -> bool {
    let (one, other) = (one.exchange(), other.exchange());
    one.started_ms() <= other.ended_ms() && other.started_ms() <= one.ended_ms()
}

/// What a cancel met on its way.
struct Met<'a> {
    /// Another cancel of the same run.
    rivals: Vec<&'a Seen>,
    /// A clock that was moved.
    clock: bool,
}

fn met<'a>(history: &'a History, job: &'a Job, cancel: &Seen) -> Met<'a> {
    let other = |seen: &&Seen| seen.id() != cancel.id() && overlap(seen, cancel);
    let moves = |seen: &Seen| {
        let request = seen.exchange().request();
        request.path() == CLOCK && seen.query("key") == Some(&job.owner)
    };
    Met {
        rivals: history.cancels(job).filter(other).collect(),
        clock: history.all().iter().filter(other).any(moves),
    }
}

/// Whether another cancel of the run was under way together with this one, and may have stopped it.
pub(super) fn met_another(history: &History, job: &Job, cancel: &Seen) -> bool {
    let rivals = met(history, job, cancel).rivals;
    rivals.iter().any(|rival| rival.is_success() || rival.is_uncertain())
}

fn race(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs() {
        for cancel in history.cancels(job).filter(|seen| history.is_judged(seen)) {
            let Some(before) = history.last_read_before(job, cancel) else { continue };
            let met = met(history, job, cancel);
            let later = || history.reads(job).filter(|seen| seen.id() > cancel.id());
            let Some(after) = later().next() else { continue };
            let ended = after.state() == Some("completed");
            let lost = !cancel.is_success() && ended;
            let provoked = met.clock || !met.rivals.is_empty();
            if before.state() != Some("running") || !(provoked || lost) {
                continue;
            }
            tally.saw(cancel);
            match cancel.status() {
                Some(200) => {
                    if let Some(undone) = later().find(|seen| seen.state() == Some("completed")) {
                        let observed = undone.at(field::STATUS).to_string();
                        tally
                            .broke(undone, "accepted-and-undone", "a run that never completes", observed)
                            .at(field::STATUS)
                            .after(cancel);
                    }
                }
                Some(status @ (400 | 409)) => {
                    cancel::read_refusal(&mut tally, history, job, cancel, status);
                    let won = met.rivals.iter().any(|rival| rival.is_success() || rival.is_uncertain());
                    let (reason, expected) = match after.state() {
                        // One that another cancel stopped may take a moment to end.
                        Some(state) if !is_terminal(state) && !won => {
                            ("refused-and-running", "a run that is over")
                        }
                        Some("failed") if met.clock && !won && twin_completed(history, job) => {
                            ("refused-and-stopped", "\"completed\", since no cancel was accepted")
                        }
                        _ => continue,
                    };
                    let observed = after.at(field::STATUS).to_string();
                    tally.broke(after, reason, expected, observed).at(field::STATUS).after(cancel);
                }
                _ => {
                    let observed = cancel.status_text();
                    tally.broke(cancel, "third-way", "200, 400 or 409", observed).after(before);
                }
            }
        }
    }
    tally
}

/// Whether the next run of the kind, which nobody canceled, completed. Where runs fail by themselves, one that was to be
/// canceled may have, too.
fn twin_completed(history: &History, job: &Job) -> bool {
    let twin = history.jobs().iter().skip_while(|other| other.id != job.id).nth(1);
    twin.is_some_and(|twin| {
        twin.family.name == job.family.name
            && history.cancels(twin).next().is_none()
            && history.first_terminal(twin).and_then(Seen::state) == Some("completed")
    })
}

#[cfg(test)]
mod tests;
