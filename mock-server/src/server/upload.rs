//! The body of a request on its way in: it may not stall, and what the answering side leaves of it is read before the
//! answer leaves.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;

use super::deadline::Deadline;

/// A body that fails once nothing of it has arrived for a while.
struct Timed {
    body: Incoming,
    deadline: Deadline,
}

/// The body stopped arriving.
#[derive(Debug, thiserror::Error)]
#[error("the body stopped arriving")]
struct Stalled;

impl http_body::Body for Timed {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.deadline.renew();
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        self.deadline.poll(context).map(|()| Some(Err(Stalled.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body that can be lent to whoever answers the request and read on afterwards.
#[derive(Debug, Clone)]
pub(super) struct Upload(Arc<Mutex<Body>>);

impl Upload {
    /// A body of which something arrives at least every `idle`.
    pub(super) fn new(body: Incoming, idle: Duration) -> Self {
        let timed = Timed { body, deadline: Deadline::new(idle) };
        Self(Arc::new(Mutex::new(Body::new(timed))))
    }
}

impl http_body::Body for Upload {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).size_hint()
    }
}
