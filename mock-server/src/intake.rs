//! Takes in request bodies, within bounds. A body nobody wants is read all the same: an answer sent while the client
//! is still sending is lost about every other time.

use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

/// How much of a refused request's body is read and thrown away before it is answered, in bytes: more than the largest
/// body that any operation takes.
pub const DRAIN_MAX: usize = 128 * 1024 * 1024;

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
    let mut bytes = Vec::new();
    let taken = feed(body, most, |data| match data {
        Some(data) => bytes.extend_from_slice(data),
        None => bytes = Vec::new(),
    });
    taken.await?;
    Ok(bytes.into())
}

/// Passes a body of at most `most` bytes on to `each` as it arrives, and keeps nothing of it. From where it is too large
/// it is read to its end, up to [`DRAIN_MAX`], before it is refused; `each` hears of that once, as `None`: what it was
/// given is not wanted any more.
pub async fn feed(body: Body, most: usize, mut each: impl FnMut(Option<&[u8]>)) -> Result<(), NoBody> {
    let mut limited = Limited::new(body, DRAIN_MAX.max(most));
    let mut length = 0;
    while let Some(frame) = limited.frame().await {
        match frame {
            Ok(frame) => {
                let Ok(data) = frame.into_data() else { continue };
                let fitted = length <= most;
                length += data.len();
                if length <= most {
                    each(Some(&data));
                } else if fitted {
                    each(None);
                }
            }
            Err(error) if error.is::<LengthLimitError>() => return Err(NoBody::TooLarge(most)),
            Err(_) => return Err(NoBody::Incomplete),
        }
    }
    if length > most { Err(NoBody::TooLarge(most)) } else { Ok(()) }
}

/// Reads a body nobody wants, up to [`DRAIN_MAX`].
pub async fn drain(body: Body) {
    let mut limited = Limited::new(body, DRAIN_MAX);
    while let Some(Ok(_)) = limited.frame().await {}
}
