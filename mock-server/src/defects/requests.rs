//! Defects that take one request for another.

use serde_json::{Value, json};

use super::ask::{Ask, What};
use super::memory::Memory;
use crate::shared::defects::Defect;

/// Alters a request before the server sees it. Whether it did.
pub(super) fn alter(defect: Defect, memory: &Memory, ask: &mut Ask) -> bool {
    let altered = match defect {
        Defect::TenantsShared => {
            let key = ask.key();
            memory
                .first_key()
                .filter(|first| key.is_some_and(|key| key != *first))
                .map(|first| ask.with_key(first))
        }
        Defect::AuthOptional => {
            let open = matches!(ask.what, What::List { .. }) && ask.offered().is_none();
            memory.first_key().filter(|_| open).map(|first| ask.with_key(first))
        }
        Defect::BearerIgnored => ask.is_bearer().then(|| ask.without_bearer()),
        Defect::FilterIgnored => {
            let filtered = matches!(ask.what, What::List { .. }) && ask.query("status").is_some();
            filtered.then(|| ask.with_query("status", None))
        }
        Defect::RejectAllCreates => {
            matches!(ask.what, What::Create { .. }).then(|| ask.with_json(&json!({})))
        }
        Defect::LimitsTooLoose => limit(ask, "101", "100", |urls| {
            (urls.len() == 1_001).then(|| urls.iter().take(1_000).cloned().collect())
        }),
        Defect::LimitsTooTight => limit(ask, "100", "101", |urls| {
            (urls.len() == 1_000).then(|| urls.iter().chain(urls.first()).cloned().collect())
        }),
        _ => None,
    };
    let has_changed = altered.is_some();
    if let Some(altered) = altered {
        *ask = altered;
    }
    has_changed
}

/// Another size of a page, or other addresses.
fn limit(ask: &Ask, size: &str, instead: &str, urls: impl Fn(&[Value]) -> Option<Vec<Value>>) -> Option<Ask> {
    match &ask.what {
        What::List { .. } | What::Get { .. } if ask.query("page_size").is_some_and(|asked| asked == size) => {
            Some(ask.with_query("page_size", Some(instead)))
        }
        What::Create { .. } => {
            let mut body = ask.json();
            body["urls"] = urls(body.get("urls")?.as_array()?)?.into();
            Some(ask.with_json(&body))
        }
        _ => None,
    }
}
