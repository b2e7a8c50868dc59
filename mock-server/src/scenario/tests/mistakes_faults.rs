//! What is said about mistakes in faults.

use super::mistakes::check;

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
        ("a condition to come", matched("{ file-name: \"*.pdf\" }")),
        ("a misspelt condition", matched("{ hots: a.example }")),
        ("a misspelt condition on the run", matched("{ run: { knd: crawl } }")),
    ];
    check("selection", &cases);
}
