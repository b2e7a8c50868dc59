//! Catalog's runs in one world, and how they affect each other. Changed only through [`State::apply`],
//! [`State::settle`] and, before it begins, [`State::begin_with`].

use std::collections::HashMap;
use std::sync::Arc;

use crate::agenda::Agenda;
use crate::clock::VirtualTime;
use crate::lifecycle::{self, Action, Control, End, Gate, Stage, observe};
use crate::model;
use crate::model::catalog::known::KnownVendors;
use crate::model::catalog::lists::{Group, RunList};
use crate::model::catalog::run::{Input, Kind, Record, Run, RunId};
use crate::model::catalog::view::{self, Status, View};
use crate::scenario::account::{CatalogAccount, RateLimit};
use crate::seed::Digest;

/// The most runs a world keeps; a create beyond it is refused.
pub const RUNS_MAX: usize = 4_000_000;

/// How many bytes of clients' inputs (addresses, queries) a world keeps; a create beyond it is refused.
pub const INPUT_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// A change that has been decided and accepted. The world's log is made of these.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// A run is created.
    Create(Arc<Record>),
    /// Something is done to a run.
    Control {
        /// Which.
        run: RunId,
        /// What.
        action: Action,
        /// What `error` shall say, with [`Action::Fail`].
        error: Option<Box<str>>,
    },
    /// The account has this many credits from now on; `None` means they never run out.
    Credits(Option<u64>),
    /// Whether automatic top-up is enabled from now on.
    AutoTopUp(bool),
    /// So many credits are spent without a run.
    Charge(u64),
    /// So many requests are answered from now on; `None` means every one.
    RateLimit(Option<RateLimit>),
}

impl Command {
    /// What gives an account these settings, whatever it had before.
    pub fn settings(account: &CatalogAccount) -> [Self; 3] {
        let CatalogAccount { credits, auto_top_up, rate_limit } = *account;
        [Self::Credits(credits), Self::AutoTopUp(auto_top_up), Self::RateLimit(rate_limit)]
    }

    /// The rules of the scenario that count one run more by it, by their position.
    pub fn rules(&self) -> &[u16] {
        match self {
            Self::Create(record) => &record.rules,
            Self::Control { .. }
            | Self::Credits(_)
            | Self::AutoTopUp(_)
            | Self::Charge(_)
            | Self::RateLimit(_) => &[],
        }
    }
}

/// Something that becomes due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The run ends, unless something was done to it in the meantime.
    RunEnds(RunId),
}

/// The runs of one world.
#[derive(Debug, Default, PartialEq)]
pub struct State {
    runs: Vec<Run>,
    by_execution_id: HashMap<Arc<str>, RunId>,
    lists: [RunList; 3],
    /// The crawl that is pending or running for a host.
    active_crawls: HashMap<Arc<str>, RunId>,
    /// What completed crawls found.
    known: KnownVendors,
    /// Extracts that wait for a crawl.
    waiting: HashMap<RunId, Vec<RunId>>,
    created: HashMap<Digest, u64>,
    input_bytes: u64,
    credits: Option<u64>,
    auto_top_up: bool,
    rate_limit: Option<RateLimit>,
}

impl State {
    /// The state of an account that has just been opened.
    pub fn new(account: &CatalogAccount) -> Self {
        let CatalogAccount { credits, auto_top_up, rate_limit } = *account;
        Self { credits, auto_top_up, rate_limit, ..Self::default() }
    }

    /// Carries out a command that has been accepted.
    pub fn apply(&mut self, command: &Command, at: VirtualTime, agenda: &mut Agenda<model::Event>) {
        match command {
            Command::Create(record) => self.create(record, agenda),
            Command::Control { run, action, error } => {
                if let Some(run) = self.runs.get_mut(run.0 as usize).filter(|_| error.is_some()) {
                    run.error.clone_from(error);
                }
                self.control(*run, *action, at, agenda);
            }
            Command::Credits(credits) => self.credits = *credits,
            Command::AutoTopUp(enabled) => self.auto_top_up = *enabled,
            Command::Charge(credits) => self.charge(*credits),
            Command::RateLimit(limit) => self.rate_limit = *limit,
        }
    }

