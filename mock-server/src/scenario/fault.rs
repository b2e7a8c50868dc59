//! What goes wrong on purpose, as a scenario or the control plane says it.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use http::header::{HeaderName, HeaderValue};
use serde_json::Value;

use super::account::RateLimit;
use super::duration::DurationRange;
use super::kind::RunKind;
use super::request::RequestMatcher;

pub mod edit;
pub mod when;

use edit::Edit;
use when::When;

/// The most faults of a scenario, and the most that the control plane adds to a world; each request is compared with
/// them in turn.
pub const FAULTS_MAX: usize = 1_000;
/// The longest id of a fault, in bytes.
pub const ID_BYTES_MAX: usize = 64;
/// The longest delay, which is real time: clients have given up long before.
pub const DELAY_MAX: Duration = Duration::from_secs(600);

/// Something that goes wrong on purpose.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Its name: unique in its scenario, and fit for a header.
    pub id: Arc<str>,
    /// The requests it is for.
    pub matcher: RequestMatcher,
    /// Which of them it meets.
    pub when: When,
    /// Where in a request's course it acts.
    pub phase: Phase,
    /// What it does.
    pub effect: Effect,
    /// How it was written, as JSON, for whoever asks what is armed.
    pub written: Value,
}

/// Where in a request's course a fault acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Before the request is validated: nothing has changed, and nothing will.
    Before,
    /// After the state change, before the answer: what was asked for has happened.
    After,
}

impl Phase {
    /// Both, in the order of a request's course.
    pub const ALL: &'static [Self] = &[Self::Before, Self::After];

    /// The name in a scenario.
    pub fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

/// What a fault does.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// The answer waits, in real time.
    Delay(DurationRange),
    /// Another answer is given.
    Respond(Respond),
    /// The answer's body is not what its client can read.
    Payload(Payload),
    /// The answer's JSON is edited.
    Drift(Drift),
    /// The world looks different from what it is.
    State(StateEffect),
    /// Only so many requests are let through.
    Limit(RateLimit),
}

impl Effect {
    /// The key it has in a scenario.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Delay(_) => "delay",
            Self::Respond(_) => "respond",
            Self::Payload(_) => "payload",
            Self::Drift(_) => "drift",
            Self::State(_) => "state",
            Self::Limit(_) => "limit",
        }
    }
}

/// An answer that takes the place of the usual one.
#[derive(Debug, Clone, PartialEq)]
pub struct Respond {
    /// What it says.
    pub answer: Answer,
    /// How long a client is told to wait.
    pub retry_after: Option<RetryAfter>,
    /// Headers to set, or to take away where there is no value.
    pub headers: Vec<(HeaderName, Option<HeaderValue>)>,
}

/// What another answer says.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// An error that has a name, in the API's own shape.
    Named(NamedError),
    /// A status, in the API's own shape for it.
    Status(StatusCode),
    /// A status with this body: a text as it is, anything else as JSON.
    Body(StatusCode, Value),
}

impl Answer {
    /// Its status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Named(error) => error.status(),
            Self::Status(status) | Self::Body(status, _) => *status,
        }
    }
}

/// An error that every API has, each in its own shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedError {
    /// The key is refused.
    Unauthorized,
    /// The key is known and not allowed in.
    Forbidden,
    /// What was asked for does not exist.
    NotFound,
    /// The credits do not suffice.
    OutOfCredits,
    /// It does not fit the present state.
    Conflict,
    /// It is one request too many.
    RateLimited,
    /// Something went wrong on the server's side.
    Internal,
    /// The server is not available for the moment.
    Unavailable,
}

impl NamedError {
    /// Every one, in the order in which messages list them.
    pub const ALL: &'static [Self] = &[
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::OutOfCredits,
        Self::Conflict,
        Self::RateLimited,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The name in a scenario.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::OutOfCredits => "out-of-credits",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate-limited",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
        }
    }

    /// Its status.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::OutOfCredits => StatusCode::PAYMENT_REQUIRED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The one with this status.
    pub fn of_status(status: StatusCode) -> Option<Self> {
        Self::ALL.iter().copied().find(|error| error.status() == status)
    }
}

