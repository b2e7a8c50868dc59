//! Everything the server answers, in one router. Tests call it without a socket.

use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::apis::{catalog, pipeline};
use crate::control;
use crate::shared::Shared;

/// The router of a server. The control plane stands beside the emulated APIs, with a fallback of its own.
pub fn build(shared: &Arc<Shared>) -> Router {
    let fallback = {
        let shared = Arc::clone(shared);
        move |request: Request| unknown(Arc::clone(&shared), request)
    };
    Router::new()
        .merge(catalog::router(shared))
        .fallback(fallback.clone())
        .method_not_allowed_fallback(fallback)
        .nest(control::PREFIX, control::router(Arc::clone(shared)).layer(middleware::from_fn(routed)))
        .route(&format!("{}/", control::PREFIX), control::trailing_slash())
}

/// The route of the control plane that answered. The request log says this and not the path, which may name a key.
#[derive(Debug, Clone)]
pub(super) struct Routed(pub(super) Box<str>);

async fn routed(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().into());
    let route = route.unwrap_or_else(|| format!("{}/(unknown)", control::PREFIX).into());
    let mut response = next.run(request).await;
    response.extensions_mut().insert(Routed(route));
    response
}

/// A path no operation has is answered in the shape of the API that owns its prefix.
async fn unknown(shared: Arc<Shared>, request: Request) -> Response {
    let path = request.uri().path();
    let below =
        path.strip_prefix(catalog::PREFIX).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    match catalog::dialect().filter(|_| below) {
        Some(dialect) => pipeline::unknown(shared, dialect, request).await,
        None => nobody(path),
    }
}

fn nobody(path: &str) -> Response {
    let path: String = path.chars().take(200).collect();
    let text = format!(
        "Nothing is served under {path}.\nThis is Rehearsal: {} is Catalog, {} is the control plane \
         (try {}/health).\n",
        catalog::PREFIX,
        control::PREFIX,
        control::PREFIX
    );
    (StatusCode::NOT_FOUND, text).into_response()
}
