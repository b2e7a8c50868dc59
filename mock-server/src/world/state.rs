//! The world itself. It reads no clock and takes no lock: it is told the time and what to do.

use std::collections::HashSet;
use std::sync::Arc;

use crate::agenda::Agenda;
use crate::clock::{RealTime, VirtualTime, WorldClock};
use crate::faults::{Course, Faults, Met};
use crate::idempotency::Remembered;
use crate::model::llama_extract::notice;
use crate::model::{Event, RunId, catalog, extralt, llama_extract};
use crate::scenario::Scenario;
use crate::scenario::account::{Account, CATALOG_RATE_LIMIT, EXTRALT_RATE_LIMIT, LLAMA_EXTRACT_RATE_LIMIT};
use crate::scenario::request::RequestSubject;
use crate::seed::{Digest, Draws};
use crate::webhooks::state::Webhooks;
use crate::window::{Bucket, Standing, Window};
use crate::world::log::{Command, Entry};
use crate::world::occurrences::Occurrences;
use crate::world::origin::Origin;
use crate::world::runs::{Happened, Happening, RunRef};
use crate::world::subject::Subject;
use crate::world::usage::Usage;

mod events;
mod filling;
mod reads;

/// The most changes a world accepts before it must be reset.
pub const LOG_MAX: usize = 16_000_000;

/// A world has accepted as many changes as its log can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this world has accepted {LOG_MAX} changes, as many as its log holds; reset it with POST /_rehearsal/reset"
)]
pub struct LogFull;

/// A request among its equals: what it asks for, and how many such came before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// What it asks for, in short.
    pub digest: Digest,
    /// How many equal requests came before it.
    pub occurrence: u64,
}

/// Everything one API key can see.
#[derive(Debug)]
pub struct WorldState {
    origin: Origin,
    next_scenario: Arc<Scenario>,
    next_account: Account,
    scenario: Arc<Scenario>,
    clock: WorldClock,
    catalog: catalog::state::State,
    extralt: extralt::state::State,
    llama_extract: llama_extract::state::State,
    /// What requests with an idempotency key were answered.
    answered: Remembered,
    webhooks: Webhooks<Subject>,
    agenda: Agenda<Event>,
    /// What happened to runs by itself, in this order.
    happened: Vec<Happening>,
    log: Vec<Entry>,
    rule_counts: Vec<u64>,
    faults: Faults,
    requests: Occurrences,
    usage: Usage,
    catalog_window: Window,
    extralt_bucket: Bucket,
    llama_extract_window: Window,
    generation: u64,
}

impl WorldState {
    /// A world at its start.
    pub fn new(origin: Origin, real: RealTime) -> Self {
        let mut world = Self {
            next_scenario: Arc::clone(&origin.scenario),
            next_account: origin.account.clone(),
            scenario: Arc::clone(&origin.scenario),
            clock: WorldClock::new(origin.mode, origin.start, real),
            catalog: catalog::state::State::new(&origin.account.catalog),
            extralt: extralt::state::State::new(&origin.account.extralt),
            llama_extract: llama_extract::state::State::new(&origin.account.llama_extract, HashSet::new()),
            answered: Remembered::new(),
            webhooks: Webhooks::default(),
            agenda: Agenda::new(),
            happened: Vec::new(),
            log: Vec::new(),
            rule_counts: vec![0; origin.scenario.runs.len()],
            faults: Faults::new(&origin.scenario.faults, origin.start),
            requests: Occurrences::default(),
            usage: Usage::default(),
            catalog_window: Window::default(),
            extralt_bucket: Bucket::default(),
            llama_extract_window: Window::default(),
            generation: 0,
            origin,
        };
        world.fill();
        world
    }

    /// The world that a log describes: each change applied at its instant.
    pub fn fold(origin: Origin, log: &[Entry], real: RealTime) -> Result<Self, LogFull> {
        let mut world = Self::new(origin, real);
        for entry in log {
            // Time passed between the changes, whatever made it pass.
            let _ = world.clock.set(entry.at, real);
            world.apply(entry.command.clone(), entry.at, real)?;
        }
        Ok(world)
    }

    /// The world's time at `real`, with everything due by then settled.
    pub fn now(&mut self, real: RealTime) -> VirtualTime {
        let now = self.clock.read(real);
        self.settle(now);
        now
    }

