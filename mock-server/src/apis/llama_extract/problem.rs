//! What can be wrong with a request, in the one shape that all generations of the API share: an object with `detail`, which
//! is a sentence or, for a request that breaks the contract (422), a list of items.

use http::StatusCode;
use serde::Serialize;

use crate::apis::dialect::{self, Failure, Staged};
use crate::apis::llama_extract::detail::{self, Item};
use crate::apis::outgoing::llama_extract::Refusal;
use crate::apis::presigned::UNKNOWN_TOKEN;
use crate::apis::reply::Reply;
use crate::apis::words::shortened;
use crate::intake::NoBody;
use crate::scenario::fault::NamedError;
use crate::validation::Invalid;
use crate::world::keys::KeyRefusal;
use crate::world::state::LogFull;

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    pub(super) detail: Detail,
}

/// What is said of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Detail {
    Sentence(String),
    Items(Vec<Item>),
}

#[derive(Debug, Serialize)]
struct Body<'a> {
    detail: &'a Detail,
}

impl Problem {
    pub(super) fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self { status, detail: Detail::Sentence(sentence.into()) }
    }

    pub(super) fn bad_request(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, sentence)
    }

    /// The state of something does not allow it.
    pub(super) fn conflict(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, sentence)
    }

    /// There is no such thing for this key.
    pub(super) fn not_found(what: &str, id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{what} {} not found", shortened(id)))
    }

    /// A value breaks the contract in a way that no schema says.
    pub(super) fn unprocessable(item: Item) -> Self {
        Self::of_items(vec![item])
    }

    /// These values break the contract.
    pub(super) fn of_items(items: Vec<Item>) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, detail: Detail::Items(items) }
    }

    /// The world holds as much as it can.
    pub(super) fn full() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "This world holds as much as it can; reset it with POST /_rehearsal/reset",
        )
    }

    /// What any operation may answer.
    pub(super) fn of_failure(failure: &Failure) -> Self {
        let sentence = match failure {
            // Three wordings have been seen over the years; which of them belongs to what is our choice.
            Failure::Key(KeyRefusal::Missing) => "Not authenticated".to_owned(),
            Failure::Key(KeyRefusal::Malformed) => "Invalid authentication credentials".to_owned(),
            Failure::Key(KeyRefusal::Invalid) => "Invalid API Key".to_owned(),
            Failure::Key(KeyRefusal::Forbidden) => "This API key has no access to this resource".to_owned(),
            Failure::TooManyWorlds(most) => format!(
                "This server keeps {most} worlds and has no room for another key; delete one with \
                 DELETE /_rehearsal/worlds/{{key}} or start it with a larger --worlds"
            ),
            Failure::TooManyStreams(most) => {
                format!("This server sends {most} long answers at a time; please retry")
            }
            Failure::NotStoodIn { operation } => {
                format!("Rehearsal knows {operation} and does not stand in for it")
            }
            Failure::LogFull(full) => full.to_string(),
            Failure::UnknownToken => UNKNOWN_TOKEN.to_owned(),
            Failure::UnknownOperation { .. } => "Not Found".to_owned(),
            Failure::RateLimited { .. } => "Too Many Requests".to_owned(),
            Failure::Body(NoBody::TooLarge(most)) => format!("The request body is larger than {most} bytes"),
            Failure::Body(NoBody::Incomplete) => "The request body is incomplete".to_owned(),
            Failure::Form(no_form) => return Self::unprocessable(Item::at(Vec::new(), &no_form.to_string())),
            Failure::NotKept(not_kept) => not_kept.to_string(),
            Failure::Invalid(invalid) => {
                let items = match invalid {
                    Invalid::Json(error) => vec![Item::no_json(error)],
                    Invalid::Violations(violations) => violations.iter().map(detail::of_violation).collect(),
                };
                return Self::of_items(items);
            }
        };
        Self::new(dialect::status(failure), sentence)
    }

    /// An error that is answered on purpose. Its words are ours.
    pub(super) fn of_staged(staged: &Staged) -> Self {
        let status = match staged {
            Staged::Named(error) => error.status(),
            Staged::Status(status) => *status,
        };
        if status == StatusCode::UNPROCESSABLE_ENTITY {
            return Self::unprocessable(Item::staged());
        }
        let sentence = match NamedError::of_status(status) {
            Some(NamedError::Unauthorized) => "Invalid API Key",
            Some(NamedError::Forbidden) => "This API key has no access to this resource",
            Some(NamedError::NotFound) => "Not Found",
            Some(NamedError::OutOfCredits) => "The credits of this project do not suffice",
            Some(NamedError::Conflict) => "The request conflicts with the present state",
            Some(NamedError::RateLimited) => "Too Many Requests",
            Some(NamedError::Internal) => "Something went wrong on our end",
            Some(NamedError::Unavailable) => "The service is temporarily unavailable",
            None => status.canonical_reason().unwrap_or("Error"),
        };
        Self::new(status, sentence)
    }

    /// The answer that says so. Clients of v2 repeat a request that met a conflict unless they are told that it would meet
    /// it again.
    pub(super) fn reply(&self) -> Reply {
        let reply = Reply::json(self.status, &Body { detail: &self.detail });
        if self.status == StatusCode::CONFLICT { reply.not_to_be_retried() } else { reply }
    }
}

impl From<LogFull> for Problem {
    fn from(full: LogFull) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, full.to_string())
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Full => Self::new(StatusCode::SERVICE_UNAVAILABLE, refusal.to_string()),
            Refusal::TooMany | Refusal::Listener { .. } => {
                Self::unprocessable(Item::at(refusal.location(), &refusal.to_string()))
            }
        }
    }
}

/// An answer, or what is wrong.
pub(super) fn say(outcome: Result<Reply, Problem>) -> Reply {
    outcome.unwrap_or_else(|problem| problem.reply())
}
