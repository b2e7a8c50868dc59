//! What is said about mistakes in what concerns Extralt. The texts are read by people, so read them when they change.

use super::mistakes::check;
use crate::scenario::parse;

#[test]
fn extralt_accounts() {
    let account = |text: &str| format!("account: {{ apis: {{ extralt: {{ {text} }} }} }}\n");
    let cases = [
        ("a misspelt plan", account("plan: sclae")),
        ("a setting of Catalog", account("auto-top-up: true")),
        ("no number of credits", account("credits: none")),
        ("another word for no limit", account("rate-limit: none")),
        ("a number as rate limit", account("rate-limit: 120")),
        ("a burst of nothing", account("rate-limit: { requests: 120, per: 1m, burst: 0 }")),
        ("a burst in Catalog's limit", {
            let limit = "{ requests: 50, per: 4s, burst: 9 }";
            format!("account: {{ apis: {{ catalog: {{ rate-limit: {limit} }} }} }}\n")
        }),
        ("a limit in no time", account("rate-limit: { requests: 120, per: 0s }")),
        (
            "credits of an API that has none",
            "account: { apis: { llama-extract: { credits: 5 } } }\n".to_owned(),
        ),
    ];
    check("extralt_accounts", &cases);
}

#[test]
fn extralt_rules() {
    let rule = |kind: &str, rest: &str| format!("runs: [{{ match: {{ kind: {kind} }}, {rest} }}]\n");
    let cases = [
        ("a kind of another API", "runs: [{ match: { api: catalog, kind: run } }]\n".to_owned()),
        (
            "a fault for a kind of another API",
            "faults: [{ match: { api: extralt, kind: crawl }, delay: 1s }]\n".to_owned(),
        ),
        ("a kind in the contract's style", rule("robot_build", "results: 1")),
        ("the kind of another API", rule("extraction", "results: 1")),
        ("a phase of another kind", rule("run", "lifecycle: { building: 1s }")),
        ("a state of another kind", rule("enrichment", "outcome: { stuck: { state: starting } }")),
        (
            "a phase of another API",
            "runs: [{ match: { api: catalog }, lifecycle: { starting: 1s } }]\n".to_owned(),
        ),
        ("a misspelt refusal", rule("robot-build", "outcome: { failed: { refusal: not-store } }")),
        ("a refusal that is none", rule("robot-build", "outcome: { failed: { refusal: forbidden } }")),
        ("a refusal of a run", rule("run", "outcome: { failed: { refusal: not_store } }")),
        ("a refusal without a kind", "runs: [{ outcome: { failed: { refusal: not_store } } }]\n".to_owned()),
        ("a step of a run", rule("run", "outcome: { failed: { step: Extracting listings } }")),
        ("an invalid run", rule("run", "outcome: invalid")),
        ("invalid without a kind", "runs: [{ outcome: invalid }]\n".to_owned()),
        ("a misspelt setting of an import", rule("import", "outcome: { invalid: { reason: x } }")),
        ("invalid inside failed", rule("import", "outcome: { failed: { invalid: { error: No url. } } }")),
        ("partial for a run", rule("run", "outcome: { partial: { failed-items: 1 } }")),
        ("results of a robot build", rule("robot-build", "results: 3")),
        ("results of an import", rule("import", "results: 3")),
        ("more results than a run has", rule("run", "results: 10000001")),
        ("a rule that is never reached", {
            let wide = "{ match: { api: extralt, robot: a } }";
            format!("runs: [{wide}, {{ match: {{ kind: run, robot: a, host: b }} }}]\n")
        }),
    ];
    check("extralt_rules", &cases);
}

fn world(text: &str) -> String {
    format!("world: {{ extralt: {{ {text} }} }}\n")
}

/// With a robot for `a.example` that has been there for an hour.
fn beside_a_robot(text: &str) -> String {
    world(&format!("robots: [{{ id: mine, url: 'https://a.example' }}], {text}"))
}

#[test]
fn what_a_world_holds_at_extralt() {
    let robot = |text: &str| world(&format!("robots: [{{ url: 'https://a.example', {text} }}]"));
    let run = |text: &str| beside_a_robot(&format!("runs: [{{ robot: mine, {text} }}]"));
    let schedule = |text: &str| beside_a_robot(&format!("schedules: [{{ robot: mine, {text} }}]"));
    let cases = [
        ("robots in a map", world("robots: { url: 'https://a.example' }")),
        ("a misspelt list", world("schedule: []")),
        ("a robot for nothing", world("robots: [{ id: mine }]")),
        ("a robot for a bare host", world("robots: [{ url: a.example }]")),
        ("an id with a dot", robot("id: my.robot")),
        ("an id that is too long", robot(&format!("id: {}", "x".repeat(65)))),
        ("a country in small letters", robot("country: us")),
        ("a country by name", robot("country: Norway")),
        ("a language in capitals", robot("language: EN")),
        ("results of a robot", robot("results: 3")),
        ("a phase of a run", robot("lifecycle: { running: 1s }")),
        ("a run of no robot", world("runs: [{ created: -1h }]")),
        ("a budget of nothing", run("budget: 0")),
        ("a budget in the contract's style", run("auto_enrich: true")),
        ("a page elsewhere", run("start-urls: ['https://www.a.example/1', 'https://b.example/2']")),
        ("a page without its scheme", run("start-urls: [a.example/p]")),
        ("a run with a refusal", run("outcome: { failed: { refusal: not_store } }")),
        ("a schedule that never runs", schedule("created: -1h")),
        ("a cadence without a unit", schedule("cadence: { every: 2 }")),
        ("a cadence in a plural", schedule("cadence: { every: 2, unit: days }")),
        ("a cadence as a duration", schedule("cadence: 1d")),
        ("a cadence of nothing", schedule("cadence: { every: 0, unit: day }")),
        ("an enrichment of nothing", world("enrichments: [{ created: -1h }]")),
        ("imports", world("imports: []")),
        ("before 1970", format!("clock: {{ start: 1970-01-01T00:30:00Z }}\n{}", robot("created: -31m"))),
    ];
    check("what_a_world_holds_at_extralt", &cases);
}

