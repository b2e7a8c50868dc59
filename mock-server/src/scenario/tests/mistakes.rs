//! What is said about mistakes. The texts are read by people, so read them when they change.

use crate::scenario::parse;

/// Compares what is said about each text with the snapshot of this name.
#[track_caller]
pub(super) fn check<T: AsRef<str>>(name: &str, cases: &[(&str, T)]) {
    let mut all = String::new();
    for (what, text) in cases {
        let mistakes = parse("sample.yaml", text.as_ref()).expect_err(what);
        all.push_str(&format!("## {what}\n\n{mistakes}\n"));
    }
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!(name, all);
    });
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let text = "\
version: 1
clok: { mode: manual }
accounts:
  - organization: acme
runs:
  - match: { api: catalog, kind: crawl, hots: \"*.example.com\" }
    lifecycle: { pending: 30 }
    outcome: { failed: { step: Analysing collections } }
";
    let mistakes = parse("five.yaml", text).expect_err("it has five mistakes");
    assert_eq!(mistakes.count(), 5);
    insta::assert_snapshot!(mistakes);
    insta::assert_json_snapshot!(mistakes.to_json());
}

#[test]
fn keys() {
    check(
        "keys",
        &[
            ("a misspelt key", "descriptoin: x\n"),
            ("a key in another style", "account: { apis: { catalog: { auto_top_up: true } } }\n"),
            ("a key of another language", "timeout: 5s\n"),
            ("a key that is to come", "faults: [{ network: reset }]\n"),
            ("a key that is to come, misspelt", "fautls: []\n"),
            ("a setting of another API", "account: { apis: { catalog: { plan: start } } }\n"),
            ("a key given twice", "seed: 1\nclock: { mode: real }\nseed: 2\n"),
            ("a key that is no text", "1: x\n"),
            ("a key without a value", "runs:\nseed: 1\n"),
            ("a missing key", "accounts:\n  - organization: acme\n"),
        ],
    );
}

#[test]
fn kinds_of_value() {
    check(
        "kinds_of_value",
        &[
            ("a list for the whole", "- version: 1\n"),
            ("a text for the whole", "happy\n"),
            ("a map for a list", "runs: { match: { kind: crawl } }\n"),
            ("a list for a map", "clock: [real]\n"),
            ("a number for a text", "accounts: [{ key: 12345 }]\n"),
            ("an empty text", "description: ''\n"),
            ("a text of several lines", "description: \"one\\ntwo\"\n"),
            ("a text for a number", "seed: seven\n"),
            ("a number with grouped digits", "seed: 1_000\n"),
            ("a fraction", "seed: 1.5\n"),
            ("a negative number", "seed: -1\n"),
            ("a number past all bounds", "runs: [{ results: 18446744073709551616 }]\n"),
            ("yes", "account: { apis: { catalog: { auto-top-up: yes } } }\n"),
        ],
    );
}

#[test]
fn version_clock_and_account() {
    check(
        "version_clock_and_account",
        &[
            ("another version", "version: 2\n"),
            ("a misspelt mode", "clock: { mode: manaul }\n"),
            ("a rate without a scaled clock", "clock: { mode: manual, rate: 60 }\n"),
            ("a rate alone", "clock: { rate: 60 }\n"),
            ("a scaled clock without a rate", "clock: { mode: scaled }\n"),
            ("no rate at all", "clock: { mode: scaled, rate: 0 }\n"),
            ("too high a rate", "clock: { mode: scaled, rate: .inf }\n"),
            ("a start without a time zone", "clock: { start: 2026-01-15T10:30:00 }\n"),
            ("a start in half a time zone", "clock: { start: 2026-01-15T10:30:00+01 }\n"),
            ("a start that is a date", "clock: { start: 2026-01-15 }\n"),
            ("a start in the far future", "clock: { start: 9999-01-01T00:00:00Z }\n"),
            ("no number of credits", "account: { apis: { catalog: { credits: lots } } }\n"),
            ("negative credits", "account: { apis: { catalog: { credits: -5 } } }\n"),
            ("a misspelt rate limit", "account: { apis: { catalog: { rate-limit: documentd } } }\n"),
            ("another word for no limit", "account: { apis: { catalog: { rate-limit: none } } }\n"),
            ("a number as rate limit", "account: { apis: { catalog: { rate-limit: 50 } } }\n"),
            ("half a rate limit", "account: { apis: { catalog: { rate-limit: { requests: 50 } } } }\n"),
            (
                "a rate limit that lets nothing through",
                "account: { apis: { catalog: { rate-limit: { requests: 0, per: 4s } } } }\n",
            ),
            (
                "a rate limit in no time",
                "account: { apis: { catalog: { rate-limit: { requests: 5, per: 0s } } } }\n",
            ),
        ],
    );
}

