//! What is true of every run, whatever its plan and whatever is done to it.

use proptest::prelude::*;

use super::*;

const MINUTE: u64 = 60_000_000;
/// Longer than any generated plan takes.
const LATE: Duration = Duration::from_secs(1_000_000);
const MOMENT: Duration = Duration::from_micros(1);

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn plan(ending: Ending) -> Plan {
    Plan::plain(Gate::Open, seconds(2), seconds(10), ending)
}

fn control(at: u64, action: Action) -> Control {
    Control { at: seconds(at), action }
}

/// Durations of all sizes, with those that coincide with others more often than chance would have it.
fn any_duration() -> impl Strategy<Value = Duration> {
    prop_oneof![Just(0), 0..10_u64, 0..10_u64, 0..MINUTE, Just(MINUTE)].prop_map(Duration::from_micros)
}

fn any_fraction() -> impl Strategy<Value = Fraction> {
    prop_oneof![Just(Fraction::ZERO), Just(Fraction::ONE), (0..=1_000_000_u32).prop_map(Fraction::from_ppm)]
}

fn any_phase() -> impl Strategy<Value = Phase> {
    prop_oneof![
        Just(Phase::Pending),
        Just(Phase::Starting),
        Just(Phase::Throttled),
        Just(Phase::Running),
        Just(Phase::Finalizing)
    ]
}

fn any_gate() -> impl Strategy<Value = Gate> {
    prop_oneof![Just(Gate::Open), Just(Gate::Run), Just(Gate::Slot)]
}

fn any_stuck() -> impl Strategy<Value = Ending> {
    (any_phase(), any_fraction()).prop_map(|(phase, at)| Ending::Stuck(phase, at))
}

fn any_ending() -> impl Strategy<Value = Ending> {
    prop_oneof![Just(Ending::Completed), any_fraction().prop_map(Ending::FailedAt), any_stuck()]
}

fn any_plan(ending: impl Strategy<Value = Ending>) -> impl Strategy<Value = Plan> {
    let ready = (any_duration(), any_duration(), any_duration());
    let work = (any_duration(), any_duration());
    (any_gate(), ready, work, ending).prop_map(|(gate, ready, (running, finalizing), ending)| {
        let (pending, starting, throttled) = ready;
        Plan { gate, pending, starting, throttled, running, finalizing, ending }
    })
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        Just(Action::Cancel),
        Just(Action::Exhaust),
        Just(Action::Release),
        Just(Action::Abandon),
        Just(Action::Complete),
        Just(Action::Fail),
        Just(Action::Stick),
        Just(Action::Unstick),
        any_fraction().prop_map(Action::Advance),
    ]
}

fn controls_of(action: impl Strategy<Value = Action>) -> impl Strategy<Value = Vec<Control>> {
    let control = (any_duration(), action).prop_map(|(at, action)| Control { at, action });
    proptest::collection::vec(control, 0..6).prop_map(|mut controls| {
        controls.sort_by_key(|control| control.at);
        controls
    })
}

fn any_controls() -> impl Strategy<Value = Vec<Control>> {
    controls_of(any_action())
}

/// A plan with what is done to it.
fn any_run() -> impl Strategy<Value = (Plan, Vec<Control>)> {
    (any_plan(any_ending()), any_controls())
}

fn has_ended(observation: &Observation) -> bool {
    matches!(observation.stage, Stage::Ended(_))
}

#[test]
fn a_run_that_nobody_touches_follows_its_plan() {
    let plan = plan(Ending::Completed);
    let at = |elapsed| observe(&plan, &[], elapsed);
    assert_eq!(at(seconds(1)).stage, Stage::Active(Phase::Pending));
    assert_eq!(at(seconds(2)).stage, Stage::Active(Phase::Running));
    assert_eq!(at(seconds(7)).work, Fraction::from_ppm(500_000));
    let over = Observation {
        stage: Stage::Ended(End::Completed),
        work: Fraction::ONE,
        worked: seconds(10),
        started: Some(seconds(2)),
        ended: Some(seconds(12)),
    };
    assert_eq!(at(seconds(12)), over);
    assert_eq!(at(LATE), over);
}

#[test]
fn a_failed_run_keeps_the_work_it_had_done() {
    let plan = plan(Ending::FailedAt(Fraction::from_ppm(300_000)));
    let over = observe(&plan, &[], LATE);
    assert_eq!((over.stage, over.work), (Stage::Ended(End::Failed), Fraction::from_ppm(300_000)));
    assert_eq!(over.ended, Some(seconds(5)));
}

