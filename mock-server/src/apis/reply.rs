//! What a handler answers with.

use std::fmt;
use std::io;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

/// Tells generated clients, which otherwise go by the status, whether to make a request again.
pub const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");
use crate::blobs::Blob;

/// An answer before it becomes an HTTP response.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// Headers beside those that every answer of the API has; one of the same name takes the place of theirs. So does
    /// a content type, without which a body is JSON; an answer without a body has none, whatever stands here.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Body,
    /// The run it is about, by its client's id; for the journal.
    pub run: Option<Box<str>>,
    /// Whether the request began that run.
    pub began: bool,
}

/// Writes a body from its beginning to its end, on a thread of its own. It should write, or flush, what it has at least
/// every few megabytes: only there does it learn that nobody reads it any more, and an error of a write is its sign to
/// end.
pub type Writer = Box<dyn FnOnce(&mut (dyn io::Write + Send)) -> io::Result<()> + Send>;

/// The body of a [`Reply`].
pub enum Body {
    /// Made already.
    Ready(Bytes),
    /// Made once the world's lock is released, because making it takes long.
    Later(Box<dyn FnOnce() -> Bytes + Send>),
    /// Written while it is sent, because it may be larger than what should be in memory. The answer has left by then:
    /// an error of the writer cuts it off.
    Stream(Writer),
    /// None at all, as a 204 has it.
    Empty,
}

impl Reply {
    /// An answer with a small body, made at once.
    pub fn json(status: StatusCode, body: &impl Serialize) -> Self {
        Self::ready(status, json_bytes(body))
    }

    /// An answer with this body, which is JSON.
    pub fn ready(status: StatusCode, body: Bytes) -> Self {
        Self::with(status, Body::Ready(body))
    }

    /// An answer whose body, which is JSON, is made after the world's lock is released.
    pub fn later(status: StatusCode, make: impl FnOnce() -> Bytes + Send + 'static) -> Self {
        Self::with(status, Body::Later(Box::new(make)))
    }

    /// An answer whose body is written while it is sent.
    pub fn stream(
        status: StatusCode,
        content_type: HeaderValue,
        write: impl FnOnce(&mut (dyn io::Write + Send)) -> io::Result<()> + Send + 'static,
    ) -> Self {
        Self::with(status, Body::Stream(Box::new(write))).typed(content_type)
    }

    /// An answer whose body is this file. One that is not in memory is read while it is sent.
    pub fn file(status: StatusCode, content_type: HeaderValue, blob: &Blob) -> Self {
        match blob.in_memory() {
            Some(bytes) => Self::ready(status, bytes).typed(content_type),
            None => {
                let blob = blob.clone();
                Self::stream(status, content_type, move |out| blob.copy_to(out))
            }
        }
    }

    /// An answer without a body and without a content type.
    pub fn empty(status: StatusCode) -> Self {
        Self::with(status, Body::Empty)
    }

    fn with(status: StatusCode, body: Body) -> Self {
        Self { status, headers: Vec::new(), body, run: None, began: false }
    }

    /// The same answer with this header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same answer, which tells clients not to make the request again.
    #[must_use]
    pub fn not_to_be_retried(self) -> Self {
        self.header(SHOULD_RETRY, HeaderValue::from_static("false"))
    }

    /// The same answer, whose body is called this.
    #[must_use]
    pub fn typed(self, content_type: HeaderValue) -> Self {
        self.header(CONTENT_TYPE, content_type)
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

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(bytes) => formatter.debug_tuple("Ready").field(bytes).finish(),
            Self::Later(_) => formatter.write_str("Later"),
            Self::Stream(_) => formatter.write_str("Stream"),
            Self::Empty => formatter.write_str("Empty"),
        }
    }
}

/// A body as JSON text.
pub fn json_bytes(body: &impl Serialize) -> Bytes {
    // Wire types hold strings, numbers and lists of them, and nothing that fails to be written.
    serde_json::to_vec(body).map(Bytes::from).unwrap_or_default()
}
