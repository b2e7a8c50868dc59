//! The possible-worlds oracle: which states a run may be in, given everything the record shows of it.
//!
//! A run is watched through answers that come now and then, get lost, and overlap. So the oracle does not follow one
//! state but keeps the set of all *worlds* that explain the record so far: the state of the run, the edge that led
//! there where an answer could tell, whether it waits for another run, and what that other run is doing. Between two
//! exchanges every world may take any edge that needs no client. Each exchange then keeps the worlds it agrees with:
//!
//! | exchange | what is left |
//! |---|---|
//! | accepted create | a new run; or, after a create whose answer was lost, the run that one made |
//! | lost or 5xx create | both: there is a run, there is none |
//! | read, or an item of a list | the worlds in a state that this word means |
//! | complete filtered list without the run | the worlds in other states |
//! | accepted control | where its edges lead; a repeated one may be answered as the first |
//! | refused control (400, 409, 422) | the worlds without an undisputed edge for it |
//! | lost or 5xx control, or another key's | both: it happened, it did not |
//! | anything else | everything: it says nothing about the run |
//!
//! Exchanges that overlap in time may have taken effect in any order, and all orders are explored (up to
//! [`OVERLAPPING_MAX`] at once; of more than that nothing is concluded but what their controls may have done).
//! When no world is left the server did what its documents do not allow: a [`Breach`]. The oracle then goes on from
//! what was shown, or from what was possible before if that answer was wrong, so that one fault is found once.
//!
//! What is legal comes from the contract's `x-lifecycle` alone ([`fixtures::contract::Lifecycle`]).

pub mod coverage;
mod explain;
mod model;
mod timeline;
mod track;

pub use self::coverage::{Coverage, coverage};
use self::model::{Graph, Model, Twist};
use self::timeline::{Event, Run, Subject};
pub use self::track::OVERLAPPING_MAX;
use self::track::{Break, follow};
use crate::history::History;

/// An exchange that no world explains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Stable name of what happened, e.g. `revived`.
    pub reason: &'static str,
    /// The states that were possible until then, and so what the exchange could have shown.
    pub expected: String,
    /// What it showed, and the edges that would have been needed.
    pub observed: String,
    /// JSON pointer to the state in the answer, if it is a state that is at fault.
    pub pointer: Option<&'static str>,
    /// Numbers of the exchanges that show it, in order; the last one left no world.
    pub exchanges: Vec<u64>,
}

/// What the oracle found out about a record.
#[derive(Debug, Default)]
pub struct Account {
    /// Numbers of the exchanges that put an edge to the test: there was an earlier one about the same run.
    pub occasions: Vec<u64>,
    /// Exchanges that no world explains, in the order of runs.
    pub breaches: Vec<Breach>,
}

/// Follows every run of a record.
pub fn account(history: &History) -> Account {
    let runs = timeline::runs(history);
    let mut account = Account::default();
    for run in &runs {
        let case = Case::new(run, &runs);
        account.occasions.extend(run.occasions());
        let (breaks, model) = case.breaks(Twist::None);
        account.breaches.extend(breaks.iter().map(|found| explain::breach(&model, found)));
    }
    account.breaches.sort_by(|one, other| one.exchanges.last().cmp(&other.exchanges.last()));
    account
}

/// One run, with the run it waits for if the record has it.
struct Case<'r, 'h> {
    run: &'r Run<'h>,
    other: Option<&'r Run<'h>>,
}

impl<'r, 'h> Case<'r, 'h> {
    fn new(run: &'r Run<'h>, runs: &'r [Run<'h>]) -> Self {
        let named = run.waits_for.as_deref();
        let other = named.and_then(|id| runs.iter().find(|other| other.id == id && other.id != run.id));
        Case { run, other }
    }

    /// Where the record leaves no world, with the lifecycle as it is or with one edge changed.
    ///
    /// The run is followed alone, and then together with the run it waits for. What either of them breaks on its own is
    /// not told again for the pair.
    fn breaks(&self, twist: Twist) -> (Vec<Break>, Model<'h>) {
        let own = Graph::new(self.run.lifecycle, twist);
        let alone = Model { own, other: None };
        let mut found = follow(&alone, self.run.start(&alone, None), &self.run.events);
        let Some(other) = self.other else { return (found, alone) };
        let theirs = Model { own: Graph::new(other.lifecycle, Twist::None), other: None };
        let their_faults = follow(&theirs, other.start(&theirs, None), &other.events);
        let pair = Model { own, other: Some(Graph::new(other.lifecycle, Twist::None)) };
        let events = self.run.events.iter().cloned();
        let mut events: Vec<Event> = events
            .chain(other.events.iter().cloned().map(|it| Event { subject: Subject::Other, ..it }))
            .collect();
        events.sort_by_key(|event| (event.started, event.id));
        let told: Vec<u64> = found.iter().chain(&their_faults).map(|it| it.event.id).collect();
        let together = follow(&pair, self.run.start(&pair, Some(other)), &events);
        found.extend(together.into_iter().filter(|it| !told.contains(&it.event.id)));
        found.sort_by_key(|it| it.event.id);
        (found, pair)
    }
}

#[cfg(test)]
mod tests;
