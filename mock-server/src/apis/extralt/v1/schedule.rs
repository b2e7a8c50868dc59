//! Schedules, as v1 shows them.

use http::StatusCode;

use super::wire::Schedule;
use super::{once, page, say};
use crate::apis::dialect::Call;
use crate::apis::extralt::problem::Problem;
use crate::apis::extralt::shown::{ScheduleShown, find_schedule};
use crate::apis::extralt::{lists, schedules};
use crate::apis::reply::Reply;
use crate::model::extralt::schedule::ScheduleId;
use crate::model::extralt::state::Command;
use crate::world::state::WorldState;

pub(super) fn create(call: &Call<'_>, world: &mut WorldState) -> Reply {
    once(call, world, |call, world| {
        let id = schedules::create(call, world)?;
        shown(world, id, StatusCode::CREATED)
    })
}

pub(super) fn list(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let state = world.extralt();
    let rows = lists::schedules(call, world).map(|found| {
        let shown = found.items.iter().filter_map(|it| Schedule::of(&ScheduleShown::of(state, it)?));
        page(shown.collect(), found.next)
    });
    say(call, rows)
}

pub(super) fn get(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let found = find_schedule(call, world.extralt(), call.path("id")).map(|(id, _)| id);
    let found = found.ok_or_else(|| Problem::not_found("schedule"));
    say(call, found.and_then(|id| shown(world, id, StatusCode::OK)))
}

pub(super) fn update(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let updated = schedules::update(call, world);
    say(call, updated.and_then(|id| shown(world, id, StatusCode::OK)))
}

pub(super) fn delete(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let deleted = schedules::change(call, world, Command::DeleteSchedule);
    say(call, deleted.map(|_| Reply::empty(StatusCode::NO_CONTENT)))
}

pub(super) fn pause(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let paused = schedules::change(call, world, Command::PauseSchedule);
    say(call, paused.and_then(|id| shown(world, id, StatusCode::OK)))
}

pub(super) fn resume(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let resumed = schedules::change(call, world, Command::ResumeSchedule);
    say(call, resumed.and_then(|id| shown(world, id, StatusCode::OK)))
}

fn shown(world: &WorldState, id: ScheduleId, status: StatusCode) -> Result<Reply, Problem> {
    let state = world.extralt();
    let shown = state.schedule(id).and_then(|schedule| ScheduleShown::of(state, schedule));
    let shown = shown.as_ref().and_then(Schedule::of);
    shown.map(|it| Reply::json(status, &it)).ok_or_else(|| Problem::not_found("schedule"))
}
