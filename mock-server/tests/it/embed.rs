//! The stand-in inside a test program, over real sockets.

use std::net::TcpStream;
use std::time::Duration;

use http::StatusCode;
use mock_server::MockServer;
use mock_server::clock::Mode;
use reqwest::Client;
use serde_json::{Value, json};

fn client() -> Client {
    // Whoever comes second finds the provider installed.
    rustls::crypto::ring::default_provider().install_default().ok();
    Client::new()
}

async fn get(server: &MockServer, key: &str, path: &str) -> (StatusCode, Value) {
    let answer = client().get(server.url(path)).header("x-api-key", key).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn crawl(server: &MockServer, key: &str) -> (StatusCode, Value) {
    let create = client().post(server.url("/v2/crawl")).header("x-api-key", key);
    let answer = create.json(&json!({ "url": "skims.com" })).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn dropping_a_server_frees_its_port() {
    let server = MockServer::start().await.unwrap();
    let address = server.address();
    assert_eq!((address.ip().is_loopback(), address.port()), (true, server.port()));
    assert!(TcpStream::connect(address).is_ok());
    drop(server);
    assert!(TcpStream::connect(address).is_err());
    assert!(std::net::TcpListener::bind(address).is_ok());
}

#[tokio::test]
async fn a_server_that_is_dropped_while_it_answers_stops_all_the_same() {
    let server = MockServer::start().await.unwrap();
    server.world("test-a").add_fault(json!({ "delay": "10m" })).await.unwrap();
    let url = server.url("/v2/crawl");
    let asked = tokio::spawn(async move { client().get(url).header("x-api-key", "test-a").send().await });
    while server.world("test-a").control(http::Method::GET, "/faults", None).await.unwrap()["faults"][0]["matched"]
        == 0
    {
        tokio::task::yield_now().await;
    }
    drop(server);
    assert!(asked.await.unwrap().is_err());
}

#[tokio::test]
async fn a_handle_moves_the_clock_of_its_world_alone() {
    let server = MockServer::start().await.unwrap();
    let mut ids = Vec::new();
    for key in ["test-a", "test-b"] {
        ids.push(crawl(&server, key).await.1["execution_id"].as_str().unwrap().to_owned());
    }
    let world = server.world("test-a");
    world.advance(Duration::from_millis(1_500)).await.unwrap();
    assert_eq!(world.clock().await.unwrap()["now"], "2026-01-15T10:30:01.500000Z");
    world.advance_to_next().await.unwrap();
    let state = async |key, id: &str| get(&server, key, &format!("/v2/crawl/{id}")).await.1["status"].clone();
    assert_eq!(state("test-a", &ids[0]).await, "completed");
    assert_eq!(state("test-b", &ids[1]).await, "pending");
    let refused = world.advance_to_next().await.unwrap_err();
    assert_eq!((refused.status, refused.code.as_str()), (StatusCode::CONFLICT, "nothing_due"));
    assert!(refused.to_string().starts_with("nothing is due"), "{refused}");
}

#[tokio::test]
async fn a_handle_arms_faults_and_reads_what_came_of_them() {
    let server = MockServer::builder().strict().start().await.unwrap();
    let world = server.world("sk live/1?&");
    let id = world.add_fault(json!({ "when": { "nth": 2 }, "respond": { "error": "conflict" } })).await;
    let refused = id.unwrap_err();
    assert_eq!(refused.code, "refused_key", "no key has a space in it: {refused}");

    let world = server.world("secret-key-1?&");
    let id =
        world.add_fault(json!({ "when": { "nth": 2 }, "respond": { "error": "conflict" } })).await.unwrap();
    assert_eq!(crawl(&server, world.key()).await.0, StatusCode::ACCEPTED);
    assert_eq!(crawl(&server, world.key()).await.0, StatusCode::CONFLICT);
    assert_eq!(world.fired(&id).await, Ok(1));
    let requests = world.requests().await.unwrap();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[1]["faults"][0]["id"], id.as_str());
    world.clear_faults().await.unwrap();
    assert_eq!(world.fired(&id).await.unwrap_err().code, "unknown_fault");
    let mistakes = world.add_fault(json!({ "respnd": {} })).await.unwrap_err();
    assert_eq!(mistakes.error["diagnostics"]["errors"][0]["path"], "respnd");
}

#[tokio::test]
async fn a_handle_says_what_was_not_as_expected() {
    let server = MockServer::start().await.unwrap();
    let world = server.world("test-a");
    crawl(&server, "test-a").await;
    let once = json!([{ "match": { "operation": "catalog.crawl.create" }, "count": 1 }]);
    world.verify(once.clone()).await.unwrap();
    crawl(&server, "test-a").await;
    let refused = world.verify(once).await.unwrap_err();
    assert_eq!(refused.code, "not_as_expected");
}

#[tokio::test]
async fn a_scenario_and_a_seed_are_given_before_the_start_or_later() {
    let stuck = "runs: [{ outcome: { stuck: { state: pending } } }]";
    let builder = MockServer::builder().seed(42).clock(Mode::Manual).scenario(stuck).unwrap();
    let (one, other) = (builder.clone().start().await.unwrap(), builder.start().await.unwrap());
    let first = crawl(&one, "test-a").await.1;
    assert_eq!(first, crawl(&other, "test-a").await.1, "the same seed");
    let path = format!("/v2/crawl/{}", first["execution_id"].as_str().unwrap());
    one.world("test-a").advance(Duration::from_secs(3_600)).await.unwrap();
    assert_eq!(get(&one, "test-a", &path).await.1["status"], "pending");
    one.world("test-a").follow("runs: []").await.unwrap();
    one.world("test-a").reset().await.unwrap();
    assert_eq!(get(&one, "test-a", &path).await.0, StatusCode::NOT_FOUND);
    crawl(&one, "test-a").await;
    one.world("test-a").advance(Duration::from_secs(3_600)).await.unwrap();
    assert_eq!(get(&one, "test-a", &path).await.1["status"], "completed");
    assert!(MockServer::builder().scenario("runz: []").is_err());
}

#[tokio::test]
async fn a_client_that_times_out_has_left_and_was_told_nothing() {
    let server = MockServer::start().await.unwrap();
    let world = server.world("test-a");
    let slow = json!({ "when": { "first": 1 }, "phase": "after", "delay": "10m" });
    world.add_fault(slow).await.unwrap();
    let create = || {
        let create = client().post(server.url("/v2/extract")).header("x-api-key", "test-a");
        create.json(&json!({ "urls": ["https://a.example/1"] }))
    };
    assert!(create().timeout(Duration::from_millis(300)).send().await.unwrap_err().is_timeout());
    // The server hears of it a moment later; the bound is far beyond that.
    let mut requests = Vec::new();
    for _ in 0..500 {
        requests = world.requests().await.unwrap();
        if !requests.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!((&requests[0]["status"], &requests[0]["lost"]), (&Value::Null, &json!(true)));
    assert_eq!(create().send().await.unwrap().status(), 202);
    let duplicates = world.control(http::Method::GET, "/duplicates", None).await.unwrap();
    let delivered: Vec<_> =
        duplicates["groups"][0]["requests"].as_array().unwrap().iter().map(|it| &it["delivered"]).collect();
    assert_eq!(delivered, [false, true]);
}