    /// Adds a run that was created before the account got its credits, so that it costs none of them. Its world must
    /// not have begun yet.
    pub fn begin_with(&mut self, record: &Arc<Record>, agenda: &mut Agenda<model::Event>) {
        self.add(record, agenda);
    }

    /// Lets an event happen that is due at `at`. `ended` is told of every run that thereby ends, with the word for the
    /// state in which it does.
    pub fn settle(
        &mut self,
        event: Event,
        at: VirtualTime,
        agenda: &mut Agenda<model::Event>,
        mut ended: impl FnMut(RunId, &'static str),
    ) {
        let Event::RunEnds(id) = event;
        let Some(run) = self.run(id) else { return };
        let kind = run.record.input.kind();
        let observation = observe(&run.record.plan, &run.controls, at.since(run.record.created));
        let Stage::Ended(end) = observation.stage else { return };
        if !self.list(kind).contains(Group::Processing, id) {
            return;
        }
        self.lists[kind as usize].end(id, end == End::Completed);
        ended(id, Status::of(end).name());
        if kind == Kind::Crawl {
            self.crawl_ended(id, end, at, agenda);
        }
    }

    /// Whether an event no longer means anything: its run has ended already, or ends at another time.
    pub fn is_stale(&self, event: Event, due: VirtualTime) -> bool {
        let Event::RunEnds(id) = event;
        let Some(run) = self.run(id) else { return true };
        let ends = lifecycle::ends(&run.record.plan, &run.controls).map(|end| run.record.created.after(end));
        ends != Some(due) || !self.list(run.record.input.kind()).contains(Group::Processing, id)
    }

    /// The run with this number.
    pub fn run(&self, id: RunId) -> Option<&Run> {
        self.runs.get(id.0 as usize)
    }

    /// The run the client knows by this id.
    pub fn find(&self, execution_id: &str) -> Option<(RunId, &Run)> {
        let id = *self.by_execution_id.get(execution_id)?;
        self.run(id).map(|run| (id, run))
    }

    /// What can be seen of a run at `now`. The world must be settled up to `now`.
    pub fn view(&self, id: RunId, now: VirtualTime) -> Option<View> {
        self.run(id).map(|run| view::view(run, now))
    }

    /// The runs of one kind, for lists.
    pub fn list(&self, kind: Kind) -> &RunList {
        &self.lists[kind as usize]
    }

    /// Whether there is room for a run with this input.
    pub fn has_room(&self, input: &Input) -> bool {
        self.runs.len() < RUNS_MAX && self.input_bytes.saturating_add(input.bytes()) <= INPUT_BYTES_MAX
    }

    /// How many runs there are.
    pub fn len(&self) -> usize {
        self.runs.len()
    }

    /// Whether there is no run.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The crawl of a host that is pending or running.
    pub fn active_crawl(&self, host: &str) -> Option<RunId> {
        self.active_crawls.get(host).copied()
    }

    /// The last crawl of a host that completed.
    pub fn completed_crawl(&self, host: &str) -> Option<RunId> {
        self.known.get(host).map(|known| known.crawl)
    }

    /// What completed crawls found.
    pub fn known(&self) -> &KnownVendors {
        &self.known
    }

    /// The crawl that an extract waits for at `now`.
    pub fn waits_for(&self, run: &Run, view: &View) -> Option<&Run> {
        match (&run.record.input, view.observation.stage) {
            (Input::Vendor { crawl: Some(crawl), .. }, Stage::Waiting) => self.run(*crawl),
            _ => None,
        }
    }

    /// How many runs the same request has created.
    pub fn created(&self, digest: Digest) -> u64 {
        self.created.get(&digest).copied().unwrap_or(0)
    }

    /// The credits that are left; `None` means they never run out.
    pub fn credits(&self) -> Option<u64> {
        self.credits
    }

    /// Whether automatic top-up is enabled.
    pub fn auto_top_up(&self) -> bool {
        self.auto_top_up
    }

    /// How many requests are answered; `None` means every one.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.rate_limit
    }

    fn create(&mut self, record: &Arc<Record>, agenda: &mut Agenda<model::Event>) {
        self.charge(record.credits);
        self.add(record, agenda);
    }

