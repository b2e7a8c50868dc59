//! What is due when: the instants at which a world's runs affect each other. A heap that is emptied up to `now` when
//! the world is touched, never by a timer.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::clock::VirtualTime;

/// Events by the instant they are due; events of one instant in the order they were added.
#[derive(Debug, Clone)]
pub struct Agenda<E> {
    heap: BinaryHeap<Reverse<Entry<E>>>,
    added: u64,
}

#[derive(Debug, Clone)]
struct Entry<E> {
    due: VirtualTime,
    sequence: u64,
    event: E,
}

impl<E> Agenda<E> {
    /// An agenda with nothing on it.
    pub fn new() -> Self {
        Self { heap: BinaryHeap::new(), added: 0 }
    }

    /// Adds an event that happens at `due`.
    pub fn add(&mut self, due: VirtualTime, event: E) {
        self.heap.push(Reverse(Entry { due, sequence: self.added, event }));
        self.added += 1;
    }

    /// The instant of the earliest event.
    pub fn next_due(&self) -> Option<VirtualTime> {
        self.heap.peek().map(|Reverse(entry)| entry.due)
    }

    /// Takes the earliest event that is due at or before `now`, with its instant.
    pub fn take_due(&mut self, now: VirtualTime) -> Option<(VirtualTime, E)> {
        if self.next_due()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| (entry.due, entry.event))
    }

    /// Takes the earliest event away if `stale` says that it no longer means anything.
    pub fn drop_stale(&mut self, stale: impl Fn(VirtualTime, &E) -> bool) {
        while self.heap.peek().is_some_and(|Reverse(entry)| stale(entry.due, &entry.event)) {
            self.heap.pop();
        }
    }
}

impl<E> Default for Agenda<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.due, self.sequence).cmp(&(other.due, other.sequence))
    }
}

#[cfg(test)]
mod tests;
