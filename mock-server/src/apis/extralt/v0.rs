//! Extralt v0 on the wire: what its pages document.

use std::sync::LazyLock;

use fixtures::contract::Contract;
use http::StatusCode;
use serde::Serialize;

use crate::apis::bearer;
use crate::apis::dialect::{Call, Dialect, Failure, Handler, Staged};
use crate::apis::extralt::acts::Made;
use crate::apis::extralt::problem::{Problem, Version};
use crate::apis::extralt::shown::{
    EnrichmentShown, RobotShown, RunShown, ScheduleShown, find, find_schedule,
};
use crate::apis::extralt::{
    REQUEST_ID, about, again, announce, captures, enrichments, lists, request_id, robots, runs, schedules,
};
use crate::apis::reply::Reply;
use crate::model::RunId;
use crate::model::extralt::run::{Input, Kind};
use crate::model::extralt::state::Command;
use crate::world::state::WorldState;

mod wire;

use wire::{
    BuildDocument, Count, Created, EnrichmentDocument, RobotDocument, Rows, RunDocument, ScheduleDocument,
};

/// The paths that belong to this version.
pub const PREFIX: &str = "/v0";

/// Who answers which operation.
pub const HANDLERS: &[(&str, Handler)] = &[
    ("extralt.robot-builds.create", Handler::Json(create_build)),
    ("extralt.robot-builds.get", Handler::Json(get_build)),
    ("extralt.robots.list", Handler::Json(list_robots)),
    ("extralt.robots.get", Handler::Json(get_robot)),
    ("extralt.robots.delete", Handler::Json(delete_robot)),
    ("extralt.runs.create", Handler::Json(create_run)),
    ("extralt.runs.list", Handler::Json(list_runs)),
    ("extralt.runs.get", Handler::Json(get_run)),
    ("extralt.runs.stop", Handler::Json(stop_run)),
    ("extralt.runs.restart", Handler::OptionalJson(restart_run)),
    ("extralt.captures.list", Handler::Json(list_captures)),
    ("extralt.captures.count", Handler::Json(count_captures)),
    ("extralt.captures.export", Handler::Json(export_captures)),
    ("extralt.schedules.create", Handler::Json(create_schedule)),
    ("extralt.schedules.list", Handler::Json(list_schedules)),
    ("extralt.schedules.get", Handler::Json(get_schedule)),
    ("extralt.schedules.update", Handler::Json(update_schedule)),
    ("extralt.schedules.delete", Handler::Json(delete_schedule)),
    ("extralt.schedules.pause", Handler::Json(pause_schedule)),
    ("extralt.schedules.resume", Handler::Json(resume_schedule)),
    ("extralt.enrichments.create", Handler::Json(create_enrichment)),
    ("extralt.enrichments.list", Handler::Json(list_enrichments)),
    ("extralt.enrichments.get", Handler::Json(get_enrichment)),
    ("extralt.enrichments.stop", Handler::Json(stop_enrichment)),
    ("extralt.items.list", Handler::Json(list_items)),
    ("extralt.items.get", Handler::Json(get_item)),
    ("extralt.items.export", Handler::Json(export_items)),
];

static DIALECT: LazyLock<Option<Dialect>> = LazyLock::new(|| {
    Some(Dialect {
        contract: Contract::find("extralt", "v0")?,
        // `Authorization: Bearer` and nothing else (page "Authentication").
        credential: bearer::key,
        secrets: &[],
        request_id_header: Some(REQUEST_ID),
        request_id,
        failure,
        staged,
        judges_paths: false,
        about: about::about,
        items: "/rows",
        admit: WorldState::admit_to_extralt,
        announce,
    })
});

/// How v0 says what every API says. `None` only in a build without its contract.
pub fn dialect() -> Option<&'static Dialect> {
    DIALECT.as_ref()
}

#[derive(Debug, Serialize)]
struct Flat<'a> {
    error: &'a str,
    message: &'a str,
}

fn failure(failure: &Failure, _: &str) -> Reply {
    refuse(&Problem::of_failure(failure, Version::V0))
}

fn staged(staged: &Staged, _: &str) -> Reply {
    refuse(&Problem::of_staged(staged))
}

