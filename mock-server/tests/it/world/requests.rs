//! A manual clock that moves with requests.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{KEY, Stand};

const MOVING: &str = "
clock: { mode: manual, advance-per-request: 10s }
runs: [{ match: { kind: crawl }, lifecycle: { pending: 15s, running: 20s } }]
";

/// The clock of a key's world, without the date.
async fn shown(stand: &Stand, key: &str) -> String {
    let path = format!("/_rehearsal/clock?key={key}");
    let clock = stand.call(key, Method::GET, &path, None).await.ok(StatusCode::OK);
    clock["now"].as_str().unwrap()[11..19].to_owned()
}

async fn put(stand: &Stand, query: &str, scenario: &Value) -> Value {
    let path = format!("/_rehearsal/scenario?key={KEY}{query}");
    stand.call(KEY, Method::PUT, &path, Some(scenario.clone())).await.ok(StatusCode::OK)
}

#[tokio::test]
async fn a_client_that_only_polls_sees_its_run_end() {
    let stand = Stand::with(MOVING);
    let id = stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let mut seen = Vec::new();
    for _ in 0..5 {
        let status = stand.get(&format!("/v2/crawl/{id}")).await.ok(StatusCode::OK)["status"].clone();
        seen.push(status.as_str().unwrap().to_owned());
    }
    assert_eq!(seen, ["pending", "running", "running", "completed", "completed"]);
    assert_eq!(shown(&stand, KEY).await, "10:31:00", "six requests of ten seconds");
}

#[tokio::test]
async fn every_request_moves_the_clock_of_its_own_world_and_of_no_other() {
    let limited =
        format!("{MOVING}account: {{ apis: {{ catalog: {{ rate-limit: {{ requests: 1, per: 1h }} }} }} }}\n");
    let stand = Stand::with(&limited);
    let _ = stand.get("/v2/crawl").await.ok(StatusCode::OK);
    let _ = stand.get("/v2/crawl").await.refused(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");
    assert_eq!(stand.get("/v2/nothing").await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(shown(&stand, KEY).await, "10:30:30");

    let other = async |method, path, body| stand.call("test-b", method, path, body).await.status;
    assert_eq!(other(Method::GET, "/v2/nothing", None).await, StatusCode::NOT_FOUND);
    assert_eq!(shown(&stand, "test-b").await, "10:30:10", "an unknown path is a request");
    assert_eq!(other(Method::POST, "/v2/crawl", Some(json!([]))).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(shown(&stand, "test-b").await, "10:30:20");
    assert_eq!(shown(&stand, KEY).await, "10:30:30");
    assert_eq!(
        stand.call("invalid-key", Method::GET, "/v2/crawl", None).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn the_control_plane_shows_the_clock_and_does_not_move_it() {
    let stand = Stand::with(MOVING);
    let before = stand.call("", Method::GET, "/_rehearsal/clock", None).await;
    assert_eq!(before.json()["advance_per_request"], "10s", "what a new world would get: {before:?}");
    let _ = stand.get("/v2/crawl").await.ok(StatusCode::OK);
    for path in ["clock", "runs", "requests", "scenario", "worlds", "account", "health"] {
        let _ = stand.get(&format!("/_rehearsal/{path}")).await.ok(StatusCode::OK);
    }
    let clock = stand.get("/_rehearsal/clock").await.ok(StatusCode::OK);
    assert_eq!(clock["advance_per_request"], "10s");
    assert_eq!(clock["now"], "2026-01-15T10:30:10.000000Z");
    let real = json!({"mode": "real"});
    let clock = stand.call(KEY, Method::PATCH, "/_rehearsal/clock", Some(real)).await.ok(StatusCode::OK);
    assert_eq!(clock["advance_per_request"], json!(null), "only a manual clock moves with requests");
}

#[tokio::test]
async fn another_scenario_counts_from_the_next_request() {
    let stand = Stand::new();
    let _ = stand.get("/v2/crawl").await.ok(StatusCode::OK);
    assert_eq!(shown(&stand, KEY).await, "10:30:00");
    let minute = json!({"clock": {"mode": "manual", "advance-per-request": "1m"}});
    assert_eq!(put(&stand, "", &minute).await["applies_at_reset"], json!([]));
    let _ = stand.get("/v2/crawl").await.ok(StatusCode::OK);
    assert_eq!(shown(&stand, KEY).await, "10:31:00");
    assert_eq!(put(&stand, "", &json!({})).await["applies_at_reset"], json!([]));
    let _ = stand.get("/v2/crawl").await.ok(StatusCode::OK);
    assert_eq!(shown(&stand, KEY).await, "10:31:00", "the last scenario says nothing of it");
    let _ = put(&stand, "&reset=true", &minute).await;
    let _ = stand.get("/v2/crawl").await.ok(StatusCode::OK);
    assert_eq!(shown(&stand, KEY).await, "10:31:00");
}

#[tokio::test]
async fn a_flag_for_another_clock_leaves_it_without_effect() {
    let minute = json!({"clock": {"mode": "manual", "advance-per-request": "1m"}});
    let overruled = json!(["clock.mode", "clock.advance-per-request"]);
    for (stand, expected) in [(Stand::new(), json!(["clock.mode"])), (Stand::on_a_real_clock(), overruled)] {
        let _ = stand.get("/v2/crawl").await.ok(StatusCode::OK);
        assert_eq!(put(&stand, "", &minute).await["overruled_by_flags"], expected);
    }
}

#[tokio::test]
async fn the_clock_stops_where_every_clock_does() {
    let stand = Stand::with("clock: { mode: manual, advance-per-request: 1d }");
    let last = json!({"set": "8999-12-31T12:00:00Z"});
    let _ = stand.get("/v2/crawl").await.ok(StatusCode::OK);
    let _ = stand.call(KEY, Method::PATCH, "/_rehearsal/clock", Some(last)).await.ok(StatusCode::OK);
    for _ in 0..2 {
        let _ = stand.get("/v2/crawl").await.ok(StatusCode::OK);
        let clock = stand.get("/_rehearsal/clock").await.ok(StatusCode::OK);
        assert_eq!(clock["now"], "9000-01-01T00:00:00.000000Z");
    }
}
