//! What an account has at Catalog.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{parse_credits, parse_window, written_credits, written_window};
use crate::control::error::ControlError;
use crate::model::catalog::state::{Command, State};
use crate::scenario::account::CATALOG_RATE_LIMIT;
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
        let rate_limit =
            self.rate_limit.as_ref().map(|limit| parse_window(limit, CATALOG_RATE_LIMIT)).transpose()?;
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
        "rate-limit": written_window(state.rate_limit(), CATALOG_RATE_LIMIT),
    })
}
