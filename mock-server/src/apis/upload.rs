//! The bodies of requests on their way to a handler: JSON, which is read whole, and uploads, which may be larger than
//! what should be in memory. An upload is fed to a sink as it arrives; the handler finds what that made of it.

use std::any::Any;
use std::fmt;

use axum::body::Body;
use bytes::Bytes;
use fixtures::contract::Operation;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};
use serde_json::Value;

use crate::apis::dialect::Handler;
use crate::intake::{NoBody, feed, read};
use crate::journal;
use crate::seed::{ByteDigest, Digest};
use crate::shared::BODY_MAX;
use crate::validation::json;

/// How much of an upload is kept for the journal, in bytes: more than is shown, so that a key is also found where that
/// ends.
const KEPT: usize = 2 * journal::BODY_MAX;

/// Takes in an upload. It is fed between two reads of the connection, so what it does with a chunk should be quick, and
/// what it keeps has to have a bound of its own.
pub trait Sink: Send {
    /// The next bytes. Chunks are cut anywhere.
    fn feed(&mut self, chunk: &[u8]);
    /// All of it has arrived. Never called for an upload that is too large or incomplete.
    fn finish(self: Box<Self>) -> Uploaded;
}

/// What a sink made of an upload; its handler knows what that is.
pub type Uploaded = Box<dyn Any + Send>;

/// How an operation takes its body in as it arrives.
#[derive(Debug, Clone, Copy)]
pub struct Upload {
    /// The largest body, in bytes. A larger one is answered 413, after draining.
    pub most: usize,
    /// What takes it in. What is wrong with what is announced is the handler's to say: a request is refused in the
    /// order in which all are.
    pub sink: fn(&Announced<'_>) -> Box<dyn Sink>,
}

/// What is known of an upload before its first byte.
#[derive(Debug, Clone, Copy)]
pub struct Announced<'a> {
    /// What it is called, with its parameters; `None` if nothing or no text is said of it.
    pub content_type: Option<&'a str>,
    /// The pairs of the query, percent-decoded and not held against the contract yet.
    pub query: &'a [(String, String)],
}

/// What came of the body of a request.
pub(crate) struct Taken {
    /// It, or the beginning of an upload, for the journal.
    pub(crate) kept: Bytes,
    /// The body as JSON or why it is none; `None` of an operation that has none, or another.
    pub(crate) json: Option<Result<Value, String>>,
    /// The digest of an upload, and what its sink made of it.
    pub(crate) upload: Option<(Digest, Uploaded)>,
}

impl Taken {
    const NOTHING: Self = Self { kept: Bytes::new(), json: None, upload: None };
}

/// Takes the body of a request in, as its handler wants it.
pub(crate) async fn take(
    body: Body,
    meant: Option<(&Operation, Handler)>,
    headers: &HeaderMap,
    query: &[(String, String)],
) -> Result<Taken, NoBody> {
    let Some((operation, handler)) = meant else { return Ok(Taken::NOTHING) };
    let has_body = matches!(*operation.method(), Method::POST | Method::PUT | Method::PATCH);
    match handler {
        Handler::Upload(upload, _) => uploaded(body, upload, headers, query).await,
        _ if !has_body => Ok(Taken::NOTHING),
        // The contract describes no body that could be held against it.
        Handler::Json(_) | Handler::OptionalJson(_) if operation.request_schema().is_none() => {
            Ok(Taken::NOTHING)
        }
        Handler::OptionalJson(_) | Handler::NotStoodIn => {
            let kept = read(body, BODY_MAX).await?;
            let json = (!kept.is_empty()).then(|| json(&kept));
            Ok(Taken { kept, json, upload: None })
        }
        Handler::Json(_) => {
            let kept = read(body, BODY_MAX).await?;
            Ok(Taken { json: Some(json(&kept)), kept, upload: None })
        }
    }
}

async fn uploaded(
    body: Body,
    upload: Upload,
    headers: &HeaderMap,
    query: &[(String, String)],
) -> Result<Taken, NoBody> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mut sink = Some((upload.sink)(&Announced { content_type, query }));
    let mut digest = ByteDigest::default();
    let mut kept = Vec::new();
    let taken = feed(body, upload.most, |chunk| {
        if let (Some(chunk), Some(sink)) = (chunk, sink.as_mut()) {
            digest.feed(chunk);
            kept.extend_from_slice(&chunk[..chunk.len().min(KEPT - kept.len())]);
            sink.feed(chunk);
        } else {
            // What it has kept is free while the rest arrives.
            sink = None;
        }
    });
    taken.await?;
    let upload = sink.map(|sink| (digest.digest(), sink.finish()));
    Ok(Taken { kept: kept.into(), json: None, upload })
}

impl fmt::Debug for Taken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut taken = formatter.debug_struct("Taken");
        taken.field("kept", &self.kept).field("json", &self.json).finish_non_exhaustive()
    }
}
