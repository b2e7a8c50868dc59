//! What a client created twice.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use futures_util::FutureExt;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::harness::{KEY, Stand};

const LOST_CREATE: &str = "version: 1\nfaults: [ { id: lost-create, match: { operation: catalog.extract.create }, \
                           when: { first: 1 }, phase: after, respond: { status: 503 } } ]\n";

fn extract() -> Value {
    json!({ "urls": ["https://skims.com/products/a"] })
}

async fn duplicates(stand: &Stand) -> Value {
    stand.get("/_rehearsal/duplicates").await.ok(StatusCode::OK)
}

async fn with_idempotency_key(stand: &Stand, key: &str, target: &str, body: Value) {
    let request = Request::builder().method(Method::POST).uri(target).header("x-api-key", KEY);
    let request = request.header("content-type", "application/json").header("idempotency-key", key);
    let answer = stand.send(request.body(Body::from(body.to_string())).unwrap()).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_create_whose_answer_was_lost_and_its_repetition_are_a_pair() {
    let stand = Stand::with(LOST_CREATE);
    let lost = stand.post("/v2/extract", extract()).await;
    assert_eq!(lost.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(lost.headers["x-rehearsal-fault"], "lost-create");
    let runs = stand.get("/_rehearsal/runs").await.ok(StatusCode::OK);
    assert_eq!(runs["total"], 1, "the run exists all the same, once");
    assert_eq!(duplicates(&stand).await["groups"], json!([]));

    stand.advance("2s").await;
    let second = stand.create("/v2/extract", extract()).await;
    let runs = stand.get("/_rehearsal/runs").await.ok(StatusCode::OK);
    assert_eq!((&runs["total"], &runs["runs"][0]["id"]), (&json!(2), &json!(second)));
    insta::assert_json_snapshot!(duplicates(&stand).await, {
        ".groups[].requests[].run" => "[run]",
    });
    assert_eq!(stand.get("/_rehearsal/duplicates?after=1").await.ok(StatusCode::OK)["groups"], json!([]));
}

#[tokio::test]
async fn creates_that_differ_were_refused_or_say_that_they_are_one_are_no_duplicates() {
    let stand = Stand::new();
    for url in ["a", "b"] {
        let _ =
            stand.post("/v2/extract", json!({ "urls": [format!("https://skims.com/products/{url}")] })).await;
    }
    for _ in 0..2 {
        let _ = stand.post("/v2/extract", json!({ "urlz": [] })).await;
        let _ = stand.post("/v2/agentic-search-mini", json!({ "query": "shoes" })).await;
        let _ = stand.get("/v2/extract").await;
    }
    let _ = stand.delete("/_rehearsal/requests").await;
    // The second crawl of a shop is the first one, so nothing was created twice.
    let crawl = json!({ "url": "skims.com" });
    with_idempotency_key(&stand, "one", "/v2/crawl", crawl.clone()).await;
    with_idempotency_key(&stand, "one", "/v2/crawl", crawl.clone()).await;
    assert_eq!(duplicates(&stand).await["groups"], json!([]));
    with_idempotency_key(&stand, "two", "/v2/crawl", crawl).await;
    let groups = duplicates(&stand).await["groups"].clone();
    assert_eq!((&groups[0]["count"], &groups[0]["undelivered"]), (&json!(3), &json!(0)));
    assert_eq!(groups[0]["requests"][2]["idempotency_key"], "two");
    assert!(groups[0]["message"].as_str().unwrap().ends_with("every answer was delivered"), "{groups}");
}

#[tokio::test]
async fn a_create_that_got_the_run_of_another_began_none() {
    let stand = Stand::new();
    for _ in 0..2 {
        let _ = stand.post("/v2/crawl", json!({ "url": "skims.com" })).await;
    }
    let group = duplicates(&stand).await["groups"][0].clone();
    assert_eq!((&group["began"], &group["requests"][1]["began"]), (&json!(1), &json!(false)));
    assert_eq!(group["requests"][0]["run"], group["requests"][1]["run"]);
}

#[tokio::test]
async fn a_client_that_left_was_told_nothing() {
    let stand = Stand::with(
        "version: 1\nfaults: [ { id: slow, match: { kind: extract }, when: { first: 1 }, phase: after, delay: 10m } ]\n",
    );
    assert!(stand.post("/v2/extract", extract()).now_or_never().is_none(), "it waits");
    stand.create("/v2/extract", extract()).await;
    let group = duplicates(&stand).await["groups"][0].clone();
    let first = &group["requests"][0];
    assert_eq!((&first["status"], &first["delivered"]), (&Value::Null, &json!(false)));
    assert_eq!(first["faults"][0]["id"], "slow");
    assert!(group["message"].as_str().unwrap().contains("the client had left before request 1"), "{group}");
}

#[tokio::test]
async fn groups_that_may_be_incomplete_are_given_with_the_gap() {
    let stand = Stand::new();
    let _ = stand.post("/v2/extract", extract()).await;
    let long = "x".repeat(20_000);
    for _ in 0..300 {
        let _ = stand.post("/v2/extract", json!({ "urlz": long })).await;
    }
    let _ = stand.post("/v2/extract", extract()).await;
    let body = duplicates(&stand).await;
    assert_eq!((&body["groups"], &body["gap"]["from"]), (&json!([]), &json!(1)));
}

#[tokio::test]
async fn a_key_never_reaches_what_is_read_from_the_journal() {
    let stand = Stand::new();
    let attempts = AtomicUsize::new(0);
    // It holds what JSON and JSON pointers spell in their own way.
    let secret = r#"sk/live~0123"456789"#;
    let call = async |method: Method, target: &str, body: Value| {
        let request = Request::builder().method(method).uri(target).header("x-api-key", secret);
        let attempt = attempts.fetch_add(1, Ordering::Relaxed);
        let request =
            request.header("host", "localhost").header("idempotency-key", format!("{secret}-{attempt}"));
        stand.send(request.body(Body::from(body.to_string())).unwrap()).await
    };
    let encoded = "sk%2Flive~0123%22456789";
    for _ in 0..2 {
        let _ = call(Method::POST, "/v2/extract", json!({ "urls": ["https://a.com/x"], "vendor_x": secret }))
            .await;
        let _ = call(Method::POST, "/v2/extract", json!({ "urls": ["https://a.com/x"] })).await;
        let _ = call(Method::POST, &format!("/v2/crawl?x={encoded}"), json!({ secret: 1, "url": [secret] }))
            .await;
        let cut = json!({ "vendor": "a.com", "max_products": format!("{}{secret}", "x".repeat(185)) });
        let _ = call(Method::POST, "/v2/extract", cut).await;
        let _ = call(Method::GET, &format!("/v2/crawl/{encoded}"), json!({})).await;
    }
    let none = json!({});
    for target in ["requests", "requests?format=ndjson", "duplicates"] {
        let answer = call(Method::GET, &format!("/_rehearsal/{target}"), none.clone()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert!(!answer.text.contains("live~0"), "{target}: {}", answer.text);
        assert!(answer.text.len() > 200 && !answer.text.contains("456789"), "{target}: {}", answer.text);
    }
    for (matcher, count) in [
        (json!({ "account": secret }), json!("never")),
        (json!({ "account": secret, "method": "PUT" }), json!(1)),
        (json!({ "request": { secret: "x" } }), json!(1)),
        (json!({ "header": { "idempotency-key": format!("{secret}x") } }), json!(1)),
        (json!({ "operation": secret }), json!(1)),
        (json!({ secret: 1 }), json!(1)),
    ] {
        let body = json!({ "calls": [{ "match": matcher, "count": count }] });
        let answer = call(Method::POST, "/_rehearsal/verify", body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
        assert!(!answer.text.contains("456789"), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_common_key_that_nobody_honours_hides_no_duplicate() {
    let stand = Stand::new();
    for _ in 0..2 {
        with_idempotency_key(&stand, "one", "/v2/extract", extract()).await;
    }
    let group = duplicates(&stand).await["groups"][0].clone();
    assert_eq!((&group["began"], &group["count"]), (&json!(2), &json!(2)));
    let message = group["message"].as_str().unwrap();
    assert!(message.contains("their common Idempotency-Key is nothing to this API"), "{message}");
}
