use serde_json::{Value, json};

use super::*;
use crate::transport::in_process::InProcess;

/// A server whose answers say what it was asked, behind edits.
fn tampered(edits: &str) -> Tamper {
    let serve = |request: Request<Bytes>| async move {
        let key = request
            .headers()
            .get("x-api-key")
            .map(|key| String::from_utf8_lossy(key.as_bytes()).into_owned());
        let body = json!({"status": "running", "uri": request.uri().to_string(), "key": key});
        Response::new(Bytes::from(body.to_string()))
    };
    let contract = Contract::find("catalog", "v2").expect("it is known");
    let edits = serde_saphyr::from_str(edits).expect("they are edits");
    Tamper::new(Arc::new(InProcess::new(serve)), contract, edits)
}

async fn get(tamper: &Tamper, target: &str, key: &str) -> (u16, Value) {
    let request = Request::get(target).header("x-api-key", key).body(Bytes::new()).expect("a request");
    let answer = tamper.send(request).await.expect("it answers");
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).expect("it is JSON"))
}

#[tokio::test]
async fn from_counts_for_each_run_and_only_counts_for_all() {
    let tamper = tampered(
        "[{on: {operation: '*.get', from: 2}, set: {/status: pending}}, {on: {operation: '*.get', only: 2}, status: 500}]",
    );
    let mut seen = Vec::new();
    for run in ["one", "two", "one", "two"] {
        let (status, body) = get(&tamper, &format!("/v2/crawl/{run}"), "check-7-a").await;
        seen.push((status, body["status"] == "pending"));
    }
    assert_eq!(seen, [(200, false), (500, false), (200, true), (200, true)]);
    assert_eq!(tamper.fired(), [2, 1]);
}

#[tokio::test]
async fn every_counts_for_all_and_to_counts_for_each_run() {
    let tamper = tampered(
        "[{on: {operation: '*.get', to: 1}, set: {/status: pending}}, {on: {every: 3}, set: {/uri: third}}]",
    );
    let mut seen = Vec::new();
    for run in ["one", "two", "one", "two", "one", "two"] {
        let (_, body) = get(&tamper, &format!("/v2/crawl/{run}"), "check-7-a").await;
        seen.push((body["status"] == "pending", body["uri"] == "third"));
    }
    let (none, early, third) = ((false, false), (true, false), (false, true));
    assert_eq!(seen, [early, early, third, none, none, third]);
    assert_eq!(tamper.fired(), [2, 2]);
}

#[tokio::test]
async fn a_lost_answer_is_an_error_and_an_unheard_request_is_answered_by_its_edit() {
    let tamper =
        tampered("[{on: {key: a}, lose: true}, {on: {key: b}, unheard: true, status: 503, text: '{}'}]");
    let request = Request::get("/v2/crawl").header("x-api-key", "check-7-a").body(Bytes::new());
    let lost = tamper.send(request.expect("a request")).await;
    assert!(matches!(lost, Err(TransportError::Broken(_))), "{lost:?}");
    assert_eq!(get(&tamper, "/v2/crawl", "check-7-b").await, (503, json!({})));
    assert_eq!(get(&tamper, "/v2/crawl", "check-7-c").await.1["uri"], "/v2/crawl");
    assert_eq!(tamper.fired(), [1, 1]);
}

#[tokio::test]
async fn the_control_plane_is_never_edited() {
    let tamper = tampered("[{status: 500}]");
    assert_eq!(get(&tamper, "/_rehearsal/health", "").await.0, 200);
    assert_eq!(get(&tamper, "/_rehearsalx", "").await.0, 500);
    assert_eq!(tamper.fired(), [1]);
}

#[tokio::test]
async fn the_second_key_passes_for_the_first_whatever_came_before() {
    let tamper = tampered("[{on: {key: b}, ask: {key: a}, set: {/status: confused}}]");
    let (_, body) = get(&tamper, "/v2/crawl", "check-7-b").await;
    assert_eq!((&body["key"], &body["status"]), (&json!("check-7-a"), &json!("confused")));
    let (_, body) = get(&tamper, "/v2/crawl", "check-7-a").await;
    assert_eq!(body["status"], "running");
}

#[tokio::test]
async fn conditions_look_at_what_the_server_said() {
    let tamper = tampered(
        "[{on: {body: {/status: running}}, set: {/status: pending}}, {on: {body: {/status: pending}}, status: 500}]",
    );
    assert_eq!(get(&tamper, "/v2/crawl", "check-7-a").await.0, 200);
    assert_eq!(tamper.fired(), [1, 0]);
}
