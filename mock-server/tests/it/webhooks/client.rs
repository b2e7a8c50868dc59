//! A client of Extralt v1 with a key of its own, over sockets.

use std::time::Duration;

use http::{Method, StatusCode};
use mock_server::MockServer;
use mock_server::embed::WorldHandle;
use serde_json::{Value, json};

pub(super) const KEY: &str = "test-a";

pub(super) struct Client<'a> {
    pub(super) server: &'a MockServer,
    http: reqwest::Client,
}

impl<'a> Client<'a> {
    pub(super) fn of(server: &'a MockServer) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        Self { server, http: reqwest::Client::new() }
    }

    pub(super) fn world(&self) -> WorldHandle<'a> {
        self.server.world(KEY)
    }

    pub(super) async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        self.ask_with(method, path, body, None).await
    }

    pub(super) async fn ask_with(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        once: Option<&str>,
    ) -> (StatusCode, Value) {
        let mut request = self.http.request(method, self.server.url(path)).bearer_auth(KEY);
        if let Some(body) = body {
            request = request.json(&body);
        }
        if let Some(key) = once {
            request = request.header("idempotency-key", key);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() })
    }

    pub(super) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(Method::GET, path, None).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Value {
        let (status, body) = self.ask(Method::POST, path, Some(body)).await;
        assert!(status.is_success(), "{path}: {status} {body}");
        body
    }

    pub(super) async fn listen(&self, url: &str) -> Value {
        self.post("/v1/webhooks", json!({ "url": url })).await
    }

    /// A robot that is built, and its id.
    pub(super) async fn robot(&self) -> String {
        let robot =
            self.post("/v1/extract/robots", json!({ "url": "https://lamps.example", "country": "US" })).await;
        self.advance(60).await;
        robot["id"].as_str().unwrap().to_owned()
    }

    pub(super) async fn run(&self, robot: &str, more: Value) -> String {
        let mut body = json!({ "robot_id": robot, "budget": 5 });
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        self.post("/v1/extract/runs", body).await["id"].as_str().unwrap().to_owned()
    }

    pub(super) async fn advance(&self, seconds: u64) {
        self.world().advance(Duration::from_secs(seconds)).await.unwrap();
    }

    pub(super) async fn flush(&self) -> Value {
        self.control(Method::POST, "/webhooks/flush").await
    }

    pub(super) async fn deliveries(&self) -> Vec<Value> {
        self.control(Method::GET, "/webhooks").await["deliveries"].as_array().unwrap().clone()
    }

    pub(super) async fn control(&self, method: Method, path: &str) -> Value {
        self.world().control(method, path, None).await.unwrap()
    }
}
