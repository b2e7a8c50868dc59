//! Extralt's rules, on a world that is nothing but its state.

use std::time::Duration;

use serde_json::Value;

use super::create::{self, Decision, Refusal, RunRequest};
use super::run::{Input, Kind};
use super::state::{Around, Command, Happened, State};
use super::view::{Status, View};
use crate::agenda::Agenda;
use crate::clock::{MANUAL_START, VirtualTime};
use crate::lifecycle::Action;
use crate::model::circumstances::Circumstances;
use crate::model::{Event, RunId};
use crate::scenario::account::ExtraltAccount;
use crate::scenario::run::{Refusal as Why, RunRule};
use crate::seed::{Digest, Seed, Stream};

mod credits;
mod enrichments;
mod histories;
mod schedules;

/// A world with nothing but Extralt in it, and a robot for one shop.
#[derive(Debug)]
struct Stand {
    state: State,
    agenda: Agenda<Event>,
    stream: Stream,
    rules: Vec<RunRule>,
    counts: Vec<u64>,
    happened: Vec<(RunId, Happened)>,
    now: VirtualTime,
    asked: u64,
}

impl Stand {
    fn new(account: &ExtraltAccount) -> Self {
        Self::with(account, Vec::new())
    }

    fn with(account: &ExtraltAccount, rules: Vec<RunRule>) -> Self {
        Self {
            state: State::new(account),
            agenda: Agenda::new(),
            stream: Stream::new(Seed(3), "test"),
            counts: vec![0; rules.len()],
            rules,
            happened: Vec::new(),
            now: MANUAL_START,
            asked: 0,
        }
    }

    fn with_robot(account: &ExtraltAccount) -> (Self, String) {
        let mut stand = Self::new(account);
        let robot = stand.robot("https://shop.example");
        stand.pass(30);
        (stand, robot)
    }

    /// Lets everything happen that is due by `to`, and calls `look` after each of it.
    fn pass_to(&mut self, to: VirtualTime, mut look: impl FnMut(&Self)) {
        while let Some((due, event)) = self.agenda.take_due(to) {
            self.now = self.now.max(due);
            let Event::Extralt(event) = event else { continue };
            self.change(|state, around| state.settle(event, due, around));
            if self.agenda.next_due() != Some(due) {
                look(self);
            }
        }
        self.now = to;
    }

    fn pass(&mut self, seconds: u64) {
        self.pass_to(self.now.after(Duration::from_secs(seconds)), |_| {});
    }

