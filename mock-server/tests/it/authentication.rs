use axum::body::Body;
use http::{Method, Request, StatusCode};
use mock_server::scenario::account::MAX_KEY_BYTES;
use serde_json::json;

use crate::harness::{Answer, Stand};

const ROUTES: [(&str, &str); 18] = [
    ("POST", "/v2/crawl"),
    ("GET", "/v2/crawl"),
    ("GET", "/v2/crawl/x"),
    ("DELETE", "/v2/crawl/x"),
    ("POST", "/v2/extract"),
    ("GET", "/v2/extract"),
    ("GET", "/v2/extract/x"),
    ("DELETE", "/v2/extract/x"),
    ("POST", "/v2/agentic-search"),
    ("GET", "/v2/agentic-search"),
    ("GET", "/v2/agentic-search/x"),
    ("DELETE", "/v2/agentic-search/x"),
    ("POST", "/v2/agentic-search-mini"),
    ("GET", "/v2/vendors"),
    ("GET", "/v2/collections"),
    ("GET", "/v2/listings"),
    ("POST", "/v2/affiliate"),
    ("GET", "/v2/usage"),
];

async fn bare(stand: &Stand, method: &str, target: &str, headers: &[(&str, &str)]) -> Answer {
    let request =
        headers.iter().fold(Request::builder().method(method).uri(target), |request, (name, value)| {
            request.header(*name, *value)
        });
    stand.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn every_operation_asks_for_a_key_before_anything_else() {
    let stand = Stand::new();
    for (method, target) in ROUTES {
        let missing = bare(&stand, method, target, &[]).await;
        assert!(missing.headers.contains_key("request-id"));
        let body =
            json!({"error": "API key required (x-api-key header or Authorization: Bearer)", "status": 401});
        assert_eq!(missing.ok(StatusCode::UNAUTHORIZED), body, "{method} {target}");
        let long = "k".repeat(MAX_KEY_BYTES + 1);
        for key in ["invalid-x", "expired", "revoked-2", "two words", &long] {
            let invalid = bare(&stand, method, target, &[("x-api-key", key)]).await;
            assert_eq!(
                invalid.ok(StatusCode::UNAUTHORIZED),
                json!({"error": "Invalid API key", "status": 401}),
                "{key}"
            );
        }
        let forbidden = bare(&stand, method, target, &[("x-api-key", "forbidden-1")]).await;
        assert_eq!(forbidden.refused(StatusCode::FORBIDDEN, "FORBIDDEN"), "API key access denied");
    }
}

#[tokio::test]
async fn both_documented_headers_carry_the_key_and_the_first_one_wins() {
    let stand = Stand::new();
    let id = stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let target = format!("/v2/crawl/{id}");
    for headers in [
        &[("authorization", "Bearer test-a")][..],
        &[("authorization", "bearer test-a")],
        &[("x-api-key", "test-a"), ("authorization", "Bearer test-b")],
    ] {
        let _ = bare(&stand, "GET", &target, headers).await.ok(StatusCode::OK);
    }
    let other =
        bare(&stand, "GET", &target, &[("x-api-key", "test-b"), ("authorization", "Bearer test-a")]).await;
    let _ = other.refused(StatusCode::NOT_FOUND, "NOT_FOUND");
    for value in ["Basic dGVzdC1h", "Bearer", "test-a", "Bearer "] {
        let refused = bare(&stand, "GET", &target, &[("authorization", value)]).await;
        let said = &refused.ok(StatusCode::UNAUTHORIZED)["error"];
        assert!(said.as_str().is_some_and(|said| said.starts_with("API key required")), "{value}: {said}");
    }
}

#[tokio::test]
async fn two_keys_see_nothing_of_each_other_and_their_clocks_move_apart() {
    let stand = Stand::new();
    let crawl = stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let extract = stand.create("/v2/extract", json!({"urls": ["https://nike.com/a"]})).await;
    let search = stand.create("/v2/agentic-search", json!({"query": "boots"})).await;
    stand.advance("2s").await;
    for (resource, id) in [("crawl", &crawl), ("extract", &extract), ("agentic-search", &search)] {
        let target = format!("/v2/{resource}/{id}");
        for method in [Method::GET, Method::DELETE] {
            let foreign = stand.call("test-b", method.clone(), &target, None).await;
            let unknown = stand.call("test-b", method, &format!("/v2/{resource}/none"), None).await;
            assert_eq!(foreign.json()["error"]["message"], unknown.json()["error"]["message"]);
            let _ = foreign.refused(StatusCode::NOT_FOUND, "NOT_FOUND");
        }
        let list =
            stand.call("test-b", Method::GET, &format!("/v2/{resource}"), None).await.ok(StatusCode::OK);
        assert_eq!(list["data"], json!([]));
        let own = stand.get(&target).await.ok(StatusCode::OK);
        assert_eq!(own["status"], "running", "a stranger's cancel changed nothing");
    }
    let waiting = json!({"vendor": "skims.com", "crawl_id": crawl});
    let foreign = stand.call("test-b", Method::POST, "/v2/extract", Some(waiting)).await;
    let _ = foreign.refused(StatusCode::NOT_FOUND, "NOT_FOUND");

    let now = async |key: &str| {
        stand.call(key, Method::GET, &format!("/_rehearsal/clock?key={key}"), None).await.ok(StatusCode::OK)["now"].clone()
    };
    assert_eq!(now("test-a").await, "2026-01-15T10:30:02.000000Z");
    assert_eq!(now("test-b").await, "2026-01-15T10:30:00.000000Z");
}

#[tokio::test]
async fn declared_accounts_are_the_only_welcome_ones_and_organizations_share_a_world() {
    let stand = Stand::with(
        "version: 1\naccounts:\n  - { key: one, organization: acme }\n  - { key: two, organization: acme }\n  - { key: three }\n",
    );
    let create = stand.call("one", Method::POST, "/v2/crawl", Some(json!({"url": "skims.com"}))).await;
    let id = create.ok(StatusCode::ACCEPTED)["execution_id"].as_str().unwrap().to_owned();
    let status =
        async |key: &str| stand.call(key, Method::GET, &format!("/v2/crawl/{id}"), None).await.status;
    assert_eq!(status("two").await, StatusCode::OK);
    assert_eq!(status("three").await, StatusCode::NOT_FOUND);
    assert_eq!(status("four").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn answers_have_ids_of_the_observed_form_and_each_its_own() {
    let stand = Stand::new();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..50 {
        let answer = stand.get("/v2/crawl").await;
        let id = answer.headers["request-id"].to_str().unwrap().to_owned();
        let ulid: ulid::Ulid = id.strip_prefix("req_").unwrap().parse().unwrap();
        assert_eq!(ulid.timestamp_ms(), 1_768_473_000_000);
        assert!(seen.insert(id));
    }
}
