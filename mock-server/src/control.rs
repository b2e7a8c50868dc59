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
mod faults;
mod guard;
mod health;
mod journaled;
pub mod reload;
mod requests;
mod runs;
mod scenario;
mod select;
mod verify;
mod wait;
mod worlds;

use access::Access;
use error::ControlError;

/// The paths of the control plane.
pub const PREFIX: &str = "/_rehearsal";

/// What there is, for whoever asked for something else.
const ROUTES: [&str; 9] = [
    "/health",
    "/worlds",
    "/reset",
    "/clock",
    "/scenario",
    "/account",
    "/faults",
    "/runs",
    "/requests, /verify, /duplicates and /contracts",
];

/// What a handler of the control plane gives back.
type Outcome = Result<Response, ControlError>;

/// Every route of the control plane, relative to [`PREFIX`].
pub fn router(shared: Arc<Shared>, access: Arc<Access>) -> Router {
    Router::new()
        .route("/health", get(health::get))
        .route("/worlds", get(worlds::list))
        .route("/worlds/{world}", delete(worlds::delete))
        .route("/reset", post(worlds::reset))
        .route("/clock", get(clock::get).patch(clock::patch))
        .route("/scenario", get(scenario::get).put(scenario::put))
        .route("/account", get(account::get).patch(account::patch))
        .route("/faults", get(faults::list).post(faults::add).delete(faults::clear))
        .route("/faults/{id}", get(faults::get).delete(faults::remove))
        .route("/runs", get(runs::list))
        .route("/runs/{run}", get(runs::get))
        .route("/runs/{run}/wait", post(wait::post))
        .route("/runs/{run}/{action}", post(runs::control))
        .route("/requests", get(requests::list).delete(requests::clear))
        .route("/verify", post(verify::post))
        .route("/duplicates", get(duplicates::get))
        .route("/contracts", get(contracts::list))
        .route("/contracts/{api}/{file}", get(contracts::get))
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
    ControlError::not_found(
        "unknown_path",
        format!("the control plane has no {PREFIX}{path}; it has {}, each under {PREFIX}", ROUTES.join(", ")),
    )
}

async fn wrong_method(request: Request) -> ControlError {
    let (method, path) = (request.method(), request.uri().path());
    ControlError::method(format!(
        "{PREFIX}{path} cannot be called with {method}; the Allow header lists what it can"
    ))
}
