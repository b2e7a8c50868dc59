//! Scenarios that are put into a server that runs.

use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use super::{bare, code, control};
use crate::harness::{Answer, KEY, Stand};

/// Puts a scenario into the world of the usual key.
async fn put(stand: &Stand, query: &str, text: &str) -> Answer {
    let request = Request::builder().method("PUT").uri(format!("/_rehearsal/scenario{query}"));
    let request = request.header("host", "localhost").header("x-api-key", KEY);
    stand.send(request.body(Body::from(text.to_owned())).unwrap()).await
}

async fn credits(stand: &Stand) -> Value {
    stand.get("/_rehearsal/account").await.ok(StatusCode::OK)["apis"]["catalog"]["credits"].clone()
}

#[tokio::test]
async fn a_scenario_is_taken_whole_or_not_at_all() {
    let stand = Stand::new();
    let put = async |query: &str, text: &str| put(&stand, query, text).await;
    let fails = "version: 1\nseed: 9\nruns:\n  - outcome: { failed: { at: 10% } }\n";
    let before = stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let put_once = put("", fails).await.ok(StatusCode::OK);
    assert_eq!(put_once["applies_at_reset"], json!([]), "the seed was given by a flag");
    let after = stand.create("/v2/crawl", json!({"url": "nike.com"})).await;
    stand.advance("1h").await;
    let status =
        async |id: &str| stand.get(&format!("/v2/crawl/{id}")).await.ok(StatusCode::OK)["status"].clone();
    assert_eq!(status(&before).await, "completed", "runs in flight keep their plan");
    assert_eq!(status(&after).await, "failed");

    let mistaken = put("", "version: 1\nrun: []\nseed: many\n").await.ok(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(mistaken["error"]["code"], "invalid_scenario");
    assert_eq!(mistaken["error"]["diagnostics"]["errors"].as_array().unwrap().len(), 2, "{mistaken}");
    let accounts = put("", "version: 1\naccounts: [ { key: a } ]\n").await;
    assert_eq!(code(accounts, StatusCode::UNPROCESSABLE_ENTITY), "accounts_are_fixed");
    let _ = put("?dry_run=true", "version: 1\n").await.ok(StatusCode::OK);
    let still = stand.get("/_rehearsal/scenario").await.ok(StatusCode::OK);
    assert_eq!(still["scenario"]["runs"], 1);
    let _ = put("?reset=true", "version: 1\n").await.ok(StatusCode::OK);
    assert_eq!(stand.get("/v2/crawl").await.ok(StatusCode::OK)["data"], json!([]));
}

const HUNDRED: &str = "account: { apis: { catalog: { credits: 100 } } }\n";
const SEARCH: &str = "/v2/agentic-search";

#[tokio::test]
async fn a_scenario_without_an_account_leaves_the_credits_alone() {
    let stand = Stand::with(HUNDRED);
    stand.create(SEARCH, json!({"query": "boots"})).await;
    assert_eq!(credits(&stand).await, 75);
    let _ = put(&stand, "", "runs: []\n").await.ok(StatusCode::OK);
    assert_eq!(credits(&stand).await, 75);
    let _ = control(&stand, Method::POST, "/reset", json!({})).await.ok(StatusCode::OK);
    assert_eq!(credits(&stand).await, 100);
    let _ = put(&stand, "?reset=true", "runs: []\n").await.ok(StatusCode::OK);
    assert_eq!(credits(&stand).await, 100);
    let _ = put(&stand, "", "account: { apis: { catalog: { credits: 9 } } }\n").await.ok(StatusCode::OK);
    assert_eq!(credits(&stand).await, 9);
    let _ = put(&stand, "", "account: {}\n").await.ok(StatusCode::OK);
    assert_eq!(credits(&stand).await, "unlimited");
}

#[tokio::test]
async fn a_scenario_without_an_account_leaves_new_worlds_what_they_get() {
    let stand = Stand::with(HUNDRED);
    let _ = bare(&stand, "PUT", "/scenario", "runs: []\n").await.ok(StatusCode::OK);
    stand.create(SEARCH, json!({"query": "boots"})).await;
    assert_eq!(credits(&stand).await, 75);
}

#[tokio::test]
async fn a_declared_key_keeps_what_was_declared() {
    let stand = Stand::with("accounts: [ { key: test-a, apis: { catalog: { credits: 100 } } } ]\n");
    stand.create(SEARCH, json!({"query": "boots"})).await;
    let _ = put(&stand, "", HUNDRED).await.ok(StatusCode::OK);
    assert_eq!(credits(&stand).await, 75);
    for scenario in ["account: { apis: { catalog: { credits: 7 } } }\n", "runs: []\n"] {
        let _ = put(&stand, "?reset=true", scenario).await.ok(StatusCode::OK);
        assert_eq!(credits(&stand).await, 100, "{scenario}");
    }
}

const TIMED: &str = "seed: 9\nclock: { mode: scaled, rate: 60, start: 2026-03-01T00:00:00Z }\n";

#[tokio::test]
async fn the_mode_of_a_clock_applies_at_once_and_its_start_at_the_reset() {
    let stand = Stand::without_flags();
    let _ = stand.get("/v2/crawl").await;
    let done = put(&stand, "", TIMED).await.ok(StatusCode::OK);
    assert_eq!(done["applies_at_reset"], json!(["seed", "clock.start"]));
    let clock = stand.get("/_rehearsal/clock").await.ok(StatusCode::OK);
    assert_eq!((&clock["mode"], &clock["rate"]), (&json!("scaled"), &json!(60.0)));
    assert!(!clock["now"].as_str().unwrap().starts_with("2026-03-01"), "{clock}");

    let reset = control(&stand, Method::POST, "/reset", json!({})).await.ok(StatusCode::OK);
    let world = &reset["worlds"][0];
    assert_eq!((&world["seed"], &world["mode"]), (&json!(9), &json!("scaled")));
    assert!(world["now"].as_str().unwrap().starts_with("2026-03-01T00:"), "{world}");
    let again = put(&stand, "", TIMED).await.ok(StatusCode::OK);
    assert_eq!(again["applies_at_reset"], json!([]), "a reset would bring the same");
}

#[tokio::test]
async fn flags_outrank_a_scenario_that_comes_later() {
    let stand = Stand::new();
    let _ = stand.get("/v2/crawl").await;
    let _ = control(&stand, Method::PATCH, "/clock", json!({"mode": "real"})).await.ok(StatusCode::OK);
    // What an operator changed stays until the reset, which brings what the flag says.
    for (query, mode) in [("", "real"), ("?reset=true", "manual")] {
        let scenario = "seed: 9\nclock: { mode: scaled, rate: 2 }\n";
        let done = put(&stand, query, scenario).await.ok(StatusCode::OK);
        assert_eq!(done["applies_at_reset"], json!([]));
        assert_eq!(done["overruled_by_flags"], json!(["seed", "clock.mode"]));
        let worlds = stand.get("/_rehearsal/worlds").await.ok(StatusCode::OK);
        let world = &worlds["worlds"][0];
        assert_eq!((&world["seed"], &world["mode"]), (&json!(7), &json!(mode)), "{query}");
    }
}

#[tokio::test]
async fn an_empty_body_is_no_scenario() {
    let stand = Stand::new();
    let _ = stand.get("/v2/crawl").await;
    for body in ["", " \n"] {
        assert_eq!(code(put(&stand, "", body).await, StatusCode::UNPROCESSABLE_ENTITY), "empty_scenario");
    }
}

#[tokio::test]
async fn a_reset_without_worlds_brings_back_the_start_of_the_server() {
    let stand = Stand::new();
    let before = stand.get("/_rehearsal/health").await.text;
    let _ = bare(&stand, "PATCH", "/clock", r#"{"advance": "1h"}"#).await.ok(StatusCode::OK);
    let _ = bare(&stand, "PATCH", "/clock", r#"{"mode": "real"}"#).await.ok(StatusCode::OK);
    let _ = bare(&stand, "PUT", "/scenario", "description: Other.\n").await.ok(StatusCode::OK);
    assert_ne!(stand.get("/_rehearsal/health").await.text, before);
    let reset = bare(&stand, "POST", "/reset", "").await.ok(StatusCode::OK);
    assert_eq!(reset, json!({"worlds": []}));
    assert_eq!(stand.get("/_rehearsal/health").await.text, before);
    let _ = stand.get("/v2/crawl").await;
    let clock = stand.get("/_rehearsal/clock").await.ok(StatusCode::OK);
    assert_eq!((&clock["now"], &clock["mode"]), (&json!("2026-01-15T10:30:00.000000Z"), &json!("manual")));
}
