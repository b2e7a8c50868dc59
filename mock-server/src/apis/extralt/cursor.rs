//! The cursors of Extralt's lists. How they are made is our choice; the one published cursor of v1 is base64 of an object
//! with `version` and `after` too.

use crate::apis::cursor;
use crate::apis::dialect::Call;
use crate::apis::extralt::problem::Problem;
use crate::world::state::WorldState;

pub(super) use crate::apis::cursor::after;

/// Behind what the page begins that a client asks for; `None` for the first one.
pub(super) fn asked(call: &Call<'_>, world: &WorldState, filter: &str) -> Result<Option<String>, Problem> {
    cursor::read(call, world, filter, call.text("cursor"))
        .map_err(|_| Problem::bad_request("cursor is not one that this list has given"))
}
