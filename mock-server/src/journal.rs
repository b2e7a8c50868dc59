//! The requests a world received and what was answered: a ring with a stated capacity that says when it dropped
//! something. Credentials are taken out before anything gets here ([`redaction`]).

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{Method, StatusCode};

use crate::clock::{RealTime, VirtualTime};
use crate::seed::Digest;

pub mod headers;
pub mod redaction;

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
    /// The operation, if the path belongs to one.
    pub operation: Option<&'static str>,
    /// The status of the answer; `None` if its client had left before there was one.
    pub status: Option<StatusCode>,
    /// What it asks for, in short: equal requests have equal digests.
    pub digest: Digest,
    /// Whether it began a run.
    pub began: bool,
    /// Whether something happened of which its client was not told, because a fault kept the answer or the client had
    /// left.
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
    status: Option<StatusCode>,
    digest: Digest,
    began: bool,
    lost: bool,
    start: usize,
    target: u32,
    run: Option<u32>,
    request_id: u32,
    faults: u32,
    violations: u32,
    headers: u32,
    request_body: u32,
}

impl Block {
    fn add(&mut self, entry: &Entry<'_>, number: u64) -> usize {
        let start = self.text.len();
        let body = &entry.request_body[..entry.request_body.len().min(BODY_MAX)];
        let violations = &entry.violations
            [..entry.violations.floor_char_boundary(VIOLATIONS_MAX.min(entry.violations.len()))];
        let texts = [
            entry.target,
            entry.run.unwrap_or_default(),
            entry.request_id,
            entry.faults,
            violations,
            entry.headers,
        ];
        texts.iter().for_each(|text| self.text.extend_from_slice(text.as_bytes()));
        self.text.extend_from_slice(body);
        self.heads.push(Head {
            number,
            at: entry.at,
            real: entry.real,
            method: entry.method.clone(),
            operation: entry.operation,
            status: entry.status,
            digest: entry.digest,
            began: entry.began,
            lost: entry.lost,
            start,
            target: length(entry.target),
            run: entry.run.map(length),
            request_id: length(entry.request_id),
            faults: length(entry.faults),
            violations: length(violations),
            headers: length(entry.headers),
            request_body: u32::try_from(body.len()).unwrap_or(0),
        });
        size_of::<Head>() + self.text.len() - start
    }

    fn weight(&self) -> usize {
        self.heads.len() * size_of::<Head>() + self.text.len()
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.heads.iter().map(|head| {
            let mut rest = self.text.get(head.start..).unwrap_or_default();
            let mut take = |length: u32| {
                let (part, after) = rest.split_at_checked(length as usize).unwrap_or_default();
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
                digest: head.digest,
                began: head.began,
                lost: head.lost,
                target,
                run,
                request_id: text(take(head.request_id)),
                faults: text(take(head.faults)),
                violations: text(take(head.violations)),
                headers: text(take(head.headers)),
                request_body: take(head.request_body),
            }
        })
    }
}

/// The length of a text, in bytes: none that is kept comes near the bound.
fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(0)
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