/// The flat body that every error has (page "Authentication").
fn refuse(problem: &Problem) -> Reply {
    let error = problem.status.canonical_reason().unwrap_or("Error");
    Reply::json(problem.status, &Flat { error, message: &problem.message })
}

/// An answer, or what is wrong.
fn say(outcome: Result<Reply, Problem>) -> Reply {
    outcome.unwrap_or_else(|problem| refuse(&problem))
}

fn page<T: Serialize>(rows: Vec<T>, next_cursor: Option<String>) -> Reply {
    Reply::json(StatusCode::OK, &Rows { rows, next_cursor })
}

/// The id of what a request led to.
fn created(world: &WorldState, made: Made, status: StatusCode) -> Reply {
    let id = world.extralt().run(made.run).map_or("", |run| &run.record.id);
    let reply = Reply::json(status, &Created { id });
    if made.began { reply.began(id) } else { reply.about(id) }
}

fn nothing(world: &WorldState, id: RunId) -> Reply {
    let id = world.extralt().run(id).map_or("", |run| &run.record.id);
    Reply::empty(StatusCode::NO_CONTENT).about(id)
}

fn create_build(call: &Call<'_>, world: &mut WorldState) -> Reply {
    again::once(call, world, refuse, |call, world| {
        say(robots::build(call, world, "country_code").and_then(|made| {
            if !made.began && robots::is_built(world, made.run) {
                return Ok(created(world, made, StatusCode::OK));
            }
            if !made.began {
                return Err(Problem::conflict("A robot for this host and country is being built already"));
            }
            let record = world.extralt().run(made.run).map(|run| &run.record);
            let build = record.and_then(|record| match &record.input {
                Input::Robot { build, .. } => Some((&**build, &*record.id)),
                Input::Run { .. } | Input::Enrichment { .. } | Input::Import { .. } => None,
            });
            let (build, robot) = build.ok_or_else(|| Problem::not_found("robot build"))?;
            Ok(Reply::json(StatusCode::ACCEPTED, &Created { id: build }).began(robot))
        }))
    })
}

fn get_build(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let state = world.extralt();
    let found = state.find_build(call.path("id")).and_then(|(id, _)| RobotShown::of(call, state, id));
    say(found
        .and_then(|shown| Some((&*shown.run.record.id, BuildDocument::of(shown)?)))
        .map(|(robot, document)| Reply::json(StatusCode::OK, &document).about(robot))
        .ok_or_else(|| Problem::not_found("robot build")))
}

fn list_robots(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let state = world.extralt();
    say(lists::runs(call, world, Kind::Robot, true).map(|found| {
        let shown = found.items.iter().filter_map(|id| RobotDocument::of(&RobotShown::of(call, state, *id)?));
        page(shown.collect(), found.next)
    }))
}

fn get_robot(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let state = world.extralt();
    let found = find(call, state, Kind::Robot, call.path("id"))
        .filter(|(id, _)| robots::is_built(world, *id))
        .and_then(|(id, run)| Some((run, RobotDocument::of(&RobotShown::of(call, state, id)?)?)));
    say(found
        .map(|(run, document)| Reply::json(StatusCode::OK, &document).about(&run.record.id))
        .ok_or_else(|| Problem::not_found("robot")))
}

fn delete_robot(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(robots::delete(call, world, true).map(|()| Reply::empty(StatusCode::NO_CONTENT)))
}

fn create_run(call: &Call<'_>, world: &mut WorldState) -> Reply {
    again::once(call, world, refuse, |call, world| {
        say(runs::create(call, world).map(|made| created(world, made, StatusCode::ACCEPTED)))
    })
}

fn list_runs(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let state = world.extralt();
    say(lists::runs(call, world, Kind::Run, false).map(|found| {
        let shown = found.items.iter().filter_map(|id| RunShown::of(call, state, *id));
        page(shown.map(RunDocument::of).collect(), found.next)
    }))
}

fn get_run(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let state = world.extralt();
    let found = find(call, state, Kind::Run, call.path("id"));
    say(found
        .and_then(|(id, run)| Some((run, RunShown::of(call, state, id)?)))
        .map(|(run, shown)| Reply::json(StatusCode::OK, &RunDocument::of(shown)).about(&run.record.id))
        .ok_or_else(|| Problem::not_found("run")))
}

fn stop_run(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(runs::stop(call, world, Kind::Run).map(|id| nothing(world, id)))
}

