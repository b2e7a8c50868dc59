//! A journal at its cap, in a running server: it takes no more memory, and says what it no longer knows.

use serde_json::{Value, json};

use crate::program::{Server, client};

/// How much of a body a journal keeps, in bytes: as much as this is sent, so that few requests fill it.
const BODY: usize = 16 * 1024;
/// How much the server may grow by while its journal is full, in KiB: less than a tenth of what is pushed through. What
/// was seen is under 1 MiB.
const GROWTH_MAX_KIB: u64 = 3 * 1024;

async fn post(server: &Server, path: &str, body: String) -> (u16, Value) {
    let request = client().post(server.url(path)).header("x-api-key", "test-a").body(body);
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
}

/// Requests that are refused, so that nothing grows but the journal.
async fn push(server: &Server, count: usize) {
    let client = client();
    let body = format!("{{\"url\": \"{}\"}}", "x".repeat(BODY));
    for _ in 0..count {
        let request = client.post(server.url("/v2/crawl")).header("x-api-key", "test-a").body(body.clone());
        assert_eq!(request.send().await.unwrap().status(), 400);
    }
}

#[tokio::test]
async fn a_full_journal_takes_no_more_memory_and_does_not_say_never() {
    let server = Server::start(&["--clock", "manual"]);
    let delete = client().delete(server.url("/v2/crawl/none")).header("x-api-key", "test-a");
    assert_eq!(delete.send().await.unwrap().status(), 404);
    push(&server, 600).await;
    let full = server.resident_kib();
    push(&server, 2_400).await;
    let later = server.resident_kib();
    assert!(later < full + GROWTH_MAX_KIB, "{full} KiB when it was full, {later} KiB after 38 MiB more");

    let journal = client().get(server.url("/_rehearsal/requests?key=test-a&limit=1")).send().await.unwrap();
    let journal: Value = serde_json::from_slice(&journal.bytes().await.unwrap()).unwrap();
    assert_eq!((&journal["received"], &journal["gap"]["from"]), (&json!(3_001), &json!(1)), "{journal}");
    assert!(journal["dropped"].as_u64().unwrap() > 2_500, "{journal}");

    let verify = async |call: Value| {
        let body = json!({ "calls": [call] }).to_string();
        post(&server, "/_rehearsal/verify?key=test-a", body).await
    };
    let (status, refused) = verify(json!({ "match": { "operation": "*.cancel" }, "count": "never" })).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("journal_gap")), "{refused}");
    let (status, said) = verify(json!({ "match": { "operation": "catalog.crawl.create" } })).await;
    assert_eq!(status, 200, "a lower bound can be said: {said}");
}
