//! Documents made to do harm are refused, and quickly.

use crate::scenario::parse;
use crate::scenario::yaml::{MAX_BYTES, MAX_DEPTH};

/// The single message about a document that cannot be read.
#[track_caller]
fn refusal(text: &str) -> String {
    let mistakes = parse("bomb.yaml", text).expect_err("it is refused");
    assert_eq!(mistakes.count(), 1, "{mistakes}");
    mistakes.list[0].message.clone()
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, before) in
        ["b", "c", "d", "e", "f", "g", "h"].into_iter().zip(["a", "b", "c", "d", "e", "f", "g"])
    {
        let aliases = vec![format!("*{before}"); 9].join(", ");
        bomb.push_str(&format!("{name}: &{name} [{aliases}]\n"));
    }
    insta::assert_snapshot!(parse("bomb.yaml", &bomb).expect_err("it is refused"));
}

#[test]
fn a_document_of_more_than_a_mebibyte_is_refused() {
    let comment = format!("# {}\n", "x".repeat(MAX_BYTES));
    insta::assert_snapshot!(refusal(&comment), @"the document has 1048579 bytes, and may have 1048576");
    assert!(parse("full", &comment[..MAX_BYTES]).is_ok(), "the last byte that fits is welcome");
}

#[test]
fn deep_nesting_is_refused_in_every_style() {
    let flow = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let maps = "{a: ".repeat(10_000);
    let block: String = (0..400).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let dashes = "- ".repeat(10_000);
    for text in [flow, maps, block, dashes] {
        let message = refusal(&text);
        assert!(message.contains(&format!("nested more than {MAX_DEPTH} deep")), "{message}");
    }
}

#[test]
fn too_many_values_are_refused() {
    insta::assert_snapshot!(refusal(&format!("runs: [{}]", "1,".repeat(60_000))), @"the document holds more than 50000 values");
}

#[test]
fn a_hundred_thousand_faults_are_refused() {
    insta::assert_snapshot!(refusal(&format!("faults: [{}]", "{},".repeat(100_000))), @"the document holds more than 50000 values");
    let whole = "{delay: 1s},".repeat(100_000);
    insta::assert_snapshot!(refusal(&format!("faults: [{whole}]")), @"the document has 1200010 bytes, and may have 1048576");
}

#[test]
fn of_very_many_mistakes_the_first_are_shown() {
    let text = format!("runs: [{}]", "{ results: x, outcome: x },".repeat(1_000));
    let mistakes = parse("many.yaml", &text).expect_err("every rule has two");
    assert_eq!((mistakes.list.len(), mistakes.count()), (50, 2_000));
    assert!(mistakes.render(false).ends_with("... and 1950 more\n"));
}

#[test]
fn too_many_rules_or_accounts_are_refused() {
    insta::assert_snapshot!(refusal(&format!("runs: [{}]", "{},".repeat(1_001))), @"this list has 1001 items, and may have 1000");
    insta::assert_snapshot!(refusal(&format!("faults: [{}]", "{},".repeat(1_001))), @"this list has 1001 items, and may have 1000");
    insta::assert_snapshot!(refusal(&format!("accounts: [{}]", "{},".repeat(10_001))), @"this list has 10001 items, and may have 10000");
}
