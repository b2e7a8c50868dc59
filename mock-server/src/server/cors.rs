//! Lets pages of certain origins call the server and read its answers, for those who develop a browser application
//! against it.

use http::{HeaderName, Method, header};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer, ExposeHeaders};

use crate::apis::directory::dialects;
use crate::apis::reply::SHOULD_RETRY;
use crate::control::access::Origin;

/// What the emulated APIs and the control plane are called with.
const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// The headers of answers that a page would otherwise not get to see, beside those that carry an answer's id.
const EXPOSED: [HeaderName; 6] = [
    header::RETRY_AFTER,
    HeaderName::from_static("ratelimit-limit"),
    HeaderName::from_static("ratelimit-remaining"),
    HeaderName::from_static("ratelimit-reset"),
    SHOULD_RETRY,
    HeaderName::from_static("x-rehearsal-fault"),
];

/// The layer for pages of these origins. It answers their preflights itself.
pub(super) fn layer(origins: &[Origin]) -> CorsLayer {
    let ids = dialects().filter_map(|dialect| dialect.request_id_header.clone());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.iter().map(|origin| origin.value().clone())))
        .allow_methods(METHODS)
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(ExposeHeaders::list(ids.chain(EXPOSED)))
}
