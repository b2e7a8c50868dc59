//! Bodies, parameters and addresses that are refused.

use serde_json::Value;

use super::super::{Check, Cost};
use super::{asked, expect, expect_refusal, first_pages, must, needs_acceptance, should};
use crate::history::History;
use crate::history::seen::Seen;
use crate::profile::extralt::is_v1;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    must(
        "error.json-400",
        "A body that is not JSON is answered with 400",
        Cost::Write,
        &["extralt.v0.errors.malformed-json-400"],
        "a create whose body is not JSON",
        malformed,
    ),
    should(
        "error.broken-json",
        "A body that is not JSON is answered with 400",
        Cost::Write,
        &["extralt.v1.errors.malformed-json-400"],
        "a create whose body is not JSON",
        malformed,
    ),
    must(
        "error.missing-400",
        "A body without a required member is answered with 400",
        Cost::Write,
        &["extralt.v0.errors.missing-field-400"],
        "a create without a required member",
        missing,
    ),
    should(
        "error.missing-member",
        "A body without a required member is answered with 400",
        Cost::Write,
        &["extralt.v1.errors.missing-field-400"],
        "a create without a required member",
        missing,
    ),
    should(
        "error.field-named",
        "The message about a body names what is at fault",
        Cost::Write,
        &["extralt.v0.errors.field-named"],
        "a create without a required member",
        named,
    ),
    must(
        "error.value-422",
        "A body with a value that is not allowed is answered with 422",
        Cost::Write,
        &["extralt.v0.errors.bad-value-422"],
        "a body with a value that cannot be",
        value,
    ),
    should(
        "error.bad-value",
        "A body with a value that cannot be is answered with 422",
        Cost::Write,
        &[
            "extralt.v1.errors.bad-value-422",
            "extralt.v1.requests.budget-values",
            "extralt.v1.requests.start-urls-values",
        ],
        "a body with a value that cannot be",
        value,
    ),
    should(
        "error.parameter-400",
        "A parameter that is missing, or cannot be, is answered with 400",
        Cost::Read,
        &["extralt.v0.errors.missing-parameter-400", "extralt.v1.errors.bad-parameter-400"],
        "a request without a required parameter",
        parameter,
    ),
    must(
        "error.required",
        "A create without what it needs is refused",
        Cost::Write,
        &[
            "extralt.v0.robot-builds.create.fields-required",
            "extralt.v0.runs.create.robot-id-required",
            "extralt.v1.robots.create.required",
            "extralt.v1.runs.create.robot-required",
            "extralt.v1.schedules.create.required",
            "extralt.v1.enrichments.create.source-required",
        ],
        "a create without a required member",
        required,
    ),
    should(
        "error.required-known",
        "A schedule needs a robot and a cadence, an enrichment a source",
        Cost::Write,
        &["extralt.v0.schedules.create.fields-required", "extralt.v0.enrichments.create.source"],
        "a create without a required member",
        required,
    ),
    must(
        "error.values",
        "A source of another kind and a budget of nothing are refused",
        Cost::Write,
        &["extralt.v1.enrichments.create.source-kinds", "extralt.v1.schedules.update.budget-positive"],
        "a create or a change with a value that is not allowed",
        values,
    ),
    must(
        "error.no-side-effect",
        "A refused create begins nothing",
        Cost::Write,
        &["extralt.v0.errors.no-side-effect"],
        "a refused create between two lists of runs",
        ghost,
    ),
    should(
        "error.unknown-path",
        "An address that is no endpoint is answered with 404",
        Cost::Read,
        &["extralt.v1.errors.unknown-path"],
        "a request to an address that is none",
        path,
    ),
];

/// The operations whose bodies are told apart here.
const CREATES: [&str; 6] = [
    "extralt.robot-builds.create",
    "extralt.robots.create",
    "extralt.runs.create",
    "extralt.schedules.create",
    "extralt.enrichments.create",
    "extralt.webhooks.create",
];

fn creates(history: &History) -> impl Iterator<Item = &Seen> {
    CREATES.into_iter().flat_map(|operation| asked(history, operation))
}

fn malformed(history: &History) -> Tally {
    let mut tally = Tally::default();
    expect(&mut tally, creates(history).filter(|seen| seen.is_malformed()), "not-400", &[400]);
    needs_acceptance(history, &mut tally, "extralt.runs.create");
    tally
}

/// The first required member that a body lacks.
fn lacks(history: &History, seen: &Seen) -> Option<String> {
    let operation = history.contract.operation(seen.operation()?)?;
    operation.request_schema()?;
    if seen.is_malformed() || !seen.request().is_object() {
        return None;
    }
    let violations = operation.request_violations(seen.request()).into_iter();
    violations.filter(|it| it.keyword == "required").find_map(|it| {
        let name = it.pointer.strip_prefix('/')?.to_owned();
        (!name.contains('/')).then_some(name)
    })
}

fn lacking(history: &History) -> impl Iterator<Item = &Seen> {
    creates(history).filter(|seen| lacks(history, seen).is_some())
}

