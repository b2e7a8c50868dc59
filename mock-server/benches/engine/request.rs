//! What is done with every request: it is held against the contract, and its digest is made.

use std::hint::black_box;

use criterion::Criterion;
use fixtures::contract::{Contract, Operation};
use mock_server::seed::Digest;
use serde_json::{Value, json};

fn operation(id: &str) -> &'static Operation {
    Contract::find("catalog", "v2")
        .and_then(|contract| contract.operation(id))
        .unwrap_or_else(|| panic!("no {id}"))
}

fn body() -> Value {
    let urls: Vec<String> = (0..10).map(|number| format!("https://shop.example/products/{number}")).collect();
    json!({ "urls": urls, "country_code": "us", "enable_enrichment": true })
}

pub(crate) fn benches(criterion: &mut Criterion) {
    let (create, list, body) =
        (operation("catalog.extract.create"), operation("catalog.extract.list"), body());
    let pairs = [("status", "processing"), ("page_size", "20")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(create.request_violations(&body), []);
    let mut group = criterion.benchmark_group("request");
    group.bench_function("body of ten addresses against the contract", |bencher| {
        bencher.iter(|| create.request_violations(black_box(&body)));
    });
    group.bench_function("query of a list against the contract", |bencher| {
        bencher.iter(|| list.query(black_box(&pairs)));
    });
    group.bench_function("digest of ten addresses", |bencher| {
        bencher.iter(|| Digest::of("catalog.extract.create", "/v2/extract", &[], Some(black_box(&body))));
    });
    group.bench_function("digest of a poll", |bencher| {
        bencher.iter(|| {
            let path = black_box("/v2/extract/extract-urls-99f789b3-2be0-464c-9524-2f4244f9d38d");
            Digest::of("catalog.extract.get", path, &[], None)
        });
    });
    group.finish();
}
