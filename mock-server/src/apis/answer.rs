//! An answer between its handler and its client, as faults change it.

use axum::body::Body;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};

use crate::apis::stream::Streamed;

/// An answer on its way out.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Leaving,
}

/// The body of an answer on its way out.
#[derive(Debug)]
pub(crate) enum Leaving {
    /// In memory.
    Whole(Bytes),
    /// Written while it is sent.
    Stream(Streamed),
    /// None.
    Nothing,
}

impl Answer {
    /// An answer with this body in memory.
    pub(crate) fn whole(status: StatusCode, headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        Self { status, headers, body: Leaving::Whole(body.into()) }
    }

    /// Whether its body is called JSON.
    pub(crate) fn is_json(&self) -> bool {
        let sent = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = sent.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        essence == "application/json" || essence.ends_with("+json")
    }

    /// Its body, if that is called JSON and in memory.
    pub(crate) fn json(&self) -> Option<&Bytes> {
        match &self.body {
            Leaving::Whole(body) if self.is_json() => Some(body),
            Leaving::Whole(_) | Leaving::Stream(_) | Leaving::Nothing => None,
        }
    }
}

impl Leaving {
    /// The body of the response. One that is written while it is sent is written from here on.
    pub(crate) fn sent(self) -> Body {
        match self {
            Self::Whole(bytes) => Body::from(bytes),
            Self::Stream(streamed) => streamed.body(),
            Self::Nothing => Body::empty(),
        }
    }
}
