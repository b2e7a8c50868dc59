//! Forms with a file (`multipart/form-data`, RFC 7578), read as they arrive: text fields into memory, within bounds, and
//! the file into a [`Blob`]. A form that does not arrive whole leaves nothing behind.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use futures_util::Stream;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use multer::{Constraints, Field, Multipart, SizeLimit};
use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::apis::dialect::Failure;
use crate::blobs::{Blob, NotKept, Quota, Writer};
use crate::intake::NoBody;
use crate::shared::BODY_MAX;

/// The most parts of a form.
pub const PARTS_MAX: usize = 64;
/// The longest text field, in bytes; the widespread frameworks for such servers have the same bound.
pub const FIELD_MAX: usize = 1024 * 1024;
/// What all text fields may take, in bytes: what a JSON body may.
pub const TEXT_MAX: usize = BODY_MAX;
/// What a form may hold beside its file and its text fields, in bytes: boundaries and the heads of its parts.
pub const FRAME_MAX: usize = 1024 * 1024;

/// How much is passed to the parser at a time, in bytes.
const PIECE: usize = 64 * 1024;
/// How much may have been passed to it without its having found anything, in bytes: it keeps what it looks through.
const AHEAD_MAX: usize = 2 * PIECE;

/// What a form of an operation holds.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// The name of the field that holds the file.
    pub file: &'static str,
    /// The largest file, in bytes. A larger one is answered 413, after draining.
    pub most: usize,
}

/// A form that has arrived.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Form {
    /// Its text fields, each a string; of several with one name the last. An empty one counts as absent, because clients
    /// send those for what was not given.
    pub fields: Map<String, Value>,
    /// Its file, if one was sent; of several the last.
    pub file: Option<Attached>,
}

/// The file of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// The name of its field.
    pub field: String,
    /// What it is called; empty if nothing was said.
    pub name: String,
    /// What its client takes it for.
    pub content_type: Option<String>,
    /// Its bytes.
    pub blob: Blob,
}

/// Why a body is no form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NoForm {
    /// It is not called one.
    #[error("the request body must be multipart/form-data")]
    NotMultipart,
    /// It is called one and does not say where its parts end.
    #[error("the content type multipart/form-data must name a boundary")]
    NoBoundary,
    /// It is not made of parts, or ends before its last one does.
    #[error("the request body is no well-formed multipart/form-data")]
    Malformed,
    /// A part has no name.
    #[error("every part of the form must have a name")]
    Unnamed,
    /// A text field is not UTF-8.
    #[error("the text fields of the form must be UTF-8")]
    NotText,
    /// It has more than [`PARTS_MAX`] parts.
    #[error("the form has more than {PARTS_MAX} parts")]
    TooManyParts,
    /// A text field is longer than [`FIELD_MAX`], or all together are than [`TEXT_MAX`].
    #[error("the text fields of the form may have {FIELD_MAX} bytes each and {TEXT_MAX} together")]
    TextTooLong,
}

impl Form {
    /// Its fields as the members of a JSON object, each a text; its file as what that is called.
    pub fn members(&self) -> Value {
        let mut members = self.fields.clone();
        if let Some(file) = &self.file {
            members.insert(file.field.clone(), file.name.clone().into());
        }
        Value::Object(members)
    }

    /// All of it as one JSON object, with the file as what is known of it. The same form always is the same, whatever its
    /// boundary was: it is what the request asks for, and what is written down of it.
    pub fn described(&self) -> Value {
        let mut members = self.fields.clone();
        if let Some(Attached { field, name, content_type, blob }) = &self.file {
            let file = json!({
                "name": name,
                "content_type": content_type,
                "bytes": blob.len(),
                "sha256": blob.hex_digest(),
            });
            members.insert(field.clone(), file);
        }
        Value::Object(members)
    }
}

