//! Takes in request bodies, within bounds. A body nobody wants is read all the same: an answer sent while the client
//! is still sending is lost about every other time.

use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

/// How much of a refused request's body is read and thrown away before it is answered, in bytes.
pub const DRAIN_MAX: usize = 64 * 1024 * 1024;

/// Why there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoBody {
    /// It is larger than this many bytes.
    TooLarge(usize),
    /// It did not arrive whole.
    Incomplete,
}

/// The whole body, at most `most` bytes. One that is too large is read to its end before it is refused, up to
/// [`DRAIN_MAX`].
pub async fn read(body: Body, most: usize) -> Result<Bytes, NoBody> {
    let mut limited = Limited::new(body, DRAIN_MAX);
    let mut bytes = Vec::new();
    let mut too_large = false;
    while let Some(frame) = limited.frame().await {
        match frame {
            Ok(frame) => {
                let Ok(data) = frame.into_data() else { continue };
                too_large |= bytes.len() + data.len() > most;
                if too_large {
                    bytes = Vec::new();
                } else {
                    bytes.extend_from_slice(&data);
                }
            }
            Err(error) if error.is::<LengthLimitError>() => return Err(NoBody::TooLarge(most)),
            Err(_) => return Err(NoBody::Incomplete),
        }
    }
    if too_large { Err(NoBody::TooLarge(most)) } else { Ok(bytes.into()) }
}

/// Reads a body nobody wants, up to [`DRAIN_MAX`].
pub async fn drain(body: Body) {
    let mut limited = Limited::new(body, DRAIN_MAX);
    while let Some(Ok(_)) = limited.frame().await {}
}
