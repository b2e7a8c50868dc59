//! The course of requests whose handlers do what no handler of Catalog does: Catalog's contract, other handlers.

use axum::body::Body;
use http::{Method, StatusCode};
use http_body_util::BodyExt;

use super::*;
use crate::apis::catalog;
use crate::apis::dialect::Call;
use crate::apis::reply::Reply;
use crate::clock::Mode;
use crate::scenario::{Scenario, parse};
use crate::seed::Seed;
use crate::world::registry::{SeedChoice, Template};
use crate::world::state::WorldState;

mod bodies;
mod dialects;
mod faulty;
mod forms;
mod presigned;
mod streams;
mod uploads;

const KEY: &str = "test-a";
/// Operations of the contract to stand for others: one without a body, and one with.
const GET: &str = "catalog.usage.get";
const POST: &str = "catalog.crawl.create";

/// A server whose handlers a test brings along.
#[derive(Debug, Clone)]
struct Stand(Arc<Shared>);

impl Stand {
    fn new() -> Self {
        Self::of(Scenario::default(), false)
    }

    fn strict() -> Self {
        Self::of(Scenario::default(), true)
    }

    /// One whose answers meet these faults.
    #[track_caller]
    fn with(faults: &str) -> Self {
        let yaml = format!("faults: [{faults}]");
        Self::of(parse("test", &yaml).unwrap_or_else(|mistakes| panic!("{mistakes}")), false)
    }

    fn of(scenario: Scenario, strict: bool) -> Self {
        let seed = SeedChoice::Given(Seed(7));
        let template = Template { seed, mode: Some(Mode::Manual), start: None, scenario: scenario.into() };
        Self(Arc::new(Shared::new(template, 10, strict, &[])))
    }

    /// Lets `handler` answer a request for an operation of Catalog.
    async fn send(&self, operation: &str, handler: Handler, request: http::Request<Body>) -> Response {
        let dialect = catalog::dialect().unwrap();
        let operation = dialect.contract.operation(operation).unwrap();
        serve(Arc::clone(&self.0), dialect, operation, handler, request).await
    }

    async fn get(&self, answers: fn(&Call<'_>, &mut WorldState) -> Reply) -> Response {
        self.send(GET, Handler::Json(answers), request(Method::GET, Body::empty())).await
    }

    /// The world of the usual key.
    fn world(&self) -> Arc<World> {
        let (real, wall) = self.0.now();
        let Ok(world) = self.0.registry.enter(KEY, real, wall) else { panic!("there is no world") };
        world
    }

    /// What the files of the usual key take, in bytes.
    fn kept(&self) -> u64 {
        self.world().files().kept()
    }

    /// The body of the last request in the journal of the usual key.
    fn last_body(&self) -> bytes::Bytes {
        let piece = self.world().journal().piece(0);
        bytes::Bytes::copy_from_slice(piece.entries().last().unwrap().request_body)
    }

    /// The status, run and body of the last request in the journal of the usual key.
    fn journaled(&self) -> (Option<StatusCode>, usize, bool) {
        let world = self.world();
        let piece = world.journal().piece(0);
        let last = piece.entries().last().unwrap();
        (last.status, last.request_body.len(), last.lost)
    }
}

fn request(method: Method, body: Body) -> http::Request<Body> {
    http::Request::builder().method(method).uri("/v2/usage").header("x-api-key", KEY).body(body).unwrap()
}

fn fired(answer: &Response) -> Option<&str> {
    answer.headers().get("x-rehearsal-fault").map(|value| value.to_str().unwrap())
}

fn content_type(answer: &Response) -> Option<&str> {
    answer.headers().get("content-type").map(|value| value.to_str().unwrap())
}

async fn text(answer: Response) -> String {
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().into()).unwrap()
}
