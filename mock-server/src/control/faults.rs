//! `/_rehearsal/faults`: what goes wrong on purpose in a world, with how often it did, and more of it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::IntoResponse;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::clock::VirtualTime;
use crate::control::body::{StrictPath, StrictQuery, text};
use crate::control::error::ControlError;
use crate::control::select::{self, Key, Selected};
use crate::control::{Outcome, change};
use crate::faults::Armed;
use crate::scenario;
use crate::scenario::fault::{FAULTS_MAX, Fault};
use crate::shared::Shared;
use crate::world::World;
use crate::world::log::Command;
use crate::world::state::WorldState;

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    StrictQuery(key): StrictQuery<Key>,
    headers: HeaderMap,
) -> Outcome {
    let world = select::existing(&shared, key.key.as_deref(), &headers)?;
    let (real, _) = shared.now();
    let faults: Vec<Value> = world.at(real, |state, _| {
        let faults = state.faults();
        let added = faults.added().iter().map(|armed| shown(armed, true));
        added.chain(faults.of_scenario().iter().map(|armed| shown(armed, false))).collect()
    });
    Ok(Json(json!({ "world": world.id(), "faults": faults })).into_response())
}

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    StrictPath(id): StrictPath<String>,
    StrictQuery(key): StrictQuery<Key>,
    headers: HeaderMap,
) -> Outcome {
    let world = select::existing(&shared, key.key.as_deref(), &headers)?;
    Ok(Json(look(&shared, &world, &id)?).into_response())
}

pub(super) async fn add(
    State(shared): State<Arc<Shared>>,
    StrictQuery(key): StrictQuery<Key>,
    headers: HeaderMap,
    request: Request,
) -> Outcome {
    let text = text(request.into_body()).await?;
    let fault = scenario::parse_fault("fault", &text).map_err(|diagnostics| {
        let message = format!("the fault has mistakes ({}); nothing was changed", diagnostics.count());
        ControlError::unprocessable("invalid_fault", message).with("diagnostics", diagnostics.to_json())
    })?;
    let selected = select::any(&shared, key.key.as_deref(), &headers)?;
    if matches!(selected, Selected::Template) {
        return Err(select::no_world());
    }
    let fault = Arc::new(named(&shared, selected.worlds(), fault));
    change::everywhere(&shared, selected.worlds(), |state, _| {
        if state.faults().find(&fault.id).is_some() {
            let message =
                format!("there is a fault {:?} already; DELETE it first, or choose another id", &*fault.id);
            return Err(ControlError::conflict("fault_exists", message));
        }
        if state.faults().added().len() >= FAULTS_MAX {
            let message =
                format!("a world takes {FAULTS_MAX} added faults; DELETE /_rehearsal/faults makes room");
            return Err(ControlError::conflict("too_many_faults", message));
        }
        Ok(vec![Command::AddFault(Arc::clone(&fault))])
    })?;
    let mut response = selected.answer(|world| look(&shared, world, &fault.id).unwrap_or_default());
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

pub(super) async fn remove(
    State(shared): State<Arc<Shared>>,
    StrictPath(id): StrictPath<String>,
    StrictQuery(key): StrictQuery<Key>,
    headers: HeaderMap,
) -> Outcome {
    let selected = select::any(&shared, key.key.as_deref(), &headers)?;
    change::everywhere(&shared, selected.worlds(), |state, _| {
        if state.faults().added().iter().any(|armed| *armed.fault().id == *id) {
            return Ok(vec![Command::RemoveFault(id.as_str().into())]);
        }
        if state.faults().find(&id).is_some() {
            let message =
                format!("{id:?} belongs to the scenario; PUT /_rehearsal/scenario without it takes it away");
            return Err(ControlError::conflict("fault_of_scenario", message));
        }
        // Of several worlds some may not have it.
        if selected.worlds().len() > 1 { Ok(Vec::new()) } else { Err(unknown_fault(&id)) }
    })
    .and_then(|changed| if changed == 0 { Err(unknown_fault(&id)) } else { Ok(()) })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) async fn clear(
    State(shared): State<Arc<Shared>>,
    StrictQuery(key): StrictQuery<Key>,
    headers: HeaderMap,
) -> Outcome {
    let selected = select::any(&shared, key.key.as_deref(), &headers)?;
    change::everywhere(&shared, selected.worlds(), |state, _| {
        let none = state.faults().added().is_empty();
        Ok(if none { Vec::new() } else { vec![Command::ClearFaults] })
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The fault with an id: its own, or the first `added-N` that none of the worlds has.
fn named(shared: &Shared, worlds: &[Arc<World>], fault: Fault) -> Fault {
    if !fault.id.is_empty() {
        return fault;
    }
    let (real, _) = shared.now();
    let has = |world: &Arc<World>, id: &str| world.at(real, |state, _| state.faults().find(id).is_some());
    let free = |number: &usize| !worlds.iter().any(|world| has(world, &format!("added-{number}")));
    // A world has fewer faults than this many names.
    let number = (1..=2 * FAULTS_MAX * worlds.len().max(1) + 1).find(free).unwrap_or(0);
    Fault { id: format!("added-{number}").into(), ..fault }
}

fn look(shared: &Shared, world: &World, id: &str) -> Result<Value, ControlError> {
    let (real, _) = shared.now();
    let found = world.at(real, |state: &mut WorldState, _| {
        let added = state.faults().added().iter().any(|armed| *armed.fault().id == *id);
        state.faults().find(id).map(|armed| shown(armed, added))
    });
    found.ok_or_else(|| unknown_fault(id))
}

fn unknown_fault(id: &str) -> ControlError {
    let id: String = id.chars().take(80).collect();
    let message = format!("this world has no fault {id:?}; GET /_rehearsal/faults lists them");
    ControlError::not_found("unknown_fault", message)
}

fn shown(armed: &Armed, added: bool) -> Value {
    let fault = armed.fault();
    json!({
        "id": &*fault.id,
        "from": if added { "control" } else { "scenario" },
        "effect": fault.effect.name(),
        "phase": fault.phase.name(),
        "since": VirtualTime::iso_micros(armed.since()),
        "matched": armed.matched(),
        "fired": armed.fired(),
        "fault": fault.written,
    })
}
