//! What a crawl reports on its way and at its end.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::lifecycle::{Ending, Gate, Plan, observe};
use crate::model::catalog::run::Failures;

const LATE: Duration = Duration::from_secs(1_000_000);

fn crawl(running: Duration, ending: Ending) -> Plan {
    Plan::plain(Gate::Open, Duration::from_secs(1), running, ending)
}

fn states(observation: &Observation) -> Vec<StepState> {
    steps(observation).map(|(_, state)| state).collect()
}

/// How long crawls take: whole milliseconds, also very few and none.
fn any_running() -> impl Strategy<Value = Duration> {
    prop_oneof![Just(0), 1..20_u64, 1..100_000_u64].prop_map(Duration::from_millis)
}

fn any_fraction() -> impl Strategy<Value = Fraction> {
    prop_oneof![Just(Fraction::ZERO), Just(Fraction::ONE), (0..=1_000_000_u32).prop_map(Fraction::from_ppm)]
}

#[test]
fn a_step_that_there_is_not_has_no_point() {
    assert_eq!(point_in_step("Counting stars", Fraction::ZERO), None);
}

proptest! {
    #[test]
    fn a_crawl_fails_in_the_step_it_is_planned_to(step in 0..4_usize, at in any_fraction(), running in any_running()) {
        let point = point_in_step(RunKind::Crawl.steps()[step], at).unwrap();
        let over = states(&observe(&crawl(running, Ending::FailedAt(point)), &[], LATE));
        let expected: Vec<StepState> = (0..4)
            .map(|index| match index.cmp(&step) {
                Ordering::Less => StepState::Completed,
                Ordering::Equal => StepState::Failed,
                Ordering::Greater => StepState::Pending,
            })
            .collect();
        prop_assert_eq!(over, expected);
    }

    #[test]
    fn a_crawl_that_ends_badly_says_in_which_step(at in any_fraction(), running in any_running()) {
        let over = states(&observe(&crawl(running, Ending::FailedAt(at)), &[], LATE));
        prop_assert_eq!(over.iter().filter(|state| **state == StepState::Failed).count(), 1);
    }

    #[test]
    fn a_crawl_at_work_is_in_one_step_and_a_completed_one_is_through(
        running in any_running(),
        elapsed in 0..200_000_u64,
    ) {
        let seen = observe(&crawl(running, Ending::Completed), &[], Duration::from_millis(elapsed));
        let at_work = states(&seen).iter().filter(|state| **state == StepState::Running).count();
        prop_assert_eq!(at_work, usize::from(seen.stage == Stage::Active(Phase::Running)));
        let through = states(&seen).iter().all(|state| *state == StepState::Completed);
        prop_assert_eq!(through, seen.stage == Stage::Ended(End::Completed));
    }

    #[test]
    fn a_crawl_finds_more_and_more_and_at_last_everything(
        total in 0..2_000_u64,
        collections in 0..50_u64,
        one in any_fraction(),
        other in any_fraction(),
    ) {
        let work = Work { total, collections, failures: Failures::None, error: None };
        let (less, more) = (found(&work, one.min(other)), found(&work, one.max(other)));
        prop_assert!(less.0 <= more.0 && less.1 <= more.1);
        prop_assert_eq!(found(&work, Fraction::ZERO), (0, 0));
        prop_assert_eq!(found(&work, Fraction::ONE), (collections, total));
    }
}
