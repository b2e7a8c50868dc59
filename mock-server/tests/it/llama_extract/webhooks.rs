//! What a job's listeners are told, over real sockets.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use http::{Method, StatusCode};
use mock_server::MockServer;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{BOUNDARY, Remote, V1, V2, form, id, invoice};
use crate::harness::KEY;
use crate::webhooks::receiver::{Got, Receiver};

const SECRET: &str = "listeners-secret-17";

async fn server() -> MockServer {
    MockServer::builder().strict().start().await.unwrap()
}

impl Remote<'_> {
    async fn made(&self, path: &str, body: Value) -> Value {
        self.done(Method::POST, path, Some(body)).await
    }

    /// A file of this name, in which one line stands.
    async fn named(&self, name: &str) -> String {
        let request = self.http.post(self.server.url("/api/v1/files")).bearer_auth(KEY);
        let request = request.header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"));
        let answer = request.body(form(&[("upload_file", Some(name), "Invoice 7")])).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        id(&answer.json().await.unwrap())
    }

    async fn agent(&self) -> String {
        let body = json!({ "name": "invoices", "data_schema": invoice(), "config": {} });
        id(&self.made(&format!("{V1}/extraction-agents"), body).await)
    }

    async fn advance(&self, seconds: u64) {
        self.server.world(KEY).advance(Duration::from_secs(seconds)).await.unwrap();
    }

    /// Sends what is due, and says what is left.
    async fn flush(&self) -> Value {
        self.server.world(KEY).control(Method::POST, "/webhooks/flush", None).await.unwrap()
    }

    async fn deliveries(&self) -> Value {
        self.server.world(KEY).control(Method::GET, "/webhooks", None).await.unwrap()["deliveries"].clone()
    }

    /// Lets an extraction end, and sends what is told of it on the way.
    async fn end(&self) {
        self.flush().await;
        self.advance(60).await;
        self.flush().await;
    }
}

/// The words of what came.
fn words(receiver: &Receiver) -> Vec<String> {
    receiver.got().iter().map(|got| got.body["event_type"].as_str().unwrap().to_owned()).collect()
}

/// Asserts that a delivery is signed with a secret as the page "Webhooks" says.
#[track_caller]
fn is_signed(got: &Got, secret: &str) {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(got.text.as_bytes());
    let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(got.header("lc-signature"), format!("sha256={digits}"));
}

#[tokio::test]
async fn a_job_tells_its_listener_of_its_beginning_and_its_end() {
    let (server, receiver) = (server().await, Receiver::start().await);
    let remote = Remote::of(&server);
    let (agent, file) = (remote.agent().await, remote.named("a.pdf").await);
    let listener = json!({
        "webhook_url": receiver.url(),
        "webhook_headers": { "X-Lane": "blue" },
        "webhook_signing_secret": SECRET,
    });
    let body = json!({ "extraction_agent_id": agent, "file_id": file, "webhook_configurations": [listener] });
    let job = id(&remote.made(&format!("{V1}/jobs"), body).await);
    remote.end().await;
    assert_eq!(words(&receiver), ["extract.pending", "extract.success"]);
    for got in receiver.got() {
        is_signed(&got, SECRET);
        assert_eq!(got.header("content-type"), "application/json");
        assert_eq!(got.header("x-lane"), "blue");
        assert_eq!(got.header("x-webhook-event-id"), got.body["event_id"]);
        assert_eq!(got.header("x-webhook-event-type"), got.body["event_type"]);
        assert_eq!(got.body["data"]["job_id"], json!(job));
    }
    let told = receiver.got()[1].body["timestamp"].as_f64().unwrap();
    let run = remote.done(Method::GET, &format!("{V1}/runs/by-job/{job}"), None).await;
    let ended: jiff::Timestamp = run["updated_at"].as_str().unwrap().parse().unwrap();
    assert!(
        (told - ended.as_millisecond() as f64 / 1e3).abs() < 0.01,
        "not when the clock was moved to: {told}"
    );
}

