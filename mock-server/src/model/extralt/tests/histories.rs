//! What is true of every history of runs that compete for places.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::scenario::account::Plan;

#[derive(Debug, Clone)]
enum Step {
    Create(u64),
    Stop(usize),
    Restart(usize),
    DeleteRobot,
    Robot,
    Pass(u64),
}

fn any_history() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..60_u64).prop_map(Step::Create),
        2 => any::<prop::sample::Index>().prop_map(|index| Step::Stop(index.index(1_000))),
        2 => any::<prop::sample::Index>().prop_map(|index| Step::Restart(index.index(1_000))),
        1 => Just(Step::Robot),
        1 => Just(Step::DeleteRobot),
        5 => prop_oneof![0..2_000_u64, 0..40_000_u64].prop_map(Step::Pass),
    ];
    prop::collection::vec(step, 1..40)
}

/// What was seen of the runs that wait.
#[derive(Debug, Default)]
struct Watch {
    /// Which attempt began after how many others.
    begun: HashMap<(RunId, u32), usize>,
    /// Since when each attempt was ready, as it was first seen, and its turn among those of that instant.
    ready: HashMap<(RunId, u32), (VirtualTime, usize)>,
    /// The attempts that got a place, in order.
    given: Vec<(RunId, u32)>,
}

impl Watch {
    /// Notes that an attempt has begun.
    fn note(&mut self, stand: &Stand, run: RunId) {
        self.begun.insert((run, stand.state.run(run).unwrap().restarts), self.begun.len());
    }

    fn look(&mut self, stand: &Stand) {
        let at_work = stand.runs(Kind::Run).filter(|run| stand.status(*run).holds_place());
        let at_work: Vec<RunId> = at_work.collect();
        assert!(at_work.len() <= 1, "{at_work:?} are at work at {:?}", stand.now);
        let holders: Vec<RunId> = stand.state.at_work().collect();
        assert_eq!(holders, at_work, "who holds a place is at work");
        for run in at_work {
            let attempt = (run, stand.state.run(run).unwrap().restarts);
            if self.given.last() != Some(&attempt) {
                self.given.push(attempt);
                let turn = self.ready.get(&attempt).copied().unwrap_or((stand.now, self.begun[&attempt]));
                let waits = |(other, before): (&(RunId, u32), &(VirtualTime, usize))| {
                    *before < turn && is_ready(stand, *other)
                };
                assert!(!self.ready.iter().any(waits), "{attempt:?} went before its turn");
            }
        }
        for run in stand.runs(Kind::Run).collect::<Vec<_>>() {
            let attempt = (run, stand.state.run(run).unwrap().restarts);
            if is_ready(stand, attempt) {
                assert!(!holders.is_empty(), "{attempt:?} waits while the place is free");
                self.ready.entry(attempt).or_insert((stand.now, self.begun[&attempt]));
            }
        }
    }
}

/// Whether an attempt waits for its place.
fn is_ready(stand: &Stand, (run, restarts): (RunId, u32)) -> bool {
    let it = stand.state.run(run).unwrap();
    it.restarts == restarts && stand.view(run).observation.stage == crate::lifecycle::Stage::Waiting
}

fn play(history: &[Step]) -> Stand {
    let account = ExtraltAccount { plan: Plan::Start, ..ExtraltAccount::default() };
    let (mut stand, mut robot) = Stand::with_robot(&account);
    let mut watch = Watch::default();
    for step in history {
        let runs: Vec<RunId> = stand.runs(Kind::Run).collect();
        let chosen = |index: usize| runs.get(index % runs.len().max(1)).copied();
        match step {
            Step::Create(budget) => {
                let begun = stand.begin(&robot, (*budget > 0).then_some(*budget), false);
                begun.into_iter().for_each(|run| watch.note(&stand, run));
            }
            Step::Stop(index) => {
                if let Some(run) = chosen(*index).filter(|run| !stand.status(*run).is_terminal()) {
                    stand.control(run, Action::Cancel);
                }
            }
            Step::Restart(index) => {
                if let Some(run) = chosen(*index) {
                    stand.restart(run, None).into_iter().for_each(|run| watch.note(&stand, run));
                }
            }
            Step::DeleteRobot => {
                if let Some((id, _)) = stand.state.find(Kind::Robot, &robot) {
                    stand.apply(&Command::DeleteRobot(id));
                }
            }
            Step::Robot => robot = stand.robot("https://shop.example"),
            Step::Pass(millis) => {
                let to = stand.now.after(Duration::from_millis(*millis));
                stand.pass_to(to, |stand| watch.look(stand));
            }
        }
        watch.look(&stand);
    }
    let to = stand.now.after(Duration::from_secs(100_000));
    stand.pass_to(to, |stand| watch.look(stand));
    stand
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn one_run_at_a_time_first_come_first_served_and_no_idle_place(history in any_history()) {
        let stand = play(&history);
        for run in stand.runs(Kind::Run) {
            prop_assert!(stand.status(run).is_terminal(), "{:?} never ended", run);
        }
    }
}

#[test]
fn the_next_run_starts_at_the_instant_the_first_is_stopped() {
    let account = ExtraltAccount { plan: Plan::Start, ..ExtraltAccount::default() };
    let (mut stand, robot) = Stand::with_robot(&account);
    let runs = [(); 3].map(|()| stand.begin(&robot, None, false).unwrap());
    stand.pass(10);
    let statuses = |stand: &Stand| runs.map(|run| stand.status(run));
    assert_eq!(statuses(&stand), [Status::Running, Status::Pending, Status::Pending]);
    stand.control(runs[0], Action::Cancel);
    assert_eq!(statuses(&stand), [Status::Stopped, Status::Starting, Status::Pending]);
    stand.apply(&Command::Plan(Plan::Scale));
    assert_eq!(statuses(&stand), [Status::Stopped, Status::Starting, Status::Starting]);
}
