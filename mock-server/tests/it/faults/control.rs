//! Faults of the moment: added, listed with what they did, and taken away.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{fired, with};
use crate::harness::{Answer, KEY, Stand};

async fn control(stand: &Stand, method: Method, path: &str, body: Value) -> Answer {
    stand.call(KEY, method, &format!("/_rehearsal{path}"), Some(body)).await
}

#[tokio::test]
async fn a_fault_is_added_in_front_of_the_scenarios_and_taken_away() {
    let stand = with("  - { id: of-scenario, respond: { error: conflict } }");
    let fault = json!({ "id": "mine", "when": { "first": 1 }, "respond": { "error": "unavailable" } });
    let added = control(&stand, Method::POST, "/faults", fault.clone()).await.ok(StatusCode::CREATED);
    assert_eq!((&added["id"], &added["from"], &added["fault"]), (&json!("mine"), &json!("control"), &fault));
    assert_eq!(stand.get("/v2/crawl").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(stand.get("/v2/crawl").await.status, StatusCode::CONFLICT);
    let listed = stand.get("/_rehearsal/faults").await.ok(StatusCode::OK);
    let shown: Vec<_> = listed["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["id"].as_str().unwrap(), it["matched"].as_u64(), it["fired"].as_u64()))
        .collect();
    assert_eq!(shown, [("mine", Some(2), Some(1)), ("of-scenario", Some(2), Some(1))]);

    let again = control(&stand, Method::POST, "/faults", fault).await.ok(StatusCode::CONFLICT);
    assert_eq!(again["error"]["code"], "fault_exists");
    let one = stand.get("/_rehearsal/faults/mine").await.ok(StatusCode::OK);
    assert_eq!(one["fired"], 1);
    let gone = stand.delete("/_rehearsal/faults/mine").await;
    assert_eq!((gone.status, gone.text.as_str()), (StatusCode::NO_CONTENT, ""));
    let unknown = stand.delete("/_rehearsal/faults/mine").await.ok(StatusCode::NOT_FOUND);
    assert_eq!(unknown["error"]["code"], "unknown_fault");
    let fixed = stand.delete("/_rehearsal/faults/of-scenario").await.ok(StatusCode::CONFLICT);
    assert_eq!(fixed["error"]["code"], "fault_of_scenario");
}

#[tokio::test]
async fn faults_without_an_id_get_one_and_all_can_be_taken_away() {
    let stand = Stand::new();
    for expected in ["added-1", "added-2"] {
        let added =
            control(&stand, Method::POST, "/faults", json!({ "delay": "1ms" })).await.ok(StatusCode::CREATED);
        assert_eq!(added["id"], expected);
    }
    assert_eq!(fired(&stand.get("/v2/crawl").await), Some("added-2,added-1"));
    let cleared = stand.delete("/_rehearsal/faults").await;
    assert_eq!(cleared.status, StatusCode::NO_CONTENT);
    assert_eq!(fired(&stand.get("/v2/crawl").await), None);
}

#[tokio::test]
async fn a_reset_takes_added_faults_away_and_arms_the_scenarios_anew() {
    let stand = with("  - { id: once, when: { first: 1 }, respond: { error: conflict } }");
    control(&stand, Method::POST, "/faults", json!({ "id": "mine", "payload": "empty" }))
        .await
        .ok(StatusCode::CREATED);
    assert_eq!(fired(&stand.get("/v2/crawl").await), Some("mine"));
    control(&stand, Method::POST, "/reset", json!({})).await.ok(StatusCode::OK);
    assert_eq!(fired(&stand.get("/v2/crawl").await), Some("once"));
    assert_eq!(fired(&stand.get("/v2/crawl").await), None);
}

#[tokio::test]
async fn mistakes_are_shown_at_their_places_and_change_nothing() {
    let stand = Stand::new();
    let wrong =
        json!({ "respond": { "eror": "unavailable" }, "match": { "operation": "catalog.crawl.gte" } });
    let refused = control(&stand, Method::POST, "/faults", wrong).await.ok(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused["error"]["code"], "invalid_fault");
    let paths: Vec<_> =
        refused["error"]["diagnostics"]["errors"].as_array().unwrap().iter().map(|it| &it["path"]).collect();
    assert!(paths.contains(&&json!("match.operation")), "{refused}");
    for text in ["", "null", "[]", "faults: []", "\u{0}", "{", "{\"delay\": \"1h\"}"] {
        let request =
            http::Request::post("/_rehearsal/faults").header("host", "localhost").header("x-api-key", KEY);
        let answer = stand.send(request.body(axum::body::Body::from(text)).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{text:?}: {}", answer.text);
    }
    assert_eq!(stand.get("/v2/crawl").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_world_takes_a_thousand_added_faults_and_no_more() {
    let stand = Stand::new();
    for number in 0..1_000 {
        let fault = json!({ "id": format!("f{number}"), "match": { "operation": "catalog.usage.get" }, "delay": "1ms" });
        control(&stand, Method::POST, "/faults", fault).await.ok(StatusCode::CREATED);
    }
    let refused =
        control(&stand, Method::POST, "/faults", json!({ "delay": "1ms" })).await.ok(StatusCode::CONFLICT);
    assert_eq!(refused["error"]["code"], "too_many_faults");
    assert_eq!(stand.get("/v2/crawl").await.status, StatusCode::OK);
}

#[tokio::test]
async fn faults_of_all_worlds_are_added_together_or_not_at_all() {
    let stand = Stand::new();
    for key in ["test-a", "test-b"] {
        let _ = stand.call(key, Method::GET, "/v2/crawl", None).await;
    }
    let fault = json!({ "id": "mine", "respond": { "status": 500 } });
    let target = "/_rehearsal/faults?key=*";
    let both = stand.call(KEY, Method::POST, target, Some(fault.clone())).await.ok(StatusCode::CREATED);
    assert_eq!(both["worlds"].as_array().unwrap().len(), 2);
    for key in ["test-a", "test-b"] {
        assert_eq!(
            stand.call(key, Method::GET, "/v2/crawl", None).await.status,
            StatusCode::INTERNAL_SERVER_ERROR
        );
    }
    assert_eq!(
        stand.call("test-b", Method::DELETE, "/_rehearsal/faults/mine", None).await.status,
        StatusCode::NO_CONTENT
    );
    let refused = stand.call(KEY, Method::POST, target, Some(fault)).await.ok(StatusCode::CONFLICT);
    assert_eq!(refused["error"]["world"], "test-a");
    assert_eq!(stand.call("test-b", Method::GET, "/v2/crawl", None).await.status, StatusCode::OK);
}

#[tokio::test]
async fn ten_megabytes_of_scenario_or_fault_are_refused() {
    let stand = Stand::new();
    for (method, path) in [("PUT", "scenario"), ("POST", "faults")] {
        let request = http::Request::builder().method(method).uri(format!("/_rehearsal/{path}"));
        let request = request.header("host", "localhost").header("x-api-key", KEY);
        let body = axum::body::Body::from("# x\n".repeat(2_500_000));
        let refused = stand.send(request.body(body).unwrap()).await.ok(StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(refused["error"]["code"], "body_too_large");
    }
}
