//! The stand-in inside a test program: [`MockServer`].
//!
//! A [`MockServer`] listens on a free port of this machine, on a thread of its own, and stops when it is dropped. Each
//! key your client sends has a world of its own; [`MockServer::world`] is a handle on one: its clock, its faults, its
//! journal. What a handle does is what `/_rehearsal` does, asked without a socket.
//!
//! ```
//! use std::time::Duration;
//!
//! use mock_server::MockServer;
//! use serde_json::{Value, json};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # rustls::crypto::ring::default_provider().install_default().ok();
//! let server = MockServer::start().await?;
//! let world = server.world("test-a");
//! // The first create is carried out, and its answer is lost.
//! world
//!     .add_fault(json!({
//!         "match": { "operation": "catalog.crawl.create" },
//!         "when": { "first": 1 },
//!         "phase": "after",
//!         "respond": { "error": "unavailable" },
//!     }))
//!     .await?;
//!
//! // Your client, here by hand: it tries again and gets the crawl that is there already.
//! let client = reqwest::Client::new();
//! let crawl = || {
//!     let create = client.post(server.url("/v2/crawl")).header("x-api-key", "test-a");
//!     create.json(&json!({ "url": "skims.com" })).send()
//! };
//! assert_eq!(crawl().await?.status(), 503);
//! let created: Value = crawl().await?.json().await?;
//!
//! // The clock stands still until it is moved, so nothing waits.
//! world.advance(Duration::from_secs(60)).await?;
//! let id = created["execution_id"].as_str().unwrap_or_default();
//! let status = client.get(server.url(&format!("/v2/crawl/{id}"))).header("x-api-key", "test-a");
//! let status: Value = status.send().await?.json().await?;
//! assert_eq!(status["status"], "completed");
//! # Ok(())
//! # }
//! ```

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use axum::Router;
use axum::body::Body;
use http::header::HOST;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower::ServiceExt;

use crate::clock::Mode;
use crate::control::PREFIX;
use crate::scenario::diagnostic::Diagnostics;
use crate::scenario::{Scenario, parse};
use crate::seed::Seed;
use crate::server::{Config, Server};
use crate::world::registry::{SeedChoice, Template};

mod world;

pub use world::WorldHandle;

/// The seed of a server that nobody gave one: tests want the same answers every time.
const SEED: u64 = 7;

/// A server for a test: on a free port of 127.0.0.1, on a thread of its own, until it is dropped.
#[derive(Debug)]
pub struct MockServer {
    address: SocketAddr,
    router: Router,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How a [`MockServer`] begins. Unless told otherwise: documented behaviour, a clock that stands still until it is
/// moved, and the seed 7.
#[derive(Debug, Clone)]
pub struct Builder {
    scenario: Scenario,
    seed: Option<u64>,
    mode: Option<Mode>,
    strict: bool,
}

/// What the control plane answered instead of doing what it was asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    /// The status.
    pub status: StatusCode,
    /// What went wrong, in a word; see `/_rehearsal/openapi.json`.
    pub code: String,
    /// What went wrong, for people.
    pub message: String,
    /// The whole error, with whatever else it says.
    pub error: Value,
}

impl Builder {
    /// Follows the scenario in this YAML text.
    ///
    /// # Errors
    ///
    /// All the mistakes in it.
    pub fn scenario(self, yaml: &str) -> Result<Self, Diagnostics> {
        Ok(Self { scenario: parse("scenario", yaml)?, ..self })
    }

    /// Draws from this seed, whatever the scenario says.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// Lets time pass like this, whatever the scenario says.
    #[must_use]
    pub fn clock(self, mode: Mode) -> Self {
        Self { mode: Some(mode), ..self }
    }

    /// Holds every answer against its contract, and answers 500 instead of breaking it.
    #[must_use]
    pub fn strict(self) -> Self {
        Self { strict: true, ..self }
    }

    /// Starts the server.
    ///
    /// # Errors
    ///
    /// If this machine has no free port, or no thread to spare.
    pub async fn start(self) -> io::Result<MockServer> {
        let seed = match (self.seed, self.scenario.seed) {
            (Some(seed), _) | (None, Some(seed)) => seed,
            (None, None) => SEED,
        };
        let still = self.scenario.clock.mode.is_none().then_some(Mode::Manual);
        let template = Template {
            seed: SeedChoice::Given(Seed(seed)),
            mode: self.mode.or(still),
            start: None,
            scenario: Arc::new(self.scenario),
        };
        let server = Server::new(Config { strict: self.strict, ..Config::new(template) });
        let router = server.router();

        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        // A runtime of its own: it serves a client that blocks, too, and goes on while the test's own is busy.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _entered = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = move || {
            let shutdown = async { drop(stopped.await) };
            runtime.block_on(server.run(listener, shutdown));
        };
        let thread = thread::Builder::new().name("rehearsal".to_owned()).spawn(serve)?;
        Ok(MockServer { address, router, stop: Some(stop), thread: Some(thread) })
    }
}

impl MockServer {
    /// A server with the documented behaviour, a clock that stands still until it is moved, and a fixed seed.
    ///
    /// # Errors
    ///
    /// If this machine has no free port, or no thread to spare.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// A server that is told more before it starts.
    ///
    /// ```
    /// # use mock_server::MockServer;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let scenario = "runs: [{ match: { kind: crawl }, outcome: { stuck: { at: 80% } } }]";
    /// let server = MockServer::builder().scenario(scenario)?.seed(42).start().await?;
    /// assert!(server.uri().starts_with("http://127.0.0.1:"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> Builder {
        Builder { scenario: Scenario::default(), seed: None, mode: None, strict: false }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The base address for a client, without a slash at its end.
    pub fn uri(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address of a path, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A handle on the world of this key.
    pub fn world(&self, key: &str) -> WorldHandle<'_> {
        WorldHandle::new(self, key)
    }

    /// Asks the control plane without a socket: `path` is what stands behind `/_rehearsal`, with its query.
    async fn ask(&self, method: Method, path: &str, body: String) -> Result<Value, Refused> {
        let request =
            Request::builder().method(method).uri(format!("{PREFIX}{path}")).header(HOST, "localhost");
        let request = request.body(Body::from(body)).map_err(|error| failed(&error.to_string()))?;
        let response = match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status();
        let body =
            response.into_body().collect().await.map_err(|error| failed(&error.to_string()))?.to_bytes();
        let body =
            if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap_or_default() };
        if status.is_success() {
            return Ok(body);
        }
        let text = |name: &str| body["error"][name].as_str().unwrap_or_default().to_owned();
        Err(Refused { status, code: text("code"), message: text("message"), error: body["error"].clone() })
    }
}

impl Drop for MockServer {
    /// Stops the server and waits until its port is free again: at once, or once requests in flight are answered or cut
    /// off.
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn failed(message: &str) -> Refused {
    Refused {
        status: StatusCode::BAD_REQUEST,
        code: "invalid_request".to_owned(),
        message: message.to_owned(),
        error: Value::Null,
    }
}
