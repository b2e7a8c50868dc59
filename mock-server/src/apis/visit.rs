//! What is known of a request while it is answered, and how its answer leaves: journaled, with its id, and free of
//! credentials.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use fixtures::contract::{Operation, Violation};
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::apis::pipeline::{Allowance, Dialect, Failure};
use crate::apis::reply::Reply;
use crate::clock::{RealTime, VirtualTime};
use crate::faults::Fired;
use crate::journal::redaction::{Secret, safe_body};
use crate::journal::{BODY_MAX, CAPACITY_IN_ALL, Entry};
use crate::seed::Digest;
use crate::shared::Shared;
use crate::world::World;

const FAULT: HeaderName = HeaderName::from_static("x-rehearsal-fault");

/// What a request log may say of a request; it travels with the answer.
#[derive(Debug, Clone)]
pub struct Visited {
    /// Whose request it was.
    pub world: Arc<World>,
    /// Path and query, without credentials.
    pub target: Box<str>,
}

/// A request that is being answered.
#[derive(Debug)]
pub(crate) struct Visit<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) dialect: &'static Dialect,
    pub(crate) real: RealTime,
    pub(crate) method: Method,
    /// Path and query, without credentials.
    pub(crate) target: Box<str>,
    /// What must not be written down.
    pub(crate) secret: Secret<'a>,
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) body: Bytes,
    pub(crate) fired: Fired,
    /// How many more requests its key may make, once it is known whose it is.
    pub(crate) allowance: Option<Allowance>,
}

impl Visit<'_> {
    /// Answers with a failure that needs nothing of the world but an id.
    pub(crate) fn refuse(self, world: &Arc<World>, failure: &Failure) -> Response {
        let digest = Digest::of_bytes(self.method.as_str(), &self.target, &self.body);
        let (request_id, now) = world.at(self.real, |state, now| {
            if let Some(operation) = self.operation {
                state.count_call(operation.path(), now);
            }
            ((self.dialect.request_id)(&state.request_draws("request-id", digest), now), now)
        });
        let reply = (self.dialect.failure)(failure, &request_id);
        self.answer(world, &request_id, now, reply)
    }

    /// Sends the answer off.
    pub(crate) fn answer(
        self,
        world: &Arc<World>,
        request_id: &str,
        now: VirtualTime,
        reply: Reply,
    ) -> Response {
        let Reply { mut status, body, run } = reply;
        let mut body = body.make();
        let faults = self.fired.list();
        let mut headers = self.headers(status, request_id, &faults);
        if let Some(text) = self.broken_promise(status, &headers, &body) {
            (status, body) = (StatusCode::INTERNAL_SERVER_ERROR, text.into());
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        }
        world.journal().add(&Entry {
            number: 0,
            at: now,
            real: self.real,
            method: self.method,
            operation: self.operation.map(Operation::id),
            status,
            target: &self.target,
            run: run.as_deref(),
            request_id,
            faults: &faults,
            request_body: &safe_body(&self.body, self.secret, BODY_MAX),
        });
        self.shared.registry.trim_journals(CAPACITY_IN_ALL);

        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response.extensions_mut().insert(Visited { world: Arc::clone(world), target: self.target });
        response
    }

    fn headers(&self, status: StatusCode, request_id: &str, faults: &str) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Ok(value) = HeaderValue::from_str(request_id) {
            headers.insert(self.dialect.request_id_header.clone(), value);
        }
        let tells = status.is_success() || status == StatusCode::TOO_MANY_REQUESTS;
        if let Some(allowance) = self.allowance.filter(|_| tells) {
            (self.dialect.announce)(&allowance, &mut headers);
        }
        if let Some(value) = HeaderValue::from_str(faults).ok().filter(|faults| !faults.is_empty()) {
            headers.insert(FAULT, value);
        }
        headers
    }

    /// With strictness on, how an answer breaks the contract. What no operation is for has none.
    fn broken_promise(&self, status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Option<String> {
        let operation = self.operation.filter(|_| self.shared.strict)?;
        let body = serde_json::from_slice(body).unwrap_or_default();
        let sent = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let mut broken = operation.response_violations(status.as_u16(), sent("content-type"), &body);
        broken.extend(operation.header_violations(status.as_u16(), sent));
        let sentence = |violation: &Violation| format!("{}: {}\n", violation.pointer, violation.message);
        let sentences: String = broken.iter().map(sentence).collect();
        (!broken.is_empty()).then(|| format!("this answer broke the contract:\n{sentences}"))
    }
}
