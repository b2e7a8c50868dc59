//! Decides what a client's request to start a job becomes: a new run, the one that is there already, or a refusal.

use std::sync::Arc;

use crate::clock::VirtualTime;
use crate::model::catalog::index::Invented;
use crate::model::catalog::lists::Group;
use crate::model::catalog::planning;
use crate::model::catalog::run::{Input, Kind, Record, RunId};
use crate::model::catalog::state::State;
use crate::model::circumstances::Circumstances;
use crate::scenario::extract::ExtractOptions;
use crate::scenario::host::dashed;
use crate::scenario::matcher::RunSubject;
use crate::scenario::run::RunRule;
use crate::seed::{Draws, Seed};

/// A request to start a job, with its values checked and its hosts in canonical form.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Crawl a vendor.
    Crawl {
        /// Canonical host.
        host: String,
    },
    /// Extract these pages.
    Urls {
        /// Addresses as they were sent.
        urls: Vec<Box<str>>,
        /// What to add to each product.
        options: ExtractOptions,
    },
    /// Extract what a vendor sells.
    Vendor {
        /// Canonical host.
        host: String,
        /// The execution id of the crawl to wait for.
        crawl: Option<String>,
        /// At most this many products; none or zero means all.
        max_products: Option<u64>,
        /// What to add to each product.
        options: ExtractOptions,
    },
    /// Find products.
    Search {
        /// The question.
        query: String,
    },
}

/// What a request becomes.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// A new run.
    New(Arc<Record>),
    /// The crawl of the same host that is pending or running (page "Crawl").
    Existing(RunId),
}

/// Why a job is not started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The index does not know the vendor, or its crawl found nothing.
    NoListings,
    /// There is no such crawl.
    UnknownCrawl,
    /// The crawl is one of another vendor.
    CrawlOfAnotherVendor,
    /// The credits do not suffice.
    OutOfCredits {
        /// What it costs.
        needed: u64,
        /// What is left.
        remaining: u64,
    },
    /// A crawl needs automatic top-up, which this account has not enabled.
    TopUpDisabled {
        /// What is left, if credits can run out.
        remaining: Option<u64>,
    },
    /// The world holds as many runs as it can.
    Full,
}

/// Decides about `request` in `state`, which must be settled up to now.
pub fn decide(state: &State, request: Request, around: &Circumstances<'_>) -> Result<Decision, Refusal> {
    if let Request::Crawl { host } = &request {
        if let Some(active) = state.active_crawl(host) {
            return Ok(Decision::Existing(active));
        }
        if !state.auto_top_up() {
            return Err(Refusal::TopUpDisabled { remaining: state.credits() });
        }
    }
    let (input, waits) = input(state, request, around.stream.seed())?;
    if !state.has_room(&input) {
        return Err(Refusal::Full);
    }
    let needed = planning::price(&input);
    if let Some(remaining) = state.credits().filter(|remaining| *remaining < needed) {
        return Err(Refusal::OutOfCredits { needed, remaining });
    }

    let (rules, deciding) = matching_rules(&input, around);
    let occurrence = state.created(around.digest);
    let draws = around.stream.draws("plan", around.digest, occurrence);
    let (plan, work) = planning::plan(&input, waits, deciding, &draws);
    let draws = |purpose: &str| around.stream.draws(purpose, around.digest, occurrence);
    let created = around.now;
    let execution_id = fresh_id(&input, draws, created, |id| state.find(id).is_some());
    let digest = around.digest;
    Ok(Decision::New(Arc::new(Record {
        execution_id,
        input,
        created,
        plan,
        work,
        credits: needed,
        digest,
        rules,
    })))
}

/// What is asked for, as it is kept, and whether it is held back by a crawl.
pub(super) fn input(state: &State, request: Request, seed: Seed) -> Result<(Input, bool), Refusal> {
    Ok(match request {
        Request::Crawl { host } => (Input::Crawl { host: host.into() }, false),
        Request::Urls { urls, options } => (Input::Urls { urls: urls.into(), options }, false),
        Request::Search { query } => (Input::Search { query: query.into() }, false),
        Request::Vendor { host, crawl, max_products, options } => {
            let (source, waits) = match crawl {
                None => (state.completed_crawl(&host), false),
                Some(execution_id) => {
                    let (id, run) = state.find(&execution_id).ok_or(Refusal::UnknownCrawl)?;
                    match &run.record.input {
                        Input::Crawl { host: crawled } if **crawled == *host => {}
                        Input::Crawl { .. } => return Err(Refusal::CrawlOfAnotherVendor),
                        _ => return Err(Refusal::UnknownCrawl),
                    }
                    // One that has failed makes its extract fail, so that one waits too: in vain.
                    (Some(id), !state.list(Kind::Crawl).contains(Group::Completed, id))
                }
            };
            // What a crawl under way will find is decided already; one that has failed leaves nothing to extract.
            let found = match source {
                Some(source) if state.list(Kind::Crawl).contains(Group::Failed, source) => 0,
                Some(source) => state.run(source).map_or(0, |run| run.record.work.total),
                // Nobody has to crawl what the index knows already.
                None => Invented::of(seed).listings(&host).unwrap_or(0),
            };
            if found == 0 && !waits {
                return Err(Refusal::NoListings);
            }
            let listings = max_products.filter(|most| *most > 0).map_or(found, |most| most.min(found));
            (Input::Vendor { host: host.into(), crawl: source, found, listings, options }, waits)
        }
    })
}

/// The rules whose conditions the run meets, and the first of them that decides.
fn matching_rules<'a>(input: &Input, around: &Circumstances<'a>) -> (Box<[u16]>, Option<&'a RunRule>) {
    if around.rules.is_empty() {
        return (Box::default(), None);
    }
    let hosts = input.hosts();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let kind = input.kind().name();
    let query = input.query();
    let subject = RunSubject {
        api: "catalog",
        kind,
        hosts: &hosts,
        query,
        robot: &[],
        agent: &[],
        file_name: None,
        request: around.body,
    };
    around.rules_for(&subject)
}

/// An id in the documented form of its kind. Short ids do collide, so one that is `taken` is drawn again.
pub(super) fn fresh_id(
    input: &Input,
    draws: impl Fn(&str) -> Draws,
    now: VirtualTime,
    taken: impl Fn(&str) -> bool,
) -> Arc<str> {
    let mut purpose = "execution-id".to_owned();
    loop {
        let id = execution_id(input, &draws(&purpose), now);
        if !taken(&id) {
            return id.into();
        }
        purpose.push_str("/again");
    }
}

fn execution_id(input: &Input, draws: &Draws, now: VirtualTime) -> String {
    match input {
        Input::Crawl { host } => format!("crawl-{}-{}", dashed(host), draws.hex8()),
        Input::Urls { .. } => format!("extract-urls-{}", draws.uuid()),
        Input::Vendor { host, .. } => format!("extract-{}-{}", dashed(host), draws.hex8()),
        Input::Search { .. } => format!("agentic-{}-{}", draws.hex8(), now.as_millis()),
    }
}