#[test]
fn a_held_run_goes_on_from_where_it_was() {
    let plan = plan(Ending::Completed);
    let controls = [control(7, Action::Stick), control(100, Action::Unstick)];
    assert_eq!(observe(&plan, &controls, seconds(99)).work, Fraction::from_ppm(500_000));
    assert_eq!(ends(&plan, &controls), Some(seconds(105)));
}

#[test]
fn a_released_run_goes_to_work_at_once() {
    let plan = Plan { gate: Gate::Run, ..plan(Ending::Completed) };
    assert_eq!(observe(&plan, &[], LATE).stage, Stage::Waiting);
    let released = [control(40, Action::Release)];
    assert_eq!(observe(&plan, &released, LATE).started, Some(seconds(40)));
    assert_eq!(ends(&plan, &released), Some(seconds(50)));
}

#[test]
fn a_run_that_waited_and_is_planned_to_stay_pending_does_so_when_released() {
    let plan = Plan { gate: Gate::Run, ..plan(Ending::Stuck(Phase::Pending, Fraction::ONE)) };
    let released = [control(40, Action::Release)];
    assert_eq!(observe(&plan, &released, LATE).stage, Stage::Active(Phase::Pending));
    let freed = [control(40, Action::Release), control(50, Action::Unstick)];
    assert_eq!(observe(&plan, &freed, LATE).stage, Stage::Ended(End::Completed));
}

