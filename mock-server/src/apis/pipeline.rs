//! The course of a request to an emulated API: route, authentication, rate limit, journal [ fault before, validation,
//! handler, fault after ].

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{RawPathParams, Request};
use axum::response::Response;
use fixtures::contract::Operation;
use http::HeaderMap;
use http::request::Parts;
use serde_json::Value;

use crate::apis::dialect::{Allowance, Asked, Call, Dialect, Failure, Handler};
use crate::apis::effects;
use crate::apis::upload::take;
use crate::apis::visit::{Arrival, Visit, asked};
use crate::clock::{RealTime, VirtualTime};
use crate::faults::Course;
use crate::journal::redaction::Secret;
use crate::scenario::fault::{Effect, Phase};
use crate::scenario::request::{About, RequestSubject};
use crate::seed::Digest;
use crate::shared::Shared;
use crate::validation::{Invalid, pairs, validate};
use crate::world::World;
use crate::world::keys::KeyRefusal;
use crate::world::registry::NoWorld;

/// Takes a request for a documented operation through its course.
pub async fn serve(
    shared: Arc<Shared>,
    dialect: &'static Dialect,
    operation: &'static Operation,
    handler: Handler,
    request: Request,
) -> Response {
    course(&shared, dialect, Some((operation, handler)), request).await
}

/// Answers a request that no operation is for.
pub async fn unknown(shared: Arc<Shared>, dialect: &'static Dialect, request: Request) -> Response {
    course(&shared, dialect, None, request).await
}

