//! Runs that begin by themselves.

use super::super::schedule::{Pause, ScheduleId, Settings};
use super::*;
use crate::scenario::contents::extralt::{Cadence, CadenceUnit};

const HOURLY: Cadence = Cadence { every: 1, unit: CadenceUnit::Hour };

fn scheduled(account: &ExtraltAccount, budget: u64) -> (Stand, ScheduleId) {
    let (mut stand, robot) = Stand::with_robot(account);
    let (robot, _) = stand.state.find(Kind::Robot, &robot).unwrap();
    let settings = Settings {
        robot,
        cadence: HOURLY,
        name: "each hour".into(),
        start_urls: [].into(),
        budget: Some(budget),
        auto_enrich: false,
    };
    let around = Circumstances {
        stream: &stand.stream,
        rules: &[],
        counts: &[],
        digest: Digest(77),
        body: &Value::Null,
        now: stand.now,
    };
    let record = create::schedule(&stand.state, settings, &around).unwrap();
    stand.apply(&Command::Schedule(record));
    (stand, ScheduleId(0))
}

#[test]
fn a_month_of_hours_brings_every_run_and_knows_the_last() {
    let (mut stand, schedule) = scheduled(&ExtraltAccount::default(), 3);
    let begun = stand.now;
    assert_eq!(stand.state.scheduled_between(begun, begun.after(Duration::from_secs(30 * 86_400))), 720);
    stand.pass(30 * 86_400);
    let runs: Vec<RunId> = stand.runs(Kind::Run).collect();
    assert_eq!(runs.len(), 720);
    let it = stand.state.schedule(schedule).unwrap();
    assert_eq!(it.last, Some((runs[719], stand.now)));
    assert_eq!(it.next, Some(stand.now.after(Duration::from_secs(3_600))));
    let created = |number: usize| stand.state.run(runs[number]).unwrap().record.created;
    assert_eq!(created(0), begun.after(Duration::from_secs(3_600)));
    assert_eq!(created(9), begun.after(Duration::from_secs(36_000)));
}

#[test]
fn a_paused_schedule_begins_nothing_and_counts_from_when_it_is_resumed() {
    let (mut stand, schedule) = scheduled(&ExtraltAccount::default(), 3);
    stand.pass(3_000);
    stand.apply(&Command::PauseSchedule(schedule));
    assert_eq!(stand.state.schedule(schedule).unwrap().next, None);
    stand.pass(86_400);
    assert_eq!(stand.runs(Kind::Run).count(), 0);
    stand.apply(&Command::ResumeSchedule(schedule));
    stand.pass(3_599);
    assert_eq!(stand.runs(Kind::Run).count(), 0);
    stand.pass(1);
    assert_eq!(stand.runs(Kind::Run).count(), 1);
}

#[test]
fn a_schedule_pauses_without_credits_and_goes_on_with_them() {
    let account = ExtraltAccount { credits: Some(10), ..ExtraltAccount::default() };
    let (mut stand, schedule) = scheduled(&account, 2);
    stand.pass(5 * 3_600);
    let paused = stand.state.schedule(schedule).unwrap();
    assert_eq!((paused.paused, paused.next), (Some(Pause::NoCredits), None));
    // Four credits for each of two runs, and what was left for one capture of a third.
    assert_eq!(stand.runs(Kind::Run).count(), 3);
    stand.apply(&Command::Credits(Some(1_000)));
    stand.pass(3_600);
    assert_eq!(stand.runs(Kind::Run).count(), 4);
}

#[test]
fn schedules_go_with_their_robot() {
    let (mut stand, schedule) = scheduled(&ExtraltAccount::default(), 3);
    let robot = stand.state.schedule(schedule).unwrap().settings.robot;
    stand.apply(&Command::DeleteRobot(robot));
    stand.pass(86_400);
    assert_eq!((stand.runs(Kind::Run).count(), stand.state.schedules().count()), (0, 0));
}
