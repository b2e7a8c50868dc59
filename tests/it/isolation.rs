//! What goes wrong in one world goes wrong there alone, and the same way whoever else is about: over real connections,
//! on all the threads of the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::program::{Server, client};

const FLAKY: &str = r#"
faults:
  - id: flaky
    match: { operation: catalog.crawl.get }
    when: { probability: 20%, at-most: 2 }
    respond: { error: unavailable }
"#;

async fn ask(client: &Client, method: Method, url: &str, key: &str, body: Option<Value>) -> (u16, Value) {
    let request = client.request(method, url).header("x-api-key", key);
    let body = body.map_or_else(String::new, |body| body.to_string());
    let answer = request.body(body).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
}

/// Which of 300 polls failed on a fresh server, while so many connections keep other worlds busy.
async fn decisions(connections: usize) -> Vec<bool> {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("flaky.yaml");
    std::fs::write(&scenario, FLAKY).unwrap();
    let server = Arc::new(Server::start(&["--clock", "manual", "--scenario", scenario.to_str().unwrap()]));
    let (done, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let others: Vec<_> = (0..connections)
        .map(|connection| {
            let (server, done, asked) = (Arc::clone(&server), Arc::clone(&done), Arc::clone(&asked));
            tokio::spawn(async move {
                let (client, key) = (client(), format!("test-other-{}", connection % 5));
                // Bounded, should the polls never end.
                for number in 0..20_000 {
                    if done.load(Ordering::Relaxed) {
                        break;
                    }
                    let poll = server.url(&format!("/v2/crawl/none-{}", number % 3));
                    ask(&client, Method::GET, &poll, &key, None).await;
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    while asked.load(Ordering::Relaxed) < connections {
        tokio::task::yield_now().await;
    }
    let client = client();
    let crawl = Some(json!({ "url": "skims.com" }));
    let (_, created) = ask(&client, Method::POST, &server.url("/v2/crawl"), "test-a", crawl).await;
    let poll = server.url(&format!("/v2/crawl/{}", created["execution_id"].as_str().unwrap()));
    let mut failed = Vec::new();
    for _ in 0..300 {
        failed.push(ask(&client, Method::GET, &poll, "test-a", None).await.0 == 503);
    }
    done.store(true, Ordering::Relaxed);
    for other in others {
        other.await.unwrap();
    }
    failed
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_decisions_are_the_same_beside_one_and_sixteen_connections() {
    let quiet = decisions(0).await;
    let met = quiet.iter().filter(|failed| **failed).count();
    assert!((40..=80).contains(&met), "{met} of 300");
    for connections in [1, 16] {
        assert_eq!(decisions(connections).await, quiet, "{connections} connections");
    }
}

/// What one key does with its world, and what it must find there: nothing of anybody else.
async fn one_world(client: &Client, server: &Server, number: usize) {
    let key = format!("test-{number}");
    let control = |path: &str| server.url(&format!("/_rehearsal{path}?key={key}"));
    let status = 500 + u16::try_from(number % 99).unwrap();
    let fault = json!({ "id": key, "when": { "nth": 2 }, "respond": { "status": status } });
    let (added, _) = ask(client, Method::POST, &control("/faults"), &key, Some(fault)).await;
    assert_eq!(added, 201);
    let advance = Some(json!({ "advance": format!("{}s", number + 1) }));
    let (_, clock) = ask(client, Method::PATCH, &control("/clock"), &key, advance).await;
    let list = server.url("/v2/crawl");
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(ask(client, Method::GET, &list, &key, None).await.0);
    }
    assert_eq!(statuses, [200, status, 200], "{key}");
    let expected = json!({ "calls": [{ "match": { "operation": "catalog.crawl.list" }, "count": 3 }] });
    let (verified, said) = ask(client, Method::POST, &control("/verify"), &key, Some(expected)).await;
    assert_eq!(verified, 200, "{key}: {said}");
    let (_, still) = ask(client, Method::GET, &control("/clock"), &key, None).await;
    assert_eq!(still["now"], clock["now"], "{key}");
    let (reset, _) = ask(client, Method::POST, &control("/reset"), &key, None).await;
    assert_eq!(reset, 200);
    assert_eq!(ask(client, Method::GET, &list, &key, None).await.0, 200);
    let (_, journal) = ask(client, Method::GET, &control("/requests"), &key, None).await;
    assert_eq!(journal["requests"].as_array().unwrap().len(), 1, "{key}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_keys_through_sixty_four_connections_do_not_see_each_other() {
    const CONNECTIONS: usize = 64;
    let server = Arc::new(Server::start(&["--clock", "manual"]));
    let workers: Vec<_> = (0..CONNECTIONS)
        .map(|worker| {
            let server = Arc::clone(&server);
            tokio::spawn(async move {
                // A client asks for one thing after the other, so it keeps to one connection.
                let client = client();
                for number in (worker..1_000).step_by(CONNECTIONS) {
                    one_world(&client, &server, number).await;
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    let (_, worlds) = ask(&client(), Method::GET, &server.url("/_rehearsal/worlds"), "test-0", None).await;
    assert_eq!(worlds["worlds"].as_array().unwrap().len(), 1_000);
}