proptest! {
    #[test]
    fn a_run_ends_when_it_is_said_to((plan, controls) in any_run()) {
        let Some(end) = ends(&plan, &controls) else {
            prop_assert!(!has_ended(&observe(&plan, &controls, LATE)));
            return Ok(());
        };
        let over = observe(&plan, &controls, end);
        prop_assert!(has_ended(&over));
        prop_assert_eq!(over.ended, Some(end));
        if let Some(before) = end.checked_sub(MOMENT) {
            prop_assert!(!has_ended(&observe(&plan, &controls, before)));
        }
    }

    #[test]
    fn a_run_that_has_ended_stays_as_it_is((plan, controls) in any_run(), later in any_duration()) {
        if let Some(end) = ends(&plan, &controls) {
            prop_assert_eq!(observe(&plan, &controls, end + later), observe(&plan, &controls, end));
        }
    }

    #[test]
    fn a_control_does_not_count_before_its_time((plan, controls) in any_run(), elapsed in any_duration()) {
        let so_far: Vec<Control> = controls.iter().copied().filter(|control| control.at <= elapsed).collect();
        prop_assert_eq!(observe(&plan, &controls, elapsed), observe(&plan, &so_far, elapsed));
    }

    #[test]
    fn a_control_after_the_end_changes_nothing(
        (plan, mut controls) in any_run(),
        action in any_action(),
        after in any_duration(),
        elapsed in any_duration(),
    ) {
        let Some(end) = ends(&plan, &controls) else { return Ok(()) };
        let before = observe(&plan, &controls, elapsed);
        let last = controls.last().map_or(end, |last| last.at.max(end));
        controls.push(Control { at: last + after, action });
        prop_assert_eq!(observe(&plan, &controls, elapsed), before);
        prop_assert_eq!(observe(&plan, &controls, LATE).ended, Some(end));
        prop_assert_eq!(ends(&plan, &controls), Some(end));
    }

    #[test]
    fn a_stuck_run_never_ends_by_itself(
        plan in any_plan(any_stuck()),
        controls in controls_of(prop_oneof![Just(Action::Release), Just(Action::Stick)]),
    ) {
        prop_assert_eq!(ends(&plan, &controls), None);
        let late = observe(&plan, &controls, LATE);
        prop_assert_eq!(observe(&plan, &controls, LATE * 2), late);
        match (late.stage, plan.ending) {
            (Stage::Active(Phase::Running), Ending::Stuck(Phase::Running, at)) => prop_assert!(late.work <= at),
            (Stage::Active(Phase::Finalizing), Ending::Stuck(Phase::Finalizing, _)) => {
                prop_assert_eq!(late.work, Fraction::ONE);
            }
            (Stage::Active(phase @ (Phase::Pending | Phase::Starting | Phase::Throttled)), _) => {
                prop_assert_eq!((late.work, late.started), (Fraction::ZERO, None));
                let stuck = matches!(plan.ending, Ending::Stuck(stuck, _) if stuck == phase);
                prop_assert!(stuck || controls.iter().any(|control| control.action == Action::Stick));
            }
            (Stage::Active(_), _) => {
                prop_assert!(controls.iter().any(|control| control.action == Action::Stick));
            }
            (stage, _) => prop_assert_eq!(stage, Stage::Waiting),
        }
    }

    #[test]
    fn a_failure_comes_at_its_point((plan, at) in any_fraction().prop_flat_map(|at| {
        (any_plan(Just(Ending::FailedAt(at))), Just(at))
    })) {
        let over = observe(&Plan { gate: Gate::Open, ..plan }, &[], LATE);
        prop_assert_eq!(over.stage, Stage::Ended(End::Failed));
        prop_assert!(over.work <= at);
        let lost = at.of_duration(plan.running).saturating_sub(over.work.of_duration(plan.running));
        // Rounded down twice: to a microsecond, and to a part per million.
        prop_assert!(lost <= plan.running / 1_000_000 + MOMENT * 2, "{:?} instead of {at:?}", over.work);
    }

    #[test]
    fn a_held_run_stands_still((plan, controls) in any_run(), later in any_duration()) {
        let at = controls.last().map_or(Duration::ZERO, |last| last.at);
        let held = [&*controls, &[Control { at, action: Action::Stick }]].concat();
        prop_assert_eq!(observe(&plan, &held, at + later), observe(&plan, &held, at));
        prop_assert_eq!(ends(&plan, &held), ends(&plan, &controls).filter(|end| *end <= at));
    }

    #[test]
    fn an_advance_never_takes_work_away((plan, controls) in any_run(), to in any_fraction(), later in any_duration()) {
        let at = controls.last().map_or(Duration::ZERO, |last| last.at);
        let advanced = [&*controls, &[Control { at, action: Action::Advance(to) }]].concat();
        let before = observe(&plan, &controls, at);
        let after = observe(&plan, &advanced, at);
        prop_assert!(after.work >= before.work);
        prop_assert!(observe(&plan, &advanced, at + later).work >= after.work);
        if !has_ended(&after) {
            // Rounded down twice: to a microsecond, and to a part per million of so many of them.
            let coarse = plan.running.as_micros().max(1);
            let lost = u32::try_from(1_000_000_u128.div_ceil(coarse)).unwrap() + 1;
            prop_assert!(after.work.ppm() + lost >= to.ppm(), "{} < {}", after.work.ppm(), to.ppm());
        }
    }

    #[test]
    fn time_only_adds((plan, controls) in any_run(), one in any_duration(), other in any_duration()) {
        let (early, late) = (one.min(other), one.max(other));
        let before = observe(&plan, &controls, early);
        let after = observe(&plan, &controls, late);
        prop_assert!(before.work <= after.work);
        prop_assert!(before.started.is_none() || before.started == after.started);
        prop_assert!(before.ended.is_none() || before == after);
        prop_assert!(before.worked <= after.worked);
        let phases = [before, after].map(|observation| match observation.stage {
            Stage::Waiting if plan.gate == Gate::Run => 0,
            Stage::Active(Phase::Pending) => 1,
            Stage::Waiting => 2,
            Stage::Active(Phase::Starting) => 3,
            Stage::Active(Phase::Throttled) => 4,
            Stage::Active(Phase::Running) => 5,
            Stage::Active(Phase::Finalizing) => 6,
            Stage::Ended(_) => 7,
        });
        prop_assert!(phases[0] <= phases[1]);
    }

    #[test]
    fn an_observation_agrees_with_itself((plan, controls) in any_run(), elapsed in any_duration()) {
        let seen = observe(&plan, &controls, elapsed);
        prop_assert!(seen.started.is_none_or(|started| started <= seen.ended.unwrap_or(elapsed)));
        prop_assert!(seen.ended.is_none_or(|ended| ended <= elapsed));
        prop_assert_eq!(seen.ended.is_some(), has_ended(&seen));
        prop_assert!(seen.started.is_some() || seen.work == Fraction::ZERO);
        prop_assert!(seen.worked <= plan.running);
        match seen.stage {
            Stage::Waiting | Stage::Active(Phase::Pending | Phase::Starting | Phase::Throttled) => {
                prop_assert!(seen.started.is_none());
            }
            Stage::Active(Phase::Running | Phase::Finalizing) => prop_assert!(seen.started.is_some()),
            Stage::Ended(End::Completed) => prop_assert!(seen.started.is_some() && seen.work == Fraction::ONE),
            Stage::Ended(End::Abandoned) => prop_assert!(seen.started.is_none()),
            Stage::Ended(End::Failed | End::Canceled | End::Exhausted) => {}
        }
    }

    #[test]
    fn a_run_was_as_far_as_its_track_says(
        (plan, controls) in any_run(),
        elapsed in any_duration(),
        part in any_fraction(),
    ) {
        let seen = observe(&plan, &controls, elapsed);
        let track = Track::of(&plan, &controls, elapsed);
        let position = part.of_duration(seen.worked);
        if seen.started.is_some() && seen.work < Fraction::ONE {
            let Some(at) = track.reached(position) else { return Err(TestCaseError::fail("never reached")) };
            prop_assert!(at <= elapsed && seen.started <= Some(at));
            prop_assert!(observe(&plan, &controls, at).worked >= position);
            if let Some(before) = at.checked_sub(MOMENT) {
                let then = observe(&plan, &controls, before);
                prop_assert!(then.worked < position || position.is_zero());
            }
            prop_assert_eq!(track.reached(seen.worked + MOMENT), None);
        }
    }

    #[test]
    fn a_run_waits_for_its_place_from_when_it_is_said_to((plan, controls) in any_run()) {
        let queues = queues(&plan, &controls);
        prop_assert!(queues.is_none() || plan.gate == Gate::Slot);
        let Some(at) = queues else { return Ok(()) };
        if let Some(before) = at.checked_sub(MOMENT) {
            prop_assert_ne!(observe(&plan, &controls, before).stage, Stage::Waiting);
        }
        let later = controls.iter().any(|control| control.at >= at);
        prop_assert!(later || observe(&plan, &controls, at).stage == Stage::Waiting);
    }

    #[test]
    fn parts_stay_within_the_whole(one in any_fraction(), other in any_fraction(), count: u64, whole in any_duration()) {
        prop_assert!(one.of(count) <= count);
        prop_assert!(one.of_duration(whole) <= whole);
        prop_assert_eq!(Fraction::ONE.of(count), count);
        let (less, more) = (one.min(other), one.max(other));
        prop_assert!(less.eased() <= more.eased());
        prop_assert!(less.of(count) <= more.of(count));
        prop_assert_eq!((Fraction::ZERO.eased(), Fraction::ONE.eased()), (Fraction::ZERO, Fraction::ONE));
        prop_assert_eq!(more.between(less, more), Fraction::ONE);
        prop_assert!(less == more || less.between(less, more) == Fraction::ZERO);
    }
}

