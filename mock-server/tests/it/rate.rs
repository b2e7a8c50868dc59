//! The rate limit: off unless asked for, a window over the world's own clock, told to clients in headers.

use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{KEY, Stand};

const LIMITED: &str = "account: { apis: { catalog: { rate-limit: { requests: 3, per: 4s } } } }\n";
const NAMES: [&str; 3] = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"];

/// The values of the three headers.
fn told(headers: &HeaderMap) -> [Option<&str>; 3] {
    NAMES.map(|name| headers.get(name).map(|value| value.to_str().unwrap()))
}

async fn patch(stand: &Stand, key: &str, limit: Value) -> crate::harness::Answer {
    let body = json!({ "apis": { "catalog": { "rate-limit": limit } } });
    stand.call(key, Method::PATCH, "/_rehearsal/account", Some(body)).await
}

#[tokio::test]
async fn without_a_limit_every_success_tells_of_a_window_that_is_its_own() {
    let stand = Stand::new();
    for _ in 0..60 {
        let answer = stand.get("/v2/crawl").await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(told(&answer.headers), [Some("50"), Some("49"), Some("2026-01-15T10:30:04.000Z")]);
        assert_eq!(answer.headers.get("retry-after"), None);
    }
    let created = stand.post("/v2/crawl", json!({ "url": "a.example" })).await;
    assert_eq!(told(&created.headers), [Some("50"), Some("49"), Some("2026-01-15T10:30:04.000Z")]);
    for refused in [stand.get("/v2/nothing").await, stand.post("/v2/crawl", json!({})).await] {
        assert_eq!(told(&refused.headers), [None; 3], "{}", refused.text);
    }
}

