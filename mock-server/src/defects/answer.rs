//! An answer as defects change it.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::response::Parts;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};

/// An answer with its whole body.
#[derive(Debug)]
pub(super) struct Answer {
    parts: Parts,
    body: Bytes,
}

impl Answer {
    pub(super) async fn read(response: Response) -> Self {
        let (mut parts, body) = response.into_parts();
        // It was counted for this body; another one is counted again.
        parts.headers.remove(CONTENT_LENGTH);
        // Our own answers are in memory and arrive whole.
        let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        Self { parts, body }
    }

    pub(super) fn response(self) -> Response {
        Response::from_parts(self.parts, Body::from(self.body))
    }

    pub(super) fn status(&self) -> u16 {
        self.parts.status.as_u16()
    }

    pub(super) fn is_good(&self) -> bool {
        self.parts.status.is_success()
    }

    pub(super) fn headers(&mut self) -> &mut HeaderMap {
        &mut self.parts.headers
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }

    pub(super) fn set_text(&mut self, text: String) {
        self.body = text.into();
    }

    pub(super) fn set_json(&mut self, body: &Value) {
        self.set_text(body.to_string());
    }

    /// Another status and body, under the same id.
    pub(super) fn replace(&mut self, status: StatusCode, body: &Value) {
        self.parts.status = status;
        self.set_json(body);
    }

    /// The server fails.
    pub(super) fn fail(&mut self) {
        let id = self.parts.headers.get("request-id").and_then(|id| id.to_str().ok());
        let error = json!({ "code": "INTERNAL_ERROR", "message": "Something broke.", "request_id": id });
        self.replace(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "error": error }));
    }

    /// What a good read says of the state of a run.
    pub(super) fn state(&self) -> Option<String> {
        let body = self.json();
        body["status"].as_str().filter(|_| self.is_good()).map(str::to_owned)
    }
}

/// Whether a state is final.
pub(super) fn is_over(state: &str) -> bool {
    matches!(state, "completed" | "failed")
}
