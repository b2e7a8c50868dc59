//! Inboxes: the server as its own receiver.

use std::net::Ipv4Addr;

use http::{Method, StatusCode};
use mock_server::control::access::Access;
use mock_server::scenario::Scenario;
use mock_server::server::{Config, serve};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::client::{Client, KEY};
use super::server;
use crate::harness::{Stand, template};

#[tokio::test]
async fn a_server_receives_its_own_webhooks_and_says_whether_they_are_signed() {
    let server = server().await;
    let client = Client::of(&server);
    let webhook = client.listen(&server.url("/_rehearsal/inbox/shop")).await;
    let webhook = webhook["id"].as_str().unwrap();
    client.robot().await;
    client.flush().await;
    let inbox = client.control(Method::GET, "/inbox/shop").await;
    let message = &inbox["messages"][0];
    assert_eq!(
        (&message["signature"], &message["json"]["type"]),
        (&json!("right"), &json!("robot.completed"))
    );
    assert_eq!(message["headers"]["webhook-id"], message["json"]["id"]);

    // Anybody may send; what nobody has signed, or somebody else, is told apart.
    let http = reqwest::Client::new();
    let forged = http
        .post(server.url("/_rehearsal/inbox/shop?x=1"))
        .body(message["body"].as_str().unwrap().to_owned());
    let headers = message["headers"].as_object().unwrap().clone();
    let forged = ["webhook-id", "webhook-timestamp"]
        .iter()
        .fold(forged, |it, name| it.header(*name, headers[*name].as_str().unwrap()));
    let forged = forged.header("webhook-signature", "v1,AAAA").bearer_auth("hush-hush").send().await.unwrap();
    assert_eq!(forged.status(), StatusCode::NO_CONTENT);
    http.post(server.url("/_rehearsal/inbox/shop")).body(vec![0xff]).send().await.unwrap();
    let inbox = client.control(Method::GET, "/inbox/shop").await;
    assert_eq!(inbox["received"], 3);
    assert_eq!(
        (&inbox["messages"][1]["signature"], &inbox["messages"][2]["signature"]),
        (&json!("wrong"), &Value::Null)
    );
    assert_eq!(inbox["messages"][2]["base64"], "/w==");
    assert!(!inbox.to_string().contains("hush-hush"));

    // A world that did not send it cannot say, nor can the one that did when the webhook and its log are gone.
    let other = server.url("/v1/webhooks");
    let other = http.get(other).bearer_auth("test-b").send().await.unwrap();
    assert_eq!(other.status(), StatusCode::OK);
    let other = http.get(server.url("/_rehearsal/inbox/shop?key=test-b")).send().await.unwrap();
    assert_eq!(other.json::<Value>().await.unwrap()["messages"][0]["signature"], Value::Null);
    let deleted = client.ask(Method::DELETE, &format!("/v1/webhooks/{webhook}"), None).await;
    assert_eq!(deleted.0, StatusCode::NO_CONTENT);
    let inbox = client.control(Method::GET, "/inbox/shop").await;
    assert_eq!(inbox["messages"][0]["signature"], Value::Null);

    // It belongs to no world, and so it stays.
    client.world().reset().await.unwrap();
    assert_eq!(client.control(Method::GET, "/inbox/shop").await["received"], 3);
    client.control(Method::DELETE, "/inbox/shop").await;
    assert_eq!(client.control(Method::GET, "/inbox/shop").await["messages"], json!([]));
}

#[tokio::test]
async fn a_server_with_a_token_receives_its_own_webhooks_without_it_and_shows_them_only_with_it() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let access = Access { token: Some("hush-hush-hush".parse().unwrap()), ..Access::default() };
    let config = Config { access, strict: true, ..Config::new(template(Scenario::default())) };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = tokio::spawn(serve(listener, config, async { drop(stopped.await) }));
    let http = reqwest::Client::new();
    let url = |path: &str| format!("http://{address}{path}");
    let body = json!({ "url": url("/_rehearsal/inbox/shop") });
    let webhook: Value = http
        .post(url("/v1/webhooks"))
        .bearer_auth(KEY)
        .json(&body)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let id = webhook["id"].as_str().unwrap();
    http.post(url(&format!("/v1/webhooks/{id}/test"))).bearer_auth(KEY).send().await.unwrap();
    let flush = http.post(url("/_rehearsal/webhooks/flush")).header("x-rehearsal-token", "hush-hush-hush");
    assert_eq!(flush.send().await.unwrap().status(), StatusCode::OK);

    let read = || http.get(url("/_rehearsal/inbox/shop"));
    assert_eq!(read().send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let inbox: Value =
        read().header("x-rehearsal-token", "hush-hush-hush").send().await.unwrap().json().await.unwrap();
    assert_eq!((&inbox["received"], &inbox["messages"][0]["signature"]), (&json!(1), &json!("right")));
    stop.send(()).unwrap();
    served.await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_with_an_inbox_is_said() {
    let stand = Stand::new();
    let refused = stand.post("/_rehearsal/inbox/a%20b", json!({})).await.ok(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused["error"]["code"], "invalid_inbox");
    for number in 0..100 {
        assert_eq!(
            stand.post(&format!("/_rehearsal/inbox/i{number}"), json!({})).await.status,
            StatusCode::NO_CONTENT
        );
    }
    let refused = stand.post("/_rehearsal/inbox/more", json!({})).await.ok(StatusCode::CONFLICT);
    assert_eq!(refused["error"]["code"], "too_many_inboxes");
    let empty = stand.get("/_rehearsal/inbox/none").await;
    // The usual key has made no world, and it was sent.
    assert_eq!(empty.status, StatusCode::NOT_FOUND);
}
