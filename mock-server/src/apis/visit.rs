//! What is known of a request while it is answered, and how its answer leaves: journaled, with its id, and free of
//! credentials.

use std::sync::Arc;

use axum::extract::OriginalUri;
use axum::response::Response;
use bytes::Bytes;
use fixtures::contract::{Operation, Place, Violation};
use http::header::{CONTENT_TYPE, HeaderName};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use serde_json::Value;

use crate::apis::answer::{Answer, Leaving};
use crate::apis::client::Client;
use crate::apis::dialect::{Allowance, Asked, Dialect, Failure};
use crate::apis::effects;
use crate::apis::reply::{Body, Reply};
use crate::apis::stream::{Streamed, place};
use crate::clock::{Mode, RealTime, VirtualTime};
use crate::faults::Deed;
use crate::faults::firing::Fired;
use crate::journal::redaction::members::without;
use crate::journal::redaction::{Secret, safe_body, safe_target, safe_text};
use crate::journal::{BODY_MAX, CAPACITY_IN_ALL, Entry, headers};
use crate::seed::Digest;
use crate::shared::{STREAMS_MAX, Shared};
use crate::window::Standing;
use crate::world::World;
use crate::world::state::{Identity, WorldState};

const FAULT: HeaderName = HeaderName::from_static("x-rehearsal-fault");

/// What a request log may say of a request; it travels with the answer.
#[derive(Debug, Clone)]
pub struct Visited {
    /// Whose request it was.
    pub world: Arc<World>,
    /// Path and query, without credentials.
    pub target: Box<str>,
}

/// When a request arrived.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    pub(crate) real: RealTime,
    /// The wall-clock time.
    pub(crate) wall: VirtualTime,
    /// The world's time.
    pub(crate) now: VirtualTime,
    /// How that passes.
    pub(crate) mode: Mode,
}

/// A request that is being answered. One that is dropped before it was, because its client has left, is journaled all
/// the same.
#[derive(Debug)]
pub(crate) struct Visit<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) dialect: &'static Dialect,
    pub(crate) world: &'a Arc<World>,
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) arrival: Arrival,
    pub(crate) method: Method,
    /// Path and query, without credentials.
    pub(crate) target: Box<str>,
    /// What must not be written down.
    pub(crate) secret: Secret<'a>,
    sent: &'a HeaderMap,
    /// Who waits for the answer, where that can be seen.
    pub(crate) client: Option<Client>,
    pub(crate) body: Bytes,
    /// What it asks for, in short, once its body is known.
    pub(crate) digest: Option<Digest>,
    identity: Option<Identity>,
    /// How it breaks the contract, a line each.
    pub(crate) violations: String,
    /// How many more requests its key may make, once it is known whose it is.
    pub(crate) allowance: Option<Allowance>,
    /// What happens to the answer.
    pub(crate) deed: Option<Deed>,
    /// Whether a state effect made a difference.
    pub(crate) took_effect: bool,
    pub(crate) fired: Fired,
    /// Whether its handler has dealt with it.
    pub(crate) handled: bool,
    /// Whether it was dealt with and its client does not get the answer.
    pub(crate) lost: bool,
    began: bool,
    run: Option<Box<str>>,
    /// The epoch of the journal in which it arrived.
    epoch: u64,
    journaled: bool,
}

impl<'a> Visit<'a> {
    /// A request of `world`, or of the reserved one for those that have none.
    pub(crate) fn new(
        shared: &'a Shared,
        dialect: &'static Dialect,
        operation: Option<&'static Operation>,
        world: &'a Arc<World>,
        parts: &'a Parts,
        secret: Secret<'a>,
        arrival: Arrival,
    ) -> Self {
        let target: Box<str> =
            safe_target(asked(parts).path_and_query().map_or("", |it| it.as_str()), secret).into();
        Self {
            shared,
            dialect,
            world,
            operation,
            arrival,
            method: parts.method.clone(),
            digest: None,
            target,
            secret,
            sent: &parts.headers,
            client: parts.extensions.get::<Client>().cloned(),
            body: Bytes::new(),
            identity: None,
            violations: String::new(),
            allowance: None,
            deed: None,
            took_effect: false,
            fired: Fired::default(),
            handled: false,
            lost: false,
            began: false,
            run: None,
            epoch: world.arrived(),
            journaled: false,
        }
    }

