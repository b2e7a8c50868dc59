//! What an account has at Catalog.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{invalid, parse_credits, written_credits};
use crate::control::error::ControlError;
use crate::model::catalog::state::{Command, State};
use crate::scenario::account::{CATALOG_RATE_LIMIT, RateLimit};
use crate::scenario::duration::text as duration;
use crate::world::log;

/// The settings to change.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Patch {
    credits: Option<Value>,
    auto_top_up: Option<bool>,
    rate_limit: Option<Value>,
}

impl Patch {
    pub(super) fn commands(&self) -> Result<Vec<log::Command>, ControlError> {
        let credits = self.credits.as_ref().map(parse_credits).transpose()?;
        let rate_limit = self.rate_limit.as_ref().map(parse_rate_limit).transpose()?;
        let commands = [
            credits.map(Command::Credits),
            self.auto_top_up.map(Command::AutoTopUp),
            rate_limit.map(Command::RateLimit),
        ];
        Ok(commands.into_iter().flatten().map(log::Command::Catalog).collect())
    }
}

pub(super) fn described(state: &State) -> Value {
    json!({
        "credits": written_credits(state.credits()),
        "auto-top-up": state.auto_top_up(),
        "rate-limit": written(state.rate_limit()),
    })
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
            invalid(message)
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
