//! The course of a request to an emulated API: route, authentication, rate limit, journal [ fault before, validation,
//! handler, fault after ].

use std::sync::Arc;

use axum::extract::{OriginalUri, RawPathParams, Request};
use axum::response::Response;
use bytes::Bytes;
use fixtures::contract::{Contract, Operation};
use http::header::HeaderName;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::{Map, Value};

use crate::apis::reply::Reply;
use crate::apis::visit::Visit;
use crate::clock::{Mode, RealTime, VirtualTime};
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
use crate::world::window::Standing;

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
    /// Counts a request, and says whether it is one too many.
    pub admit: fn(&mut WorldState, VirtualTime) -> Standing,
    /// The headers that tell a client how many more requests it may make.
    pub announce: fn(&Allowance, &mut HeaderMap),
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
    /// It is one request too many.
    RateLimited {
        /// Whole seconds until there is room again.
        retry_after: u64,
    },
}

/// How many requests a key may make, as its client is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// How many within the window.
    pub limit: u32,
    /// How many more now.
    pub remaining: u32,
    /// When there will be room for one more: by the wall clock, which is the client's; by a manual clock as that shows
    /// it, because only who moves it knows when that is.
    pub reset: VirtualTime,
    /// Of a refused request: whole seconds of real time until then, at least one.
    pub retry_after: Option<u64>,
}

impl Allowance {
    fn new(standing: &Standing, mode: Mode, now: VirtualTime, wall: VirtualTime) -> Self {
        let wait = mode.real_time(standing.reset_in);
        let from = if mode == Mode::Manual { now } else { wall };
        let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
        Self {
            limit: standing.limit,
            remaining: standing.remaining,
            reset: from.after(wait),
            retry_after: (!standing.admitted).then(|| seconds.max(1)),
        }
    }
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
        allowance: None,
    };
    let world = match authenticate(&shared, dialect, &parts.headers, real, wall) {
        Ok((world, key)) => {
            visit.secret = world.secret(key);
            visit.target = target(&parts, visit.secret);
            world
        }
        Err(failure) => return visit.refuse(&shared.refused, &failure),
    };
    let allowance = admit(dialect, &world, real, wall);
    visit.allowance = Some(allowance);
    if let Some(retry_after) = allowance.retry_after {
        return visit.refuse(&world, &Failure::RateLimited { retry_after });
    }
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
        state.count_call(operation.path(), now);
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
    let path = asked(&parts).path().to_owned();
    let (world, secret, allowance) = match authenticate(&shared, dialect, &parts.headers, real, wall) {
        Ok((world, key)) => {
            let allowance = admit(dialect, &world, real, wall);
            (Arc::clone(&world), world.secret(key), Some(allowance))
        }
        Err(_) => (Arc::clone(&shared.refused), offered(dialect, &parts.headers), None),
    };
    let failure = match allowance.and_then(|allowance| allowance.retry_after) {
        Some(retry_after) => Failure::RateLimited { retry_after },
        None => Failure::UnknownOperation { method: parts.method.clone(), path },
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
        allowance,
    };
    visit.refuse(&world, &failure)
}

/// Counts a request of this world. Whatever is answered then, the request counts; one too many does not.
fn admit(dialect: &Dialect, world: &World, real: RealTime, wall: VirtualTime) -> Allowance {
    let (standing, mode, now) =
        world.at(real, |state, now| ((dialect.admit)(state, now), state.clock().mode(), now));
    Allowance::new(&standing, mode, now, wall)
}

/// The credential a request offers, whether or not it is accepted.
fn offered<'a>(dialect: &Dialect, headers: &'a HeaderMap) -> Secret<'a> {
    let key = (dialect.credential)(headers).and_then(|key| std::str::from_utf8(key).ok());
    key.map_or(Secret::NONE, Secret::of)
}

/// What the client asked for: behind an alias the router sees less of it.
fn asked(parts: &Parts) -> &Uri {
    parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0)
}

fn target(parts: &Parts, secret: Secret<'_>) -> Box<str> {
    safe_target(asked(parts).path_and_query().map_or("", |target| target.as_str()), secret).into()
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
        Failure::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
        Failure::Body(NoBody::Incomplete) | Failure::Invalid(_) => StatusCode::BAD_REQUEST,
    }
}