fn restart_run(call: &Call<'_>, world: &mut WorldState) -> Reply {
    again::once(call, world, refuse, |call, world| {
        say(runs::restart(call, world).map(|made| created(world, made, StatusCode::ACCEPTED)))
    })
}

fn create_schedule(call: &Call<'_>, world: &mut WorldState) -> Reply {
    again::once(call, world, refuse, |call, world| {
        say(schedules::create(call, world).map(|id| {
            let id = world.extralt().schedule(id).map_or("", |schedule| &schedule.record.id);
            Reply::json(StatusCode::CREATED, &Created { id })
        }))
    })
}

fn list_schedules(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let state = world.extralt();
    say(lists::schedules(call, world).map(|found| {
        let shown = found.items.iter().filter_map(|schedule| ScheduleShown::of(state, schedule));
        page(shown.map(|shown| ScheduleDocument::of(&shown)).collect(), found.next)
    }))
}

fn get_schedule(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let state = world.extralt();
    say(find_schedule(call, state, call.path("id"))
        .and_then(|(_, schedule)| ScheduleShown::of(state, schedule))
        .map(|shown| Reply::json(StatusCode::OK, &ScheduleDocument::of(&shown)))
        .ok_or_else(|| Problem::not_found("schedule")))
}

fn update_schedule(call: &Call<'_>, world: &mut WorldState) -> Reply {
    match schedules::update(call, world) {
        Ok(_) => get_schedule(call, world),
        Err(problem) => refuse(&problem),
    }
}

fn delete_schedule(call: &Call<'_>, world: &mut WorldState) -> Reply {
    changed(call, world, Command::DeleteSchedule)
}

fn pause_schedule(call: &Call<'_>, world: &mut WorldState) -> Reply {
    changed(call, world, Command::PauseSchedule)
}

fn resume_schedule(call: &Call<'_>, world: &mut WorldState) -> Reply {
    changed(call, world, Command::ResumeSchedule)
}

fn changed(
    call: &Call<'_>,
    world: &mut WorldState,
    command: fn(crate::model::extralt::schedule::ScheduleId) -> Command,
) -> Reply {
    say(schedules::change(call, world, command).map(|_| Reply::empty(StatusCode::NO_CONTENT)))
}

fn create_enrichment(call: &Call<'_>, world: &mut WorldState) -> Reply {
    again::once(call, world, refuse, |call, world| {
        say(enrichments::create(call, world).map(|made| created(world, made, StatusCode::ACCEPTED)))
    })
}

fn list_enrichments(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let state = world.extralt();
    let found = match call.text("source_id") {
        Some(source) => lists::enrichments_of(call, world, source),
        None => lists::runs(call, world, Kind::Enrichment, false),
    };
    say(found.map(|found| {
        let shown = found.items.iter().filter_map(|id| EnrichmentShown::of(call, state, *id));
        page(shown.map(EnrichmentDocument::of).collect(), found.next)
    }))
}

fn get_enrichment(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let state = world.extralt();
    let found = find(call, state, Kind::Enrichment, call.path("id"));
    say(found
        .and_then(|(id, run)| Some((run, EnrichmentShown::of(call, state, id)?)))
        .map(|(run, shown)| Reply::json(StatusCode::OK, &EnrichmentDocument::of(shown)).about(&run.record.id))
        .ok_or_else(|| Problem::not_found("enrichment")))
}

fn stop_enrichment(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(runs::stop(call, world, Kind::Enrichment).map(|id| nothing(world, id)))
}

fn list_captures(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let found = captures::captures(call, world);
    say(found.and_then(|found| captures::list(call, world, found, Version::V0)))
}

fn count_captures(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let found = captures::captures(call, world);
    say(found.map(|found| Reply::json(StatusCode::OK, &Count { count: found.len() }).about(found.about())))
}

fn export_captures(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let found = captures::captures(call, world);
    say(found.map(|found| captures::export(call, found, Version::V0)))
}

fn list_items(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let found = captures::items(call, world);
    say(found.and_then(|found| captures::list(call, world, found, Version::V0)))
}

fn get_item(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(captures::item(call, world, Version::V0))
}

fn export_items(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let found = captures::items(call, world);
    say(found.map(|found| captures::export(call, found, Version::V0)))
}