#[tokio::test]
async fn the_request_after_the_last_one_allowed_waits_for_the_oldest() {
    let stand = Stand::with(LIMITED);
    for (remaining, at) in [("2", "10:30:04.000Z"), ("1", "10:30:04.000Z"), ("0", "10:30:04.000Z")] {
        let answer = stand.get("/v2/crawl").await;
        let reset = format!("2026-01-15T{at}");
        assert_eq!(told(&answer.headers), [Some("3"), Some(remaining), Some(reset.as_str())]);
        stand.advance("500ms").await;
    }
    let refused = stand.get("/v2/crawl").await;
    assert_eq!(told(&refused.headers), [Some("3"), Some("0"), Some("2026-01-15T10:30:04.000Z")]);
    assert_eq!(refused.headers["retry-after"], "3", "2.5 s are left");
    let message = refused.refused(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");
    assert_eq!(message, "Rate limit exceeded. Please retry after 3 seconds.");

    stand.advance("2499ms").await;
    let refused = stand.get("/v2/crawl").await;
    assert_eq!(refused.headers["retry-after"], "1", "never zero");
    refused.refused(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");
    stand.advance("1ms").await;
    let answer = stand.get("/v2/crawl").await;
    assert_eq!(told(&answer.headers), [Some("3"), Some("0"), Some("2026-01-15T10:30:04.500Z")]);
    stand.get("/v2/crawl").await.refused(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");
}

#[tokio::test]
async fn whatever_reaches_a_world_counts_and_what_does_not_leaves_it_alone() {
    let stand = Stand::with(LIMITED);
    stand.call("invalid-key", Method::GET, "/v2/crawl", None).await.ok(StatusCode::UNAUTHORIZED);
    stand.call("test-b", Method::GET, "/v2/crawl", None).await.ok(StatusCode::OK);
    stand.post("/v2/crawl", json!({})).await.refused(StatusCode::BAD_REQUEST, "INVALID_REQUEST");
    stand.get("/v2/nothing").await.refused(StatusCode::NOT_FOUND, "NOT_FOUND");
    stand.get("/v2/crawl/crawl-a-00000000").await.refused(StatusCode::NOT_FOUND, "NOT_FOUND");
    // The limit comes before everything else that could be wrong with a request.
    stand.post("/v2/crawl", json!({})).await.refused(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");
    stand.get("/v2/nothing").await.refused(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");

    stand.get("/_rehearsal/clock").await.ok(StatusCode::OK);
    let journal = stand.get("/_rehearsal/requests").await.ok(StatusCode::OK);
    let entries = journal["requests"].as_array().unwrap();
    let statuses: Vec<_> = entries.iter().map(|entry| entry["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [400, 404, 404, 429, 429], "refused ones are written down too: {journal}");
    // Those two do not count: four seconds after the first three, three more are answered.
    stand.advance("4s").await;
    for _ in 0..3 {
        stand.get("/v2/crawl").await.ok(StatusCode::OK);
    }
}

#[tokio::test]
async fn the_limit_is_switched_and_shown_by_the_control_plane() {
    let stand = Stand::new();
    stand.get("/v2/crawl").await.ok(StatusCode::OK);
    let shown = |account: Value| account["apis"]["catalog"]["rate-limit"].clone();
    assert_eq!(shown(stand.get("/_rehearsal/account").await.ok(StatusCode::OK)), "off");
    let custom = json!({ "requests": 1, "per": "1m30s" });
    for limit in [json!("documented"), json!("off"), custom] {
        let patched = patch(&stand, KEY, limit.clone()).await.ok(StatusCode::OK);
        assert_eq!(shown(patched), limit);
    }
    stand.get("/v2/crawl").await.ok(StatusCode::OK);
    stand.get("/v2/crawl").await.refused(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");
    patch(&stand, KEY, json!("documented")).await.ok(StatusCode::OK);
    for _ in 0..50 {
        stand.get("/v2/crawl").await.ok(StatusCode::OK);
    }
    stand.get("/v2/crawl").await.refused(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");

    for wrong in [
        json!("none"),
        json!(50),
        json!({ "requests": 0, "per": "4s" }),
        json!({ "requests": 50 }),
        json!({ "requests": 50, "per": "4" }),
        json!({ "requests": 50, "per": "4s", "burst": 1 }),
    ] {
        let refused = patch(&stand, KEY, wrong).await.ok(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused["error"]["code"], "invalid_account", "{refused}");
    }
}

#[tokio::test]
async fn a_declared_account_has_its_own_limit_and_a_reset_empties_the_window() {
    let stand = Stand::with(
        "accounts:\n  - key: test-a\n    apis: { catalog: { rate-limit: { requests: 1, per: 1h } } }\n  - key: test-b\n",
    );
    for key in ["test-a", "test-b"] {
        stand.call(key, Method::GET, "/v2/crawl", None).await.ok(StatusCode::OK);
    }
    stand.call("test-b", Method::GET, "/v2/crawl", None).await.ok(StatusCode::OK);
    stand.get("/v2/crawl").await.refused(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");
    stand.call("test-a", Method::POST, "/_rehearsal/reset", None).await.ok(StatusCode::OK);
    stand.get("/v2/crawl").await.ok(StatusCode::OK);
}

#[tokio::test]
async fn under_a_scaled_clock_a_client_is_told_to_wait_by_its_own_clock() {
    let stand = Stand::with(
        "clock: { mode: manual }\naccount: { apis: { catalog: { rate-limit: { requests: 1, per: 10m } } } }\n",
    );
    stand.get("/v2/crawl").await.ok(StatusCode::OK);
    let clock = json!({ "mode": "scaled", "rate": 60.0 });
    stand.call(KEY, Method::PATCH, "/_rehearsal/clock", Some(clock)).await.ok(StatusCode::OK);
    let refused = stand.get("/v2/crawl").await;
    let wait: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=10).contains(&wait), "ten minutes pass in ten seconds: {wait}");
    let reset = refused.headers["ratelimit-reset"].to_str().unwrap();
    assert!(reset > "2026-01-16", "{reset} is by the wall clock, not by the world's");
}