#[test]
fn a_held_run_that_waits_hears_of_its_crawl_when_it_is_let_go() {
    let second = Duration::from_secs;
    let plan = Plan::plain(Gate::Run, second(1), second(10), Ending::Completed);
    for (news, stage) in
        [(Action::Release, Stage::Active(Phase::Running)), (Action::Abandon, Stage::Ended(End::Abandoned))]
    {
        let controls = [
            Control { at: second(1), action: Action::Stick },
            Control { at: second(2), action: news },
            Control { at: second(5), action: Action::Unstick },
        ];
        assert_eq!(observe(&plan, &controls, second(4)).stage, Stage::Waiting);
        assert_eq!(observe(&plan, &controls, second(5)).stage, stage);
    }
}

#[test]
fn a_run_with_a_place_goes_through_all_its_phases() {
    let plan = Plan {
        gate: Gate::Slot,
        starting: seconds(3),
        throttled: seconds(2),
        finalizing: seconds(4),
        ..plan(Ending::Completed)
    };
    let given = [control(7, Action::Release)];
    let stage = |at| observe(&plan, &given, seconds(at)).stage;
    assert_eq!(queues(&plan, &[]), Some(seconds(2)));
    assert_eq!((stage(1), stage(2)), (Stage::Active(Phase::Pending), Stage::Waiting));
    assert_eq!((stage(7), stage(9)), (Stage::Active(Phase::Starting), Stage::Active(Phase::Starting)));
    assert_eq!((stage(10), stage(11)), (Stage::Active(Phase::Throttled), Stage::Active(Phase::Throttled)));
    assert_eq!((stage(12), stage(21)), (Stage::Active(Phase::Running), Stage::Active(Phase::Running)));
    assert_eq!(stage(22), Stage::Active(Phase::Finalizing));
    assert_eq!((ends(&plan, &[]), ends(&plan, &given)), (None, Some(seconds(26))));
    assert_eq!(observe(&plan, &given, seconds(26)).started, Some(seconds(12)));
}

#[test]
fn a_run_that_cannot_pay_keeps_what_it_has_done() {
    let plan = plan(Ending::Completed);
    let over = observe(&plan, &[control(7, Action::Exhaust)], LATE);
    assert_eq!((over.stage, over.worked), (Stage::Ended(End::Exhausted), seconds(5)));
}

#[test]
fn what_an_operator_skipped_was_reached_when_he_did() {
    let plan = plan(Ending::Completed);
    let controls = [control(4, Action::Advance(Fraction::from_ppm(500_000)))];
    let track = Track::of(&plan, &controls, seconds(9));
    assert_eq!(
        [1, 2, 3, 5, 7].map(|at| track.reached(seconds(at))),
        [3, 4, 4, 4, 6].map(|at| Some(seconds(at)))
    );
}
