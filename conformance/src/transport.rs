//! How the harness speaks to a server: over HTTP, or straight into an in-process service.

pub mod http;
pub mod in_process;
pub(crate) mod showing;

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use ::http::{Request, Response};
use bytes::Bytes;
use thiserror::Error;

/// The future of one answer.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send + 'a>>;

/// Carries one request at a time to one server.
///
/// The URI of a request is path and query only; the transport knows where the server is.
pub trait Transport: Debug + Send + Sync {
    /// Sends `request` and collects the whole answer.
    fn send(&self, request: Request<Bytes>) -> Answering<'_>;

    /// Where the server is, if it has a socket.
    fn address(&self) -> Option<&str> {
        None
    }
}

/// Why there is no whole answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TransportError {
    /// No connection could be made.
    #[error("could not connect: {0}")]
    Connect(String),
    /// The server did not finish answering in time.
    #[error("no complete answer within {0:?}")]
    Timeout(std::time::Duration),
    /// The body is longer than the harness reads.
    #[error("the answer's body is longer than {limit} bytes, which is all the harness reads")]
    TooLarge {
        /// The most bytes that are read.
        limit: usize,
    },
    /// The connection broke, or what came was not HTTP.
    #[error("the connection broke before the answer was complete: {0}")]
    Broken(String),
}
