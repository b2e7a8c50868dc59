//! `GET /_rehearsal/worlds`, `DELETE /_rehearsal/worlds/{key}`, `POST /_rehearsal/reset`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::control::Outcome;
use crate::control::body::{Nothing, Strict, StrictPath, StrictQuery};
use crate::control::select::{self, Key, Selected};
use crate::scenario::Scenario;
use crate::shared::Shared;
use crate::world::World;

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    StrictQuery(Nothing {}): StrictQuery<Nothing>,
) -> Outcome {
    let worlds: Vec<Value> = shared.registry.all().iter().map(|world| summary(&shared, world)).collect();
    Ok(Json(json!({ "worlds": worlds })).into_response())
}

pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    StrictPath(world): StrictPath<String>,
    StrictQuery(Nothing {}): StrictQuery<Nothing>,
) -> Outcome {
    if shared.registry.remove(&world) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Err(select::unknown_world())
}

pub(super) async fn reset(
    State(shared): State<Arc<Shared>>,
    StrictQuery(key): StrictQuery<Key>,
    headers: HeaderMap,
    Strict(Nothing {}): Strict<Nothing>,
) -> Outcome {
    let worlds = match select::any(&shared, key.key.as_deref(), &headers)? {
        Selected::One(world) => vec![world],
        Selected::All(worlds) => worlds,
        Selected::Template => {
            shared.registry.restore_template();
            Vec::new()
        }
    };
    worlds.iter().for_each(|world| start_again(&shared, world, None));
    let worlds: Vec<Value> = worlds.iter().map(|world| summary(&shared, world)).collect();
    Ok(Json(json!({ "worlds": worlds })).into_response())
}

/// Puts a world back to its start: that of `scenario`, or else of the one it would begin with next.
pub(super) fn start_again(shared: &Shared, world: &World, scenario: Option<&Arc<Scenario>>) {
    let (real, wall) = shared.now();
    world.at(real, |state, _| {
        let (next, account) = state.next_start();
        let scenario = scenario.unwrap_or(next);
        let account = scenario.account.as_ref().filter(|_| !Arc::ptr_eq(scenario, next)).unwrap_or(account);
        let template = shared.registry.following(scenario);
        let origin = template.origin(state.stream().name(), account.clone(), wall);
        state.reset(origin, real);
        // Before anybody can see one without the other.
        world.journal().reset();
    });
}

fn summary(shared: &Shared, world: &World) -> Value {
    let (real, _) = shared.now();
    let requests = world.journal().received();
    world.at(real, |state, now| {
        json!({
            "id": world.id(),
            "now": now.iso_micros(),
            "mode": state.clock().mode().name(),
            "scenario": state.scenario().name,
            "seed": state.stream().seed().0,
            "runs": state.run_count(),
            "requests": requests,
            "generation": state.generation(),
        })
    })
}
