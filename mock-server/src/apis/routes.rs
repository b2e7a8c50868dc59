//! The paths of an API: each operation of its contract to whoever answers it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::any;
use fixtures::contract::Operation;

use crate::apis::dialect::{Dialect, Handler};
use crate::apis::pipeline;
use crate::shared::Shared;

/// Every path of the contract of `dialect` that `handlers` has an operation of, by the operation's id. A path answers
/// every method itself, since axum would tell clients of methods that no page documents: it takes HEAD for a GET, and
/// names both in an `Allow` header.
pub fn router(
    shared: &Arc<Shared>,
    dialect: &'static Dialect,
    handlers: &'static [(&'static str, Handler)],
) -> Router {
    let mut paths: BTreeMap<&str, Vec<(&'static Operation, Handler)>> = BTreeMap::new();
    for operation in dialect.contract.operations() {
        if let Some((_, handler)) = handlers.iter().find(|(id, _)| *id == operation.id()) {
            paths.entry(operation.path()).or_default().push((operation, *handler));
        }
    }
    let mut router = Router::new();
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
