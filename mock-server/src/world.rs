//! A world: everything one API key can see, and the single door through which it changes.
//!
//! [`state`] is the world itself, told the time; [`World`] adds the lock, the journal and the public id; [`registry`]
//! finds a world by its key; [`runs`] shows the runs of every API alike; [`order`] puts requests in their place among
//! changes; [`keys`] says which keys are welcome.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::Notify;

use crate::blobs::Quota;
use crate::clock::{RealTime, VirtualTime};
use crate::journal::redaction::Secret;
use crate::journal::{Entry, Journal};

pub mod attention;
pub mod keys;
pub mod log;
mod marks;
pub mod occurrences;
pub mod order;
pub mod origin;
pub mod registry;
pub mod runs;
pub mod state;
pub mod subject;
pub mod usage;

use attention::{Attention, Line};
use order::Order;
use state::WorldState;

/// A world that requests share. The lock is held for the length of one closure and never across an await; whoever wants
/// the journal too takes that second.
#[derive(Debug)]
pub struct World {
    id: Box<str>,
    mark: Box<str>,
    inner: Mutex<Inner>,
    journal: Mutex<Journal>,
    touched: Notify,
    forgotten: AtomicBool,
    under_way: AtomicUsize,
    files: Quota,
    line: OnceLock<Line>,
}

#[derive(Debug)]
struct Inner {
    state: WorldState,
    order: Order,
}

/// A world, its journal, and how they go together, while nothing comes in between.
#[derive(Debug)]
pub struct Witness<'a> {
    /// The world.
    pub state: &'a mut WorldState,
    /// Its time.
    pub now: VirtualTime,
    /// Its journal.
    pub journal: &'a Journal,
    /// Where the journal's requests stand among the world's changes.
    pub order: &'a Order,
}

impl World {
    /// A world with this public id.
    pub fn new(id: &str, state: WorldState, journal: Journal) -> Self {
        Self {
            id: id.into(),
            mark: state.stream().mark().into(),
            inner: Mutex::new(Inner { state, order: Order::default() }),
            journal: Mutex::new(journal),
            touched: Notify::new(),
            forgotten: AtomicBool::new(false),
            under_way: AtomicUsize::new(0),
            files: Quota::default(),
            line: OnceLock::new(),
        }
    }

    /// Lets it ask for attention, once it has webhooks.
    pub(super) fn connect(self: &Arc<Self>, attention: &Arc<Attention>) {
        // It is connected once, when it is made.
        let _ = self.line.set(attention.line(self));
    }

    /// The id that listings, addresses and logs name it by; never a secret key.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What names it where no key does, for as long as it is there.
    pub fn mark(&self) -> &str {
        &self.mark
    }

    /// What its files may take.
    pub fn files(&self) -> &Quota {
        &self.files
    }

    /// What of `key`, which opened this world, must not be written down: all of it, unless it is the public id itself.
    pub fn secret<'a>(&self, key: &'a str) -> Secret<'a> {
        if *self.id == *key { Secret::NONE } else { Secret::of(key) }
    }

    /// Runs `with` on the world as it is at `real`: its clock read, everything due settled.
    pub fn at<T>(&self, real: RealTime, with: impl FnOnce(&mut WorldState, VirtualTime) -> T) -> T {
        self.locked(real, |inner, now| with(&mut inner.state, now))
    }

    /// The same with the journal, and without anything coming in between.
    pub fn witness<T>(&self, real: RealTime, with: impl FnOnce(Witness<'_>) -> T) -> T {
        self.locked(real, |Inner { state, order }, now| {
            with(Witness { state, now, journal: &self.journal(), order })
        })
    }

    fn locked<T>(&self, real: RealTime, with: impl FnOnce(&mut Inner, VirtualTime) -> T) -> T {
        let mut inner = self.inner();
        let (before, shown) = (inner.state.moment(), inner.state.clock().shown());
        let made = inner.state.webhooks().made();
        let now = inner.state.now(real);
        let value = with(&mut inner, now);
        let changed = inner.state.moment() != before;
        let webhooks = inner.state.webhooks();
        // A clock that requests move passes instants without a change that is counted.
        let passed = || webhooks.next_after(shown).is_some_and(|due| due <= inner.state.clock().shown());
        let wanting = !webhooks.is_empty() && (changed || webhooks.made() != made || passed());
        drop(inner);
        if changed {
            self.touched.notify_waiters();
        }
        if let Some(line) = self.line.get().filter(|_| wanting) {
            line.ring();
        }
        value
    }

    /// Counts a request that is under way until it is recorded, and says of which epoch of the journal it is.
    pub fn arrived(&self) -> u64 {
        self.under_way.fetch_add(1, Ordering::AcqRel);
        self.journal().epoch()
    }

    /// How many requests have arrived and are not recorded yet.
    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Acquire)
    }

    /// Adds an entry to the journal, in its place among the changes of this world, unless the journal was told to forget
    /// since the request arrived.
    pub fn record(&self, entry: &Entry<'_>, epoch: u64) {
        let mut inner = self.inner();
        let mut journal = self.journal();
        if journal.epoch() == epoch {
            journal.add(entry);
            let (generation, changes) = inner.state.moment();
            inner.order.note(generation, journal.received(), changes, || journal.first());
        }
        self.under_way.fetch_sub(1, Ordering::AcqRel);
        drop((inner, journal));
        self.touched.notify_waiters();
    }

    /// Wakes whoever waits for something to happen here: a change, a request, the end of a run, or that the world is
    /// forgotten. Nobody is woken because time passes.
    pub fn touched(&self) -> &Notify {
        &self.touched
    }

    /// Nobody finds this world any more.
    pub fn forget(&self) {
        self.forgotten.store(true, Ordering::Release);
        self.touched.notify_waiters();
    }

    /// Whether nobody finds this world any more.
    pub fn is_forgotten(&self) -> bool {
        self.forgotten.load(Ordering::Acquire)
    }

    /// The requests this world has received.
    pub fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // A panic while the lock was held left no half-made change: every change is one call of `apply`.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
