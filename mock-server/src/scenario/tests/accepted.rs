//! What good scenarios mean.

use std::collections::BTreeMap;
use std::time::Duration;

use super::contents::everything;
use super::{extralt, llama_extract};
use crate::scenario::account::{Account, CATALOG_RATE_LIMIT, CatalogAccount, DeclaredAccount, RateLimit};
use crate::scenario::amount::{CountRange, Percent};
use crate::scenario::clock::{ClockMode, ClockSettings};
use crate::scenario::duration::DurationRange;
use crate::scenario::kind::{Api, PhaseName, RunKind};
use crate::scenario::matcher::{Expected, Glob, RequestCondition, RunMatcher};
use crate::scenario::run::{Outcome, RunRule};
use crate::scenario::{Scenario, parse};

/// A scenario with everything this version knows.
pub(super) const EVERYTHING: &str = r#"
version: 1
description: Everything at once.
seed: 18446744073709551615
clock: { mode: scaled, rate: 0.5, start: 2026-01-15T10:30:00.250+01:00 }
account:
  apis:
    catalog: { credits: 500, auto-top-up: false, rate-limit: { requests: 10, per: 1s500ms } }
    extralt: { plan: start, rate-limit: { requests: 100, per: 1m, burst: 7 } }
    llama-extract: { rate-limit: { requests: 7, per: 10s } }
accounts:
  - key: test-start
    organization: acme
    apis:
      catalog: { credits: unlimited, rate-limit: documented }
      extralt: { plan: scale, credits: 20, rate-limit: documented }
      llama-extract: { rate-limit: documented }
  - key: test-plain
runs:
  - match:
      api: catalog
      kind: crawl
      host: "*.Example.com"
      request: { url: "https://*", /profile/size: 42, deep: true, country_code: null }
      nth: 2
    lifecycle: { pending: 1m30s, running: { p50: 200ms, p99: 2s } }
    results: 120
    outcome: { failed: { step: Analyzing collections, at: 12.5%, error: "No." } }
  - match: { kind: extract }
    lifecycle: { running: 20s..40s }
    results: 40..60
    outcome: { partial: { failed-items: 1..3, outcome: unsupported_vendor } }
  - match: { kind: search, query: "red ?hoes" }
    results: 8
    outcome: { stuck: { state: pending, at: 80% } }
  - match: { api: extralt, kind: robot-build }
    lifecycle: { building: 5s }
    outcome: { failed: { refusal: not_store } }
  - match: { kind: run, robot: "jd7*" }
    lifecycle: { restarting: 1s, starting: 2s, finalizing: 3s }
    results: 10000000
    outcome: { stuck: { state: finalizing } }
  - match: { kind: enrichment }
    lifecycle: { materializing: 4s }
    outcome: { partial: { failed-items: 2 } }
  - match: { kind: import }
    outcome: { invalid: { error: No header. } }
  - match: { api: llama-extract, kind: extraction, agent: "inv*", file-name: "*.pdf" }
    lifecycle: { created: 1s, pending: 2s, throttled: 3s }
    data: { total: 12.5, lines: [{ sku: a }, { sku: null }] }
    outcome: { partial: { failed-items: 1 } }
  - outcome: completed
faults:
  - id: slow-down
    match:
      api: catalog
      version: v2
      operation: "catalog.agentic-search.*"
      kind: search
      host: "*.Example.com"
      query: "red*"
      run: { id: "search-*", kind: search, host: "*.Example.com", query: "red*" }
      header: { User-Agent: "*python*" }
      account: test-start
      request: { url: "https://*" }
    when: { nth: 3, per: run, window: { from: 10s, for: 1m, every: 10m } }
    delay: 1s..3s
  - id: lost
    when: { first: 2, per: request }
    phase: after
    respond:
      status: 503
      body: { error: { code: 7 } }
      headers: { server: nginx, request-id: null }
      retry-after: 4s
      retry-after-form: http-date
  - { id: named, match: { robot: "jd7*", run: { robot: "*x" } }, when: { every: 5 }, respond: { error: rate-limited } }
  - id: filed
    match: { agent: "inv*", file-name: "*.pdf", run: { agent: "*7", file-name: "a*" } }
    payload: empty
  - { id: garbled, when: { probability: 20%, at-most: 2 }, payload: malformed-json }
  - { id: legal, when: { exactly: 3, of: 10 }, drift: random-legal }
  - id: edited
    drift:
      - { remove: /meta/progress }
      - { set: { at: /status, to: archived } }
      - { "null": /error }
      - { retype: /meta/duration_ms }
      - { rename: { at: /status, to: state } }
      - { add: { at: /new_field, value: { a: [1] } } }
      - { reverse: /data }
  - { id: stale, state: { stale-read: 5s } }
  - { id: hidden, state: { hidden-after-create: 3s } }
  - { state: duplicate-list-item }
  - { id: tight, limit: { requests: 50, per: 4s } }
