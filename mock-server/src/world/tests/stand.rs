//! A world on a manual clock with its clients and its operator, who ask for what the interfaces let them.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::clock::{MANUAL_START, Mode, RealTime, VirtualTime};
use crate::lifecycle::{Action, Stage};
use crate::model::catalog::create::{Decision, Refusal, Request, decide};
use crate::model::catalog::run::{Record, Run, RunId};
use crate::model::catalog::state::{self, may_cancel};
use crate::model::catalog::view::View;
use crate::model::circumstances::Circumstances;
use crate::scenario::Scenario;
use crate::scenario::account::{Account, CatalogAccount};
use crate::scenario::extract::ExtractOptions;
use crate::seed::{Digest, Seed, Stream};
use crate::world::log::Command;
use crate::world::origin::Origin;
use crate::world::state::WorldState;

/// Real time stands still: a manual clock does not look at it.
pub(super) fn real() -> RealTime {
    RealTime::from_elapsed(Duration::ZERO)
}

/// The start of a world with such an account.
pub(super) fn origin(scenario: Arc<Scenario>, credits: Option<u64>, auto_top_up: bool) -> Origin {
    Origin {
        stream: Stream::new(Seed(7), "test-a"),
        scenario,
        account: Account {
            catalog: CatalogAccount { credits, auto_top_up, rate_limit: None },
            ..Account::default()
        },
        mode: Mode::Manual,
        start: MANUAL_START,
    }
}

/// A world and what was done to it.
#[derive(Debug)]
pub(super) struct Stand {
    pub(super) world: WorldState,
    pub(super) now: VirtualTime,
}

impl Stand {
    pub(super) fn new(origin: Origin) -> Self {
        let start = origin.start;
        Self { world: WorldState::new(origin, real()), now: start }
    }

    /// A world with the documented behaviour.
    pub(super) fn documented() -> Self {
        Self::new(origin(Arc::default(), None, true))
    }

    /// A world that holds what this one's log says.
    pub(super) fn folded(&self, origin: Origin) -> WorldState {
        WorldState::fold(origin, self.world.log(), real()).unwrap()
    }

    pub(super) fn apply(&mut self, command: Command) {
        self.world.apply(command, self.now, real()).unwrap();
    }

    /// Lets the time pass that a client's request takes.
    pub(super) fn request_came(&mut self) {
        self.world.request_came(real());
        self.now = self.world.now(real());
    }

    /// Asks for a job. The run that is started or is there already, or why not.
    pub(super) fn create(&mut self, request: Request) -> Result<RunId, Refusal> {
        let body = body(&request);
        let scenario = Arc::clone(self.world.scenario());
        let around = Circumstances {
            stream: self.world.stream(),
            rules: &scenario.runs,
            counts: self.world.rule_counts(),
            digest: digest(&body),
            body: &body,
            now: self.now,
        };
        match decide(self.world.catalog(), request, &around)? {
            Decision::Existing(run) => Ok(run),
            Decision::New(record) => {
                self.apply(Command::Catalog(state::Command::Create(record)));
                Ok(RunId(u32::try_from(self.world.catalog().len() - 1).unwrap()))
            }
        }
    }

    /// A client cancels a run, if it may.
    pub(super) fn cancel(&mut self, run: RunId) {
        if may_cancel(&self.view(run)).is_ok() {
            self.control(run, Action::Cancel, None);
        }
    }

    /// An operator does something to a run, unless it has ended.
    pub(super) fn operate(&mut self, run: RunId, action: Action, error: Option<&str>) {
        if !matches!(self.view(run).observation.stage, Stage::Ended(_)) {
            self.control(run, action, error);
        }
    }

    fn control(&mut self, run: RunId, action: Action, error: Option<&str>) {
        let error = error.map(Into::into);
        self.apply(Command::Catalog(state::Command::Control { run, action, error }));
    }

    /// Moves the clock. Nobody touches the world on the way.
    pub(super) fn move_to(&mut self, instant: VirtualTime) {
        self.apply(Command::SetClock(instant));
        self.now = self.world.now(real());
    }

    pub(super) fn advance(&mut self, by: Duration) {
        self.move_to(self.now.after(by));
    }

    /// Moves the clock until nothing is due any more.
    pub(super) fn advance_to_the_end(&mut self) {
        while let Some(due) = self.world.next_due() {
            self.move_to(due);
        }
    }

    pub(super) fn run(&self, run: RunId) -> &Run {
        self.world.catalog().run(run).unwrap()
    }

    pub(super) fn record(&self, run: RunId) -> &Record {
        &self.run(run).record
    }

    pub(super) fn view(&self, run: RunId) -> View {
        self.world.catalog().view(run, self.now).unwrap()
    }

    /// Every run, in the order of creation.
    pub(super) fn runs(&self) -> impl Iterator<Item = RunId> + use<> {
        (0..u32::try_from(self.world.catalog().len()).unwrap()).map(RunId)
    }
}

/// A request's digest. The body alone tells generated requests apart.
pub(super) fn digest(body: &Value) -> Digest {
    Digest::of("test", "/", &[], Some(body))
}

/// The body a client would send.
pub(super) fn body(request: &Request) -> Value {
    match request {
        Request::Crawl { host } => json!({ "url": host }),
        Request::Urls { urls, .. } => json!({ "urls": urls }),
        Request::Vendor { host, crawl, max_products, .. } => {
            json!({ "vendor": host, "crawl_id": crawl, "max_products": max_products })
        }
        Request::Search { query } => json!({ "query": query }),
    }
}

pub(super) fn crawl(host: &str) -> Request {
    Request::Crawl { host: host.to_owned() }
}

pub(super) fn search(query: &str) -> Request {
    Request::Search { query: query.to_owned() }
}

pub(super) fn urls(urls: impl IntoIterator<Item = String>) -> Request {
    Request::Urls { urls: urls.into_iter().map(Into::into).collect(), options: options() }
}

/// An extract of a vendor that waits for the crawl with this execution id, if one is given.
pub(super) fn vendor(host: &str, crawl: Option<&str>, max_products: Option<u64>) -> Request {
    let crawl = crawl.map(str::to_owned);
    Request::Vendor { host: host.to_owned(), crawl, max_products, options: options() }
}

fn options() -> ExtractOptions {
    ExtractOptions::default()
}
