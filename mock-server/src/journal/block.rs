//! Entries in a row, in one piece of text.

use http::{Method, StatusCode};

use crate::clock::{RealTime, VirtualTime};
use crate::journal::{BODY_MAX, Entry, VIOLATIONS_MAX};
use crate::seed::Digest;

/// Some entries in a row. Their text stands in one piece: a request costs no allocation that outlives it.
#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    heads: Vec<Head>,
    text: Vec<u8>,
}

/// An entry without its text, and how long the parts of that are.
#[derive(Debug, Clone)]
struct Head {
    number: u64,
    at: VirtualTime,
    real: RealTime,
    method: Method,
    api: &'static str,
    version: &'static str,
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
    /// Adds an entry under this number. Returns what it weighs.
    pub(super) fn add(&mut self, entry: &Entry<'_>, number: u64) -> usize {
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
            api: entry.api,
            version: entry.version,
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

    /// Gives back the room for entries that will not come.
    pub(super) fn close(&mut self) {
        self.heads.shrink_to_fit();
        self.text.shrink_to_fit();
    }

    /// The number of its first entry. One without entries is not kept.
    pub(super) fn first(&self) -> u64 {
        self.heads.first().map_or(0, |head| head.number)
    }

    /// The number of its last entry.
    pub(super) fn last(&self) -> u64 {
        self.heads.last().map_or(0, |head| head.number)
    }

    /// What it weighs, in bytes.
    pub(super) fn weight(&self) -> usize {
        self.heads.len() * size_of::<Head>() + self.text.len()
    }

    /// Its entries after number `after`.
    pub(super) fn after(&self, after: u64) -> impl Iterator<Item = Entry<'_>> {
        let old = self.heads.partition_point(|head| head.number <= after);
        self.heads.iter().skip(old).map(|head| {
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
                api: head.api,
                version: head.version,
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
