//! `?key=*`: every world, or none.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{bare, code};
use crate::harness::{Answer, Stand};

/// A server with the worlds `test-a` and `test-b`.
async fn two() -> Stand {
    let stand = Stand::new();
    for key in ["test-a", "test-b"] {
        let _ = stand.call(key, Method::GET, "/v2/crawl", None).await;
    }
    stand
}

async fn now(stand: &Stand, key: &str) -> Value {
    bare(stand, "GET", &format!("/clock?key={key}"), "").await.ok(StatusCode::OK)["now"].clone()
}

async fn next(stand: &Stand) -> Answer {
    bare(stand, "PATCH", "/clock?key=*", r#"{"advance": "next"}"#).await
}

#[tokio::test]
async fn clocks_are_set_all_or_none() {
    let stand = two().await;
    let before = now(&stand, "test-a").await;
    let _ = bare(&stand, "PATCH", "/clock?key=test-b", r#"{"advance": "2h"}"#).await.ok(StatusCode::OK);
    let set = bare(&stand, "PATCH", "/clock?key=*", r#"{"set": "2026-01-15T11:30:00Z"}"#).await;
    let refused = set.ok(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused["error"]["code"], "clock_goes_forward");
    assert_eq!(refused["error"]["world"], "test-b");
    assert_eq!(now(&stand, "test-a").await, before);
}

#[tokio::test]
async fn worlds_with_nothing_due_are_passed_over() {
    let stand = two().await;
    assert_eq!(code(next(&stand).await, StatusCode::CONFLICT), "nothing_due");
    let before = now(&stand, "test-a").await;
    let body = Some(json!({"url": "skims.com"}));
    let _ = stand.call("test-b", Method::POST, "/v2/crawl", body).await.ok(StatusCode::ACCEPTED);
    let due = bare(&stand, "GET", "/clock?key=test-b", "").await.ok(StatusCode::OK)["next"].clone();
    let moved = next(&stand).await.ok(StatusCode::OK);
    assert_eq!((&moved["worlds"][0]["now"], &moved["worlds"][1]["now"]), (&before, &due));
    assert_eq!(code(next(&stand).await, StatusCode::CONFLICT), "nothing_due");
}

#[tokio::test]
async fn without_worlds_the_template_is_meant() {
    let stand = Stand::new();
    let moved = bare(&stand, "PATCH", "/clock?key=*", r#"{"advance": "1h"}"#).await.ok(StatusCode::OK);
    assert_eq!((&moved["world"], &moved["now"]), (&Value::Null, &json!("2026-01-15T11:30:00.000000Z")));
    assert_eq!(bare(&stand, "GET", "/clock", "").await.ok(StatusCode::OK), moved, "it can be read too");
    let put = bare(&stand, "PUT", "/scenario?key=*", "description: Other.\n").await.ok(StatusCode::OK);
    assert_eq!((&put["world"], &put["scenario"]["description"]), (&Value::Null, &json!("Other.")));
    let _ = bare(&stand, "POST", "/reset?key=*", "").await.ok(StatusCode::OK);
    let health = bare(&stand, "GET", "/health", "").await.ok(StatusCode::OK);
    assert_eq!((&health["worlds"], &health["scenario"]["name"]), (&json!(0), &json!("default")));
    let account = bare(&stand, "PATCH", "/account?key=*", "{}").await;
    assert_eq!(code(account, StatusCode::NOT_FOUND), "no_world");
}

#[tokio::test]
async fn every_world_follows_a_scenario_gets_an_account_and_is_reset() {
    let stand = two().await;
    let ids = |body: &Value, name: &str| {
        let worlds = body["worlds"].as_array().unwrap();
        assert_eq!(worlds.len(), 2);
        worlds.iter().map(|world| world[name].clone()).collect::<Vec<_>>()
    };
    let put = bare(&stand, "PUT", "/scenario?key=*", "runs: []\n").await.ok(StatusCode::OK);
    assert_eq!(ids(&put, "world"), ["test-a", "test-b"]);
    let patch = r#"{"apis": {"catalog": {"credits": 5}}}"#;
    let patched = bare(&stand, "PATCH", "/account?key=*", patch).await.ok(StatusCode::OK);
    let account = json!({
        "catalog": {"credits": 5, "auto-top-up": true, "rate-limit": "off"},
        "extralt": {"plan": "scale", "credits": "unlimited", "rate-limit": "off"},
        "llama-extract": {"rate-limit": "off"},
    });
    assert_eq!(ids(&patched, "apis"), vec![account; 2]);
    let reset = bare(&stand, "POST", "/reset?key=*", "").await.ok(StatusCode::OK);
    assert_eq!(ids(&reset, "generation"), [1, 1]);
}

#[tokio::test]
async fn a_read_is_about_one_world() {
    for stand in [Stand::new(), two().await] {
        for path in ["/clock", "/account", "/runs", "/runs/crawl-1", "/requests", "/scenario"] {
            let read = bare(&stand, "GET", &format!("{path}?key=*"), "").await;
            assert_eq!(code(read, StatusCode::BAD_REQUEST), "one_world", "{path}");
        }
        for action in ["fail", "wait"] {
            let act = bare(&stand, "POST", &format!("/runs/crawl-1/{action}?key=*"), "").await;
            assert_eq!(code(act, StatusCode::BAD_REQUEST), "one_world", "{action}");
        }
    }
}

#[tokio::test]
async fn every_journal_is_cleared() {
    let stand = two().await;
    let _ = stand.call("invalid", Method::GET, "/v2/crawl", None).await;
    let cleared = bare(&stand, "DELETE", "/requests?key=*", "").await;
    assert_eq!(cleared.status, StatusCode::NO_CONTENT);
    for key in ["test-a", "test-b", "(refused)"] {
        let journal = bare(&stand, "GET", &format!("/requests?key={key}"), "").await.ok(StatusCode::OK);
        assert_eq!((&journal["requests"], &journal["received"]), (&json!([]), &json!(1)), "{key}");
    }
}

#[tokio::test]
async fn a_star_in_a_header_is_an_ordinary_key() {
    let stand = two().await;
    let _ = stand.call("*", Method::GET, "/v2/crawl", None).await;
    let before = now(&stand, "test-a").await;
    let body = Some(json!({"advance": "1h"}));
    let moved = stand.call("*", Method::PATCH, "/_rehearsal/clock", body).await.ok(StatusCode::OK);
    assert_eq!(moved["now"], "2026-01-15T11:30:00.000000Z");
    let read = stand.call("*", Method::GET, "/_rehearsal/clock", None).await.ok(StatusCode::OK);
    assert_eq!(read["now"], moved["now"]);
    assert_eq!(now(&stand, "test-a").await, before);
}
