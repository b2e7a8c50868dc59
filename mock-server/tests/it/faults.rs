//! What goes wrong on purpose does, as it was written and no further.

mod control;
mod drift;
mod effects;
mod selection;
mod state;

use http::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Answer, Stand};

/// A server with a scenario of these faults.
#[track_caller]
fn with(faults: &str) -> Stand {
    Stand::with(&format!("faults:\n{faults}"))
}

/// The faults that an answer says met it.
fn fired(answer: &Answer) -> Option<&str> {
    answer.headers.get("x-rehearsal-fault").map(|value| value.to_str().unwrap())
}

/// The journal's entries.
async fn journal(stand: &Stand) -> Vec<Value> {
    let journal = stand.get("/_rehearsal/requests?limit=1000").await.ok(StatusCode::OK);
    journal["requests"].as_array().unwrap().clone()
}

async fn runs(stand: &Stand) -> usize {
    let runs = stand.get("/_rehearsal/runs?limit=1000").await.ok(StatusCode::OK);
    runs["runs"].as_array().unwrap().len()
}

fn urls() -> Value {
    json!({ "urls": ["https://shop.example/p/1", "https://shop.example/p/2"] })
}