    /// Lets everything happen that is due by `now`. Settling in two steps or in one makes no difference.
    pub fn settle(&mut self, now: VirtualTime) {
        while let Some((due, event)) = self.agenda.take_due(now) {
            // The log's capacity is far below.
            let after = u32::try_from(self.log.len()).unwrap_or(u32::MAX);
            let happened = &mut self.happened;
            let mut note = |run, what| happened.push(Happening { run, at: due, what, after });
            match event {
                Event::Catalog(event) => {
                    let note = |run, state| note(RunRef::Catalog(run), Happened::Ended(state));
                    self.catalog.settle(event, due, &mut self.agenda, note);
                }
                Event::Extralt(event) => {
                    let skipped = self.extralt.not_enriched().len();
                    let happened = self.change_extralt(|extralt, around| extralt.settle(event, due, around));
                    let happening = |(run, what)| Happening {
                        run: RunRef::Extralt(run),
                        at: due,
                        what: match what {
                            extralt::state::Happened::Began => Happened::Began,
                            extralt::state::Happened::Ended(status) => Happened::Ended(status.name()),
                        },
                        after,
                    };
                    self.happened.extend(happened.iter().copied().map(happening));
                    self.tell_of_extralt(&happened, skipped, due);
                }
                Event::LlamaExtract(event) => {
                    if let Some(status) = self.llama_extract.settle(event, due) {
                        note(RunRef::LlamaExtract(event.0), Happened::Ended(status.name()));
                        self.tell_of_extraction(event.0, notice::ended(status), due);
                    }
                }
            }
        }
    }

    /// The one door through which a world changes: carries out a command that has been accepted, and logs it.
    pub fn apply(&mut self, command: Command, at: VirtualTime, real: RealTime) -> Result<(), LogFull> {
        let joins = matches!(
            (&command, self.log.last()),
            (Command::RequestsCame(_), Some(Entry { command: Command::RequestsCame(_), .. }))
        );
        if self.log.len() >= LOG_MAX && !joins {
            return Err(LogFull);
        }
        self.settle(at);
        match &command {
            Command::Catalog(command) => {
                count(&mut self.rule_counts, command.rules());
                self.catalog.apply(command, at, &mut self.agenda);
            }
            Command::Extralt(command) => self.apply_to_extralt(command, at),
            Command::LlamaExtract(command) => {
                count(&mut self.rule_counts, command.rules());
                self.llama_extract.apply(command, at, &mut self.agenda);
                self.tell_of_llama_extract(command, at);
            }
            Command::Webhooks(command) => self.webhooks.apply(command, at),
            Command::Answered(it) => self.answered.remember(&it.name, it.digest, it.answer.clone()),
            Command::Scenario(scenario) => self.follow(scenario, at),
            // A clock that was read later than `at` stays where it is: time never goes back.
            Command::SetClock(to) | Command::RequestsCame(to) => drop(self.clock.set(*to, real)),
            Command::ClockMode(mode) => self.clock.change_mode(*mode, real),
            Command::AddFault(fault) => self.faults.add(fault, at),
            Command::RemoveFault(id) => self.faults.remove(id),
            Command::ClearFaults => self.faults.clear(),
        }
        match self.log.last_mut().filter(|_| joins) {
            Some(entry) => entry.command = command,
            None => self.log.push(Entry { at, command }),
        }
        self.settle(at);
        Ok(())
    }

    /// Lets the time pass that a request takes. In a world whose log is full nothing changes any more, the clock
    /// included.
    /// Whether any had to pass.
    pub fn request_came(&mut self, real: RealTime) -> bool {
        let Some(by) = self.advance_per_request() else { return false };
        let now = self.now(real);
        let _ = self.apply(Command::RequestsCame(now.after(by)), now, real);
        true
    }

    /// Back to the start, which may be a new one: runs, counters, credits and the log are gone, the clock is at its
    /// start, ids repeat.
    pub fn reset(&mut self, origin: Origin, real: RealTime) {
        let generation = self.generation + 1;
        *self = Self { generation, ..Self::new(origin, real) };
    }

    /// The instant of the next thing that will happen by itself.
    pub fn next_due(&mut self) -> Option<VirtualTime> {
        let (catalog, extralt, llama_extract) = (&self.catalog, &self.extralt, &self.llama_extract);
        self.agenda.drop_stale(|due, event| match event {
            Event::Catalog(event) => catalog.is_stale(*event, due),
            Event::Extralt(event) => extralt.is_stale(*event, due),
            Event::LlamaExtract(event) => llama_extract.is_stale(*event, due),
        });
        let by_itself = self.agenda.next_due();
        // What is due already waits for nothing in this world.
        let attempt = self.webhooks.next_after(self.clock.shown());
        by_itself.into_iter().chain(attempt).min()
    }