world:
  catalog:
    crawls:
      - { url: "https://WWW.skims.com/shop", created: -2h, id: crawl-skims-com-0badcafe }
      - { url: shop.example, created: -10s, lifecycle: { running: 30s }, results: 40, outcome: failed }
    extracts:
      - { urls: [" https://shop.example/p/1", "http://a.example/?q"] }
      - vendor: skims.com
        max-products: 5
        created: -30m
        country-code: no
        enable-enrichment: true
        enable-reviews: true
        enable-image-tags: false
        enable-brand-pdp: true
        enable-similar-products: false
        enable-reddit-insights: true
    searches:
      - { query: red boots, created: -0s, outcome: { partial: { failed-items: 2 } } }
  extralt:
    robots:
      - { id: your-robot-id, url: "https://WWW.example-store.com/shop", country: "NO", language: "no", name: Mine, created: -1d }
      - { url: "http://slow.test/", created: -2h, lifecycle: { building: 1h }, outcome: completed }
    runs:
      - id: your-run-id
        robot: your-robot-id
        created: -3h
        budget: 5
        start-urls: ["https://example-store.com/a", " http://www.example-store.com/b "]
        auto-enrich: true
        lifecycle: { running: 5s }
        results: 3
        outcome: failed
      - { id: second, robot: SLOW.test, created: -40m }
    schedules:
      - { id: ks7, robot: "https://example-store.com", cadence: { every: 2, unit: month }, name: Twice, created: -5h }
      - { robot: your-robot-id, cadence: { unit: day }, budget: 9, start-urls: [], auto-enrich: false }
    enrichments:
      - { id: nd7, run: second, created: -1m, lifecycle: { running: 9s } }
  llama-extract:
    agents:
      - { name: Invoices, data-schema: { type: object, properties: { total: { type: number } } }, created: -4h }
      - id: 5f0c3b1e-7d42-4a86-9c1b-2f6e8d07a314
        name: pages
        data-schema: { type: object }
        target: page
        citations: true
        confidence: true
        reasoning: true
    files:
      - { name: a.pdf, text: "Two\nlines", external-id: a-7, created: -3h }
      - { id: c2a94d58-0b7f-4e13-8d65-41b7f9e3a08c, name: a.pdf }
    extractions:
      - id: 8e1d6f27-35ab-4c90-b2f4-7a09c5d8e613
        agent: Invoices
        file: C2A94D58-0b7f-4e13-8d65-41b7f9e3a08c
        created: -1h
        lifecycle: { created: 5s }
        data: { total: 7 }
        outcome: { partial: { failed-items: 1 } }
      - { agent: 5f0c3b1e-7d42-4a86-9c1b-2f6e8d07a314, file: c2a94d58-0b7f-4e13-8d65-41b7f9e3a08c }
"#;

/// What cannot stand beside the rest of [`EVERYTHING`].
pub(super) const APART: &str = "clock: { mode: manual, advance-per-request: 2s }\n";

