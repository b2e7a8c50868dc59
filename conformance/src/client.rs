//! Sends requests and records what becomes of them.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fixtures::exchange::body::Body;
use fixtures::exchange::redaction::Redactor;
use fixtures::exchange::{Outcome, Parts, Request, Response, Unredacted};
use http::{Method, StatusCode};
use serde_json::Value;
use thiserror::Error;

use crate::clock::Stopwatch;
use crate::history::History;
use crate::history::seen::Seen;
use crate::profile::Family;
use crate::transport::{Transport, TransportError};

/// The keys of a run.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The key whose runs are looked at.
    pub a: String,
    /// A key of somebody else, if there is one.
    pub b: Option<String>,
    /// A key that every server refuses.
    pub refused: String,
}

/// What a request shows of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// No key at all.
    None,
    /// The first key, as `x-api-key`.
    A,
    /// The first key, as a bearer token.
    BearerA,
    /// The second key.
    B,
    /// A key that every server refuses.
    Refused,
}

/// Why driving a server ended early.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Stop {
    /// Several requests in a row got no answer.
    #[error("the target stopped answering ({0}); the last {SILENCE} requests got no answer")]
    Silent(TransportError),
    /// The target turns every request away for being too many.
    #[error("the target answered 429 to the same request {0} times, whatever was waited; try again later")]
    Limited(u32),
    /// The control plane did not do what it was asked.
    #[error("the control plane failed: {0}")]
    Control(String),
}

/// This many requests in a row without an answer end the run.
const SILENCE: u32 = 3;

/// A request that was turned away for being too many is sent again this many times.
const RETRIES: u32 = 3;

/// The longest `Retry-After` that is waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Sends requests one after the other, and records each.
#[derive(Debug)]
pub struct Client {
    transport: Arc<dyn Transport>,
    keys: Keys,
    redactor: Redactor,
    watch: Stopwatch,
    /// The least time between two requests, so that a rented server is not hammered.
    spacing: Duration,
    silent: u32,
    history: History,
}

impl Client {
    /// Sends over `transport`, at least `spacing` apart.
    pub fn new(transport: Arc<dyn Transport>, keys: Keys, history: History, spacing: Duration) -> Self {
        let redactor = Redactor::new().with("KEY_A", &keys.a).with("KEY_REFUSED", &keys.refused);
        let redactor = match &keys.b {
            Some(key) => redactor.with("KEY_B", key),
            None => redactor,
        };
        Client { transport, keys, redactor, watch: Stopwatch::start(), spacing, silent: 0, history }
    }

    /// What was recorded so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The keys it sends.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Hides the keys in a text that is going to be shown.
    pub fn redacted(&self, text: &str) -> String {
        self.redactor.text(text)
    }

    /// Milliseconds since the run began.
    pub fn elapsed_ms(&self) -> u64 {
        self.watch.elapsed_ms()
    }

    /// Whether the last request got no answer.
    pub fn is_silent(&self) -> bool {
        self.silent > 0
    }

    /// Asks for a run.
    ///
    /// # Errors
    ///
    /// When the target has stopped answering.
    pub async fn create(&mut self, family: &Family, who: Credential, body: &str) -> Result<&Seen, Stop> {
        self.call(family.create, "", "", who, Some(body)).await
    }

    /// Reads a run; `query` without its question mark.
    ///
    /// # Errors
    ///
    /// When the target has stopped answering.
    pub async fn get(
        &mut self,
        family: &Family,
        who: Credential,
        id: &str,
        query: &str,
    ) -> Result<&Seen, Stop> {
        self.call(family.get, id, query, who, None).await
    }

    /// Lists runs; `query` without its question mark.
    ///
    /// # Errors
    ///
    /// When the target has stopped answering.
    pub async fn list(&mut self, family: &Family, who: Credential, query: &str) -> Result<&Seen, Stop> {
        self.call(family.list, "", query, who, None).await
    }

    /// Cancels a run.
    ///
    /// # Errors
    ///
    /// When the target has stopped answering.
    pub async fn cancel(&mut self, family: &Family, who: Credential, id: &str) -> Result<&Seen, Stop> {
        self.call(family.cancel, id, "", who, None).await
    }

