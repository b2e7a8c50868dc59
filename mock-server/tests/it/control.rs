mod runs;
mod scenario;
mod strict;
mod waiting;
mod wildcard;

use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, KEY, Stand};

async fn control(stand: &Stand, method: Method, path: &str, body: Value) -> Answer {
    stand.call(KEY, method, &format!("/_rehearsal{path}"), Some(body)).await
}

/// Calls the control plane without a key.
async fn bare(stand: &Stand, method: &str, path: &str, body: &str) -> Answer {
    let request =
        Request::builder().method(method).uri(format!("/_rehearsal{path}")).header("host", "localhost");
    stand.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

#[track_caller]
fn code(answer: Answer, status: StatusCode) -> String {
    answer.ok(status)["error"]["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn health_says_what_the_server_is() {
    let health = Stand::new().get("/_rehearsal/health").await.ok(StatusCode::OK);
    assert_eq!(
        (&health["name"], &health["seed"], &health["worlds"]),
        (&json!("rehearsal"), &json!(7), &json!(0))
    );
    let contracts = fixtures::contract::Contract::all().iter();
    let apis: Vec<Value> = contracts
        .map(|it| json!({"api": it.api(), "version": it.version(), "operations": it.operations().len()}))
        .collect();
    assert_eq!(health["apis"], json!(apis));
    assert_eq!(health["not_stood_in"], json!({ "count": 0, "operations": {} }));
}

#[tokio::test]
async fn the_clock_is_moved_forward_only() {
    let stand = Stand::new();
    let patch = async |body| control(&stand, Method::PATCH, "/clock", body).await;
    let moved = patch(json!({"advance": "1m30s"})).await.ok(StatusCode::OK);
    let expected = json!({"world": KEY, "now": "2026-01-15T10:31:30.000000Z", "mode": "manual", "rate": 1.0, "advance_per_request": null, "next": null});
    assert_eq!(moved, expected);
    let set = patch(json!({"set": "2026-02-01T00:00:00Z"})).await.ok(StatusCode::OK);
    assert_eq!(set["now"], "2026-02-01T00:00:00.000000Z");
    assert_eq!(
        code(patch(json!({"set": "2026-01-01T00:00:00Z"})).await, StatusCode::UNPROCESSABLE_ENTITY),
        "clock_goes_forward"
    );
    assert_eq!(code(patch(json!({"advance": "next"})).await, StatusCode::CONFLICT), "nothing_due");
    for body in [
        json!({}),
        json!({"advance": "5"}),
        json!({"advance": "11y"}),
        json!({"advance": "4000d"}),
        json!({"advance": "1s", "set": "2027-01-01T00:00:00Z"}),
        json!({"mode": "scaled"}),
        json!({"mode": "scaled", "rate": 0}),
        json!({"mode": "scaled", "rate": 1e-300}),
        json!({"mode": "scaled", "rate": 1_000_001}),
        json!({"mode": "real", "rate": 2}),
        json!({"mode": "fast"}),
        json!({"set": "tomorrow"}),
    ] {
        assert_eq!(
            code(patch(body.clone()).await, StatusCode::UNPROCESSABLE_ENTITY),
            "invalid_clock",
            "{body}"
        );
    }
    assert_eq!(code(patch(json!({"advnce": "1s"})).await, StatusCode::BAD_REQUEST), "invalid_body");
}

#[tokio::test]
async fn advance_next_goes_to_the_end_of_the_next_run() {
    let stand = Stand::new();
    let id = stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let stuck = stand.create("/v2/crawl", json!({"url": "stuck.test"})).await;
    let due = stand.get("/_rehearsal/clock").await.ok(StatusCode::OK)["next"].clone();
    let moved = control(&stand, Method::PATCH, "/clock", json!({"advance": "next"})).await.ok(StatusCode::OK);
    assert_eq!((&moved["now"], &moved["next"]), (&due, &Value::Null));
    assert_eq!(stand.get(&format!("/v2/crawl/{id}")).await.ok(StatusCode::OK)["status"], "completed");
    assert_eq!(stand.get(&format!("/v2/crawl/{stuck}")).await.ok(StatusCode::OK)["status"], "running");
}

#[tokio::test]
async fn a_reset_brings_the_same_world_again() {
    let stand = Stand::new();
    let first = stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let answer = stand.get(&format!("/v2/crawl/{first}")).await;
    stand.advance("1h").await;
    let reset = control(&stand, Method::POST, "/reset", json!({})).await.ok(StatusCode::OK);
    let world = &reset["worlds"][0];
    assert_eq!((&world["runs"], &world["requests"], &world["generation"]), (&json!(0), &json!(0), &json!(1)));
    let _ = stand.get(&format!("/v2/crawl/{first}")).await.refused(StatusCode::NOT_FOUND, "NOT_FOUND");
    assert_eq!(stand.create("/v2/crawl", json!({"url": "skims.com"})).await, first);
    assert_eq!(stand.get(&format!("/v2/crawl/{first}")).await.text, answer.text);
}

#[tokio::test]
async fn operators_end_hold_and_push_runs() {
    let stand = Stand::new();
    let crawl = stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let extract = stand.create("/v2/extract", json!({"vendor": "skims.com", "crawl_id": crawl})).await;
    let act = async |id: &str, action: &str, body| {
        control(&stand, Method::POST, &format!("/runs/{id}/{action}"), body).await
    };
    let pushed = act(&crawl, "progress", json!({"percent": 70})).await.ok(StatusCode::OK);
    assert_eq!((&pushed["state"], &pushed["percent"]), (&json!("running"), &json!(70.0)));
    act(&crawl, "stick", json!({})).await.ok(StatusCode::OK);
    stand.advance("1d").await;
    assert_eq!(stand.get(&format!("/v2/crawl/{crawl}")).await.ok(StatusCode::OK)["status"], "running");
    let failed = act(&crawl, "fail", json!({"error": "The shop is on fire."})).await.ok(StatusCode::OK);
    assert_eq!((&failed["state"], &failed["error"]), (&json!("failed"), &json!("The shop is on fire.")));
    assert_eq!(stand.get(&format!("/v2/extract/{extract}")).await.ok(StatusCode::OK)["status"], "failed");
    assert_eq!(code(act(&crawl, "complete", json!({})).await, StatusCode::CONFLICT), "run_ended");

    let other = stand.create("/v2/agentic-search", json!({"query": "stuck"})).await;
    stand.advance("1d").await;
    act(&other, "unstick", json!({})).await.ok(StatusCode::OK);
    stand.advance("1d").await;
    assert_eq!(
        stand.get(&format!("/v2/agentic-search/{other}")).await.ok(StatusCode::OK)["status"],
        "completed"
    );

    assert_eq!(code(act("none", "fail", json!({})).await, StatusCode::NOT_FOUND), "unknown_run");
    assert_eq!(code(act(&other, "explode", json!({})).await, StatusCode::NOT_FOUND), "unknown_control");
    assert_eq!(
        code(act(&other, "progress", json!({"percent": 101})).await, StatusCode::UNPROCESSABLE_ENTITY),
        "invalid_control"
    );
}

#[tokio::test]
async fn runs_of_all_kinds_are_listed_in_one_shape_newest_first() {
    let stand = Stand::new();
    let crawl = stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let search = stand.create("/v2/agentic-search", json!({"query": "boots"})).await;
    let listed = stand.get("/_rehearsal/runs").await.ok(StatusCode::OK);
    let ids: Vec<&Value> = listed["runs"].as_array().unwrap().iter().map(|run| &run["id"]).collect();
    assert_eq!(ids, [&json!(search), &json!(crawl)]);
    let crawls = stand.get("/_rehearsal/runs?kind=crawl&state=pending").await.ok(StatusCode::OK);
    assert_eq!(crawls["runs"].as_array().unwrap().len(), 1);
    assert_eq!(crawls["more"], false);
    let newest = stand.get("/_rehearsal/runs?state=pending&limit=1").await.ok(StatusCode::OK);
    assert_eq!((&newest["runs"][0]["id"], &newest["more"]), (&json!(search), &json!(true)));
    let running = stand.get("/_rehearsal/runs?state=running").await.ok(StatusCode::OK);
    assert_eq!(running["runs"], json!([]));
    assert_eq!(
        code(stand.get("/_rehearsal/runs?kind=robot").await, StatusCode::BAD_REQUEST),
        "invalid_query"
    );
}

#[tokio::test]
async fn credits_are_seen_and_set() {
    let stand = Stand::new();
    let patch = async |body| control(&stand, Method::PATCH, "/account", body).await;
    let set =
        patch(json!({"apis": {"catalog": {"credits": 26, "auto-top-up": false}}})).await.ok(StatusCode::OK);
    let catalog = &set["apis"]["catalog"];
    assert_eq!(*catalog, json!({"credits": 26, "auto-top-up": false, "rate-limit": "off"}));
    stand.create("/v2/agentic-search", json!({"query": "boots"})).await;
    assert_eq!(stand.get("/_rehearsal/account").await.ok(StatusCode::OK)["apis"]["catalog"]["credits"], 1);
    assert_eq!(
        code(patch(json!({"apis": {"catalog": {"credits": -1}}})).await, StatusCode::UNPROCESSABLE_ENTITY),
        "invalid_account"
    );
    assert_eq!(
        code(patch(json!({"apis": {"catalog": {"credit": 1}}})).await, StatusCode::BAD_REQUEST),
        "invalid_body"
    );
}

#[tokio::test]
async fn the_journal_shows_what_came_and_never_the_control_plane() {
    let stand = Stand::new();
    let id = stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let _ = stand.get(&format!("/v2/crawl/{id}?x=1")).await;
    let _ = stand.get("/v2/nothing").await;
    let journal = stand.get("/_rehearsal/requests").await.ok(StatusCode::OK);
    let entries = journal["requests"].as_array().unwrap();
    let seen: Vec<(&Value, &Value, &Value)> =
        entries.iter().map(|entry| (&entry["operation"], &entry["run"], &entry["status"])).collect();
    let (run, none) = (json!(id), Value::Null);
    let expected = [
        (&json!("catalog.crawl.create"), &run, &json!(202)),
        (&json!("catalog.crawl.get"), &run, &json!(200)),
        (&none, &none, &json!(404)),
    ];
    assert_eq!(seen, expected);
    let page = stand.get("/_rehearsal/requests?after=1&limit=1").await.ok(StatusCode::OK);
    assert_eq!((&page["requests"][0]["number"], &page["next"]), (&json!(2), &json!(2)));
    let _ = stand.delete("/_rehearsal/requests").await;
    let cleared = stand.get("/_rehearsal/requests").await.ok(StatusCode::OK);
    assert_eq!((&cleared["requests"], &cleared["dropped"]), (&json!([]), &json!(0)));

    let _ = stand.call("invalid-1", Method::GET, "/v2/crawl", None).await;
    let refused = stand.get("/_rehearsal/requests?key=(refused)").await.ok(StatusCode::OK);
    assert_eq!(refused["requests"][0]["status"], 401);
    assert_eq!(stand.delete("/_rehearsal/requests?key=(refused)").await.status, StatusCode::NO_CONTENT);
    let cleared = stand.get("/_rehearsal/requests?key=(refused)").await.ok(StatusCode::OK);
    assert_eq!((&cleared["requests"], &cleared["dropped"]), (&json!([]), &json!(0)));
}

#[tokio::test]
async fn a_world_must_be_named_when_there_are_several() {
    let stand = Stand::new();
    let bare = async |method, path, body| bare(&stand, method, path, body).await;
    // Without any world the template is what moves.
    bare("PATCH", "/clock", r#"{"advance": "1h"}"#).await.ok(StatusCode::OK);
    for key in ["test-a", "test-b"] {
        let _ = stand.call(key, Method::GET, "/v2/crawl", None).await;
    }
    let clock = bare("GET", "/clock?key=test-b", "").await.ok(StatusCode::OK);
    assert_eq!(clock["now"], "2026-01-15T11:30:00.000000Z");
    let unnamed = bare("PATCH", "/clock", r#"{"advance": "1h"}"#).await.ok(StatusCode::BAD_REQUEST);
    assert_eq!(unnamed["error"]["code"], "world_required");
    assert_eq!(unnamed["error"]["worlds"], json!(["test-a", "test-b"]));
    let all = bare("PATCH", "/clock?key=*", r#"{"advance": "1h"}"#).await.ok(StatusCode::OK);
    assert_eq!(all["worlds"].as_array().unwrap().len(), 2);
    assert_eq!(bare("DELETE", "/worlds/test-a", "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(code(bare("DELETE", "/worlds/test-a", "").await, StatusCode::NOT_FOUND), "unknown_world");
    assert_eq!(code(bare("GET", "/clock?key=test-a", "").await, StatusCode::NOT_FOUND), "unknown_world");
    assert_eq!(
        code(
            bare("PATCH", "/clock?key=invalid", r#"{"advance": "1h"}"#).await,
            StatusCode::UNPROCESSABLE_ENTITY
        ),
        "refused_key"
    );
}

#[tokio::test]
async fn a_mistyped_path_stays_in_the_control_plane() {
    let stand = Stand::new();
    assert_eq!(code(stand.get("/_rehearsal/clok").await, StatusCode::NOT_FOUND), "unknown_path");
    assert_eq!(code(stand.get("/_rehearsal").await, StatusCode::NOT_FOUND), "unknown_path");
    assert_eq!(
        code(stand.delete("/_rehearsal/clock").await, StatusCode::METHOD_NOT_ALLOWED),
        "method_not_allowed"
    );
    assert_eq!(code(stand.get("/_rehearsal/clock?kay=x").await, StatusCode::BAD_REQUEST), "invalid_query");
}

#[tokio::test]
async fn contracts_are_served_as_they_are() {
    let stand = Stand::new();
    let listed = stand.get("/_rehearsal/contracts").await.ok(StatusCode::OK);
    let json = stand.get(listed["contracts"][0]["json"].as_str().unwrap()).await.ok(StatusCode::OK);
    assert_eq!(json["openapi"], "3.1.0");
    let yaml = stand.get(listed["contracts"][0]["yaml"].as_str().unwrap()).await;
    assert!(yaml.status == StatusCode::OK && yaml.text.contains("openapi: 3.1.0"));
    assert_eq!(
        code(stand.get("/_rehearsal/contracts/catalog/v9.json").await, StatusCode::NOT_FOUND),
        "unknown_contract"
    );
}
