//! The requests a world received and what was answered: a ring with a stated capacity that says when it dropped
//! something. Credentials are taken out before anything gets here ([`redaction`]).

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{Method, StatusCode};

use crate::clock::{RealTime, VirtualTime};

pub mod redaction;

/// How much a world's journal holds, in bytes.
pub const CAPACITY: usize = 4 * 1024 * 1024;
/// How much the journals of all worlds hold together, in bytes.
pub const CAPACITY_IN_ALL: usize = 256 * 1024 * 1024;
/// How much of a body is kept, in bytes.
pub const BODY_MAX: usize = 16 * 1024;
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
    /// The operation, if the path belongs to one.
    pub operation: Option<&'static str>,
    /// The status of the answer.
    pub status: StatusCode,
    /// Path and query.
    pub target: &'a str,
    /// The run it was about, by its client's id.
    pub run: Option<&'a str>,
    /// The `Request-ID` of the answer.
    pub request_id: &'a str,
    /// The faults that fired, by id, separated by commas.
    pub faults: &'a str,
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
    blocks: VecDeque<Block>,
    weight: usize,
    in_all: Arc<Weight>,
    received: u64,
}

/// Some entries in a row. Their text stands in one piece: a request costs no allocation that outlives it.
#[derive(Debug, Default)]
struct Block {
    heads: Vec<Head>,
    text: Vec<u8>,
}

/// An entry without its text, and how long the parts of that are.
#[derive(Debug)]
struct Head {
    number: u64,
    at: VirtualTime,
    real: RealTime,
    method: Method,
    operation: Option<&'static str>,
    status: StatusCode,
    start: usize,
    target: usize,
    run: Option<usize>,
    request_id: usize,
    faults: usize,
    request_body: usize,
}

impl Block {
    fn add(&mut self, entry: &Entry<'_>, number: u64) -> usize {
        let start = self.text.len();
        let body = &entry.request_body[..entry.request_body.len().min(BODY_MAX)];
        let texts = [entry.target, entry.run.unwrap_or_default(), entry.request_id, entry.faults];
        texts.iter().for_each(|text| self.text.extend_from_slice(text.as_bytes()));
        self.text.extend_from_slice(body);
        self.heads.push(Head {
            number,
            at: entry.at,
            real: entry.real,
            method: entry.method.clone(),
            operation: entry.operation,
            status: entry.status,
            start,
            target: entry.target.len(),
            run: entry.run.map(str::len),
            request_id: entry.request_id.len(),
            faults: entry.faults.len(),
            request_body: body.len(),
        });
        size_of::<Head>() + self.text.len() - start
    }

    fn weight(&self) -> usize {
        self.heads.len() * size_of::<Head>() + self.text.len()
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.heads.iter().map(|head| {
            let mut rest = self.text.get(head.start..).unwrap_or_default();
            let mut take = |length: usize| {
                let (part, after) = rest.split_at_checked(length).unwrap_or_default();
                rest = after;
                part
            };
            let target = text(take(head.target));
            let run = head.run.map(|length| text(take(length)));
            Entry {
                number: head.number,
                at: head.at,
                real: head.real,
                method: head.method.clone(),
                operation: head.operation,
                status: head.status,
                target,
                run,
                request_id: text(take(head.request_id)),
                faults: text(take(head.faults)),
                request_body: take(head.request_body),
            }
        })
    }
}

/// What went in as text comes out as text.
fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

impl Journal {
    /// An empty journal that counts towards `in_all`.
    pub fn new(in_all: Arc<Weight>) -> Self {
        Self { blocks: VecDeque::new(), weight: 0, in_all, received: 0 }
    }

    /// Adds an entry, numbers it, and drops the oldest ones beyond the capacity.
    pub fn add(&mut self, entry: &Entry<'_>) {
        self.received += 1;
        if self.blocks.back().is_none_or(|block| block.weight() >= BLOCK) {
            self.blocks.push_back(Block::default());
        }
        if let Some(block) = self.blocks.back_mut() {
            let added = block.add(entry, self.received);
            self.weight += added;
            self.in_all.0.fetch_add(added, Ordering::Relaxed);
        }
        while self.weight > CAPACITY {
            self.drop_oldest();
        }
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

    /// The entries after number `after`, oldest first.
    pub fn after(&self, after: u64) -> impl Iterator<Item = Entry<'_>> {
        let is_old = move |block: &&Block| block.heads.last().is_none_or(|last| last.number <= after);
        let blocks = self.blocks.iter().skip_while(is_old);
        blocks.flat_map(Block::entries).skip_while(move |entry| entry.number <= after)
    }

    /// How many requests have been received since the start or the last reset.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// How many entries have been dropped to stay within the capacity, or were cleared.
    pub fn dropped(&self) -> u64 {
        let kept: usize = self.blocks.iter().map(|block| block.heads.len()).sum();
        self.received - kept as u64
    }

    /// Forgets every entry; the numbers go on.
    pub fn clear(&mut self) {
        while !self.blocks.is_empty() {
            self.drop_oldest();
        }
        self.blocks = VecDeque::new();
    }

    /// Forgets everything, numbers too.
    pub fn reset(&mut self) {
        self.clear();
        self.received = 0;
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests;
