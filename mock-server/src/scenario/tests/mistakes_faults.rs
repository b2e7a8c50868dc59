//! What is said about mistakes in faults.

use super::mistakes::check;
use crate::scenario::parse;

#[test]
fn faults() {
    let fault = |text: &str| format!("faults: [{{ {text} }}]\n");
    let cases = [
        ("a fault that does nothing", fault("id: idle")),
        ("two effects", fault("delay: 1s, payload: empty")),
        ("a misspelt effect", fault("respnd: { status: 503 }")),
        ("an effect to come", fault("network: reset")),
        ("an id with a space", fault("id: slow down, delay: 1s")),
        ("an id given twice", "faults:\n  - { id: a, delay: 1s }\n  - { id: a, delay: 2s }\n".to_owned()),
        ("faults that are no list", "faults: { delay: 1s }\n".to_owned()),
        ("a misspelt phase", fault("phase: befor, delay: 1s")),
        ("a drift before", fault("phase: before, drift: random-legal")),
        ("a payload before", fault("phase: before, payload: empty")),
        ("a limit afterwards", fault("phase: after, limit: { requests: 5, per: 1s }")),
        ("a state effect with a phase", fault("phase: after, state: lose-cancel")),
    ];
    check("faults", &cases);
}

#[test]
fn effects() {
    let fault = |text: &str| format!("faults: [{{ {text} }}]\n");
    let cases = [
        ("a delay without a unit", fault("delay: 3")),
        ("a delay nobody waits for", fault("delay: 1h")),
        ("a range that ends too late", fault("delay: 1s..11m")),
        ("an answer that says nothing", fault("respond: {}")),
        ("an error and a status", fault("respond: { error: internal, status: 500 }")),
        ("an error with a body", fault("respond: { error: internal, body: {} }")),
        ("a misspelt error", fault("respond: { error: rate-limit }")),
        ("a status that is none", fault("respond: { status: 99 }")),
        ("a good status without a body", fault("respond: { status: 204 }")),
        ("a body where there can be none", fault("respond: { status: 204, body: x }")),
        ("a form without a wait", fault("respond: { status: 503, retry-after-form: http-date }")),
        ("a misspelt form", fault("respond: { status: 503, retry-after: 4s, retry-after-form: date }")),
        ("a header of the connection", fault("respond: { status: 503, headers: { content-length: 5 } }")),
        ("a header with a line end", fault("respond: { status: 503, headers: { server: \"a\\nb\" } }")),
        ("a misspelt payload", fault("payload: malformed")),
        ("a misspelt drift", fault("drift: random-leagl")),
        ("a drift that edits nothing", fault("drift: []")),
        ("a misspelt edit", fault("drift: [{ delete: /status }]")),
        ("two edits in one", fault("drift: [{ remove: /a, retype: /b }]")),
        ("an edit without a pointer", fault("drift: [{ remove: status }]")),
        ("an edit without a value", fault("drift: [{ set: { at: /status } }]")),
        ("a state effect without its time", fault("state: stale-read")),
        ("a state effect for no time", fault("state: { hidden-after-create: 0s }")),
        ("a misspelt state effect", fault("state: lost-cancel")),
        ("a state effect no operation shows", fault("match: { operation: \"*.list\" }, state: lose-cancel")),
        ("half a limit", fault("limit: { requests: 5 }")),
    ];
    check("effects", &cases);
}

#[test]
fn effects_that_nothing_can_show() {
    let fault = |operation: &str, effect: &str| {
        format!("faults: [{{ match: {{ operation: \"{operation}\" }}, {effect} }}]\n")
    };
    let cases = [
        ("half of a file", fault("extralt.captures.export", "payload: malformed-json")),
        ("a drift in a file", fault("extralt.*.export", "drift: random-illegal")),
        ("an edit in a file", fault("extralt.captures.export", "drift: [{ remove: /id }]")),
        ("a drift in nothing", fault("extralt.webhooks.delete", "drift: random-legal")),
        ("nothing instead of nothing", fault("extralt.schedules.delete", "payload: empty")),
        ("nothing as plain text", {
            "faults: [{ match: { version: v0, operation: \"*.stop\" }, payload: wrong-content-type }]\n"
                .into()
        }),
        ("an item twice where no list is", fault("extralt.runs.get", "state: duplicate-list-item")),
        ("an item twice in a crawl", fault("catalog.crawl.get", "state: duplicate-list-item")),
        ("a stale stop", fault("extralt.runs.stop", "state: { stale-read: 5s }")),
        ("a stale list of shops", fault("catalog.vendors.list", "state: { stale-read: 5s }")),
        ("hidden webhooks", fault("extralt.webhooks.*", "state: { hidden-after-create: 5s }")),
        ("the progress of a robot", fault("extralt.robots.*", "state: regress-progress")),
        ("a cancel of a kind that has none", {
            "faults: [{ match: { kind: robot-build }, state: lose-cancel }]\n".into()
        }),
    ];
    check("effects_that_nothing_can_show", &cases);
}

