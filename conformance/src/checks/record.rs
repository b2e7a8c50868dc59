//! Records made by hand, for tests of checks.

use fixtures::contract::Contract;
use fixtures::exchange::body::Body;
use fixtures::exchange::redaction::Redactor;
use fixtures::exchange::{Outcome, Parts, Request, Response, Unredacted};
use serde_json::Value;

use crate::history::History;
use crate::verdict::{Tally, Verdict};

/// A record that grows by one exchange after the other; each takes the millisecond of its number unless told.
pub(super) struct Record(History);

impl Record {
    /// One of Catalog.
    pub(super) fn new() -> Self {
        Record::of("catalog")
    }

    /// One of an API by its name, e.g. `extralt/v1`.
    pub(super) fn of(api: &str) -> Self {
        let profile = crate::profile::find(api).expect("it is known");
        let contract = Contract::find(profile.api, profile.version).expect("it has a contract");
        Record(History::new(contract, profile))
    }

    fn next(&self) -> u64 {
        self.0.all().len() as u64 + 1
    }

    /// An answered request with the first key.
    pub(super) fn answered(self, request: &str, body: &str, status: u16, answer: &Value) -> Self {
        let now = self.next();
        self.during((now, now), request, body, Some((status, answer)))
    }

    /// A request whose answer was lost.
    pub(super) fn lost(self, request: &str, body: &str) -> Self {
        let now = self.next();
        self.during((now, now), request, body, None)
    }

    /// An answered request without a body, with another key.
    pub(super) fn answered_to(self, key: &str, request: &str, status: u16, answer: &Value) -> Self {
        let now = self.next();
        self.during_with(key, (now, now), request, "", Some((status, answer)))
    }

    /// An answered request with another key.
    pub(super) fn sent_by(self, key: &str, request: &str, body: &str, status: u16, answer: &Value) -> Self {
        let now = self.next();
        self.during_with(key, (now, now), request, body, Some((status, answer)))
    }

    /// A request from one millisecond to another; `request` is method and target.
    pub(super) fn during(
        self,
        span: (u64, u64),
        request: &str,
        body: &str,
        answer: Option<(u16, &Value)>,
    ) -> Self {
        self.during_with("$KEY_A", span, request, body, answer)
    }

    fn during_with(
        mut self,
        key: &str,
        (started_ms, ended_ms): (u64, u64),
        request: &str,
        body: &str,
        answer: Option<(u16, &Value)>,
    ) -> Self {
        let (method, target) = request.split_once(' ').expect("method and target");
        let json = ("content-type".to_owned(), "application/json".to_owned());
        let outcome = match answer {
            Some((status, answer)) => Outcome::Response(Response {
                status,
                headers: vec![json],
                body: Body::of(answer.to_string().as_bytes()),
            }),
            None => Outcome::Failure("the connection broke".into()),
        };
        let credential = match self.0.profile.layout.bearer_only {
            true => ("authorization".to_owned(), format!("Bearer {key}")),
            false => ("x-api-key".to_owned(), key.to_owned()),
        };
        let parts = Parts {
            id: self.next(),
            operation: None,
            started_ms,
            ended_ms,
            request: Request {
                method: method.into(),
                target: target.into(),
                headers: vec![credential],
                body: Body::of(body.as_bytes()),
            },
            outcome,
        };
        self.0.push(Redactor::new().exchange(Unredacted(parts)));
        self
    }

    /// The record.
    pub(super) fn history(&self) -> &History {
        &self.0
    }

    /// What a check found in it.
    pub(super) fn tally(&self, id: &str) -> Tally {
        (super::find(id).expect("the check is known").judge)(&self.0)
    }

    /// What a check says of it, and the reasons it gives.
    pub(super) fn judged(&self, id: &str) -> (Verdict, Vec<&'static str>) {
        let check = super::find(id).expect("the check is known");
        let tally = self.tally(id);
        let verdict = tally.verdict(check.level, check.needs);
        (verdict, tally.into_findings().into_iter().map(|finding| finding.reason).collect())
    }
}
