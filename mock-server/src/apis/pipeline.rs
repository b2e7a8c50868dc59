//! The course of a request to an emulated API: route, authentication, rate limit, journal [ fault before, validation,
//! handler, fault after ].

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{RawPathParams, Request};
use axum::response::Response;
use fixtures::contract::{Operation, Place};
use http::HeaderMap;
use http::request::Parts;
use serde_json::Value;

use crate::apis::dialect::{Allowance, Asked, Call, Dialect, Failure, Handler};
use crate::apis::effects;
use crate::apis::fetch::fetch;
use crate::apis::presigned;
use crate::apis::upload::{Brought, Taken, take};
use crate::apis::visit::{Arrival, Visit, asked};
use crate::clock::{RealTime, VirtualTime};
use crate::faults::Course;
use crate::journal::redaction::Secret;
use crate::journal::redaction::members::may_show;
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
    let by_token = matches!(meant, Some((_, Handler::Presigned(_))));
    let meant = meant.map(|(operation, handler)| (operation, handler.bare()));
    let path = path_parameters(&mut parts, meant.is_some()).await;
    let (real, wall) = shared.now();
    let operation = meant.map(|(operation, _)| operation);
    let entered = if by_token {
        enter_by_token(shared, &path)
    } else {
        authenticate(shared, dialect, &parts.headers, real, wall)
    };
    let Entered { world, secret, account } = match entered {
        Ok(entered) => entered,
        Err(failure) => {
            let offered = match token(&path).filter(|_| by_token) {
                Some(token) => Secret::of(token),
                None => offered(dialect, &parts.headers),
            };
            let world = &shared.refused;
            let arrival = arrive(world, real, wall);
            // What is not there is not there for anybody.
            let failure = if meant.is_some() { failure } else { unknown_operation(&parts) };
            let visit = Visit::new(shared, dialect, operation, world, &parts, offered, arrival);
            return visit.refuse(&failure).await;
        }
    };
    let (arrival, allowance, armed) = admit(dialect, &world, real, wall, by_token);
    let mut visit = Visit::new(shared, dialect, operation, &world, &parts, secret, arrival);
    visit.allowance = allowance;
    if let Some(retry_after) = allowance.and_then(|allowance| allowance.retry_after) {
        return visit.refuse(&Failure::RateLimited { retry_after }).await;
    }
    let pairs = pairs(parts.uri.query());
    let taken = match take(body, meant, &parts.headers, &pairs, world.files()).await {
        Ok(taken) => taken,
        Err(refused) => return visit.refuse(&refused).await,
    };
    let Taken { kept, json: body, digest: upload_digest, uploaded, brought } = taken;
    visit.body = kept;
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
        meet(&mut visit, &parts.headers, account, &path, body)
    } else {
        Course::default()
    };
    if let Some(standing) = meets.standing
        && allowance.is_none_or(|allowance| standing.remaining < allowance.remaining)
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
    let body = match &brought {
        // The contract describes the fields of a form, and not what became of its file.
        Brought::Form(form) => Some(Ok(form.members())),
        Brought::Blob(_) | Brought::Fetched(_) | Brought::Nothing => body,
    };
    let judged = dialect.judges_paths.then_some(&*path);
    let valid = match validate(operation, judged, &pairs, &parts.headers, body) {
        Ok(valid) => valid,
        Err(invalid) => {
            visit.violations = told(&invalid, dialect.secrets);
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
    let brought = match handler {
        Handler::Fetch(source, _) => {
            let source = source(&valid.body);
            Brought::Fetched(fetch(&source, &shared.targets, world.files(), &shared.fetches).await)
        }
        _ => brought,
    };
    let base = presigned::base(shared.public_url.as_ref(), &parts.headers, asked(&parts));
    // Time has passed since the request arrived.
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
            brought: &brought,
            identity,
            request_id: &request_id,
            real,
            now,
            base: &base,
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
/// the request counts; one too many does not. Who comes with a token comes to a store of files, which has no such limit.
fn admit(
    dialect: &Dialect,
    world: &World,
    real: RealTime,
    wall: VirtualTime,
    by_token: bool,
) -> (Arrival, Option<Allowance>, bool) {
    let (standing, arrival, armed) = world.at(real, |state, now| {
        let now = if state.request_came(real) { state.now(real) } else { now };
        let arrival = Arrival { real, wall, now, mode: state.clock().mode() };
        let standing = (!by_token).then(|| (dialect.admit)(state, now));
        (standing, arrival, !state.faults().is_empty())
    });
    let allowance = standing.map(|standing| Allowance::new(&standing, arrival.mode, arrival.now, wall));
    (arrival, allowance, armed)
}

/// Decides what goes wrong with a request, and counts it among its equals.
fn meet(
    visit: &mut Visit<'_>,
    headers: &HeaderMap,
    account: Option<&str>,
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
        let name = account.is_none().then(|| state.stream().name().to_owned());
        let subject = RequestSubject {
            contract: dialect.contract,
            operation,
            about: &about,
            headers: &headers,
            account: account.or(name.as_deref()).unwrap_or_default(),
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
fn told(invalid: &Invalid, secrets: &[&str]) -> String {
    match invalid {
        Invalid::Json(error) => format!("body: not JSON: {error}"),
        Invalid::Violations(violations) => {
            let lines = violations.iter().map(|violation| {
                let hidden = violation.place == Place::Body && may_show(secrets, violation);
                let message = if hidden { "(left out)" } else { &*violation.message };
                format!("{}{}: {message}", violation.place.word(), violation.pointer)
            });
            lines.collect::<Vec<_>>().join("\n")
        }
    }
}

/// The credential a request offers, whether or not it is accepted.
fn offered<'a>(dialect: &Dialect, headers: &'a HeaderMap) -> Secret<'a> {
    let key = (dialect.credential)(headers).ok().and_then(|key| std::str::from_utf8(key).ok());
    key.map_or(Secret::NONE, Secret::of)
}

/// Whose request it is.
struct Entered<'a> {
    world: Arc<World>,
    /// What let it in, and must not be written down.
    secret: Secret<'a>,
    /// The key; `None` where another thing let it in.
    account: Option<&'a str>,
}

/// The token of a presigned address, whether or not it belongs to a world.
fn token(path: &[(String, String)]) -> Option<&str> {
    path.iter().find(|(name, _)| name == presigned::TOKEN).map(|(_, token)| token.as_str())
}

fn enter_by_token<'a>(shared: &Shared, path: &'a [(String, String)]) -> Result<Entered<'a>, Failure> {
    let token = token(path).ok_or(Failure::UnknownToken)?;
    let world = presigned::mark(token).and_then(|mark| shared.registry.by_mark(mark));
    let world = world.ok_or(Failure::UnknownToken)?;
    Ok(Entered { world, secret: Secret::of(token), account: None })
}

fn authenticate<'a>(
    shared: &Shared,
    dialect: &Dialect,
    headers: &'a HeaderMap,
    real: RealTime,
    wall: VirtualTime,
) -> Result<Entered<'a>, Failure> {
    let key = (dialect.credential)(headers).map_err(Failure::Key)?;
    let key = std::str::from_utf8(key).map_err(|_| Failure::Key(KeyRefusal::Invalid))?;
    match shared.registry.enter(key, real, wall) {
        Ok(world) => Ok(Entered { secret: world.secret(key), world, account: Some(key) }),
        Err(NoWorld::Key(refusal)) => Err(Failure::Key(refusal)),
        Err(NoWorld::TooMany(most)) => Err(Failure::TooManyWorlds(most)),
    }
}

#[cfg(test)]
mod tests;
