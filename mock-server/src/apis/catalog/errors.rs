//! How Catalog says that something failed (pages "Error codes" and "Authentication").

use fixtures::contract::{Place, Violation};
use http::StatusCode;

use crate::apis::catalog::wire::{Envelope, EnvelopeError, FlatError};
use crate::apis::dialect::{self, Failure, Staged};
use crate::apis::presigned::UNKNOWN_TOKEN;
use crate::apis::reply::Reply;
use crate::apis::words::{message, shortened};
use crate::intake::NoBody;
use crate::model::catalog::create::Refusal;
use crate::model::catalog::state::CancelRefusal;
use crate::scenario::fault::NamedError;
use crate::validation::Invalid;
use crate::world::keys::KeyRefusal;

/// What any operation may answer.
pub(super) fn failure(failure: &Failure, request_id: &str) -> Reply {
    let status = dialect::status(failure);
    match failure {
        Failure::Key(KeyRefusal::Missing | KeyRefusal::Malformed) => {
            flat("API key required (x-api-key header or Authorization: Bearer)")
        }
        Failure::Key(KeyRefusal::Invalid) => flat("Invalid API key"),
        Failure::Key(KeyRefusal::Forbidden) => {
            plain(status, "FORBIDDEN", "API key access denied", request_id)
        }
        Failure::TooManyWorlds(most) => {
            let message = format!(
                "This server keeps {most} worlds and has no room for another key; delete one with \
                 DELETE /_rehearsal/worlds/{{key}} or start it with a larger --worlds"
            );
            plain(status, "UNAVAILABLE", &message, request_id)
        }
        Failure::TooManyStreams(most) => {
            let message = format!("This server sends {most} long answers at a time; please retry");
            plain(status, "UNAVAILABLE", &message, request_id)
        }
        Failure::NotStoodIn { operation } => {
            let message = format!("Rehearsal knows {operation} and does not stand in for it");
            plain(status, "NOT_IMPLEMENTED", &message, request_id)
        }
        Failure::LogFull(full) => plain(status, "UNAVAILABLE", &full.to_string(), request_id),
        Failure::UnknownOperation { method, path } => {
            let message = format!("No endpoint for {method} {}", shortened(path));
            plain(status, "NOT_FOUND", &message, request_id)
        }
        Failure::RateLimited { retry_after } => {
            let unit = if *retry_after == 1 { "second" } else { "seconds" };
            let message = format!("Rate limit exceeded. Please retry after {retry_after} {unit}.");
            plain(status, "RATE_LIMITED", &message, request_id)
        }
        Failure::Body(NoBody::TooLarge(most)) => {
            let message = format!("The request body is larger than {most} bytes");
            plain(status, "INVALID_REQUEST", &message, request_id)
        }
        Failure::Body(NoBody::Incomplete) => {
            plain(status, "INVALID_REQUEST", "The request body is incomplete", request_id)
        }
        Failure::UnknownToken => plain(status, "NOT_FOUND", UNKNOWN_TOKEN, request_id),
        // No operation takes a file; an API says all of this.
        Failure::Form(no_form) => plain(status, "INVALID_REQUEST", &no_form.to_string(), request_id),
        Failure::NotKept(not_kept) => plain(status, "UNAVAILABLE", &not_kept.to_string(), request_id),
        Failure::Invalid(Invalid::Json(error)) => plain(
            status,
            "INVALID_REQUEST",
            &format!("The request body is not valid JSON: {error}"),
            request_id,
        ),
        Failure::Invalid(Invalid::Violations(violations)) => {
            plain(status, code(violations), &message(violations), request_id)
        }
    }
}

/// An error that is answered on purpose. Its words are ours where no page has any.
pub(super) fn staged(staged: &Staged, request_id: &str) -> Reply {
    let status = match staged {
        Staged::Named(error) => error.status(),
        Staged::Status(status) => *status,
    };
    match NamedError::of_status(status) {
        Some(NamedError::Unauthorized) => flat("Invalid API key"),
        Some(NamedError::Forbidden) => plain(status, "FORBIDDEN", "API key access denied", request_id),
        Some(NamedError::NotFound) => not_found(request_id),
        Some(NamedError::OutOfCredits) => out_of_credits(1, 0, request_id),
        Some(NamedError::Conflict) => {
            let message = "The request conflicts with the current state. Please wait and try again.";
            plain(status, "CONFLICT", message, request_id)
        }
        Some(NamedError::RateLimited) => failure(&Failure::RateLimited { retry_after: 1 }, request_id),
        Some(NamedError::Internal) => internal(request_id),
        Some(NamedError::Unavailable) => {
            plain(status, "UNAVAILABLE", "The service is temporarily unavailable. Please retry.", request_id)
        }
        None => {
            let reason = status.canonical_reason().unwrap_or("Error");
            let code = match status {
                StatusCode::BAD_REQUEST => "INVALID_REQUEST".to_owned(),
                _ => reason.to_ascii_uppercase().replace('\'', "").replace([' ', '-'], "_"),
            };
            Reply::json(status, &envelope(&code, reason, request_id))
        }
    }
}

