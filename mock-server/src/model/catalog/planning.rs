//! Decides a run's future when it is created: durations, ending and yield, from the scenario's rule, the magic input
//! or the usual course, in this order.

use std::collections::HashSet;
use std::time::Duration;

use rand::RngExt;
use rand::rngs::ChaCha12Rng;

use crate::lifecycle::{Ending, Fraction, Gate, Phase, Plan};
use crate::model::catalog::crawl;
use crate::model::catalog::results::address_failure;
use crate::model::catalog::run::{Failures, Input, Kind, Work};
use crate::scenario::amount::Percent;
use crate::scenario::host::product_host;
use crate::scenario::kind::{PhaseName, RunKind};
use crate::scenario::magic::{self, Magic};
use crate::scenario::run::{Outcome, RunRule};
use crate::scenario::usual::{CRAWL_PENDING_MILLIS, CRAWL_RUNNING_MILLIS, SLOW_FACTOR};
use crate::seed::Draws;

/// How many products a search works on (page "Get agentic search status": up to eight).
pub const SEARCH_TOTAL: u64 = 8;

const PENDING_EXTRACT: Duration = Duration::from_secs(1);
const PER_PAGE: Duration = Duration::from_millis(1_500);
const EXTRACT_MAX: Duration = Duration::from_secs(60);

/// The future of a run for `input`. `waits` when it is held back by another run; `rule` is the scenario's rule for it.
/// Each decision draws from a part of its own, so that a rule changes only what it names.
pub fn plan(input: &Input, waits: bool, rule: Option<&RunRule>, draws: &Draws) -> (Plan, Work) {
    let magic = magic_of(input);
    let usual = usual_durations(input, &mut draws.part(0));
    let mut work = usual_work(input, &magic, &mut draws.part(1));
    let offset = draws.part(2).random_range(0..1_000_000);

    let slow = if magic.contains(&Magic::Slow) { SLOW_FACTOR } else { 1 };
    let duration = |name: PhaseName, usual: Duration, part: u64| {
        rule.and_then(|rule| rule.lifecycle.get(&name))
            .map_or(usual * slow, |range| range.sample(&mut draws.part(part)))
    };
    let pending = duration(PhaseName::Pending, usual.0, 3);
    let running = duration(PhaseName::Running, usual.1, 4);
    if let Some(results) = rule.and_then(|rule| rule.results.as_ref()) {
        let results = results.sample(&mut draws.part(5)).min(RunKind::Crawl.max_results());
        yields(&mut work, input, results, offset);
    }
    let ending = match rule.and_then(|rule| rule.outcome.as_ref()) {
        Some(outcome) => scenario_ending(outcome, input, &mut work, offset, &mut draws.part(6)),
        None => magic_ending(&magic, input.kind()),
    };
    let gate = if waits { Gate::Run } else { Gate::Open };
    (Plan::plain(gate, pending, running, ending), work)
}

/// What a run for `input` costs in credits. The prices are our choice; the published examples agree with them.
pub fn price(input: &Input) -> u64 {
    match input {
        Input::Crawl { .. } => 0,
        Input::Urls { urls, .. } => 5 * urls.len() as u64,
        Input::Vendor { listings, .. } => *listings,
        Input::Search { .. } => 25,
    }
}

fn magic_of(input: &Input) -> HashSet<Magic> {
    match input {
        Input::Crawl { host } | Input::Vendor { host, .. } => magic::of_host(host).into_iter().collect(),
        Input::Urls { urls, .. } => {
            urls.iter().filter_map(|url| magic::of_host(&product_host(url)?)).collect()
        }
        Input::Search { query } => magic::of_query(query).into_iter().collect(),
    }
}

fn usual_durations(input: &Input, rng: &mut ChaCha12Rng) -> (Duration, Duration) {
    let mut millis = |range| Duration::from_millis(rng.random_range(range));
    match input {
        Input::Crawl { .. } => (millis(CRAWL_PENDING_MILLIS), millis(CRAWL_RUNNING_MILLIS)),
        Input::Urls { urls, .. } => (PENDING_EXTRACT, extract_duration(urls.len() as u64)),
        Input::Vendor { listings, .. } => (PENDING_EXTRACT, extract_duration(*listings)),
        Input::Search { .. } => (PENDING_EXTRACT, millis(8_000..=15_000)),
    }
}

fn extract_duration(pages: u64) -> Duration {
    PER_PAGE.saturating_mul(u32::try_from(pages).unwrap_or(u32::MAX)).clamp(PER_PAGE, EXTRACT_MAX)
}

