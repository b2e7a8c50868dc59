//! The bodies of requests on their way to a handler: JSON, which is read whole, and uploads, which may be larger than
//! what should be in memory. An upload is fed to a sink as it arrives, and the handler finds what that made of it; or it is
//! kept as a file, alone or within a form.

use std::any::Any;
use std::fmt;

use axum::body::{Body, HttpBody};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use fixtures::contract::Operation;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};
use http_body_util::BodyExt;
use serde_json::Value;

use crate::apis::dialect::{Failure, Handler};
use crate::apis::fetch::{Fetched, NotFetched};
use crate::apis::form::{self, Form};
use crate::apis::reply::json_bytes;
use crate::blobs::{Blob, Quota, Writer};
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

/// Where a JSON body may hold a file.
#[derive(Debug, Clone, Copy)]
pub struct Inline {
    /// The largest body, in bytes.
    pub most: usize,
    /// JSON pointer to the file's bytes in base64.
    pub base64: &'static str,
    /// JSON pointer to the file if that is a text.
    pub text: &'static str,
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
    /// The digest of a body that is a file.
    pub(crate) digest: Option<Digest>,
    /// What the sink of an upload made of it.
    pub(crate) uploaded: Option<Uploaded>,
    pub(crate) brought: Brought,
}

/// What a body brought that is kept.
#[derive(Debug)]
pub(crate) enum Brought {
    Nothing,
    Form(Form),
    Blob(Blob),
    /// It named what was fetched.
    Fetched(Result<Fetched, NotFetched>),
}

impl Taken {
    const NOTHING: Self =
        Self { kept: Bytes::new(), json: None, digest: None, uploaded: None, brought: Brought::Nothing };
}

/// Takes the body of a request in, as its handler wants it.
pub(crate) async fn take(
    body: Body,
    meant: Option<(&Operation, Handler)>,
    headers: &HeaderMap,
    query: &[(String, String)],
    quota: &Quota,
) -> Result<Taken, Failure> {
    let Some((operation, handler)) = meant else { return Ok(Taken::NOTHING) };
    let has_body = matches!(*operation.method(), Method::POST | Method::PUT | Method::PATCH);
    match handler {
        Handler::Upload(upload, _) => uploaded(body, upload, headers, query).await.map_err(Failure::Body),
        Handler::Form(expected, _) => {
            let form = form::read(body, expected, headers, quota).await?;
            let described = form.described();
            let (kept, json) = (json_bytes(&described), Some(Ok(described)));
            Ok(Taken { kept, json, brought: Brought::Form(form), ..Taken::NOTHING })
        }
        Handler::Blob(most, _) => blob(body, most, quota).await,
        Handler::Inline(inline, _) => held(body, inline, quota).await,
        // Whose request it is has been found by now.
        Handler::Presigned(_) => Ok(Taken::NOTHING),
        _ if !has_body => Ok(Taken::NOTHING),
        // The contract describes no body that could be held against it.
        Handler::Json(_) | Handler::OptionalJson(_) | Handler::Fetch(..)
            if operation.request_schema().is_none() =>
        {
            Ok(Taken::NOTHING)
        }
        Handler::OptionalJson(_) | Handler::NotStoodIn => {
            let kept = read(body, BODY_MAX).await.map_err(Failure::Body)?;
            let json = (!kept.is_empty()).then(|| json(&kept));
            Ok(Taken { kept, json, ..Taken::NOTHING })
        }
        Handler::Json(_) | Handler::Fetch(..) => {
            let kept = read(body, BODY_MAX).await.map_err(Failure::Body)?;
            Ok(Taken { json: Some(json(&kept)), kept, ..Taken::NOTHING })
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
    let (digest, uploaded) = (Some(digest.digest()), sink.map(Sink::finish));
    Ok(Taken { kept: kept.into(), digest, uploaded, ..Taken::NOTHING })
}

/// Keeps the file that a JSON body holds; one whose base64 is none is left to the handler to refuse.
async fn held(body: Body, inline: Inline, quota: &Quota) -> Result<Taken, Failure> {
    let kept = read(body, inline.most).await.map_err(Failure::Body)?;
    let json = json(&kept);
    let text =
        |pointer: &str| json.as_ref().ok().and_then(|body| body.pointer(pointer)).and_then(Value::as_str);
    let bytes = text(inline.base64).and_then(|text| STANDARD.decode(text).ok());
    let bytes = bytes.or_else(|| text(inline.text).map(|text| text.as_bytes().to_vec()));
    let brought = match bytes {
        Some(bytes) => {
            let mut file = Writer::new(quota, inline.most as u64);
            file.append(&bytes).await?;
            Brought::Blob(file.finish().await?)
        }
        None => Brought::Nothing,
    };
    Ok(Taken { kept, json: Some(json), brought, ..Taken::NOTHING })
}

/// Keeps a body that is a file. It takes [`crate::blobs::IN_MEMORY_MAX`] bytes of memory.
async fn blob(mut body: Body, most: usize, quota: &Quota) -> Result<Taken, Failure> {
    if body.size_hint().lower() > most as u64 {
        return Err(Failure::Body(NoBody::TooLarge(most)));
    }
    let mut file = Writer::new(quota, most as u64);
    let mut kept = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Err(Failure::Body(NoBody::Incomplete)) };
        let Ok(chunk) = frame.into_data() else { continue };
        kept.extend_from_slice(&chunk[..chunk.len().min(KEPT - kept.len())]);
        file.append(&chunk).await?;
    }
    let blob = file.finish().await?;
    let digest = Some(Digest::of_bytes("", "", &blob.digest()));
    Ok(Taken { kept: kept.into(), digest, brought: Brought::Blob(blob), ..Taken::NOTHING })
}

impl fmt::Debug for Taken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut taken = formatter.debug_struct("Taken");
        taken.field("kept", &self.kept).field("json", &self.json).finish_non_exhaustive()
    }
}
