//! `GET` and `PATCH /_rehearsal/clock`.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::HeaderMap;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::{ADVANCE_MAX, Mode, VIRTUAL_TIME_MAX, VirtualTime};
use crate::control::body::{Strict, StrictQuery};
use crate::control::error::ControlError;
use crate::control::select::{self, Key, Selected};
use crate::control::{Outcome, change};
use crate::scenario::clock::{MAX_RATE, MIN_RATE};
use crate::scenario::duration::text::{self, Written};
use crate::shared::Shared;
use crate::world::World;
use crate::world::log::Command;
use crate::world::registry::Template;
use crate::world::state::WorldState;

/// The most runs that schedules may begin in one step of the clock: what follows from it waits for all of them.
const SCHEDULED_MAX: u64 = 100_000;

/// One of three changes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Patch {
    /// A duration, or `next` for the next due event.
    advance: Option<String>,
    /// An instant.
    set: Option<String>,
    /// How time passes from now on.
    mode: Option<String>,
    /// With the mode `scaled`.
    rate: Option<f64>,
}

/// A checked change.
#[derive(Debug, Clone, Copy)]
enum Change {
    Advance(Duration),
    Next,
    Set(VirtualTime),
    Mode(Mode),
}

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    StrictQuery(key): StrictQuery<Key>,
    headers: HeaderMap,
) -> Outcome {
    if key.key.is_none() && shared.registry.is_empty() && select::credential(&headers).is_none() {
        return Ok(Json(template_reading(&shared, &shared.registry.template())).into_response());
    }
    let world = select::existing(&shared, key.key.as_deref(), &headers)?;
    Ok(Json(reading(&shared, &world)).into_response())
}

pub(super) async fn patch(
    State(shared): State<Arc<Shared>>,
    StrictQuery(key): StrictQuery<Key>,
    headers: HeaderMap,
    Strict(patch): Strict<Patch>,
) -> Outcome {
    let change = checked(&patch)?;
    let selected = select::any(&shared, key.key.as_deref(), &headers)?;
    if matches!(selected, Selected::Template) {
        return template(&shared, change);
    }
    apply(&shared, selected.worlds(), change)?;
    Ok(selected.answer(|world| reading(&shared, world)))
}

fn checked(patch: &Patch) -> Result<Change, ControlError> {
    let invalid = |message: String| ControlError::unprocessable("invalid_clock", message);
    match (&patch.advance, &patch.set, &patch.mode, patch.rate) {
        (Some(next), None, None, None) if next == "next" => Ok(Change::Next),
        (Some(duration), None, None, None) => {
            let duration = text::parse(duration)
                .map_err(|error| invalid(format!("advance: {error}; write 30s, 5m, 2h, 1d, or next")))?;
            if duration > ADVANCE_MAX {
                return Err(invalid("advance: at most ten years at once".to_owned()));
            }
            Ok(Change::Advance(duration))
        }
        (None, Some(instant), None, None) => {
            let instant: Timestamp = instant.parse().map_err(|_| {
                invalid("set: not an instant up to 9999-12-30T22:00:00Z; write it like 2026-01-15T10:30:00Z".to_owned())
            })?;
            Ok(Change::Set(instant.into()))
        }
        (None, None, Some(mode), rate) => mode_change(mode, rate).map(Change::Mode).map_err(invalid),
        _ => Err(invalid(
            "say one of {\"advance\": \"30s\"}, {\"advance\": \"next\"}, {\"set\": \"2026-01-15T10:30:00Z\"}, \
             {\"mode\": \"real\"}, {\"mode\": \"manual\"} and {\"mode\": \"scaled\", \"rate\": 60}"
                .to_owned(),
        )),
    }
}

fn mode_change(mode: &str, rate: Option<f64>) -> Result<Mode, String> {
    match (mode, rate) {
        ("real", None) => Ok(Mode::Real),
        ("manual", None) => Ok(Mode::Manual),
        ("scaled", Some(rate)) if (MIN_RATE..=MAX_RATE).contains(&rate) => Ok(Mode::Scaled(rate)),
        ("scaled", _) => Err(format!("mode scaled needs a rate from {MIN_RATE} to {MAX_RATE}")),
        ("real" | "manual", Some(_)) => Err("rate goes with the mode scaled only".to_owned()),
        _ => Err("mode: real, scaled or manual".to_owned()),
    }
}

