//! The world looks different from what it is.

use http::StatusCode;
use serde_json::{Value, json};

use super::{fired, with};

#[tokio::test]
async fn a_stale_read_shows_what_was_true_some_time_ago() {
    let stand = with("  - { id: stale, when: { every: 2 }, state: { stale-read: 5s } }");
    let id = stand.create("/v2/crawl", json!({ "url": "skims.com" })).await;
    let target = format!("/v2/crawl/{id}");
    stand.advance("3s").await;
    let fresh = stand.get(&target).await;
    assert_eq!(fired(&fresh), None);
    assert_eq!(fresh.ok(StatusCode::OK)["status"], "running");
    let stale = stand.get(&target).await;
    assert_eq!(fired(&stale), Some("stale"));
    assert_eq!(stale.ok(StatusCode::OK)["status"], "pending");
    stand.advance("1h").await;
    assert_eq!(stand.get(&target).await.ok(StatusCode::OK)["status"], "completed");
    let old = stand.get(&target).await;
    assert_eq!((fired(&old), &old.json()["status"]), (None, &json!("completed")), "it was so 5 s ago too");
}

#[tokio::test]
async fn a_stale_list_shows_the_runs_there_were_in_the_states_they_had() {
    let stand = with("  - { id: stale, match: { operation: \"*.list\" }, state: { stale-read: 10s } }");
    let first = stand.create("/v2/crawl", json!({ "url": "skims.com" })).await;
    let stale = stand.get("/v2/crawl").await;
    assert_eq!((fired(&stale), &stale.json()["data"]), (Some("stale"), &json!([])));
    stand.advance("1h").await;
    let second = stand.create("/v2/crawl", json!({ "url": "other.example" })).await;
    let ids = |body: &Value| -> Vec<String> {
        let items = body["data"].as_array().unwrap();
        items.iter().map(|item| item["execution_id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&stand.get("/v2/crawl").await.json()), std::slice::from_ref(&first));
    assert_eq!(ids(&stand.get("/v2/crawl?status=processing").await.json()), [""; 0]);
    stand.advance("10s").await;
    assert_eq!(ids(&stand.get("/v2/crawl?status=processing").await.json()), [second]);
    assert_eq!(ids(&stand.get("/v2/crawl?status=completed").await.json()), [first]);
}

#[tokio::test]
async fn a_hidden_run_is_found_after_a_while() {
    let stand = with("  - { id: hidden, state: { hidden-after-create: 3s } }");
    let id = stand.create("/v2/crawl", json!({ "url": "skims.com" })).await;
    let target = format!("/v2/crawl/{id}");
    let answer = stand.get(&target).await;
    assert_eq!(fired(&answer), Some("hidden"));
    let _ = answer.refused(StatusCode::NOT_FOUND, "NOT_FOUND");
    assert_eq!(stand.get("/v2/crawl").await.ok(StatusCode::OK)["data"], json!([]));
    assert_eq!(stand.delete(&target).await.status, StatusCode::NOT_FOUND);
    stand.advance("3s").await;
    let answer = stand.get(&target).await;
    assert_eq!((answer.status, fired(&answer)), (StatusCode::OK, None));
    let list = stand.get("/v2/crawl").await;
    assert_eq!(fired(&list), None);
    assert_eq!(list.ok(StatusCode::OK)["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_item_stands_twice_in_a_row() {
    let stand =
        with("  - { id: twice, match: { operation: catalog.vendors.list }, state: duplicate-list-item }");
    let answer = stand.get("/v2/vendors?page_size=10").await;
    assert_eq!(fired(&answer), Some("twice"));
    let items = answer.json()["data"].as_array().unwrap().clone();
    assert_eq!(items.len(), 11);
    assert_eq!(items.windows(2).filter(|pair| pair[0] == pair[1]).count(), 1);
    let empty = stand.get("/v2/vendors?page=1000").await;
    assert_eq!((fired(&empty), &empty.json()["data"]), (None, &json!([])));
}

#[tokio::test]
async fn progress_falls_back_and_nothing_else_does() {
    let stand = with("  - { id: back, when: { nth: 2 }, state: regress-progress }");
    let body = json!({ "urls": (0..40).map(|n| format!("https://a.example/p/{n}")).collect::<Vec<_>>() });
    let id = stand.create("/v2/extract", body).await;
    stand.advance("40s").await;
    let target = format!("/v2/extract/{id}");
    let first = stand.get(&target).await.ok(StatusCode::OK);
    let second = stand.get(&target).await;
    assert_eq!(fired(&second), Some("back"));
    let second = second.json();
    let done = |body: &Value| body["meta"]["progress"]["products_processed"].as_u64().unwrap();
    assert!(done(&second) < done(&first), "{first} {second}");
    for same in ["/status", "/meta/start_date", "/meta/duration_ms", "/meta/progress/products_total"] {
        assert_eq!(first.pointer(same), second.pointer(same), "{same}");
    }
}

#[tokio::test]
async fn a_lost_cancel_is_accepted_and_does_nothing() {
    let stand = with("  - { id: lost, when: { first: 1 }, state: lose-cancel }");
    let id = stand.create("/v2/crawl", json!({ "url": "skims.com" })).await;
    let target = format!("/v2/crawl/{id}");
    stand.advance("5s").await;
    let answer = stand.delete(&target).await;
    assert_eq!(fired(&answer), Some("lost"));
    let body = answer.ok(StatusCode::OK);
    assert_eq!(
        (&body["status"], &body["stop_date"]),
        (&json!("canceled"), &json!("2026-01-15T10:30:05.000Z"))
    );
    assert_eq!(stand.get(&target).await.ok(StatusCode::OK)["status"], "running");
    let _ = stand.delete(&target).await.ok(StatusCode::OK);
    assert_eq!(stand.get(&target).await.ok(StatusCode::OK)["status"], "failed");
}
