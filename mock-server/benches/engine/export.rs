//! Exports on their whole way through the server, without a socket: bytes of file for each second.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use criterion::{BenchmarkId, Criterion, Throughput};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use mock_server::scenario::parse;
use mock_server::server::router;
use mock_server::shared::Shared;
use mock_server::world::registry::Template;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

use crate::population::template;

/// How many captures a file has: enough for several row groups' worth of pages, and for a second or so of Parquet.
const CAPTURES: u32 = 10_000;

/// A server whose only run is over, and has [`CAPTURES`].
fn server() -> Router {
    let scenario = format!(
        "world: {{ extralt: {{ robots: [{{ id: robot, url: 'https://shop.example', created: -2d }}], \
         runs: [{{ id: run, robot: robot, created: -1d, results: {CAPTURES} }}] }} }}"
    );
    let scenario = parse("bench", &scenario).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    let template = Template { scenario: Arc::new(scenario), ..template() };
    router::build(&Arc::new(Shared::new(template, 10, false, &[])))
}

/// Reads a file as it comes; how many bytes it has.
fn export(runtime: &Runtime, router: &Router, target: &str) -> u64 {
    let request =
        Request::get(target).header("host", "127.0.0.1").header("authorization", "Bearer test-bench");
    let Ok(request) = request.body(Body::empty()) else { panic!("{target} is no target") };
    runtime.block_on(async {
        let Ok(response) = router.clone().oneshot(request).await;
        assert_eq!(response.status(), StatusCode::OK, "{target}");
        let mut body = response.into_body();
        let mut bytes = 0;
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { panic!("{target} broke off") };
            bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        bytes
    })
}

pub(crate) fn benches(criterion: &mut Criterion) {
    let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { panic!("no runtime") };
    let router = server();
    let mut group = criterion.benchmark_group("export");
    group.sample_size(10);
    for version in ["v0", "v1"] {
        for format in ["jsonl", "parquet"] {
            let target = format!("/{version}/extract/captures/export?run_id=run&format={format}");
            group.throughput(Throughput::Bytes(export(&runtime, &router, &target)));
            group.bench_function(BenchmarkId::new(format, version), |bencher| {
                bencher.iter(|| export(&runtime, &router, &target));
            });
        }
    }
    group.finish();
}
