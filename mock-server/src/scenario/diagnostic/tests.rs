//! How mistakes are shown.

use crate::scenario::parse;

#[test]
fn colours_are_for_terminals_only() {
    let mistakes = parse("a.yaml", "runs: 3\n").expect_err("it has a mistake");
    assert!(!mistakes.render(false).contains('\u{1b}'));
    assert!(mistakes.render(true).contains('\u{1b}'));
}

#[test]
fn places_are_counted_in_characters_and_from_one() {
    let mistakes = parse("a.yaml", "seed: 1\r\nclock: { möde: x }\r\n").expect_err("it has a mistake");
    assert_eq!((mistakes.list[0].line, mistakes.list[0].column), (2, 10));
    let mistakes = parse("a.yaml", "{ description: ééé, rüns: [] }\n").expect_err("it has a mistake");
    assert_eq!((mistakes.list[0].line, mistakes.list[0].column), (1, 21));
}

#[test]
fn a_document_cannot_write_to_the_terminal() {
    let mistakes = parse("a.yaml", "\"\\e[2Jx\": \"\\u0007\"\n").expect_err("it has a mistake");
    assert!(!mistakes.render(false).contains(['\u{1b}', '\u{7}']), "{mistakes:?}");
}

#[test]
fn a_very_long_line_is_cut_around_the_mistake() {
    let text = format!("{{ description: \"{}\", seed: x, runs: [] }}", "y".repeat(5_000));
    let shown = parse("a.yaml", &text).expect_err("it has a mistake").render(false);
    assert!(shown.lines().all(|line| line.len() < 300), "{shown}");
}