#[test]
fn effects_that_something_can_show_are_accepted() {
    for (operation, effect) in [
        ("extralt.captures.*", "payload: malformed-json"),
        ("*.export", "payload: empty"),
        ("*.export", "payload: wrong-content-type"),
        ("*.export", "payload: gateway-html"),
        ("extralt.runs.stop", "drift: random-illegal"),
        ("catalog.extract.get", "state: duplicate-list-item"),
        ("catalog.usage.get", "state: duplicate-list-item"),
        ("extralt.captures.export", "state: { stale-read: 5s }"),
        ("extralt.schedules.pause", "state: { hidden-after-create: 5s }"),
        ("*", "state: lose-cancel"),
    ] {
        let text = format!("faults: [{{ match: {{ operation: \"{operation}\" }}, {effect} }}]\n");
        parse("sample.yaml", &text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    }
}

#[test]
fn matches_that_never_hold() {
    let matched = |text: &str| format!("faults: [{{ match: {text}, delay: 1s }}]\n");
    let rule = |text: &str| format!("runs: [{{ match: {text}, results: 1 }}]\n");
    let cases = [
        ("a rule for a crawl with a robot", rule("{ kind: crawl, robot: x }")),
        ("a rule for an import with a robot", rule("{ kind: import, robot: x }")),
        ("a rule for a robot of another API", rule("{ api: catalog, robot: x }")),
        ("a rule for a run with a query", rule("{ kind: run, query: boots }")),
        ("a crawl with a robot", matched("{ kind: crawl, robot: x }")),
        ("an operation of another API", matched("{ api: extralt, operation: catalog.crawl.get }")),
        ("an operation of another version", matched("{ operation: extralt.runs.*, version: v2 }")),
        ("an operation of one version", matched("{ operation: extralt.imports.*, version: v0 }")),
        ("a kind that is not in the version", matched("{ version: v0, kind: import }")),
        ("a kind of other operations", matched("{ operation: extralt.runs.get, kind: enrichment }")),
        ("the host of a list", matched("{ operation: \"*.list\", host: a.example }")),
        ("the query of a run", matched("{ api: extralt, query: boots }")),
        ("the robot of an export", matched("{ operation: extralt.captures.export, robot: x }")),
        ("a run of another kind", matched("{ operation: extralt.runs.*, run: { kind: crawl } }")),
        ("a run that is two things", matched("{ kind: run, run: { kind: enrichment } }")),
        ("a crawl that is named with a robot", matched("{ run: { kind: crawl, robot: x } }")),
        ("a run of an item", matched("{ operation: extralt.items.get, run: { kind: enrichment } }")),
    ];
    check("matches_that_never_hold", &cases);
}

#[test]
fn matches_that_can_hold_are_accepted() {
    for text in [
        "{ operation: \"*.runs.*\", version: v0 }",
        "{ api: extralt, kind: run, robot: x, run: { id: y, kind: run, robot: x } }",
        "{ operation: extralt.schedules.create, robot: x }",
        "{ operation: extralt.schedules.*, robot: x, host: a.example }",
        "{ operation: catalog.agentic-search-mini.create, query: boots }",
        "{ operation: \"*.create\", host: a.example }",
        "{ kind: enrichment, robot: x }",
        "{ kind: crawl, operation: \"*.list\" }",
        "{ operation: \"*\", robot: x }",
    ] {
        let text = format!("faults: [{{ match: {text}, delay: 1s }}]\n");
        parse("sample.yaml", &text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    }
}

#[test]
fn selection() {
    let when = |text: &str| format!("faults: [{{ when: {text}, delay: 1s }}]\n");
    let matched = |text: &str| format!("faults: [{{ match: {text}, delay: 1s }}]\n");
    let cases = [
        ("two ways to pick", when("{ nth: 1, every: 2 }")),
        ("a count from zero", when("{ first: 0 }")),
        ("a probability without its sign", when("{ probability: 5 }")),
        ("a bound without a probability", when("{ at-most: 2 }")),
        ("more than its rows allow", when("{ probability: 70%, at-most: 2 }")),
        ("half of a row", when("{ exactly: 3 }")),
        ("more than a row", when("{ exactly: 11, of: 10 }")),
        ("a row that is too long", when("{ exactly: 1, of: 5000 }")),
        ("a scope without a count", when("{ per: run }")),
        (
            "counts of a run where none is named",
            "faults: [{ match: { operation: \"*.list\" }, when: { first: 1, per: run }, delay: 1s }]\n"
                .to_owned(),
        ),
        ("a run where none is named", matched("{ operation: \"*.create\", run: { kind: crawl } }")),
        ("a misspelt scope", when("{ nth: 1, per: runs }")),
        ("a window that never opens", when("{ window: { for: 0s } }")),
        ("a window that overlaps itself", when("{ window: { for: 1m, every: 30s } }")),
        ("a window for good, again and again", when("{ window: { from: 1s, every: 30s } }")),
        ("a misspelt way to pick", when("{ probabilty: 5% }")),
        ("a misspelt operation", matched("{ operation: catalog.crawl.gte }")),
        ("an operation of another form", matched("{ operation: GET /v2/crawl }")),
        ("a version of no API", matched("{ version: v9 }")),
        ("a version of another API", matched("{ api: catalog, version: v0 }")),
        ("a credential as a header", matched("{ header: { X-Api-Key: test-1 } }")),
        ("a name no header has", matched("{ header: { \"user agent\": a } }")),
        ("a file of a request that has none", matched("{ kind: crawl, file-name: \"*.pdf\" }")),
        ("a misspelt condition", matched("{ hots: a.example }")),
        ("a misspelt condition on the run", matched("{ run: { knd: crawl } }")),
    ];
    check("selection", &cases);
}
