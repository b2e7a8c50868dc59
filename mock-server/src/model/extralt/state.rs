//! Extralt in one world: its robots, runs, enrichments, imports and schedules, and how they affect each other. Changed
//! only through [`State::apply`], [`State::settle`] and, before it begins, [`State::begin_with`] and [`State::open`].

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::agenda::Agenda;
use crate::clock::VirtualTime;
use crate::lifecycle::{self, Action, Control, End, Stage, observe};
use crate::model::extralt::create;
use crate::model::extralt::ledger::Ledger;
use crate::model::extralt::places::{Places, Waiting};
use crate::model::extralt::run::{Attempt, Input, Kind, Record, Run};
use crate::model::extralt::schedule::{Pause, Schedule, ScheduleId, ScheduleRecord, Settings};
use crate::model::extralt::view::{Status, view};
use crate::model::run_set::RunSet;
use crate::model::{self, RunId};
use crate::scenario::account::{ExtraltAccount, Plan, TokenBucket};
use crate::scenario::run::RunRule;
use crate::seed::{Digest, Stream};

mod beginning;
mod reads;
mod robots;
mod schedules;

/// The most runs of all kinds that a world keeps; a create beyond it is refused.
pub const RUNS_MAX: usize = 4_000_000;

/// How many bytes of clients' inputs (addresses, files) a world keeps; a create beyond it is refused.
pub const INPUT_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// The least balance with which a run may begin: the price of one capture.
pub const RUN_CREDITS_MIN: u64 = 2;

/// A change that has been decided and accepted. The world's log is made of these.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// A run of any kind is created.
    Create(Arc<Record>),
    /// A run begins again, or an enrichment goes on.
    Again {
        /// Which.
        run: RunId,
        /// How.
        attempt: Arc<Attempt>,
    },
    /// Something is done to a run.
    Control {
        /// Which.
        run: RunId,
        /// What.
        action: Action,
        /// Why, with [`Action::Fail`].
        error: Option<Box<str>>,
    },
    /// A robot is deleted.
    DeleteRobot(RunId),
    /// A schedule is created.
    Schedule(Arc<ScheduleRecord>),
    /// A schedule gets other settings.
    ChangeSchedule(ScheduleId, Box<Settings>),
    /// A schedule begins no more runs until it is resumed.
    PauseSchedule(ScheduleId),
    /// A schedule begins runs again.
    ResumeSchedule(ScheduleId),
    /// A schedule is deleted.
    DeleteSchedule(ScheduleId),
    /// The account has this many credits from now on; `None` means they never run out.
    Credits(Option<u64>),
    /// The account has another plan from now on.
    Plan(Plan),
    /// So many requests are answered from now on; `None` means every one.
    RateLimit(Option<TokenBucket>),
}

/// Something that becomes due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The run is ready and waits for a place, unless something was done to it in the meantime.
    Ready(Waiting),
    /// The run ends, unless something was done to it in the meantime.
    Ends(RunId),
    /// The credits run out, unless something came in between.
    Dry,
    /// The schedule begins a run, unless it was changed in the meantime.
    Due(ScheduleId),
}

/// What happens to a run by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// It began.
    Began,
    /// It ended in this state.
    Ended(Status),
}

/// What surrounds a change: what it draws from, what it counts, and what it leads to.
#[derive(Debug)]
pub struct Around<'a> {
    /// The draws of this world.
    pub stream: &'a Stream,
    /// The scenario's rules for runs.
    pub rules: &'a [RunRule],
    /// How many runs have met each rule's conditions so far.
    pub counts: &'a mut [u64],
    /// What becomes due.
    pub agenda: &'a mut Agenda<model::Event>,
    /// Takes what happens to runs by itself, in order.
    pub happened: &'a mut Vec<(RunId, Happened)>,
}

/// Extralt in one world.
#[derive(Debug, Default, PartialEq)]
pub struct State {
    runs: Vec<Run>,
    by_id: HashMap<Arc<str>, RunId>,
    by_build: HashMap<Arc<str>, RunId>,
    /// Those that clients see, by kind.
    seen: [RunSet; 4],
    /// Those that have not ended, by kind.
    live: [RunSet; 4],
    /// The robots that have been built.
    built: RunSet,
    /// The robot of a shop that is built or being built, by host and country.
    robots: HashMap<(Arc<str>, Arc<str>), RunId>,
    /// The endings of each kind, in order. A run that was restarted since has another.
    endings: [Vec<(VirtualTime, RunId)>; 4],
    /// The runs that were to be enriched and could not be, and when.
    not_enriched: Vec<(VirtualTime, RunId)>,
    /// The enrichments of a run or an import, the latest last.
    enriched: HashMap<RunId, Vec<RunId>>,
    schedules: Vec<Schedule>,
    schedule_ids: HashMap<Arc<str>, ScheduleId>,
    plan: Plan,
    places: Places,
    ledger: Ledger,
    rate_limit: Option<TokenBucket>,
    created: HashMap<Digest, u64>,
    /// The ids that the scenario gives to what a world begins with.
    pinned: HashSet<Arc<str>>,
    input_bytes: u64,
}

