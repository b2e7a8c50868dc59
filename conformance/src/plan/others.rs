//! Operations that no other part of the plan has asked for: each is asked for once as its contract shows it, and once
//! with each kind of bad key. So an operation is held to its schema, to its headers and to the rules about keys from
//! the day it stands in the contract.

use fixtures::contract::Sample;
use http::Method;
use serde_json::Value;

use super::Driver;
use crate::client::{Credential, Stop, encoded};

/// Asks for whatever was not asked for yet.
///
/// What may change something is asked for with a good key only in a world of the run's own: elsewhere nobody knows what
/// it costs.
///
/// # Errors
///
/// When the target stops answering.
pub(super) async fn drive(driver: &mut Driver<'_>) -> Result<(), Stop> {
    let history = driver.client.history();
    let open = history.contract.operations().iter().filter(|operation| {
        let id = operation.id();
        !history.all().iter().any(|seen| seen.is(id))
    });
    let open: Vec<_> = open.filter_map(|it| Some((it.id(), it.method(), it.sample()?))).collect();
    for (operation, method, sample) in open {
        let may_ask = method == Method::GET || driver.is_at_home();
        let good = may_ask.then_some(Credential::A);
        let bad = driver.client.keys().bad();
        let Sample { path, query, body } = sample;
        let path: Vec<_> = path.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let pairs = query.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let query = pairs.collect::<Vec<_>>().join("&");
        let body = body.as_ref().map(Value::to_string);
        for who in good.into_iter().chain(bad) {
            driver.client.ask(operation, &path, &query, who, body.as_deref()).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use bytes::Bytes;
    use fixtures::contract::{Contract, Operation};
    use http::Response;

    use super::*;
    use crate::client::Client;
    use crate::history::History;
    use crate::profile;
    use crate::session::{Session, Wishes};
    use crate::transport::in_process::InProcess;

    fn of<'a>(client: &'a Client, operation: &'a Operation) -> Vec<Option<&'a str>> {
        client.history().of(operation.id()).map(|seen| seen.credential()).collect()
    }

    #[tokio::test]
    async fn what_nobody_asked_for_is_asked_for_as_its_contract_shows_it_and_never_twice() {
        let contract = Contract::find("catalog", "v2").expect("it has a contract");
        let profile = profile::find("catalog").expect("catalog is known");
        let (session, keys) = Session::new(profile.api, None, &Wishes::default());
        let serve = |_| async { Response::new(Bytes::from_static(b"{}")) };
        let history = History::new(contract, profile);
        let mut client = Client::new(Arc::new(InProcess::new(serve)), keys, history, Duration::ZERO);
        client.ask("catalog.vendors.list", &[], "", Credential::A, None).await.expect("it answers");
        for _ in 0..2 {
            drive(&mut Driver::new(&mut client, &session)).await.expect("it answers");
        }

        for operation in contract.operations() {
            let expected = match operation.method() {
                _ if operation.id() == "catalog.vendors.list" => vec![Some("$KEY_A")],
                &Method::GET => vec![Some("$KEY_A"), None, Some("$KEY_REFUSED"), Some("$KEY_REFUSED")],
                // It is not our server, so nobody knows what it costs.
                _ => vec![None, Some("$KEY_REFUSED"), Some("$KEY_REFUSED")],
            };
            assert_eq!(of(&client, operation), expected, "{}", operation.id());
        }
        for seen in client.history().all() {
            let operation = seen.operation().and_then(|id| contract.operation(id)).expect("it is documented");
            let request = seen.exchange().request();
            let query = crate::history::seen::pairs(request.query());
            assert!(operation.query(&query).is_ok(), "{} {query:?}", operation.id());
            if operation.request_schema().is_some() {
                assert_eq!(operation.request_violations(seen.request()), [], "{}", operation.id());
            }
            assert!(!request.target.contains('{'), "{}", request.target);
        }
    }
}
