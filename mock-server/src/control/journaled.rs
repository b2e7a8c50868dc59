//! What the journal's readers share: whose journal is meant, what a request was about, and how it is shown.

use std::sync::Arc;

use http::HeaderMap;
use serde_json::{Value, json};

use crate::apis::dialect::Asked;
use crate::apis::directory::dialects;
use crate::control::error::ControlError;
use crate::control::select;
use crate::journal::{Entry, Gap, headers};
use crate::scenario::request::About;
use crate::shared::Shared;
use crate::world::World;
use crate::world::state::WorldState;

/// The world whose journal is meant. Requests that have no world are kept too, under a name that no key can have.
pub(super) fn world(
    shared: &Shared,
    key: Option<&str>,
    headers: &HeaderMap,
) -> Result<Arc<World>, ControlError> {
    match key {
        Some(key) if key == shared.refused.id() => Ok(Arc::clone(&shared.refused)),
        key => select::existing(shared, key, headers),
    }
}

/// What a request was about: the run that it named or began, or else what its body asked for.
pub(super) fn about(entry: &Entry<'_>, body: Option<&Value>, state: &WorldState) -> About {
    let run = entry.run.and_then(|run| state.find_run(run));
    if let Some(about) = run.and_then(|run| state.about_run(run)) {
        return about;
    }
    let dialect = dialects()
        .find(|dialect| dialect.contract.api() == entry.api && dialect.contract.version() == entry.version);
    let (Some(dialect), Some(operation)) = (dialect, entry.operation) else { return About::default() };
    let path = entry.target.split_once('?').map_or(entry.target, |(path, _)| path);
    // Behind its alias a path has one more segment in front.
    let behind = path.get(1..).and_then(|rest| rest.find('/').map(|slash| &rest[slash..]));
    let route = |path: &str| dialect.contract.route(&entry.method, path);
    let found = route(path).or_else(|| behind.and_then(route));
    let path = found.map(|(_, parameters)| parameters).unwrap_or_default();
    (dialect.about)(&Asked { operation, path: &path, body }, state)
}

/// The same as a fault would have seen it: the run that a request began is none that it named.
pub(super) fn about_before(entry: &Entry<'_>, body: Option<&Value>, state: &WorldState) -> About {
    let about = about(entry, body, state);
    let created = entry.operation.is_some_and(|operation| operation.ends_with(".create"));
    if created { About { run: None, ..about } } else { about }
}

/// The body of a request, if it was kept whole and is JSON.
pub(super) fn body(entry: &Entry<'_>) -> Option<Value> {
    if entry.request_body.is_empty() { None } else { serde_json::from_slice(entry.request_body).ok() }
}

/// The faults that fired, as `[{id, effect, phase, what, pointer?}]`.
pub(super) fn faults(entry: &Entry<'_>) -> Value {
    serde_json::from_str(entry.faults).unwrap_or_else(|_| json!([]))
}

/// A gap, or null.
pub(super) fn gap(gap: Option<Gap>) -> Value {
    gap.map_or(Value::Null, |gap| json!({ "from": gap.from, "to": gap.to }))
}

/// One gap from the first of two to the last, whatever stands between them.
pub(super) fn joined(one: Option<Gap>, other: Option<Gap>) -> Option<Gap> {
    match (one, other) {
        (Some(one), Some(other)) => Some(Gap { from: one.from.min(other.from), to: one.to.max(other.to) }),
        (one, other) => one.or(other),
    }
}

/// A request as the journal shows it.
pub(super) fn shown(entry: &Entry<'_>) -> Value {
    let body = (!entry.request_body.is_empty()).then(|| String::from_utf8_lossy(entry.request_body));
    json!({
        "number": entry.number,
        "at": entry.at.iso_micros(),
        "real_ms": u64::try_from(entry.real.elapsed().as_millis()).unwrap_or(u64::MAX),
        "method": entry.method.as_str(),
        "target": entry.target,
        "operation": entry.operation,
        "run": entry.run,
        "request_body": body,
        "status": entry.status.map(|status| status.as_u16()),
        "request_id": entry.request_id,
        "faults": faults(entry),
        "violations": entry.violations.lines().collect::<Vec<_>>(),
        "headers": headers::read(entry.headers).map(|(name, value)| (name.to_owned(), json!(value))).collect::<Value>(),
        "began": entry.began,
        "lost": entry.lost,
    })
}
