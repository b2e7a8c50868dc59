//! What can be wrong with a request, before it is said in one of the two dialects.

use fixtures::contract::{Place, Violation};
use http::StatusCode;

use crate::apis::dialect::{self, Failure, Staged};
use crate::apis::presigned::UNKNOWN_TOKEN;
use crate::apis::words::{message, shortened};
use crate::intake::NoBody;
use crate::model::extralt::create::Refusal;
use crate::scenario::fault::NamedError;
use crate::validation::Invalid;
use crate::world::keys::KeyRefusal;
use crate::world::state::LogFull;

/// The two dialects, which do not call everything by the same status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V0,
    V1,
}

/// Something that is wrong: its status, and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    pub(super) message: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    pub(super) fn unprocessable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    /// There is no such thing, or it is another organization's.
    pub(super) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("There is no such {what}"))
    }

    /// What any operation may answer.
    pub(super) fn of_failure(failure: &Failure, version: Version) -> Self {
        let status = dialect::status(failure);
        let message = match failure {
            Failure::Key(KeyRefusal::Forbidden) => "API key does not have access to this resource".to_owned(),
            Failure::Key(KeyRefusal::Missing | KeyRefusal::Malformed | KeyRefusal::Invalid) => {
                "Invalid or missing API key".to_owned()
            }
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
            Failure::UnknownOperation { method, path } => {
                format!("No endpoint for {method} {}", shortened(path))
            }
            Failure::RateLimited { .. } => "Rate limit exceeded. Please wait before retrying.".to_owned(),
            Failure::Body(NoBody::TooLarge(most)) => format!("The request body is larger than {most} bytes"),
            Failure::Body(NoBody::Incomplete) => "The request body is incomplete".to_owned(),
            Failure::UnknownToken => UNKNOWN_TOKEN.to_owned(),
            Failure::Form(no_form) => no_form.to_string(),
            Failure::NotKept(not_kept) => not_kept.to_string(),
            Failure::Invalid(Invalid::Json(error)) => format!("The request body is not valid JSON: {error}"),
            Failure::Invalid(Invalid::Violations(violations)) => {
                return Self::new(of_violations(violations, version), message(violations));
            }
        };
        Self { status, message }
    }

    /// An error that is answered on purpose. Its words are ours where no page has any.
    pub(super) fn of_staged(staged: &Staged) -> Self {
        let status = match staged {
            Staged::Named(error) => error.status(),
            Staged::Status(status) => *status,
        };
        let message = match NamedError::of_status(status) {
            Some(NamedError::Unauthorized) => "Invalid or missing API key",
            Some(NamedError::Forbidden) => "API key does not have access to this resource",
            Some(NamedError::NotFound) => "There is no such resource",
            Some(NamedError::OutOfCredits) => "The credits do not suffice",
            Some(NamedError::Conflict) => "The request conflicts with the present state",
            Some(NamedError::RateLimited) => "Rate limit exceeded. Please wait before retrying.",
            Some(NamedError::Internal) => "Something went wrong on this side",
            Some(NamedError::Unavailable) => "The service is temporarily unavailable",
            None => status.canonical_reason().unwrap_or("Error"),
        };
        Self::new(status, message)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unknown(what) => Self::not_found(what),
            Refusal::NotBuilt => Self::conflict("The robot has not been built"),
            Refusal::RobotGone => Self::conflict("The robot of this run has been deleted"),
            Refusal::ForeignAddress { url, host: Some(host) } => Self::unprocessable(format!(
                "start_urls must be addresses on the robot's host {host}; {} is not",
                shortened(&url)
            )),
            Refusal::ForeignAddress { url, host: None } => Self::unprocessable(format!(
                "url must be an absolute http or https address whose host is no single word, without a user or a \
                 password; {} is not",
                shortened(&url)
            )),
            Refusal::State(status) => {
                Self::conflict(format!("This cannot be done while it is {}", status.name()))
            }
            Refusal::SourceUnderWay(status) => {
                Self::conflict(format!("The source has not ended: it is {}", status.name()))
            }
            Refusal::OutOfCredits { needed, left } => Self::new(
                StatusCode::PAYMENT_REQUIRED,
                format!("Insufficient credits: this needs at least {needed}, and {left} are left"),
            ),
            Refusal::Full => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "This world holds as much as it can; reset it with POST /_rehearsal/reset",
            ),
        }
    }
}

impl From<LogFull> for Problem {
    fn from(full: LogFull) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, full.to_string())
    }
}

/// What is absent or cannot be read is a bad request; what is there and has a wrong value cannot be processed (page "Error
/// codes"). Of parameters only v0's `format` is the latter; all of this is our choice where the page is silent.
fn of_violations(violations: &[Violation], version: Version) -> StatusCode {
    let status = |violation: &Violation| match (violation.place, violation.keyword.as_str()) {
        (Place::Body, "content-type") => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        (Place::Body, "required") => StatusCode::BAD_REQUEST,
        (Place::Body, _) if violation.pointer.is_empty() => StatusCode::BAD_REQUEST,
        (Place::Body, _) => StatusCode::UNPROCESSABLE_ENTITY,
        (Place::Query, "enum") if version == Version::V0 => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::BAD_REQUEST,
    };
    violations
        .iter()
        .map(status)
        .min_by_key(|status| *status != StatusCode::BAD_REQUEST)
        .unwrap_or(StatusCode::BAD_REQUEST)
}
