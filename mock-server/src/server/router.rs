//! Everything the server answers, in one router. Tests call it without a socket.

use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::cors;
use crate::apis::directory::{APIS, Api, is_below};
use crate::apis::visit::asked;
use crate::apis::{pipeline, routes};
use crate::control;
use crate::control::access::Access;
use crate::defects;
use crate::shared::Shared;

/// The router of a server. The control plane stands beside the emulated APIs, with a fallback of its own; it answers
/// this machine only.
pub fn build(shared: &Arc<Shared>) -> Router {
    build_for(shared, &Arc::default())
}

/// The same for the callers that `access` names.
pub fn build_for(shared: &Arc<Shared>, access: &Arc<Access>) -> Router {
    let whole = emulated(shared, APIS)
        .nest(
            control::PREFIX,
            control::router(Arc::clone(shared), Arc::clone(access)).layer(middleware::from_fn(routed)),
        )
        .route(&format!("{}/", control::PREFIX), control::trailing_slash(Arc::clone(access)));
    let whole = if shared.defects.is_empty() { whole } else { defects::around(shared, whole) };
    if access.origins.is_empty() { whole } else { whole.layer(cors::layer(&access.origins)) }
}

/// The emulated APIs, and what is said where none of them is.
fn emulated(shared: &Arc<Shared>, table: &'static [Api]) -> Router {
    let mut apis = Router::new();
    for api in table {
        let unknown = {
            let shared = Arc::clone(shared);
            move |request: Request| unknown_of(Arc::clone(&shared), api, request)
        };
        let mut versions = Router::new();
        for version in api.versions {
            let Some(dialect) = (version.dialect)() else { continue };
            versions = versions.merge(routes::router(shared, dialect, version.handlers));
        }
        apis = apis.merge(versions.clone()).nest(api.alias, versions.fallback(unknown));
    }
    let shared = Arc::clone(shared);
    apis.fallback(move |request: Request| unknown(Arc::clone(&shared), table, request))
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
async fn unknown(shared: Arc<Shared>, table: &'static [Api], request: Request) -> Response {
    let path = request.uri().path();
    let owns = |api: &&Api| is_below(path, api.alias) || api.versions.iter().any(|version| version.has(path));
    match table.iter().find(owns) {
        Some(api) => unknown_of(shared, api, request).await,
        None => nobody(table, path),
    }
}

/// The same below what is known to be an API's. What of it belongs to no version has no shape to be answered in.
async fn unknown_of(shared: Arc<Shared>, api: &'static Api, request: Request) -> Response {
    // Behind its alias an API sees what follows that.
    let path = request.uri().path();
    match api.version(path).and_then(|version| (version.dialect)()) {
        Some(dialect) => pipeline::unknown(shared, dialect, request).await,
        None => no_version(api, asked(&request.into_parts().0).path()),
    }
}

fn no_version(api: &Api, path: &str) -> Response {
    let versions: Vec<String> = api.roots().map(|root| format!("{}{root}", api.alias)).collect();
    let text = format!(
        "No version of {} is served under {}.\nIts versions are {}.\n",
        api.name,
        shortened(path),
        versions.join(" and ")
    );
    (StatusCode::NOT_FOUND, text).into_response()
}

fn nobody(table: &[Api], path: &str) -> Response {
    let served = table.iter().flat_map(|api| {
        api.roots().map(move |root| format!("{root} is {} (also {}{root})", api.name, api.alias))
    });
    let served: Vec<String> = served.collect();
    let text = format!(
        "Nothing is served under {}.\nThis is Rehearsal: {}, {} is the control plane (try {}/health).\n",
        shortened(path),
        served.join(", "),
        control::PREFIX,
        control::PREFIX
    );
    (StatusCode::NOT_FOUND, text).into_response()
}

fn shortened(path: &str) -> String {
    path.chars().take(200).collect()
}

#[cfg(test)]
mod tests;
