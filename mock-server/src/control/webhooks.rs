//! `/_rehearsal/webhooks`: who is told of what happens in a world, what was sent, and sending it again.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::VirtualTime;
use crate::control::body::{Nothing, Strict, StrictPath, StrictQuery};
use crate::control::error::ControlError;
use crate::control::select::{self, Key};
use crate::control::{Outcome, change, wait};
use crate::shared::Shared;
use crate::webhooks::delivery::{self, Attempt, Delivery, Standing};
use crate::webhooks::endpoint::Endpoint;
use crate::webhooks::state::Command;
use crate::world::log;
use crate::world::state::WorldState;
use crate::world::subject::Subject;

const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 1_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    key: Option<String>,
    limit: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Flush {
    /// At most this long, in real time: as for waiting for a run.
    timeout: Option<String>,
}

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    StrictQuery(page): StrictQuery<Page>,
    headers: HeaderMap,
) -> Outcome {
    let limit = page.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX);
    let world = select::existing(&shared, page.key.as_deref(), &headers)?;
    let (real, _) = shared.now();
    let body = world.at(real, |state, now| {
        let webhooks = state.webhooks();
        let endpoints: Vec<Value> = webhooks.endpoints().iter().map(endpoint).collect();
        let newest = webhooks.deliveries().take(limit);
        let deliveries: Vec<Value> = newest.map(|(number, it)| delivery(number, it)).collect();
        json!({
            "world": world.id(),
            "now": now.iso_micros(),
            "webhooks": endpoints,
            "listeners": webhooks.listening(),
            "total": webhooks.kept(),
            "more": webhooks.kept() > deliveries.len(),
            "deliveries": deliveries,
            "dropped": webhooks.dropped(),
        })
    });
    Ok(Json(body).into_response())
}

pub(super) async fn redeliver(
    State(shared): State<Arc<Shared>>,
    StrictPath(id): StrictPath<String>,
    StrictQuery(key): StrictQuery<Key>,
    headers: HeaderMap,
    Strict(Nothing {}): Strict<Nothing>,
) -> Outcome {
    let unknown = || {
        let id: String = id.chars().take(80).collect();
        let message = format!("this world keeps no delivery {id:?}; GET /_rehearsal/webhooks lists them");
        ControlError::not_found("unknown_delivery", message)
    };
    let number: u64 = id.parse().map_err(|_| unknown())?;
    let world = select::existing(&shared, key.key.as_deref(), &headers)?;
    let (real, _) = shared.now();
    let shown = world.at(real, |state, now| {
        state.webhooks().delivery(number).ok_or_else(unknown)?;
        let command = log::Command::Webhooks(Command::Again(number));
        change::apply(&world, state, [command], now, real)?;
        state.webhooks().delivery(number).map(|it| delivery(number, it)).ok_or_else(unknown)
    })?;
    Ok(Json(shown).into_response())
}

pub(super) async fn flush(
    State(shared): State<Arc<Shared>>,
    StrictQuery(key): StrictQuery<Key>,
    headers: HeaderMap,
    Strict(flush): Strict<Flush>,
) -> Outcome {
    let timeout = wait::timeout(flush.timeout.as_deref())?;
    let world = select::existing(&shared, key.key.as_deref(), &headers)?;
    let started = shared.clock.now().elapsed();
    let look = |by: Option<VirtualTime>| {
        let (real, _) = shared.now();
        world.at(real, |state, now| (by.unwrap_or(now), drained(state, now, by.unwrap_or(now))))
    };
    let (by, _) = look(None);
    loop {
        let mut touched = pin!(world.touched().notified());
        // From here on nothing that happens goes unnoticed.
        touched.as_mut().enable();
        if !shared.registry.keeps(&world) {
            return Err(select::unknown_world());
        }
        let due = match look(Some(by)).1 {
            Ok(mut drained) => {
                drained["world"] = json!(world.id());
                return Ok(Json(drained).into_response());
            }
            Err(due) => due,
        };
        let waited = shared.clock.now().elapsed().saturating_sub(started);
        let Some(left) = timeout.checked_sub(waited).filter(|left| *left > Duration::ZERO) else {
            let message = format!(
                "{due} deliveries that are due have not been made after {} ms; GET /_rehearsal/webhooks lists them",
                waited.as_millis()
            );
            return Err(ControlError::conflict("timeout", message));
        };
        // Time that is up shows itself at the next look.
        drop(tokio::time::timeout(left, touched).await);
    }
}

/// What is left once nothing that was due at `by` is under way; else how much of it is.
fn drained(state: &WorldState, now: VirtualTime, by: VirtualTime) -> Result<Value, usize> {
    let webhooks = state.webhooks();
    match webhooks.due(by).count() {
        0 => Ok(json!({
            "now": now.iso_micros(),
            "pending": webhooks.pending(),
            "next": webhooks.next_after(by).map(VirtualTime::iso_micros),
        })),
        due => Err(due),
    }
}

fn endpoint(endpoint: &Endpoint) -> Value {
    let registration = &endpoint.registration;
    json!({
        "id": &*registration.id,
        "url": &*registration.url,
        "event_types": registration.events,
        "description": registration.description,
        "enabled": endpoint.enabled,
        "created": registration.created.iso_micros(),
        "given_up": endpoint.given_up,
    })
}

fn delivery(number: u64, delivery: &Delivery<Subject>) -> Value {
    let reason = match delivery.standing {
        Standing::NotSent(reason) => Some(reason.text()),
        Standing::Pending | Standing::Delivered | Standing::GivenUp => None,
    };
    json!({
        "id": number.to_string(),
        "webhook": &*delivery.to.id,
        "run": delivery.to.run.as_deref(),
        "url": &*delivery.to.url,
        "event": &*delivery.event.id,
        "type": delivery.event.kind,
        "happened": delivery.event.at.iso_micros(),
        "state": delivery.standing.name(),
        "reason": reason.map(|reason| format!("not sent: {reason}")),
        "attempts": delivery.attempts.iter().map(attempt).collect::<Vec<_>>(),
        "next": delivery.due.map(VirtualTime::iso_micros),
    })
}

fn attempt(attempt: &Attempt) -> Value {
    let (status, error) = match &attempt.outcome {
        delivery::Outcome::Answered(status) => (Some(*status), None),
        delivery::Outcome::Failed(cause) => (None, Some(&**cause)),
        delivery::Outcome::NotSent(reason) => (None, Some(reason.text())),
    };
    json!({ "at": attempt.at.iso_micros(), "status": status, "error": error })
}
