//! `GET` and `PATCH /_rehearsal/account`: credits and billing settings of a world.

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
use crate::model::catalog::state::Command;
use crate::scenario::account::{CATALOG_RATE_LIMIT, RateLimit};
use crate::scenario::duration::text as duration;
use crate::shared::Shared;
use crate::world::World;
use crate::world::log;

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
    catalog: Catalog,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Catalog {
    credits: Option<Value>,
    auto_top_up: Option<bool>,
    rate_limit: Option<Value>,
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
    let Catalog { credits, auto_top_up, rate_limit } = patch.apis.catalog;
    let mut commands = Vec::new();
    if let Some(credits) = credits {
        commands.push(log::Command::Catalog(Command::Credits(parse_credits(&credits)?)));
    }
    commands.extend(auto_top_up.map(|enabled| log::Command::Catalog(Command::AutoTopUp(enabled))));
    if let Some(limit) = rate_limit {
        commands.push(log::Command::Catalog(Command::RateLimit(parse_rate_limit(&limit)?)));
    }
    let selected = select::any(&shared, key.key.as_deref(), &headers)?;
    if matches!(selected, Selected::Template) {
        return Err(select::no_world());
    }
    change::everywhere(&shared, selected.worlds(), |_, _| Ok(commands.clone()))?;
    Ok(selected.answer(|world| described(&shared, world)))
}

fn parse_credits(value: &Value) -> Result<Option<u64>, ControlError> {
    match value {
        Value::String(text) if text == "unlimited" => Ok(None),
        value => value.as_u64().map(Some).ok_or_else(|| {
            ControlError::unprocessable("invalid_account", "credits: a whole number from 0, or \"unlimited\"")
        }),
    }
}

/// A limit as a scenario writes it.
fn parse_rate_limit(value: &Value) -> Result<Option<RateLimit>, ControlError> {
    let custom = |value: &Value| {
        let Value::Object(fields) = value else { return None };
        let per = duration::parse(fields.get("per")?.as_str()?).ok()?;
        RateLimit::new(fields.get("requests")?.as_u64()?, per).filter(|_| fields.len() == 2)
    };
    match value {
        Value::String(text) if text == "off" => Ok(None),
        Value::String(text) if text == "documented" => Ok(Some(CATALOG_RATE_LIMIT)),
        value => custom(value).map(Some).ok_or_else(|| {
            let message = format!(
                "rate-limit: \"documented\", \"off\", or its own numbers, as in {{\"requests\": 50, \"per\": \"4s\"}} \
                 (1 to {} requests, 1ms to 1d)",
                RateLimit::REQUESTS_MAX
            );
            ControlError::unprocessable("invalid_account", message)
        }),
    }
}

fn written(limit: Option<RateLimit>) -> Value {
    match limit {
        None => json!("off"),
        Some(limit) if limit == CATALOG_RATE_LIMIT => json!("documented"),
        Some(limit) => {
            json!({ "requests": limit.requests(), "per": duration::Written(limit.per()).to_string() })
        }
    }
}

fn described(shared: &Shared, world: &World) -> Value {
    let (real, _) = shared.now();
    world.at(real, |state, _| {
        let catalog = state.catalog();
        let credits = catalog.credits().map_or(json!("unlimited"), |credits| json!(credits));
        json!({
            "world": world.id(),
            "apis": { "catalog": {
                "credits": credits,
                "auto-top-up": catalog.auto_top_up(),
                "rate-limit": written(catalog.rate_limit()),
            } },
        })
    })
}
