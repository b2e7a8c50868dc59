//! What a request of the control plane brings: body, query and path, all strict, so that a misspelt field is an error
//! and not ignored.

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::control::error::ControlError;
use crate::intake::{NoBody, read};

/// The largest body the control plane takes, in bytes.
pub(super) const BODY_MAX: usize = 1024 * 1024;

/// A body or a query string in which nothing can be said.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// A strict JSON body, an object. An empty one counts as `{}`.
#[derive(Debug)]
pub(super) struct Strict<T>(pub(super) T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Strict<T> {
    type Rejection = ControlError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ControlError> {
        let text = text(request.into_body()).await?;
        let text = if text.trim().is_empty() { "{}" } else { &text };
        // A struct could be read from an array too, its fields by position.
        if !text.trim_start().starts_with('{') {
            let message = "the body is not as expected: it must be a JSON object";
            return Err(ControlError::bad_request("invalid_body", message));
        }
        serde_json::from_str(text).map(Strict).map_err(|error| {
            ControlError::bad_request("invalid_body", format!("the body is not as expected: {error}"))
        })
    }
}

/// A strict query string.
#[derive(Debug)]
pub(super) struct StrictQuery<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for StrictQuery<T> {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ControlError> {
        match Query::try_from_uri(&parts.uri) {
            Ok(Query(value)) => Ok(Self(value)),
            Err(error) => {
                // The library puts its own sentence before what is wrong.
                let text = error.body_text();
                let wrong = text.split_once(": ").map_or(text.as_str(), |(_, wrong)| wrong);
                let message = format!("the query string is not as expected: {wrong}");
                Err(ControlError::bad_request("invalid_query", message))
            }
        }
    }
}

/// The variable parts of a path, which must be UTF-8 once decoded.
#[derive(Debug)]
pub(super) struct StrictPath<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for StrictPath<T> {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ControlError> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(error) => {
                let message = format!("the path is not as expected: {}", error.body_text());
                Err(ControlError::bad_request("invalid_path", message))
            }
        }
    }
}

/// A body as text.
pub(super) async fn text(body: Body) -> Result<String, ControlError> {
    String::from_utf8(bytes(body).await?.into())
        .map_err(|_| ControlError::bad_request("invalid_body", "the body is not UTF-8 text"))
}

/// A body as it is.
pub(super) async fn bytes(body: Body) -> Result<Bytes, ControlError> {
    read(body, BODY_MAX).await.map_err(|refused| match refused {
        NoBody::TooLarge(most) => {
            let message = format!("the body is larger than {most} bytes");
            ControlError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message)
        }
        NoBody::Incomplete => ControlError::bad_request("incomplete_body", "the body did not arrive whole"),
    })
}
