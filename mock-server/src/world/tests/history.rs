//! Histories: what clients, an operator and time do to one world.

use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::scenarios;
use super::stand::{Stand, crawl, origin, search, urls, vendor};
use crate::lifecycle::{Action, Fraction};
use crate::model::catalog::create::Refusal;
use crate::model::catalog::mini;
use crate::model::catalog::run::{Input, Kind, RunId};
use crate::model::catalog::state::Command;
use crate::scenario::account::{CATALOG_RATE_LIMIT, RateLimit};
use crate::world::log;
use crate::world::origin::Origin;

/// The magic hosts, and two usual ones that come up more often.
const HOSTS: [&str; 10] = [
    "a.example",
    "a.example",
    "a.example",
    "b.example",
    "fails.test",
    "stuck.test",
    "slow.test",
    "partial.test",
    "empty.test",
    "unsupported.test",
];

const QUERIES: [&str; 7] =
    ["red shoes", "red shoes", "fails early", "stuck doors", "slow cooker", "partial set", "empty shelves"];

/// The beginning of a world and everything that is done to it.
#[derive(Debug, Clone)]
pub(super) struct History {
    pub(super) credits: Option<u64>,
    pub(super) auto_top_up: bool,
    pub(super) scenario: usize,
    pub(super) steps: Vec<Step>,
}

/// One thing that happens. A run is picked by a number, whatever runs there are.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Crawl { host: &'static str },
    Urls { hosts: Vec<&'static str> },
    VendorListings { host: &'static str, max_products: Option<u64> },
    VendorAfterCrawl { crawl: u8, max_products: Option<u64> },
    Search { query: &'static str },
    MiniSearch,
    Poll,
    Cancel { run: u8 },
    Operate { run: u8, action: Action, error: Option<&'static str> },
    Wait(Duration),
    WaitForNext,
    Scenario(usize),
    Credits(Option<u64>),
    AutoTopUp(bool),
    RateLimit(Option<RateLimit>),
}

/// Any history of at most this many steps.
pub(super) fn any_history(most: usize) -> impl Strategy<Value = History> {
    (any_credits(), prop::bool::weighted(0.9), 0..scenarios::COUNT, vec(any_step(), 1..=most))
        .prop_map(|(credits, auto_top_up, scenario, steps)| History { credits, auto_top_up, scenario, steps })
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => any_host().prop_map(|host| Step::Crawl { host }),
        2 => vec(any_host(), 1..4).prop_map(|hosts| Step::Urls { hosts }),
        1 => (any_host(), any_most()).prop_map(|(host, max_products)| Step::VendorListings { host, max_products }),
        5 => (any::<u8>(), any_most())
            .prop_map(|(crawl, max_products)| Step::VendorAfterCrawl { crawl, max_products }),
        2 => prop::sample::select(&QUERIES[..]).prop_map(|query| Step::Search { query }),
        1 => Just(Step::MiniSearch),
        3 => Just(Step::Poll),
        3 => any::<u8>().prop_map(|run| Step::Cancel { run }),
        5 => (any::<u8>(), any_action(), option::of(Just("Somebody stopped it.")))
            .prop_map(|(run, action, error)| Step::Operate { run, action, error }),
        6 => any_wait().prop_map(Step::Wait),
        4 => Just(Step::WaitForNext),
        1 => (0..scenarios::COUNT).prop_map(Step::Scenario),
        1 => any_credits().prop_map(Step::Credits),
        1 => any::<bool>().prop_map(Step::AutoTopUp),
        1 => any::<bool>().prop_map(|limited| Step::RateLimit(limited.then_some(CATALOG_RATE_LIMIT))),
    ]
}

/// Instants that coincide, instants close to each other, and jumps over everything that is due.
pub(super) fn any_wait() -> impl Strategy<Value = Duration> {
    prop_oneof![
        1 => Just(Duration::ZERO),
        2 => (1..3_000_u64).prop_map(Duration::from_micros),
        6 => (1..45_000_u64).prop_map(Duration::from_millis),
        1 => (1..30_u64).prop_map(|days| Duration::from_secs(days * 86_400)),
    ]
}

fn any_host() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&HOSTS[..])
}

fn any_most() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![Just(None), (0..60_u64).prop_map(Some)]
}

