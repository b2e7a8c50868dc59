//! Our own server as the good one that is broken on the way.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use conformance::run::Ways;
use conformance::score::stand::Stand;
use conformance::transport::Transport;
use conformance::transport::in_process::InProcess;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use mock_server::clock::Mode;
use mock_server::scenario::{self, Scenario};
use mock_server::seed::Seed;
use mock_server::server::router;
use mock_server::shared::Shared;
use mock_server::shared::defects::Defect;
use mock_server::world::registry::{SeedChoice, Template};
use tower::ServiceExt as _;

/// Servers of this build, without sockets.
#[derive(Debug)]
pub(crate) struct OwnServer;

/// The most worlds of one server: a run makes two.
const WORLDS: usize = 16;

impl Stand for OwnServer {
    fn start(&self, seed: u64, defects: &[String], scenario: Option<&str>) -> Result<Ways, String> {
        let scenario = match scenario {
            Some(text) => parsed(text)?,
            None => Scenario::default(),
        };
        let defects: Result<Vec<Defect>, String> =
            defects.iter().map(|name| name.parse().map_err(|error| format!("{error}"))).collect();
        let template = Template {
            seed: SeedChoice::Given(Seed(seed)),
            mode: Some(Mode::Manual),
            start: None,
            scenario: Arc::new(scenario),
        };
        let router = router::build(&Arc::new(Shared::new(template, WORLDS, false, &defects?)));
        let target: Arc<dyn Transport> =
            Arc::new(InProcess::new(move |request| answer(router.clone(), request)));
        Ok(Ways { control: vec![Arc::clone(&target)], target })
    }
}

/// The scenario with this text.
///
/// # Errors
///
/// Every mistake in it, each with its place.
pub(super) fn parsed(text: &str) -> Result<Scenario, String> {
    scenario::parse("scenario", text).map_err(|mistakes| mistakes.render(false).trim().to_owned())
}

async fn answer(router: Router, request: Request<Bytes>) -> Response<Bytes> {
    let mut request = request.map(Body::from);
    // The control plane answers this machine only.
    request.headers_mut().entry("host").or_insert(HeaderValue::from_static("127.0.0.1"));
    let response = match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let (parts, body) = response.into_parts();
    match body.collect().await {
        Ok(body) => Response::from_parts(parts, body.to_bytes()),
        Err(error) => {
            let mut broken = Response::new(Bytes::from(format!("the answer broke off: {error}")));
            *broken.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            broken
        }
    }
}
