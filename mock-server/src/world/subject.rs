//! What an event of webhooks is about.

use serde_json::Value;

use crate::model::extralt::notice::Notice;

/// Something as it was when an event happened, by the API whose it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// A robot, run, enrichment or import of Extralt.
    Extralt(Box<Notice>),
    /// A run of LlamaExtract, as its listeners are told of it.
    LlamaExtract(Box<Value>),
}