/// Reads a form whose file counts towards `quota`.
///
/// Beside the file's own [`crate::blobs::IN_MEMORY_MAX`] it takes up to [`TEXT_MAX`] and [`AHEAD_MAX`] bytes of memory.
pub(crate) async fn read(
    body: Body,
    expected: Expected,
    headers: &HeaderMap,
    quota: &Quota,
) -> Result<Form, Failure> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = match multer::parse_boundary(content_type.unwrap_or_default()) {
        Ok(boundary) => boundary,
        Err(multer::Error::NoBoundary) => return Err(Failure::Form(NoForm::NoBoundary)),
        Err(_) => return Err(Failure::Form(NoForm::NotMultipart)),
    };
    let most = (expected.most + TEXT_MAX + FRAME_MAX) as u64;
    if body.size_hint().lower() > most {
        return Err(Failure::Body(NoBody::TooLarge(expected.most)));
    }
    let limits = Constraints::new().size_limit(SizeLimit::new().whole_stream(most));
    let ahead = Arc::new(AtomicUsize::new(0));
    let pieces = Pieces { body, rest: Bytes::new(), paused: false, ahead: Arc::clone(&ahead) };
    let mut parts = Multipart::with_constraints(pieces, boundary, limits);
    let mut form = Form::default();
    let (mut count, mut text) = (0, 0);
    let said = |error| said(&error, expected.most);
    while let Some(mut part) = parts.next_field().await.map_err(said)? {
        ahead.store(0, Ordering::Relaxed);
        count += 1;
        if count > PARTS_MAX {
            return Err(Failure::Form(NoForm::TooManyParts));
        }
        let Some(name) = part.name().map(str::to_owned) else { return Err(Failure::Form(NoForm::Unnamed)) };
        if part.file_name().is_some() {
            // What nobody asked for is let pass.
            let wanted = name == expected.file;
            let mut file = wanted.then(|| Writer::new(quota, expected.most as u64));
            while let Some(chunk) = part.chunk().await.map_err(said)? {
                ahead.store(0, Ordering::Relaxed);
                if let Some(file) = &mut file {
                    file.append(&chunk).await.map_err(Failure::from)?;
                }
            }
            if let Some(file) = file {
                form.attach(name, &part, file.finish().await?);
            }
        } else {
            let mut value = Vec::new();
            while let Some(chunk) = part.chunk().await.map_err(said)? {
                ahead.store(0, Ordering::Relaxed);
                text += chunk.len();
                if text > TEXT_MAX || value.len() + chunk.len() > FIELD_MAX {
                    return Err(Failure::Form(NoForm::TextTooLong));
                }
                value.extend_from_slice(&chunk);
            }
            let value = String::from_utf8(value).map_err(|_| Failure::Form(NoForm::NotText))?;
            if value.is_empty() {
                form.fields.remove(&name);
            } else {
                form.fields.insert(name, value.into());
            }
        }
    }
    Ok(form)
}

impl Form {
    fn attach(&mut self, field: String, part: &Field<'_>, blob: Blob) {
        let name = part.file_name().unwrap_or_default().to_owned();
        // Browsers send this where no file was chosen.
        let is_absent = name.is_empty() && blob.is_empty();
        let content_type = part.content_type().map(ToString::to_string);
        self.file = (!is_absent).then_some(Attached { field, name, content_type, blob });
    }
}

/// What an error of the parser means.
fn said(error: &multer::Error, most: usize) -> Failure {
    match error {
        multer::Error::StreamReadFailed(cause) if cause.is::<Lost>() => Failure::Body(NoBody::Incomplete),
        multer::Error::StreamSizeExceeded { .. } => Failure::Body(NoBody::TooLarge(most)),
        _ => Failure::Form(NoForm::Malformed),
    }
}

impl From<NotKept> for Failure {
    fn from(not_kept: NotKept) -> Self {
        match not_kept {
            NotKept::TooLarge(most) => {
                Self::Body(NoBody::TooLarge(usize::try_from(most).unwrap_or(usize::MAX)))
            }
            not_kept => Self::NotKept(not_kept),
        }
    }
}

/// The body stopped before its end.
#[derive(Debug, Error)]
#[error("the body did not arrive whole")]
struct Lost;

/// The parser has found nothing for too long.
#[derive(Debug, Error)]
#[error("nothing of a form was found")]
struct Endless;

/// A body piece by piece. The parser would read on for as long as there is something to read, and keep it all: after
/// each piece it is told that there is nothing yet, so that it deals with what it has.
struct Pieces {
    body: Body,
    rest: Bytes,
    paused: bool,
    /// How much the parser got since it last found something.
    ahead: Arc<AtomicUsize>,
}

impl Stream for Pieces {
    type Item = Result<Bytes, axum::BoxError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if std::mem::take(&mut this.paused) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        while this.rest.is_empty() {
            match Pin::new(&mut this.body).poll_frame(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Err(_))) => return Poll::Ready(Some(Err(Lost.into()))),
                // Trailers say nothing of a form.
                Poll::Ready(Some(Ok(frame))) => this.rest = frame.into_data().unwrap_or_default(),
            }
        }
        let piece = this.rest.split_to(this.rest.len().min(PIECE));
        this.paused = true;
        if this.ahead.fetch_add(piece.len(), Ordering::Relaxed) > AHEAD_MAX {
            return Poll::Ready(Some(Err(Endless.into())));
        }
        Poll::Ready(Some(Ok(piece)))
    }
}

#[cfg(test)]
mod tests;