impl Command {
    /// What gives an account these settings, whatever it had before.
    pub fn settings(account: &ExtraltAccount) -> [Self; 3] {
        let ExtraltAccount { plan, credits, rate_limit } = *account;
        [Self::Plan(plan), Self::Credits(credits), Self::RateLimit(rate_limit)]
    }
}

impl State {
    /// The state of an account that has just been opened.
    pub fn new(account: &ExtraltAccount) -> Self {
        let ExtraltAccount { plan, credits, rate_limit } = *account;
        Self { plan, places: Places::of(plan), ledger: Ledger::new(credits), rate_limit, ..Self::default() }
    }

    /// Carries out a command that has been accepted.
    pub fn apply(&mut self, command: &Command, at: VirtualTime, around: &mut Around<'_>) {
        match command {
            Command::Create(record) => self.add(record, around),
            Command::Again { run, attempt } => self.again(*run, attempt, around),
            Command::Control { run, action, error } => {
                self.control(*run, *action, error.clone(), at, around);
            }
            Command::DeleteRobot(robot) => self.delete_robot(*robot, at, around),
            Command::Schedule(record) => self.add_schedule(record, around),
            Command::ChangeSchedule(id, settings) => {
                self.change_schedule(*id, around, |schedule| schedule.change((**settings).clone(), at));
            }
            Command::PauseSchedule(id) => {
                self.change_schedule(*id, around, |schedule| schedule.pause(Pause::User, at));
            }
            Command::ResumeSchedule(id) => {
                self.change_schedule(*id, around, |schedule| schedule.resume(at));
            }
            Command::DeleteSchedule(id) => {
                self.change_schedule(*id, around, |schedule| schedule.delete(at));
            }
            Command::Credits(credits) => self.set_credits(*credits, at, around),
            Command::Plan(plan) => {
                self.plan = *plan;
                self.places.change(*plan);
                self.give_places(at, around);
            }
            Command::RateLimit(limit) => self.rate_limit = *limit,
        }
        self.foresee(at, around);
    }

    /// Lets an event happen that is due at `at`.
    pub fn settle(&mut self, event: Event, at: VirtualTime, around: &mut Around<'_>) {
        match event {
            Event::Ready(waiting) => {
                if self.is_waiting(waiting, at) {
                    self.places.wait(waiting);
                    self.give_places(at, around);
                }
            }
            Event::Ends(run) => self.end(run, at, around),
            Event::Dry if self.ledger.is_dry_at(at) => {
                for exhausted in self.ledger.exhausted(&self.runs, at) {
                    if let Some(run) = self.runs.get_mut(exhausted.run.0 as usize) {
                        run.paid = Some(exhausted.paid);
                    }
                    self.control(exhausted.run, Action::Exhaust, None, at, around);
                }
            }
            Event::Dry => return,
            Event::Due(schedule) => self.schedule_due(schedule, at, around),
        }
        self.foresee(at, around);
    }

    /// Whether an event no longer means anything.
    pub fn is_stale(&self, event: Event, due: VirtualTime) -> bool {
        let ends_otherwise =
            |run: RunId, when: fn(&lifecycle::Plan, &[Control]) -> Option<std::time::Duration>| {
                self.run(run).is_none_or(|run| {
                    when(&run.attempt.plan, &run.controls).map(|at| run.attempt.begun.after(at)) != Some(due)
                })
            };
        match event {
            Event::Ready(waiting) => ends_otherwise(waiting.run, lifecycle::queues),
            Event::Ends(run) => ends_otherwise(run, lifecycle::ends) || !self.is_live(run),
            Event::Dry => !self.ledger.is_dry_at(due),
            Event::Due(schedule) => self.schedule(schedule).is_none_or(|schedule| schedule.next != Some(due)),
        }
    }

    fn add(&mut self, record: &Arc<Record>, around: &mut Around<'_>) {
        // Bounded by `has_room` when the command was decided.
        let Ok(number) = u32::try_from(self.runs.len()) else { return };
        let id = RunId(number);
        let kind = record.input.kind();
        self.input_bytes += record.input.bytes();
        self.by_id.insert(Arc::clone(&record.id), id);
        self.seen[kind as usize].insert(id);
        self.runs.push(Run::new(record));
        match &record.input {
            Input::Robot { build, host, country, .. } => {
                self.by_build.insert(Arc::clone(build), id);
                self.robots.insert((create::shop(host), Arc::clone(country)), id);
            }
            Input::Run { robot, .. } => {
                if let Some(robot) = self.runs.get_mut(robot.0 as usize) {
                    robot.runs += 1;
                }
            }
            Input::Enrichment { source, .. } => self.enriched.entry(*source).or_default().push(id),
            Input::Import { .. } => {}
        }
        self.begin(id, &record.first, around);
    }

