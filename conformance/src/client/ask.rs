//! A request, ready to be sent.

use std::sync::Arc;

use bytes::Bytes;
use fixtures::exchange::Request;
use fixtures::exchange::body::Body;
use http::Method;
use serde_json::Value;

use super::Stop;
use crate::transport::Transport;

pub(super) const JSON: &str = "application/json";

/// A request, ready to be sent.
#[derive(Debug, Clone)]
pub struct Ask {
    pub(super) operation: Option<String>,
    pub(super) request: Request,
    /// The way it takes, if not the one to the API.
    pub(super) via: Option<Arc<dyn Transport>>,
}

impl Ask {
    /// A request to the control plane behind `via`. It is recorded like any other, so that what it changed or told can
    /// be judged with the rest.
    pub(crate) fn control(
        method: &Method,
        target: &str,
        body: Option<&Value>,
        via: Arc<dyn Transport>,
    ) -> Self {
        let headers = body.iter().map(|_| ("content-type".to_owned(), JSON.to_owned())).collect();
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = Request {
            method: method.to_string(),
            target: target.to_owned(),
            headers,
            body: Body::of(body.as_bytes()),
        };
        Ask { operation: None, request, via: Some(via) }
    }

    /// Adds a query, without its question mark.
    pub(crate) fn ask_for(&mut self, query: &str) {
        self.request.target = format!("{}?{query}", self.request.target);
    }

    /// The key it shows, in whichever header.
    pub(super) fn key(&self) -> Option<&str> {
        let bearer = || self.request.header("authorization")?.strip_prefix("Bearer ");
        self.request.header("x-api-key").or_else(bearer)
    }

    pub(super) fn wire(&self) -> Result<http::Request<Bytes>, Stop> {
        let mut wire = http::Request::builder().method(&*self.request.method).uri(&self.request.target);
        for (name, value) in &self.request.headers {
            wire = wire.header(name, value);
        }
        wire.body(Bytes::from(self.request.body.bytes()))
            .map_err(|error| Stop::Control(format!("a request could not be built: {error}")))
    }
}

/// One path segment or query value, whatever a server may have put into an id.
pub(crate) fn encoded(segment: &str) -> String {
    let bytes = segment.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    bytes.collect()
}
