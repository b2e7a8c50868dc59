//! Which requests a fault meets, over HTTP: the same ones whoever else is about.

use std::collections::HashSet;

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{fired, urls, with};
use crate::harness::{KEY, Stand};

const FLAKY: &str = "  - { id: flaky, match: { operation: catalog.crawl.get }, when: { probability: 20%, at-most: 2 }, respond: { error: unavailable } }";

/// Which of 300 polls failed, while `others` happens between them.
async fn polls(stand: &Stand, others: impl AsyncFn(usize)) -> Vec<bool> {
    let id = stand.create("/v2/crawl", json!({ "url": "skims.com" })).await;
    let mut failed = Vec::new();
    for number in 0..300 {
        others(number).await;
        failed.push(stand.get(&format!("/v2/crawl/{id}")).await.status == StatusCode::SERVICE_UNAVAILABLE);
    }
    failed
}

#[tokio::test]
async fn chance_decides_the_same_whatever_else_is_asked() {
    let quiet = polls(&with(FLAKY), async |_| {}).await;
    let met = quiet.iter().filter(|failed| **failed).count();
    assert!((40..=80).contains(&met), "{met} of 300");
    assert!(!quiet.windows(3).any(|row| row.iter().all(|failed| *failed)));

    let stand = with(FLAKY);
    let same_world = polls(&stand, async |number| {
        let _ = stand.get("/v2/crawl").await;
        let _ = stand.post("/v2/extract", urls()).await;
        let _ = stand.get(&format!("/v2/vendors?page={}", number + 1)).await;
        let _ = stand.get("/v2/extract/none").await;
    });
    assert_eq!(same_world.await, quiet);

    for connections in [1, 16] {
        let stand = with(FLAKY);
        let other_worlds = polls(&stand, async |number| {
            join_all((0..connections).map(|connection| {
                let (stand, key) = (stand.clone(), format!("test-other-{}", (number + connection) % 7));
                async move {
                    let _ = stand.call(&key, Method::GET, "/v2/crawl/none", None).await;
                    let body = Some(json!({ "url": "skims.com" }));
                    let _ = stand.call(&key, Method::POST, "/v2/crawl", body).await;
                }
            }))
            .await;
        });
        assert_eq!(other_worlds.await, quiet, "{connections} connections");
    }
}

#[tokio::test]
async fn each_run_and_each_request_counts_for_itself() {
    let stand = with(
        "  - { id: third, match: { operation: \"*.get\" }, when: { nth: 3, per: run }, respond: { error: internal } }",
    );
    let one = stand.create("/v2/crawl", json!({ "url": "skims.com" })).await;
    let other = stand.create("/v2/crawl", json!({ "url": "other.example" })).await;
    let mut met = Vec::new();
    for id in [&one, &other, &one, &other, &one, &other, &one] {
        met.push(fired(&stand.get(&format!("/v2/crawl/{id}")).await).is_some());
    }
    assert_eq!(met, [false, false, false, false, true, true, false]);
    let stranger = stand.get("/v2/crawl/none").await;
    assert_eq!(fired(&stranger), None, "it names no run");

    let stand = with(
        "  - { id: once, when: { first: 1, per: request }, phase: after, respond: { error: internal } }",
    );
    let mut met = Vec::new();
    for url in ["a.example", "b.example", "a.example", "b.example"] {
        met.push(fired(&stand.post("/v2/crawl", json!({ "url": url })).await).is_some());
    }
    assert_eq!(met, [true, true, false, false]);
}

#[tokio::test]
async fn a_match_names_what_the_request_is_about() {
    let met = async |condition: &str, stand_for: &[(Method, &str, Option<Value>)]| -> Vec<bool> {
        let stand = with(&format!("  - {{ id: it, match: {condition}, respond: {{ error: conflict }} }}"));
        let mut met = Vec::new();
        for (method, target, body) in stand_for {
            met.push(fired(&stand.call(KEY, method.clone(), target, body.clone()).await).is_some());
        }
        met
    };
    let crawl = |url: &str| (Method::POST, "/v2/crawl", Some(json!({ "url": url })));
    let search = |query: &str| (Method::POST, "/v2/agentic-search", Some(json!({ "query": query })));
    let list = (Method::GET, "/v2/crawl", None);
    let unknown = (Method::GET, "/v2/unknown", None);
    let asked = [crawl("shop.example.com"), crawl("skims.com"), search("red boots"), list, unknown];
    for (condition, expected) in [
        ("{ operation: \"catalog.crawl.*\" }", [true, true, false, true, false]),
        ("{ kind: crawl }", [true, true, false, true, false]),
        ("{ host: \"*.Example.com\" }", [true, false, false, false, false]),
        ("{ query: \"red*\" }", [false, false, true, false, false]),
        ("{ request: { url: skims.com } }", [false, true, false, false, false]),
        ("{ api: catalog, version: v2 }", [true; 5]),
        ("{ header: { content-type: \"*json\" } }", [true; 5]),
        ("{ header: { user-agent: \"*\" } }", [false; 5]),
        ("{ account: \"test-*\" }", [true; 5]),
        ("{ account: other }", [false; 5]),
        ("{ run: { kind: crawl } }", [false; 5]),
    ] {
        assert_eq!(met(condition, &asked).await, expected, "{condition}");
    }

    let stand = with("  - { id: it, match: { run: { host: skims.com } }, respond: { error: conflict } }");
    let named = stand.create("/v2/crawl", json!({ "url": "skims.com" })).await;
    let other = stand.create("/v2/crawl", json!({ "url": "other.example" })).await;
    assert_eq!(fired(&stand.get(&format!("/v2/crawl/{named}")).await), Some("it"));
    assert_eq!(fired(&stand.get(&format!("/v2/crawl/{other}")).await), None);
}

#[tokio::test]
async fn a_thousand_worlds_do_not_see_each_others_faults() {
    let stand = Stand::with_worlds(1_001);
    let check = async |number: usize| {
        let key = format!("test-{number}");
        let control = |path: &str| format!("/_rehearsal{path}?key={key}");
        let call = async |method, target: &str, body| stand.call(&key, method, target, body).await;
        let status = 500 + number % 100;
        let fault = json!({ "id": key, "when": { "nth": 2 }, "respond": { "status": status } });
        call(Method::POST, &control("/faults"), Some(fault)).await.ok(StatusCode::CREATED);
        let seconds = format!("{}s", number + 1);
        let body = json!({ "advance": seconds });
        call(Method::PATCH, &control("/clock"), Some(body)).await.ok(StatusCode::OK);
        let mut statuses = Vec::new();
        for _ in 0..3 {
            statuses.push(usize::from(call(Method::GET, "/v2/crawl", None).await.status.as_u16()));
        }
        assert_eq!(statuses, [200, status, 200]);
        let journal = call(Method::GET, &control("/requests"), None).await.ok(StatusCode::OK);
        let entries = journal["requests"].as_array().unwrap();
        assert_eq!(entries.len(), 3);
        assert_eq!(entries[1]["faults"][0]["id"], key.as_str());
        call(Method::POST, &control("/reset"), Some(json!({}))).await.ok(StatusCode::OK);
        let answer = call(Method::GET, "/v2/crawl", None).await;
        assert_eq!((answer.status, fired(&answer)), (StatusCode::OK, None));
        key
    };
    let seen: HashSet<String> = stream::iter(0..1_000).map(check).buffer_unordered(64).collect().await;
    assert_eq!(seen.len(), 1_000);
}