#[tokio::test]
async fn a_job_of_version_2_is_told_by_the_id_that_it_has_there() {
    let (server, receiver) = (server().await, Receiver::start().await);
    let remote = Remote::of(&server);
    let file = remote.named("a.pdf").await;
    let listener = json!({ "webhook_url": receiver.url(), "webhook_signing_secret": SECRET });
    let body = json!({
        "file_input": file,
        "configuration": { "data_schema": invoice() },
        "webhook_configurations": [listener],
    });
    let job = id(&remote.made(V2, body).await);
    remote.flush().await;
    let _ = remote.done(Method::POST, &format!("{V2}/{job}/cancel"), None).await;
    remote.end().await;
    assert_eq!(words(&receiver), ["extract.pending", "extract.cancelled"]);
    for got in receiver.got() {
        is_signed(&got, SECRET);
        assert_eq!(got.body["data"]["job_id"], json!(job));
    }
    assert!(job.starts_with("ext-"), "{job}");
}

#[tokio::test]
async fn every_end_has_its_word_and_a_listener_hears_what_it_asked_for() {
    for (name, word) in [
        ("a.pdf", "extract.success"),
        ("fails.pdf", "extract.error"),
        ("partial.pdf", "extract.partial_success"),
    ] {
        let (server, all, some) = (server().await, Receiver::start().await, Receiver::start().await);
        let remote = Remote::of(&server);
        let (agent, file) = (remote.agent().await, remote.named(name).await);
        let listeners = json!([
            { "webhook_url": all.url() },
            { "webhook_url": some.url(), "webhook_events": ["extract.error", "parse.success"] },
            { "webhook_url": null },
        ]);
        let body =
            json!({ "extraction_agent_id": agent, "file_id": file, "webhook_configurations": listeners });
        let _ = remote.made(&format!("{V1}/jobs"), body).await;
        remote.end().await;
        assert_eq!(words(&all), ["extract.pending", word]);
        let heard: &[&str] = if word == "extract.error" { &[word] } else { &[] };
        assert_eq!(words(&some), heard, "{name}");
        assert!(
            all.got().iter().all(|got| !got.headers.contains_key("lc-signature")),
            "nobody gave a secret"
        );
    }
}

#[tokio::test]
async fn each_job_of_a_batch_and_a_job_without_an_agent_are_told_as_well() {
    let (server, batch, alone) = (server().await, Receiver::start().await, Receiver::start().await);
    let remote = Remote::of(&server);
    let (agent, file) = (remote.agent().await, remote.named("a.pdf").await);
    let success = |url: String| json!([{ "webhook_url": url, "webhook_events": ["extract.success"] }]);
    let body = json!({
        "extraction_agent_id": agent,
        "file_ids": [file, file],
        "webhook_configurations": success(batch.url()),
    });
    let jobs = remote.made(&format!("{V1}/jobs/batch"), body).await;
    let body = json!({
        "data_schema": invoice(),
        "config": {},
        "text": "Invoice 8",
        "webhook_configurations": success(alone.url()),
    });
    let job = remote.made(&format!("{V1}/run"), body).await;
    remote.end().await;
    let of = |receiver: &Receiver| {
        let mut ids: Vec<Value> =
            receiver.got().iter().map(|got| got.body["data"]["job_id"].clone()).collect();
        ids.sort_by_key(Value::to_string);
        ids
    };
    let mut expected = vec![jobs[0]["id"].clone(), jobs[1]["id"].clone()];
    expected.sort_by_key(Value::to_string);
    assert_eq!((of(&batch), of(&alone)), (expected, vec![job["id"].clone()]));
}

