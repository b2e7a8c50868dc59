//! Lists of runs.

use http::StatusCode;
use serde_json::{Value, json};

use super::code;
use crate::harness::Stand;

async fn listed(stand: &Stand, query: &str) -> Value {
    stand.get(&format!("/_rehearsal/runs{query}")).await.ok(StatusCode::OK)
}

fn ids(listed: &Value) -> Vec<&str> {
    listed["runs"].as_array().unwrap().iter().map(|run| run["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn runs_are_counted_where_that_takes_no_look_at_each() {
    let stand = Stand::new();
    let good = stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let bad = stand.create("/v2/agentic-search", json!({"query": "fails"})).await;
    stand.advance("1h").await;
    let crawl = stand.create("/v2/crawl", json!({"url": "a.example"})).await;
    let search = stand.create("/v2/agentic-search", json!({"query": "boots"})).await;
    let other = stand.create("/v2/crawl", json!({"url": "b.example"})).await;
    for (query, total, runs) in [
        ("", json!(5), vec![&other, &search, &crawl, &bad, &good]),
        ("?kind=crawl", json!(3), vec![&other, &crawl, &good]),
        ("?state=completed", json!(1), vec![&good]),
        ("?state=failed", json!(1), vec![&bad]),
        ("?kind=crawl&state=failed", json!(0), vec![]),
        ("?state=pending", Value::Null, vec![&other, &search, &crawl]),
        ("?state=running", Value::Null, vec![]),
    ] {
        let listed = listed(&stand, query).await;
        assert_eq!(
            (ids(&listed), &listed["total"]),
            (runs.iter().map(|id| id.as_str()).collect(), &total),
            "{query}"
        );
    }
}

#[tokio::test]
async fn another_kind_or_state_is_refused_with_those_there_are() {
    let stand = Stand::new();
    let _ = stand.get("/v2/usage").await;
    for (query, expected, words) in [
        (
            "kind=robot",
            "invalid_query",
            "kind: crawl, extract, search, robot-build, run, enrichment, import or extraction",
        ),
        (
            "state=done",
            "invalid_state",
            "\"done\" is no state: pending, running, completed, failed, building, restarting, starting, finalizing, \
             stopped, materializing, validation_failed, created, throttled, success, partial_success, error, \
             cancelled",
        ),
        (
            "kind=enrichment&state=building",
            "invalid_state",
            "\"building\" is no state: pending, running, materializing, completed, stopped, failed",
        ),
    ] {
        let refused = stand.get(&format!("/_rehearsal/runs?{query}")).await;
        assert!(refused.text.contains(&json!(words).to_string()), "{}", refused.text);
        assert_eq!(code(refused, StatusCode::BAD_REQUEST), expected);
    }
}
