//! The control plane under `/_rehearsal`: our own API over the worlds, never part of an emulated one, never journaled,
//! never faulted. It has its own router, its own fallback and its own error shape.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, delete, get, post};
use axum::{Router, middleware};

use crate::shared::Shared;

pub mod access;
mod account;
mod body;
mod change;
mod clock;
mod contracts;
mod duplicates;
mod error;
mod events;
mod faults;
mod guard;
mod health;
mod inbox;
mod journaled;
mod metrics;
mod openapi;
pub mod reload;
mod requests;
mod runs;
mod scenario;
mod select;
mod verify;
mod wait;
mod webhooks;
mod worlds;

use access::Access;
use error::ControlError;

/// The paths of the control plane.
pub const PREFIX: &str = "/_rehearsal";

/// What a handler of the control plane gives back.
type Outcome = Result<Response, ControlError>;

/// What answers the methods of a path.
type Methods = fn() -> MethodRouter<Arc<Shared>>;

/// Every path below [`PREFIX`], and what answers it. The document of the control plane ([`openapi`]) describes each.
const ROUTES: &[(&str, Methods)] = &[
    ("/health", || get(health::get)),
    ("/metrics", || get(metrics::get)),
    ("/openapi.json", || get(openapi::json)),
    ("/openapi.yaml", || get(openapi::yaml)),
    ("/worlds", || get(worlds::list)),
    ("/worlds/{world}", || delete(worlds::delete)),
    ("/reset", || post(worlds::reset)),
    ("/clock", || get(clock::get).patch(clock::patch)),
    ("/scenario", || get(scenario::get).put(scenario::put)),
    ("/account", || get(account::get).patch(account::patch)),
    ("/faults", || get(faults::list).post(faults::add).delete(faults::clear)),
    ("/faults/{id}", || get(faults::get).delete(faults::remove)),
    ("/runs", || get(runs::list)),
    ("/runs/{run}", || get(runs::get)),
    ("/runs/{run}/wait", || post(wait::post)),
    ("/runs/{run}/{action}", || post(runs::control)),
    ("/requests", || get(requests::list).delete(requests::clear)),
    ("/verify", || post(verify::post)),
    ("/duplicates", || get(duplicates::get)),
    ("/events", || get(events::get)),
    ("/webhooks", || get(webhooks::list)),
    ("/webhooks/flush", || post(webhooks::flush)),
    ("/webhooks/deliveries/{delivery}/redeliver", || post(webhooks::redeliver)),
    ("/inbox/{name}", || get(inbox::read).post(inbox::receive).delete(inbox::clear)),
    ("/contracts", || get(contracts::list)),
    ("/contracts/{api}/{file}", || get(contracts::get)),
];

/// The paths below [`PREFIX`], their variable parts in braces.
pub fn paths() -> impl Iterator<Item = &'static str> {
    ROUTES.iter().map(|(path, _)| *path)
}

/// Every route of the control plane, relative to [`PREFIX`].
pub fn router(shared: Arc<Shared>, access: Arc<Access>) -> Router {
    let routes = ROUTES.iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods()));
    routes
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(access, guarded))
        .with_state(shared)
}

async fn guarded(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    match guard::check(&request, &access) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// What stands at [`PREFIX`] with a slash behind it, which a nested router does not see.
pub fn trailing_slash(access: Arc<Access>) -> MethodRouter {
    any(async || no_such_path("/")).layer(middleware::from_fn_with_state(access, guarded))
}

async fn unknown(request: Request) -> ControlError {
    no_such_path(request.uri().path())
}

fn no_such_path(path: &str) -> ControlError {
    let path: String = path.chars().take(200).collect();
    // Those that stand below another one are found through it.
    let is_below = |path: &str| path.split_once("/{").is_some_and(|(above, _)| paths().any(|it| it == above));
    let there: Vec<&str> = paths().filter(|path| !is_below(path)).collect();
    ControlError::not_found(
        "unknown_path",
        format!("the control plane has no {PREFIX}{path}; it has {}, each under {PREFIX}", there.join(", ")),
    )
}

async fn wrong_method(request: Request) -> ControlError {
    let (method, path) = (request.method(), request.uri().path());
    ControlError::method(format!(
        "{PREFIX}{path} cannot be called with {method}; the Allow header lists what it can"
    ))
}