#[test]
fn declared_accounts() {
    let differing = "\
accounts:
  - { key: a, organization: acme, apis: { catalog: { credits: 5 } } }
  - { key: b, organization: acme }
";
    check(
        "declared_accounts",
        &[
            ("a refused key", "accounts: [{ key: expired-key }]\n"),
            ("an empty key", "accounts: [{ key: '' }]\n"),
            ("a key with a space", "accounts: [{ key: my key }]\n"),
            ("a key outside ASCII", "accounts: [{ key: schlüssel }]\n"),
            ("a key declared twice", "accounts:\n  - key: test-a\n  - key: test-b\n  - key: test-a\n"),
            ("an organization that disagrees", differing),
            (
                "a key called like an organization",
                "accounts:\n  - { key: a, organization: acme }\n  - key: acme\n",
            ),
        ],
    );
}

#[test]
fn matches() {
    let covered = "runs:\n  - match: { kind: crawl }\n  - match: { kind: crawl, host: a.test }\n";
    check(
        "matches",
        &[
            ("a misspelt kind", "runs: [{ match: { kind: crawls } }]\n"),
            ("an agent of a run that has none", "runs: [{ match: { kind: crawl, agent: a } }]\n"),
            ("an agent of an API that has none", "runs: [{ match: { api: catalog, agent: a } }]\n"),
            ("a file of a run that has none", "runs: [{ match: { kind: search, file-name: '*.pdf' } }]\n"),
            ("a count from zero", "runs: [{ match: { nth: 0 } }]\n"),
            ("a nested condition", "runs: [{ match: { request: { profile: { size: 3 } } } }]\n"),
            ("a broken pointer", "runs: [{ match: { request: { /a~2: 3 } } }]\n"),
            ("conditions that are no map", "runs: [{ match: { request: '*' } }]\n"),
            ("a rule that is never reached", covered),
        ],
    );
}

#[test]
fn lifecycles_and_results() {
    let rule = |text: &str| format!("runs: [{{ match: {{ kind: search }}, {text} }}]\n");
    let cases = [
        ("a bare number", rule("lifecycle: { pending: 30 }")),
        ("a long unit", rule("lifecycle: { pending: 5min }")),
        ("a space", rule("lifecycle: { pending: 5 s }")),
        ("a fraction of a unit", rule("lifecycle: { pending: 1.5s }")),
        ("units out of order", rule("lifecycle: { pending: 30s1m }")),
        ("an unknown unit", rule("lifecycle: { pending: 2w }")),
        ("more than ten years", rule("lifecycle: { pending: 4000d }")),
        ("a range that runs backwards", rule("lifecycle: { pending: 40s..20s }")),
        ("a range without a unit", rule("lifecycle: { pending: 20..40s }")),
        ("a distribution without a tail", rule("lifecycle: { pending: { p50: 1s } }")),
        ("a tail below the median", rule("lifecycle: { pending: { p50: 2s, p99: 1s } }")),
        ("a median of nothing", rule("lifecycle: { pending: { p50: 0s, p99: 1s } }")),
        ("a misspelt phase", rule("lifecycle: { runing: 1s }")),
        ("a phase of another API", rule("lifecycle: { created: 1s }")),
        ("a phase of another kind", rule("lifecycle: { restarting: 1s }")),
        ("more results than a search has", rule("results: 9")),
        ("a range beyond what a search has", rule("results: 5..9")),
        ("a range of counts that runs backwards", rule("results: 3..1")),
        ("no count", rule("results: many")),
    ];
    check("lifecycles_and_results", &cases);
}

