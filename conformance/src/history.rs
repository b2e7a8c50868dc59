//! The record of a run, indexed for judging: who asked what about which run, in which order.
//!
//! Everything is derived from the exchanges themselves, so a record made by somebody else's client serves as well as
//! the harness's own.

pub mod facts;
mod json;
pub mod orphans;
pub mod seen;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use fixtures::contract::{Clause, Contract};
use fixtures::exchange::Exchange;
use serde_json::Value;

use self::seen::Seen;
use crate::profile::{Family, Profile};

/// Every exchange of a run in the order of its start, and the runs that were created in it.
#[derive(Debug)]
pub struct History {
    /// The API's contract.
    pub contract: &'static Contract,
    /// What is known of the API beyond its contract.
    pub profile: &'static Profile,
    seen: Vec<Seen>,
    /// The positions of the exchanges of each operation.
    by_operation: HashMap<&'static str, Vec<usize>>,
    /// The keys that were let in, to read and to write.
    admitted: HashSet<(String, bool)>,
    /// The last exchanges of each request, by what it asked, if the server failed at it each time in a row.
    failing: HashMap<u64, Vec<u64>>,
    /// Failures after which the same request was answered.
    excused: HashSet<u64>,
    jobs: Vec<Job>,
}

/// A run that an accepted create gave.
#[derive(Debug)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub family: &'static Family,
    /// The credential that created it, as placeholder.
    pub owner: String,
    /// Positions in the history, in order.
    create: usize,
    reads: Vec<usize>,
    cancels: Vec<usize>,
    restarts: Vec<usize>,
}

impl History {
    /// An empty record.
    pub fn new(contract: &'static Contract, profile: &'static Profile) -> Self {
        History {
            contract,
            profile,
            seen: Vec::new(),
            by_operation: HashMap::new(),
            admitted: HashSet::new(),
            failing: HashMap::new(),
            excused: HashSet::new(),
            jobs: Vec::new(),
        }
    }

    /// Adds the next exchange.
    pub fn push(&mut self, exchange: Exchange) -> &Seen {
        let at = self.seen.len();
        self.seen.push(Seen::new(exchange, self.contract, &self.profile.layout));
        self.index(at);
        &self.seen[at]
    }

    fn index(&mut self, at: usize) {
        let seen = &self.seen[at];
        if is_judged(seen) {
            let (question, id) = (question(seen), seen.id());
            let mut row = self.failing.remove(&question).unwrap_or_default();
            let follows = row.last().is_some_and(|last| last + 1 == id);
            if seen.is_server_failure() {
                if !follows {
                    row.clear();
                }
                row.push(id);
                self.failing.insert(question, row);
            } else if follows || row.len() == 1 {
                // A row that went on is no accident, and later the same may be another question.
                self.excused.extend(row);
            }
        }
        if let Some(operation) = seen.operation() {
            self.by_operation.entry(operation).or_default().push(at);
            if let Some(key) = seen.credential().filter(|_| seen.is_success()) {
                self.admitted.insert((key.to_owned(), seen.writes()));
            }
        }
        let Some(family) = seen.operation().and_then(|operation| self.profile.family_of(operation)) else {
            return;
        };
        if seen.is(family.create) && seen.is_success() {
            if !(family.names_run)(seen) {
                return;
            }
            let known = seen.own_id().is_some_and(|id| self.jobs.iter().any(|job| job.id == id));
            if let (false, Some(id), Some(owner)) = (known, seen.own_id(), seen.credential()) {
                let (id, owner) = (id.to_owned(), owner.to_owned());
                self.jobs.push(Job {
                    id,
                    family,
                    owner,
                    create: at,
                    reads: Vec::new(),
                    cancels: Vec::new(),
                    restarts: Vec::new(),
                });
            }
            return;
        }
        let Some(id) = seen.run() else { return };
        let Some(job) =
            self.jobs.iter_mut().find(|job| job.id == id && seen.credential() == Some(&job.owner))
        else {
            return;
        };
        if seen.is(family.get) && seen.is_success() && seen.body().is_object() {
            job.reads.push(at);
        } else if seen.is(family.cancel) {
            job.cancels.push(at);
        } else if seen.is(family.restart) {
            job.restarts.push(at);
        }
    }

