//! Catalog v2 on the wire.

use std::sync::LazyLock;

use fixtures::contract::Contract;
use http::HeaderMap;
use http::header::HeaderName;
use ulid::Ulid;

use crate::apis::bearer;
use crate::apis::dialect::{Dialect, Handler};
use crate::clock::VirtualTime;
use crate::seed::Draws;
use crate::world::keys::KeyRefusal;
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
pub const HANDLERS: &[(&str, Handler)] = &[
    ("catalog.crawl.create", Handler::Json(create::crawl)),
    ("catalog.crawl.list", Handler::Json(lists::crawls)),
    ("catalog.crawl.get", Handler::Json(crawl::get)),
    ("catalog.crawl.cancel", Handler::Json(cancel::crawl)),
    ("catalog.extract.create", Handler::Json(create::extract)),
    ("catalog.extract.list", Handler::Json(lists::extracts)),
    ("catalog.extract.get", Handler::Json(extract::get)),
    ("catalog.extract.cancel", Handler::Json(cancel::extract)),
    ("catalog.agentic-search.create", Handler::Json(create::search)),
    ("catalog.agentic-search.list", Handler::Json(lists::searches)),
    ("catalog.agentic-search.get", Handler::Json(search::get)),
    ("catalog.agentic-search.cancel", Handler::Json(cancel::search)),
    ("catalog.agentic-search-mini.create", Handler::Json(mini::create)),
    ("catalog.vendors.list", Handler::Json(index::vendors)),
    ("catalog.collections.list", Handler::Json(index::collections)),
    ("catalog.listings.list", Handler::Json(index::listings)),
    ("catalog.affiliate.create", Handler::Json(affiliate::create)),
    ("catalog.usage.get", Handler::Json(usage::get)),
];

static DIALECT: LazyLock<Option<Dialect>> = LazyLock::new(|| {
    Some(Dialect {
        contract: Contract::find("catalog", "v2")?,
        credential,
        secrets: &[],
        request_id_header: Some(HeaderName::from_static("request-id")),
        request_id,
        failure: errors::failure,
        staged: errors::staged,
        judges_paths: false,
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

/// `x-api-key`, or else `Authorization: Bearer` (page "Authentication"). An empty one is none.
pub fn credential(headers: &HeaderMap) -> Result<&[u8], KeyRefusal> {
    match headers.get("x-api-key").filter(|key| !key.is_empty()) {
        Some(key) => Ok(key.as_bytes()),
        None => bearer::key(headers),
    }
}

/// `req_` and a ULID, as the one published answer of the real API has it.
fn request_id(draws: &Draws, now: VirtualTime) -> String {
    format!("req_{}", Ulid::from_parts(now.as_millis(), draws.bits()))
}

#[cfg(test)]
mod tests;
