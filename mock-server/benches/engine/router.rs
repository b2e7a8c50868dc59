//! Requests on their whole way through the server, without a socket.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use criterion::{BenchmarkId, Criterion};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use mock_server::server::router;
use mock_server::shared::Shared;
use mock_server::world::log::Command;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

use crate::population::{SIZES, fill, late, looked_at, real, template};

const KEY: &str = "test-bench";

/// A server with `runs` runs in the world of [`KEY`].
fn server(runs: u32) -> Router {
    let shared = Arc::new(Shared::new(template(), 10, false, &[]));
    let (now, wall) = shared.now();
    let world = shared.registry.enter(KEY, now, wall).unwrap_or_else(|refused| panic!("{refused:?}"));
    world.at(real(), |state, now| {
        fill(state, runs);
        if let Err(full) = state.apply(Command::SetClock(late()), now, real()) {
            panic!("{full}");
        }
    });
    router::build(&shared)
}

fn get(runtime: &Runtime, router: &Router, target: &str) -> usize {
    let request =
        Request::get(target).header("host", "127.0.0.1").header("x-api-key", KEY).body(Body::empty());
    let Ok(request) = request else { panic!("{target} is no target") };
    runtime.block_on(async {
        let Ok(response) = router.clone().oneshot(request).await;
        assert_eq!(response.status(), StatusCode::OK, "{target}");
        response.into_body().collect().await.map_or(0, |body| body.to_bytes().len())
    })
}

pub(crate) fn benches(criterion: &mut Criterion) {
    let Ok(runtime) = Builder::new_current_thread().build() else { panic!("no runtime") };
    let mut group = criterion.benchmark_group("server");
    for runs in SIZES {
        let router = server(runs);
        let polls: Vec<String> = looked_at(runs).map(|id| format!("/v2/extract/{id}")).collect();
        let mut next = polls.iter().cycle();
        group.bench_function(BenchmarkId::new("poll", runs), |bencher| {
            bencher.iter(|| next.next().map(|target| get(&runtime, &router, target)));
        });
        for filter in ["processing", "completed"] {
            let target = format!("/v2/extract?status={filter}&page_size=20");
            group.bench_function(BenchmarkId::new(format!("list {filter}"), runs), |bencher| {
                bencher.iter(|| get(&runtime, &router, &target));
            });
        }
    }
    group.finish();
}
