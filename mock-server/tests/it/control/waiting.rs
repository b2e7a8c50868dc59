//! Waiting for a run.

use http::{Method, StatusCode};
use serde_json::json;

use super::{code, control};
use crate::harness::{KEY, Stand};

#[tokio::test]
async fn waiting_returns_when_the_clock_is_moved_or_the_time_is_up() {
    let stand = Stand::new();
    let id = stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let wait = format!("/runs/{id}/wait");
    let timeout = control(&stand, Method::POST, &wait, json!({"timeout": "1ms"})).await;
    assert_eq!(code(timeout, StatusCode::CONFLICT), "timeout");
    let (waited, ()) =
        tokio::join!(control(&stand, Method::POST, &wait, json!({"state": "completed"})), async {
            stand.advance("1h").await;
        });
    assert_eq!(waited.ok(StatusCode::OK)["state"], "completed");
    let never = control(&stand, Method::POST, &wait, json!({"state": "failed"})).await;
    assert_eq!(code(never, StatusCode::CONFLICT), "run_ended");
}

#[tokio::test]
async fn a_timeout_that_cannot_be_kept_is_refused() {
    let stand = Stand::new();
    let id = stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    for timeout in ["601s", "11m", "1d", "5", "soon"] {
        let path = format!("/runs/{id}/wait");
        let wait = control(&stand, Method::POST, &path, json!({ "timeout": timeout }));
        assert_eq!(code(wait.await, StatusCode::UNPROCESSABLE_ENTITY), "invalid_timeout", "{timeout}");
    }
}

#[tokio::test]
async fn nobody_waits_for_a_world_that_is_forgotten() {
    // One whose public id is its key, and one whose is not.
    for key in [KEY, "sk-live-1"] {
        let stand = Stand::new();
        let body = Some(json!({"url": "skims.com"}));
        let created = stand.call(key, Method::POST, "/v2/crawl", body).await.ok(StatusCode::ACCEPTED);
        let wait = format!("/_rehearsal/runs/{}/wait", created["execution_id"].as_str().unwrap());
        let wait = stand.call(key, Method::POST, &wait, Some(json!({"timeout": "20s"})));
        let (waited, ()) = tokio::join!(wait, async {
            let deleted = stand.delete(&format!("/_rehearsal/worlds/{key}")).await;
            assert_eq!(deleted.status, StatusCode::NO_CONTENT);
            // The key gets a world again, and it is another.
            let _ = stand.call(key, Method::GET, "/v2/crawl", None).await;
        });
        assert_eq!(code(waited, StatusCode::NOT_FOUND), "unknown_world", "{key}");
    }
}
