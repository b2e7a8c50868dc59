//! What an account has at Extralt.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{invalid, parse_credits, written_credits};
use crate::clock::VirtualTime;
use crate::control::error::ControlError;
use crate::model::extralt::state::{Command, State};
use crate::scenario::account::{EXTRALT_RATE_LIMIT, Plan, RateLimit, TokenBucket};
use crate::scenario::duration::text as duration;
use crate::world::log;

/// The settings to change.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Patch {
    plan: Option<Value>,
    credits: Option<Value>,
    rate_limit: Option<Value>,
}

impl Patch {
    pub(super) fn commands(&self) -> Result<Vec<log::Command>, ControlError> {
        let plan = self.plan.as_ref().map(parse_plan).transpose()?;
        let credits = self.credits.as_ref().map(parse_credits).transpose()?;
        let rate_limit = self.rate_limit.as_ref().map(parse_rate_limit).transpose()?;
        let commands =
            [plan.map(Command::Plan), credits.map(Command::Credits), rate_limit.map(Command::RateLimit)];
        Ok(commands.into_iter().flatten().map(log::Command::Extralt).collect())
    }
}

pub(super) fn described(state: &State, now: VirtualTime) -> Value {
    json!({
        "plan": state.plan().name(),
        "credits": written_credits(state.credits(now)),
        "rate-limit": written(state.rate_limit()),
    })
}

fn parse_plan(value: &Value) -> Result<Plan, ControlError> {
    let plan = Plan::ALL.iter().copied().find(|plan| value.as_str() == Some(plan.name()));
    plan.ok_or_else(|| invalid("plan: \"start\" (one run works at a time) or \"scale\""))
}

/// A limit as a scenario writes it.
fn parse_rate_limit(value: &Value) -> Result<Option<TokenBucket>, ControlError> {
    let custom = |value: &Value| {
        let Value::Object(fields) = value else { return None };
        let per = duration::parse(fields.get("per")?.as_str()?).ok()?;
        let requests = fields.get("requests")?.as_u64()?;
        let burst = fields.get("burst").map_or(Some(requests), Value::as_u64)?;
        let named = 2 + usize::from(fields.contains_key("burst"));
        TokenBucket::new(requests, per, burst).filter(|_| fields.len() == named)
    };
    match value {
        Value::String(text) if text == "off" => Ok(None),
        Value::String(text) if text == "documented" => Ok(Some(EXTRALT_RATE_LIMIT)),
        value => custom(value).map(Some).ok_or_else(|| {
            let message = format!(
                "rate-limit: \"documented\", \"off\", or its own numbers, as in \
                 {{\"requests\": 120, \"per\": \"1m\", \"burst\": 30}} (1 to {} requests, 1ms to 1d)",
                RateLimit::REQUESTS_MAX
            );
            invalid(message)
        }),
    }
}

fn written(limit: Option<TokenBucket>) -> Value {
    match limit {
        None => json!("off"),
        Some(limit) if limit == EXTRALT_RATE_LIMIT => json!("documented"),
        Some(limit) => json!({
            "requests": limit.requests(),
            "per": duration::Written(limit.per()).to_string(),
            "burst": limit.burst(),
        }),
    }
}
