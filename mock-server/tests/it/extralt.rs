//! Extralt in both dialects: the same runs, said in two ways.

mod account;
mod beginnings;
mod enrichments;
mod errors;
mod events;
mod faults;
mod idempotency;
mod imports;
mod robots;
mod runs;
mod schedules;

use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, KEY, Stand};

/// A dialect, and where it says what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V0,
    V1,
}

pub(crate) use Version::{V0, V1};

impl Version {
    const BOTH: [Self; 2] = [V0, V1];

    fn prefix(self) -> &'static str {
        match self {
            V0 => "/v0",
            V1 => "/v1",
        }
    }

    /// The name of what a list has.
    fn items(self) -> &'static str {
        match self {
            V0 => "rows",
            V1 => "data",
        }
    }

    /// The name of the id of a resource.
    fn id(self) -> &'static str {
        match self {
            V0 => "_id",
            V1 => "id",
        }
    }
}

/// A client of one dialect.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client<'a> {
    stand: &'a Stand,
    version: Version,
    key: &'a str,
}

impl<'a> Client<'a> {
    pub(crate) fn new(stand: &'a Stand, version: Version) -> Self {
        Self { stand, version, key: KEY }
    }

    async fn send(self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Answer {
        let target = format!("{}{path}", self.version.prefix());
        let mut request = Request::builder().method(method).uri(target).header("host", "127.0.0.1:4010");
        request = request.header("authorization", format!("Bearer {}", self.key));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.stand.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn get(self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, &[], Some(body)).await
    }

    /// A `POST` without a body.
    pub(crate) async fn act(self, path: &str) -> Answer {
        self.send(Method::POST, path, &[], None).await
    }

    async fn delete(self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], None).await
    }

    /// The body of a `GET` that succeeds.
    pub(crate) async fn read(self, path: &str) -> Value {
        self.get(path).await.ok(StatusCode::OK)
    }

    /// What a list shows.
    pub(crate) async fn list(self, path: &str) -> Vec<Value> {
        self.read(path).await[self.version.items()].as_array().unwrap().clone()
    }

    /// A robot for this shop that is built, by its id.
    async fn robot(self, url: &str) -> String {
        let v1 = Client { version: V1, ..self };
        let asked = v1.post("/extract/robots", json!({ "url": url, "country": "US" })).await;
        let robot = asked.ok(StatusCode::ACCEPTED)["id"].as_str().unwrap().to_owned();
        self.stand.advance("30s").await;
        assert_eq!(v1.read(&format!("/extract/robots/{robot}")).await["status"], "completed");
        robot
    }

    /// Begins a run, and returns its id.
    pub(crate) async fn run(self, robot: &str, more: Value) -> String {
        let mut body = json!({ "robot_id": robot });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let begun = self.post("/extract/runs", body).await.ok(StatusCode::ACCEPTED);
        begun["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn run_status(self, run: &str) -> Value {
        self.read(&format!("/extract/runs/{run}")).await["status"].clone()
    }

    /// Lets the clock pass until the run has ended, and reads it.
    pub(crate) async fn finished(self, run: &str) -> Value {
        self.stand.advance("2m").await;
        self.read(&format!("/extract/runs/{run}")).await
    }

    /// Starts an enrichment of a run, and returns its id.
    async fn enrich(self, run: &str) -> String {
        let body = json!({ "source": { "kind": "run", "id": run } });
        let begun = self.post("/enrich/enrichments", body).await.ok(StatusCode::ACCEPTED);
        begun["id"].as_str().unwrap().to_owned()
    }
}

impl Answer {
    /// Asserts an error with this status in either dialect, and returns its message.
    #[track_caller]
    fn extralt_refuses(self, version: Version, status: StatusCode, code: &str) -> String {
        let request_id = self.headers["x-request-id"].to_str().unwrap().to_owned();
        let body = self.ok(status);
        match version {
            V0 => {
                assert_eq!(body["error"], status.canonical_reason().unwrap(), "{body}");
                body["message"].as_str().unwrap().to_owned()
            }
            V1 => {
                assert_eq!(body["error"]["code"], code, "{body}");
                assert_eq!(body["error"]["request_id"], request_id.as_str());
                body["error"]["message"].as_str().unwrap().to_owned()
            }
        }
    }

    /// Asserts an answer without a body.
    #[track_caller]
    fn nothing(self) {
        assert_eq!((self.status, self.text.as_str()), (StatusCode::NO_CONTENT, ""));
        assert!(!self.headers.contains_key("content-type"));
    }
}

/// Asks the control plane about the world of the usual key.
async fn control(stand: &Stand, method: Method, path: &str, body: Option<Value>) -> Answer {
    let separator = if path.contains('?') { '&' } else { '?' };
    stand.call(KEY, method, &format!("/_rehearsal{path}{separator}key={KEY}"), body).await
}

/// Gives the account of the usual key other settings.
async fn account(stand: &Stand, extralt: Value) -> Value {
    let body = json!({ "apis": { "extralt": extralt } });
    control(stand, Method::PATCH, "/account", Some(body)).await.ok(StatusCode::OK)["apis"]["extralt"].clone()
}