    async fn call(
        &mut self,
        operation: &str,
        id: &str,
        query: &str,
        who: Credential,
        body: Option<&str>,
    ) -> Result<&Seen, Stop> {
        let Some(operation) = self.history.contract.operation(operation) else {
            return Err(Stop::Control(format!("the contract has no operation {operation}")));
        };
        let mut target = operation.path().replace("{execution_id}", &encoded(id));
        if !query.is_empty() {
            target = format!("{target}?{query}");
        }
        let mut headers = Vec::new();
        match who {
            Credential::None => {}
            Credential::A => headers.push(("x-api-key", self.keys.a.clone())),
            Credential::BearerA => headers.push(("authorization", format!("Bearer {}", self.keys.a))),
            Credential::B => headers.push(("x-api-key", self.keys.b.clone().unwrap_or_default())),
            Credential::Refused => headers.push(("x-api-key", self.keys.refused.clone())),
        }
        if body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        let request = Request {
            method: operation.method().to_string(),
            target,
            headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            body: Body::of(body.unwrap_or_default().as_bytes()),
        };
        let mut attempts = 0;
        loop {
            let wait = self.send(operation.id(), operation.method(), &request).await?;
            attempts += 1;
            match wait {
                Some(_) if attempts > RETRIES => return Err(Stop::Limited(attempts)),
                Some(wait) => tokio::time::sleep(wait).await,
                None => break,
            }
        }
        let all = self.history.all();
        Ok(&all[all.len() - 1])
    }

    /// Sends once and records; answers how long to wait if the server asked for a pause.
    async fn send(
        &mut self,
        operation: &str,
        method: &Method,
        request: &Request,
    ) -> Result<Option<Duration>, Stop> {
        if !self.spacing.is_zero() {
            tokio::time::sleep(self.spacing).await;
        }
        let mut wire = http::Request::builder().method(method).uri(&request.target);
        for (name, value) in &request.headers {
            wire = wire.header(name, value);
        }
        let wire = wire
            .body(Bytes::from(request.body.bytes()))
            .map_err(|error| Stop::Control(format!("a request could not be built: {error}")))?;

        let started_ms = self.watch.elapsed_ms();
        let answer = self.transport.send(wire).await;
        let ended_ms = self.watch.elapsed_ms();

        let wait = answer.as_ref().ok().and_then(pause);
        let failure = answer.as_ref().err().cloned();
        let outcome = match answer {
            Ok(answer) => Outcome::Response(recorded(&answer)),
            Err(error) => Outcome::Failure(error.to_string()),
        };
        let id = self.history.all().len() as u64 + 1;
        let parts = Parts {
            id,
            operation: Some(operation.to_owned()),
            started_ms,
            ended_ms,
            request: request.clone(),
            outcome,
        };
        self.history.push(self.redactor.exchange(Unredacted(parts)));

        self.silent = if failure.is_some() { self.silent + 1 } else { 0 };
        match failure {
            Some(error) if self.silent >= SILENCE => Err(Stop::Silent(error)),
            _ => Ok(wait),
        }
    }

    /// The id in an accepted create.
    pub fn created(seen: &Seen) -> Option<String> {
        let id = seen.is_success().then(|| seen.at(crate::profile::field::ID)).and_then(Value::as_str);
        id.filter(|id| !id.is_empty()).map(str::to_owned)
    }
}

fn pause(answer: &http::Response<Bytes>) -> Option<Duration> {
    if answer.status() != StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    let seconds = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    Some(Duration::from_secs(seconds.unwrap_or(1)).min(LONGEST_WAIT))
}

fn recorded(answer: &http::Response<Bytes>) -> Response {
    let headers = answer.headers().iter();
    Response {
        status: answer.status().as_u16(),
        headers: headers
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        body: Body::of(answer.body()),
    }
}

/// One path segment or query value, whatever a server may have put into an id.
pub(crate) fn encoded(segment: &str) -> String {
    let bytes = segment.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    bytes.collect()
}
