//! Everything the server answers, in one router. Tests call it without a socket.

use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::cors;
use crate::apis::catalog;
use crate::apis::dialect::Dialect;
use crate::apis::pipeline;
use crate::control;
use crate::control::access::Access;
use crate::defects;
use crate::shared::Shared;

/// An emulated API and where it is reached.
struct Api {
    prefix: &'static str,
    alias: &'static str,
    dialect: fn() -> Option<&'static Dialect>,
    router: fn(&Arc<Shared>) -> Router,
}

/// Every emulated API. Each is served under its own paths and, with the same operations, behind its alias.
const APIS: [Api; 1] = [Api {
    prefix: catalog::PREFIX,
    alias: catalog::ALIAS,
    dialect: catalog::dialect,
    router: catalog::router,
}];

/// The router of a server. The control plane stands beside the emulated APIs, with a fallback of its own; it answers
/// this machine only.
pub fn build(shared: &Arc<Shared>) -> Router {
    build_for(shared, &Arc::default())
}

/// The same for the callers that `access` names.
pub fn build_for(shared: &Arc<Shared>, access: &Arc<Access>) -> Router {
    let fallback = {
        let shared = Arc::clone(shared);
        move |request: Request| unknown(Arc::clone(&shared), request)
    };
    let mut apis = Router::new();
    for api in &APIS {
        let Some(dialect) = (api.dialect)() else { continue };
        let unknown = {
            let shared = Arc::clone(shared);
            move |request: Request| pipeline::unknown(Arc::clone(&shared), dialect, request)
        };
        let aliased = (api.router)(shared).fallback(unknown);
        apis = apis.merge((api.router)(shared)).nest(api.alias, aliased);
    }
    let whole = apis
        .fallback(fallback)
        .nest(
            control::PREFIX,
            control::router(Arc::clone(shared), Arc::clone(access)).layer(middleware::from_fn(routed)),
        )
        .route(&format!("{}/", control::PREFIX), control::trailing_slash(Arc::clone(access)));
    let whole = if shared.defects.is_empty() { whole } else { defects::around(shared, whole) };
    if access.origins.is_empty() { whole } else { whole.layer(cors::layer(&access.origins)) }
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
        |prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let api = APIS.iter().find(|api| below(api.prefix) || below(api.alias));
    match api.and_then(|api| (api.dialect)()) {
        Some(dialect) => pipeline::unknown(shared, dialect, request).await,
        None => nobody(path),
    }
}

fn nobody(path: &str) -> Response {
    let path: String = path.chars().take(200).collect();
    let text = format!(
        "Nothing is served under {path}.\nThis is Rehearsal: {} is Catalog (also {}{}), {} is the control plane \
         (try {}/health).\n",
        catalog::PREFIX,
        catalog::ALIAS,
        catalog::PREFIX,
        control::PREFIX,
        control::PREFIX
    );
    (StatusCode::NOT_FOUND, text).into_response()
}
