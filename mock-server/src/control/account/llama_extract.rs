//! What an account has at LlamaExtract.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{parse_window, written_window};
use crate::control::error::ControlError;
use crate::model::llama_extract::state::{Command, State};
use crate::scenario::account::LLAMA_EXTRACT_RATE_LIMIT;
use crate::world::log;

/// The settings to change.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Patch {
    rate_limit: Option<Value>,
}

impl Patch {
    pub(super) fn commands(&self) -> Result<Vec<log::Command>, ControlError> {
        let limit = self.rate_limit.as_ref().map(|limit| parse_window(limit, LLAMA_EXTRACT_RATE_LIMIT));
        let command = limit.transpose()?.map(Command::RateLimit);
        Ok(command.into_iter().map(log::Command::LlamaExtract).collect())
    }
}

pub(super) fn described(state: &State) -> Value {
    json!({ "rate-limit": written_window(state.rate_limit(), LLAMA_EXTRACT_RATE_LIMIT) })
}
