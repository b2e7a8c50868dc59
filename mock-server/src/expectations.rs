//! What a client is expected to have asked: conditions on journaled requests and how many are to meet them, and where it
//! is not so, which requests came nearest and how they differ.
//!
//! It is told of the requests one by one, oldest first, and decides about all of them at the end. It reads no journal
//! and takes no lock.

use std::collections::BTreeSet;

use fixtures::contract::Contract;
use http::{Method, StatusCode};
use serde_json::Value;

use crate::journal::redaction::{Secret, make_safe};
use crate::journal::{BODY_MAX, Entry, headers};
use crate::scenario::request::{About, RequestMatcher, RequestSubject};
use crate::seed::Digest;

pub mod count;
pub mod read;
pub mod status;
#[cfg(test)]
mod tests;
pub mod text;

use count::Count;
use status::StatusPattern;

/// How many requests are shown of those that meet an expectation, and of those that nearly do.
pub const SHOWN_MAX: usize = 3;
/// The methods a request can be looked for by.
pub const METHODS: [&str; 9] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];

/// The method of this name, in either case of the letters.
pub fn method(name: &str) -> Option<Method> {
    let known = METHODS.into_iter().find(|method| method.eq_ignore_ascii_case(name))?;
    known.parse().ok()
}

/// Requests that are expected, and how many of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// What such a request is like: the conjunction.
    pub conditions: Vec<Condition>,
    /// How many there are to be.
    pub count: Count,
}

/// One condition on a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// What it is about.
    pub on: On,
    /// What was written as expected.
    pub expected: Value,
    test: Test,
}

/// What of a request a condition is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum On {
    /// The API.
    Api,
    /// The version of its contract.
    Version,
    /// The operation's id.
    Operation,
    /// The method.
    Method,
    /// The status of the answer.
    Status,
    /// The key.
    Account,
    /// The kind of run it is about.
    Kind,
    /// A host it is about.
    Host,
    /// The query it is about.
    Query,
    /// That there is the run it is about, or one property of that: `id`, `kind`, `host`, `query`.
    Run(Option<String>),
    /// The header of this name.
    Header(String),
    /// The body at this place, a top-level name or a JSON pointer.
    Request(String),
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Method(Method),
    Status(StatusPattern),
    // Of a single condition.
    Request(Box<RequestMatcher>),
}

/// A journaled request with what is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// As the journal has it.
    pub entry: &'a Entry<'a>,
    /// What it was about.
    pub about: &'a About,
    /// Its body, if that was kept whole and is JSON.
    pub body: Option<&'a Value>,
    /// The key it carried.
    pub account: &'a str,
    /// What that key is called in public.
    pub world: &'a str,
}

/// Whether a request meets a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// Too little of its body was kept to tell.
    Unknown,
}

/// What has been seen of one expectation's requests.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// How many meet it.
    pub found: u64,
    /// How many may meet it or not, because too little of their bodies was kept.
    pub undecided: u64,
    /// The newest that meet it, by number, newest first.
    pub matched: Vec<u64>,
    /// Those that meet most of its conditions and not all, newest first among equals.
    nearest: Vec<Near>,
}

/// A request that nearly meets an expectation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Near {
    number: u64,
    met: usize,
    digest: Digest,
    status: Option<StatusCode>,
}

/// How an expectation came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As expected.
    Met,
    /// Fewer came than expected, or more.
    Unmet,
    /// It cannot be said: requests are missing that may have mattered.
    Gap,
    /// It cannot be said: of requests that may have mattered too little of the body was kept.
    CutBodies,
}

impl Expectation {
    /// Whether it takes a look at the world to know what a request was about.
    pub fn asks_about(&self) -> bool {
        self.conditions.iter().any(|condition| match &condition.test {
            Test::Request(matcher) => matcher.asks_about(),
            Test::Method(_) | Test::Status(_) => false,
        })
    }

    /// Takes a key out of what is shown as expected. What is tested stays as it is.
    pub fn hide(&mut self, secret: Secret<'_>) {
        self.conditions.iter_mut().for_each(|condition| make_safe(&mut condition.expected, secret));
    }

    /// Whether it asks for the key.
    pub fn asks_account(&self) -> bool {
        self.conditions.iter().any(|condition| condition.on == On::Account)
    }
}

impl Condition {
    /// Whether the request meets it.
    pub fn held_by(&self, seen: &Seen<'_>) -> Held {
        if self.needs_body(seen) && seen.body_was_cut() {
            return Held::Unknown;
        }
        let holds = match &self.test {
            Test::Method(method) => *method == seen.entry.method,
            Test::Status(status) => status.matches(seen.entry.status),
            Test::Request(matcher) => seen.meets(matcher),
        };
        if holds { Held::Yes } else { Held::No }
    }

