use serde_json::json;

use super::*;

fn tally(found: u64, undecided: u64) -> Tally {
    Tally { found, undecided, ..Tally::default() }
}

#[test]
fn only_what_the_kept_requests_prove_is_said_across_a_gap() {
    let count = |at_least, at_most| Count { at_least, at_most };
    for (count, found, whole, across_a_gap) in [
        (Count::default(), 0, Verdict::Unmet, Verdict::Gap),
        (Count::default(), 1, Verdict::Met, Verdict::Met),
        (count(0, Some(0)), 0, Verdict::Met, Verdict::Gap),
        (count(0, Some(0)), 1, Verdict::Unmet, Verdict::Unmet),
        (count(2, Some(2)), 1, Verdict::Unmet, Verdict::Gap),
        (count(2, Some(2)), 2, Verdict::Met, Verdict::Gap),
        (count(2, Some(2)), 3, Verdict::Unmet, Verdict::Unmet),
        (count(0, Some(3)), 3, Verdict::Met, Verdict::Gap),
        (count(0, Some(3)), 4, Verdict::Unmet, Verdict::Unmet),
    ] {
        assert_eq!(tally(found, 0).verdict(count, false), whole, "{count}: {found}");
        assert_eq!(tally(found, 0).verdict(count, true), across_a_gap, "{count}: {found}");
    }
}

#[test]
fn what_depends_on_bodies_that_were_not_kept_is_not_said() {
    let count = |at_least, at_most| Count { at_least, at_most };
    assert_eq!(tally(0, 1).verdict(count(0, Some(0)), false), Verdict::CutBodies);
    assert_eq!(tally(1, 1).verdict(count(2, None), false), Verdict::CutBodies);
    assert_eq!(tally(1, 1).verdict(count(3, None), false), Verdict::Unmet);
    assert_eq!(tally(1, 5).verdict(count(1, None), false), Verdict::Met);
    assert_eq!(tally(1, 1).verdict(count(1, Some(2)), false), Verdict::Met);
    assert_eq!(tally(3, 1).verdict(count(1, Some(2)), false), Verdict::Unmet);
}

#[test]
fn a_count_is_said_as_a_person_would() {
    for (written, said) in [
        (json!(2), "exactly 2 requests"),
        (json!(1), "exactly 1 request"),
        (json!(0), "no requests"),
        (json!("never"), "no requests"),
        (json!({ "at-least": 1 }), "at least 1 request"),
        (json!({ "at-most": 1 }), "at most 1 request"),
        (json!({ "at-least": 1, "at-most": 3 }), "1 to 3 requests"),
        (json!({ "at-least": 2, "at-most": 2 }), "exactly 2 requests"),
    ] {
        let count = Count::read(&written).unwrap();
        assert_eq!(Expectation { conditions: Vec::new(), count }.sentence(), said);
    }
}
