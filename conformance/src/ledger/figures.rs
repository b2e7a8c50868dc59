//! How much of a contract a run put to the test.

use std::fmt::{self, Display, Formatter};

use fixtures::contract::Contract;
use serde::Serialize;

use super::judging;
use super::run::{Fate, Run};
use crate::judge::Judged;

/// How many clauses of a contract met which fate. All but [`Figures::conflict`] add up to the total.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Figures {
    /// Every clause of the contract.
    pub total: usize,
    /// Put to the test by at least one check.
    pub exercised: usize,
    /// Those of the exercised about which the vendor's pages contradict each other.
    pub conflict: usize,
    /// Something was in the way of every check.
    pub blocked: usize,
    /// No check met its occasion.
    pub unobserved: usize,
    /// Checks exist, but it does not bind this server.
    pub not_applicable: usize,
    /// The contract says why no check judges it.
    pub excluded: usize,
    /// No check judges it.
    pub unchecked: usize,
}

impl Figures {
    /// What became of the clauses of `contract` in a run.
    pub(crate) fn of(contract: &Contract, judged: &[Judged]) -> Self {
        let run = Run::of(contract.api(), contract.version(), judged);
        let mut figures = Figures::default();
        for clause in contract.clauses() {
            figures.total += 1;
            let count = if clause.excluded.is_some() {
                &mut figures.excluded
            } else if judging(clause).next().is_none() {
                &mut figures.unchecked
            } else {
                match run.fate(&clause.id) {
                    Fate::Exercised => {
                        figures.conflict += usize::from(!clause.readings.is_empty());
                        &mut figures.exercised
                    }
                    Fate::Blocked(_) => &mut figures.blocked,
                    Fate::Unobserved(_) => &mut figures.unobserved,
                    Fate::NotApplicable => &mut figures.not_applicable,
                }
            };
            *count += 1;
        }
        figures
    }
}

impl Display for Figures {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} clauses were put to the test", self.exercised, self.total)?;
        if self.conflict > 0 {
            write!(f, " (on {} of them the pages contradict each other)", self.conflict)?;
        }
        let rest = [
            ("blocked", self.blocked),
            ("unobserved", self.unobserved),
            ("not applicable", self.not_applicable),
            ("excluded", self.excluded),
            ("without a check", self.unchecked),
        ];
        let rest: Vec<_> = rest
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        if rest.is_empty() { Ok(()) } else { write!(f, "; {}", rest.join(", ")) }
    }
}
