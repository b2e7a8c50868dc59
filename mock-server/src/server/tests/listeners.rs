//! Listeners that a run brings along, from what its client says of them to what they receive.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use super::*;
use crate::apis::outgoing::llama_extract;
use crate::apis::stand::with;
use crate::webhooks::state::Command;
use crate::webhooks::target::INBOXES;
use crate::world::World;
use crate::world::log;
use crate::world::subject::Subject;

const KEY: &str = "test-a";
const TOLD: [&str; 2] = ["extract.pending", "extract.success"];
const SECRET: &str = "hush-hush-hush";

struct Stand {
    shared: Arc<Shared>,
    address: SocketAddr,
    http: reqwest::Client,
}

impl Stand {
    async fn start() -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let template = Template {
            seed: SeedChoice::Given(Seed(7)),
            mode: Some(Mode::Manual),
            start: None,
            scenario: Scenario::default().into(),
        };
        let server = Server::new(Config::new(template));
        let shared = Arc::clone(&server.shared);
        tokio::spawn(server.run(listener, std::future::pending()));
        Self { shared, address, http: reqwest::Client::new() }
    }

    fn world(&self) -> Arc<World> {
        let (real, wall) = self.shared.now();
        let Ok(world) = self.shared.registry.enter(KEY, real, wall) else { panic!("there is no world") };
        world
    }

    /// A job is created with these listeners.
    fn create(&self, job: &str, configurations: &Value) {
        let body = json!({ llama_extract::MEMBER: configurations });
        let (real, _) = self.shared.now();
        self.world().at(real, |state, now| {
            let listeners = with("jobs", &self.shared.targets, |call| {
                llama_extract::listeners(call, state, &body, &job.into(), &TOLD).unwrap()
            });
            state.apply(log::Command::Webhooks(Command::Listen(listeners)), now, real).unwrap();
        });
    }

    fn tell(&self, job: &str, kind: &'static str) {
        let (real, _) = self.shared.now();
        self.world().at(real, |state, now| {
            state.tell(job, kind, now, || Subject::LlamaExtract(Box::new(json!({ "id": job }))));
        });
    }

    /// What the control plane answers, as text.
    async fn control(&self, method: Method, path: &str, body: Value) -> String {
        let url = format!("http://{}/_rehearsal{path}", self.address);
        let request = self.http.request(method.clone(), url).header("x-api-key", KEY);
        let request = if method == Method::GET { request } else { request.json(&body) };
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        text
    }

    async fn flush(&self) -> Value {
        parsed(&self.control(Method::POST, "/webhooks/flush", json!({})).await)
    }

    async fn deliveries(&self) -> Value {
        parsed(&self.control(Method::GET, "/webhooks", Value::Null).await)
    }

    fn inbox(&self, name: &str) -> String {
        format!("http://{}{INBOXES}{name}", self.address)
    }

    async fn received(&self, name: &str) -> Vec<Value> {
        let inbox = parsed(&self.control(Method::GET, &format!("/inbox/{name}"), Value::Null).await);
        inbox["messages"].as_array().unwrap().clone()
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn a_job_tells_its_own_listeners_and_nobody_elses() {
    let stand = Stand::start().await;
    let headers = json!({ "X-Lane": "blue", "X-Hook-Token": SECRET, "Authorization": SECRET });
    stand.create(
        "job-1",
        &json!([{
            "webhook_url": stand.inbox("one"),
            "webhook_headers": headers,
            "webhook_signing_secret": SECRET,
        }]),
    );
    let success = json!(["extract.success"]);
    stand.create("job-2", &json!([{ "webhook_url": stand.inbox("two"), "webhook_events": success }]));
    for job in ["job-1", "job-2"] {
        stand.tell(job, "extract.pending");
        stand.flush().await;
        stand.tell(job, "extract.success");
        stand.flush().await;
    }
    let one = stand.received("one").await;
    let types: Vec<&Value> = one.iter().map(|it| &it["json"]["event_type"]).collect();
    assert_eq!(types, ["extract.pending", "extract.success"]);
    for message in &one {
        let (headers, said) = (&message["headers"], &message["json"]);
        assert_eq!(message["signature"], "right");
        assert_eq!(headers["user-agent"], "llamaindex-webhook-service/1.0");
        assert_eq!((&headers["x-lane"], &headers["x-hook-token"]), (&json!("blue"), &json!("(left out)")));
        assert_eq!(headers["x-webhook-event-id"], said["event_id"]);
        assert!(said["event_id"].as_str().unwrap().parse::<uuid::Uuid>().is_ok());
        assert_eq!(said["timestamp"], 1_768_473_000.0, "the world's time");
        assert_eq!(said["data"], json!({ "id": "job-1" }));
    }
    let two = stand.received("two").await;
    assert_eq!(two.len(), 1);
    assert_eq!((&two[0]["json"]["data"]["id"], &two[0]["signature"]), (&json!("job-2"), &Value::Null));

    let shown = stand.deliveries().await;
    assert_eq!((&shown["listeners"], &shown["webhooks"]), (&json!(2), &json!([])));
    let newest = &shown["deliveries"][0];
    assert_eq!((&newest["run"], &newest["webhook"]), (&json!("job-2"), &json!("job-2/0")));
    assert_eq!((&newest["type"], &newest["state"]), (&json!("extract.success"), &json!("delivered")));
    let redelivered = format!("/webhooks/deliveries/{}/redeliver", newest["id"].as_str().unwrap());
    stand.control(Method::POST, &redelivered, json!({})).await;
    stand.flush().await;
    assert_eq!(stand.received("two").await.len(), 2);

    for path in ["/webhooks", "/inbox/one", "/requests"] {
        let text = stand.control(Method::GET, path, Value::Null).await;
        assert!(!text.contains(SECRET), "{path}: {text}");
    }
    let world = stand.world();
    let (real, _) = stand.shared.now();
    let held = world.at(real, |state, _| format!("{:?} {:?}", state.log(), state.webhooks()));
    assert!(!held.contains(SECRET) && !held.contains("blue"), "{held}");
}

#[tokio::test]
async fn what_a_listener_does_not_take_is_sent_three_times_in_all_on_the_worlds_clock() {
    let stand = Stand::start().await;
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    stand.create("job-1", &json!([{ "webhook_url": format!("http://{gone}/") }]));
    stand.tell("job-1", "extract.success");
    let (real, _) = stand.shared.now();
    stand.world().at(real, |state, _| state.told_all("job-1"));
    assert_eq!(stand.flush().await["next"], "2026-01-15T10:30:01.000000Z");
    for (by, next) in [("1s", json!("2026-01-15T10:30:03.000000Z")), ("2s", Value::Null)] {
        stand.control(Method::PATCH, "/clock", json!({ "advance": by })).await;
        assert_eq!(stand.flush().await["next"], next, "after {by}");
    }
    let shown = stand.deliveries().await;
    assert_eq!(shown["listeners"], 0, "the job is over");
    let delivery = &shown["deliveries"][0];
    assert_eq!((&delivery["state"], &delivery["next"]), (&json!("given-up"), &Value::Null));
    assert_eq!(delivery["attempts"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn what_may_not_be_sent_to_is_accepted_and_not_sent_to() {
    let stand = Stand::start().await;
    stand.create("job-1", &json!([{ "webhook_url": "http://hooks.ledger-lane.example/a" }]));
    stand.tell("job-1", "extract.success");
    stand.flush().await;
    let delivery = &stand.deliveries().await["deliveries"][0];
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("not-sent"), &json!([])));
    assert_eq!(delivery["reason"], "not sent: outbound not allowed");
}