fn any_credits() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![2 => Just(None), 1 => (0..200_u64).prop_map(Some)]
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        Just(Action::Complete),
        Just(Action::Fail),
        Just(Action::Stick),
        Just(Action::Unstick),
        (0..=1_000_000_u32).prop_map(|parts| Action::Advance(Fraction::from_ppm(parts))),
        Just(Action::Advance(Fraction::ONE)),
    ]
}

impl History {
    /// What the world begins as.
    pub(super) fn origin(&self) -> Origin {
        origin(scenarios::scenario(self.scenario), self.credits, self.auto_top_up)
    }

    /// The world after all of it.
    pub(super) fn played(&self) -> Stand {
        let mut stand = Stand::new(self.origin());
        for step in &self.steps {
            step.play(&mut stand);
        }
        stand
    }
}

impl Step {
    /// Whether it is a client's request.
    pub(super) fn is_request(&self) -> bool {
        match self {
            Self::Crawl { .. }
            | Self::Urls { .. }
            | Self::VendorListings { .. }
            | Self::VendorAfterCrawl { .. }
            | Self::Search { .. }
            | Self::MiniSearch
            | Self::Poll
            | Self::Cancel { .. } => true,
            Self::Operate { .. }
            | Self::Wait(_)
            | Self::WaitForNext
            | Self::Scenario(_)
            | Self::Credits(_)
            | Self::AutoTopUp(_)
            | Self::RateLimit(_) => false,
        }
    }

    /// Lets it happen. What a client was refused is its own affair.
    pub(super) fn play(&self, stand: &mut Stand) {
        if self.is_request() {
            stand.request_came();
        }
        let _ = match self {
            Self::Crawl { host } => stand.create(crawl(host)),
            Self::Urls { hosts } => stand.create(urls(hosts.iter().map(|host| format!("https://{host}/p")))),
            Self::VendorListings { host, max_products } => stand.create(vendor(host, None, *max_products)),
            Self::VendorAfterCrawl { crawl, max_products } => after_crawl(stand, *crawl, *max_products),
            Self::Search { query } => stand.create(search(query)),
            _ => return self.happen(stand),
        };
    }

    fn happen(&self, stand: &mut Stand) {
        let picked =
            |number: &u8| stand.runs().nth(usize::from(*number) % stand.world.catalog().len().max(1));
        match self {
            Self::MiniSearch => {
                if mini::affordable(stand.world.catalog()).is_ok() {
                    stand.apply(log::Command::Catalog(Command::Charge(mini::PRICE)));
                }
            }
            Self::Cancel { run } => {
                if let Some(run) = picked(run) {
                    stand.cancel(run);
                }
            }
            Self::Operate { run, action, error } => {
                if let Some(run) = picked(run) {
                    stand.operate(run, *action, error.filter(|_| *action == Action::Fail));
                }
            }
            Self::Wait(duration) => stand.advance(*duration),
            Self::WaitForNext => {
                if let Some(due) = stand.world.next_due() {
                    stand.move_to(due);
                }
            }
            Self::Scenario(index) => stand.apply(log::Command::Scenario(scenarios::scenario(*index))),
            Self::Credits(credits) => stand.apply(log::Command::Catalog(Command::Credits(*credits))),
            Self::RateLimit(limit) => stand.apply(log::Command::Catalog(Command::RateLimit(*limit))),
            Self::AutoTopUp(enabled) => stand.apply(log::Command::Catalog(Command::AutoTopUp(*enabled))),
            Self::Poll
            | Self::Crawl { .. }
            | Self::Urls { .. }
            | Self::VendorListings { .. }
            | Self::VendorAfterCrawl { .. }
            | Self::Search { .. } => {}
        }
    }
}

fn after_crawl(stand: &mut Stand, number: u8, max_products: Option<u64>) -> Result<RunId, Refusal> {
    let crawls: Vec<RunId> = stand.world.catalog().list(Kind::Crawl).newest(None, usize::MAX).collect();
    let Some(picked) = crawls.get(usize::from(number) % crawls.len().max(1)) else {
        return stand.create(vendor("a.example", Some("crawl-nowhere"), max_products));
    };
    let record = stand.record(*picked);
    let Input::Crawl { host } = &record.input else { return Err(Refusal::UnknownCrawl) };
    let request = vendor(host, Some(&record.execution_id), max_products);
    stand.create(request)
}