    /// Counts a request. Of several equal ones each has draws of its own.
    pub fn count_request(&mut self, digest: Digest) -> Identity {
        Identity { digest, occurrence: self.requests.count(digest) }
    }

    /// Draws for a `purpose` of a request that was counted.
    pub fn request_draws(&self, purpose: &str, request: Identity) -> Draws {
        self.origin.stream.draws(purpose, request.digest, request.occurrence)
    }

    /// What goes wrong on purpose.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The same, for counting.
    pub fn faults_mut(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// Decides what goes wrong with a request. Counters like that of equal requests, so it is not logged.
    pub fn meet_faults(
        &mut self,
        subject: &RequestSubject<'_>,
        request: Identity,
        now: VirtualTime,
    ) -> Course {
        let Identity { digest, occurrence } = request;
        let stream = &self.origin.stream;
        self.faults.meet(&Met { subject, digest, occurrence, stream, now })
    }

    /// Counts a call to `path`, a path as its contract prints it.
    pub fn count_call(&mut self, path: &'static str, now: VirtualTime) {
        self.usage.count(path, now);
    }

    /// The calls so far.
    pub fn usage(&self) -> &Usage {
        &self.usage
    }

    /// Counts a request to Catalog and says where that leaves its key, or refuses to count it. A counter like that of
    /// equal requests, so it is not logged.
    pub fn admit_to_catalog(&mut self, now: VirtualTime) -> Standing {
        self.catalog_window.admit_within(self.catalog.rate_limit(), CATALOG_RATE_LIMIT, now)
    }

    /// Counts a request to Extralt, as [`Self::admit_to_catalog`] does.
    pub fn admit_to_extralt(&mut self, now: VirtualTime) -> Standing {
        self.extralt_bucket.admit_within(self.extralt.rate_limit(), EXTRALT_RATE_LIMIT, now)
    }

    /// Counts a request to LlamaExtract, as [`Self::admit_to_catalog`] does.
    pub fn admit_to_llama_extract(&mut self, now: VirtualTime) -> Standing {
        let limit = self.llama_extract.rate_limit();
        self.llama_extract_window.admit_within(limit, LLAMA_EXTRACT_RATE_LIMIT, now)
    }

    /// Changes what there is of Extralt. What happens by itself with it.
    fn change_extralt(
        &mut self,
        change: impl FnOnce(&mut extralt::state::State, &mut extralt::state::Around<'_>),
    ) -> Vec<(RunId, extralt::state::Happened)> {
        let mut happened = Vec::new();
        let Self { extralt, origin, scenario, rule_counts, agenda, .. } = self;
        let mut around = extralt::state::Around {
            stream: &origin.stream,
            rules: &scenario.runs,
            counts: rule_counts,
            agenda,
            happened: &mut happened,
        };
        change(extralt, &mut around);
        happened
    }

    fn apply_to_extralt(&mut self, command: &extralt::state::Command, at: VirtualTime) {
        // Nothing happens with a command but what it says: what follows from it becomes due at once.
        self.change_extralt(|extralt, around| extralt.apply(command, at, around));
    }

    fn follow(&mut self, scenario: &Arc<Scenario>, at: VirtualTime) {
        if let Some(account) = &scenario.account {
            for command in catalog::state::Command::settings(&account.catalog) {
                self.catalog.apply(&command, at, &mut self.agenda);
            }
            for command in extralt::state::Command::settings(&account.extralt) {
                self.apply_to_extralt(&command, at);
            }
            for command in llama_extract::state::Command::settings(&account.llama_extract) {
                self.llama_extract.apply(&command, at, &mut self.agenda);
            }
        }
        self.rule_counts = vec![0; scenario.runs.len()];
        self.faults.follow(&scenario.faults, at);
        self.scenario = Arc::clone(scenario);
        self.next_scenario = Arc::clone(scenario);
        if let Some(account) = &scenario.account {
            self.next_account = account.clone();
        }
    }
}

/// Counts one run more for each of these rules.
fn count(counts: &mut [u64], rules: &[u16]) {
    for rule in rules {
        if let Some(count) = counts.get_mut(usize::from(*rule)) {
            *count += 1;
        }
    }
}
