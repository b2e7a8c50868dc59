use http::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Stand, members};

/// A thousand extracts of all states, the newest last.
async fn thousand() -> Stand {
    let stand = Stand::with(
        "version: 1\nruns:\n  - match: { host: bad.com }\n    outcome: { failed: { at: 50% } }\n  - match: { host: held.com }\n    outcome: { stuck: { state: pending } }\n",
    );
    for index in 0..1_000 {
        let host = ["good.com", "bad.com", "held.com", "stuck.test"][index % 4];
        let _ = stand.create("/v2/extract", json!({"urls": [format!("https://{host}/{index}")]})).await;
        if index % 100 == 99 {
            stand.advance("1s").await;
        }
    }
    stand
}

fn states(list: &Value) -> Vec<&str> {
    list["data"].as_array().unwrap().iter().map(|item| item["status"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_filtered_page_has_only_fitting_runs_newest_first() {
    let stand = thousand().await;
    let page = stand.get("/v2/extract?status=processing&page_size=5").await.ok(StatusCode::OK);
    assert_eq!(members(&page), ["data", "pagination", "meta"]);
    let pagination = json!({"page": 1, "page_size": 5, "total_items": 5, "total_pages": 1, "has_next": false, "has_prev": false});
    assert_eq!(page["pagination"], pagination);
    assert_eq!(page["meta"], json!({}));
    assert!(states(&page).iter().all(|state| ["pending", "running"].contains(state)), "{page}");
    for item in page["data"].as_array().unwrap() {
        assert_eq!(members(item), ["execution_id", "status", "created_at"]);
    }

    let everything = stand.get("/v2/extract?page_size=100").await.ok(StatusCode::OK);
    let created: Vec<&str> = everything["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["created_at"].as_str().unwrap())
        .collect();
    assert!(created.is_sorted_by(|newer, older| newer >= older));
    let fitting: Vec<&Value> = everything["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| ["pending", "running"].contains(&item["status"].as_str().unwrap()))
        .take(5)
        .collect();
    assert_eq!(page["data"].as_array().unwrap().iter().collect::<Vec<_>>(), fitting);
    for (filter, state) in [("completed", "completed"), ("failed", "failed")] {
        let page = stand.get(&format!("/v2/extract?status={filter}&page_size=100")).await.ok(StatusCode::OK);
        assert!(!states(&page).is_empty() && states(&page).iter().all(|found| *found == state));
    }
}

#[tokio::test]
async fn parameters_beyond_their_limits_are_refused() {
    let stand = Stand::new();
    for resource in ["crawl", "extract", "agentic-search"] {
        for query in
            ["page_size=0", "page_size=101", "page_size=abc", "page_size=-1", "status=pending", "status="]
        {
            let answer = stand.get(&format!("/v2/{resource}?{query}")).await;
            let _ = answer.refused(StatusCode::BAD_REQUEST, "VALIDATION_ERROR");
        }
        for query in ["page_size=1", "page_size=100", "status=failed", "page=7", "whatever=1", ""] {
            let _ = stand.get(&format!("/v2/{resource}?{query}")).await.ok(StatusCode::OK);
        }
    }
}

#[tokio::test]
async fn crawls_and_searches_have_one_word_for_pending_and_running() {
    let stand = Stand::new();
    stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    stand.create("/v2/agentic-search", json!({"query": "boots"})).await;
    for wait in ["0s", "3s"] {
        stand.advance(wait).await;
        for resource in ["crawl", "agentic-search"] {
            let list = stand.get(&format!("/v2/{resource}?status=processing")).await.ok(StatusCode::OK);
            assert_eq!(states(&list), ["processing"]);
        }
    }
    let crawl = stand.get("/v2/crawl").await.ok(StatusCode::OK)["data"][0]["created_at"].clone();
    assert_eq!(crawl, "2026-01-15T10:30:00.000000+00:00");
    let search = stand.get("/v2/agentic-search").await.ok(StatusCode::OK)["data"][0]["created_at"].clone();
    assert_eq!(search, "2026-01-15T10:30:00.000Z");
}

#[tokio::test]
async fn empty_lists_say_so_in_their_own_way() {
    let stand = Stand::new();
    for (resource, pages) in [("crawl", 1), ("agentic-search", 1), ("extract", 0)] {
        let list = stand.get(&format!("/v2/{resource}")).await.ok(StatusCode::OK);
        assert_eq!(list["data"], json!([]));
        assert_eq!(list["pagination"]["total_pages"], pages, "{resource}");
    }
}