#[test]
fn outcomes() {
    let rule = |kind: &str, rest: &str| format!("runs: [{{ match: {{ kind: {kind} }}, {rest} }}]\n");
    let cases = [
        ("a misspelt outcome", rule("crawl", "outcome: complete")),
        ("two outcomes", rule("crawl", "outcome: { failed: {}, stuck: {} }")),
        ("no outcome", rule("crawl", "outcome: {}")),
        ("an outcome with a value left out", rule("crawl", "outcome: { failed: }")),
        ("settings where there are none", rule("crawl", "outcome: { completed: { at: 5% } }")),
        ("a misspelt step", rule("crawl", "outcome: { failed: { step: Extracting listing } }")),
        ("a step where there are none", rule("search", "outcome: { failed: { step: Extracting listings } }")),
        (
            "a step without a kind",
            "runs: [{ outcome: { failed: { step: Extracting listings } } }]\n".to_owned(),
        ),
        ("a share without its sign", rule("crawl", "outcome: { failed: { at: 60 } }")),
        ("a share above the whole", rule("crawl", "outcome: { failed: { at: 101% } }")),
        ("a share that is too fine", rule("crawl", "outcome: { failed: { at: 0.00001% } }")),
        ("a final state to be stuck in", rule("crawl", "outcome: { stuck: { state: completed } }")),
        ("partial without a number", rule("extract", "outcome: partial")),
        ("partial for a crawl", rule("crawl", "outcome: { partial: { failed-items: 1 } }")),
        (
            "more failures than items",
            rule("extract", "results: 2, outcome: { partial: { failed-items: 3 } }"),
        ),
    ];
    check("outcomes", &cases);
}

#[test]
fn broken_yaml() {
    check(
        "broken_yaml",
        &[
            ("a bracket left open", "runs: [\n"),
            ("a quote left open", "seed: 1\ndescription: \"Never\n"),
            ("indentation that fits nowhere", "clock:\n    mode: real\n  rate: 2\n"),
            ("a tab", "clock:\n\tmode: real\n"),
            ("a colon in a plain text", "description: first: second\n"),
            ("an alias of nothing", "accounts: [{ key: *main }]\n"),
            ("a tag", "seed: !random 7\n"),
            ("a second document", "seed: 1\n---\nseed: 2\n"),
            ("a control character", "description: \u{1}\n"),
        ],
    );
}

#[test]
fn what_an_alias_repeats_is_reported_once() {
    let text = "
runs:
  - match: { kind: crawl }
    lifecycle: &slow { pending: 30 }
  - match: { kind: extract }
    lifecycle: *slow
";
    assert_eq!(parse("alias.yaml", text).expect_err("it has a mistake").count(), 1);
}

#[test]
fn a_mistake_does_not_cause_others() {
    for text in [
        "runs:\n  - match: { kind: crwal }\n  - match: { kind: search }\n",
        "accounts:\n  - { key: a, organization: o, apis: { catalog: { credits: x } } }\n  - { key: b, organization: o }\n",
        "clock: { mode: saceld, rate: 3 }\n",
        "runs: [{ match: { kind: crwal }, outcome: { failed: { step: Extracting listings } } }]\n",
    ] {
        let mistakes = parse("one.yaml", text).expect_err("it has a mistake");
        assert_eq!(mistakes.count(), 1, "{mistakes}");
    }
}
