//! Presigned addresses: where the bytes of a file are sent to or read from without a key. The vendor's lead to another
//! service; that ours are served here is our choice.

use std::time::Duration;

use http::header::CONTENT_DISPOSITION;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::apis::dialect::Call;
use crate::apis::llama_extract::acts;
use crate::apis::llama_extract::problem::{Problem, say};
use crate::apis::llama_extract::shown::instant;
pub(super) use crate::apis::presigned::Purpose;
use crate::apis::presigned::{Grant, TOKEN, UNKNOWN_TOKEN, address};
use crate::apis::reply::Reply;
use crate::model::llama_extract::file::{File, FileId};
use crate::model::llama_extract::state::Command;
use crate::world::state::WorldState;

/// How long an address works if nobody says it. No document does.
const USUAL: Duration = Duration::from_secs(60 * 60);
/// The longest that one works, whatever is asked for: a week, as such addresses do elsewhere.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// An address for this file, as `PresignedUrl` has it.
pub(super) fn presigned(call: &Call<'_>, world: &WorldState, file: FileId, purpose: Purpose) -> Value {
    let asked = call.query.get("expires_at_seconds").and_then(Value::as_u64).map(Duration::from_secs);
    let expires = call.now.after(asked.unwrap_or(USUAL).min(LONGEST));
    let token = Grant { purpose, file: file.0, expires }.token(world.stream());
    json!({ "url": address(call.base, &token), "expires_at": instant(expires), "form_fields": null })
}

/// The file that the token of the request is for, if it may still be used for this.
fn granted<'a>(
    call: &Call<'_>,
    world: &'a WorldState,
    purpose: Purpose,
) -> Result<(FileId, &'a File), Problem> {
    let unknown = || Problem::new(StatusCode::NOT_FOUND, UNKNOWN_TOKEN);
    let refused = |why: &str| Err(Problem::new(StatusCode::FORBIDDEN, why));
    let grant = Grant::of(call.path(TOKEN), world.stream()).ok_or_else(unknown)?;
    let files = world.llama_extract().files();
    let file = files.get(grant.file).filter(|_| files.holds(grant.file)).ok_or_else(unknown)?;
    if grant.purpose != purpose {
        return refused("This presigned address is for something else");
    }
    if call.now >= grant.expires {
        return refused("This presigned address has expired");
    }
    Ok((FileId(grant.file), file))
}

/// Takes the bytes of a file that was announced, once.
pub(super) fn upload(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(uploaded(call, world))
}

fn uploaded(call: &Call<'_>, world: &mut WorldState) -> Result<Reply, Problem> {
    let (id, file) = granted(call, world, Purpose::Upload)?;
    if file.content.is_some() {
        return Err(Problem::new(StatusCode::FORBIDDEN, "This presigned address has been used"));
    }
    // The pipeline has read the whole body, or refused the request.
    let blob = call.blob().cloned().ok_or_else(|| Problem::bad_request("The request brings no bytes"))?;
    acts::apply(call, world, Command::FillFile(id, blob))?;
    Ok(Reply::empty(StatusCode::OK))
}

/// The bytes of a file.
pub(super) fn download(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(granted(call, world, Purpose::Download).and_then(|(_, file)| {
        let blob = file.content.as_ref().ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, UNKNOWN_TOKEN))?;
        let name = crate::apis::disposition::attachment(&file.record.name);
        Ok(Reply::file(StatusCode::OK, BYTES, blob).header(CONTENT_DISPOSITION, name))
    }))
}
