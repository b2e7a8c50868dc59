//! What a connection owes its client, counted until the last byte of an answer has left the process.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};

/// The requests of one connection that have not been answered yet.
#[derive(Debug)]
pub(super) struct Activity {
    /// Those of all connections.
    total: Arc<AtomicUsize>,
    /// Requests whose answer is being made or taken over by HTTP.
    answering: AtomicUsize,
    /// Requests whose whole answer stands in HTTP's buffer, perhaps not sent.
    buffered: AtomicUsize,
}

impl Activity {
    pub(super) fn new(total: &Arc<AtomicUsize>) -> Arc<Self> {
        Arc::new(Self {
            total: Arc::clone(total),
            answering: AtomicUsize::new(0),
            buffered: AtomicUsize::new(0),
        })
    }

    /// Whether the client has nothing to do but wait.
    pub(super) fn is_answering(&self) -> bool {
        self.answering.load(Ordering::Relaxed) > 0
    }

    /// HTTP's buffer is empty.
    pub(super) fn flushed(&self) {
        let sent = self.buffered.swap(0, Ordering::Relaxed);
        self.total.fetch_sub(sent, Ordering::Relaxed);
    }
}

impl Drop for Activity {
    fn drop(&mut self) {
        self.flushed();
    }
}

/// One request, from its arrival until HTTP has taken over the last of its answer, or until it is dropped.
#[derive(Debug)]
pub(super) struct Answering(Arc<Activity>);

impl Answering {
    pub(super) fn new(activity: &Arc<Activity>) -> Self {
        activity.total.fetch_add(1, Ordering::Relaxed);
        activity.answering.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(activity))
    }

    /// The body of the answer, which keeps the request counted.
    pub(super) fn until_sent(self, body: Body) -> Body {
        Body::new(Counted { body, _request: self })
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.buffered.fetch_add(1, Ordering::Relaxed);
        self.0.answering.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A body whose request counts for as long as it lives.
struct Counted {
    body: Body,
    _request: Answering,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