fn apply(shared: &Shared, worlds: &[Arc<World>], change: Change) -> Result<(), ControlError> {
    let plan = |state: &mut WorldState, now| commands(state, now, change);
    match change::everywhere(shared, worlds, plan)? {
        0 => Err(ControlError::conflict(
            "nothing_due",
            "nothing is due: no run of this world is under way, or none of them ends by itself; \
             GET /_rehearsal/runs shows them",
        )),
        _ => Ok(()),
    }
}

/// Refuses to go where schedules would have begun more runs than anybody looks at.
fn check_schedules(state: &WorldState, now: VirtualTime, to: VirtualTime) -> Result<(), ControlError> {
    let runs = state.extralt().scheduled_between(now, to);
    if runs <= SCHEDULED_MAX {
        return Ok(());
    }
    let active = state.extralt().schedules().filter(|(_, schedule)| schedule.next.is_some()).count();
    let schedules = if active == 1 { "schedule".to_owned() } else { format!("{active} schedules") };
    let message = format!(
        "until {} the {schedules} of this world would begin {runs} runs, and one step of the clock begins at most \
         {SCHEDULED_MAX}; go in shorter steps, or pause or delete schedules first",
        to.iso_micros()
    );
    Err(ControlError::unprocessable("too_many_scheduled_runs", message))
}

/// What changes the clock; nothing if it shall go to the next due event and there is none.
fn commands(state: &mut WorldState, now: VirtualTime, change: Change) -> Result<Vec<Command>, ControlError> {
    let command = match change {
        Change::Advance(duration) => Some(Command::SetClock(now.after(duration))),
        Change::Set(to) if to < now => {
            let message = format!(
                "set: the clock shows {} and never goes back; reset the world instead",
                now.iso_micros()
            );
            return Err(ControlError::unprocessable("clock_goes_forward", message));
        }
        Change::Set(to) => Some(Command::SetClock(to.min(VIRTUAL_TIME_MAX))),
        Change::Next => state.next_due().map(Command::SetClock),
        Change::Mode(mode) => Some(Command::ClockMode(mode)),
    };
    if let Some(Command::SetClock(to)) = &command {
        check_schedules(state, now, *to)?;
    }
    Ok(command.into_iter().collect())
}

fn template(shared: &Shared, change: Change) -> Outcome {
    let (_, wall) = shared.now();
    shared.registry.change_template(|template| {
        match change {
            Change::Advance(duration) => template.advance(duration, wall),
            Change::Set(to) => template.set_start(to, wall),
            Change::Mode(mode) => template.change_mode(mode, wall),
            Change::Next => {
                return Err(ControlError::conflict("nothing_due", "nothing is due: there is no world yet"));
            }
        }
        Ok(Json(template_reading(shared, template)).into_response())
    })
}

/// The clock that the next world would begin with.
fn template_reading(shared: &Shared, template: &Template) -> Value {
    let (_, wall) = shared.now();
    let (mode, start) = (template.mode(), template.start(wall));
    json!({
        "world": null,
        "now": start.iso_micros(),
        "mode": mode.name(),
        "rate": mode.rate(),
        "advance_per_request": template.advance_per_request().map(written),
        "next": null,
    })
}

fn reading(shared: &Shared, world: &World) -> Value {
    let (real, _) = shared.now();
    world.at(real, |state, now| {
        let mode = state.clock().mode();
        json!({
            "world": world.id(),
            "now": now.iso_micros(),
            "mode": mode.name(),
            "rate": mode.rate(),
            "advance_per_request": state.advance_per_request().map(written),
            "next": state.next_due().map(VirtualTime::iso_micros),
        })
    })
}

fn written(duration: Duration) -> String {
    Written(duration).to_string()
}
