//! Extralt v1 on the wire: what its published client speaks.

use std::sync::LazyLock;

use fixtures::contract::Contract;
use http::StatusCode;
use serde::Serialize;

use crate::apis::bearer;
use crate::apis::dialect::{Call, Dialect, Failure, Handler, Staged};
use crate::apis::extralt::acts::Made;
use crate::apis::extralt::problem::{Problem, Version};
use crate::apis::extralt::shown::{EnrichmentShown, ImportShown, RobotShown, RunShown, find};
use crate::apis::extralt::{
    REQUEST_ID, about, again, announce, captures, enrichments, imports, lists, request_id, robots, runs,
};
use crate::apis::reply::Reply;
use crate::model::RunId;
use crate::model::extralt::run::Kind;
use crate::world::state::WorldState;

mod schedule;
mod webhooks;
mod wire;

pub(in crate::apis) use webhooks::outgoing;
use wire::{Count, Enrichment, Import, Page, Robot, Run};

/// The paths that belong to this version.
pub const PREFIX: &str = "/v1";

/// Who answers which operation.
pub const HANDLERS: &[(&str, Handler)] = &[
    ("extralt.robots.create", Handler::Json(create_robot)),
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
    ("extralt.schedules.create", Handler::Json(schedule::create)),
    ("extralt.schedules.list", Handler::Json(schedule::list)),
    ("extralt.schedules.get", Handler::Json(schedule::get)),
    ("extralt.schedules.update", Handler::Json(schedule::update)),
    ("extralt.schedules.delete", Handler::Json(schedule::delete)),
    ("extralt.schedules.pause", Handler::Json(schedule::pause)),
    ("extralt.schedules.resume", Handler::Json(schedule::resume)),
    ("extralt.imports.create", Handler::Upload(imports::UPLOAD, create_import)),
    ("extralt.imports.get", Handler::Json(get_import)),
    ("extralt.enrichments.create", Handler::Json(create_enrichment)),
    ("extralt.enrichments.list", Handler::Json(list_enrichments)),
    ("extralt.enrichments.get", Handler::Json(get_enrichment)),
    ("extralt.enrichments.stop", Handler::Json(stop_enrichment)),
    ("extralt.items.list", Handler::Json(list_items)),
    ("extralt.items.get", Handler::Json(get_item)),
    ("extralt.items.export", Handler::Json(export_items)),
    ("extralt.query.create", Handler::NotStoodIn),
    ("extralt.query.export", Handler::NotStoodIn),
    ("extralt.query-model.get", Handler::NotStoodIn),
    ("extralt.explore-overview.get", Handler::NotStoodIn),
    ("extralt.explore-facets.get", Handler::NotStoodIn),
    ("extralt.explore-activity.get", Handler::NotStoodIn),
    ("extralt.explore-activity-events.list", Handler::NotStoodIn),
    ("extralt.explore-stores.list", Handler::NotStoodIn),
    ("extralt.explore-entities.list", Handler::NotStoodIn),
    ("extralt.explore-relationships.get", Handler::NotStoodIn),
    ("extralt.explore-changes.list", Handler::NotStoodIn),
    ("extralt.explore-markets.list", Handler::NotStoodIn),
    ("extralt.explore-variants.get", Handler::NotStoodIn),
    ("extralt.explore-variant-offers.get", Handler::NotStoodIn),
    ("extralt.explore-variant-history.get", Handler::NotStoodIn),
    ("extralt.explore-variant-price-series.get", Handler::NotStoodIn),
    ("extralt.explore-price-position.get", Handler::NotStoodIn),
    ("extralt.explore-price-movements.get", Handler::NotStoodIn),
    ("extralt.explore-availability-changes.get", Handler::NotStoodIn),
    ("extralt.explore-assortment-overlap.get", Handler::NotStoodIn),
    ("extralt.webhooks.create", Handler::Json(webhooks::create)),
    ("extralt.webhooks.list", Handler::Json(webhooks::list)),
    ("extralt.webhooks.get", Handler::Json(webhooks::get)),
    ("extralt.webhooks.delete", Handler::Json(webhooks::delete)),
    ("extralt.webhooks.test", Handler::Json(webhooks::test)),
];

static DIALECT: LazyLock<Option<Dialect>> = LazyLock::new(|| {
    Some(Dialect {
        contract: Contract::find("extralt", "v1")?,
        // `Authorization: Bearer` and nothing else (page "Authentication").
        credential: bearer::key,
        secrets: &[],
        request_id_header: Some(REQUEST_ID),
        request_id,
        failure,
        staged,
        judges_paths: false,
        about: about::about,
        items: "/data",
        admit: WorldState::admit_to_extralt,
        announce,
    })
});

