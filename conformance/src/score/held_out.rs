//! More broken servers that nobody thought of, by a few blunt rules: every documented refusal with another status,
//! without its envelope and, where it is promised, without its request id; every list with an item missing, an item
//! twice, and a wrong total. Any check may notice them.

use std::collections::BTreeMap;

use fixtures::contract::{Contract, Operation};
use http::Method;

use super::edit::{Condition, Edit};
use super::generated::Generated;
use crate::profile;

/// Every one of them, in the order of the document.
pub fn all(contract: &Contract) -> Vec<Generated> {
    let items = profile::of(contract).map_or("/data", |profile| profile.layout.items);
    let counts = contract.json().contains(r#""total_items""#);
    let mut all = Vec::new();
    for operation in contract.operations() {
        let on = |status| Condition {
            operation: vec![operation.id().to_owned()],
            status: Some(status),
            ..Condition::default()
        };
        for status in operation.statuses().filter(|status| PROVOKED.contains(status)) {
            let name = |kind: &str| format!("{} {status} {kind}", operation.id());
            let edit = || Edit { on: on(status), ..Edit::default() };
            all.extend([
                Generated { id: name("as-another"), edit: Edit { status: Some(other(status)), ..edit() } },
                Generated { id: name("without-envelope"), edit: Edit { text: Some("{}".into()), ..edit() } },
            ]);
            if promises_request_id(operation, status) {
                let headers = BTreeMap::from(REQUEST_ID.map(|name| (name.into(), None)));
                let id = name("without-request-id");
                all.push(Generated { id, edit: Edit { headers, ..edit() } });
            }
        }
        if *operation.method() == Method::GET {
            let two = Condition { has: vec![format!("{items}/1")], ..on(200) };
            let edit = || Edit { on: two.clone(), ..Edit::default() };
            let name = |kind: &str| format!("{} 200 {kind}", operation.id());
            all.extend([
                Generated {
                    id: name("without-an-item"),
                    edit: Edit { remove: vec![format!("{items}/0")], ..edit() },
                },
                Generated {
                    id: name("with-an-item-twice"),
                    edit: Edit {
                        copy: BTreeMap::from([(format!("{items}/1"), format!("{items}/0"))]),
                        ..edit()
                    },
                },
            ]);
            if counts {
                let increase = BTreeMap::from([("/pagination/total_items".to_owned(), 1.into())]);
                let id = name("with-another-total");
                all.push(Generated { id, edit: Edit { increase, ..edit() } });
            }
        }
    }
    all
}

/// What the header with the id of a request is called.
const REQUEST_ID: [&str; 2] = ["request-id", "x-request-id"];

/// Whether the document says that answers with this status name the request; a server that keeps silent where it does
/// not is lawful.
fn promises_request_id(operation: &Operation, status: u16) -> bool {
    let missing = operation.header_violations(status, |_| None);
    missing.iter().any(|violation| REQUEST_ID.iter().any(|name| violation.pointer == format!("/{name}")))
}

/// The refusals that a check brings about.
const PROVOKED: [u16; 5] = [400, 401, 402, 404, 429];

/// A status that says something else.
fn other(status: u16) -> u16 {
    match status {
        401 => 403,
        402 => 400,
        404 => 200,
        429 => 503,
        _ => 500,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_refusal_and_every_list_has_three() {
        let all = all(Contract::find("catalog", "v2").expect("it is known"));
        let ids: BTreeSet<_> = all.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids.len(), all.len());
        for expected in [
            "catalog.crawl.create 400 as-another",
            "catalog.extract.get 404 without-envelope",
            "catalog.usage.get 401 without-request-id",
            "catalog.vendors.list 200 with-an-item-twice",
            "catalog.extract.get 200 with-another-total",
        ] {
            assert!(ids.contains(expected), "{expected} is not in {ids:#?}");
        }
    }

    #[test]
    fn only_what_is_promised_is_left_out() {
        let ids = |version| {
            all(Contract::find("extralt", version).expect("it is known")).into_iter().map(|it| it.id)
        };
        assert!(ids("v1").any(|id| id == "extralt.runs.get 404 without-request-id"));
        assert!(!ids("v0").any(|id| id.ends_with("without-request-id")));
    }
}
