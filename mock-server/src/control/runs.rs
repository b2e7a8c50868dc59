//! `/_rehearsal/runs`: every run in one shape, and an operator's controls.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::VirtualTime;
use crate::control::body::{Strict, StrictPath, StrictQuery};
use crate::control::error::ControlError;
use crate::control::select::{self, Key};
use crate::control::{Outcome, change};
use crate::lifecycle::{Action, Fraction};
use crate::scenario::kind::RunKind;
use crate::shared::Shared;
use crate::world::World;
use crate::world::runs::{Brief, Newest, operator_command, states};

const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 1_000;
/// How many runs a list looks at inside the world's lock, so that nobody waits for a rare state to be found.
const LOOKED_AT_MAX: usize = 10_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    key: Option<String>,
    kind: Option<String>,
    state: Option<String>,
    limit: Option<usize>,
}

/// The body of an operator's control.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Details {
    /// With `fail`: what `error` shall say.
    error: Option<String>,
    /// With `progress`: how far the run shall be at least, in percent.
    percent: Option<f64>,
}

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    StrictQuery(page): StrictQuery<Page>,
    headers: HeaderMap,
) -> Outcome {
    let kinds = match page.kind.as_deref() {
        None => RunKind::ALL,
        Some(name) => kind(name)?,
    };
    let state = page.state.as_deref().map(|name| state_of(kinds, name)).transpose()?;
    let limit = page.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX);
    let world = select::existing(&shared, page.key.as_deref(), &headers)?;
    let (real, _) = shared.now();
    let body = world.at(real, |world_state, now| {
        let Newest { total, runs } = world_state.newest_runs(kinds, state);
        let briefs = runs.map(|run| world_state.brief(run, now));
        let fits = |brief: &Option<Brief>| {
            brief.as_ref().is_some_and(|brief| state.is_none_or(|state| brief.state == state))
        };
        let (found, more) = first(briefs, fits, limit);
        let runs: Vec<Value> = found.iter().flatten().map(shown).collect();
        json!({ "world": world.id(), "now": now.iso_micros(), "total": total, "runs": runs, "more": more })
    });
    Ok(Json(body).into_response())
}

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    StrictPath(run): StrictPath<String>,
    StrictQuery(key): StrictQuery<Key>,
    headers: HeaderMap,
) -> Outcome {
    let world = select::existing(&shared, key.key.as_deref(), &headers)?;
    Ok(Json(shown(&look(&shared, &world, &run)?)).into_response())
}

pub(super) async fn control(
    State(shared): State<Arc<Shared>>,
    StrictPath((run, action)): StrictPath<(String, String)>,
    StrictQuery(key): StrictQuery<Key>,
    headers: HeaderMap,
    Strict(details): Strict<Details>,
) -> Outcome {
    let action = parse_action(&action, &details)?;
    let world = select::existing(&shared, key.key.as_deref(), &headers)?;
    let (real, _) = shared.now();
    world.at(real, |state, now| {
        let id = state.find_run(&run).ok_or_else(|| unknown_run(&run))?;
        let brief = state.brief(id, now).ok_or_else(|| unknown_run(&run))?;
        if brief.has_ended {
            let message = format!("the run has ended ({}) and stays so", brief.state);
            return Err(ControlError::conflict("run_ended", message));
        }
        let error = details.error.as_deref().map(Into::into);
        change::apply(&world, state, [operator_command(id, action, error)], now, real)
    })?;
    Ok(Json(shown(&look(&shared, &world, &run)?)).into_response())
}

/// The first `limit` runs that fit, and whether there are runs that were not looked at.
fn first<T>(mut runs: impl Iterator<Item = T>, fits: impl Fn(&T) -> bool, limit: usize) -> (Vec<T>, bool) {
    let found = runs.by_ref().take(LOOKED_AT_MAX).filter(fits).take(limit).collect();
    (found, runs.next().is_some())
}

/// The one kind of this name.
fn kind(name: &str) -> Result<&'static [RunKind], ControlError> {
    RunKind::ALL.chunks(1).find(|kind| kind[0].name() == name).ok_or_else(|| {
        let names: Vec<&str> = RunKind::ALL.iter().map(|kind| kind.name()).collect();
        let (last, others) = names.split_last().unwrap_or((&"", &[]));
        ControlError::bad_request("invalid_query", format!("kind: {} or {last}", others.join(", ")))
    })
}

/// The state that runs of one of these kinds can have, by its word.
pub(super) fn state_of(kinds: &[RunKind], name: &str) -> Result<&'static str, ControlError> {
    let mut words: Vec<&'static str> = Vec::new();
    for word in kinds.iter().flat_map(|kind| states(*kind)) {
        if !words.contains(word) {
            words.push(word);
        }
    }
    words.iter().copied().find(|word| *word == name).ok_or_else(|| {
        let message = format!("{name:?} is no state: {}", words.join(", "));
        ControlError::bad_request("invalid_state", message)
    })
}

fn parse_action(name: &str, details: &Details) -> Result<Action, ControlError> {
    let invalid = |message: &str| Err(ControlError::unprocessable("invalid_control", message));
    match (name, &details.error, details.percent) {
        ("complete", None, None) => Ok(Action::Complete),
        ("fail", _, None) => Ok(Action::Fail),
        ("stick", None, None) => Ok(Action::Stick),
        ("unstick", None, None) => Ok(Action::Unstick),
        ("progress", None, Some(percent)) if (0.0..=100.0).contains(&percent) => {
            Ok(Action::Advance(Fraction::from_ppm((percent * 10_000.0) as u32)))
        }
        ("progress", ..) => invalid("progress takes {\"percent\": 0 to 100} and nothing else"),
        ("complete" | "fail" | "stick" | "unstick", ..) => {
            invalid("only fail takes an error and only progress takes a percent")
        }
        _ => Err(ControlError::not_found(
            "unknown_control",
            format!("{name:?} is no control: complete, fail, stick, unstick, progress, or wait"),
        )),
    }
}

pub(super) fn look(shared: &Shared, world: &World, run: &str) -> Result<Brief, ControlError> {
    let (real, _) = shared.now();
    world.at(real, |state, now| state.brief(state.find_run(run)?, now)).ok_or_else(|| unknown_run(run))
}

fn unknown_run(run: &str) -> ControlError {
    let run: String = run.chars().take(200).collect();
    ControlError::not_found(
        "unknown_run",
        format!("this world has no run {run:?}; GET /_rehearsal/runs lists them"),
    )
}

pub(super) fn shown(run: &Brief) -> Value {
    json!({
        "id": &*run.id,
        "api": run.kind.api().name(),
        "kind": run.kind.name(),
        "state": run.state,
        "percent": f64::from(run.work.ppm()) / 10_000.0,
        "created_at": run.created.iso_micros(),
        "started_at": run.started.map(VirtualTime::iso_micros),
        "ended_at": run.ended.map(VirtualTime::iso_micros),
        "error": run.error,
        "waits_for": run.waits_for.as_deref(),
        "controls": run.controls,
        "credits": run.credits,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_for_runs_ends_at_the_limit_and_after_so_many() {
        let runs = |count: u32| (0..count).rev();
        let (found, more) = first(runs(10), |_| true, 3);
        assert_eq!((found, more), (vec![9, 8, 7], true));
        let (found, more) = first(runs(3), |_| true, 3);
        assert_eq!((found.len(), more), (3, false));
        let (found, more) = first(runs(10_000), |run| *run == 0, 3);
        assert_eq!((found, more), (vec![0], false));
        let (found, more) = first(runs(10_001), |run| *run == 0, 3);
        assert_eq!((found, more), (vec![], true));
    }
}
