use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{KEY, Stand, members};

async fn search(stand: &Stand, body: Value) -> Value {
    stand.post("/v2/agentic-search-mini", body).await.ok(StatusCode::OK)
}

#[tokio::test]
async fn products_are_there_at_once_and_the_same_for_every_key() {
    let stand = Stand::new();
    let body = search(&stand, json!({"query": "a waxed jacket"})).await;
    let found = body["data"].as_array().unwrap();
    assert!((6..=10).contains(&found.len()));
    let page = json!({"page": 1, "page_size": found.len(), "total_items": found.len(), "total_pages": 1, "has_next": false, "has_prev": false});
    assert_eq!(body["pagination"], page);
    assert_eq!(body["meta"], json!({}));
    for item in found {
        assert_eq!(members(item), ["url", "product"]);
        assert_eq!(members(&item["product"]), ["title", "price", "description", "images", "attributes"]);
        assert!(item["product"]["attributes"].is_object());
        assert!(item["product"]["images"][0].is_string());
    }
    let query = json!({"query": "a waxed jacket"});
    let other = stand.call("test-b", Method::POST, "/v2/agentic-search-mini", Some(query)).await;
    assert_eq!(other.ok(StatusCode::OK), body);
    assert_ne!(search(&stand, json!({"query": "a linen shirt"})).await["data"], body["data"]);
}

#[tokio::test]
async fn enrichment_can_be_left_out_and_changes_nothing_else() {
    let stand = Stand::new();
    let mut with = search(&stand, json!({"query": "boots"})).await;
    let without = search(&stand, json!({"query": "boots", "enable_enrichment": false})).await;
    for item in with["data"].as_array_mut().unwrap() {
        item["product"]["attributes"] = Value::Null;
    }
    assert_eq!(without, with);
}

#[tokio::test]
async fn an_agentic_search_comes_upon_the_same_addresses() {
    let stand = Stand::new();
    let mini = search(&stand, json!({"query": "a waxed jacket"})).await;
    let id = stand.create("/v2/agentic-search", json!({"query": "a waxed jacket"})).await;
    let whole = stand.finish(&format!("/v2/agentic-search/{id}")).await;
    let urls = |body: &Value| -> Vec<Value> {
        body["data"].as_array().unwrap().iter().map(|item| item["url"].clone()).take(6).collect()
    };
    assert_eq!(urls(&mini), urls(&whole));
}

#[tokio::test]
async fn magic_queries_find_nothing_little_or_fail() {
    let stand = Stand::new();
    for (query, count) in [("empty shelves", 0), ("unsupported thing", 0), ("partial set", 5)] {
        let body = search(&stand, json!({ "query": query })).await;
        assert_eq!(body["data"].as_array().unwrap().len(), count, "{query}");
        assert_eq!(body["pagination"]["total_pages"], 1);
    }
    let failed = stand.post("/v2/agentic-search-mini", json!({"query": "fails always"})).await;
    let _ = failed.refused(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR");
}

#[tokio::test]
async fn a_search_that_answers_costs_five_credits() {
    let stand = Stand::with("version: 1\naccount: { apis: { catalog: { credits: 12 } } }\n");
    let credits = async || {
        let account = stand.get(&format!("/_rehearsal/account?key={KEY}")).await.ok(StatusCode::OK);
        account["apis"]["catalog"]["credits"].clone()
    };
    search(&stand, json!({"query": "boots"})).await;
    assert_eq!(credits().await, 7);
    let failed = stand.post("/v2/agentic-search-mini", json!({"query": "fails"})).await;
    let _ = failed.refused(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR");
    assert_eq!(credits().await, 7, "what fails costs nothing");
    search(&stand, json!({"query": "boots"})).await;
    let refused = stand.post("/v2/agentic-search-mini", json!({"query": "boots"})).await;
    let body = refused.ok(StatusCode::PAYMENT_REQUIRED);
    assert_eq!(body["error"]["code"], "INSUFFICIENT_CREDITS");
    assert_eq!((&body["credits_needed"], &body["credits_remaining"]), (&json!(5), &json!(2)));
}

#[tokio::test]
async fn a_query_is_required_to_search_at_once() {
    let stand = Stand::new();
    for (body, code) in [
        (json!({}), "INVALID_REQUEST"),
        (json!({"query": 7}), "INVALID_REQUEST"),
        (json!({"query": ""}), "VALIDATION_ERROR"),
        (json!({"query": "  "}), "VALIDATION_ERROR"),
        (json!({"query": "boots", "enable_enrichment": "yes"}), "INVALID_REQUEST"),
    ] {
        let _ = stand.post("/v2/agentic-search-mini", body).await.refused(StatusCode::BAD_REQUEST, code);
    }
}
