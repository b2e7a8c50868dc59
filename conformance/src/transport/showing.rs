//! A way to a server that wants to be shown something with every request. What it is stands in no record.

use std::sync::Arc;

use ::http::{HeaderName, HeaderValue, Request};
use bytes::Bytes;

use super::{Answering, Transport};

/// Adds one header to every request on its way, after it was recorded.
#[derive(Debug)]
pub(crate) struct Showing {
    way: Arc<dyn Transport>,
    name: HeaderName,
    value: HeaderValue,
}

impl Showing {
    /// Shows `value` as the header `name` to whoever is at the end of `way`.
    pub(crate) fn new(way: Arc<dyn Transport>, name: HeaderName, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        Self { way, name, value }
    }
}

impl Transport for Showing {
    fn send(&self, mut request: Request<Bytes>) -> Answering<'_> {
        request.headers_mut().insert(self.name.clone(), self.value.clone());
        self.way.send(request)
    }
}