    fn change(&mut self, change: impl FnOnce(&mut State, &mut Around<'_>)) {
        let Self { state, agenda, stream, rules, counts, happened, .. } = self;
        change(state, &mut Around { stream, rules, counts, agenda, happened });
    }

    fn apply(&mut self, command: &Command) {
        let now = self.now;
        self.change(|state, around| state.apply(command, now, around));
        self.pass_to(now, |_| {});
    }

    /// Carries out what a request leads to.
    fn ask(
        &mut self,
        decide: impl FnOnce(&State, &Circumstances<'_>) -> Result<Decision, Refusal>,
    ) -> Result<RunId, Refusal> {
        self.asked += 1;
        let Self { state, stream, rules, counts, now, asked, .. } = &*self;
        let around =
            Circumstances { stream, rules, counts, digest: Digest(*asked), body: &Value::Null, now: *now };
        match decide(state, &around)? {
            Decision::New(record) => {
                let id = RunId(u32::try_from(self.state.len()).unwrap());
                self.apply(&Command::Create(record));
                Ok(id)
            }
            Decision::Existing(id) => Ok(id),
            Decision::Again(run, attempt) => {
                self.apply(&Command::Again { run, attempt });
                Ok(run)
            }
        }
    }

    fn robot(&mut self, url: &str) -> String {
        let id = self.ask(|state, around| create::robot(state, url, "US", around)).unwrap();
        self.state.run(id).unwrap().record.id.to_string()
    }

    fn begin(&mut self, robot: &str, budget: Option<u64>, auto_enrich: bool) -> Result<RunId, Refusal> {
        let request = RunRequest { robot: robot.into(), start_urls: Vec::new(), budget, auto_enrich };
        self.ask(|state, around| create::run(state, &request, around))
    }

    fn restart(&mut self, run: RunId, budget: Option<u64>) -> Result<RunId, Refusal> {
        let status = self.view(run).status;
        self.ask(|state, around| create::restart(state, run, budget, status, around))
    }

    fn enrich(&mut self, source: RunId, budget: Option<u64>) -> Result<RunId, Refusal> {
        self.ask(|state, around| create::enrichment(state, source, budget, around))
    }

    fn control(&mut self, run: RunId, action: Action) {
        self.apply(&Command::Control { run, action, error: None });
    }

    fn view(&self, run: RunId) -> View {
        self.state.view(run, self.now).unwrap()
    }

    fn status(&self, run: RunId) -> Status {
        self.view(run).status
    }

    fn runs(&self, kind: Kind) -> impl Iterator<Item = RunId> + '_ {
        (0..u32::try_from(self.state.len()).unwrap())
            .map(RunId)
            .filter(move |id| self.state.run(*id).unwrap().kind() == kind)
    }
}

#[test]
fn a_robot_serves_one_shop_in_one_country() {
    let (mut stand, robot) = Stand::with_robot(&ExtraltAccount::default());
    assert_eq!(stand.robot("https://www.shop.example/a"), robot);
    assert_ne!(stand.robot("https://other.example"), robot);
    let (id, _) = stand.state.find(Kind::Robot, &robot).unwrap();
    stand.apply(&Command::DeleteRobot(id));
    assert_ne!(stand.robot("https://shop.example"), robot, "the deleted one is gone");
}

#[test]
fn a_failed_build_leaves_no_robot() {
    let mut stand = Stand::new(&ExtraltAccount::default());
    let robot = stand.robot("https://unsupported.test");
    stand.pass(30);
    let (id, run) = stand.state.find(Kind::Robot, &robot).unwrap();
    assert_eq!(run.record.input.kind(), Kind::Robot);
    assert_eq!(stand.status(id), Status::Failed);
    assert_eq!(stand.begin(&robot, None, false), Err(Refusal::NotBuilt));
    assert_ne!(stand.robot("https://unsupported.test"), robot);
}

#[test]
fn a_rule_says_why_a_robot_is_not_built() {
    let text = "version: 1\nruns:\n  - match: { kind: robot-build, host: closed.example }\n    \
                outcome: { failed: { refusal: needs_scale } }\n  - match: { kind: robot-build }\n    \
                outcome: completed\n";
    let rules = crate::scenario::parse("rules", text).unwrap().runs;
    let mut stand = Stand::with(&ExtraltAccount::default(), rules);
    let mut built = |url| {
        let robot = stand.robot(url);
        stand.pass(30);
        let (id, run) = stand.state.find(Kind::Robot, &robot).unwrap();
        let Input::Robot { refusal, .. } = &run.record.input else { panic!("a robot was asked for") };
        (*refusal, stand.status(id))
    };
    assert_eq!(built("https://closed.example"), (Some(Why::NeedsScale), Status::Failed));
    assert_eq!(built("https://unsupported.test"), (None, Status::Completed));
}

#[test]
fn a_run_of_a_robot_that_is_not_there_is_refused() {
    let (mut stand, robot) = Stand::with_robot(&ExtraltAccount::default());
    assert_eq!(stand.begin("nothing", None, false), Err(Refusal::Unknown("robot")));
    let elsewhere = RunRequest {
        robot: robot.as_str().into(),
        start_urls: vec!["https://www.shop.example/a".into(), "https://else.example/".into()],
        budget: None,
        auto_enrich: false,
    };
    let refused = stand.ask(|state, around| create::run(state, &elsewhere, around));
    assert!(matches!(refused, Err(Refusal::ForeignAddress { url, .. }) if &*url == "https://else.example/"));
}

#[test]
fn a_restart_begins_again_with_the_same_id_and_another_budget() {
    let (mut stand, robot) = Stand::with_robot(&ExtraltAccount::default());
    let run = stand.begin(&robot, Some(9), false).unwrap();
    stand.pass(60);
    let over = stand.view(run);
    assert_eq!(
        (over.status, over.done, over.reason.as_deref()),
        (Status::Completed, 9, Some("Budget reached"))
    );
    assert!(over.duration_ms.is_some());
    stand.restart(run, Some(4)).unwrap();
    let again = stand.view(run);
    assert_eq!((again.status, again.done, again.started), (Status::Restarting, 0, None));
    assert!(matches!(stand.restart(run, None), Err(Refusal::State(Status::Restarting))));
    stand.pass(60);
    assert_eq!((stand.status(run), stand.view(run).done), (Status::Completed, 4));
    stand.restart(run, None).unwrap();
    stand.pass(60);
    assert_eq!(stand.view(run).done, 4, "a restart without a budget keeps the one before");
    let ended = |(id, what): &&(RunId, Happened)| *id == run && *what != Happened::Began;
    assert_eq!(stand.happened.iter().filter(ended).count(), 3);
}

#[test]
fn a_run_passes_through_all_its_states() {
    let (mut stand, robot) = Stand::with_robot(&ExtraltAccount::default());
    let run = stand.begin(&robot, Some(20), false).unwrap();
    let mut seen = vec![stand.status(run)];
    while !stand.status(run).is_terminal() {
        stand.pass_to(stand.now.after(Duration::from_millis(100)), |_| {});
        if seen.last() != Some(&stand.status(run)) {
            seen.push(stand.status(run));
        }
    }
    let all = [Status::Pending, Status::Starting, Status::Running, Status::Finalizing, Status::Completed];
    assert_eq!(seen, all);
}

#[test]
fn what_a_deleted_robot_had_not_begun_fails_and_what_it_had_goes_on() {
    let account = ExtraltAccount { plan: crate::scenario::account::Plan::Start, ..ExtraltAccount::default() };
    let (mut stand, robot) = Stand::with_robot(&account);
    let [first, second] = [(); 2].map(|()| stand.begin(&robot, Some(9), false).unwrap());
    stand.pass(2);
    let (id, _) = stand.state.find(Kind::Robot, &robot).unwrap();
    stand.apply(&Command::DeleteRobot(id));
    assert_eq!(stand.status(first), Status::Starting);
    let failed = stand.view(second);
    assert_eq!((failed.status, failed.reason.as_deref()), (Status::Failed, Some("Robot deleted")));
    stand.pass(60);
    assert_eq!(stand.status(first), Status::Completed);
    assert_eq!(stand.restart(first, None), Err(Refusal::RobotGone));
}