async fn course(
    shared: &Shared,
    dialect: &'static Dialect,
    meant: Option<(&'static Operation, Handler)>,
    request: Request,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let path = path_parameters(&mut parts, meant.is_some()).await;
    let (real, wall) = shared.now();
    let operation = meant.map(|(operation, _)| operation);
    let offered = offered(dialect, &parts.headers);
    let (world, key) = match authenticate(shared, dialect, &parts.headers, real, wall) {
        Ok(found) => found,
        Err(failure) => {
            let world = &shared.refused;
            let arrival = arrive(world, real, wall);
            // What is not there is not there for anybody.
            let failure = if meant.is_some() { failure } else { unknown_operation(&parts) };
            let visit = Visit::new(shared, dialect, operation, world, &parts, offered, arrival);
            return visit.refuse(&failure).await;
        }
    };
    let (arrival, allowance, armed) = admit(dialect, &world, real, wall);
    let mut visit = Visit::new(shared, dialect, operation, &world, &parts, world.secret(key), arrival);
    visit.allowance = Some(allowance);
    if let Some(retry_after) = allowance.retry_after {
        return visit.refuse(&Failure::RateLimited { retry_after }).await;
    }
    let pairs = pairs(parts.uri.query());
    let (body, upload) = match take(body, meant, &parts.headers, &pairs).await {
        Ok(taken) => {
            visit.body = taken.kept;
            (taken.json, taken.upload)
        }
        Err(refused) => return visit.refuse(&Failure::Body(refused)).await,
    };
    let (upload_digest, uploaded) = upload.unzip();
    visit.digest = match (operation, &body) {
        (Some(operation), None) => {
            // The digest of an upload stands for its bytes.
            let body = upload_digest.map(|digest| Value::from(digest.0));
            Some(Digest::of(operation.id(), parts.uri.path(), &pairs, body.as_ref()))
        }
        (Some(operation), Some(Ok(body))) => {
            Some(Digest::of(operation.id(), parts.uri.path(), &pairs, Some(body)))
        }
        (None, _) | (_, Some(Err(_))) => None,
    };

    let meets = if armed {
        let body = body.as_ref().and_then(|body| body.as_ref().ok());
        meet(&mut visit, &parts.headers, key, &path, body)
    } else {
        Course::default()
    };
    if let Some(standing) = meets.standing
        && standing.remaining < allowance.remaining
    {
        visit.tell(&standing);
    }
    if wait(&mut visit, &meets, Phase::Before).await {
        // Nothing has happened, and nobody waits for it.
        return visit.unheard();
    }
    if let Some(deed) = meets.deed.as_ref().filter(|deed| deed.fault.phase == Phase::Before)
        && let Some(answer) = effects::before(&mut visit, deed)
    {
        let request_id = visit.request_id();
        return visit.send(answer, &request_id);
    }
    let Some((operation, handler)) = meant else {
        wait(&mut visit, &meets, Phase::After).await;
        visit.deed = meets.deed;
        return visit.refuse(&unknown_operation(&parts)).await;
    };
    let Some(answers) = handler.answers() else {
        shared.counters.not_stood_in(operation);
        wait(&mut visit, &meets, Phase::After).await;
        visit.deed = meets.deed;
        return visit.refuse(&Failure::NotStoodIn { operation: operation.id() }).await;
    };
    let valid = match validate(operation, &pairs, &parts.headers, body) {
        Ok(valid) => valid,
        Err(invalid) => {
            visit.violations = told(&invalid);
            wait(&mut visit, &meets, Phase::After).await;
            visit.deed = meets.deed;
            return visit.refuse(&Failure::Invalid(invalid)).await;
        }
    };
    let staged = meets.deed.as_ref().and_then(|deed| match deed.fault.effect {
        Effect::State(effect) => Some(effect),
        _ => None,
    });
    let took_effect = Cell::new(false);
    // A delay has passed since the request arrived.
    let (real, _) = shared.now();
    let (request_id, reply) = world.at(real, |state, now| {
        let identity = visit.identify(state, now);
        let request_id = (dialect.request_id)(&state.request_draws("request-id", identity), now);
        let call = Call {
            operation: operation.id(),
            route: operation.path(),
            path: &path,
            query: &valid.query,
            body: &valid.body,
            headers: &parts.headers,
            bytes: &visit.body,
            upload_digest,
            uploaded: RefCell::new(uploaded),
            identity,
            request_id: &request_id,
            real,
            now,
            targets: &shared.targets,
            staged,
            took_effect: &took_effect,
        };
        let reply = answers(&call, state);
        (request_id, reply)
    });
    visit.took_effect = took_effect.get();
    visit.note(&reply);
    visit.handled = true;
    wait(&mut visit, &meets, Phase::After).await;
    visit.deed = meets.deed;
    visit.answer(&request_id, reply).await
}

fn unknown_operation(parts: &Parts) -> Failure {
    Failure::UnknownOperation { method: parts.method.clone(), path: asked(parts).path().to_owned() }
}

/// The path parameters. A path whose parameters are no UTF-8 names nothing that exists.
async fn path_parameters(parts: &mut Parts, named: bool) -> Vec<(String, String)> {
    if !named {
        return Vec::new();
    }
    match axum::RequestPartsExt::extract::<RawPathParams>(parts).await {
        Ok(parameters) => {
            parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        }
        Err(_) => Vec::new(),
    }
}

/// When a request without a world of its own arrives.
fn arrive(world: &World, real: RealTime, wall: VirtualTime) -> Arrival {
    world.at(real, |state, now| Arrival { real, wall, now, mode: state.clock().mode() })
}

/// Counts a request of this world, and says whether anything goes wrong on purpose in it. Whatever is answered then,
/// the request counts; one too many does not.
fn admit(dialect: &Dialect, world: &World, real: RealTime, wall: VirtualTime) -> (Arrival, Allowance, bool) {
    let (standing, arrival, armed) = world.at(real, |state, now| {
        let now = if state.request_came(real) { state.now(real) } else { now };
        let arrival = Arrival { real, wall, now, mode: state.clock().mode() };
        ((dialect.admit)(state, now), arrival, !state.faults().is_empty())
    });
    (arrival, Allowance::new(&standing, arrival.mode, arrival.now, wall), armed)
}

/// Decides what goes wrong with a request, and counts it among its equals.
fn meet(
    visit: &mut Visit<'_>,
    headers: &HeaderMap,
    key: &str,
    path: &[(String, String)],
    body: Option<&Value>,
) -> Course {
    let headers: Vec<(&str, &str)> =
        headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let operation = visit.operation.map(Operation::id);
    let dialect = visit.dialect;
    let world = visit.world;
    world.at(visit.arrival.real, |state, now| {
        let identity = visit.identify(state, now);
        let about = match operation.filter(|_| state.faults().ask_about()) {
            Some(operation) => (dialect.about)(&Asked { operation, path, body }, state),
            None => About::default(),
        };
        let subject = RequestSubject {
            contract: dialect.contract,
            operation,
            about: &about,
            headers: &headers,
            account: key,
            body,
        };
        state.meet_faults(&subject, identity, now)
    })
}

/// Lets the delays of this place pass, in real time and outside any lock, or until the client has left. Whether it has.
async fn wait(visit: &mut Visit<'_>, course: &Course, phase: Phase) -> bool {
    let delay = course.delay(phase);
    for delayed in course.delays.iter().filter(|delayed| delayed.fault.phase == phase) {
        visit.fired.add(&delayed.fault, format!("{} ms", delayed.by.as_millis()));
    }
    if delay == Duration::ZERO {
        return false;
    }
    let client = visit.client.clone();
    let gone = async {
        match &client {
            Some(client) => client.gone().await,
            None => std::future::pending().await,
        }
    };
    let left = tokio::select! {
        () = tokio::time::sleep(delay) => false,
        () = gone => true,
    };
    if left {
        visit.leave();
    }
    left
}

/// The violations of a request, for the journal: a line each.
fn told(invalid: &Invalid) -> String {
    match invalid {
        Invalid::Json(error) => format!("body: not JSON: {error}"),
        Invalid::Violations(violations) => {
            let lines = violations.iter().map(|violation| {
                format!("{}{}: {}", violation.place.word(), violation.pointer, violation.message)
            });
            lines.collect::<Vec<_>>().join("\n")
        }
    }
}

/// The credential a request offers, whether or not it is accepted.
fn offered<'a>(dialect: &Dialect, headers: &'a HeaderMap) -> Secret<'a> {
    let key = (dialect.credential)(headers).and_then(|key| std::str::from_utf8(key).ok());
    key.map_or(Secret::NONE, Secret::of)
}

fn authenticate<'a>(
    shared: &Shared,
    dialect: &Dialect,
    headers: &'a HeaderMap,
    real: RealTime,
    wall: VirtualTime,
) -> Result<(Arc<World>, &'a str), Failure> {
    let key = (dialect.credential)(headers).ok_or(Failure::Key(KeyRefusal::Missing))?;
    let key = std::str::from_utf8(key).map_err(|_| Failure::Key(KeyRefusal::Invalid))?;
    match shared.registry.enter(key, real, wall) {
        Ok(world) => Ok((world, key)),
        Err(NoWorld::Key(refusal)) => Err(Failure::Key(refusal)),
        Err(NoWorld::TooMany(most)) => Err(Failure::TooManyWorlds(most)),
    }
}

#[cfg(test)]
mod tests;
