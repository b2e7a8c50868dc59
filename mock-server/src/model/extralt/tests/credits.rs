//! What captures cost, and what happens when nothing is left.

use proptest::prelude::*;

use super::*;

fn account(credits: u64) -> ExtraltAccount {
    ExtraltAccount { credits: Some(credits), ..ExtraltAccount::default() }
}

#[test]
fn a_run_that_runs_dry_ends_with_what_it_could_pay() {
    let (mut stand, robot) = Stand::with_robot(&account(15));
    let run = stand.begin(&robot, Some(20), false).unwrap();
    stand.pass(60);
    let over = stand.view(run);
    assert_eq!((over.status, over.done), (Status::Completed, 7));
    assert_eq!(over.reason.as_deref(), Some("Out of credits"));
    assert_eq!(stand.state.credits(stand.now), Some(1));
    assert!(matches!(stand.begin(&robot, None, false), Err(Refusal::OutOfCredits { needed: 2, left: 1 })));
    assert!(matches!(stand.restart(run, None), Err(Refusal::OutOfCredits { .. })));
    stand.apply(&Command::Credits(Some(100)));
    stand.restart(run, None).unwrap();
    stand.pass(60);
    assert_eq!((stand.view(run).done, stand.state.credits(stand.now)), (20, Some(60)));
}

#[test]
fn an_enrichment_that_runs_dry_is_stopped_and_goes_on_later() {
    let (mut stand, robot) = Stand::with_robot(&account(20 + 4));
    let run = stand.begin(&robot, Some(10), false).unwrap();
    stand.pass(60);
    let enrichment = stand.enrich(run, None).unwrap();
    stand.pass(60);
    let dry = stand.view(enrichment);
    assert_eq!((dry.status, dry.done, dry.reason.as_deref()), (Status::Stopped, 4, Some("Out of credits")));
    stand.apply(&Command::Credits(None));
    assert_eq!(stand.enrich(run, None), Ok(enrichment));
    stand.pass(60);
    assert_eq!((stand.status(enrichment), stand.view(enrichment).done), (Status::Completed, 10));
}

proptest! {
    #[test]
    fn nothing_is_spent_that_is_not_there_and_nothing_is_forgotten(
        credits in 0..120_u64,
        budgets in prop::collection::vec(1..40_u64, 1..6),
        gaps in prop::collection::vec(0..20_000_u64, 6),
        looks in prop::collection::vec(0..30_000_u64, 4),
    ) {
        let (mut stand, robot) = Stand::with_robot(&account(credits));
        let mut runs = Vec::new();
        for (budget, gap) in budgets.iter().zip(&gaps) {
            runs.extend(stand.begin(&robot, Some(*budget), false));
            stand.pass_to(stand.now.after(Duration::from_millis(*gap)), |_| {});
        }
        for look in looks.iter().chain(&[1_000_000]) {
            stand.pass_to(stand.now.after(Duration::from_millis(*look)), |_| {});
            let spent: u64 = runs.iter().map(|run| stand.view(*run).done * 2).sum();
            prop_assert_eq!(stand.state.credits(stand.now), Some(credits - spent));
        }
        let dry = runs.iter().any(|run| stand.view(*run).reason.as_deref() == Some("Out of credits"));
        let left = stand.state.credits(stand.now).unwrap();
        prop_assert_eq!(dry, runs.iter().zip(&budgets).any(|(run, budget)| stand.view(*run).done < *budget));
        prop_assert!(!dry || left < 2, "a run ended while {} credits were left", left);
    }
}
