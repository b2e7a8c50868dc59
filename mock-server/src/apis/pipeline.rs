//! The course of a request to an emulated API: route, authentication, journal [ fault before, validation, handler,
//! fault after ].

use std::sync::Arc;

use axum::extract::{RawPathParams, Request};
use axum::response::Response;
use bytes::Bytes;
use fixtures::contract::{Contract, Operation};
use http::header::HeaderName;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Map, Value};

use crate::apis::reply::Reply;
use crate::apis::visit::Visit;
use crate::clock::{RealTime, VirtualTime};
use crate::faults::{Fired, Moment};
use crate::intake::{NoBody, read};
use crate::journal::redaction::{Secret, safe_target};
use crate::seed::{Digest, Draws};
use crate::shared::{BODY_MAX, Shared};
use crate::validation::{Invalid, pairs, validate};
use crate::world::World;
use crate::world::keys::KeyRefusal;
use crate::world::registry::NoWorld;
use crate::world::state::{LogFull, WorldState};

/// How an API says what all of them say in their own way.
#[derive(Debug)]
pub struct Dialect {
    /// Its contract.
    pub contract: &'static Contract,
    /// The credential a request carries.
    pub credential: fn(&HeaderMap) -> Option<&[u8]>,
    /// The header that carries an answer's id.
    pub request_id_header: HeaderName,
    /// An answer's id.
    pub request_id: fn(&Draws, VirtualTime) -> String,
    /// The answer that says that something failed.
    pub failure: fn(&Failure, &str) -> Reply,
}

/// What can fail for every operation of every API.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// The key is refused.
    Key(KeyRefusal),
    /// There are as many worlds as the server keeps.
    TooManyWorlds(usize),
    /// The world accepts no more changes.
    LogFull(LogFull),
    /// No operation has this method and path.
    UnknownOperation {
        /// The method.
        method: Method,
        /// The path.
        path: String,
    },
    /// The body is too large, or did not arrive whole.
    Body(NoBody),
    /// The request breaks the contract.
    Invalid(Invalid),
}

/// A request on its way through a handler.
#[derive(Debug)]
pub struct Call<'a> {
    /// The path parameters, percent-decoded, in the order of the path.
    pub path: &'a [(String, String)],
    /// The query parameters as typed values, with the documented defaults.
    pub query: &'a Map<String, Value>,
    /// The body; null for an operation without one.
    pub body: &'a Value,
    /// What the request asks for, in short.
    pub digest: Digest,
    /// The answer's id.
    pub request_id: &'a str,
    /// The reading of the real clock.
    pub real: RealTime,
    /// The world's time.
    pub now: VirtualTime,
}

impl Call<'_> {
    /// The path parameter of this name; empty if there is none.
    pub fn path(&self, name: &str) -> &str {
        self.path.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The whole number in the query parameter of this name, which the contract gives a default.
    pub fn number(&self, name: &str) -> u64 {
        self.query
            .get(name)
            .and_then(|value| value.as_u64().or_else(|| value.as_f64().map(|number| number as u64)))
            .unwrap_or(0)
    }

    /// The text in the query parameter of this name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.query.get(name).and_then(Value::as_str)
    }
}