#[tokio::test]
async fn what_fails_is_tried_three_times_in_all_and_is_the_same_event() {
    let (server, receiver) = (server().await, Receiver::start().await);
    let remote = Remote::of(&server);
    let (agent, file) = (remote.agent().await, remote.named("a.pdf").await);
    receiver.answers(503);
    let listeners = json!([{ "webhook_url": receiver.url(), "webhook_events": ["extract.success"] }]);
    let body = json!({ "extraction_agent_id": agent, "file_id": file, "webhook_configurations": listeners });
    let _ = remote.made(&format!("{V1}/jobs"), body).await;
    remote.end().await;
    for (seconds, came) in [(1, 2), (1, 2), (1, 3), (3_600, 3)] {
        remote.advance(seconds).await;
        remote.flush().await;
        assert_eq!(receiver.got().len(), came, "{seconds} s later");
    }
    let got = receiver.got();
    assert!(got.iter().all(|it| it.text == got[0].text));
    let delivery = &remote.deliveries().await[0];
    assert_eq!(delivery["state"], "given-up");
    let statuses: Vec<&Value> =
        delivery["attempts"].as_array().unwrap().iter().map(|attempt| &attempt["status"]).collect();
    assert_eq!(statuses, [503, 503, 503]);
}

#[tokio::test]
async fn a_repetition_that_is_taken_is_the_last() {
    let (server, receiver) = (server().await, Receiver::start().await);
    let remote = Remote::of(&server);
    let (agent, file) = (remote.agent().await, remote.named("a.pdf").await);
    receiver.answers(500);
    let listeners = json!([{ "webhook_url": receiver.url(), "webhook_events": ["extract.success"] }]);
    let body = json!({ "extraction_agent_id": agent, "file_id": file, "webhook_configurations": listeners });
    let _ = remote.made(&format!("{V1}/jobs"), body).await;
    remote.end().await;
    receiver.answers(204);
    for _ in 0..3 {
        remote.advance(2).await;
        remote.flush().await;
    }
    assert_eq!(receiver.got().len(), 2);
    assert_eq!(remote.deliveries().await[0]["state"], "delivered");
}

#[tokio::test]
async fn a_listener_that_cannot_be_is_refused_where_it_stands_and_begins_nothing() {
    let server = server().await;
    let remote = Remote::of(&server);
    let (agent, file) = (remote.agent().await, remote.named("a.pdf").await);
    let good = json!({ "webhook_url": "https://hooks.example/x" });
    let list = |listeners: Value| json!({ "extraction_agent_id": agent, "file_id": file, "webhook_configurations": listeners });
    for (listeners, place) in [
        (json!([good, { "webhook_url": "hooks.example" }]), json!([1, "webhook_url"])),
        (json!([{ "webhook_url": "https://u:p@hooks.example/" }]), json!([0, "webhook_url"])),
        (json!([{ "webhook_url": server.url("/api/v1/files") }]), json!([0, "webhook_url"])),
        (
            json!([{ "webhook_url": "https://hooks.example/", "webhook_headers": { "a b": "c" } }]),
            json!([0, "webhook_headers"]),
        ),
        (
            json!([{ "webhook_url": "https://hooks.example/", "webhook_headers": { "Host": "c" } }]),
            json!([0, "webhook_headers"]),
        ),
        (
            json!([{ "webhook_url": "https://hooks.example/", "webhook_events": ["extract.done"] }]),
            json!([0, "webhook_events", 0]),
        ),
        (json!(vec![good.clone(); 11]), json!([])),
    ] {
        let (status, said) = remote.ask(Method::POST, &format!("{V1}/jobs"), Some(list(listeners))).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        let mut expected = vec![json!("body"), json!("webhook_configurations")];
        expected.extend(place.as_array().unwrap().clone());
        assert_eq!(said["detail"][0]["loc"], json!(expected), "{said}");
    }
    let jobs = remote.done(Method::GET, &format!("{V1}/jobs?extraction_agent_id={agent}"), None).await;
    assert_eq!(jobs, json!([]));
    // What the vendor would send to a stranger is not sent from here, and said not to be.
    let _ = remote.made(&format!("{V1}/jobs"), list(json!([good]))).await;
    remote.end().await;
    let deliveries = remote.deliveries().await;
    assert!(
        deliveries
            .as_array()
            .is_some_and(|all| all.len() == 2 && all.iter().all(|it| it["state"] == "not-sent")),
        "{deliveries}"
    );
}
