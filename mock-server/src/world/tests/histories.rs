//! What is true of any history: ten thousand of them, in three portions.

use std::time::Duration;

use proptest::prelude::*;

use super::history::{History, Step, any_history, any_wait};
use super::rules::Seen;
use super::stand::{Stand, real};
use crate::model::catalog::lists::Group;
use crate::model::catalog::mini;
use crate::model::catalog::run::Kind;
use crate::world::state::WorldState;

const STEPS_MAX: usize = 16;
const LATE: Duration = Duration::from_secs(90 * 86_400);

/// How many runs have not ended.
fn processing(stand: &Stand) -> usize {
    Kind::ALL.iter().map(|kind| stand.world.catalog().list(*kind).len(Some(Group::Processing))).sum()
}

/// Everything that can be compared of two worlds.
fn assert_equal(one: &mut WorldState, other: &mut WorldState) -> Result<(), TestCaseError> {
    prop_assert_eq!(one.catalog(), other.catalog());
    prop_assert_eq!(one.happened(), other.happened());
    prop_assert_eq!(one.rule_counts(), other.rule_counts());
    prop_assert_eq!(one.next_due(), other.next_due());
    Ok(())
}

/// The credits of a world at its start and after each time they were set.
fn budget(step: &Step, before: Option<u64>, stand: &Stand) -> Option<u64> {
    match step {
        Step::Credits(credits) => *credits,
        Step::Scenario(_) => match &stand.world.scenario().account {
            Some(account) => account.catalog.credits,
            None => before,
        },
        _ => before,
    }
}

fn check(history: &History) -> Result<Stand, TestCaseError> {
    let mut stand = Stand::new(history.origin());
    let mut seen = Seen::default();
    let (mut granted, mut charged) = (history.credits, 0);
    for step in history.steps.iter().chain([&Step::Wait(LATE)]) {
        let (runs, unfinished, next) =
            (stand.world.catalog().len(), processing(&stand), stand.world.next_due());
        let (before, by) = (stand.now, stand.world.advance_per_request());
        let affordable = mini::affordable(stand.world.catalog()).is_ok();
        step.play(&mut stand);
        seen.look(&stand)?;

        prop_assert!(stand.world.next_due().is_none_or(|due| due > stand.now));
        if step.is_request() {
            prop_assert_eq!(stand.now, before.after(by.unwrap_or_default()));
        }
        if let (Step::WaitForNext, Some(due)) = (step, next) {
            prop_assert_eq!(stand.now, due);
            prop_assert!(processing(&stand) < unfinished, "nothing happened at {:?}", due);
        }

        let account = stand.world.scenario().account.is_some();
        let set = matches!(step, Step::Credits(_)) || matches!(step, Step::Scenario(_)) && account;
        charged = if set { 0 } else { charged };
        charged += stand.runs().skip(runs).map(|run| stand.record(run).credits).sum::<u64>();
        charged += if affordable && matches!(step, Step::MiniSearch) { mini::PRICE } else { 0 };
        granted = budget(step, granted, &stand);
        prop_assert!(granted.is_none_or(|granted| charged <= granted));
        prop_assert_eq!(stand.world.catalog().credits(), granted.map(|granted| granted - charged));
    }
    seen.look_back(&stand)?;
    Ok(stand)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn no_history_breaks_a_rule(history in any_history(STEPS_MAX)) {
        check(&history)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn the_log_gives_the_world_again(history in any_history(STEPS_MAX), waits in proptest::collection::vec(any_wait(), 3)) {
        let mut stand = history.played();
        let mut folded = stand.folded(history.origin());
        prop_assert_eq!(folded.now(real()), stand.now);
        assert_equal(&mut stand.world, &mut folded)?;
        prop_assert_eq!(stand.world.log(), folded.log());
        for wait in waits {
            stand.now = stand.now.after(wait);
            stand.world.settle(stand.now);
            folded.settle(stand.now);
            assert_equal(&mut stand.world, &mut folded)?;
        }
    }

    #[test]
    fn settling_in_two_steps_or_in_one_makes_no_difference(
        history in any_history(STEPS_MAX),
        first in any_wait(),
        second in any_wait(),
    ) {
        let stand = history.played();
        let (mut once, mut twice) = (stand.folded(history.origin()), stand.folded(history.origin()));
        let (early, late) = (stand.now.after(first), stand.now.after(first).after(second));
        twice.settle(early);
        twice.settle(late);
        twice.settle(early);
        once.settle(late);
        assert_equal(&mut once, &mut twice)?;
    }
}