/// How v1 says what every API says. `None` only in a build without its contract.
pub fn dialect() -> Option<&'static Dialect> {
    DIALECT.as_ref()
}

#[derive(Debug, Serialize)]
struct Envelope<'a> {
    error: EnvelopeError<'a>,
}

#[derive(Debug, Serialize)]
struct EnvelopeError<'a> {
    code: &'a str,
    message: &'a str,
    request_id: &'a str,
}

fn failure(failure: &Failure, request_id: &str) -> Reply {
    refuse(&Problem::of_failure(failure, Version::V1), request_id)
}

fn staged(staged: &Staged, request_id: &str) -> Reply {
    refuse(&Problem::of_staged(staged), request_id)
}

/// The envelope that every error has (published client, `ErrorResponse`).
fn refuse(problem: &Problem, request_id: &str) -> Reply {
    let code = code(problem.status);
    let error = EnvelopeError { code: &code, message: &problem.message, request_id };
    Reply::json(problem.status, &Envelope { error })
}

/// The word for a status. Only `invalid_request` is published; the others are our choice.
fn code(status: StatusCode) -> String {
    let known = match status {
        StatusCode::BAD_REQUEST => "invalid_request",
        StatusCode::PAYMENT_REQUIRED => "insufficient_credits",
        StatusCode::TOO_MANY_REQUESTS => "rate_limited",
        StatusCode::INTERNAL_SERVER_ERROR => "internal_error",
        _ => {
            let reason = status.canonical_reason().unwrap_or("error");
            return reason.to_ascii_lowercase().replace('\'', "").replace([' ', '-'], "_");
        }
    };
    known.to_owned()
}

/// An answer, or what is wrong.
fn say(call: &Call<'_>, outcome: Result<Reply, Problem>) -> Reply {
    outcome.unwrap_or_else(|problem| refuse(&problem, call.request_id))
}

