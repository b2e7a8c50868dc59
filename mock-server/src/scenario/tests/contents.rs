//! What good scenarios mean for what a world begins with.

use std::collections::BTreeMap;
use std::time::Duration;

use fixtures::contract::Contract;
use fixtures::samples::catalog::product::Enrichments;
use serde_json::json;

use super::accepted::good;
use super::{extralt, llama_extract};
use crate::scenario::amount::CountRange;
use crate::scenario::contents::{Contents, EarlierRequest, EarlierRun};
use crate::scenario::duration::DurationRange;
use crate::scenario::extract::{COUNTRIES, ExtractOptions};
use crate::scenario::kind::PhaseName;
use crate::scenario::parse;
use crate::scenario::run::{Outcome, RunRule};
use crate::scenario::usual::invented_vendors;
use crate::seed::Seed;

/// What the worlds of [`EVERYTHING`](super::accepted::EVERYTHING) begin with, in another order than it is written in.
pub(super) fn everything() -> Contents {
    let plain = RunRule::default;
    let failing = RunRule {
        lifecycle: BTreeMap::from([(PhaseName::Running, DurationRange::Fixed(Duration::from_secs(30)))]),
        results: Some(CountRange::exactly(40)),
        outcome: Some(Outcome::Failed { step: None, at: None, error: None, refusal: None }),
        ..plain()
    };
    let two_fail = Outcome::Partial { failed_items: CountRange::exactly(2), outcome: None };
    let run =
        |request, seconds, behaviour| EarlierRun::new(request, Duration::from_secs(seconds), None, behaviour);
    let crawl = |host: &str| EarlierRequest::Crawl { host: host.into() };
    let urls = ["https://shop.example/p/1".into(), "http://a.example/?q".into()];
    let enrichments = Enrichments {
        enrichment: true,
        reviews: true,
        image_tags: false,
        brand_pdp: true,
        similar_products: false,
        reddit_insights: true,
    };
    let options = ExtractOptions { enrichments, country_code: "no".into() };
    let vendor = EarlierRequest::Vendor { host: "skims.com".into(), max_products: Some(5), options };
    let search = EarlierRequest::Search { query: "red boots".into() };
    let catalog = vec![
        run(search, 0, RunRule { outcome: Some(two_fail), ..plain() }),
        run(vendor, 1_800, plain()),
        run(crawl("shop.example"), 10, failing),
        run(EarlierRequest::Urls { urls: urls.into(), options: ExtractOptions::default() }, 3_600, plain()),
        EarlierRun { id: Some("crawl-skims-com-0badcafe".into()), ..run(crawl("skims.com"), 7_200, plain()) },
    ];
    Contents::new(catalog, extralt::contents(), llama_extract::contents())
}

#[test]
fn what_a_world_begins_with_is_limited_as_requests_are() {
    let extract =
        Contract::find("catalog", "v2").and_then(|contract| contract.operation("catalog.extract.create"));
    let extract = extract.expect("it is documented");
    for (count, taken) in [(0, false), (1, true), (1_000, true), (1_001, false)] {
        let urls = vec!["https://a.example/p"; count];
        let body = json!({ "urls": urls });
        assert_eq!(extract.request_violations(&body).is_empty(), taken, "{count} addresses at the API");
        let world = json!({ "world": { "catalog": { "extracts": [body] } } });
        assert_eq!(parse("sample", &world.to_string()).is_ok(), taken, "{count} addresses in a scenario");
    }
    for country in ('a'..='z').flat_map(|first| ('a'..='z').map(move |second| format!("{first}{second}"))) {
        let body = json!({ "urls": ["https://a.example/p"], "country_code": country });
        let taken = extract.request_violations(&body).is_empty();
        assert_eq!(COUNTRIES.contains(&&*country), taken, "{country}");
    }
}

#[test]
fn a_run_of_a_world_may_come_after_what_it_needs_wherever_that_is_written() {
    for text in [
        "crawls: [{ url: a.example }, { url: a.example, created: -59m }, { url: a.example, created: -1d }]",
        "extracts: [{ vendor: a.example, created: -1m }], crawls: [{ url: www.a.example, created: -102s }]",
        "crawls: [{ url: a.example, outcome: failed }, { url: a.example, created: -2h }], extracts: [{ vendor: a.example, created: -1m }]",
        "crawls: [{ url: slow.test, created: -8m }], extracts: [{ vendor: slow.test, created: -1m }]",
        "crawls: [{ url: fails.test, outcome: completed }], extracts: [{ vendor: fails.test, created: -1m }]",
    ] {
        good(&format!("world: {{ catalog: {{ {text} }} }}"));
    }
    let invented = invented_vendors(Seed(3)).remove(0).host;
    good(&format!("seed: 3\nworld: {{ catalog: {{ extracts: [{{ vendor: {invented} }}] }} }}"));
}
