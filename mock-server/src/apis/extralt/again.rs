//! `Idempotency-Key`: a request that is made again is answered again, and does nothing twice (published client 0.4.0; how
//! v0 takes it is our choice).

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde_json::json;

use crate::apis::dialect::Call;
use crate::apis::extralt::problem::Problem;
use crate::apis::reply::{Body, Reply};
use crate::idempotency::{Answer, Look};
use crate::seed::Digest;
use crate::world::log;
use crate::world::state::WorldState;

/// The longest key, in bytes. The contract of v1 says the same; v0 has none to say it.
const KEY_MAX: usize = 255;

/// Answers a request that may carry a key: as before if it was made before, else as `answer` says, which is remembered
/// if something came of it. A request that was refused may be made again with the same key.
pub(super) fn once(
    call: &Call<'_>,
    world: &mut WorldState,
    refuse: impl FnOnce(&Problem) -> Reply,
    answer: impl FnOnce(&Call<'_>, &mut WorldState) -> Reply,
) -> Reply {
    let Some(key) = call.header("idempotency-key").map(str::trim).filter(|key| !key.is_empty()) else {
        return answer(call, world);
    };
    if key.len() > KEY_MAX {
        let message = format!("Idempotency-Key must have no more than {KEY_MAX} bytes");
        return refuse(&Problem::bad_request(message));
    }
    let path: Vec<&str> = call.path.iter().map(|(_, value)| value.as_str()).collect();
    let name = json!([key, call.route, path]).to_string();
    let digest =
        Digest::of(call.operation, call.route, &[], Some(&json!([call.byte_digest().0, path, call.query])));
    match world.answered().look(&name, digest) {
        Look::Replay(before) => return replayed(before),
        Look::Conflict => {
            let message = "This Idempotency-Key was used with another request";
            return refuse(&Problem::conflict(message));
        }
        Look::New => {}
    }
    let reply = answer(call, world);
    if !reply.status.is_success() {
        return reply;
    }
    let (reply, body) = ready(reply);
    let content_type = reply.headers.iter().find(|(name, _)| *name == CONTENT_TYPE);
    let content_type = content_type.and_then(|(_, value)| value.to_str().ok()).map(Into::into);
    let remembered = log::Answered {
        name: name.into(),
        digest,
        answer: Answer { status: reply.status, content_type, body, run: reply.run.clone() },
    };
    match world.apply(log::Command::Answered(Arc::new(remembered)), call.now, call.real) {
        Ok(()) => reply,
        Err(full) => refuse(&full.into()),
    }
}

/// The same answer with its body made.
fn ready(reply: Reply) -> (Reply, Bytes) {
    let body = match reply.body {
        Body::Ready(bytes) => bytes,
        Body::Later(make) => make(),
        Body::Empty | Body::Stream(_) => Bytes::new(),
    };
    (Reply { body: Body::Ready(body.clone()), ..reply }, body)
}

fn replayed(answer: &Answer) -> Reply {
    let reply = written(answer);
    match &answer.run {
        Some(run) => reply.about(run),
        None => reply,
    }
}

fn written(answer: &Answer) -> Reply {
    if answer.body.is_empty() {
        return Reply::empty(answer.status);
    }
    let reply = Reply::ready(answer.status, answer.body.clone());
    match answer.content_type.as_deref().and_then(|it| HeaderValue::from_str(it).ok()) {
        Some(content_type) => reply.typed(content_type),
        None => reply,
    }
}
