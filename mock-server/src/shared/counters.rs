//! What a server has done since its start, counted. Every count is an atomic that is there from the beginning: counting
//! takes no lock and allocates nothing.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fixtures::contract::{Contract, Operation};
use http::StatusCode;

use crate::scenario::fault::Effect;
use crate::scenario::kind::RunKind;

/// One more than the largest status there can be.
const STATUSES: usize = 1_000;
/// The names of the effects of faults; see [`place`].
const EFFECTS: [&str; 6] = ["delay", "respond", "payload", "drift", "state", "limit"];

/// The counts of one server.
#[derive(Debug)]
pub struct Counters {
    /// By the operation's id; requests that no operation is for by the name of their API, which no operation has.
    operations: HashMap<&'static str, Answered>,
    effects: [AtomicU64; EFFECTS.len()],
    kinds: [AtomicU64; RunKind::ALL.len()],
    connections: Arc<AtomicU64>,
}

/// A connection that is open for as long as this lives.
#[derive(Debug)]
pub struct Open(Arc<AtomicU64>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The answers to the requests for one operation.
#[derive(Debug)]
struct Answered {
    api: &'static str,
    /// By status; in the first place those whose client had left before there was one.
    statuses: Box<[AtomicU64]>,
    /// Requests that would have been dealt with, were the operation stood in for.
    not_stood_in: AtomicU64,
}

/// How many answers of one status an operation gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answers {
    /// The API.
    pub api: &'static str,
    /// The operation; `None` for requests that none is for.
    pub operation: Option<&'static str>,
    /// The status; `None` if the client had left before there was one.
    pub status: Option<u16>,
    /// How many.
    pub count: u64,
}

impl Counters {
    /// Nothing has been counted.
    pub fn new() -> Self {
        let answered = |contract: &'static Contract| Answered {
            api: contract.api(),
            statuses: (0..STATUSES).map(|_| AtomicU64::new(0)).collect(),
            not_stood_in: AtomicU64::new(0),
        };
        // Versions of an API that call an operation the same count it as one.
        let operations = Contract::all().iter().flat_map(|contract| {
            let ids = contract.operations().iter().map(Operation::id);
            ids.chain([contract.api()]).map(move |id| (id, answered(contract)))
        });
        Self {
            operations: operations.collect(),
            effects: std::array::from_fn(|_| AtomicU64::new(0)),
            kinds: std::array::from_fn(|_| AtomicU64::new(0)),
            connections: Arc::default(),
        }
    }

    /// Counts a request to an API and how it was answered.
    pub fn answered(
        &self,
        api: &'static str,
        operation: Option<&'static Operation>,
        status: Option<StatusCode>,
    ) {
        let answered = self.operations.get(operation.map_or(api, Operation::id));
        let place = status.map_or(0, |status| usize::from(status.as_u16()));
        if let Some(count) = answered.and_then(|answered| answered.statuses.get(place)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts a request for an operation that is documented and not stood in for, whatever it was answered.
    pub fn not_stood_in(&self, operation: &'static Operation) {
        if let Some(answered) = self.operations.get(operation.id()) {
            answered.not_stood_in.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The requests so far for operations that are not stood in for, by the operation's id; none that were not asked for.
    pub fn missed(&self) -> BTreeMap<&'static str, u64> {
        let counts = self.operations.iter();
        let counts = counts.map(|(id, answered)| (*id, answered.not_stood_in.load(Ordering::Relaxed)));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// Counts a fault that took effect on an answer.
    pub fn fired(&self, effect: &Effect) {
        self.effects[place(effect)].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a run that was created.
    pub fn created(&self, kind: RunKind) {
        if let Some(place) = RunKind::ALL.iter().position(|other| *other == kind) {
            self.kinds[place].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts a connection that has been accepted.
    pub fn connected(&self) -> Open {
        self.connections.fetch_add(1, Ordering::Relaxed);
        Open(Arc::clone(&self.connections))
    }

    /// How many connections are open.
    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    /// The answers so far, by operation and status; none that there were none of.
    pub fn answers(&self) -> Vec<Answers> {
        let mut answers = Vec::new();
        for (id, Answered { api, statuses, .. }) in &self.operations {
            for (status, count) in (0..).zip(statuses) {
                let count = count.load(Ordering::Relaxed);
                let operation = (id != api).then_some(*id);
                let status = (status > 0).then_some(status);
                answers.extend((count > 0).then_some(Answers { api, operation, status, count }));
            }
        }
        answers.sort_unstable_by_key(|answers| (answers.api, answers.operation, answers.status));
        answers
    }

    /// How often faults took effect so far, by the name of the effect.
    pub fn effects(&self) -> impl Iterator<Item = (&'static str, u64)> {
        EFFECTS.into_iter().zip(self.effects.iter().map(|count| count.load(Ordering::Relaxed)))
    }

    /// How many runs were created so far, by kind.
    pub fn runs(&self) -> impl Iterator<Item = (RunKind, u64)> {
        RunKind::ALL.iter().copied().zip(self.kinds.iter().map(|count| count.load(Ordering::Relaxed)))
    }
}

impl Default for Counters {
    fn default() -> Self {
        Self::new()
    }
}

/// Where an effect stands in [`EFFECTS`].
fn place(effect: &Effect) -> usize {
    match effect {
        Effect::Delay(_) => 0,
        Effect::Respond(_) => 1,
        Effect::Payload(_) => 2,
        Effect::Drift(_) => 3,
        Effect::State(_) => 4,
        Effect::Limit(_) => 5,
    }
}
