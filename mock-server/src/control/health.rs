//! `GET /_rehearsal/health`: what this server is.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use fixtures::contract::Contract;
use serde_json::{Value, json};

use crate::control::Outcome;
use crate::control::body::{Nothing, StrictQuery};
use crate::shared::Shared;

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    StrictQuery(Nothing {}): StrictQuery<Nothing>,
) -> Outcome {
    let template = shared.registry.template();
    let apis: Vec<Value> = Contract::all()
        .iter()
        .map(|contract| {
            json!({
                "api": contract.api(),
                "version": contract.version(),
                "operations": contract.operations().len(),
            })
        })
        .collect();
    let missed = shared.counters.missed();
    let mut body = json!({
        "name": "rehearsal",
        "version": env!("CARGO_PKG_VERSION"),
        "status": "ok",
        "apis": apis,
        "seed": template.seed().0,
        "scenario": { "name": template.scenario.name, "description": template.scenario.description },
        "clock": { "mode": template.mode().name(), "rate": template.mode().rate() },
        "worlds": shared.registry.len(),
        "accounts": shared.registry.declared(),
        "strict": shared.strict,
        "not_stood_in": { "count": missed.values().sum::<u64>(), "operations": missed },
    });
    if !shared.defects.is_empty() {
        let defects = shared.defects.counts();
        let defects = defects.map(|(defect, fired)| json!({ "name": defect.name(), "fired": fired }));
        body["defects"] = defects.collect();
    }
    if let Some(watched) = shared.watched.get() {
        let mistakes = watched.mistakes();
        let state = if mistakes == 0 { "good" } else { "bad" };
        body["watch"] = json!({ "file": watched.file(), "state": state, "mistakes": mistakes });
    }
    Ok(Json(body).into_response())
}