    /// The request among its equals. It is counted once, however often this is asked.
    pub(crate) fn identify(&mut self, state: &mut WorldState, now: VirtualTime) -> Identity {
        if let Some(identity) = self.identity {
            return identity;
        }
        if let Some(operation) = self.operation {
            state.count_call(operation.path(), now);
        }
        let identity = state.count_request(self.digest());
        self.identity = Some(identity);
        identity
    }

    /// What it asks for, in short: without a body that could be read as what it should be, its bytes say it.
    fn digest(&self) -> Digest {
        self.digest.unwrap_or_else(|| Digest::of_bytes(self.method.as_str(), &self.target, &self.body))
    }

    /// The id of its answer.
    pub(crate) fn request_id(&mut self) -> String {
        let world = self.world;
        world.at(self.arrival.real, |state, now| {
            let identity = self.identify(state, now);
            (self.dialect.request_id)(&state.request_draws("request-id", identity), now)
        })
    }

    /// Lets the client be told of this standing instead of its key's.
    pub(crate) fn tell(&mut self, standing: &Standing) {
        let Arrival { wall, now, mode, .. } = self.arrival;
        self.allowance = Some(Allowance::new(standing, mode, now, wall));
    }

    /// Answers with a failure that needs nothing of the world but an id.
    pub(crate) async fn refuse(mut self, failure: &Failure) -> Response {
        let request_id = self.request_id();
        let reply = (self.dialect.failure)(failure, &request_id);
        self.answer(&request_id, reply).await
    }

    /// Notes which run the answer is about, before anything can come in its way.
    pub(crate) fn note(&mut self, reply: &Reply) {
        (self.run, self.began) = (reply.run.clone(), reply.began);
    }

    /// Sends the answer off, once what goes wrong with it has.
    pub(crate) async fn answer(mut self, request_id: &str, reply: Reply) -> Response {
        self.note(&reply);
        let mut answer = self.leaving(reply, request_id).await;
        if let Some(text) = self.broken_promise(&answer) {
            answer.status = StatusCode::INTERNAL_SERVER_ERROR;
            answer.body = Leaving::Whole(text.into());
            answer.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        }
        if let Some(deed) = self.deed.take() {
            answer = effects::readable(&deed, answer).await;
            answer = effects::after(&mut self, &deed, answer);
        }
        self.send(answer, request_id)
    }

    /// What a reply is as an answer. One that is written while it is sent gets a place for that, or is none.
    async fn leaving(&self, mut reply: Reply, request_id: &str) -> Answer {
        let Body::Stream(writer) = reply.body else { return self.dressed(reply, request_id) };
        let Some(place) = place(&self.shared.streams).await else {
            let failure = Failure::TooManyStreams(STREAMS_MAX);
            return self.dressed((self.dialect.failure)(&failure, request_id), request_id);
        };
        reply.body = Body::Ready(Bytes::new());
        let body = Leaving::Stream(Streamed::new(writer, place));
        Answer { body, ..self.dressed(reply, request_id) }
    }

    /// What a reply is as an answer, made in memory.
    pub(crate) fn dressed(&self, reply: Reply, request_id: &str) -> Answer {
        let Reply { status, headers: own, body, .. } = reply;
        let mut headers = self.headers(status, request_id);
        for (name, value) in own {
            headers.insert(name, value);
        }
        let body = match body {
            Body::Ready(bytes) => Leaving::Whole(bytes),
            Body::Later(make) => Leaving::Whole(make()),
            Body::Stream(write) => {
                let mut bytes = Vec::new();
                // What could be written is the answer.
                drop(write(&mut bytes));
                Leaving::Whole(bytes.into())
            }
            Body::Empty => {
                headers.remove(CONTENT_TYPE);
                Leaving::Nothing
            }
        };
        Answer { status, headers, body }
    }