    fn add(&mut self, record: &Arc<Record>, agenda: &mut Agenda<model::Event>) {
        // Bounded by `has_room` when the command was decided.
        let Ok(number) = u32::try_from(self.runs.len()) else { return };
        let id = RunId(number);
        *self.created.entry(record.digest).or_default() += 1;
        self.input_bytes += record.input.bytes();
        self.by_execution_id.insert(Arc::clone(&record.execution_id), id);
        self.lists[record.input.kind() as usize].add(id);
        self.runs.push(Run { record: Arc::clone(record), controls: Vec::new(), error: None });
        match &record.input {
            Input::Crawl { host } => {
                self.active_crawls.insert(Arc::clone(host), id);
            }
            Input::Vendor { crawl: Some(crawl), .. } if record.plan.gate == Gate::Run => {
                self.wait(id, *crawl, agenda);
            }
            Input::Urls { .. } | Input::Vendor { .. } | Input::Search { .. } => {}
        }
        self.schedule(id, agenda);
    }

    fn charge(&mut self, price: u64) {
        if let Some(credits) = &mut self.credits {
            *credits = credits.saturating_sub(price);
        }
    }

    /// Lets `run` wait for `crawl`; one that has ended already is answered for at once.
    fn wait(&mut self, run: RunId, crawl: RunId, agenda: &mut Agenda<model::Event>) {
        if self.list(Kind::Crawl).contains(Group::Processing, crawl) {
            self.waiting.entry(crawl).or_default().push(run);
        } else if let Some(created) = self.run(run).map(|run| run.record.created) {
            self.control(run, Action::Abandon, created, agenda);
        }
    }

    fn control(&mut self, id: RunId, action: Action, at: VirtualTime, agenda: &mut Agenda<model::Event>) {
        if let Some(run) = self.runs.get_mut(id.0 as usize) {
            run.controls.push(Control { at: at.since(run.record.created), action });
            self.schedule(id, agenda);
        }
    }

    fn schedule(&self, id: RunId, agenda: &mut Agenda<model::Event>) {
        let Some(run) = self.run(id) else { return };
        if let Some(end) = lifecycle::ends(&run.record.plan, &run.controls) {
            agenda.add(run.record.created.after(end), Event::RunEnds(id).into());
        }
    }

    fn crawl_ended(&mut self, id: RunId, end: End, at: VirtualTime, agenda: &mut Agenda<model::Event>) {
        let Some(record) = self.run(id).map(|run| Arc::clone(&run.record)) else { return };
        let Input::Crawl { host } = &record.input else { return };
        self.active_crawls.remove(host);
        let completed = end == End::Completed;
        if completed {
            self.known.completed(host, id, record.work.total, at);
        }
        let action = if completed { Action::Release } else { Action::Abandon };
        for run in self.waiting.remove(&id).unwrap_or_default() {
            // An operator may have sent it to work or ended it: nothing may happen to it after its end.
            if self.is_waiting(run, at) {
                self.control(run, action, at, agenda);
            }
        }
    }

    fn is_waiting(&self, id: RunId, at: VirtualTime) -> bool {
        self.run(id).is_some_and(|run| {
            observe(&run.record.plan, &run.controls, at.since(run.record.created)).stage == Stage::Waiting
        })
    }
}

/// Why a client's cancel is refused (pages "Cancel … execution").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelRefusal {
    /// It has not begun, or has ended.
    NotRunning,
    /// It waits for a crawl.
    WaitingForCrawl,
}

/// Whether a run that looks like `view` may be canceled.
pub fn may_cancel(view: &View) -> Result<(), CancelRefusal> {
    match (view.observation.stage, view.status) {
        (Stage::Waiting, _) => Err(CancelRefusal::WaitingForCrawl),
        (_, Status::Running) => Ok(()),
        (_, Status::Pending | Status::Completed | Status::Failed) => Err(CancelRefusal::NotRunning),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_has_room_up_to_its_capacity_and_no_further() {
        let query = |length: usize| Input::Search { query: "x".repeat(length).into() };
        let nearly_full = State { input_bytes: INPUT_BYTES_MAX - 10, ..State::default() };
        assert!(nearly_full.has_room(&query(10)));
        assert!(!nearly_full.has_room(&query(11)));
    }
}
