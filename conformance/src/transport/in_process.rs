//! A server that is a function: requests go in, answers come out, no socket in between.

use std::fmt;
use std::future::Future;

use ::http::{Request, Response};
use bytes::Bytes;

use super::{Answering, Transport};

/// Hands every request to an async function.
pub struct InProcess<F>(F);

impl<F> InProcess<F> {
    /// Wraps `serve`, which is called once per request.
    pub fn new<T>(serve: F) -> Self
    where
        F: Fn(Request<Bytes>) -> T + Send + Sync,
        T: Future<Output = Response<Bytes>> + Send + 'static,
    {
        InProcess(serve)
    }
}

impl<F> fmt::Debug for InProcess<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("InProcess")
    }
}

impl<F, T> Transport for InProcess<F>
where
    F: Fn(Request<Bytes>) -> T + Send + Sync,
    T: Future<Output = Response<Bytes>> + Send + 'static,
{
    fn send(&self, request: Request<Bytes>) -> Answering<'_> {
        let answer = (self.0)(request);
        Box::pin(async move { Ok(answer.await) })
    }
}