pub(super) fn good(text: &str) -> Scenario {
    parse("sample", text).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

fn outcome(text: &str) -> Option<Outcome> {
    good(&format!("runs: [{{ match: {{ kind: extract }}, outcome: {text} }}]")).runs.remove(0).outcome
}

#[test]
fn every_key_is_read_to_its_place() {
    let seconds = Duration::from_secs;
    let text = |pattern| Expected::Text(Glob::new(pattern));
    let condition = |place: &str, expected| RequestCondition { place: place.to_owned(), expected };
    let account = |credits, auto_top_up, rate_limit, extralt, llama_extract| Account {
        catalog: CatalogAccount { credits, auto_top_up, rate_limit },
        extralt,
        llama_extract,
    };
    let ten = RateLimit::new(10, Duration::from_millis(1_500));
    let expected = Scenario {
        name: "sample".to_owned(),
        description: "Everything at once.".to_owned(),
        seed: Some(u64::MAX),
        clock: ClockSettings {
            mode: Some(ClockMode::Scaled),
            rate: Some(0.5),
            start: Some("2026-01-15T09:30:00.250Z".parse().expect("it is an instant")),
            advance_per_request: None,
        },
        account: Some(account(Some(500), false, ten, extralt::template(), llama_extract::template())),
        accounts: vec![
            DeclaredAccount {
                key: "test-start".to_owned(),
                organization: Some("acme".to_owned()),
                account: account(
                    None,
                    false,
                    Some(CATALOG_RATE_LIMIT),
                    extralt::declared(),
                    llama_extract::declared(),
                ),
            },
            DeclaredAccount {
                key: "test-plain".to_owned(),
                organization: None,
                account: account(Some(500), false, ten, extralt::template(), llama_extract::template()),
            },
        ],
        runs: vec![
            RunRule {
                matcher: RunMatcher {
                    api: Some(Api::Catalog),
                    kind: Some(RunKind::Crawl),
                    host: Some(Glob::ignoring_case("*.Example.com")),
                    query: None,
                    robot: None,
                    agent: None,
                    file_name: None,
                    request: vec![
                        condition("url", text("https://*")),
                        condition("/profile/size", Expected::Scalar(42.into())),
                        condition("deep", Expected::Scalar(true.into())),
                        condition("country_code", Expected::Scalar(serde_json::Value::Null)),
                    ],
                    nth: Some(2),
                },
                lifecycle: BTreeMap::from([
                    (PhaseName::Pending, DurationRange::Fixed(seconds(90))),
                    (
                        PhaseName::Running,
                        DurationRange::LogNormal { p50: Duration::from_millis(200), p99: seconds(2) },
                    ),
                ]),
                results: Some(CountRange::exactly(120)),
                data: None,
                outcome: Some(Outcome::Failed {
                    step: Some("Analyzing collections".to_owned()),
                    at: Some(Percent { parts_per_million: 125_000 }),
                    error: Some("No.".to_owned()),
                    refusal: None,
                }),
            },
            RunRule {
                matcher: RunMatcher { kind: Some(RunKind::Extract), ..RunMatcher::default() },
                data: None,
                lifecycle: BTreeMap::from([(
                    PhaseName::Running,
                    DurationRange::Uniform { min: seconds(20), max: seconds(40) },
                )]),
                results: Some(CountRange { min: 40, max: 60 }),
                outcome: Some(Outcome::Partial {
                    failed_items: CountRange { min: 1, max: 3 },
                    outcome: Some("unsupported_vendor".to_owned()),
                }),
            },
            RunRule {
                matcher: RunMatcher {
                    kind: Some(RunKind::Search),
                    query: Some(Glob::new("red ?hoes")),
                    ..RunMatcher::default()
                },
                results: Some(CountRange::exactly(8)),
                outcome: Some(Outcome::Stuck {
                    state: Some(PhaseName::Pending),
                    at: Some(Percent { parts_per_million: 800_000 }),
                }),
                ..RunRule::default()
            },
        ]
        .into_iter()
        .chain(extralt::rules())
        .chain(llama_extract::rules())
        .chain([RunRule { outcome: Some(Outcome::Completed), ..RunRule::default() }])
        .collect(),
        // What they mean is a test of its own.
        faults: good(EVERYTHING).faults,
        world: everything(),
    };
    assert_eq!(good(EVERYTHING), expected);
}

#[test]
fn a_manual_clock_may_move_with_requests() {
    let clock = good(APART).clock;
    let manual = ClockSettings { mode: Some(ClockMode::Manual), ..ClockSettings::default() };
    assert_eq!(clock, ClockSettings { advance_per_request: Some(Duration::from_secs(2)), ..manual });
    for bound in ["1ms", "1d"] {
        good(&format!("clock: {{ mode: manual, advance-per-request: {bound} }}"));
    }
}

#[test]
fn an_empty_document_is_the_happy_path() {
    let plain = Scenario { name: "sample".to_owned(), ..Scenario::default() };
    for text in ["", "# nothing yet\n", "{}", "---\n", "version: 1\n", "\u{feff}version: 1\r\n"] {
        assert_eq!(good(text), plain, "{text:?}");
    }
}

#[test]
fn json_is_read_as_yaml() {
    let json = "{\n\t\"seed\": 3,\n\t\"runs\": [\n\t\t{\"results\": \"1..2\"}\n\t]\n}\n";
    assert_eq!(good(json), good("seed: 3\nruns:\n  - results: 1..2\n"));
}

#[test]
fn anchors_and_merge_keys_save_repetition() {
    let text = "
runs:
  - match: { kind: crawl }
    lifecycle: &slow { pending: 1s, running: 1h }
  - match: { kind: extract }
    lifecycle: { <<: *slow, pending: 2s }
";
    let rules = good(text).runs;
    assert_eq!(rules[1].lifecycle[&PhaseName::Running], rules[0].lifecycle[&PhaseName::Running]);
    assert_ne!(rules[1].lifecycle[&PhaseName::Pending], rules[0].lifecycle[&PhaseName::Pending]);
}

#[test]
fn an_outcome_without_settings_may_stand_alone() {
    assert_eq!(outcome("failed"), Some(Outcome::Failed { step: None, at: None, error: None, refusal: None }));
    assert_eq!(outcome("failed"), outcome("{ failed: {} }"));
    assert_eq!(outcome("stuck"), Some(Outcome::Stuck { state: None, at: None }));
}

#[test]
fn a_later_rule_may_be_wider_than_an_earlier_one() {
    good("runs:\n  - match: { kind: crawl, nth: 1 }\n  - match: { kind: crawl }\n  - results: 1\n");
    good("runs:\n  - match: { request: { url: a } }\n  - match: { request: { url: b } }\n");
}

#[test]
fn keys_of_an_organization_with_equal_settings_are_welcome() {
    good(
        "
accounts:
  - { key: a, organization: o, apis: { catalog: { credits: 3 } } }
  - { key: b, organization: o, apis: { catalog: { credits: 3, auto-top-up: true } } }
",
    );
}

#[test]
fn a_folded_description_is_one_line() {
    assert_eq!(
        good("description: >\n  One sentence\n  in two lines.\n").description,
        "One sentence in two lines."
    );
}