/// How long a client is told to wait: virtual time, which the header says in real time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryAfter {
    /// The virtual time until it may try again.
    pub wait: Duration,
    /// How the header says it.
    pub form: RetryAfterForm,
}

/// The two forms of `Retry-After` (RFC 9110, section 10.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RetryAfterForm {
    /// Whole seconds.
    #[default]
    Seconds,
    /// An instant.
    HttpDate,
}

impl RetryAfterForm {
    /// Both, in the order in which messages list them.
    pub const ALL: &'static [Self] = &[Self::Seconds, Self::HttpDate];

    /// The name in a scenario.
    pub fn name(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::HttpDate => "http-date",
        }
    }
}

/// How an answer's body cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// The JSON ends half-way, in an answer that is whole for HTTP.
    MalformedJson,
    /// The JSON is called plain text.
    WrongContentType,
    /// A gateway's error page with the status 502.
    GatewayHtml,
    /// There is no body.
    Empty,
}

impl Payload {
    /// Every one, in the order in which messages list them.
    pub const ALL: &'static [Self] =
        &[Self::MalformedJson, Self::WrongContentType, Self::GatewayHtml, Self::Empty];

    /// The name in a scenario.
    pub fn name(self) -> &'static str {
        match self {
            Self::MalformedJson => "malformed-json",
            Self::WrongContentType => "wrong-content-type",
            Self::GatewayHtml => "gateway-html",
            Self::Empty => "empty",
        }
    }
}

/// How an answer's JSON differs from the usual.
#[derive(Debug, Clone, PartialEq)]
pub enum Drift {
    /// In a way the contract leaves open: an unknown field, a null, a new word of an open list. Drawn.
    RandomLegal,
    /// In a way that breaks the contract. Drawn.
    RandomIllegal,
    /// By these edits, in this order.
    Edits(Vec<Edit>),
}

/// How the world looks different from what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateEffect {
    /// A read shows what was true this much virtual time ago.
    StaleRead(Duration),
    /// What is new is not found until this much virtual time after its creation.
    HiddenAfterCreate(Duration),
    /// One item of a list stands there twice.
    DuplicateListItem,
    /// A run that is at work has done half of what it has really done.
    RegressProgress,
    /// A cancel is accepted and does nothing.
    LoseCancel,
}

impl StateEffect {
    /// The name in a scenario.
    pub fn name(self) -> &'static str {
        match self {
            Self::StaleRead(_) => "stale-read",
            Self::HiddenAfterCreate(_) => "hidden-after-create",
            Self::DuplicateListItem => "duplicate-list-item",
            Self::RegressProgress => "regress-progress",
            Self::LoseCancel => "lose-cancel",
        }
    }

    /// Whether an operation with this id can show it. Only what comes into being and goes its way can look different
    /// from what it is: runs of any kind, and what is made and kept beside them, as schedules, agents and files are.
    pub fn concerns(self, id: &str) -> bool {
        let Some((resource, verb)) = id.rsplit_once('.') else { return false };
        let kind = RunKind::of_operation(id);
        let is_kept = matches!(
            resource,
            "extralt.schedules"
                | "llama-extract.extraction-agents"
                | "llama-extract.extraction-agents-by-name"
                | "llama-extract.files"
                | "llama-extract.files-content"
                | "llama-extract.configurations"
        );
        let is_read = matches!(verb, "get" | "list" | "count" | "export");
        match self {
            Self::StaleRead(_) => is_read && kind.is_some() || is_kept && verb == "list",
            Self::HiddenAfterCreate(_) => {
                let names =
                    matches!(verb, "cancel" | "stop" | "restart" | "update" | "pause" | "resume" | "delete");
                // A build is found by whoever has begun it.
                (is_read || names) && (kind.is_some() || is_kept) && resource != "extralt.robot-builds"
            }
            Self::DuplicateListItem => matches!(verb, "get" | "list"),
            // The building of a robot counts nothing, and an item is whole from the beginning.
            Self::RegressProgress => {
                verb == "get"
                    && kind.is_some_and(|kind| kind != RunKind::RobotBuild)
                    && resource != "extralt.items"
            }
            Self::LoseCancel => matches!(verb, "cancel" | "stop"),
        }
    }
}
