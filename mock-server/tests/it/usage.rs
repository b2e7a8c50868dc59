use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{KEY, Stand};

/// The counted paths of a period.
async fn calls(stand: &Stand, period: &str) -> Vec<(String, u64)> {
    let body = stand.get(&format!("/v2/usage?period={period}")).await.ok(StatusCode::OK);
    assert_eq!(body["meta"], json!({ "period": period }));
    let item =
        |item: &Value| (item["path"].as_str().unwrap().to_owned(), item["total_calls"].as_u64().unwrap());
    body["data"].as_array().unwrap().iter().map(item).collect()
}

fn pairs(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected.iter().map(|(path, count)| ((*path).to_owned(), *count)).collect()
}

#[tokio::test]
async fn calls_are_counted_by_path_most_first_whatever_their_answer() {
    let stand = Stand::new();
    let id = stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let _ = stand.get("/v2/crawl").await;
    let _ = stand.post("/v2/crawl", json!({})).await.refused(StatusCode::BAD_REQUEST, "INVALID_REQUEST");
    for path in [&*id, "crawl-unknown"] {
        let _ = stand.get(&format!("/v2/crawl/{path}")).await;
    }
    let _ = stand.get("/v2/nowhere").await;
    let _ = stand.call("invalid-key", Method::GET, "/v2/crawl", None).await;
    let _ = stand.call("test-b", Method::GET, "/v2/vendors", None).await;
    let expected = [("/v2/crawl", 3), ("/v2/crawl/{execution_id}", 2), ("/v2/usage", 1)];
    assert_eq!(calls(&stand, "all").await, pairs(&expected));

    let page = stand.get("/v2/usage?page=2&page_size=1").await.ok(StatusCode::OK);
    assert_eq!(page["data"], json!([{"path": "/v2/crawl/{execution_id}", "total_calls": 2}]));
    assert_eq!(page["pagination"]["total_items"], 3);
    assert_eq!(page["meta"]["period"], "30d");
}

#[tokio::test]
async fn a_call_leaves_one_period_after_the_other() {
    let stand = Stand::new();
    let _ = stand.get("/v2/vendors").await;
    let counted = async |period: &str| {
        calls(&stand, period).await.iter().any(|(path, count)| path == "/v2/vendors" && *count == 1)
    };
    let periods = ["24h", "7d", "30d", "90d", "all"];
    for (wait, left) in [
        ("23h", 0),
        ("2h", 1),
        ("143h", 1),
        ("1h", 2),
        ("551h", 2),
        ("1h", 3),
        ("1439h", 3),
        ("1h", 4),
        ("80000h", 4),
    ] {
        stand.advance(wait).await;
        for (place, period) in periods.iter().enumerate() {
            assert_eq!(counted(period).await, place >= left, "{period} after another {wait}");
        }
    }
}

#[tokio::test]
async fn a_reset_forgets_calls_and_unknown_periods_are_refused() {
    let stand = Stand::new();
    let _ = stand.get("/v2/vendors").await;
    stand.call(KEY, Method::POST, &format!("/_rehearsal/reset?key={KEY}"), None).await.ok(StatusCode::OK);
    assert_eq!(calls(&stand, "all").await, pairs(&[("/v2/usage", 1)]));
    for query in ["period=1h", "period=", "page=0", "page_size=101"] {
        let answer = stand.get(&format!("/v2/usage?{query}")).await;
        let _ = answer.refused(StatusCode::BAD_REQUEST, "VALIDATION_ERROR");
    }
}
