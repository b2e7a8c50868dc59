//! What a server counts.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::json;

use crate::harness::{KEY, Stand};

/// Every series that was scraped, and its value.
async fn scraped(stand: &Stand) -> BTreeMap<String, u64> {
    let text = stand.get("/_rehearsal/metrics").await.text;
    let series = text.lines().filter(|line| !line.starts_with('#'));
    series
        .map(|line| line.rsplit_once(' ').unwrap())
        .map(|(name, value)| (name.to_owned(), value.parse().unwrap_or_else(|_| panic!("{name}: {value}"))))
        .collect()
}

fn requests(operation: &str, status: &str) -> String {
    format!(r#"rehearsal_requests_total{{api="catalog",operation="{operation}",status="{status}"}}"#)
}

#[tokio::test]
async fn a_scrape_reads_like_this() {
    let stand = Stand::new();
    let id = stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    for _ in 0..3 {
        let _ = stand.get(&format!("/v2/crawl/{id}")).await.ok(StatusCode::OK);
    }
    let _ = stand.get("/v2/nothing").await;
    let _ = stand.call("invalid-key", Method::GET, "/v2/crawl", None).await;
    let fault = json!({"id": "once", "when": {"first": 1}, "respond": {"error": "unavailable"}});
    let _ = stand.post("/_rehearsal/faults", fault).await.ok(StatusCode::CREATED);
    let _ = stand.get("/v2/crawl").await;
    let answer = stand.get("/_rehearsal/metrics").await;
    // What the entries weigh is the journal's business.
    let text = answer.text.lines().map(|line| match line.strip_prefix("rehearsal_journal_bytes ") {
        Some(bytes) => format!("rehearsal_journal_bytes {}", if bytes == "0" { "0" } else { "some" }),
        None => line.to_owned(),
    });
    insta::assert_snapshot!(text.collect::<Vec<_>>().join("\n"));
}

#[tokio::test]
async fn the_control_plane_does_not_count() {
    let stand = Stand::new();
    stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let before = scraped(&stand).await;
    for target in ["/_rehearsal/health", "/_rehearsal/runs", "/_rehearsal/nothing", "/_rehearsal/clock"] {
        let _ = stand.get(target).await;
    }
    assert_eq!(scraped(&stand).await, before);
}

#[tokio::test]
async fn servers_of_one_process_count_for_themselves() {
    let (one, other) = (Stand::new(), Stand::new());
    one.create("/v2/crawl", json!({"url": "skims.com"})).await;
    assert_eq!(scraped(&one).await[&requests("catalog.crawl.create", "202")], 1);
    assert_eq!(scraped(&other).await.get(&requests("catalog.crawl.create", "202")), None);
}

#[tokio::test]
async fn what_a_reset_or_a_forgotten_world_takes_away_was_counted_all_the_same() {
    let stand = Stand::new();
    stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    stand.create("/v2/agentic-search", json!({"query": "red shoes"})).await;
    // The same host again is the same crawl.
    stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let created = |kind: &str| format!(r#"rehearsal_runs_created_total{{api="catalog",kind="{kind}"}}"#);
    for _ in 0..2 {
        let now = scraped(&stand).await;
        let counts = ["crawl", "extract", "search"].map(|kind| now[&created(kind)]);
        assert_eq!((counts, now[&requests("catalog.crawl.create", "202")]), ([1, 0, 1], 2));
        let _ = stand.post("/_rehearsal/reset", json!({})).await.ok(StatusCode::OK);
        let _ = stand.delete(&format!("/_rehearsal/worlds/{KEY}")).await;
    }
    assert_eq!(scraped(&stand).await["rehearsal_worlds"], 0);
}

#[tokio::test]
async fn cleared_entries_free_their_bytes_and_are_not_dropped_ones() {
    let stand = Stand::new();
    for _ in 0..5 {
        let _ = stand.get("/v2/crawl").await;
    }
    assert!(scraped(&stand).await["rehearsal_journal_bytes"] > 0);
    assert_eq!(stand.delete("/_rehearsal/requests").await.status, StatusCode::NO_CONTENT);
    let now = scraped(&stand).await;
    assert_eq!((now["rehearsal_journal_bytes"], now["rehearsal_journal_entries_dropped"]), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_left_is_counted_with_the_fault_that_kept_it_waiting() {
    let stand = Stand::new();
    let _ = stand.post("/_rehearsal/faults", json!({"delay": "60s"})).await.ok(StatusCode::CREATED);
    let request = Request::get("/v2/crawl").header("host", "localhost").header("x-api-key", KEY);
    let asked = stand.send(request.body(Body::empty()).unwrap());
    assert!(tokio::time::timeout(Duration::from_secs(1), asked).await.is_err());
    let now = scraped(&stand).await;
    assert_eq!(now[&requests("catalog.crawl.list", "none")], 1);
    assert_eq!(now[r#"rehearsal_faults_fired_total{effect="delay"}"#], 1);
}
