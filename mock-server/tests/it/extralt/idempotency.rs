//! Requests that say that they are the same.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Client, Version, control};
use crate::harness::{Answer, Stand};

async fn keyed(client: Client<'_>, path: &str, key: &str, body: Value) -> Answer {
    client.send(Method::POST, path, &[("idempotency-key", key)], Some(body)).await
}

#[tokio::test]
async fn a_create_that_is_repeated_with_its_key_begins_one_run() {
    for version in Version::BOTH {
        let stand = Stand::new();
        let client = Client::new(&stand, version);
        let robot = client.robot("https://shop.example").await;
        let body = json!({ "robot_id": robot, "budget": 3 });
        let first = keyed(client, "/extract/runs", "k-1", body.clone()).await;
        stand.advance("5s").await;
        let second = keyed(client, "/extract/runs", "k-1", body.clone()).await;
        assert_eq!((first.status, &first.text), (second.status, &second.text), "word for word");
        assert_eq!(client.list("/extract/runs").await.len(), 1);
        let other = keyed(client, "/extract/runs", "k-1", json!({ "robot_id": robot, "budget": 4 })).await;
        let _ = other.extralt_refuses(version, StatusCode::CONFLICT, "conflict");
        let duplicates = control(&stand, Method::GET, "/duplicates", None).await.ok(StatusCode::OK);
        assert_eq!(duplicates["groups"], json!([]), "a request that was told so is no duplicate");
        let id = first.json()["id"].clone();
        let run = format!("/requests?run={}", id.as_str().unwrap());
        let about = control(&stand, Method::GET, &run, None).await.ok(StatusCode::OK);
        let began: Vec<_> = about["requests"].as_array().unwrap().iter().map(|it| &it["began"]).collect();
        assert_eq!(began, [&json!(true), &json!(false)], "both were about this run");
        let _ = keyed(client, "/extract/runs", "k-2", body).await;
        let duplicates = control(&stand, Method::GET, "/duplicates", None).await.ok(StatusCode::OK);
        assert_eq!(duplicates["groups"][0]["began"], 2);
    }
}

#[tokio::test]
async fn a_request_that_was_refused_may_be_made_again_with_its_key() {
    for version in Version::BOTH {
        let stand = Stand::new();
        let client = Client::new(&stand, version);
        let robot = client.robot("https://shop.example").await;
        let run = client.run(&robot, json!({ "budget": 3 })).await;
        let restart = format!("/extract/runs/{run}/restart");
        let refused = keyed(client, &restart, "k-1", json!({})).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        client.finished(&run).await;
        assert_eq!(keyed(client, &restart, "k-1", json!({})).await.status, StatusCode::ACCEPTED);
        client.finished(&run).await;
        assert_eq!(keyed(client, &restart, "k-1", json!({})).await.status, StatusCode::ACCEPTED);
        assert_eq!(client.run_status(&run).await, "completed", "it was not restarted again");
    }
}
