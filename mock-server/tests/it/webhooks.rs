//! Webhooks over real sockets: a server that sends, a receiver that listens, and a clock that is moved.

mod client;
mod inbox;
pub(crate) mod receiver;
mod retries;

use http::{Method, StatusCode};
use mock_server::MockServer;
use mock_server::clock::Mode;
use serde_json::{Value, json};

use client::{Client, KEY};
use receiver::Receiver;

async fn server() -> MockServer {
    MockServer::builder().strict().start().await.unwrap()
}

#[tokio::test]
async fn a_run_that_ends_is_told_signed_and_as_it_was_then() {
    let (server, receiver) = (server().await, Receiver::start().await);
    let client = Client::of(&server);
    let webhook = client.listen(&receiver.url()).await;
    let robot = client.robot().await;
    let run = client.run(&robot, json!({})).await;
    client.advance(3_600).await;
    let drained = client.flush().await;
    assert_eq!((&drained["pending"], &drained["next"]), (&json!(0), &Value::Null));
    assert_eq!(receiver.types(), ["robot.completed", "run.completed"]);

    let got = receiver.got();
    let (built, ended) = (&got[0], &got[1]);
    let shown = client.get(&format!("/v1/extract/runs/{run}")).await;
    assert_eq!(ended.body["data"], shown);
    assert_eq!(ended.body["created_at"], shown["finished_at"], "not when the clock was moved to");
    assert_eq!(built.body["data"]["id"], json!(robot));
    for got in &got {
        let secret = webhook["secret"].as_str().unwrap();
        assert!(got.is_signed_with(secret), "{got:?}");
        assert!(!got.is_signed_with("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
        let id = got.header("webhook-id");
        assert_eq!(got.body["id"], id);
        assert!(id.starts_with("evt_jh7") && id.len() == 36, "{id}");
        assert_eq!(got.header("content-type"), "application/json");
        // The world's clock stands in January 2026; what is signed is real time.
        let sent: u64 = got.header("webhook-timestamp").parse().unwrap();
        let date = jiff::fmt::rfc2822::parse(&date(&server).await).unwrap();
        assert!(date.timestamp().as_second().abs_diff(sent as i64) < 120, "{sent}");
    }
    assert_eq!(client.deliveries().await[0]["attempts"][0]["status"], 200);
}

/// The `Date` of an answer.
async fn date(server: &MockServer) -> String {
    let answer = reqwest::get(server.url("/_rehearsal/health")).await.unwrap();
    answer.headers()["date"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_told_late_is_told_as_it_was() {
    let (server, receiver) = (server().await, Receiver::start().await);
    let client = Client::of(&server);
    receiver.answers(503);
    client.listen(&receiver.url()).await;
    let robot = client.robot().await;
    client.flush().await;
    client.run(&robot, json!({})).await;
    receiver.answers(204);
    client.advance(5).await;
    client.flush().await;
    let told = receiver.got();
    assert_eq!(told[0].body, told[1].body, "a repetition is the same event");
    assert_eq!((told.len(), &told[1].body["data"]["run_count"]), (2, &json!(0)));
    assert_eq!(client.get(&format!("/v1/extract/robots/{robot}")).await["run_count"], 1);
}

#[tokio::test]
async fn every_kind_of_end_has_its_event_and_what_was_not_asked_for_is_not_told() {
    let scenario = "account: { apis: { extralt: { credits: 21 } } }\nruns:\n  - { match: { nth: 3, kind: run }, outcome: { failed: { at: 50% } } }";
    let server = MockServer::builder().scenario(scenario).unwrap().strict().start().await.unwrap();
    let (all, some) = (Receiver::start().await, Receiver::start().await);
    let client = Client::of(&server);
    client.listen(&all.url()).await;
    let body =
        json!({ "url": some.url(), "event_types": ["run.stopped", "enrichment.completed", "run.stopped"] });
    let webhook = client.post("/v1/webhooks", body).await;
    assert_eq!(webhook["event_types"], json!(["run.stopped", "enrichment.completed"]));
    let robot = client.robot().await;
    // Ten credits for the captures, and five to enrich them.
    client.run(&robot, json!({ "auto_enrich": true })).await;
    client.advance(300).await;
    let run = client.run(&robot, json!({})).await;
    client.post(&format!("/v1/extract/runs/{run}/stop"), json!({})).await;
    client.run(&robot, json!({ "budget": 2 })).await;
    client.advance(300).await;
    // What is left is spent, and nothing to enrich it with.
    client.run(&robot, json!({ "budget": 100, "auto_enrich": true })).await;
    client.advance(300).await;
    client.flush().await;
    let told = all.types();
    assert_eq!(
        told,
        [
            "robot.completed",
            "run.completed",
            "enrichment.completed",
            "run.stopped",
            "run.failed",
            "run.completed",
            "run.enrichment_skipped"
        ]
    );
    assert_eq!(some.types(), ["enrichment.completed", "run.stopped"]);
    let got = all.got();
    assert_eq!(got[5].body["data"], got[6].body["data"]);
    assert_eq!(got[5].body["data"]["status_reason"], "Out of credits");
    let ids: std::collections::BTreeSet<&str> = got.iter().map(|got| got.header("webhook-id")).collect();
    assert_eq!(ids.len(), got.len());
}

#[tokio::test]
async fn nobody_has_to_ask_for_a_delivery_to_be_sent() {
    let receiver = Receiver::start().await;
    let server = MockServer::builder().clock(Mode::Scaled(10_000.0)).start().await.unwrap();
    let client = Client::of(&server);
    client.listen(&receiver.url()).await;
    client.post("/v1/extract/robots", json!({ "url": "https://lamps.example", "country": "US" })).await;
    let got = receiver.wait_for(1).await;
    assert_eq!(got[0].body["type"], "robot.completed");
}

#[tokio::test]
async fn a_clock_that_requests_move_makes_deliveries_due_too() {
    let receiver = Receiver::start().await;
    let scenario = "clock: { mode: manual, advance-per-request: 4s }";
    let server = MockServer::builder().scenario(scenario).unwrap().start().await.unwrap();
    let client = Client::of(&server);
    receiver.answers(500);
    let webhook = client.listen(&receiver.url()).await;
    client.post(&format!("/v1/webhooks/{}/test", webhook["id"].as_str().unwrap()), json!({})).await;
    client.post("/v1/extract/robots", json!({ "url": "https://lamps.example", "country": "US" })).await;
    // The test, the robot, and the robot again. When the retry is due depends on when the failure was known.
    for _ in 0..2_000 {
        if receiver.got().len() >= 3 {
            break;
        }
        client.get("/v1/extract/robots").await;
    }
    assert_eq!(receiver.types()[..3], ["webhook.test", "robot.completed", "robot.completed"]);
}

#[tokio::test]
async fn a_test_is_delivered_once_whatever_comes_of_it() {
    let (server, receiver) = (server().await, Receiver::start().await);
    let client = Client::of(&server);
    receiver.answers(500);
    let webhook = client.listen(&receiver.url()).await;
    let path = format!("/v1/webhooks/{}/test", webhook["id"].as_str().unwrap());
    let (status, tested) = client.ask(Method::POST, &path, None).await;
    assert_eq!(status, StatusCode::OK);
    client.flush().await;
    client.advance(86_400).await;
    assert_eq!(client.flush().await["pending"], 0);
    let got = receiver.got();
    assert_eq!(
        (got.len(), &got[0].body["id"], &got[0].body["type"]),
        (1, &tested["event_id"], &json!("webhook.test"))
    );
    assert!(got[0].is_signed_with(webhook["secret"].as_str().unwrap()));
    assert_eq!(client.deliveries().await[0]["state"], "given-up");
    // Another one has another id.
    let (_, again) = client.ask(Method::POST, &path, None).await;
    assert_ne!(again["event_id"], tested["event_id"]);
}

#[tokio::test]
async fn a_secret_is_told_once_and_stands_nowhere_else() {
    let (server, receiver) = (server().await, Receiver::start().await);
    let client = Client::of(&server);
    let create =
        || client.ask_with(Method::POST, "/v1/webhooks", Some(json!({ "url": receiver.url() })), Some("k1"));
    let (status, webhook) = create().await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(create().await, (status, webhook.clone()), "the same request has the same answer");
    let id = webhook["id"].as_str().unwrap();
    assert!(id.starts_with("pn7"), "{id}");
    client.robot().await;
    client.flush().await;

    let secret = webhook["secret"].as_str().unwrap();
    let bare = secret.strip_prefix("whsec_").unwrap();
    let known = client.get(&format!("/v1/webhooks/{id}")).await;
    let list = client.get("/v1/webhooks").await;
    assert_eq!(list["data"], json!([known]));
    let requests = client.world().requests().await.unwrap();
    assert!(requests.iter().any(|request| request["target"] == "/v1/webhooks"));
    let events =
        reqwest::get(server.url(&format!("/_rehearsal/events?key={KEY}&after=start"))).await.unwrap();
    let events = first_piece(events).await;
    assert!(events.contains("/v1/webhooks"), "{events}");
    let shown = [
        known.to_string(),
        list.to_string(),
        client.control(Method::GET, "/webhooks").await.to_string(),
        json!(requests).to_string(),
        events,
        format!("{server:?}"),
    ];
    for shown in shown {
        assert!(!shown.contains(bare) && !shown.contains("whsec_"), "{shown}");
    }

    let (status, _) = client.ask(Method::DELETE, &format!("/v1/webhooks/{id}"), None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    for (method, path) in [(Method::GET, ""), (Method::DELETE, ""), (Method::POST, "/test")] {
        let (status, body) = client.ask(method, &format!("/v1/webhooks/{id}{path}"), None).await;
        assert_eq!((status, &body["error"]["code"]), (StatusCode::NOT_FOUND, &json!("not_found")));
    }
    assert_eq!(client.deliveries().await, Vec::<Value>::new());
}

/// What a stream says until it waits for more.
async fn first_piece(mut response: reqwest::Response) -> String {
    let mut text = String::new();
    while !text.contains("\"run\"") || !text.contains("ended") {
        text.push_str(&String::from_utf8_lossy(&response.chunk().await.unwrap().unwrap()));
    }
    text
}

#[tokio::test]
async fn what_the_vendor_refuses_is_refused_and_what_it_takes_is_not_sent_elsewhere() {
    let server = server().await;
    let client = Client::of(&server);
    let own = |path: &str| server.url(path);
    for url in [
        "http://hooks.example/x".to_owned(),
        "https://10.0.0.7/x".to_owned(),
        "https://[2001:db8::1]/x".to_owned(),
        "https://printer.local/x".to_owned(),
        "https://intranet/x".to_owned(),
        "hooks.example".to_owned(),
        own("/v1/extract/runs"),
        own("/_rehearsal/reset"),
        own("/_rehearsal/inbox/../reset"),
    ] {
        let (status, body) = client.ask(Method::POST, "/v1/webhooks", Some(json!({ "url": url }))).await;
        assert_eq!(
            (status, &body["error"]["code"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("unprocessable_entity")),
            "{url}"
        );
    }
    for body in
        [json!({ "url": "https://hooks.example/x", "event_types": ["webhook.test"] }), json!({ "url": 1 })]
    {
        assert_eq!(
            client.ask(Method::POST, "/v1/webhooks", Some(body)).await.0,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    }
    let (status, body) = client.ask(Method::POST, "/v1/webhooks", Some(json!({}))).await;
    assert_eq!((status, &body["error"]["code"]), (StatusCode::BAD_REQUEST, &json!("invalid_request")));

    client.listen("https://hooks.ledger-lane.example/x").await;
    client.robot().await;
    assert_eq!(client.flush().await["pending"], 0);
    let delivery = &client.deliveries().await[0];
    assert_eq!(delivery["state"], "not-sent");
    assert_eq!(delivery["reason"], "not sent: outbound not allowed");
    assert_eq!(delivery["attempts"], json!([]));
}

#[tokio::test]
async fn a_world_has_so_many_webhooks() {
    let server = server().await;
    let client = Client::of(&server);
    for _ in 0..100 {
        client.listen("https://hooks.ledger-lane.example/x").await;
    }
    let body = json!({ "url": "https://hooks.ledger-lane.example/x" });
    let (status, body) = client.ask(Method::POST, "/v1/webhooks", Some(body)).await;
    assert_eq!((status, &body["error"]["code"]), (StatusCode::CONFLICT, &json!("conflict")));
}
