//! What a handler answers with.

use std::fmt;

use bytes::Bytes;
use http::StatusCode;
use serde::Serialize;

/// An answer before it becomes an HTTP response. The body is JSON.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: Body,
    /// The run it is about, by its client's id; for the journal.
    pub run: Option<Box<str>>,
    /// Whether the request began that run.
    pub began: bool,
}

/// The body of a [`Reply`].
pub enum Body {
    /// Made already.
    Ready(Bytes),
    /// Made once the world's lock is released, because making it takes long.
    Later(Box<dyn FnOnce() -> Bytes + Send>),
}

impl Reply {
    /// An answer with a small body, made at once.
    pub fn json(status: StatusCode, body: &impl Serialize) -> Self {
        Self::ready(status, json_bytes(body))
    }

    /// An answer with this body.
    pub fn ready(status: StatusCode, body: Bytes) -> Self {
        Self { status, body: Body::Ready(body), run: None, began: false }
    }

    /// An answer whose body is made after the world's lock is released.
    pub fn later(status: StatusCode, make: impl FnOnce() -> Bytes + Send + 'static) -> Self {
        Self { status, body: Body::Later(Box::new(make)), run: None, began: false }
    }

    /// The same answer, about this run.
    #[must_use]
    pub fn about(mut self, run: &str) -> Self {
        self.run = Some(run.into());
        self
    }

    /// The same answer, about this run, which the request began.
    #[must_use]
    pub fn began(self, run: &str) -> Self {
        Self { began: true, ..self.about(run) }
    }
}

impl Body {
    /// The bytes of the body.
    pub fn make(self) -> Bytes {
        match self {
            Self::Ready(bytes) => bytes,
            Self::Later(make) => make(),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(bytes) => formatter.debug_tuple("Ready").field(bytes).finish(),
            Self::Later(_) => formatter.write_str("Later"),
        }
    }
}

/// A body as JSON text.
pub fn json_bytes(body: &impl Serialize) -> Bytes {
    // Wire types hold strings, numbers and lists of them, and nothing that fails to be written.
    serde_json::to_vec(body).map(Bytes::from).unwrap_or_default()
}