fn missing(history: &History) -> Tally {
    let mut tally = Tally::default();
    expect(&mut tally, lacking(history), "not-400", &[400]);
    needs_acceptance(history, &mut tally, "extralt.runs.create");
    tally
}

fn required(history: &History) -> Tally {
    let mut tally = Tally::default();
    expect_refusal(&mut tally, lacking(history), "not-refused");
    needs_acceptance(history, &mut tally, "extralt.runs.create");
    tally
}

fn named(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in lacking(history).filter(|seen| seen.is_refusal()) {
        let Some(name) = lacks(history, seen) else { continue };
        tally.saw(seen);
        if !seen.text("/message").is_some_and(|message| message.contains(&name)) {
            tally.broke(
                seen,
                "unnamed",
                format!("a message that names {name}"),
                seen.at("/message").to_string(),
            );
        }
    }
    tally
}

/// Bodies that have all they need, and a value that the contract does not allow.
fn faulty(history: &History) -> impl Iterator<Item = &Seen> {
    let changes = asked(history, "extralt.schedules.update");
    creates(history).chain(changes).filter(|seen| {
        let operation = seen.operation().and_then(|id| history.contract.operation(id));
        let violations = operation.map(|it| it.request_violations(seen.request())).unwrap_or_default();
        let about_values = violations.iter().any(|it| it.keyword != "required");
        let deep = violations.iter().any(|it| it.keyword == "required");
        seen.request().is_object() && lacks(history, seen).is_none() && about_values && !deep
    })
}

fn value(history: &History) -> Tally {
    let mut tally = Tally::default();
    let away = creates(history).filter(|seen| is_elsewhere(seen));
    expect(&mut tally, faulty(history).chain(away), "not-422", &[422]);
    needs_acceptance(history, &mut tally, "extralt.runs.create");
    tally
}

/// Whether a body asks to begin at a shop that is no robot's of the plan.
pub(super) fn is_elsewhere(seen: &Seen) -> bool {
    let urls = seen.request().get("start_urls").and_then(Value::as_array);
    urls.into_iter().flatten().any(|url| url.as_str().is_some_and(|url| url.contains("elsewhere.example")))
}

fn values(history: &History) -> Tally {
    let mut tally = Tally::default();
    let wanted = ["extralt.enrichments.create", "extralt.schedules.update"];
    let probes = faulty(history).filter(|seen| seen.operation().is_some_and(|it| wanted.contains(&it)));
    expect_refusal(&mut tally, probes, "accepted");
    needs_acceptance(history, &mut tally, "extralt.runs.create");
    tally
}

fn parameter(history: &History) -> Tally {
    let mut tally = Tally::default();
    let reads = history.judged().filter(|seen| !seen.writes() && seen.has_good_key());
    let probes = reads.filter(|seen| {
        let operation = seen.operation().and_then(|id| history.contract.operation(id));
        let pairs = crate::history::seen::pairs(seen.exchange().request().query());
        // In v0 a format that is none has a status of its own.
        let has_own = seen.query("format").is_some() && !is_v1(history);
        !has_own && operation.is_some_and(|it| it.query(&pairs).is_err())
    });
    expect(&mut tally, probes.filter(|seen| !history.is_turned_away(seen)), "not-400", &[400]);
    needs_acceptance(history, &mut tally, "extralt.runs.list");
    tally
}

fn ghost(history: &History) -> Tally {
    let mut tally = Tally::default();
    let lists: Vec<_> = first_pages(history, "extralt.runs.list")
        .filter(|list| list.credential() == Some("$KEY_A"))
        .collect();
    for (before, after) in lists.iter().zip(lists.iter().skip(1)) {
        let between = (before.id() + 1)..after.id();
        let writes = history.all().iter().filter(|seen| between.contains(&seen.id()) && seen.writes());
        let (refused, other): (Vec<_>, Vec<_>) =
            writes.filter(|seen| seen.operation().is_some()).partition(|seen| seen.is_refusal());
        let moved = history
            .all()
            .iter()
            .any(|seen| between.contains(&seen.id()) && seen.operation().is_none() && seen.writes());
        let Some(first) = refused.first().filter(|_| other.is_empty() && !moved) else { continue };
        tally.saw(first);
        let known: Vec<_> = before.items().iter().filter_map(|item| before.id_of(item)).collect();
        let ghost = after.items().iter().filter_map(|item| after.id_of(item)).find(|id| !known.contains(id));
        if let Some(ghost) = ghost {
            tally
                .broke(after, "ghost-run", "the same list as before the refusal", ghost)
                .after(first)
                .after(before);
        }
    }
    tally
}

fn path(history: &History) -> Tally {
    let mut tally = Tally::default();
    let probes = history.judged().filter(|seen| {
        let path = seen.exchange().request().path();
        seen.operation().is_none() && path.starts_with("/v1/")
    });
    expect(&mut tally, probes, "not-404", &[404]);
    needs_acceptance(history, &mut tally, "extralt.runs.list");
    tally
}
