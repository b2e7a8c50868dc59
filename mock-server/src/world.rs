//! A world: everything one API key can see, and the single door through which it changes.
//!
//! [`state`] is the world itself, told the time; [`World`] adds the lock, the journal and the public id; [`registry`]
//! finds a world by its key; [`keys`] says which keys are welcome.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::{RealTime, VirtualTime};
use crate::journal::Journal;
use crate::journal::redaction::Secret;

pub mod keys;
pub mod log;
pub mod occurrences;
pub mod origin;
pub mod registry;
pub mod state;
pub mod usage;

use state::WorldState;

/// A world that requests share. The lock is held for the length of one closure and never across an await.
#[derive(Debug)]
pub struct World {
    id: Box<str>,
    state: Mutex<WorldState>,
    journal: Mutex<Journal>,
}

impl World {
    /// A world with this public id.
    pub fn new(id: &str, state: WorldState, journal: Journal) -> Self {
        Self { id: id.into(), state: Mutex::new(state), journal: Mutex::new(journal) }
    }

    /// The id that listings, addresses and logs name it by; never a secret key.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What of `key`, which opened this world, must not be written down: all of it, unless it is the public id itself.
    pub fn secret<'a>(&self, key: &'a str) -> Secret<'a> {
        if *self.id == *key { Secret::NONE } else { Secret::of(key) }
    }

    /// Runs `with` on the world as it is at `real`: its clock read, everything due settled.
    pub fn at<T>(&self, real: RealTime, with: impl FnOnce(&mut WorldState, VirtualTime) -> T) -> T {
        // A panic while the lock was held left no half-made change: every change is one call of `apply`.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = state.now(real);
        with(&mut state, now)
    }

    /// The requests this world has received.
    pub fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