#[test]
fn what_cannot_be_there_together_at_extralt() {
    let run = |text: &str| beside_a_robot(&format!("runs: [{{ {text} }}]"));
    let of = |robot: &str, run: &str| world(&format!("robots: [{{ url: {robot} }}], runs: [{{ {run} }}]"));
    let enriched = |run: &str, enrichments: &str| {
        beside_a_robot(&format!("runs: [{{ id: done, robot: mine, {run} }}], enrichments: [{enrichments}]"))
    };
    let cases = [
        ("an id twice", run("id: mine, robot: mine")),
        ("two robots for a site", {
            world("robots: [{ url: 'https://a.example' }, { url: 'http://www.a.example/shop', country: US }]")
        }),
        ("an unknown robot", run("robot: yours")),
        ("a misspelt robot", run("robot: mnie")),
        ("a misspelt host", run("robot: 'https://a.exmple'")),
        ("one of two robots", {
            let robots = "{ url: 'https://a.example' }, { url: 'https://a.example', country: CA }";
            world(&format!("robots: [{robots}], runs: [{{ robot: a.example }}]"))
        }),
        ("a run that comes too early", run("robot: mine, created: -1h")),
        ("a run that may come too early", run("robot: mine, created: -59m40s")),
        ("a run of a robot that is not built", of("'https://fails.test'", "robot: fails.test")),
        (
            "a run of a robot that is never built",
            of("'https://a.example', outcome: stuck", "robot: a.example"),
        ),
        ("a schedule that comes too early", {
            beside_a_robot("schedules: [{ robot: mine, cadence: { unit: day }, created: -1d }]")
        }),
        ("a schedule with too many runs", {
            world(
                "robots: [{ id: mine, url: 'https://a.example', created: -3650d }], \
                 schedules: [{ robot: mine, cadence: { unit: hour }, created: -3649d }]",
            )
        }),
        ("an enrichment of an unknown run", enriched("created: -10m", "{ run: doen }")),
        ("an enrichment of no run", beside_a_robot("enrichments: [{ run: kh7 }]")),
        ("an enrichment that comes too early", enriched("created: -6m", "{ run: done, created: -5m }")),
        ("an enrichment of a run that fails", enriched("outcome: failed", "{ run: done }")),
        ("an enrichment of a run without captures", enriched("results: 0..9", "{ run: done }")),
        ("two enrichments of a run", enriched("results: 9", "{ run: done }, { run: done, created: -1m }")),
        ("an enrichment of what is enriched", enriched("auto-enrich: true", "{ run: done }")),
        ("an enrichment of a run that may wait", {
            let plan = "account: { apis: { extralt: { plan: start } } }\n";
            let runs = "runs: [{ robot: mine, lifecycle: { running: 10m } }, { id: done, robot: mine }]";
            plan.to_owned() + &beside_a_robot(&format!("{runs}, enrichments: [{{ run: done }}]"))
        }),
    ];
    check("what_cannot_be_there_together_at_extralt", &cases);
}

#[test]
fn a_world_begins_with_ten_thousand_things_of_extralt_at_most() {
    let robots = vec!["{ url: 'https://a.example' }"; 5_001].join(", ");
    let enrichments = vec!["{ run: done }"; 5_000].join(", ");
    let many = world(&format!("robots: [{robots}], enrichments: [{enrichments}]"));
    let mistakes = parse("many.yaml", &many).expect_err("it is one too many");
    assert_eq!(mistakes.count(), 1);
    insta::assert_snapshot!(mistakes.list[0].message, @"a world begins with at most 10000 robots, runs, schedules and enrichments, not 10001");
    // What schedules make is counted with what is written down.
    let made = |schedules: &str| {
        world(&format!(
            "robots: [{{ id: m, url: 'https://a.example', created: -3650d }}], runs: [{{ robot: m }}], \
             schedules: [{schedules}]"
        ))
    };
    let hourly = |hours| format!("{{ robot: m, cadence: {{ unit: hour }}, created: -{hours}h }}");
    assert!(parse("full.yaml", &made(&format!("{}, {}", hourly(9_000), hourly(999)))).is_ok());
    assert!(parse("full.yaml", &made(&format!("{}, {}", hourly(9_000), hourly(1_000)))).is_err());
}

#[test]
fn a_mistake_in_a_robot_is_not_held_against_its_runs() {
    for text in [
        "robots: [{ id: mine, url: a.example }], runs: [{ robot: mine }]",
        "robots: [{ id: mi.ne, url: 'https://a.example' }], runs: [{ robot: a.example }]",
        "robots: [{ id: mine, url: 'https://a.example' }], runs: [{ id: done, robot: mien }], enrichments: [{ run: done }]",
    ] {
        let mistakes = parse("one.yaml", &world(text)).expect_err("it has a mistake");
        assert_eq!(mistakes.count(), 1, "{mistakes}");
    }
}
