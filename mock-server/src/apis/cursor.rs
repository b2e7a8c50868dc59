//! Cursors of lists: opaque to clients, and good only for the world, the list and the filter that they were made for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::apis::dialect::Call;
use crate::seed::Digest;
use crate::world::state::WorldState;

/// The longest cursor that is looked at, in bytes; those that are given are far shorter.
const LENGTH_MAX: usize = 4 * 1024;

/// A text that is no cursor of this list: it is malformed, or of another world, list or filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a cursor that this list has given")]
pub struct NoCursor;

#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    version: u8,
    after: String,
    seal: String,
}

/// The cursor of the page that begins behind `after`, in a list of which `filter` says what it shows.
pub fn after(call: &Call<'_>, world: &WorldState, filter: &str, after: &str) -> String {
    let cursor = Cursor { version: 1, after: after.to_owned(), seal: seal(call, world, filter, after) };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
}

/// Behind what the page begins that a client asks for with `text`; `None` for the first one, which no text or an empty
/// one asks for.
///
/// # Errors
///
/// [`NoCursor`], for whatever this list with this filter has not given.
pub fn read(
    call: &Call<'_>,
    world: &WorldState,
    filter: &str,
    text: Option<&str>,
) -> Result<Option<String>, NoCursor> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|_| text.len() <= LENGTH_MAX);
    bytes
        .and_then(|bytes| serde_json::from_slice::<Cursor>(&bytes).ok())
        .filter(|cursor| cursor.version == 1 && cursor.seal == seal(call, world, filter, &cursor.after))
        .map(|cursor| Some(cursor.after))
        .ok_or(NoCursor)
}

/// A filter that is everything `said` of a list, by a query or a body, but for the members of these names, which say
/// only where a page begins and how long it is.
pub fn filter(said: &Map<String, Value>, but: &[&str]) -> String {
    let counts = |(name, _): &(&String, &Value)| !but.contains(&name.as_str());
    let said = said.iter().filter(counts).map(|(name, value)| (name.clone(), value.clone())).collect();
    format!("{:016x}", Digest::of("filter", "", &[], Some(&Value::Object(said))).0)
}

/// What nobody can write who does not know the world's draws.
fn seal(call: &Call<'_>, world: &WorldState, filter: &str, after: &str) -> String {
    let digest = Digest::of(call.operation, call.route, &[], Some(&json!([filter, after])));
    format!("{:032x}", world.stream().draws("cursor", digest, 0).bits())
}

#[cfg(test)]
mod tests;
