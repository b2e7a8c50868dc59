//! Schedules: what is asked of them, in either dialect. Both take the same bodies.

use std::sync::Arc;

use serde_json::Value;

use crate::apis::dialect::Call;
use crate::apis::extralt::acts;
use crate::apis::extralt::problem::Problem;
use crate::apis::extralt::runs::{budget, start_urls};
use crate::apis::extralt::shown::find_schedule;
use crate::model::RunId;
use crate::model::extralt::create::{self, usable_robot};
use crate::model::extralt::schedule::{INTERVAL_MAX, ScheduleId, Settings, usual_name};
use crate::model::extralt::state::Command;
use crate::scenario::contents::extralt::{Cadence, CadenceUnit};
use crate::world::state::WorldState;

/// A new schedule.
pub(super) fn create(call: &Call<'_>, world: &mut WorldState) -> Result<ScheduleId, Problem> {
    let body = call.body;
    let urls = start_urls(body);
    let (robot, _) = robot(world, body, &urls)?;
    let cadence = cadence(body)?;
    let name = name(body).unwrap_or_else(|| usual_name(cadence, &robot_name(world, robot)).into());
    let auto_enrich = body.get("auto_enrich").and_then(Value::as_bool).unwrap_or(false);
    let settings =
        Settings { robot, cadence, name, start_urls: urls.into(), budget: budget(body), auto_enrich };
    let around = world.circumstances(call.identity.digest, body, call.now);
    let record = create::schedule(world.extralt(), settings, &around)?;
    let id = Arc::clone(&record.id);
    acts::apply(call, world, Command::Schedule(record))?;
    let found = world.extralt().find_schedule(&id).map(|(id, _)| id);
    found.ok_or_else(|| Problem::not_found("schedule"))
}

/// Other settings for the schedule that the path names: what is left out stays, and null takes a name, addresses and a
/// budget away.
pub(super) fn update(call: &Call<'_>, world: &mut WorldState) -> Result<ScheduleId, Problem> {
    let body = call.body;
    let (id, schedule) = named(call, world)?;
    let mut settings = schedule.settings.clone();
    let has = |name: &str| body.get(name).is_some();
    if has("start_urls") {
        settings.start_urls = start_urls(body).into();
    }
    if has("robot_id") || has("start_urls") {
        let robot = match body.get("robot_id").and_then(Value::as_str) {
            Some(robot) => robot.to_owned(),
            None => robot_id(world, settings.robot),
        };
        (settings.robot, _) = usable_robot(world.extralt(), &robot, &settings.start_urls)?;
    }
    if has("cadence") {
        settings.cadence = cadence(body)?;
    }
    if has("budget") {
        settings.budget = budget(body);
    }
    if let Some(auto_enrich) = body.get("auto_enrich").and_then(Value::as_bool) {
        settings.auto_enrich = auto_enrich;
    }
    if has("name") {
        let usual = || usual_name(settings.cadence, &robot_name(world, settings.robot)).into();
        settings.name = name(body).unwrap_or_else(usual);
    }
    acts::apply(call, world, Command::ChangeSchedule(id, Box::new(settings)))?;
    Ok(id)
}

/// Pauses, resumes or deletes the schedule that the path names.
pub(super) fn change(
    call: &Call<'_>,
    world: &mut WorldState,
    command: fn(ScheduleId) -> Command,
) -> Result<ScheduleId, Problem> {
    let (id, _) = named(call, world)?;
    acts::apply(call, world, command(id))?;
    Ok(id)
}

fn named<'a>(
    call: &Call<'_>,
    world: &'a WorldState,
) -> Result<(ScheduleId, &'a crate::model::extralt::schedule::Schedule), Problem> {
    find_schedule(call, world.extralt(), call.path("id")).ok_or_else(|| Problem::not_found("schedule"))
}

fn robot(world: &WorldState, body: &Value, urls: &[Box<str>]) -> Result<(RunId, Arc<str>), Problem> {
    let id = body.get("robot_id").and_then(Value::as_str).unwrap_or_default();
    Ok(usable_robot(world.extralt(), id, urls)?)
}

fn robot_id(world: &WorldState, robot: RunId) -> String {
    world.extralt().run(robot).map(|run| run.record.id.to_string()).unwrap_or_default()
}

fn robot_name(world: &WorldState, robot: RunId) -> String {
    world.extralt().robot_named(robot).map(|(_, name)| name.to_owned()).unwrap_or_default()
}

fn cadence(body: &Value) -> Result<Cadence, Problem> {
    let value = body.get("cadence").unwrap_or(&Value::Null);
    let amount =
        value.get("interval_amount").and_then(|it| it.as_u64().or_else(|| it.as_f64().map(|it| it as u64)));
    let every =
        amount.and_then(|amount| u32::try_from(amount).ok()).filter(|it| (1..=INTERVAL_MAX).contains(it));
    let every = every.ok_or_else(|| {
        Problem::unprocessable(format!(
            "cadence.interval_amount must be a whole number from 1 to {INTERVAL_MAX}"
        ))
    })?;
    let name = value.get("interval_unit").and_then(Value::as_str).unwrap_or_default();
    let unit = CadenceUnit::ALL.iter().find(|unit| unit.name() == name);
    let unit =
        unit.ok_or_else(|| Problem::unprocessable("cadence.interval_unit must be hour, day, week or month"))?;
    Ok(Cadence { every, unit: *unit })
}

fn name(body: &Value) -> Option<Arc<str>> {
    body.get("name").and_then(Value::as_str).map(str::trim).filter(|name| !name.is_empty()).map(Into::into)
}
