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

fn catalog(text: &str) -> String {
    format!("world: {{ catalog: {{ {text} }} }}\n")
}

#[test]
fn what_a_world_holds() {
    let crawl = |text: &str| catalog(&format!("crawls: [{{ {text} }}]"));
    let extract = |text: &str| catalog(&format!("extracts: [{{ {text} }}]"));
    let search = |text: &str| catalog(&format!("searches: [{{ {text} }}]"));
    let cases = [
        ("runs where their kind should stand", "world: { catalog: [{ url: a.example }] }\n".to_owned()),
        ("a misspelt kind", catalog("crawl: []")),
        ("the name of the kind that requests have", catalog("agentic-searches: []")),
        ("an API nobody knows", "world: { lama-extract: { agents: [] } }\n".to_owned()),
        ("a crawl of nothing", crawl("created: -1h")),
        ("a crawl of what is no address", crawl("url: localhost")),
        ("a crawl in the contract's style", crawl("vendor: skims.com")),
        ("an extract of nothing", extract("created: -1h")),
        ("an extract of two things", extract("urls: ['https://a.example/p'], vendor: a.example")),
        ("an extract of no pages", extract("urls: []")),
        ("a page without its scheme", extract("urls: [a.example/p]")),
        ("pages and a number of products", extract("urls: ['https://a.example/p'], max-products: 3")),
        ("a negative number of products", extract("vendor: a.example, max-products: -1")),
        ("a country that is none", extract("vendor: a.example, country-code: uk")),
        ("a flag in the contract's style", extract("vendor: a.example, enable_reviews: true")),
        ("a blank query", search("query: '  '")),
        ("a time after the start", search("query: boots, created: 1h")),
        ("a time without a unit", search("query: boots, created: -10")),
        ("a time with a long unit", search("query: boots, created: -5min")),
        ("an instant for a time", search("query: boots, created: 2026-01-15T10:30:00Z")),
        ("more than ten years ago", search("query: boots, created: -3651d")),
        (
            "before 1970",
            format!("clock: {{ start: 1979-12-01T00:00:00Z }}\n{}", search("query: boots, created: -3650d")),
        ),
        (
            "before 1970 without saying when",
            format!("clock: {{ start: 1970-01-01T00:00:01Z }}\n{}", search("query: boots")),
        ),
        (
            "a step of another kind",
            search("query: boots, outcome: { failed: { step: Extracting listings } }"),
        ),
        ("more results than a search has", search("query: boots, results: 9")),
        ("a crawl with items that fail", crawl("url: a.example, outcome: { partial: { failed-items: 1 } }")),
        ("results that cannot be given", extract("vendor: a.example, data: {}")),
    ];
    check("what_a_world_holds", &cases);
}

#[test]
fn ids_of_what_a_world_holds() {
    let twice = "searches:
      - { query: red boots, id: agentic-0badcafe-1768386600000 }
      - { query: red boots, id: agentic-0badcafe-1768386600000 }
";
    let cases = [
        ("another form", catalog("crawls: [{ url: skims.com, id: my-crawl }]")),
        (
            "the id of another vendor",
            catalog("crawls: [{ url: www.skims.com, id: crawl-nike-com-0badcafe }]"),
        ),
        (
            "the id of an extract of a vendor",
            catalog("extracts: [{ urls: ['https://a.example/p'], id: extract-a-example-0badcafe }]"),
        ),
        (
            "an id in capitals",
            catalog("searches: [{ query: red boots, id: agentic-0BADCAFE-1768386600000 }]"),
        ),
        ("an id twice", format!("world:\n  catalog:\n    {twice}")),
    ];
    check("ids_of_what_a_world_holds", &cases);
}

#[test]
fn what_cannot_be_there_together() {
    let both = |crawls: &str, extract: &str| {
        format!("world:\n  catalog:\n    crawls:\n{crawls}    extracts:\n      - {{ vendor: {extract} }}\n")
    };
    let crawl = |text: &str| format!("      - {{ url: {text} }}\n");
    let two =
        |one: &str, other: &str| format!("world:\n  catalog:\n    crawls:\n{}{}", crawl(one), crawl(other));
    let cases = [
        ("two crawls at once", two("a.example", "www.a.example")),
        ("two crawls that are too close", two("a.example, created: -1h", "a.example, created: -59m19s")),
        (
            "a crawl after one that is stuck",
            two("a.example, created: -1d", "stuck.test") + &crawl("stuck.test, created: -2d"),
        ),
        ("an unknown vendor", catalog("extracts: [{ vendor: skims.com }]")),
        (
            "a vendor that no seed invents",
            format!("seed: 3\n{}", catalog("extracts: [{ vendor: skims.com }]")),
        ),
        ("a crawl that comes too late", both(&crawl("a.example, created: -10s"), "a.example")),
        (
            "a crawl that may take too long",
            both(&crawl("a.example, created: -1h"), "a.example, created: -59m30s"),
        ),
        ("a crawl that fails", both(&crawl("a.example, outcome: failed, created: -2h"), "a.example")),
        ("a crawl of a host that fails", both(&crawl("fails.test, created: -2h"), "fails.test")),
        (
            "a crawl that may find nothing",
            both(&crawl("a.example, results: 0..9, created: -2h"), "a.example"),
        ),
    ];
    check("what_cannot_be_there_together", &cases);
}

#[test]
fn a_world_begins_with_ten_thousand_runs_at_most() {
    let searches = vec!["{ query: x }"; 5_001].join(", ");
    let extracts = vec!["{ urls: ['https://a.example/p'] }"; 5_000].join(", ");
    let too_many = format!("world: {{ catalog: {{ searches: [{searches}], extracts: [{extracts}] }} }}\n");
    let mistakes = parse("many.yaml", &too_many).expect_err("it is one too many");
    assert_eq!(mistakes.count(), 1);
    insta::assert_snapshot!(mistakes.list[0].message, @"a world begins with at most 10000 runs, not 10001");
    let searches = vec!["{ query: x }"; 10_000].join(", ");
    assert_eq!(
        parse("full", &catalog(&format!("searches: [{searches}]"))).expect("it fits").world.catalog().len(),
        10_000
    );
}

#[test]
fn a_mistake_in_a_run_is_not_held_against_others() {
    for text in [
        "crawls: [{ url: a.example, created: 2h }], extracts: [{ vendor: a.example }]",
        "crawls: [{ url: localhost }], extracts: [{ vendor: a.example }]",
        "crawls: [{ url: localhost, id: my-crawl }]",
        "extracts: [{ urls: [a.example] }]",
    ] {
        let mistakes = parse("one.yaml", &catalog(text)).expect_err("it has a mistake");
        assert_eq!(mistakes.count(), 1, "{mistakes}");
    }
}