    fn needs_body(&self, seen: &Seen<'_>) -> bool {
        match self.on {
            On::Request(_) => true,
            On::Host | On::Query => seen.about.run.is_none() && seen.entry.run.is_none(),
            _ => false,
        }
    }

    /// What the request has where this condition looks; `None` if there is nothing.
    pub fn found_in(&self, seen: &Seen<'_>) -> Option<Value> {
        let Seen { entry, about, body, .. } = seen;
        let run = about.run.is_some();
        let hosts = || {
            // Pages of one shop have one host.
            let hosts: BTreeSet<&str> = about.hosts.iter().map(String::as_str).collect();
            one_or_all(&hosts.into_iter().collect::<Vec<_>>())
        };
        let kind = || about.kind.map(|kind| kind.name().into());
        let query = || about.query.as_deref().map(Into::into);
        match &self.on {
            On::Api => Some(entry.api.into()),
            On::Version => Some(entry.version.into()),
            On::Operation => entry.operation.map(Into::into),
            On::Method => Some(entry.method.as_str().into()),
            On::Status => entry.status.map(|status| status.as_u16().into()),
            On::Account => Some(seen.world.into()),
            On::Kind => kind(),
            On::Host => hosts(),
            On::Query => query(),
            On::Run(_) if !run => None,
            On::Run(property) => match property.as_deref() {
                Some("kind") => kind(),
                Some("host") => hosts(),
                Some("query") => query(),
                _ => about.run.as_deref().map(Into::into),
            },
            On::Header(name) => {
                let sent = headers::read(entry.headers).filter(|(it, _)| it == name);
                one_or_all(&sent.map(|(_, value)| value).collect::<Vec<_>>())
            }
            On::Request(place) if place.starts_with('/') => {
                body.and_then(|body| body.pointer(place)).cloned()
            }
            On::Request(name) => body.and_then(|body| body.get(name)).cloned(),
        }
    }
}

/// The only one of several, or all of them.
fn one_or_all(texts: &[&str]) -> Option<Value> {
    match texts {
        [] => None,
        [only] => Some((*only).into()),
        several => Some(several.iter().copied().collect()),
    }
}

impl Seen<'_> {
    /// Whether the body is one of which only the start was kept.
    fn body_was_cut(&self) -> bool {
        // What is cut as text ends up to three bytes earlier, between two characters.
        self.body.is_none() && self.entry.request_body.len() > BODY_MAX - 4
    }

    fn meets(&self, matcher: &RequestMatcher) -> bool {
        let Some(contract) = Contract::find(self.entry.api, self.entry.version) else { return false };
        let headers: Vec<(&str, &str)> = headers::read(self.entry.headers).collect();
        matcher.matches(&RequestSubject {
            contract,
            operation: self.entry.operation,
            about: self.about,
            headers: &headers,
            account: self.account,
            body: self.body,
        })
    }
}

impl Tally {
    /// Counts a request; they come oldest first.
    pub fn count(&mut self, expectation: &Expectation, seen: &Seen<'_>) {
        let (mut met, mut unknown) = (0, 0);
        for condition in &expectation.conditions {
            match condition.held_by(seen) {
                Held::Yes => met += 1,
                Held::No => {}
                Held::Unknown => unknown += 1,
            }
        }
        let entry = seen.entry;
        if met == expectation.conditions.len() {
            self.found += 1;
            self.matched.insert(0, entry.number);
            self.matched.truncate(SHOWN_MAX);
            return;
        }
        self.undecided += u64::from(met + unknown == expectation.conditions.len());
        let near = Near { number: entry.number, met, digest: entry.digest, status: entry.status };
        // Of equal requests the newest stands for all: the others would say the same.
        self.nearest.retain(|it| (it.met, it.digest, it.status) != (met, near.digest, near.status));
        let place = self.nearest.partition_point(|it| it.met > met);
        self.nearest.insert(place, near);
        self.nearest.truncate(SHOWN_MAX);
    }

    /// The numbers of the nearest requests.
    pub fn nearest(&self) -> Vec<u64> {
        self.nearest.iter().map(|near| near.number).collect()
    }

    /// How it came out; `gap` says whether requests are missing, or under way, that might have
    /// been counted.
    pub fn verdict(&self, count: Count, gap: bool) -> Verdict {
        let most = self.found.saturating_add(self.undecided);
        let too_many = count.at_most.is_some_and(|at_most| self.found > at_most);
        if too_many || (most < count.at_least && !gap) {
            return Verdict::Unmet;
        }
        let enough = self.found >= count.at_least;
        match count.at_most {
            None if enough => Verdict::Met,
            _ if gap => Verdict::Gap,
            Some(at_most) if enough && most <= at_most => Verdict::Met,
            _ => Verdict::CutBodies,
        }
    }
}
