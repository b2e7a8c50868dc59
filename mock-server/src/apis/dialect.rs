//! What an API says in its own way, and what a request looks like to its handlers.

use std::cell::{Cell, RefCell};

use fixtures::contract::Contract;
use http::header::HeaderName;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Map, Value};

use crate::apis::fetch::{Fetched, NotFetched, Source};
use crate::apis::form::{Expected, Form, NoForm};
use crate::apis::reply::Reply;
use crate::apis::upload::{Brought, Inline, Upload, Uploaded};
use crate::blobs::{Blob, NotKept};
use crate::clock::{Mode, RealTime, VirtualTime};
use crate::intake::NoBody;
use crate::scenario::fault::{NamedError, StateEffect};
use crate::scenario::request::About;
use crate::seed::{ByteDigest, Digest, Draws};
use crate::validation::Invalid;
use crate::webhooks::target::Targets;
use crate::window::Standing;
use crate::world::keys::KeyRefusal;
use crate::world::state::{Identity, LogFull, WorldState};

/// How an API says what all of them say in their own way.
#[derive(Debug, Clone)]
pub struct Dialect {
    /// Its contract.
    pub contract: &'static Contract,
    /// The credential a request carries, or why there is none.
    pub credential: fn(&HeaderMap) -> Result<&[u8], KeyRefusal>,
    /// Names of members of a request's body, however deep, of which the values must not be written down.
    pub secrets: &'static [&'static str],
    /// The header that carries an answer's id, in an API whose answers have one.
    pub request_id_header: Option<HeaderName>,
    /// An answer's id. The journal has it whether or not a header does.
    pub request_id: fn(&Draws, VirtualTime) -> String,
    /// The answer that says that something failed. It is small: a body that is written while it is sent is written at
    /// once.
    pub failure: fn(&Failure, &str) -> Reply,
    /// The answer that says so on purpose: what it looks like when an error of this kind is the API's own.
    pub staged: fn(&Staged, &str) -> Reply,
    /// Whether a parameter of the path that breaks the contract is refused as such. If not, it names nothing that is
    /// there, and looking it up says so.
    pub judges_paths: bool,
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
    /// The token of a presigned address belongs to no world.
    UnknownToken,
    /// The body is not the form that the operation takes.
    Form(NoForm),
    /// The file in the body is not kept: there is no room for it.
    NotKept(NotKept),
    /// The request breaks the contract.
    Invalid(Invalid),
    /// It is one request too many.
    RateLimited {
        /// Whole seconds until there is room again.
        retry_after: u64,
    },
    /// The operation is documented, and the stand-in does not stand in for it.
    NotStoodIn {
        /// Its id.
        operation: &'static str,
    },
    /// As many bodies are being written while they are sent as the server has places for.
    TooManyStreams(usize),
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
    /// The id of its operation.
    pub operation: &'static str,
    /// The path of its operation, with the names of the parameters.
    pub route: &'static str,
    /// The path parameters, percent-decoded, in the order of the path.
    pub path: &'a [(String, String)],
    /// The query parameters as typed values, with the documented defaults.
    pub query: &'a Map<String, Value>,
    /// The body; null for an operation without one, or whose body is an upload. Of a form its text fields.
    pub body: &'a Value,
    /// The headers, by [`Call::header`].
    pub(crate) headers: &'a HeaderMap,
    /// The bytes of a body that is no upload.
    pub(crate) bytes: &'a [u8],
    /// The digest of an upload's bytes.
    pub(crate) upload_digest: Option<Digest>,
    /// What the sink made of an upload, until [`Call::upload`] hands it over.
    pub(crate) uploaded: RefCell<Option<Uploaded>>,
    /// What else the body brought.
    pub(crate) brought: &'a Brought,
    /// The request among its equals.
    pub identity: Identity,
    /// The answer's id.
    pub request_id: &'a str,
    /// The reading of the real clock.
    pub real: RealTime,
    /// The world's time.
    pub now: VirtualTime,
    /// What the addresses begin with that are handed out, without a slash at its end.
    pub base: &'a str,
    /// Where webhooks may go.
    pub targets: &'a Targets,
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

    /// The header of this name, if it is there and is text; the first of several.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The digest of the bytes of the body as they came: unlike that of [`Call::identity`] it knows nothing of JSON,
    /// of the path or of the query.
    pub fn byte_digest(&self) -> Digest {
        self.upload_digest.unwrap_or_else(|| {
            let mut digest = ByteDigest::default();
            digest.feed(self.bytes);
            digest.digest()
        })
    }

    /// The form that was sent; `None` where the operation takes none.
    pub fn form(&self) -> Option<&Form> {
        match self.brought {
            Brought::Form(form) => Some(form),
            Brought::Blob(_) | Brought::Fetched(_) | Brought::Nothing => None,
        }
    }

    /// The file that the body is or holds; `None` where there is none, or where it is no base64.
    pub fn blob(&self) -> Option<&Blob> {
        match self.brought {
            Brought::Blob(blob) => Some(blob),
            Brought::Form(_) | Brought::Fetched(_) | Brought::Nothing => None,
        }
    }

    /// The file that was fetched, or why there is none; `None` where the operation fetches nothing.
    pub fn fetched(&self) -> Option<&Result<Fetched, NotFetched>> {
        match self.brought {
            Brought::Fetched(fetched) => Some(fetched),
            Brought::Form(_) | Brought::Blob(_) | Brought::Nothing => None,
        }
    }

    /// What the sink of the operation made of the upload, to whoever asks first; `None` if it made something else, or
    /// there was no upload.
    pub fn upload<T: 'static>(&self) -> Option<Box<T>> {
        self.uploaded.borrow_mut().take()?.downcast().ok()
    }
}

