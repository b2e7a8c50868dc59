//! The requests a world received and what was answered: a ring with a stated capacity that says when it dropped
//! something. Credentials are taken out before anything gets here ([`redaction`]).

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{Method, StatusCode};
use tokio::sync::watch;

use crate::clock::{RealTime, VirtualTime};
use crate::seed::Digest;

mod block;
pub mod headers;
pub mod redaction;

use block::Block;

/// How much a world's journal holds, in bytes.
pub const CAPACITY: usize = 4 * 1024 * 1024;
/// How much the journals of all worlds hold together, in bytes.
pub const CAPACITY_IN_ALL: usize = 256 * 1024 * 1024;
/// How much of a body is kept, in bytes.
pub const BODY_MAX: usize = 16 * 1024;
/// How much is kept of how a request breaks its contract, in bytes.
pub const VIOLATIONS_MAX: usize = 4 * 1024;
/// Entries are kept and dropped in blocks of about this many bytes.
const BLOCK: usize = 64 * 1024;

/// One request and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its number in this world, from 1; never reused before a reset. Given by [`Journal::add`].
    pub number: u64,
    /// The world's time when it arrived.
    pub at: VirtualTime,
    /// Real time since the server's start.
    pub real: RealTime,
    /// The method.
    pub method: Method,
    /// The API whose path it is, as its contract is called.
    pub api: &'static str,
    /// The version of that contract.
    pub version: &'static str,
    /// The operation, if the path belongs to one.
    pub operation: Option<&'static str>,
    /// The status of the answer; `None` if its client had left before there was one.
    pub status: Option<StatusCode>,
    /// What it asks for, in short: equal requests have equal digests.
    pub digest: Digest,
    /// Whether it began a run.
    pub began: bool,
    /// Whether it was dealt with and its client did not get the answer, because a fault kept that or the client had left.
    /// What breaks its contract, or is for no operation, is not dealt with.
    pub lost: bool,
    /// Path and query.
    pub target: &'a str,
    /// The run it was about, by its client's id.
    pub run: Option<&'a str>,
    /// The `Request-ID` of the answer.
    pub request_id: &'a str,
    /// The faults that fired, as [`crate::faults::firing::Fired::text`] has them; empty when none did.
    pub faults: &'a str,
    /// How it breaks the contract, a line each; the first [`VIOLATIONS_MAX`] bytes.
    pub violations: &'a str,
    /// The headers that are kept, as [`headers::kept`] has them.
    pub headers: &'a str,
    /// The first [`BODY_MAX`] bytes of the body.
    pub request_body: &'a [u8],
}

/// What the journals of a server weigh together, in bytes.
#[derive(Debug, Default)]
pub struct Weight(AtomicUsize);

impl Weight {
    /// Bytes at present.
    pub fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// The journal of one world. Nothing is allocated before the first request.
#[derive(Debug)]
pub struct Journal {
    // Shared with whoever is reading one, so that nobody waits for a reader.
    blocks: VecDeque<Arc<Block>>,
    weight: usize,
    in_all: Arc<Weight>,
    received: u64,
    cleared: u64,
    resets: u64,
    epoch: u64,
    listeners: Option<watch::Sender<()>>,
}

/// Numbers of entries that were dropped to stay within a capacity, both ends included. What somebody cleared is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The first that is gone.
    pub from: u64,
    /// The last that is gone.
    pub to: u64,
}

/// Some entries in a row, to be read without the journal.
#[derive(Debug)]
pub struct Piece {
    /// What was dropped between the number that was asked for and the first of these entries.
    pub gap: Option<Gap>,
    /// The number of the newest entry of the whole journal; zero before the first.
    pub received: u64,
    /// How often the journal has been reset: numbers of before mean nothing after.
    pub resets: u64,
    after: u64,
    block: Option<Arc<Block>>,
}

impl Piece {
    /// The entries, oldest first; none if the journal holds no more.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.block.iter().flat_map(|block| block.after(self.after))
    }
}

