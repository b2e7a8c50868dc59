//! `/_rehearsal/runs`: every run in one shape, and an operator's controls.

use std::sync::Arc;
use std::{iter, mem};

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
use crate::lifecycle::{Action, Fraction, Stage};
use crate::model::catalog::lists::Group;
use crate::model::catalog::run::{Kind, Run, RunId};
use crate::model::catalog::state::Command;
use crate::model::catalog::view::{Status, View};
use crate::shared::Shared;
use crate::world::World;
use crate::world::log;
use crate::world::state::WorldState;

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
    let kinds: Vec<Kind> =
        match page.kind.as_deref() {
            None => Kind::ALL.to_vec(),
            Some(name) => vec![Kind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
                ControlError::bad_request("invalid_query", "kind: crawl, extract or search")
            })?],
        };
    let state = page.state.as_deref().map(status).transpose()?;
    let limit = page.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX);
    let world = select::existing(&shared, page.key.as_deref(), &headers)?;
    let (real, _) = shared.now();
    let body = world.at(real, |world_state, now| {
        let catalog = world_state.catalog();
        let group = state.map(Status::group);
        // The two states of one group are told apart by looking, so only the group is counted.
        let counted = state.is_none_or(|state| state.group() != Group::Processing);
        let total = counted.then(|| kinds.iter().map(|kind| catalog.list(*kind).len(group)).sum::<usize>());
        let newest = merged(kinds.iter().map(|kind| catalog.list(*kind).newest(group, usize::MAX)));
        let fits = |id: &RunId| counted || catalog.view(*id, now).map(|view| view.status) == state;
        let (found, more) = first(newest, fits, limit);
        let runs: Vec<Value> = found.into_iter().filter_map(|id| shown(world_state, id, now)).collect();
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
    let (_, body) = look(&shared, &world, &run)?;
    Ok(Json(body).into_response())
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
        let (id, _) = state.catalog().find(&run).ok_or_else(|| unknown_run(&run))?;
        let view = state.catalog().view(id, now).ok_or_else(|| unknown_run(&run))?;
        if let Stage::Ended(_) = view.observation.stage {
            let message = format!("the run has ended ({}) and stays so", view.status.name());
            return Err(ControlError::conflict("run_ended", message));
        }
        let error = details.error.as_deref().map(Into::into);
        let command = log::Command::Catalog(Command::Control { run: id, action, error });
        change::apply(&world, state, [command], now, real)
    })?;
    let (_, body) = look(&shared, &world, &run)?;
    Ok(Json(body).into_response())
}

/// The runs of several lists, newest first as in each of them.
fn merged<L: Iterator<Item = RunId>>(lists: impl Iterator<Item = L>) -> impl Iterator<Item = RunId> {
    let mut lists: Vec<_> = lists.map(|mut list| (list.next(), list)).collect();
    iter::from_fn(move || {
        let (next, rest) = lists.iter_mut().max_by_key(|(next, _)| *next)?;
        mem::replace(next, rest.next())
    })
}

/// The first `limit` runs that fit, and whether there are runs that were not looked at.
fn first(
    mut runs: impl Iterator<Item = RunId>,
    fits: impl Fn(&RunId) -> bool,
    limit: usize,
) -> (Vec<RunId>, bool) {
    let found = runs.by_ref().take(LOOKED_AT_MAX).filter(fits).take(limit).collect();
    (found, runs.next().is_some())
}

pub(super) fn status(name: &str) -> Result<Status, ControlError> {
    [Status::Pending, Status::Running, Status::Completed, Status::Failed]
        .into_iter()
        .find(|status| status.name() == name)
        .ok_or_else(|| {
            ControlError::bad_request(
                "invalid_state",
                format!("{name:?} is no state: pending, running, completed, failed"),
            )
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

pub(super) fn look(shared: &Shared, world: &World, run: &str) -> Result<(View, Value), ControlError> {
    let (real, _) = shared.now();
    world
        .at(real, |state, now| {
            let (id, _) = state.catalog().find(run)?;
            Some((state.catalog().view(id, now)?, shown(state, id, now)?))
        })
        .ok_or_else(|| unknown_run(run))
}

fn unknown_run(run: &str) -> ControlError {
    let run: String = run.chars().take(200).collect();
    ControlError::not_found(
        "unknown_run",
        format!("this world has no run {run:?}; GET /_rehearsal/runs lists them"),
    )
}

fn shown(state: &WorldState, id: RunId, now: VirtualTime) -> Option<Value> {
    let run: &Run = state.catalog().run(id)?;
    let view = state.catalog().view(id, now)?;
    let waits_for = state.catalog().waits_for(run, &view).map(|crawl| &*crawl.record.execution_id);
    Some(json!({
        "id": &*run.record.execution_id,
        "api": "catalog",
        "kind": run.record.input.kind().name(),
        "state": view.status.name(),
        "percent": f64::from(view.observation.work.ppm()) / 10_000.0,
        "created_at": run.record.created.iso_micros(),
        "started_at": view.started.map(VirtualTime::iso_micros),
        "ended_at": view.ended.map(VirtualTime::iso_micros),
        "error": view.error,
        "waits_for": waits_for,
        "controls": run.controls.len(),
        "credits": run.record.credits,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_for_runs_ends_at_the_limit_and_after_so_many() {
        let runs = |count: u32| (0..count).rev().map(RunId);
        let (found, more) = first(runs(10), |_| true, 3);
        assert_eq!((found, more), (vec![RunId(9), RunId(8), RunId(7)], true));
        let (found, more) = first(runs(3), |_| true, 3);
        assert_eq!((found.len(), more), (3, false));
        let (found, more) = first(runs(10_000), |run| *run == RunId(0), 3);
        assert_eq!((found, more), (vec![RunId(0)], false));
        let (found, more) = first(runs(10_001), |run| *run == RunId(0), 3);
        assert_eq!((found, more), (vec![], true));
    }
}