    /// Journals the answer and sends it off as it is.
    pub(crate) fn send(mut self, mut answer: Answer, request_id: &str) -> Response {
        if !self.fired.is_empty() {
            if let Ok(value) = HeaderValue::try_from(self.fired.ids()) {
                answer.headers.insert(FAULT, value);
            }
            let fired: Vec<_> = self.fired.iter().map(|firing| Arc::clone(&firing.fault)).collect();
            self.world.at(self.arrival.real, |state, _| {
                fired.iter().for_each(|fault| state.faults_mut().note_fired(fault));
            });
        }
        if !self.journaled {
            self.journal(Some(answer.status), request_id);
        }
        self.shared.registry.trim_journals(CAPACITY_IN_ALL);

        let mut response = Response::new(answer.body.sent());
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        let (world, target) = (Arc::clone(self.world), std::mem::take(&mut self.target));
        response.extensions_mut().insert(Visited { world, target });
        response
    }

    fn journal(&mut self, status: Option<StatusCode>, request_id: &str) {
        self.journaled = true;
        self.count(status);
        let (faults, violations) = (self.fired.text(), safe_text(&self.violations, self.secret));
        let (headers, body) = (
            headers::kept(self.sent, self.secret),
            safe_body(&without(&self.body, self.dialect.secrets), self.secret, BODY_MAX),
        );
        let entry = Entry {
            number: 0,
            at: self.arrival.now,
            real: self.arrival.real,
            method: self.method.clone(),
            api: self.dialect.contract.api(),
            version: self.dialect.contract.version(),
            operation: self.operation.map(Operation::id),
            status,
            digest: self.digest(),
            began: self.began,
            lost: self.lost,
            target: &self.target,
            run: self.run.as_deref(),
            request_id,
            faults: &faults,
            violations: &violations,
            headers: &headers,
            request_body: &body,
        };
        self.world.record(&entry, self.epoch);
    }

    /// Counts it among everything the server has answered.
    fn count(&self, status: Option<StatusCode>) {
        let counters = &self.shared.counters;
        counters.answered(self.dialect.contract.api(), self.operation, status);
        self.fired.iter().for_each(|firing| counters.fired(&firing.fault.effect));
        if let Some(operation) = self.operation.map(Operation::id).filter(|_| self.began) {
            let asked = Asked { operation, path: &[], body: None };
            let about = self.world.at(self.arrival.real, |state, _| (self.dialect.about)(&asked, state));
            about.kind.into_iter().for_each(|kind| counters.created(kind));
        }
    }

    /// Journals the request as one whose client left before it was answered.
    pub(crate) fn leave(&mut self) {
        self.lost = self.handled;
        self.journal(None, "");
    }

    /// The answer to a client that has left before anything happened.
    pub(crate) fn unheard(mut self) -> Response {
        let request_id = self.request_id();
        let status = StatusCode::SERVICE_UNAVAILABLE;
        self.send(Answer::whole(status, HeaderMap::new(), Bytes::new()), &request_id)
    }

    /// The headers of an answer with this status.
    pub(crate) fn headers(&self, status: StatusCode, request_id: &str) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let (Some(name), Ok(value)) = (&self.dialect.request_id_header, HeaderValue::from_str(request_id))
        {
            headers.insert(name.clone(), value);
        }
        let tells = status.is_success() || status == StatusCode::TOO_MANY_REQUESTS;
        if let Some(allowance) = self.allowance.filter(|_| tells) {
            (self.dialect.announce)(&allowance, &mut headers);
        }
        headers
    }

    /// With strictness on, how an answer breaks the contract: its body only if that is JSON and in memory. What no
    /// operation is for has none.
    fn broken_promise(&self, answer: &Answer) -> Option<String> {
        let operation = self.operation.filter(|_| self.shared.strict)?;
        let body = answer.json().map(|body| serde_json::from_slice(body).unwrap_or_default());
        let sent = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
        let status = answer.status.as_u16();
        let judged = body.as_ref().unwrap_or(&Value::Null);
        let mut broken = operation.response_violations(status, sent("content-type"), judged);
        broken.retain(|violation| body.is_some() || violation.place != Place::Body);
        broken.extend(operation.header_violations(status, sent));
        let sentence = |violation: &Violation| format!("{}: {}\n", violation.pointer, violation.message);
        let sentences: String = broken.iter().map(sentence).collect();
        (!broken.is_empty()).then(|| format!("this answer broke the contract:\n{sentences}"))
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        if !self.journaled {
            self.leave();
        }
    }
}

/// What the client asked for: behind an alias the router sees less of it.
pub(crate) fn asked(parts: &Parts) -> &Uri {
    parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0)
}
