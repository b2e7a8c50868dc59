//! What becomes of deliveries that fail.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::client::Client;
use super::receiver::Receiver;
use super::server;

fn instants(delivery: &Value) -> Vec<i64> {
    let attempts = delivery["attempts"].as_array().unwrap().iter();
    attempts.map(|it| it["at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second()).collect()
}

/// Moves the clock from one attempt to the next until nothing is pending.
async fn to_the_end(client: &Client<'_>) {
    while client.flush().await["pending"] != 0 {
        client.world().advance_to_next().await.unwrap();
    }
}

#[tokio::test]
async fn what_fails_is_tried_again_for_a_day_and_a_half_of_the_worlds_time() {
    let (server, receiver) = (server().await, Receiver::start().await);
    let client = Client::of(&server);
    receiver.answers(500);
    client.listen(&receiver.url()).await;
    client.robot().await;
    to_the_end(&client).await;
    let delivery = &client.deliveries().await[0];
    assert_eq!((&delivery["state"], &delivery["next"]), (&json!("given-up"), &Value::Null));
    let instants = instants(delivery);
    let pauses: Vec<i64> = instants.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(pauses, [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000, 36_000]);
    assert_eq!(receiver.got().len(), 9);
}

#[tokio::test]
async fn what_has_arrived_is_not_sent_again_unless_somebody_says_so() {
    let (server, receiver) = (server().await, Receiver::start().await);
    let client = Client::of(&server);
    receiver.answers(404);
    client.listen(&receiver.url()).await;
    client.robot().await;
    client.flush().await;
    receiver.answers(202);
    client.advance(5).await;
    client.flush().await;
    for _ in 0..3 {
        client.advance(40_000).await;
        client.flush().await;
    }
    assert_eq!(receiver.got().len(), 2);
    let delivery = client.deliveries().await[0].clone();
    let statuses: Vec<&Value> =
        delivery["attempts"].as_array().unwrap().iter().map(|it| &it["status"]).collect();
    assert_eq!((statuses, &delivery["state"]), (vec![&json!(404), &json!(202)], &json!("delivered")));

    let path = format!("/webhooks/deliveries/{}/redeliver", delivery["id"].as_str().unwrap());
    assert_eq!(client.control(Method::POST, &path).await["state"], "pending");
    client.flush().await;
    let got = receiver.got();
    assert_eq!((got.len(), &got[2].body), (3, &got[0].body));
    let refused = client.world().control(Method::POST, "/webhooks/deliveries/99/redeliver", None).await;
    assert_eq!(refused.unwrap_err().code, "unknown_delivery");
}

#[tokio::test]
async fn an_endpoint_that_keeps_failing_is_disabled() {
    let (server, receiver) = (server().await, Receiver::start().await);
    let client = Client::of(&server);
    receiver.answers(500);
    let webhook = client.listen(&receiver.url()).await;
    let path = format!("/v1/webhooks/{}", webhook["id"].as_str().unwrap());
    let robot = client.robot().await;
    for _ in 0..3 {
        client.run(&robot, json!({})).await;
    }
    client.advance(300).await;
    to_the_end(&client).await;
    assert_eq!(client.get(&path).await["enabled"], true, "four have been given up");
    client.run(&robot, json!({})).await;
    client.advance(300).await;
    to_the_end(&client).await;
    assert_eq!(client.get(&path).await["enabled"], false);

    let before = receiver.got().len();
    client.run(&robot, json!({})).await;
    client.advance(300).await;
    client.flush().await;
    assert_eq!(receiver.got().len(), before);
    client.ask(Method::POST, &format!("{path}/test"), None).await;
    client.flush().await;
    assert_eq!(receiver.got().len(), before + 1, "it can be tried all the same");
}

#[tokio::test]
async fn an_endpoint_is_told_of_events_in_their_order() {
    let (server, receiver) = (server().await, Receiver::start().await);
    let client = Client::of(&server);
    let robot = client.robot().await;
    client.listen(&receiver.url()).await;
    receiver.hold();
    for budget in [50, 10, 30, 1, 20] {
        client.run(&robot, json!({ "budget": budget })).await;
    }
    client.advance(600).await;
    receiver.wait_for(1).await;
    receiver.let_go();
    client.flush().await;
    let yields: Vec<Value> = receiver.got().iter().map(|got| got.body["data"]["extracted"].clone()).collect();
    assert_eq!(json!(yields), json!([1, 10, 20, 30, 50]));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (server, receiver, other) = (server().await, Receiver::start().await, Receiver::start().await);
    let client = Client::of(&server);
    receiver.redirects_to(&other.url());
    client.listen(&receiver.url()).await;
    client.robot().await;
    client.flush().await;
    assert_eq!((receiver.got().len(), other.got().len()), (1, 0));
    assert_eq!(client.deliveries().await[0]["attempts"][0]["status"], 307);
    assert_eq!(client.deliveries().await[0]["state"], "pending");
}

#[tokio::test]
async fn who_does_not_answer_at_all_has_failed() {
    let (server, receiver) = (server().await, Receiver::start().await);
    let client = Client::of(&server);
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    client.listen(&format!("http://{gone}/")).await;
    client.listen(&format!("http://localhost:{}/", receiver.address.port())).await;
    client.robot().await;
    client.flush().await;
    let deliveries = client.deliveries().await;
    let (named, refused) = (&deliveries[0]["attempts"][0], &deliveries[1]["attempts"][0]);
    assert_eq!(named["status"], 200);
    assert!(refused["error"].as_str().unwrap().to_lowercase().contains("refused"), "{refused}");
    assert_eq!((&refused["status"], &deliveries[1]["state"]), (&Value::Null, &json!("pending")));
}

#[tokio::test]
async fn a_flush_waits_for_as_long_as_it_is_told() {
    let (server, receiver) = (server().await, Receiver::start().await);
    let client = Client::of(&server);
    receiver.hold();
    client.listen(&receiver.url()).await;
    client.robot().await;
    let body = Some(json!({ "timeout": "50ms" }));
    let refused = client.world().control(Method::POST, "/webhooks/flush", body).await.unwrap_err();
    assert_eq!((refused.status, refused.code.as_str()), (StatusCode::CONFLICT, "timeout"));
    assert!(refused.message.starts_with("1 deliveries"), "{refused}");
    receiver.let_go();
    assert_eq!(client.flush().await["pending"], 0);
}

#[tokio::test]
async fn what_comes_of_a_delivery_after_a_reset_is_forgotten() {
    let (server, receiver) = (server().await, Receiver::start().await);
    let client = Client::of(&server);
    let begin = || async {
        let webhook = client.listen(&receiver.url()).await;
        client.post(&format!("/v1/webhooks/{}/test", webhook["id"].as_str().unwrap()), json!({})).await
    };
    receiver.hold();
    receiver.answers(500);
    let before = begin().await;
    receiver.wait_for(1).await;
    client.world().reset().await.unwrap();
    assert_eq!(client.deliveries().await, Vec::<Value>::new());
    receiver.answers(200);
    assert_eq!(begin().await, before, "ids repeat after a reset");
    receiver.let_go();
    client.flush().await;
    let deliveries = client.deliveries().await;
    assert_eq!(deliveries.len(), 1);
    let attempts = deliveries[0]["attempts"].as_array().unwrap();
    assert_eq!((attempts.len(), &attempts[0]["status"]), (1, &json!(200)), "{attempts:?}");
}