/// Answers a request, with its world locked for the length of the call.
pub type Handler = fn(&Call<'_>, &mut WorldState) -> Reply;

/// Takes a request for a documented operation through its course.
pub async fn serve(
    shared: Arc<Shared>,
    dialect: &'static Dialect,
    operation: &'static Operation,
    handler: Handler,
    request: Request,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let (real, wall) = shared.now();
    // A path whose parameters are no UTF-8 names nothing that exists.
    let path: Vec<(String, String)> = match axum::RequestPartsExt::extract::<RawPathParams>(&mut parts).await
    {
        Ok(parameters) => {
            parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        }
        Err(_) => Vec::new(),
    };
    let offered = offered(dialect, &parts.headers);
    let mut visit = Visit {
        shared: &shared,
        dialect,
        real,
        method: parts.method.clone(),
        target: target(&parts, offered),
        secret: offered,
        operation: Some(operation),
        body: Bytes::new(),
        fired: Fired::default(),
    };
    let world = match authenticate(&shared, dialect, &parts.headers, real, wall) {
        Ok((world, key)) => {
            visit.secret = world.secret(key);
            visit.target = target(&parts, visit.secret);
            world
        }
        Err(failure) => return visit.refuse(&shared.refused, &failure),
    };
    let has_body = matches!(*operation.method(), Method::POST | Method::PUT | Method::PATCH);
    if has_body {
        match read(body, BODY_MAX).await {
            Ok(bytes) => visit.body = bytes,
            Err(refused) => return visit.refuse(&world, &Failure::Body(refused)),
        }
    }

    visit.fired.act(Moment::Before);
    let pairs = pairs(parts.uri.query());
    let valid = match validate(operation, &pairs, has_body.then_some(&visit.body)) {
        Ok(valid) => valid,
        Err(invalid) => return visit.refuse(&world, &Failure::Invalid(invalid)),
    };
    let digest = Digest::of(operation.id(), parts.uri.path(), &pairs, has_body.then_some(&valid.body));
    let (request_id, now, reply) = world.at(real, |state, now| {
        let request_id = (dialect.request_id)(&state.request_draws("request-id", digest), now);
        let call = Call {
            path: &path,
            query: &valid.query,
            body: &valid.body,
            digest,
            request_id: &request_id,
            real,
            now,
        };
        let reply = handler(&call, state);
        (request_id, now, reply)
    });
    visit.fired.act(Moment::After);
    visit.answer(&world, &request_id, now, reply)
}

/// Answers a request that no operation is for.
pub async fn unknown(shared: Arc<Shared>, dialect: &'static Dialect, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let (real, wall) = shared.now();
    let path = parts.uri.path().to_owned();
    let (world, secret) = match authenticate(&shared, dialect, &parts.headers, real, wall) {
        Ok((world, key)) => (Arc::clone(&world), world.secret(key)),
        Err(_) => (Arc::clone(&shared.refused), offered(dialect, &parts.headers)),
    };
    let visit = Visit {
        shared: &shared,
        dialect,
        real,
        method: parts.method.clone(),
        target: target(&parts, secret),
        secret,
        operation: None,
        body: Bytes::new(),
        fired: Fired::default(),
    };
    visit.refuse(&world, &Failure::UnknownOperation { method: parts.method.clone(), path })
}

/// The credential a request offers, whether or not it is accepted.
fn offered<'a>(dialect: &Dialect, headers: &'a HeaderMap) -> Secret<'a> {
    let key = (dialect.credential)(headers).and_then(|key| std::str::from_utf8(key).ok());
    key.map_or(Secret::NONE, Secret::of)
}

fn target(parts: &Parts, secret: Secret<'_>) -> Box<str> {
    safe_target(parts.uri.path_and_query().map_or("", |target| target.as_str()), secret).into()
}

fn authenticate<'a>(
    shared: &Shared,
    dialect: &Dialect,
    headers: &'a HeaderMap,
    real: RealTime,
    wall: VirtualTime,
) -> Result<(Arc<World>, &'a str), Failure> {
    let key = (dialect.credential)(headers).ok_or(Failure::Key(KeyRefusal::Missing))?;
    let key = std::str::from_utf8(key).map_err(|_| Failure::Key(KeyRefusal::Invalid))?;
    match shared.registry.enter(key, real, wall) {
        Ok(world) => Ok((world, key)),
        Err(NoWorld::Key(refusal)) => Err(Failure::Key(refusal)),
        Err(NoWorld::TooMany(most)) => Err(Failure::TooManyWorlds(most)),
    }
}

/// The status of a failure where an API documents none.
pub fn status(failure: &Failure) -> StatusCode {
    match failure {
        Failure::Key(KeyRefusal::Forbidden) => StatusCode::FORBIDDEN,
        Failure::Key(KeyRefusal::Missing | KeyRefusal::Invalid) => StatusCode::UNAUTHORIZED,
        Failure::TooManyWorlds(_) | Failure::LogFull(_) => StatusCode::SERVICE_UNAVAILABLE,
        Failure::UnknownOperation { .. } => StatusCode::NOT_FOUND,
        Failure::Body(NoBody::TooLarge(_)) => StatusCode::PAYLOAD_TOO_LARGE,
        Failure::Body(NoBody::Incomplete) | Failure::Invalid(_) => StatusCode::BAD_REQUEST,
    }
}
