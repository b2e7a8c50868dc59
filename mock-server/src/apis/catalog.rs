//! Catalog v2 on the wire.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::Request;
use axum::routing::any;
use fixtures::contract::{Contract, Operation};
use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderName};
use ulid::Ulid;

use crate::apis::dialect::{Dialect, Handler};
use crate::apis::pipeline;
use crate::clock::VirtualTime;
use crate::seed::Draws;
use crate::shared::Shared;
use crate::world::state::WorldState;

mod about;
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
        staged: errors::staged,
        about: about::about,
        items: "/data",
        admit: WorldState::admit_to_catalog,
        announce: rate::announce,
    })
});

/// How Catalog says what every API says. `None` only in a build without its contract.
pub fn dialect() -> Option<&'static Dialect> {
    DIALECT.as_ref()
}

/// Every path of the contract. A path answers every method itself, since axum would tell clients of methods that no page
/// documents: it takes HEAD for a GET, and names both in an `Allow` header.
pub fn router(shared: &Arc<Shared>) -> Router {
    let mut router = Router::new();
    let Some(dialect) = dialect() else { return router };
    let mut paths: BTreeMap<&str, Vec<(&'static Operation, Handler)>> = BTreeMap::new();
    for operation in dialect.contract.operations() {
        if let Some((_, handler)) = HANDLERS.iter().find(|(id, _)| *id == operation.id()) {
            paths.entry(operation.path()).or_default().push((operation, *handler));
        }
    }
    for (path, operations) in paths {
        let shared = Arc::clone(shared);
        let operations = Arc::new(operations);
        let serve = move |request: Request| {
            let (shared, operations) = (Arc::clone(&shared), Arc::clone(&operations));
            async move {
                let meant = operations.iter().find(|(operation, _)| operation.method() == request.method());
                match meant {
                    Some((operation, handler)) => {
                        pipeline::serve(shared, dialect, operation, *handler, request).await
                    }
                    None => pipeline::unknown(shared, dialect, request).await,
                }
            }
        };
        router = router.route(path, any(serve));
    }
    router
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