/// Why a job was not started.
pub(super) fn refusal(refusal: Refusal, request_id: &str) -> Reply {
    const NO_LISTINGS: &str =
        "No listings found for this domain. Use /v2/crawl first to discover product listings.";
    let bad = StatusCode::BAD_REQUEST;
    match refusal {
        Refusal::NoListings => plain(bad, "VALIDATION_ERROR", NO_LISTINGS, request_id),
        Refusal::UnknownCrawl => not_found(request_id),
        Refusal::CrawlOfAnotherVendor => {
            plain(bad, "VALIDATION_ERROR", "crawl_id is not a crawl of this vendor", request_id)
        }
        Refusal::OutOfCredits { needed, remaining } => out_of_credits(needed, remaining, request_id),
        Refusal::TopUpDisabled { remaining } => out_of_credits(0, remaining.unwrap_or(0), request_id),
        Refusal::Full => {
            let message = "This world holds as many runs as it can; reset it with POST /_rehearsal/reset";
            plain(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message, request_id)
        }
    }
}

/// Why a run was not canceled (page "Cancel extract execution").
pub(super) fn cancel_refusal(refusal: CancelRefusal, request_id: &str) -> Reply {
    let message = match refusal {
        CancelRefusal::NotRunning => "Execution is not running and cannot be canceled",
        CancelRefusal::WaitingForCrawl => {
            "Execution is waiting for crawl to complete and cannot be canceled yet"
        }
    };
    plain(StatusCode::BAD_REQUEST, "INVALID_REQUEST", message, request_id)
}

/// What was asked for went wrong on this side.
pub(super) fn internal(request_id: &str) -> Reply {
    let message = "An internal error occurred. Please retry or contact support with this request id.";
    plain(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", message, request_id)
}

/// The answer for an execution that does not exist or belongs to another organization.
pub(super) fn not_found(request_id: &str) -> Reply {
    plain(StatusCode::NOT_FOUND, "NOT_FOUND", "Execution not found", request_id)
}

/// The body does not name one input.
pub(super) fn invalid_request(message: &str, request_id: &str) -> Reply {
    plain(StatusCode::BAD_REQUEST, "INVALID_REQUEST", message, request_id)
}

/// A value has the right form and cannot be meant.
pub(super) fn invalid_value(message: &str, request_id: &str) -> Reply {
    plain(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", message, request_id)
}

/// Some addresses are none; each with its place in the list, counted from zero.
pub(super) fn invalid_urls<'a>(invalid: impl Iterator<Item = (usize, &'a str)>, request_id: &str) -> Reply {
    let lines = invalid.map(|(index, url)| format!("Index {index}: {} - invalid format", shortened(url)));
    let mut envelope = envelope("VALIDATION_ERROR", "One or more URLs have invalid format", request_id);
    envelope.invalid_urls = Some(lines.collect());
    Reply::json(StatusCode::BAD_REQUEST, &envelope)
}

fn out_of_credits(needed: u64, remaining: u64, request_id: &str) -> Reply {
    let mut envelope = envelope("INSUFFICIENT_CREDITS", "Insufficient credits", request_id);
    (envelope.credits_needed, envelope.credits_remaining) = (Some(needed), Some(remaining));
    Reply::json(StatusCode::PAYMENT_REQUIRED, &envelope)
}

fn plain(status: StatusCode, code: &'static str, message: &str, request_id: &str) -> Reply {
    Reply::json(status, &envelope(code, message, request_id))
}

fn envelope<'a>(code: &'a str, message: &'a str, request_id: &'a str) -> Envelope<'a> {
    let error = EnvelopeError { code, message, request_id };
    Envelope { error, invalid_urls: None, credits_needed: None, credits_remaining: None }
}

fn flat(error: &'static str) -> Reply {
    Reply::json(StatusCode::UNAUTHORIZED, &FlatError { error, status: 401 })
}

/// A body of the wrong form is an invalid request; a value of the right form beyond its limits, and any parameter, is
/// a validation error.
fn code(violations: &[Violation]) -> &'static str {
    let of_form = |violation: &Violation| {
        violation.place == Place::Body && matches!(violation.keyword.as_str(), "required" | "type")
    };
    if violations.iter().any(of_form) { "INVALID_REQUEST" } else { "VALIDATION_ERROR" }
}