/// The same of a request that may carry an idempotency key.
fn once(
    call: &Call<'_>,
    world: &mut WorldState,
    act: impl FnOnce(&Call<'_>, &mut WorldState) -> Result<Reply, Problem>,
) -> Reply {
    let refused = |problem: &Problem| refuse(problem, call.request_id);
    again::once(call, world, refused, |call, world| say(call, act(call, world)))
}

fn page<T: Serialize>(data: Vec<T>, next_cursor: Option<String>) -> Reply {
    Reply::json(StatusCode::OK, &Page { data, next_cursor })
}

/// What a request led to, in full.
fn made(call: &Call<'_>, world: &WorldState, made: Made, status: StatusCode) -> Result<Reply, Problem> {
    let id = world.extralt().run(made.run).map_or("", |run| &run.record.id);
    let reply = shown(call, world, made.run, status)?;
    Ok(if made.began { reply.began(id) } else { reply.about(id) })
}

/// A robot, run, enrichment or import, in full.
fn shown(call: &Call<'_>, world: &WorldState, id: RunId, status: StatusCode) -> Result<Reply, Problem> {
    let state = world.extralt();
    let unknown = || Problem::not_found("resource");
    let run = state.run(id).ok_or_else(unknown)?;
    let reply = match run.kind() {
        Kind::Robot => RobotShown::of(call, state, id).and_then(Robot::of).map(|it| Reply::json(status, &it)),
        Kind::Run => RunShown::of(call, state, id).and_then(Run::of).map(|it| Reply::json(status, &it)),
        Kind::Enrichment => {
            EnrichmentShown::of(call, state, id).map(|it| Reply::json(status, &Enrichment::of(it)))
        }
        Kind::Import => {
            ImportShown::of(call, state, id).and_then(Import::of).map(|it| Reply::json(status, &it))
        }
    };
    Ok(reply.ok_or_else(unknown)?.about(&run.record.id))
}

/// The one of this kind that the path names.
fn get(call: &Call<'_>, world: &WorldState, kind: Kind, what: &str) -> Reply {
    let found = find(call, world.extralt(), kind, call.path("id")).ok_or_else(|| Problem::not_found(what));
    say(call, found.and_then(|(id, _)| shown(call, world, id, StatusCode::OK)))
}

fn create_robot(call: &Call<'_>, world: &mut WorldState) -> Reply {
    once(call, world, |call, world| {
        let built = robots::build(call, world, "country")?;
        let there = robots::is_built(world, built.run);
        made(call, world, built, if there { StatusCode::OK } else { StatusCode::ACCEPTED })
    })
}

fn list_robots(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let state = world.extralt();
    say(
        call,
        lists::runs(call, world, Kind::Robot, false).map(|found| {
            let shown = found.items.iter().filter_map(|id| Robot::of(RobotShown::of(call, state, *id)?));
            page(shown.collect(), found.next)
        }),
    )
}

fn get_robot(call: &Call<'_>, world: &mut WorldState) -> Reply {
    get(call, world, Kind::Robot, "robot")
}

fn delete_robot(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let deleted = robots::delete(call, world, false).map(|()| Reply::empty(StatusCode::NO_CONTENT));
    say(call, deleted)
}

fn create_run(call: &Call<'_>, world: &mut WorldState) -> Reply {
    once(call, world, |call, world| {
        let run = runs::create(call, world)?;
        made(call, world, run, StatusCode::ACCEPTED)
    })
}

fn list_runs(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let state = world.extralt();
    let found = match lists::since(call) {
        Ok(Some(since)) => lists::finished_since(call, world, Kind::Run, since),
        Ok(None) => lists::runs(call, world, Kind::Run, false),
        Err(problem) => Err(problem),
    };
    let rows = found.map(|found| {
        let shown = found.items.iter().filter_map(|id| Run::summary(RunShown::of(call, state, *id)?));
        page(shown.collect(), found.next)
    });
    say(call, rows)
}

fn get_run(call: &Call<'_>, world: &mut WorldState) -> Reply {
    get(call, world, Kind::Run, "run")
}

fn stop_run(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let stopped = runs::stop(call, world, Kind::Run);
    say(call, stopped.and_then(|id| shown(call, world, id, StatusCode::OK)))
}

fn restart_run(call: &Call<'_>, world: &mut WorldState) -> Reply {
    once(call, world, |call, world| {
        let run = runs::restart(call, world)?;
        made(call, world, run, StatusCode::ACCEPTED)
    })
}

fn create_import(call: &Call<'_>, world: &mut WorldState) -> Reply {
    once(call, world, |call, world| {
        let import = imports::create(call, world)?;
        made(call, world, import, StatusCode::ACCEPTED)
    })
}

fn get_import(call: &Call<'_>, world: &mut WorldState) -> Reply {
    get(call, world, Kind::Import, "import")
}

fn create_enrichment(call: &Call<'_>, world: &mut WorldState) -> Reply {
    once(call, world, |call, world| {
        let enrichment = enrichments::create(call, world)?;
        made(call, world, enrichment, StatusCode::ACCEPTED)
    })
}

fn list_enrichments(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let state = world.extralt();
    let found = match (lists::since(call), call.text("source_id")) {
        (Err(problem), _) => Err(problem),
        (Ok(Some(_)), Some(_)) => {
            Err(Problem::bad_request("source_id and finished_since cannot be given together"))
        }
        (Ok(Some(since)), None) => lists::finished_since(call, world, Kind::Enrichment, since),
        (Ok(None), Some(source)) => lists::enrichments_of(call, world, source),
        (Ok(None), None) => lists::runs(call, world, Kind::Enrichment, false),
    };
    let rows = found.map(|found| {
        let shown = found.items.iter().filter_map(|id| EnrichmentShown::of(call, state, *id));
        page(shown.map(Enrichment::of).collect(), found.next)
    });
    say(call, rows)
}

fn get_enrichment(call: &Call<'_>, world: &mut WorldState) -> Reply {
    get(call, world, Kind::Enrichment, "enrichment")
}

fn stop_enrichment(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let stopped = runs::stop(call, world, Kind::Enrichment);
    say(call, stopped.and_then(|id| shown(call, world, id, StatusCode::OK)))
}

fn list_captures(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let found = captures::captures(call, world);
    say(call, found.and_then(|found| captures::list(call, world, found, Version::V1)))
}

fn count_captures(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let found = captures::captures(call, world);
    say(
        call,
        found.map(|found| Reply::json(StatusCode::OK, &Count { count: found.len() }).about(found.about())),
    )
}

fn export_captures(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let found = captures::captures(call, world);
    say(call, found.map(|found| captures::export(call, found, Version::V1)))
}

fn list_items(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let found = captures::items(call, world);
    say(call, found.and_then(|found| captures::list(call, world, found, Version::V1)))
}

fn get_item(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(call, captures::item(call, world, Version::V1))
}

fn export_items(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let found = captures::items(call, world);
    say(call, found.map(|found| captures::export(call, found, Version::V1)))
}
