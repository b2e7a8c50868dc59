//! `GET` and `DELETE /_rehearsal/requests`: the journal of a world.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::Outcome;
use crate::control::body::StrictQuery;
use crate::control::error::ControlError;
use crate::control::select::{self, Key};
use crate::journal::{Entry, headers};
use crate::shared::Shared;
use crate::world::World;

const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 1_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    key: Option<String>,
    /// Only entries with a higher number.
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
}

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    StrictQuery(page): StrictQuery<Page>,
    headers: HeaderMap,
) -> Outcome {
    let world = journaled(&shared, page.key.as_deref(), &headers)?;
    let limit = page.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX);
    let journal = world.journal();
    let entries: Vec<Value> = journal.after(page.after).take(limit).map(|entry| shown(&entry)).collect();
    let next = journal.after(page.after).nth(limit.saturating_sub(1)).map(|entry| entry.number);
    let more = next.filter(|next| *next < journal.received());
    let body = json!({
        "world": world.id(),
        "received": journal.received(),
        "dropped": journal.dropped(),
        "requests": entries,
        "next": more,
    });
    Ok(Json(body).into_response())
}

pub(super) async fn clear(
    State(shared): State<Arc<Shared>>,
    StrictQuery(key): StrictQuery<Key>,
    headers: HeaderMap,
) -> Outcome {
    if key.key.as_deref() == Some(select::ALL) {
        shared.registry.all().iter().chain([&shared.refused]).for_each(|world| world.journal().clear());
    } else {
        journaled(&shared, key.key.as_deref(), &headers)?.journal().clear();
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The world whose journal is meant. Requests that have no world are kept too, under a name that no key can have.
fn journaled(shared: &Shared, key: Option<&str>, headers: &HeaderMap) -> Result<Arc<World>, ControlError> {
    match key {
        Some(key) if key == shared.refused.id() => Ok(Arc::clone(&shared.refused)),
        key => select::existing(shared, key, headers),
    }
}

fn shown(entry: &Entry<'_>) -> Value {
    let body = (!entry.request_body.is_empty()).then(|| String::from_utf8_lossy(entry.request_body));
    json!({
        "number": entry.number,
        "at": entry.at.iso_micros(),
        "real_ms": u64::try_from(entry.real.elapsed().as_millis()).unwrap_or(u64::MAX),
        "method": entry.method.as_str(),
        "target": entry.target,
        "operation": entry.operation,
        "run": entry.run,
        "request_body": body,
        "status": entry.status.map(|status| status.as_u16()),
        "request_id": entry.request_id,
        "faults": serde_json::from_str::<Value>(entry.faults).unwrap_or_else(|_| json!([])),
        "violations": entry.violations.lines().collect::<Vec<_>>(),
        "headers": headers::read(entry.headers).map(|(name, value)| (name.to_owned(), json!(value))).collect::<Value>(),
        "began": entry.began,
        "lost": entry.lost,
    })
}