    /// Adds a run that nobody asked for.
    fn add_by_itself(&mut self, record: &Arc<Record>, around: &mut Around<'_>) -> RunId {
        let run = RunId(u32::try_from(self.runs.len()).unwrap_or(u32::MAX));
        self.add(record, around);
        around.happened.push((run, Happened::Began));
        run
    }

    fn again(&mut self, id: RunId, attempt: &Arc<Attempt>, around: &mut Around<'_>) {
        let Some(run) = self.runs.get_mut(id.0 as usize) else { return };
        run.attempt = Arc::clone(attempt);
        run.restarts += 1;
        run.controls.clear();
        (run.paid, run.error) = (None, None);
        self.begin(id, attempt, around);
    }

    /// An attempt begins.
    fn begin(&mut self, id: RunId, attempt: &Attempt, around: &mut Around<'_>) {
        let Some(kind) = self.run(id).map(Run::kind) else { return };
        *self.created.entry(attempt.digest).or_default() += 1;
        for rule in &attempt.rules {
            if let Some(count) = around.counts.get_mut(usize::from(*rule)) {
                *count += 1;
            }
        }
        self.live[kind as usize].insert(id);
        if kind.price() > 0 {
            self.ledger.begin(id);
        }
        self.plan_ahead(id, attempt.begun, around);
    }

    fn control(
        &mut self,
        id: RunId,
        action: Action,
        error: Option<Box<str>>,
        at: VirtualTime,
        around: &mut Around<'_>,
    ) {
        let Some(run) = self.runs.get_mut(id.0 as usize) else { return };
        run.controls.push(Control { at: at.since(run.attempt.begun), action });
        if error.is_some() {
            run.error = error;
        }
        if run.kind() == Kind::Run && view(run, at).status.holds_place() {
            self.places.take(id);
        }
        self.plan_ahead(id, at, around);
    }

    /// Notes when something will happen to a run by itself.
    fn plan_ahead(&self, id: RunId, at: VirtualTime, around: &mut Around<'_>) {
        let Some(run) = self.run(id) else { return };
        let Attempt { begun, plan, .. } = &*run.attempt;
        if let Some(end) = lifecycle::ends(plan, &run.controls) {
            around.agenda.add(begun.after(end), Event::Ends(id).into());
        } else if let Some(ready) = lifecycle::queues(plan, &run.controls).map(|ready| begun.after(ready))
            && ready >= at
        {
            let waiting = Waiting { run: id, restarts: run.restarts };
            around.agenda.add(ready, Event::Ready(waiting).into());
        }
    }

    fn end(&mut self, id: RunId, at: VirtualTime, around: &mut Around<'_>) {
        let Some(run) = self.run(id).filter(|_| self.is_live(id)) else { return };
        let elapsed = at.since(run.attempt.begun);
        let Stage::Ended(end) = observe(&run.attempt.plan, &run.controls, elapsed).stage else { return };
        let (kind, status, record) = (run.kind(), view(run, at).status, Arc::clone(&run.record));
        self.live[kind as usize].remove(id);
        self.endings[kind as usize].push((at, id));
        around.happened.push((id, Happened::Ended(status)));
        self.ledger.end(id, &self.runs, at);
        let well = matches!(end, End::Completed | End::Exhausted);
        match &record.input {
            Input::Robot { .. } if self.runs[id.0 as usize].deleted => {}
            Input::Robot { .. } if well => drop(self.built.insert(id)),
            Input::Robot { host, country, .. } => {
                self.robots.remove(&(create::shop(host), Arc::clone(country)));
            }
            Input::Run { auto_enrich, .. } => {
                self.places.leave(id);
                self.give_places(at, around);
                if *auto_enrich && well {
                    match create::enriched(self, id, at, around) {
                        Some(record) => drop(self.add_by_itself(&record, around)),
                        None => self.not_enriched.push((at, id)),
                    }
                }
            }
            Input::Enrichment { .. } | Input::Import { .. } => {}
        }
    }

    fn give_places(&mut self, at: VirtualTime, around: &mut Around<'_>) {
        loop {
            let mut places = std::mem::take(&mut self.places);
            let next = places.give(|waiting| self.is_waiting(waiting, at));
            self.places = places;
            let Some(next) = next else { return };
            self.control(next, Action::Release, None, at, around);
        }
    }

    fn foresee(&mut self, at: VirtualTime, around: &mut Around<'_>) {
        if let Some(dry) = self.ledger.foresee(&self.runs, at) {
            around.agenda.add(dry, Event::Dry.into());
        }
    }

    /// Whether this attempt of a run is ready and has no place.
    fn is_waiting(&self, waiting: Waiting, at: VirtualTime) -> bool {
        self.run(waiting.run).filter(|run| run.restarts == waiting.restarts).is_some_and(|run| {
            observe(&run.attempt.plan, &run.controls, at.since(run.attempt.begun)).stage == Stage::Waiting
        })
    }
}
