//! What is said about mistakes in what a world begins with, and in how its clock moves. The texts are read by people, so
//! read them when they change.

use super::mistakes::check;
use crate::scenario::parse;

#[test]
fn a_clock_that_moves_with_requests() {
    check(
        "a_clock_that_moves_with_requests",
        &[
            ("another clock", "clock: { mode: scaled, rate: 2, advance-per-request: 2s }\n"),
            ("no clock", "clock: { advance-per-request: 2s }\n"),
            ("no time at all", "clock: { mode: manual, advance-per-request: 0s }\n"),
            ("more than a day", "clock: { mode: manual, advance-per-request: 1d1ms }\n"),
            ("a bare number", "clock: { mode: manual, advance-per-request: 2 }\n"),
            ("a range", "clock: { mode: manual, advance-per-request: 1s..2s }\n"),
        ],
    );
    let unclear = "clock: { mode: manaul, advance-per-request: 2s }\n";
    assert_eq!(parse("one.yaml", unclear).expect_err("it has a mistake").count(), 1);
}
