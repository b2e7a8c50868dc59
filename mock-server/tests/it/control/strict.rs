//! Nothing that a request says is passed over.

use http::{Method, StatusCode};
use serde_json::json;

use super::{bare, code, control};
use crate::harness::Stand;

#[tokio::test]
async fn a_reset_takes_no_body_but_an_empty_object() {
    let stand = Stand::new();
    stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    for body in [r#"{"key": "other"}"#, "garbage", "[]", "null"] {
        assert_eq!(
            code(bare(&stand, "POST", "/reset", body).await, StatusCode::BAD_REQUEST),
            "invalid_body",
            "{body}"
        );
    }
    let worlds = stand.get("/_rehearsal/worlds").await.ok(StatusCode::OK);
    assert_eq!(worlds["worlds"][0]["runs"], 1);
    for body in ["", "{}"] {
        assert_eq!(bare(&stand, "POST", "/reset", body).await.status, StatusCode::OK, "{body}");
    }
}

#[tokio::test]
async fn fields_are_not_taken_by_position() {
    let patch = control(&Stand::new(), Method::PATCH, "/clock", json!(["30s", null, null, null])).await;
    assert_eq!(code(patch, StatusCode::BAD_REQUEST), "invalid_body");
}

#[tokio::test]
async fn unknown_query_parameters_are_refused_everywhere() {
    let stand = Stand::new();
    for (method, path) in [
        ("GET", "/health"),
        ("GET", "/worlds"),
        ("DELETE", "/worlds/test-a"),
        ("POST", "/reset"),
        ("GET", "/clock"),
        ("PATCH", "/clock"),
        ("GET", "/scenario"),
        ("PUT", "/scenario"),
        ("GET", "/account"),
        ("PATCH", "/account"),
        ("GET", "/runs"),
        ("GET", "/runs/crawl-1"),
        ("POST", "/runs/crawl-1/wait"),
        ("POST", "/runs/crawl-1/fail"),
        ("GET", "/requests"),
        ("DELETE", "/requests"),
        ("POST", "/verify"),
        ("GET", "/duplicates"),
        ("GET", "/contracts"),
        ("GET", "/contracts/catalog/v2.json"),
    ] {
        let answer = bare(&stand, method, &format!("{path}?kay=x"), "").await;
        assert_eq!(code(answer, StatusCode::BAD_REQUEST), "invalid_query", "{method} {path}");
    }
}

#[tokio::test]
async fn a_path_that_is_no_text_is_refused_in_the_shape_of_the_control_plane() {
    let stand = Stand::new();
    for (method, path) in [
        ("GET", "/runs/%ff"),
        ("POST", "/runs/%ff/wait"),
        ("POST", "/runs/%ff/fail"),
        ("DELETE", "/worlds/%ff"),
        ("GET", "/contracts/%ff/x"),
    ] {
        let answer = bare(&stand, method, path, "").await;
        assert_eq!(code(answer, StatusCode::BAD_REQUEST), "invalid_path", "{method} {path}");
    }
}

#[tokio::test]
async fn a_slash_at_the_end_stays_in_the_control_plane() {
    let stand = Stand::new();
    for path in ["/", "/health/"] {
        let answer = stand.get(&format!("/_rehearsal{path}")).await.ok(StatusCode::NOT_FOUND);
        assert_eq!(answer["error"]["code"], "unknown_path", "{path}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("the control plane has no /_rehearsal{path};")), "{message}");
    }
    let foreign = http::Request::get("/_rehearsal/").header("host", "example.com");
    let foreign = stand.send(foreign.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(code(foreign, StatusCode::FORBIDDEN), "foreign_host");
}
