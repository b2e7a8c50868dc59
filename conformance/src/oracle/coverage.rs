//! Which documented edges a record proves.
//!
//! An edge is proven by a run if the record cannot be explained without it: the oracle follows the run once more with
//! the edge taken away, and where no world is left that was there before, the edge must have been taken. In the same
//! way a disputed edge is put beyond dispute to find out whether the record needs it to be refused. So there is no rule
//! about what counts as seeing an edge, and nothing is counted that another explanation would do for as well.

use std::fmt;

use fixtures::contract::{Edge, Evidence, Guard, Lifecycle};
use serde::Serialize;

use super::Case;
use super::model::Twist;
use super::timeline::{self, Run};
use crate::history::History;

/// What a record shows of one lifecycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The kind of run, e.g. `crawl`.
    pub lifecycle: String,
    /// How many edges the documents have.
    pub documented: usize,
    /// How many of them the record proves.
    pub observed: usize,
    /// The edges that the record proves, in the order of the document.
    pub proven: Vec<Proof>,
    /// The edges that it does not.
    pub unseen: Vec<EdgeName>,
    /// Which of the documents' contradictory readings the server was seen to follow.
    pub readings: Vec<Reading>,
}

/// An edge that was taken for certain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// The edge.
    pub edge: EdgeName,
    /// Numbers of the exchanges that first prove it: the one before, and the one that needs the edge.
    pub exchanges: Vec<u64>,
}

/// An edge, by its ends and its cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EdgeName {
    /// The state before.
    pub from: String,
    /// The state after.
    pub to: String,
    /// What makes a run take it: `time`, `failure`, or the name of a control, e.g. `cancel`.
    pub cause: String,
    /// Which runs can take it; all, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guard: Option<Guard>,
    /// How it is known.
    pub evidence: Evidence,
    /// All of that for people, e.g. `running -> failed (cancel)`.
    pub label: String,
}

/// A reading of contradictory documents that a server was seen to follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// The clause with the conflict.
    pub clause: String,
    /// The number of the reading in it, from 1.
    pub reading: usize,
    /// What it says.
    pub says: String,
    /// Numbers of the exchanges that first show it.
    pub exchanges: Vec<u64>,
}

/// The coverage of every lifecycle of the contract, in its order.
pub fn coverage(history: &History) -> Vec<Coverage> {
    let runs = timeline::runs(history);
    history.contract.lifecycles().iter().map(|lifecycle| of(history, lifecycle, &runs)).collect()
}

fn of(history: &History, lifecycle: &Lifecycle, runs: &[Run<'_>]) -> Coverage {
    let ours = runs.iter().filter(|run| run.lifecycle.name == lifecycle.name);
    let cases: Vec<_> = ours.map(|run| Watched::new(Case::new(run, runs))).collect();
    let mut coverage = Coverage {
        lifecycle: lifecycle.name.clone(),
        documented: lifecycle.edges.len(),
        observed: 0,
        proven: Vec::new(),
        unseen: Vec::new(),
        readings: Vec::new(),
    };
    for (index, edge) in lifecycle.edges.iter().enumerate() {
        let taken = first_needed(&cases, Twist::Without(index));
        if let Some(dispute) = &edge.disputed {
            let refused = first_needed(&cases, Twist::Certain(index));
            let seen = [(dispute.if_taken, &taken), (dispute.if_refused, &refused)];
            for (reading, exchanges) in seen {
                let clause = history.contract.clause(&dispute.clause);
                let says = clause.and_then(|clause| clause.readings.get(reading.checked_sub(1)?));
                if let (Some(exchanges), Some(says)) = (exchanges, says) {
                    coverage.readings.push(Reading {
                        clause: dispute.clause.clone(),
                        reading,
                        says: says.clone(),
                        exchanges: exchanges.clone(),
                    });
                }
            }
        }
        match taken {
            Some(exchanges) => coverage.proven.push(Proof { edge: EdgeName::of(edge), exchanges }),
            None => coverage.unseen.push(EdgeName::of(edge)),
        }
    }
    coverage.observed = coverage.proven.len();
    coverage
}

/// A run with the first exchange that broke its lifecycle. After it nothing is certain any more.
struct Watched<'r, 'h> {
    case: Case<'r, 'h>,
    fault: Option<u64>,
}

impl<'r, 'h> Watched<'r, 'h> {
    fn new(case: Case<'r, 'h>) -> Self {
        let fault = case.breaks(Twist::None).0.first().map(|fault| fault.event.id);
        Watched { case, fault }
    }

    /// The first exchanges that nothing explains once the lifecycle has this twist, and something does as it is.
    fn needs(&self, twist: Twist) -> Option<Vec<u64>> {
        let (breaks, _) = self.case.breaks(twist);
        let first = breaks.into_iter().next()?;
        let before = first.prior.map(|prior| prior.id);
        let sound = self.fault.is_none_or(|fault| first.event.id < fault);
        sound.then(|| before.into_iter().chain([first.event.id]).collect())
    }
}

fn first_needed(cases: &[Watched<'_, '_>], twist: Twist) -> Option<Vec<u64>> {
    let needed = cases.iter().filter_map(|case| case.needs(twist));
    needed.min_by_key(|exchanges| exchanges.last().copied())
}

impl fmt::Display for EdgeName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.label)
    }
}

impl EdgeName {
    fn of(edge: &Edge) -> Self {
        EdgeName {
            from: edge.from.clone(),
            to: edge.to.clone(),
            cause: edge.cause.clone().into(),
            guard: edge.guard,
            evidence: edge.evidence,
            label: edge.label(),
        }
    }
}
