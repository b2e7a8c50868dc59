//! Answers whose JSON is not what it was.

use fixtures::contract::Contract;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{fired, journal, with};
use crate::harness::{Answer, KEY, Stand};

#[tokio::test]
async fn edits_change_what_they_name_where_it_is() {
    let stand = with(
        "  - id: edited
    drift:
      - { remove: /meta/steps }
      - { set: { at: /status, to: archived } }
      - { rename: { at: /error, to: problem } }
      - { remove: /meta/no/such/place }",
    );
    let id = stand.create("/v2/crawl", json!({ "url": "skims.com" })).await;
    let answer = stand.get(&format!("/v2/crawl/{id}")).await;
    assert_eq!(fired(&answer), Some("edited"));
    let body = answer.json();
    assert_eq!(body["status"], "archived");
    assert!(body["meta"].get("steps").is_none() && body.get("error").is_none());
    assert_eq!(body["problem"], Value::Null);
    let listed = stand.get("/v2/crawl").await;
    assert_eq!(fired(&listed), None, "no edit has its place in a list");
    let entries = journal(&stand).await;
    let what = "remove /meta/steps, set /status to \"archived\", rename /error to problem";
    let firing = entries.iter().find(|entry| entry["operation"] == "catalog.crawl.get").unwrap();
    assert_eq!(firing["faults"][0]["what"], what);
}

/// Answers of every operation, and of some in several states; each is asked of both stands at the same time, so that
/// they differ by the fault alone.
async fn all_operations(stands: [&Stand; 2]) -> Vec<(String, [Answer; 2])> {
    let mut all = Vec::new();
    let mut ids = Vec::new();
    for (operation, target, body) in [
        ("catalog.crawl.create", "/v2/crawl", json!({ "url": "skims.com" })),
        (
            "catalog.extract.create",
            "/v2/extract",
            json!({ "urls": ["https://a.example/1", "https://unsupported.test/2"] }),
        ),
        ("catalog.agentic-search.create", "/v2/agentic-search", json!({ "query": "boots" })),
        ("catalog.agentic-search-mini.create", "/v2/agentic-search-mini", json!({ "query": "boots" })),
        ("catalog.affiliate.create", "/v2/affiliate", json!({ "urls": ["https://a.example/1"] })),
    ] {
        all.push((operation, Method::POST, target.to_owned(), Some(body)));
    }
    for (operation, target) in [
        ("catalog.crawl.list", "/v2/crawl"),
        ("catalog.extract.list", "/v2/extract"),
        ("catalog.agentic-search.list", "/v2/agentic-search"),
        ("catalog.vendors.list", "/v2/vendors"),
        ("catalog.collections.list", "/v2/collections?vendor=skims.com"),
        ("catalog.listings.list", "/v2/listings?vendor=skims.com"),
        ("catalog.usage.get", "/v2/usage"),
    ] {
        all.push((operation, Method::GET, target.to_owned(), None));
    }
    let mut found = Vec::new();
    for (operation, method, target, body) in all {
        let answers = both(stands, &method, &target, body.as_ref()).await;
        let id = serde_json::from_str::<Value>(&answers[0].text).ok();
        if let Some(id) = id.as_ref().and_then(|body| body["execution_id"].as_str()) {
            ids.push((operation.replace(".create", ""), format!("{target}/{id}")));
        }
        found.push((operation.to_owned(), answers));
    }
    for advance in ["0s", "6s", "2m"] {
        for stand in stands {
            stand.advance(advance).await;
        }
        for (resource, target) in &ids {
            found.push((format!("{resource}.get"), both(stands, &Method::GET, target, None).await));
        }
        for (resource, target) in ids.iter().filter(|_| advance == "6s") {
            found.push((format!("{resource}.cancel"), both(stands, &Method::DELETE, target, None).await));
        }
    }
    found
}

async fn both(stands: [&Stand; 2], method: &Method, target: &str, body: Option<&Value>) -> [Answer; 2] {
    let [clean, drifted] = stands;
    let clean = clean.call(KEY, method.clone(), target, body.cloned()).await;
    [clean, drifted.call(KEY, method.clone(), target, body.cloned()).await]
}

fn violations(operation: &str, answer: &Answer) -> Vec<fixtures::contract::Violation> {
    let contract = Contract::find("catalog", "v2").unwrap();
    let operation = contract.operation(operation).unwrap();
    operation.response_violations(answer.status.as_u16(), Some("application/json"), &answer.json())
}

/// A stand that drifts, whatever the seed: the seeds of the draws are many.
fn drifting(kind: &str, seed: u64) -> [Stand; 2] {
    let drift = format!("faults: [{{ id: drift, drift: {kind} }}]");
    [Stand::seeded("", seed), Stand::seeded(&drift, seed)]
}

#[tokio::test]
async fn a_legal_drift_keeps_the_contract_and_differs_in_every_operation() {
    let mut seen = [0; 3];
    for seed in 0..12 {
        let [clean, drifted] = drifting("random-legal", seed);
        // An id in a changed body would lead both to other runs: creates are asked for by the clean one's.
        for (operation, [clean, drifted]) in all_operations([&clean, &drifted]).await {
            assert_eq!(fired(&drifted), Some("drift"), "{operation}");
            assert_ne!(clean.json(), drifted.json(), "{operation}");
            assert_eq!(violations(&operation, &drifted), [], "{operation}: {}", drifted.text);
        }
        for entry in journal(&drifted).await {
            let what = entry["faults"][0]["what"].as_str().unwrap().to_owned();
            let sort = ["add ", "null ", "set "].iter().position(|sort| what.starts_with(sort)).unwrap();
            seen[sort] += 1;
        }
    }
    assert!(seen.iter().all(|times| *times > 0), "unknown fields, nulls, new words: {seen:?}");
}

#[tokio::test]
async fn an_illegal_drift_breaks_the_contract_where_the_journal_says() {
    for seed in 0..12 {
        let [clean, drifted] = drifting("random-illegal", seed);
        let answers = all_operations([&clean, &drifted]).await;
        let entries = journal(&drifted).await;
        assert_eq!(entries.len(), answers.len());
        for ((operation, [_, drifted]), entry) in answers.iter().zip(entries) {
            assert_eq!(entry["operation"], operation.as_str());
            let pointer = entry["faults"][0]["pointer"].as_str().unwrap();
            let broken = violations(operation, drifted);
            assert!(
                broken.iter().any(|violation| violation.pointer == pointer),
                "{operation} at {pointer}: {broken:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_error_can_drift_too() {
    let stand = with("  - { id: drift, drift: random-illegal }");
    let answer = stand.get("/v2/crawl/none").await;
    assert_eq!((answer.status, fired(&answer)), (StatusCode::NOT_FOUND, Some("drift")));
    assert_ne!(violations("catalog.crawl.get", &answer), []);
}