    /// A clause of the contract, by its id.
    pub fn clause(&self, id: &str) -> Option<&'static Clause> {
        self.contract.clause(id)
    }

    /// Every exchange, in order.
    pub fn all(&self) -> &[Seen] {
        &self.seen
    }

    /// The exchanges of one operation that were judged by the server: neither turned away for being too many, nor for
    /// who asked.
    pub fn of<'a>(&'a self, operation: &'a str) -> impl DoubleEndedIterator<Item = &'a Seen> {
        self.all_of(operation).filter(|seen| self.is_judged(seen) && !self.is_turned_away(seen))
    }

    /// Whether an answer says that a key may not do such a thing (401, 403), and it never was let in for anything of the
    /// kind: to read, or to write. It says nothing of what was asked. Keys that nobody should let in are none of these.
    pub fn is_turned_away(&self, seen: &Seen) -> bool {
        let lets_in = |key: &str| self.admitted.contains(&(key.to_owned(), seen.writes()));
        matches!(seen.status(), Some(401 | 403))
            && seen.has_good_key()
            && !seen.credential().is_some_and(lets_in)
    }

    /// The exchanges that were answered, other than with "too many requests" or with a failure that passed.
    pub fn judged(&self) -> impl DoubleEndedIterator<Item = &Seen> {
        self.seen.iter().filter(|seen| self.is_judged(seen))
    }

    /// Whether the server answered what was asked: not that there are too many requests, and not with a failure of its
    /// own after which it answered the same request, when it was made again.
    pub fn is_judged(&self, seen: &Seen) -> bool {
        is_judged(seen) && !self.is_excused(seen)
    }

    /// Whether an answer is a failure of the server that passed: when the same was asked again it was answered.
    pub fn is_excused(&self, seen: &Seen) -> bool {
        self.excused.contains(&seen.id())
    }

    /// How many failures of the server passed: it answered the same request when it was made again.
    pub fn excused(&self) -> usize {
        self.excused.len()
    }

    fn all_of(&self, operation: &str) -> impl DoubleEndedIterator<Item = &Seen> + Clone {
        let positions = self.by_operation.get(operation).map(Vec::as_slice).unwrap_or_default();
        positions.iter().map(|at| &self.seen[*at])
    }

    /// Every run, in order of creation.
    pub fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// How many runs were not seen to be over.
    pub fn open_runs(&self) -> usize {
        self.jobs.iter().filter(|job| !self.is_over(job)).count()
    }

    /// Gives up the exchanges, in order.
    pub fn into_exchanges(self) -> Vec<Exchange> {
        self.seen.into_iter().map(Seen::into_exchange).collect()
    }

    /// The run with this id.
    pub fn job(&self, id: &str) -> Option<&Job> {
        self.jobs.iter().find(|job| job.id == id)
    }

    /// The create that gave a run.
    pub fn create(&self, job: &Job) -> &Seen {
        &self.seen[job.create]
    }

    /// The owner's successful reads of a run, in order.
    pub fn reads<'a>(&'a self, job: &'a Job) -> impl DoubleEndedIterator<Item = &'a Seen> + Clone {
        job.reads.iter().map(|at| &self.seen[*at])
    }

    /// The owner's attempts to cancel a run, in order.
    pub fn cancels<'a>(&'a self, job: &'a Job) -> impl DoubleEndedIterator<Item = &'a Seen> + Clone {
        job.cancels.iter().map(|at| &self.seen[*at])
    }

    /// The owner's attempts to let a run begin again, in order.
    pub fn restarts<'a>(&'a self, job: &'a Job) -> impl DoubleEndedIterator<Item = &'a Seen> + Clone {
        job.restarts.iter().map(|at| &self.seen[*at])
    }

    /// Whether a run was seen to be over, and nobody let it begin again since.
    pub fn is_over(&self, job: &Job) -> bool {
        let again = self.restarts(job).rfind(|seen| !seen.is_refusal()).map_or(0, Seen::id);
        let mut reads = self.reads(job).filter(|seen| seen.id() > again);
        reads.any(|seen| seen.state().is_some_and(|state| job.family.is_over(state)))
    }

    /// Every successful read of any run by its owner, with the run.
    pub fn all_reads(&self) -> impl Iterator<Item = (&Job, &Seen)> {
        self.jobs.iter().flat_map(|job| self.reads(job).map(move |seen| (job, seen)))
    }

    /// Pairs of consecutive reads of one run.
    pub fn read_pairs(&self) -> impl Iterator<Item = (&Job, &Seen, &Seen)> {
        self.jobs.iter().flat_map(|job| {
            self.reads(job).zip(self.reads(job).skip(1)).map(move |(before, after)| (job, before, after))
        })
    }

    /// The owner's last read of a run before `moment`.
    pub fn last_read_before<'a>(&'a self, job: &'a Job, moment: &Seen) -> Option<&'a Seen> {
        self.reads(job).take_while(|seen| seen.id() < moment.id()).last()
    }

    /// The owner's first read of a run after `moment`.
    pub fn first_read_after<'a>(&'a self, job: &'a Job, moment: &Seen) -> Option<&'a Seen> {
        let moment = moment.id();
        self.reads(job).find(move |seen| seen.id() > moment)
    }

    /// The owner's first read that shows a run to be over.
    pub fn first_terminal<'a>(&'a self, job: &'a Job) -> Option<&'a Seen> {
        self.reads(job).find(|seen| seen.state().is_some_and(|state| job.family.is_over(state)))
    }

    /// A family's lists that were answered as lists, in order.
    pub fn lists<'a>(&'a self, family: &'a Family) -> impl DoubleEndedIterator<Item = &'a Seen> + Clone {
        self.all_of(family.list).filter(|seen| seen.is_success() && seen.is_list())
    }

    /// Whether nothing that `owner` has in `family` could have changed from `moment` on: every run of theirs that was
    /// created in this record before the moment was seen to be over before it.
    pub fn is_settled(&self, family: &Family, owner: &str, moment: &Seen) -> bool {
        let theirs = self.jobs.iter().filter(|job| job.family.name == family.name && job.owner == owner);
        theirs
            .filter(|job| self.create(job).id() < moment.id())
            .all(|job| self.first_terminal(job).is_some_and(|terminal| terminal.id() < moment.id()))
    }

    /// How many runs of a family were created between two exchanges.
    pub fn jobs_between(&self, family: &Family, one: &Seen, other: &Seen) -> usize {
        let span = one.id().min(other.id())..=one.id().max(other.id());
        let theirs = self.jobs.iter().filter(|job| job.family.name == family.name);
        theirs.filter(|job| span.contains(&self.create(job).id())).count()
    }

    /// A family's items as the owner's lists show them: id to the item and the list.
    pub fn listed(list: &Seen) -> BTreeMap<&str, &Value> {
        list.items().iter().filter_map(|item| Some((list.id_of(item)?, item))).collect()
    }
}

/// What a request asks, and of whom, as a number.
fn question(seen: &Seen) -> u64 {
    let request = seen.exchange().request();
    let mut hasher = DefaultHasher::new();
    (&request.method, &request.target, &request.headers, request.body.bytes()).hash(&mut hasher);
    hasher.finish()
}

/// Whether the server answered otherwise than that there are too many requests.
fn is_judged(seen: &Seen) -> bool {
    seen.status().is_some_and(|status| status != 429)
}
