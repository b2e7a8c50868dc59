use super::*;

fn run(verdicts: &[(Verdict, Level)], strict: bool) -> RunOutcome {
    let shares = verdicts.iter().map(|(verdict, level)| Share { verdict, level: *level, situational: false });
    outcome(shares, strict, false)
}

fn unobserved() -> Verdict {
    Verdict::Unobserved("needs a job".into())
}

#[test]
fn a_run_that_exercised_nothing_is_incomplete() {
    assert_eq!(run(&[], false), RunOutcome::Incomplete);
    assert_eq!(run(&[(unobserved(), Level::Should)], false), RunOutcome::Incomplete);
    assert_eq!(run(&[(Verdict::NotApplicable("house".into()), Level::Must)], false), RunOutcome::Incomplete);
}

#[test]
fn an_unexercised_must_makes_a_run_incomplete_and_an_unexercised_should_does_not() {
    assert_eq!(
        run(&[(Verdict::Pass, Level::Must), (unobserved(), Level::Must)], false),
        RunOutcome::Incomplete
    );
    assert_eq!(
        run(&[(Verdict::Pass, Level::Must), (unobserved(), Level::Should)], false),
        RunOutcome::Conformant
    );
}

#[test]
fn a_situational_must_may_stay_unobserved() {
    let pass = Share { verdict: &Verdict::Pass, level: Level::Must, situational: false };
    let verdict = unobserved();
    let lucky = Share { verdict: &verdict, level: Level::Must, situational: true };
    assert_eq!(outcome([pass, lucky], false, false), RunOutcome::Conformant);
}

#[test]
fn a_warning_fails_a_strict_run_only() {
    assert_eq!(run(&[(Verdict::Warn, Level::Should)], false), RunOutcome::Conformant);
    assert_eq!(run(&[(Verdict::Warn, Level::Should)], true), RunOutcome::Nonconformant);
}

#[test]
fn a_failure_outweighs_a_gap_and_a_broken_check_outweighs_both() {
    let mut verdicts = vec![(unobserved(), Level::Must), (Verdict::Fail, Level::Must)];
    assert_eq!(run(&verdicts, false), RunOutcome::Nonconformant);
    verdicts.push((Verdict::Error("panicked".into()), Level::Should));
    assert_eq!(run(&verdicts, false), RunOutcome::Error);
}

#[test]
fn what_was_left_behind_never_hides_what_was_found() {
    assert_eq!(ExitCode::of(RunOutcome::Nonconformant, true).code(), 1);
    assert_eq!(ExitCode::of(RunOutcome::Conformant, true).code(), 5);
    assert_eq!(ExitCode::of(RunOutcome::Incomplete, true).code(), 5);
    assert_eq!(ExitCode::of(RunOutcome::Incomplete, false).code(), 3);
    assert_eq!(ExitCode::of(RunOutcome::Conformant, false).code(), 0);
}

#[test]
fn a_tally_without_occasion_never_passes() {
    let tally = Tally::default();
    assert_eq!(tally.verdict(Level::Must, "a job"), Verdict::Unobserved("needs a job".into()));
    let mut tally = Tally::default();
    tally.block("no create was accepted");
    assert_eq!(tally.verdict(Level::Must, "a job"), Verdict::Blocked("no create was accepted".into()));
}

#[test]
fn a_run_that_was_cut_short_is_never_complete() {
    let pass = Share { verdict: &Verdict::Pass, level: Level::Must, situational: false };
    assert_eq!(outcome([pass], false, true), RunOutcome::Incomplete);
}

#[test]
fn a_run_that_has_to_see_everything_is_incomplete_without_a_situational_must() {
    let pass = Share { verdict: &Verdict::Pass, level: Level::Must, situational: false };
    let verdict = unobserved();
    let lucky = Share { verdict: &verdict, level: Level::Must, situational: true };
    let outcome = |all| outcome([pass, lucky].map(|share| share.insisting(all)), false, false);
    assert_eq!((outcome(false), outcome(true)), (RunOutcome::Conformant, RunOutcome::Incomplete));
    let lucky = Share { level: Level::Should, ..lucky };
    assert!(!lucky.insisting(true).is_missing(), "a SHOULD may stay unobserved");
}
