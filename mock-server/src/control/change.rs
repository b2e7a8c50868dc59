//! Changes of one world or of several: each is asked before any is changed.

use std::sync::Arc;

use serde_json::json;

use crate::clock::{RealTime, VirtualTime};
use crate::control::error::ControlError;
use crate::shared::Shared;
use crate::world::World;
use crate::world::log::Command;
use crate::world::state::{LOG_MAX, LogFull, WorldState};

/// Lets every world accept the commands that `plan` gives for it. If one of them refuses, nothing is changed. Returns how many worlds got a command.
///
/// # Errors
///
/// The first refusal, with the world's public id.
pub(super) fn everywhere(
    shared: &Shared,
    worlds: &[Arc<World>],
    plan: impl Fn(&mut WorldState, VirtualTime) -> Result<Vec<Command>, ControlError>,
) -> Result<usize, ControlError> {
    let (real, _) = shared.now();
    let planned = |world: &World, state: &mut WorldState, now| {
        let commands = plan(state, now)?;
        let full = state.log().len() + commands.len() > LOG_MAX;
        if full { Err(log_full(world, LogFull)) } else { Ok(commands) }
    };
    if let [world] = worlds {
        // Nothing comes between: the world is asked and changed under one lock.
        return world.at(real, |state, now| {
            let commands = planned(world, state, now).map_err(|error| named(error, world))?;
            let changed = usize::from(!commands.is_empty());
            apply(world, state, commands, now, real)?;
            Ok(changed)
        });
    }
    let plans: Vec<Vec<Command>> = worlds
        .iter()
        .map(|world| {
            world.at(real, |state, now| planned(world, state, now)).map_err(|error| named(error, world))
        })
        .collect::<Result<_, _>>()?;
    let changed = plans.iter().filter(|commands| !commands.is_empty()).count();
    for (world, commands) in worlds.iter().zip(plans) {
        world.at(real, |state, now| apply(world, state, commands, now, real))?;
    }
    Ok(changed)
}

/// Lets a world accept commands under its lock.
pub(super) fn apply(
    world: &World,
    state: &mut WorldState,
    commands: impl IntoIterator<Item = Command>,
    now: VirtualTime,
    real: RealTime,
) -> Result<(), ControlError> {
    commands
        .into_iter()
        .try_for_each(|command| state.apply(command, now, real))
        .map_err(|full| named(log_full(world, full), world))
}

fn log_full(world: &World, full: LogFull) -> ControlError {
    ControlError::conflict("log_full", format!("{}: {full}", world.id()))
}

/// The refusal with the world whose it is.
fn named(error: ControlError, world: &World) -> ControlError {
    error.with("world", json!(world.id()))
}
