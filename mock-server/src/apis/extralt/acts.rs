//! What requests do, in either dialect: a decision of the model, carried out.

use crate::apis::dialect::Call;
use crate::apis::extralt::problem::Problem;
use crate::model::RunId;
use crate::model::circumstances::Circumstances;
use crate::model::extralt::create::{Decision, Refusal};
use crate::model::extralt::state::{Command, State};
use crate::world::log;
use crate::world::state::WorldState;

/// What a request has led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Made {
    /// The run it is about.
    pub(super) run: RunId,
    /// Whether the request began it, and it was not there before.
    pub(super) began: bool,
}

/// Lets the model decide, and does what it says.
pub(super) fn decided(
    call: &Call<'_>,
    world: &mut WorldState,
    decide: impl FnOnce(&State, &Circumstances<'_>) -> Result<Decision, Refusal>,
) -> Result<Made, Problem> {
    let around = world.circumstances(call.identity.digest, call.body, call.now);
    match decide(world.extralt(), &around)? {
        Decision::Existing(run) => Ok(Made { run, began: false }),
        Decision::Again(run, attempt) => {
            apply(call, world, Command::Again { run, attempt })?;
            Ok(Made { run, began: false })
        }
        Decision::New(record) => {
            let id = std::sync::Arc::clone(&record.id);
            apply(call, world, Command::Create(record))?;
            let (run, _) = world.extralt().find_any(&id).ok_or_else(|| Problem::not_found("run"))?;
            Ok(Made { run, began: true })
        }
    }
}

/// Carries out a command that has been accepted.
pub(super) fn apply(call: &Call<'_>, world: &mut WorldState, command: Command) -> Result<(), Problem> {
    Ok(world.apply(log::Command::Extralt(command), call.now, call.real)?)
}
