//! Catalog v2 on the wire.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::Request;
use axum::routing::{MethodFilter, on};
use fixtures::contract::Contract;
use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderMap, Method};
use ulid::Ulid;

use crate::apis::pipeline::{self, Dialect, Handler};
use crate::clock::VirtualTime;
use crate::seed::Draws;
use crate::shared::Shared;
use crate::world::state::WorldState;

mod affiliate;
mod cancel;
mod crawl;
mod create;
mod errors;
mod extract;
mod index;
mod lists;
mod mini;
mod paging;
mod rate;
mod results;
mod search;
mod status;
mod usage;
mod wire;

/// The paths that belong to this API.
pub const PREFIX: &str = "/v2";
/// In front of [`PREFIX`] it reaches the same operations: for clients whose base address names the API, and because
/// another API may come to have the same paths.
pub const ALIAS: &str = "/catalog";

/// Who answers which operation.
const HANDLERS: &[(&str, Handler)] = &[
    ("catalog.crawl.create", create::crawl),
    ("catalog.crawl.list", lists::crawls),
    ("catalog.crawl.get", crawl::get),
    ("catalog.crawl.cancel", cancel::crawl),
    ("catalog.extract.create", create::extract),
    ("catalog.extract.list", lists::extracts),
    ("catalog.extract.get", extract::get),
    ("catalog.extract.cancel", cancel::extract),
    ("catalog.agentic-search.create", create::search),
    ("catalog.agentic-search.list", lists::searches),
    ("catalog.agentic-search.get", search::get),
    ("catalog.agentic-search.cancel", cancel::search),
    ("catalog.agentic-search-mini.create", mini::create),
    ("catalog.vendors.list", index::vendors),
    ("catalog.collections.list", index::collections),
    ("catalog.listings.list", index::listings),
    ("catalog.affiliate.create", affiliate::create),
    ("catalog.usage.get", usage::get),
];

static DIALECT: LazyLock<Option<Dialect>> = LazyLock::new(|| {
    Some(Dialect {
        contract: Contract::find("catalog", "v2")?,
        credential,
        request_id_header: HeaderName::from_static("request-id"),
        request_id,
        failure: errors::failure,
        admit: WorldState::admit_to_catalog,
        announce: rate::announce,
    })
});

/// How Catalog says what every API says. `None` only in a build without its contract.
pub fn dialect() -> Option<&'static Dialect> {
    DIALECT.as_ref()
}

/// Every operation of the contract, each with its handler.
pub fn router(shared: &Arc<Shared>) -> Router {
    let mut router = Router::new();
    let Some(dialect) = dialect() else { return router };
    for operation in dialect.contract.operations() {
        let handler = HANDLERS.iter().find(|(id, _)| *id == operation.id()).map(|(_, handler)| *handler);
        let (Some(handler), Some(filter)) = (handler, filter(operation.method())) else { continue };
        let shared = Arc::clone(shared);
        let serve = move |request: Request| {
            let shared = Arc::clone(&shared);
            async move {
                // The router hands HEAD to whoever answers GET; no page documents it.
                if request.method() == operation.method() {
                    pipeline::serve(shared, dialect, operation, handler, request).await
                } else {
                    pipeline::unknown(shared, dialect, request).await
                }
            }
        };
        router = router.route(operation.path(), on(filter, serve));
    }
    router
}

fn filter(method: &Method) -> Option<MethodFilter> {
    MethodFilter::try_from(method.clone()).ok()
}

/// `x-api-key`, or else `Authorization: Bearer` (page "Authentication"). An empty one is none.
pub fn credential(headers: &HeaderMap) -> Option<&[u8]> {
    if let Some(key) = headers.get("x-api-key").filter(|key| !key.is_empty()) {
        return Some(key.as_bytes());
    }
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    let (scheme, key) = value.split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| key.trim_ascii())
}

/// `req_` and a ULID, as the one published answer of the real API has it.
fn request_id(draws: &Draws, now: VirtualTime) -> String {
    format!("req_{}", Ulid::from_parts(now.as_millis(), draws.bits()))
}

#[cfg(test)]
mod tests;
