//! Cursors of lists: opaque to clients, and good only for the organization, the list and the filter that they were made
//! for. How they are made is our choice; the one published cursor of v1 is base64 of an object with `version` and `after`
//! too.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::apis::dialect::Call;
use crate::apis::extralt::problem::Problem;
use crate::seed::Digest;
use crate::world::state::WorldState;

#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    version: u8,
    after: String,
    seal: String,
}

/// The cursor of the page that begins behind `after`, in a list of which `filter` says what it shows.
pub(super) fn after(call: &Call<'_>, world: &WorldState, filter: &str, after: &str) -> String {
    let cursor = Cursor { version: 1, after: after.to_owned(), seal: seal(call, world, filter, after) };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
}

/// Behind what the page begins that a client asks for; `None` for the first one.
pub(super) fn asked(call: &Call<'_>, world: &WorldState, filter: &str) -> Result<Option<String>, Problem> {
    let Some(text) = call.text("cursor").filter(|text| !text.is_empty()) else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let cursor = bytes.and_then(|bytes| serde_json::from_slice::<Cursor>(&bytes).ok());
    cursor
        .filter(|cursor| cursor.version == 1 && cursor.seal == seal(call, world, filter, &cursor.after))
        .map(|cursor| Some(cursor.after))
        .ok_or_else(|| Problem::bad_request("cursor is not one that this list has given"))
}

/// What nobody can write who does not know the world's draws.
fn seal(call: &Call<'_>, world: &WorldState, filter: &str, after: &str) -> String {
    let digest = Digest::of(call.operation, call.route, &[], Some(&json!([filter, after])));
    format!("{:032x}", world.stream().draws("cursor", digest, 0).bits())
}
