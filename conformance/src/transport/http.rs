//! HTTP as the harness needs it: no redirects followed, bounded in time and size, and no proxy in front of loopback.

use std::error::Error as _;
use std::sync::Once;
use std::time::Duration;

use ::http::{Request, Response};
use bytes::{Bytes, BytesMut};

use super::{Answering, Transport, TransportError};
use crate::target::Target;

/// The longest body that is read, in bytes.
pub const BODY_LIMIT: usize = 8 << 20;

/// Speaks HTTP to one base address.
#[derive(Debug)]
pub struct HttpTransport {
    base: String,
    client: reqwest::Client,
    timeout: Duration,
}

impl HttpTransport {
    /// Speaks to `target`; each request may take `timeout`.
    ///
    /// # Errors
    ///
    /// When the system gives no usable TLS configuration.
    pub fn new(target: &Target, timeout: Duration) -> Result<Self, TransportError> {
        let client = http_client(target.is_loopback(), timeout)?;
        Ok(HttpTransport { base: target.base().to_owned(), client, timeout })
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let (parts, body) = request.into_parts();
        let url = format!("{}{}", self.base, parts.uri);
        let sending = self.client.request(parts.method, url).headers(parts.headers).body(body).send();
        let mut answer = sending.await.map_err(|error| self.failure(error))?;

        let mut response = Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            headers.clone_from(answer.headers());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.failure(error))? {
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(TransportError::TooLarge { limit: BODY_LIMIT });
            }
            body.extend_from_slice(&chunk);
        }
        response.body(body.freeze()).map_err(|error| TransportError::Broken(error.to_string()))
    }

    fn failure(&self, error: reqwest::Error) -> TransportError {
        let error = error.without_url();
        if error.is_timeout() {
            return TransportError::Timeout(self.timeout);
        }
        let reason = root_cause(&error);
        if error.is_connect() { TransportError::Connect(reason) } else { TransportError::Broken(reason) }
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: Request<Bytes>) -> Answering<'_> {
        Box::pin(self.exchange(request))
    }

    fn address(&self) -> Option<&str> {
        Some(&self.base)
    }
}

/// The only maker of HTTP clients in this crate: one that exists has its TLS provider installed.
fn http_client(loopback: bool, timeout: Duration) -> Result<reqwest::Client, TransportError> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Fails only when a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("rehearsal-check/", env!("CARGO_PKG_VERSION")))
        .timeout(timeout);
    let builder = if loopback { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| TransportError::Connect(root_cause(&error)))
}

/// The innermost cause, which is the one that says something ("connection refused").
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if error.source().is_none() { error.to_string() } else { cause.to_string() }
}
