//! What the listeners of an extraction are told of it. The words are those of v1 and v2 alike (`webhook_events`).

use serde_json::{Value, json};

use crate::model::llama_extract::ids;
use crate::model::llama_extract::run::Record;
use crate::model::llama_extract::view::Status;

/// Every event that an extraction's listeners can be told of.
pub const EVENTS: &[&str] =
    &[BEGUN, "extract.success", "extract.error", "extract.partial_success", "extract.cancelled"];

/// It was created.
pub const BEGUN: &str = "extract.pending";

/// The word for its ending in this state; `None` for a state in which nothing ends.
pub fn ended(status: Status) -> Option<&'static str> {
    match status {
        Status::Success => Some("extract.success"),
        Status::PartialSuccess => Some("extract.partial_success"),
        Status::Error => Some("extract.error"),
        Status::Cancelled => Some("extract.cancelled"),
        Status::Created | Status::Pending | Status::Throttled | Status::Running => None,
    }
}

/// What is said of an extraction: its job, as whoever asked for it knows that.
pub fn data(record: &Record) -> Value {
    let id = match record.wrote {
        Some(_) => format!("{}{}", ids::EXTRACTION, record.job),
        None => record.job.to_string(),
    };
    json!({ "id": id, "job_id": id })
}
