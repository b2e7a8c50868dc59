//! Where an API is reached, and what every answer of it carries, whatever became of the request.

use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::json;

use crate::harness::{Answer, KEY, Stand};

#[tokio::test]
async fn an_alias_reaches_the_same_operations_and_the_same_runs() {
    let stand = Stand::new();
    let crawl = stand.create("/catalog/v2/crawl", json!({ "url": "skims.com" })).await;
    let direct = stand.get(&format!("/v2/crawl/{crawl}")).await.ok(StatusCode::OK);
    let aliased = stand.get(&format!("/catalog/v2/crawl/{crawl}")).await.ok(StatusCode::OK);
    assert_eq!(direct["status"], aliased["status"]);
    let ids = |body: serde_json::Value| body["data"][0]["execution_id"].clone();
    assert_eq!(ids(stand.get("/catalog/v2/crawl?page_size=1").await.ok(StatusCode::OK)), crawl);

    // The same request by the other way has the same draws: a fresh server gives the same id.
    assert_eq!(Stand::new().create("/v2/crawl", json!({ "url": "skims.com" })).await, crawl);

    let journal = stand.get("/_rehearsal/requests").await.ok(StatusCode::OK);
    let entries: Vec<_> = journal["requests"].as_array().unwrap().iter().collect();
    let seen = |at: usize| (entries[at]["operation"].as_str(), entries[at]["target"].as_str().unwrap());
    assert_eq!(seen(0), (Some("catalog.crawl.create"), "/catalog/v2/crawl"), "{journal}");
    assert_eq!(seen(2), (Some("catalog.crawl.get"), &*format!("/catalog/v2/crawl/{crawl}")));
    assert_eq!(seen(3), (Some("catalog.crawl.list"), "/catalog/v2/crawl?page_size=1"));
}

#[tokio::test]
async fn what_is_no_endpoint_is_a_404_in_the_envelope() {
    let stand = Stand::new();
    for (method, target) in [
        (Method::GET, "/v2"),
        (Method::GET, "/v2/"),
        (Method::GET, "/v2/product"),
        (Method::GET, "/v2/crawl/"),
        (Method::GET, "/v2/crawl/a/b"),
        (Method::PUT, "/v2/crawl"),
        (Method::PATCH, "/v2/crawl/crawl-a-1"),
        (Method::DELETE, "/v2/crawl"),
        (Method::GET, "/catalog"),
        (Method::GET, "/catalog/"),
        (Method::GET, "/catalog/crawl"),
        (Method::POST, "/catalog/v2/vendor"),
        (Method::PUT, "/catalog/v2/crawl"),
        (Method::GET, "/catalog/catalog/v2/crawl"),
    ] {
        let message = stand.call(KEY, method.clone(), target, None).await;
        let message = message.refused(StatusCode::NOT_FOUND, "NOT_FOUND");
        assert_eq!(message, format!("No endpoint for {method} {target}"));
    }
    // Without a key too: nothing is there that a key could open.
    let request = Request::get("/catalog/v2/nothing").body(Body::empty()).unwrap();
    stand.send(request).await.refused(StatusCode::NOT_FOUND, "NOT_FOUND");
    for elsewhere in ["/catalogue/v2/crawl", "/v22/crawl", "/catalog2", "/"] {
        let answer = stand.get(elsewhere).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(answer.text.contains("/v2 is Catalog (also /catalog/v2)"), "{}", answer.text);
    }
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let stand =
        Stand::with("account: { apis: { catalog: { credits: 0, rate-limit: { requests: 9, per: 4s } } } }\n");
    let run = stand.create("/v2/crawl", json!({ "url": "skims.com" })).await;
    let send =
        async |request: http::request::Builder, body: Body| stand.send(request.body(body).unwrap()).await;
    let keyed =
        |method: Method, target: &str| Request::builder().method(method).uri(target).header("x-api-key", KEY);
    let post = || keyed(Method::POST, "/v2/extract");
    let mut answers: Vec<Answer> = vec![
        send(Request::get("/v2/crawl"), Body::empty()).await,
        send(Request::get("/v2/crawl").header("x-api-key", "invalid-key"), Body::empty()).await,
        send(Request::get("/v2/crawl").header("x-api-key", "forbidden-key"), Body::empty()).await,
        send(post(), Body::from("{")).await,
        send(post(), Body::from(vec![b' '; 5 * 1024 * 1024])).await,
        send(post(), Body::from(json!({ "urls": ["https://a.example/1"] }).to_string())).await,
        send(keyed(Method::GET, "/v2/crawl/none"), Body::empty()).await,
        send(keyed(Method::DELETE, &format!("/v2/crawl/{run}")), Body::empty()).await,
        send(keyed(Method::GET, "/catalog/v2/none"), Body::empty()).await,
        send(keyed(Method::PUT, "/v2/crawl"), Body::empty()).await,
        send(keyed(Method::GET, "/v2/crawl"), Body::empty()).await,
    ];
    for _ in 0..2 {
        answers.push(send(keyed(Method::GET, "/v2/crawl"), Body::empty()).await);
    }
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses, [401, 401, 403, 400, 413, 402, 404, 400, 404, 404, 200, 429, 429]);
    let mut ids: Vec<&str> = answers.iter().map(|it| it.headers["request-id"].to_str().unwrap()).collect();
    assert!(ids.iter().all(|id| id.len() == "req_".len() + 26 && id.starts_with("req_")), "{ids:?}");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), answers.len(), "no two answers share one");

    let broke: serde_json::Value = answers[5].json();
    assert_eq!((&broke["credits_needed"], &broke["credits_remaining"]), (&json!(5), &json!(0)), "{broke}");
    assert_eq!(broke["error"]["code"], "INSUFFICIENT_CREDITS");
}

#[tokio::test]
async fn an_answer_for_want_of_room_has_an_id_too() {
    let stand = Stand::with_worlds(1);
    stand.get("/v2/crawl").await.ok(StatusCode::OK);
    let full = stand.call("test-b", Method::GET, "/catalog/v2/crawl", None).await;
    full.refused(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE");
}
