use http::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Stand, members};

#[tokio::test]
async fn a_search_is_named_after_a_draw_and_the_instant() {
    let stand = Stand::new();
    let body =
        stand.post("/v2/agentic-search", json!({"query": "a waxed jacket"})).await.ok(StatusCode::ACCEPTED);
    let id = body["execution_id"].as_str().unwrap();
    let (hex, millis) = id.strip_prefix("agentic-").unwrap().split_once('-').unwrap();
    assert_eq!((hex.len(), millis), (8, "1768473000000"));
    assert_eq!(body, json!({"execution_id": id, "status": "pending", "meta": {"credits_used": 25}}));
}

#[tokio::test]
async fn a_search_shows_only_what_its_state_has() {
    let stand = Stand::new();
    let id = stand
        .create("/v2/agentic-search", json!({"query": "a waxed jacket", "customer_profile": null}))
        .await;
    let target = format!("/v2/agentic-search/{id}");
    let meta = ["query", "progress", "start_date", "stop_date", "duration_ms"];

    let pending = stand.get(&target).await.ok(StatusCode::OK);
    assert_eq!(members(&pending), ["execution_id", "status", "error", "meta"]);
    assert_eq!(members(&pending["meta"]), meta);

    stand.advance("5s").await;
    let running = stand.get(&target).await.ok(StatusCode::OK);
    assert_eq!(running["meta"]["progress"]["products_total"], 8);

    stand.advance("1m").await;
    let completed = stand.get(&target).await.ok(StatusCode::OK);
    assert_eq!(members(&completed), ["execution_id", "status", "error", "data", "pagination", "meta"]);
    assert_eq!(members(&completed["meta"]), [&meta[..], &["result", "credits_used"]].concat());
    assert_eq!(completed["meta"]["query"], "a waxed jacket");
    let found = completed["data"].as_array().unwrap();
    assert!((6..=8).contains(&found.len()));
    assert_eq!(completed["meta"]["result"]["products_returned"], found.len());
    assert!(found.iter().all(|item| item["success"] == true && item["product"]["attributes"].is_object()));
}

#[tokio::test]
async fn magic_queries_fail_stick_and_find_nothing() {
    let stand = Stand::new();
    let end = async |query: &str| {
        let id = stand.create("/v2/agentic-search", json!({ "query": query })).await;
        stand.advance("10m").await;
        stand.get(&format!("/v2/agentic-search/{id}")).await.ok(StatusCode::OK)
    };
    let failed = end("fails always").await;
    assert_eq!(failed["error"], "Execution failed. Please check the execution details or contact support.");
    assert_eq!(failed["meta"]["progress"], Value::Null);
    assert_eq!(end("stuck in the mud").await["status"], "running");
    let empty = end("empty").await;
    assert_eq!((&empty["data"], &empty["pagination"]["total_items"]), (&json!([]), &json!(0)));
    assert_eq!(end("partial picture").await["data"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn a_query_is_required() {
    let stand = Stand::new();
    let _ =
        stand.post("/v2/agentic-search", json!({})).await.refused(StatusCode::BAD_REQUEST, "INVALID_REQUEST");
    let _ = stand
        .post("/v2/agentic-search", json!({"query": 1}))
        .await
        .refused(StatusCode::BAD_REQUEST, "INVALID_REQUEST");
}
