//! Enrichments: what is asked of them, in either dialect.

use serde_json::Value;

use crate::apis::dialect::Call;
use crate::apis::extralt::acts::{self, Made};
use crate::apis::extralt::problem::Problem;
use crate::apis::extralt::runs::budget;
use crate::model::extralt::create;
use crate::model::extralt::run::Kind;
use crate::world::state::WorldState;

/// Starts an enrichment, or lets one go on.
pub(super) fn create(call: &Call<'_>, world: &mut WorldState) -> Result<Made, Problem> {
    let text = |name: &str| call.body.pointer(name).and_then(Value::as_str).unwrap_or_default();
    let (kind, what) = match text("/source/kind") {
        "import" => (Kind::Import, "import"),
        _ => (Kind::Run, "run"),
    };
    let found = world.extralt().find(kind, text("/source/id"));
    let (source, _) = found.ok_or_else(|| Problem::not_found(what))?;
    let budget = budget(call.body);
    acts::decided(call, world, |state, around| create::enrichment(state, source, budget, around))
}
