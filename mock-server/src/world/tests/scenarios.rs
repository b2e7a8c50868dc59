//! The scenarios that generated histories follow and change between.

use std::sync::{Arc, LazyLock};

use crate::scenario::{Scenario, parse};

const TEXTS: [&str; 7] = [
    "runs: []",
    "
account: { apis: { catalog: { credits: 40 } } }
runs:
  - match: { kind: search }
    lifecycle: { pending: 0s, running: 3s..5s }
  - lifecycle: { pending: 0s, running: 0s }
",
    "
runs:
  - match: { kind: crawl, host: a.example, nth: 2 }
    outcome: { failed: { step: Discovering collections, at: 0%, error: Gone. } }
  - match: { kind: extract, request: { vendor: '*' } }
    lifecycle: { running: { p50: 2s, p99: 9s } }
    outcome: { failed: { at: 100% } }
  - match: { kind: search }
    outcome: { failed: {} }
",
    "
runs:
  - match: { kind: crawl, nth: 2 }
    outcome: { stuck: { at: 30% } }
  - match: { kind: extract, request: { vendor: '*' } }
    outcome: { stuck: { state: pending, at: 100% } }
  - match: { kind: search, query: 'red*' }
    outcome: { stuck: { state: running, at: 100% } }
",
    "
account: { apis: { catalog: { credits: 300, auto-top-up: false } } }
runs:
  - match: { kind: crawl }
    results: 0..7
  - match: { kind: extract }
    results: 2
    outcome: { partial: { failed-items: 1..3, outcome: unsupported_vendor } }
  - match: { kind: search, nth: 2 }
    outcome: { partial: { failed-items: 8 } }
  - match: { kind: search }
    results: 3
",
    "
clock: { mode: manual, advance-per-request: 2s500ms }
runs:
  - match: { kind: extract, nth: 2 }
    outcome: { failed: { at: 50% } }
",
    "
runs:
  - match: { kind: crawl, nth: 1 }
    outcome: failed
world:
  catalog:
    crawls:
      - { url: a.example, created: -2h, results: 70 }
      - { url: a.example, created: -20s, lifecycle: { pending: 5s, running: 1m } }
      - { url: b.example, created: -1s, lifecycle: { pending: 0s, running: 2s } }
      - { url: stuck.test, created: -1d }
      - { url: fails.test }
      - { url: slow.test, created: -3m }
    extracts:
      - { vendor: a.example, max-products: 5, created: -30m }
      - { vendor: a.example, created: -10s }
      - { urls: ['https://partial.test/1', 'https://a.example/2'], created: -1s }
      - { urls: ['https://a.example/2'], created: -1s, id: extract-urls-2f7c1f0e-6f0a-4c53-9a0b-51c1d8a7e3b4 }
    searches:
      - { query: red shoes, created: -0s }
      - { query: red shoes, created: -0s }
      - { query: blue shoes, created: -3650d, outcome: failed }
",
];

static SCENARIOS: LazyLock<Vec<Arc<Scenario>>> = LazyLock::new(|| {
    let read = |text| parse("a test", text).unwrap_or_else(|mistakes| panic!("{}", mistakes.render(false)));
    TEXTS.iter().map(|text| Arc::new(read(text))).collect()
});

/// The one in which requests move the clock, by two and a half seconds each.
pub(super) const MOVING: usize = 5;

/// The one whose worlds hold something from the start.
pub(super) const FILLED: usize = 6;

/// How many scenarios there are.
pub(super) const COUNT: usize = TEXTS.len();

/// One of the scenarios; the first is the documented behaviour.
pub(super) fn scenario(index: usize) -> Arc<Scenario> {
    Arc::clone(&SCENARIOS[index])
}