fn usual_work(input: &Input, magic: &HashSet<Magic>, rng: &mut ChaCha12Rng) -> Work {
    let empty = magic.contains(&Magic::Empty);
    match input {
        Input::Crawl { .. } => {
            let (collections, listings) = (rng.random_range(6..=40), rng.random_range(120..=1_500));
            let (collections, total) = if empty { (0, 0) } else { (collections, listings) };
            Work { total, collections, failures: Failures::None, error: None }
        }
        Input::Urls { urls, .. } => {
            let failing =
                (0..).zip(urls.iter()).filter(|(index, url)| address_failure(url, *index).is_some());
            let count = failing.count() as u64;
            let failures = if count == 0 { Failures::None } else { Failures::ByAddress { count } };
            Work { total: urls.len() as u64, collections: 0, failures, error: None }
        }
        Input::Vendor { listings, .. } => {
            let failures = match magic.iter().next() {
                Some(Magic::Partial) => {
                    spread(listings.div_ceil(3), *listings, rng.random_range(0..1_000), None)
                }
                Some(Magic::Unsupported) => {
                    spread(*listings, *listings, 0, Some("unsupported_vendor".into()))
                }
                _ => Failures::None,
            };
            Work { total: *listings, collections: 0, failures, error: None }
        }
        Input::Search { .. } => {
            let found = rng.random_range(6..=SEARCH_TOTAL);
            let found = match magic.iter().next() {
                Some(Magic::Empty | Magic::Unsupported) => 0,
                Some(Magic::Partial) => 5,
                _ => found,
            };
            Work { total: SEARCH_TOTAL, collections: 0, failures: missing(SEARCH_TOTAL - found), error: None }
        }
    }
}

fn missing(count: u64) -> Failures {
    spread(count, SEARCH_TOTAL, 0, None)
}

fn spread(count: u64, total: u64, offset: u64, reason: Option<Box<str>>) -> Failures {
    match count.min(total) {
        0 => Failures::None,
        count => Failures::Spread { count, offset, reason },
    }
}

/// Lets a run yield `results`: a crawl and a vendor's extract find that many, the others succeed with that many of the
/// items they were given.
fn yields(work: &mut Work, input: &Input, results: u64, offset: u64) {
    match input {
        Input::Crawl { .. } => {
            work.collections = work.collections.max(1).min(results);
            work.total = results;
        }
        Input::Vendor { .. } => work.total = work.total.min(results),
        Input::Urls { .. } | Input::Search { .. } => {
            work.failures = spread(work.total.saturating_sub(results), work.total, offset, None);
        }
    }
}

fn scenario_ending(
    outcome: &Outcome,
    input: &Input,
    work: &mut Work,
    offset: u64,
    rng: &mut ChaCha12Rng,
) -> Ending {
    match outcome {
        // An import alone is found invalid, and Catalog has none.
        Outcome::Completed | Outcome::Invalid { .. } => Ending::Completed,
        Outcome::Failed { step, at, error, .. } => {
            work.error = error.as_deref().map(Into::into);
            let at = at.map(fraction);
            let in_step = step.as_deref().and_then(|step| crawl::point_in_step(step, at.unwrap_or(HALF)));
            Ending::FailedAt(in_step.or(at).unwrap_or(HALF))
        }
        Outcome::Partial { failed_items, outcome } => {
            let reason = outcome.as_deref().map(Into::into);
            if input.kind() != Kind::Crawl {
                work.failures = spread(failed_items.sample(rng), work.total, offset, reason);
            }
            Ending::Completed
        }
        Outcome::Stuck { state, at } => {
            let phase = match state {
                Some(PhaseName::Pending) => Phase::Pending,
                // A rule for runs of any kind may name a state that these have not.
                Some(_) | None => Phase::Running,
            };
            Ending::Stuck(phase, at.map_or(STUCK_AT, fraction))
        }
    }
}

const HALF: Fraction = Fraction::from_ppm(500_000);
const STUCK_AT: Fraction = Fraction::from_ppm(800_000);

fn fraction(percent: Percent) -> Fraction {
    Fraction::from_ppm(percent.parts_per_million)
}

fn magic_ending(magic: &HashSet<Magic>, kind: Kind) -> Ending {
    if magic.contains(&Magic::Stuck) {
        return Ending::Stuck(Phase::Running, STUCK_AT);
    }
    if magic.contains(&Magic::Fails) {
        // A crawl fails while it analyzes collections, the others half way.
        let in_step = crawl::point_in_step("Analyzing collections", HALF);
        return Ending::FailedAt(if kind == Kind::Crawl { in_step.unwrap_or(HALF) } else { HALF });
    }
    Ending::Completed
}
