//! Rules for the caller. In a run of the checks they judge the harness itself, which is a caller like any other.

use fixtures::contract::Level::Should;

use super::{Check, Cost};
use crate::history::History;
use crate::history::seen::Seen;
use crate::profile::Family;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[Check {
    id: "client.no-blind-repost",
    title: "A create whose answer was lost is not sent again before its runs were listed",
    level: Should,
    cost: Cost::Passive,
    clauses: &["catalog.execution.no-blind-repost"],
    needs: "a create that was answered with 500 or more or not at all, and anything by the same key after it",
    judge: no_blind_repost,
}];

/// Whether two creates ask for the same thing.
fn is_same(one: &Seen, other: &Seen) -> bool {
    if one.is_malformed() || other.is_malformed() {
        return one.exchange().request().body == other.exchange().request().body;
    }
    one.request() == other.request()
}

fn no_blind_repost(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        let creates = || history.all().iter().filter(|seen| seen.is(family.create));
        for lost in creates().filter(|seen| seen.is_uncertain() && seen.has_good_key()) {
            let since = |seen: &&Seen| seen.id() > lost.id() && seen.credential() == lost.credential();
            // A caller that says nothing any more had no opportunity to do wrong.
            let Some(next) = history.all().iter().find(since) else { continue };
            tally.saw(next);
            let again = creates().filter(since).find(|seen| is_same(seen, lost));
            let Some(again) = again.filter(|again| !looked(history, family, lost, again)) else { continue };
            let expected = "a list in between, to see whether the first one started something";
            let observed = format!("the same create again after {}", lost.status_text());
            tally.broke(again, "reposted", expected, observed).after(lost);
        }
    }
    tally
}

/// Whether the caller saw, between two creates, a list of what it had started.
fn looked(history: &History, family: &'static Family, lost: &Seen, again: &Seen) -> bool {
    history.lists(family).any(|list| {
        list.credential() == lost.credential()
            && list.exchange().started_ms() >= lost.exchange().ended_ms()
            && (lost.id()..again.id()).contains(&list.id())
    })
}

#[cfg(test)]
mod tests;
