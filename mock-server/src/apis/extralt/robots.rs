//! Robots and their building.

use serde_json::Value;

use crate::apis::dialect::Call;
use crate::apis::extralt::acts::{self, Made};
use crate::apis::extralt::problem::Problem;
use crate::apis::extralt::shown::find;
use crate::model::RunId;
use crate::model::extralt::create;
use crate::model::extralt::run::Kind;
use crate::model::extralt::state::Command;
use crate::world::state::WorldState;

/// A robot for the shop at `url`, whose country stands in the field `country`: a new one, or the one that is there.
pub(super) fn build(call: &Call<'_>, world: &mut WorldState, country: &str) -> Result<Made, Problem> {
    let text = |name: &str| call.body.get(name).and_then(Value::as_str).unwrap_or_default();
    acts::decided(call, world, |state, around| create::robot(state, text("url"), text(country), around))
}

/// Whether the robot is built.
pub(super) fn is_built(world: &WorldState, id: RunId) -> bool {
    world.extralt().built().contains(id)
}

/// Deletes the robot that the path names.
pub(super) fn delete(call: &Call<'_>, world: &mut WorldState, built: bool) -> Result<(), Problem> {
    let found = find(call, world.extralt(), Kind::Robot, call.path("id"));
    let (id, _) =
        found.filter(|(id, _)| !built || is_built(world, *id)).ok_or_else(|| Problem::not_found("robot"))?;
    acts::apply(call, world, Command::DeleteRobot(id))
}
