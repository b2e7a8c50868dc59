//! Properties of the reader over generated texts.

use proptest::prelude::*;

use super::accepted::EVERYTHING;
use crate::scenario::parse;

/// Pieces of which almost-scenarios are made.
const PIECES: &[&str] = &[
    "runs",
    "match",
    "lifecycle",
    "outcome",
    "failed",
    "step",
    "clock",
    "rate",
    "accounts",
    "key",
    "account",
    "apis",
    "catalog",
    "world",
    "crawls",
    "extracts",
    "vendor",
    "extralt",
    "robots",
    "robot",
    "schedules",
    "cadence",
    "enrichments",
    "created",
    "-1h",
    ": ",
    ":\n",
    "- ",
    "\n",
    "  ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "\"",
    "'",
    "&a ",
    "*a",
    "<<: *a",
    "30s",
    "..",
    "60%",
    "1",
    "-1",
    "1e9",
    "null",
    "~",
    "!x ",
    "# ",
    "|",
    ">",
    "? ",
    "\u{e9}",
    "\u{1f600}",
    "\r\n",
    "\t",
    "---\n",
];

/// Whatever the text, reading it gives a scenario or mistakes that lie within it and can be shown.
fn check(text: &str) -> Result<(), TestCaseError> {
    let Err(mistakes) = parse("any.yaml", text) else { return Ok(()) };
    prop_assert!(!mistakes.list.is_empty());
    for mistake in &mistakes.list {
        prop_assert!(text.get(mistake.span.clone()).is_some(), "{mistake:?}");
        prop_assert!(mistake.line >= 1 && mistake.column >= 1);
    }
    prop_assert!(mistakes.render(true).len() >= mistakes.render(false).len());
    prop_assert!(mistakes.to_json()["errors"].is_array());
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        check(&text)?;
    }

    #[test]
    fn any_bytes_that_are_text_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        check(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn any_heap_of_pieces_is_answered(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..60)) {
        check(&pieces.concat())?;
    }

    #[test]
    fn a_good_scenario_with_a_hole_is_answered(at in 0..EVERYTHING.len(), length in 0_usize..40, with in "[ -~]{0,3}") {
        let mut text = EVERYTHING.to_owned();
        text.replace_range(at..(at + length).min(EVERYTHING.len()), &with);
        check(&text)?;
    }
}
