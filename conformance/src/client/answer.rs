//! What an answer asks of the one who waits for it, and how it is kept.

use std::time::Duration;

use bytes::Bytes;
use fixtures::exchange::Response;
use fixtures::exchange::body::Body;
use http::StatusCode;

/// The longest `Retry-After` that is waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The shortest pause. A server may round its own down to nothing.
const SHORTEST_WAIT: Duration = Duration::from_millis(500);

/// How long to wait before asking again, if the server asked for a pause.
pub(super) fn pause(answer: &http::Response<Bytes>) -> Option<Duration> {
    if answer.status() != StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    let seconds = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    Some(Duration::from_secs(seconds.unwrap_or(1)).clamp(SHORTEST_WAIT, LONGEST_WAIT))
}

/// The answer as it stands in the record.
pub(super) fn recorded(answer: &http::Response<Bytes>) -> Response {
    let headers = answer.headers().iter();
    Response {
        status: answer.status().as_u16(),
        headers: headers
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        body: Body::of(answer.body()),
    }
}
