//! What an API says in its own way, and what a request looks like to its handlers.

use std::cell::Cell;

use fixtures::contract::Contract;
use http::header::HeaderName;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Map, Value};

use crate::apis::reply::Reply;
use crate::clock::{Mode, RealTime, VirtualTime};
use crate::intake::NoBody;
use crate::scenario::fault::{NamedError, StateEffect};
use crate::scenario::request::About;
use crate::seed::Draws;
use crate::validation::Invalid;
use crate::window::Standing;
use crate::world::keys::KeyRefusal;
use crate::world::state::{Identity, LogFull, WorldState};

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
    /// The answer that says so on purpose: what it looks like when an error of this kind is the API's own.
    pub staged: fn(&Staged, &str) -> Reply,
    /// What a request is about: the run that its path names, or the one that its body asks for.
    pub about: fn(&Asked<'_>, &WorldState) -> About,
    /// JSON pointer to the items of an answer that lists some.
    pub items: &'static str,
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

/// An error that is answered on purpose, in an API's own shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staged {
    /// One that has a name.
    Named(NamedError),
    /// Any other status from 400 on.
    Status(StatusCode),
}

/// A request as it was sent, whether or not it keeps the contract.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The operation it is for.
    pub operation: &'a str,
    /// The path parameters, percent-decoded, in the order of the path.
    pub path: &'a [(String, String)],
    /// Its body, if that is JSON.
    pub body: Option<&'a Value>,
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
    /// What a client is told of this standing, at the world's time `now` and the wall-clock time `wall`.
    pub fn new(standing: &Standing, mode: Mode, now: VirtualTime, wall: VirtualTime) -> Self {
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
    /// The request among its equals.
    pub identity: Identity,
    /// The answer's id.
    pub request_id: &'a str,
    /// The reading of the real clock.
    pub real: RealTime,
    /// The world's time.
    pub now: VirtualTime,
    /// How the world shall look different from what it is.
    pub staged: Option<StateEffect>,
    /// Whether that made a difference.
    pub took_effect: &'a Cell<bool>,
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
