//! The clause ledger: every sentence of a contract that binds somebody, and what becomes of it.
//!
//! Computed from the contract and the catalogue of checks, and from a finished run if there is one; nothing in it is
//! kept by hand but the list of what checks leave out ([`partly`]).

mod figures;
pub mod json;
pub mod markdown;
pub mod partly;
pub mod run;
pub mod table;

use fixtures::contract::{Clause, Contract, Level, Occasion, Party};
use serde::Serialize;

pub use self::figures::Figures;
use self::run::{Fate, Run};
use crate::checks::{Check, GROUPS};

/// What becomes of a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Its checks judge all of it.
    Checked,
    /// Its checks judge a part of it; [`partly::all`] says what they leave out.
    Partly,
    /// The vendor's pages contradict each other; its checks accept every reading.
    Conflict,
    /// It has a check whose occasion did not come in the run, or, where no run is looked at, one that takes luck or
    /// money.
    Unobserved,
    /// No check judges it, and the contract says why.
    Excluded,
    /// No check judges it.
    Unchecked,
}

/// Every state, in the order of reports.
pub const STATES: [State; 6] =
    [State::Checked, State::Partly, State::Conflict, State::Unobserved, State::Excluded, State::Unchecked];

impl State {
    /// The state in one word.
    pub fn word(self) -> &'static str {
        match self {
            State::Checked => "checked",
            State::Partly => "partly",
            State::Conflict => "conflict",
            State::Unobserved => "unobserved",
            State::Excluded => "excluded",
            State::Unchecked => "unchecked",
        }
    }
}

/// One clause with its state.
#[derive(Debug)]
pub struct Entry {
    /// The clause.
    pub clause: &'static Clause,
    /// What becomes of it.
    pub state: State,
    /// Why it is not simply checked.
    pub why: Option<String>,
    /// The checks that judge it, in the order of the catalogue.
    pub checks: Vec<Judge>,
}

/// A check that judges a clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judge {
    /// Its stable name.
    pub id: &'static str,
    /// What it said in the run that is looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
}

/// Every clause of a contract with its state.
#[derive(Debug)]
pub struct Ledger {
    /// The contract.
    pub contract: &'static Contract,
    /// Its clauses, in document order.
    pub entries: Vec<Entry>,
}

impl Ledger {
    /// The ledger of `contract`; with a `run`, what became of the clauses in it.
    pub fn new(contract: &'static Contract, run: Option<&Run>) -> Self {
        let entries = contract.clauses().iter().map(|clause| Entry::new(clause, run)).collect();
        Ledger { contract, entries }
    }

    /// The same with the entries in one of `states` only; with none given, all of them.
    #[must_use]
    pub fn only(mut self, states: &[State]) -> Self {
        self.entries.retain(|entry| states.is_empty() || states.contains(&entry.state));
        self
    }

    /// How many entries are in each state, in the order of reports.
    pub fn totals(&self) -> [(State, usize); 6] {
        STATES.map(|state| (state, self.entries.iter().filter(|entry| entry.state == state).count()))
    }

    /// The clauses that the catalogue of checks owes a check: what a server must or should keep, with neither a
    /// check nor a reason to have none. What it may do asks for nothing.
    pub fn owed(&self) -> impl Iterator<Item = &'static Clause> {
        let unchecked = self.entries.iter().filter(|entry| entry.state == State::Unchecked);
        let clauses = unchecked.map(|entry| entry.clause);
        clauses.filter(|clause| clause.level != Level::May && clause.binds == Party::Server)
    }
}

impl Entry {
    fn new(clause: &'static Clause, run: Option<&Run>) -> Self {
        let checks: Vec<_> = judging(clause)
            .map(|check| {
                let verdict = run.and_then(|run| run.verdict(check.id)).map(str::to_owned);
                Judge { id: check.id, verdict }
            })
            .collect();
        let (state, why) = state(clause, !checks.is_empty(), run);
        Entry { clause, state, why, checks }
    }
}

fn state(clause: &Clause, has_check: bool, run: Option<&Run>) -> (State, Option<String>) {
    if let Some(reason) = &clause.excluded {
        return (State::Excluded, Some(reason.clone()));
    }
    if !has_check {
        return (State::Unchecked, unchecked(clause).map(str::to_owned));
    }
    match run.map(|run| run.fate(&clause.id)) {
        Some(Fate::Exercised) => {}
        Some(fate) => return (State::Unobserved, Some(fate.reason())),
        None if clause.occasion == Occasion::Situational => {
            return (
                State::Unobserved,
                Some("it takes luck or money to see it; a run may do without".into()),
            );
        }
        None => {}
    }
    if !clause.readings.is_empty() {
        return (State::Conflict, Some(clause.readings.join(" / ")));
    }
    match partly::of(&clause.id) {
        Some(partly) => (State::Partly, Some(partly.leaves_out.to_owned())),
        None => (State::Checked, None),
    }
}

/// Why nobody need wonder that there is no check.
fn unchecked(clause: &Clause) -> Option<&'static str> {
    match (clause.binds, clause.level) {
        (Party::Client, _) => Some("it binds clients; no answer of a server shows it"),
        (Party::Server, Level::May) => Some("it allows something, so nothing breaks it"),
        (Party::Server, Level::Must | Level::Should) => None,
    }
}

/// The checks of the catalogue that name `clause`.
fn judging(clause: &Clause) -> impl Iterator<Item = &'static Check> {
    let checks = GROUPS.iter().flat_map(|group| group.checks);
    checks.filter(|check| check.clauses.contains(&clause.id.as_str()))
}

#[cfg(test)]
mod tests;