impl Journal {
    /// An empty journal that counts towards `in_all`.
    pub fn new(in_all: Arc<Weight>) -> Self {
        Self {
            blocks: VecDeque::new(),
            weight: 0,
            in_all,
            received: 0,
            cleared: 0,
            resets: 0,
            epoch: 0,
            listeners: None,
        }
    }

    /// Adds an entry, numbers it, and drops the oldest ones beyond the capacity.
    pub fn add(&mut self, entry: &Entry<'_>) {
        self.received += 1;
        if self.blocks.back().is_none_or(|block| block.weight() >= BLOCK) {
            if let Some(full) = self.blocks.back_mut().and_then(Arc::get_mut) {
                full.close();
            }
            self.blocks.push_back(Arc::default());
        }
        if let Some(block) = self.blocks.back_mut() {
            let added = Arc::make_mut(block).add(entry, self.received);
            self.weight += added;
            self.in_all.0.fetch_add(added, Ordering::Relaxed);
        }
        while self.weight > CAPACITY {
            self.drop_oldest();
        }
        self.tell();
    }

    /// Drops the oldest entries, a block of them. Returns how many bytes that frees.
    pub fn drop_oldest(&mut self) -> usize {
        let freed = self.blocks.pop_front().map_or(0, |block| block.weight());
        self.weight -= freed;
        self.in_all.0.fetch_sub(freed, Ordering::Relaxed);
        freed
    }

    /// What it weighs, in bytes.
    pub fn weight(&self) -> usize {
        self.weight
    }

    /// The next entries after number `after`: at least one, if there is one, and no more than stand in one block.
    pub fn piece(&self, after: u64) -> Piece {
        let place = self.blocks.partition_point(|block| block.last() <= after);
        let (from, to) = (after.max(self.cleared) + 1, self.first() - 1);
        Piece {
            gap: (from <= to).then_some(Gap { from, to }),
            received: self.received,
            resets: self.resets,
            after,
            block: self.blocks.get(place).cloned(),
        }
    }

    /// The entries after number `after`, oldest first, for whoever keeps the journal while reading.
    pub fn after(&self, after: u64) -> impl Iterator<Item = Entry<'_>> {
        let place = self.blocks.partition_point(|block| block.last() <= after);
        self.blocks.range(place..).flat_map(move |block| block.after(after))
    }

    /// How many requests have been received since the start or the last reset: the number of the newest entry.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// How many entries have been dropped to stay within a capacity since the start, or since the journal was cleared.
    pub fn dropped(&self) -> u64 {
        self.first() - 1 - self.cleared
    }

    /// The number of the oldest entry, or the one that the next entry will have.
    pub fn first(&self) -> u64 {
        self.blocks.front().map_or(self.received + 1, |block| block.first())
    }

    /// How often it has been told to forget: a request that arrived before belongs to what was forgotten.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Forgets every entry, by somebody's wish: they leave no gap. The numbers go on.
    pub fn clear(&mut self) {
        self.empty();
        self.cleared = self.received;
        self.epoch += 1;
        self.tell();
    }

    /// Forgets everything, numbers too.
    pub fn reset(&mut self) {
        self.empty();
        (self.received, self.cleared) = (0, 0);
        self.resets += 1;
        self.epoch += 1;
        self.tell();
    }

    /// Tells of every change to come, and ends with the journal.
    pub fn listen(&mut self) -> watch::Receiver<()> {
        self.listeners.get_or_insert_with(|| watch::Sender::new(())).subscribe()
    }

    fn tell(&mut self) {
        self.listeners.take_if(|listeners| listeners.receiver_count() == 0);
        if let Some(listeners) = &self.listeners {
            listeners.send_replace(());
        }
    }

    fn empty(&mut self) {
        while !self.blocks.is_empty() {
            self.drop_oldest();
        }
        self.blocks = VecDeque::new();
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.empty();
    }
}

#[cfg(test)]
mod tests;
