//! The same seed gives the same bytes, on any number of connections.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::program::{Server, client};

const CREATES: usize = 1_000;

/// A distinct request to create a run; every kind is among them.
fn request(index: usize) -> (&'static str, Value) {
    match index % 4 {
        0 => ("/v2/crawl", json!({ "url": format!("shop-{index}.com") })),
        1 => ("/v2/extract", json!({ "urls": [format!("https://nike.com/t/shoe-{index}")] })),
        2 => ("/v2/extract", json!({ "urls": [format!("https://a.com/{index}"), "https://fails.test/"] })),
        _ => ("/v2/agentic-search", json!({ "query": format!("boots number {index}") })),
    }
}

/// Everything an answer says but the real time it was sent at.
async fn said(request: reqwest::RequestBuilder) -> String {
    let answer = request.header("x-api-key", "test-a").send().await.unwrap();
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    headers.remove("date").expect("every answer is dated");
    format!("{status} {headers:?} {}", answer.text().await.unwrap())
}

/// All answers of a fresh server, by request.
async fn answers(connections: usize) -> BTreeMap<(usize, &'static str), String> {
    let server = Arc::new(Server::start(&["--clock", "manual"]));
    let barrier = Arc::new(Barrier::new(connections));
    let workers: Vec<_> = (0..connections)
        .map(|worker| {
            let (server, barrier, client) = (Arc::clone(&server), Arc::clone(&barrier), client());
            tokio::spawn(async move {
                let mut own = Vec::new();
                for index in (worker..CREATES).step_by(connections) {
                    let (path, body) = request(index);
                    own.push((index, path, said(client.post(server.url(path)).body(body.to_string())).await));
                }
                if barrier.wait().await.is_leader() {
                    let clock = client.patch(server.url("/_rehearsal/clock?key=test-a"));
                    let moved = clock.body(r#"{"advance": "12s"}"#).send().await.unwrap();
                    assert!(moved.status().is_success());
                }
                barrier.wait().await;
                let mut all = Vec::new();
                for (index, path, created) in own {
                    let body: Value = serde_json::from_str(created.rsplit_once("} ").unwrap().1).unwrap();
                    let target = format!("{path}/{}", body["execution_id"].as_str().unwrap());
                    all.push(((index, "get"), said(client.get(server.url(&target))).await));
                    all.push(((index, "create"), created));
                }
                all
            })
        })
        .collect();
    let mut answers = BTreeMap::new();
    for worker in workers {
        answers.extend(worker.await.unwrap());
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_and_sixty_four_hear_the_same() {
    let (one, many) = (answers(1).await, answers(64).await);
    assert_eq!(one.len(), 2 * CREATES);
    for (request, answer) in &one {
        assert_eq!(Some(answer), many.get(request), "{request:?}");
    }
    let running = one.values().filter(|answer| answer.contains(r#""status":"running""#)).count();
    assert!(running > 100, "the runs were caught at work: {running}");
}
