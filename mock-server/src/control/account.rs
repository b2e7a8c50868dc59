//! `GET` and `PATCH /_rehearsal/account`: credits, plans and billing settings of a world.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::body::{Strict, StrictQuery};
use crate::control::error::ControlError;
use crate::control::select::{self, Key, Selected};
use crate::control::{Outcome, change};
use crate::scenario::account::RateLimit;
use crate::scenario::duration::text as duration;
use crate::shared::Shared;
use crate::world::World;
use crate::world::log::Command;

mod catalog;
mod extralt;
mod llama_extract;

/// The settings to change, in the words of a scenario's `account`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Patch {
    #[serde(default)]
    apis: Apis,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Apis {
    #[serde(default)]
    catalog: catalog::Patch,
    #[serde(default)]
    extralt: extralt::Patch,
    #[serde(default, rename = "llama-extract")]
    llama_extract: llama_extract::Patch,
}

impl Apis {
    /// What makes these changes, or what is wrong with one of them.
    fn commands(&self) -> Result<Vec<Command>, ControlError> {
        let Self { catalog, extralt, llama_extract } = self;
        Ok([catalog.commands()?, extralt.commands()?, llama_extract.commands()?].concat())
    }
}

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    StrictQuery(key): StrictQuery<Key>,
    headers: HeaderMap,
) -> Outcome {
    let world = select::existing(&shared, key.key.as_deref(), &headers)?;
    Ok(Json(described(&shared, &world)).into_response())
}

pub(super) async fn patch(
    State(shared): State<Arc<Shared>>,
    StrictQuery(key): StrictQuery<Key>,
    headers: HeaderMap,
    Strict(patch): Strict<Patch>,
) -> Outcome {
    let commands = patch.apis.commands()?;
    let selected = select::any(&shared, key.key.as_deref(), &headers)?;
    if matches!(selected, Selected::Template) {
        return Err(select::no_world());
    }
    change::everywhere(&shared, selected.worlds(), |_, _| Ok(commands.clone()))?;
    Ok(selected.answer(|world| described(&shared, world)))
}

fn described(shared: &Shared, world: &World) -> Value {
    let (real, _) = shared.now();
    world.at(real, |state, now| {
        let (catalog, extralt) =
            (catalog::described(state.catalog()), extralt::described(state.extralt(), now));
        let llama_extract = llama_extract::described(state.llama_extract());
        let apis = json!({ "catalog": catalog, "extralt": extralt, "llama-extract": llama_extract });
        json!({ "world": world.id(), "apis": apis })
    })
}

/// Credits as a scenario writes them; `None` means that they never run out.
fn parse_credits(value: &Value) -> Result<Option<u64>, ControlError> {
    match value {
        Value::String(text) if text == "unlimited" => Ok(None),
        value => value
            .as_u64()
            .map(Some)
            .ok_or_else(|| invalid("credits: a whole number from 0, or \"unlimited\"")),
    }
}

fn written_credits(credits: Option<u64>) -> Value {
    credits.map_or(json!("unlimited"), |credits| json!(credits))
}

/// So many requests in a stretch of time, as a scenario writes it; `None` means that every one is answered.
fn parse_window(value: &Value, documented: RateLimit) -> Result<Option<RateLimit>, ControlError> {
    let custom = |value: &Value| {
        let Value::Object(fields) = value else { return None };
        let per = duration::parse(fields.get("per")?.as_str()?).ok()?;
        RateLimit::new(fields.get("requests")?.as_u64()?, per).filter(|_| fields.len() == 2)
    };
    match value {
        Value::String(text) if text == "off" => Ok(None),
        Value::String(text) if text == "documented" => Ok(Some(documented)),
        value => custom(value).map(Some).ok_or_else(|| {
            let message = format!(
                "rate-limit: \"documented\", \"off\", or its own numbers, as in {} (1 to {} requests, 1ms to 1d)",
                numbers(documented),
                RateLimit::REQUESTS_MAX
            );
            invalid(message)
        }),
    }
}

fn written_window(limit: Option<RateLimit>, documented: RateLimit) -> Value {
    match limit {
        None => json!("off"),
        Some(limit) if limit == documented => json!("documented"),
        Some(limit) => numbers(limit),
    }
}

fn numbers(limit: RateLimit) -> Value {
    json!({ "requests": limit.requests(), "per": duration::Written(limit.per()).to_string() })
}

fn invalid(message: impl Into<String>) -> ControlError {
    ControlError::unprocessable("invalid_account", message)
}
