//! `GET` and `PUT /_rehearsal/scenario`.

use std::sync::Arc;
use std::{iter, slice};

use axum::Json;
use axum::extract::{Request, State};
use axum::response::IntoResponse;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::{Mode, VirtualTime};
use crate::control::body::{StrictQuery, text};
use crate::control::error::ControlError;
use crate::control::select::{self, Key, Selected};
use crate::control::worlds::start_again;
use crate::control::{Outcome, change};
use crate::scenario::{self, Scenario};
use crate::shared::Shared;
use crate::world::World;
use crate::world::log::Command;
use crate::world::registry::{SeedChoice, Template};
use crate::world::state::WorldState;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Put {
    key: Option<String>,
    /// Also start again at once.
    #[serde(default)]
    reset: bool,
    /// Only say what is wrong with it.
    #[serde(default)]
    dry_run: bool,
}

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    StrictQuery(key): StrictQuery<Key>,
    headers: HeaderMap,
) -> Outcome {
    if key.key.is_none() && shared.registry.is_empty() {
        let template = shared.registry.template();
        return Ok(Json(described(None, &template.scenario)).into_response());
    }
    let world = select::existing(&shared, key.key.as_deref(), &headers)?;
    let (real, _) = shared.now();
    let scenario = world.at(real, |state, _| Arc::clone(state.scenario()));
    Ok(Json(described(Some(world.id()), &scenario)).into_response())
}

pub(super) async fn put(
    State(shared): State<Arc<Shared>>,
    StrictQuery(put): StrictQuery<Put>,
    headers: HeaderMap,
    request: Request,
) -> Outcome {
    let text = text(request.into_body()).await?;
    let scenario = parse(&shared, &text)?;
    if put.dry_run {
        return Ok(Json(json!({ "valid": true, "scenario": described(None, &scenario)["scenario"] }))
            .into_response());
    }
    match select::any(&shared, put.key.as_deref(), &headers)? {
        Selected::Template => {
            let scenario = shared.registry.follow(scenario);
            Ok(Json(described(None, &scenario)).into_response())
        }
        Selected::One(world) => {
            let bodies = follow(&shared, slice::from_ref(&world), scenario, put.reset)?;
            Ok(Json(bodies.into_iter().next()).into_response())
        }
        Selected::All(worlds) => {
            let bodies = follow(&shared, &worlds, scenario, put.reset)?;
            Ok(Json(json!({ "worlds": bodies })).into_response())
        }
    }
}

fn parse(shared: &Shared, text: &str) -> Result<Scenario, ControlError> {
    if text.trim().is_empty() {
        return Err(ControlError::unprocessable(
            "empty_scenario",
            "the body is empty; send a scenario as YAML or JSON (version: 1 alone is the documented behaviour)",
        ));
    }
    let mut scenario = scenario::parse("request body", text).map_err(|diagnostics| {
        let message = format!("the scenario has mistakes ({}); nothing was changed", diagnostics.count());
        ControlError::unprocessable("invalid_scenario", message).with("diagnostics", diagnostics.to_json())
    })?;
    if scenario.accounts.is_empty() {
        spare_declared(shared, &mut scenario);
        return Ok(scenario);
    }
    Err(ControlError::unprocessable(
        "accounts_are_fixed",
        "accounts are declared when the server starts (serve --scenario); use account for what every key gets",
    ))
}

/// Leaves the account out of a scenario that comes after the start, where it concerns nobody: a declared key keeps what
/// was declared for it, and if any key is declared, all are.
pub(super) fn spare_declared(shared: &Shared, scenario: &mut Scenario) {
    scenario.account = scenario.account.take().filter(|_| shared.registry.declared() == 0);
}

/// What a world accepts that is to follow the scenario from now on.
pub(super) fn commands(shared: &Shared, scenario: &Arc<Scenario>) -> Vec<Command> {
    let mode = scenario.clock.mode.filter(|_| shared.registry.started().mode.is_none());
    let mode = mode.map(|_| Command::ClockMode(shared.registry.following(scenario).mode()));
    iter::once(Command::Scenario(Arc::clone(scenario))).chain(mode).collect()
}

/// Lets new runs of the worlds follow the scenario, and their clocks pass as it says. What only counts from the start
/// waits for the next reset, which may be at once.
fn follow(
    shared: &Shared,
    worlds: &[Arc<World>],
    scenario: Scenario,
    reset: bool,
) -> Result<Vec<Value>, ControlError> {
    let (real, wall) = shared.now();
    let scenario = Arc::new(scenario);
    let template = shared.registry.following(&scenario);
    // A world that starts again begins with the scenario, whatever room is left in its log.
    if !reset {
        let commands = commands(shared, &scenario);
        change::everywhere(shared, worlds, |_, _| Ok(commands.clone()))?;
    }
    let overruled = overruled(shared, &scenario);
    let bodies = worlds.iter().map(|world| {
        let waiting = if reset {
            start_again(shared, world, Some(&scenario));
            Vec::new()
        } else {
            world.at(real, |state, _| waiting(state, &template, wall))
        };
        let mut body = described(Some(world.id()), &scenario);
        body["applies_at_reset"] = json!(waiting);
        body["overruled_by_flags"] = json!(overruled);
        body
    });
    Ok(bodies.collect())
}

/// What the scenario of `template` gives and only a reset changes; nothing that a flag overrules.
fn waiting(state: &WorldState, template: &Template, wall: VirtualTime) -> Vec<&'static str> {
    let Scenario { seed, clock, .. } = &*template.scenario;
    let seed = seed.is_some() && template.seed() != state.stream().seed();
    let start =
        clock.start.is_some() && template.start.is_none() && template.start(wall) != state.origin().start;
    let world = template.scenario.world != state.origin().scenario.world;
    let all = [("seed", seed), ("clock.start", start), ("world", world)];
    all.into_iter().filter(|(_, waits)| *waits).map(|(name, _)| name).collect()
}

/// What the scenario gives and a flag of the server overrules.
fn overruled(shared: &Shared, scenario: &Scenario) -> Vec<&'static str> {
    let started = shared.registry.started();
    let seed = scenario.seed.is_some() && matches!(started.seed, SeedChoice::Given(_));
    let mode = scenario.clock.mode.is_some() && started.mode.is_some();
    let advance =
        scenario.clock.advance_per_request.is_some() && started.mode.is_some_and(|mode| mode != Mode::Manual);
    let all = [("seed", seed), ("clock.mode", mode), ("clock.advance-per-request", advance)];
    all.into_iter().filter(|(_, overruled)| *overruled).map(|(name, _)| name).collect()
}

fn described(world: Option<&str>, scenario: &Scenario) -> Value {
    json!({
        "world": world,
        "scenario": {
            "name": scenario.name,
            "description": scenario.description,
            "seed": scenario.seed,
            "runs": scenario.runs.len(),
        },
    })
}
