//! A server without a socket, on a manual clock and a fixed seed. An answer that breaks the contract is a failure, and so
//! is one of the control plane that its document does not describe.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use mock_server::clock::Mode;
use mock_server::scenario::{self, Scenario};
use mock_server::seed::Seed;
use mock_server::server::router;
use mock_server::shared::Shared;
use mock_server::shared::defects::Defect;
use mock_server::world::registry::{SeedChoice, Template};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::document;

/// The key that calls carry unless they say otherwise.
pub(crate) const KEY: &str = "test-a";

/// A server.
#[derive(Debug, Clone)]
pub(crate) struct Stand {
    router: Router,
    shared: Arc<Shared>,
}

/// What a server answered.
#[derive(Debug, Clone)]
#[must_use]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Stand {
    /// A server with the documented behaviour.
    pub(crate) fn new() -> Self {
        Self::following(Scenario::default())
    }

    /// A server that follows the scenario in this YAML text.
    #[track_caller]
    pub(crate) fn with(yaml: &str) -> Self {
        Self::following(
            scenario::parse("test", yaml).unwrap_or_else(|mistakes| panic!("{}", mistakes.render(false))),
        )
    }

    /// A server of this seed that follows the scenario in this YAML text.
    #[track_caller]
    pub(crate) fn seeded(yaml: &str, seed: u64) -> Self {
        let scenario = scenario::parse("test", yaml).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let template = Template { seed: SeedChoice::Given(Seed(seed)), ..template(scenario) };
        Self::of(Shared::new(template, 1_000, true, &[]))
    }

    /// A server that was started without flags: on a real clock, with a seed that was drawn.
    pub(crate) fn without_flags() -> Self {
        let template =
            Template { seed: SeedChoice::Drawn(Seed(7)), mode: None, ..template(Scenario::default()) };
        Self::of(Shared::new(template, 1_000, true, &[]))
    }

    /// A server whose flags ask for a real clock.
    pub(crate) fn on_a_real_clock() -> Self {
        let template = Template { mode: Some(Mode::Real), ..template(Scenario::default()) };
        Self::of(Shared::new(template, 1_000, true, &[]))
    }

    /// A server that keeps so many worlds.
    pub(crate) fn with_worlds(most: usize) -> Self {
        Self::of(Shared::new(template(Scenario::default()), most, true, &[]))
    }

    /// A server that is broken like this. Its answers may break the contract.
    pub(crate) fn broken(defects: &[Defect]) -> Self {
        Self::of(Shared::new(template(Scenario::default()), 1_000, false, defects))
    }

    fn of(shared: Shared) -> Self {
        let shared = Arc::new(shared);
        Self { router: router::build(&shared), shared }
    }

    fn following(scenario: Scenario) -> Self {
        Self::of(Shared::new(template(scenario), 1_000, true, &[]))
    }

    /// Sends a request as it is. An answer of the control plane that its document does not describe is a failure.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.into()).unwrap();
        assert!(!text.starts_with("this answer broke the contract"), "{text}");
        document::hold(&method, &path, parts.status, &parts.headers, Some(&text));
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// Asks for an answer that does not end by itself.
    pub(crate) async fn open(&self, request: Request<Body>) -> Response {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.unwrap();
        document::hold(&method, &path, response.status(), response.headers(), None);
        response
    }

    /// How many bytes the files of the usual key's world take.
    pub(crate) fn kept(&self) -> u64 {
        self.shared.registry.find(KEY).map_or(0, |world| world.files().kept())
    }

    /// The server is about to end.
    pub(crate) fn end(&self) {
        self.shared.end();
    }

    /// Calls an API with a key and, perhaps, a JSON body.
    pub(crate) async fn call(&self, key: &str, method: Method, target: &str, body: Option<Value>) -> Answer {
        let request = Request::builder().method(method).uri(target).header("x-api-key", key);
        let request = request.header("host", "127.0.0.1:4010").header("content-type", "application/json");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.call(KEY, Method::GET, target, None).await
    }

    pub(crate) async fn post(&self, target: &str, body: Value) -> Answer {
        self.call(KEY, Method::POST, target, Some(body)).await
    }

    pub(crate) async fn delete(&self, target: &str) -> Answer {
        self.call(KEY, Method::DELETE, target, None).await
    }

    /// Creates a run and returns its execution id.
    #[track_caller]
    pub(crate) fn create(&self, target: &str, body: Value) -> impl Future<Output = String> {
        let stand = self.clone();
        let target = target.to_owned();
        async move {
            let body = stand.post(&target, body).await.ok(StatusCode::ACCEPTED);
            body["execution_id"].as_str().unwrap().to_owned()
        }
    }

    /// Lets the clock of the usual key's world pass on.
    pub(crate) async fn advance(&self, by: &str) {
        let target = format!("/_rehearsal/clock?key={KEY}");
        self.call(KEY, Method::PATCH, &target, Some(json!({ "advance": by }))).await.ok(StatusCode::OK);
    }

    /// Advances until the run has ended, and returns its last status.
    pub(crate) async fn finish(&self, target: &str) -> Value {
        for _ in 0..10 {
            let body = self.get(target).await.ok(StatusCode::OK);
            if ["completed", "failed"].contains(&body["status"].as_str().unwrap()) {
                return body;
            }
            self.advance("next").await;
        }
        panic!("{target} has not ended after ten events");
    }
}

/// What a server begins with that follows `scenario`: a manual clock and a fixed seed.
pub(crate) fn template(scenario: Scenario) -> Template {
    let seed = SeedChoice::Given(Seed(7));
    Template { seed, mode: Some(Mode::Manual), start: None, scenario: Arc::new(scenario) }
}

impl Answer {
    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The body, if the status is the expected one.
    #[track_caller]
    pub(crate) fn ok(self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    /// Asserts the error envelope with this status and code, and returns the message.
    #[track_caller]
    pub(crate) fn refused(self, status: StatusCode, code: &str) -> String {
        let request_id = self.headers["request-id"].to_str().unwrap().to_owned();
        let body = self.ok(status);
        assert_eq!(body["error"]["code"], code, "{body}");
        assert_eq!(body["error"]["request_id"], request_id.as_str());
        body["error"]["message"].as_str().unwrap().to_owned()
    }
}

/// The names of an object's members, in order.
#[track_caller]
pub(crate) fn members(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}