/// Answers a request, with its world locked for the length of the call.
pub type Answers = fn(&Call<'_>, &mut WorldState) -> Reply;

/// Who answers the requests for an operation, and what becomes of their bodies first.
#[derive(Debug, Clone, Copy)]
pub enum Handler {
    /// Where the contract describes a JSON body for POST, PUT or PATCH, there has to be one.
    Json(Answers),
    /// The same, but the body may be left out: an empty one is null.
    OptionalJson(Answers),
    /// The body is passed to a sink as it arrives.
    Upload(Upload, Answers),
    /// The body is a form with a file, which is kept as it arrives: [`Call::form`].
    Form(Expected, Answers),
    /// The body is a file of at most so many bytes, which is kept as it arrives: [`Call::blob`].
    Blob(usize, Answers),
    /// The body is JSON that may hold a file, which is kept before anybody answers: [`Call::blob`].
    Inline(Inline, Answers),
    /// The body is JSON and names a file, which is fetched once the body is valid: [`Call::fetched`].
    Fetch(fn(&Value) -> Source, Answers),
    /// No key is needed: the path parameter `token` names the world (`apis::presigned`). For the rest it is another
    /// handler.
    Presigned(&'static Self),
    /// Nobody: the operation is documented and not stood in for. Its requests are 501, and counted.
    NotStoodIn,
}

impl Handler {
    /// The handler that it is but for how its world is found.
    pub(crate) fn bare(self) -> Self {
        match self {
            Self::Presigned(handler) => *handler,
            handler => handler,
        }
    }

    /// Who answers, if anybody does.
    pub fn answers(self) -> Option<Answers> {
        match self {
            Self::Json(answers)
            | Self::OptionalJson(answers)
            | Self::Upload(_, answers)
            | Self::Form(_, answers)
            | Self::Blob(_, answers)
            | Self::Inline(_, answers)
            | Self::Fetch(_, answers) => Some(answers),
            Self::Presigned(handler) => handler.answers(),
            Self::NotStoodIn => None,
        }
    }
}

/// The status of a failure where an API documents none.
pub fn status(failure: &Failure) -> StatusCode {
    match failure {
        Failure::Key(KeyRefusal::Forbidden) => StatusCode::FORBIDDEN,
        Failure::Key(KeyRefusal::Missing | KeyRefusal::Malformed | KeyRefusal::Invalid) => {
            StatusCode::UNAUTHORIZED
        }
        Failure::TooManyWorlds(_)
        | Failure::LogFull(_)
        | Failure::TooManyStreams(_)
        | Failure::NotKept(_) => StatusCode::SERVICE_UNAVAILABLE,
        Failure::NotStoodIn { .. } => StatusCode::NOT_IMPLEMENTED,
        Failure::UnknownOperation { .. } | Failure::UnknownToken => StatusCode::NOT_FOUND,
        Failure::Body(NoBody::TooLarge(_)) => StatusCode::PAYLOAD_TOO_LARGE,
        Failure::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
        Failure::Body(NoBody::Incomplete) | Failure::Form(_) | Failure::Invalid(_) => StatusCode::BAD_REQUEST,
    }
}
