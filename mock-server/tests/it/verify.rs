//! Whether a client has asked what it was expected to ask.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, KEY, Stand};

async fn verify(stand: &Stand, body: Value) -> Answer {
    stand.call(KEY, Method::POST, "/_rehearsal/verify", Some(body)).await
}

async fn verified(stand: &Stand, calls: Value) -> Value {
    verify(stand, json!({ "calls": calls })).await.ok(StatusCode::OK)
}

async fn refused(stand: &Stand, body: Value, status: StatusCode, code: &str) -> Value {
    let refused = verify(stand, body).await.ok(status);
    assert_eq!(refused["error"]["code"], code, "{refused}");
    refused["error"].clone()
}

async fn unmet(stand: &Stand, calls: Value) -> Value {
    refused(stand, json!({ "calls": calls }), StatusCode::UNPROCESSABLE_ENTITY, "not_as_expected").await
}

fn text(error: &Value) -> &str {
    error["message"].as_str().unwrap()
}

/// A client that meant to extract two pages and poll until it is done.
async fn story() -> (Stand, String) {
    let stand = Stand::with(
        "version: 1\nfaults: [ { id: lost-create, match: { operation: catalog.extract.create }, when: { first: 1 }, \
         phase: after, respond: { status: 503 } } ]\n",
    );
    let crawl = stand.create("/v2/crawl", json!({ "url": "skims.com" })).await;
    let _ = stand.get(&format!("/v2/crawl/{crawl}")).await;
    let _ = stand.get(&format!("/v2/crawl/{crawl}")).await;
    let extract = json!({ "urls": ["https://skims.com/products/a", "https://skims.com/products/b"] });
    let _ = stand.post("/v2/extract", extract.clone()).await;
    stand.advance("2s").await;
    let _ = stand.post("/v2/extract", extract).await;
    let _ = stand.post("/v2/extract", json!({ "vendor": "other.com", "max_products": "five" })).await;
    let _ = stand.post("/v2/agentic-search", json!({ "query": "red shoes" })).await;
    let _ = stand.call(KEY, Method::GET, "/v2/nothing", None).await;
    (stand, crawl)
}

#[tokio::test]
async fn calls_that_came_as_expected_are_verified() {
    let (stand, crawl) = story().await;
    let body = verified(
        &stand,
        json!([
            { "match": { "operation": "catalog.crawl.create" } },
            { "match": { "operation": "catalog.crawl.get", "status": 200 }, "count": 2 },
            { "match": { "method": "post", "operation": "*.create", "kind": "extract" }, "count": { "at-least": 2, "at-most": 3 } },
            { "match": { "status": "5xx" }, "count": 1 },
            { "match": { "status": 404, "api": "catalog", "version": "v2" }, "count": 1 },
            { "match": { "method": "DELETE" }, "count": "never" },
            { "match": { "host": "skims.com" }, "count": 5 },
            { "match": { "query": "red *" }, "count": 1 },
            // The create began it, and the reads named it.
            { "match": { "run": { "id": crawl, "kind": "crawl", "host": "skims.com" } }, "count": 2 },
            { "match": { "request": { "urls": "*/products/b" } }, "count": 2 },
            { "match": { "request": { "/urls/0": "*/products/b" } }, "count": "never" },
            { "match": { "account": "test-*" }, "count": 8 },
            { "match": { "header": { "Content-Type": "application/json" } }, "count": 8 },
            { "match": {}, "count": 8 },
        ]),
    )
    .await;
    assert_eq!((&body["verified"], &body["gap"], &body["received"]), (&json!(true), &Value::Null, &json!(8)));
    let found: Vec<u64> =
        body["calls"].as_array().unwrap().iter().map(|call| call["found"].as_u64().unwrap()).collect();
    assert_eq!(found, [1, 2, 3, 1, 1, 0, 5, 1, 2, 2, 0, 8, 8, 8]);
    assert_eq!(
        body["calls"][1]["expected"],
        "exactly 2 requests with operation \"catalog.crawl.get\" and status 200"
    );
}

#[tokio::test]
async fn too_few_calls_are_told_with_the_nearest_and_how_they_differ() {
    let (stand, _) = story().await;
    let error = unmet(
        &stand,
        json!([
            { "match": { "operation": "catalog.extract.create", "status": "2xx", "host": "other.com",
                "request": { "vendor": "other.com", "crawl_id": "*" } } },
            { "match": { "operation": "catalog.crawl.get" }, "count": 3 },
            { "match": { "operation": "catalog.crawl.create" }, "count": 1 },
            { "match": { "operation": "catalog.crawl.cancel", "run": { "kind": "crawl" },
                "header": { "idempotency-key": "*" } } },
        ]),
    )
    .await;
    insta::assert_snapshot!(text(&error));
    insta::assert_json_snapshot!(error["calls"][0]);
    let verified: Vec<&Value> =
        error["calls"].as_array().unwrap().iter().map(|call| &call["verified"]).collect();
    assert_eq!(verified, [false, false, true, false]);
    assert_eq!(error["calls"][1]["matched"][0]["number"], 3, "the newest first");
}

#[tokio::test]
async fn too_many_calls_are_told_with_those_that_came() {
    let (stand, _) = story().await;
    let error = unmet(
        &stand,
        json!([
            { "match": { "operation": "catalog.extract.create", "status": 503 }, "count": "never" },
            { "match": { "method": "POST" }, "count": { "at-most": 2 } },
        ]),
    )
    .await;
    insta::assert_snapshot!(text(&error));
    assert_eq!(error["calls"][0]["matched"][0]["faults"], json!(["lost-create"]));
    assert_eq!(error["calls"][1]["nearest"], json!([]));
}

#[tokio::test]
async fn a_client_that_asked_nothing_is_told_so() {
    let stand = Stand::new();
    stand.advance("1s").await;
    let error = unmet(&stand, json!([{ "match": { "operation": "catalog.crawl.create" } }])).await;
    insta::assert_snapshot!(text(&error));
    verified(&stand, json!([{ "match": {}, "count": "never" }])).await;
    let _ = stand.get("/v2/usage").await;
    let late = json!({ "calls": [{ "match": {} }], "after": 1 });
    let error = refused(&stand, late, StatusCode::UNPROCESSABLE_ENTITY, "not_as_expected").await;
    assert!(text(&error).ends_with("at least 1 request; no request has come after number 1"), "{error}");
}

#[tokio::test]
async fn equal_requests_stand_once_among_the_nearest() {
    let stand = Stand::new();
    let crawl = stand.create("/v2/crawl", json!({ "url": "skims.com" })).await;
    for _ in 0..20 {
        let _ = stand.get(&format!("/v2/crawl/{crawl}")).await;
    }
    let error = unmet(&stand, json!([{ "match": { "operation": "catalog.extract.create" } }])).await;
    let near: Vec<&Value> =
        error["calls"][0]["nearest"].as_array().unwrap().iter().map(|near| &near["number"]).collect();
    assert_eq!(near, [21, 1]);
}

#[tokio::test]
async fn only_later_requests_count_and_a_cleared_journal_begins_at_zero() {
    let (stand, _) = story().await;
    let creates = json!([{ "match": { "operation": "catalog.extract.create" }, "count": 2 }]);
    let body = verify(&stand, json!({ "calls": creates, "after": 4 })).await.ok(StatusCode::OK);
    assert_eq!(body["calls"][0]["found"], 2);
    let late = refused(
        &stand,
        json!({ "calls": creates, "after": 9 }),
        StatusCode::UNPROCESSABLE_ENTITY,
        "after_the_end",
    )
    .await;
    assert!(text(&late).contains("after is 9 and the last request has the number 8"), "{late}");
    let _ = stand.delete("/_rehearsal/requests").await;
    verified(&stand, json!([{ "match": {}, "count": "never" }])).await;
}

#[tokio::test]
async fn across_a_gap_nothing_is_said_that_it_might_disprove() {
    let stand = Stand::new();
    let _ = stand.get("/v2/usage").await;
    let long = "x".repeat(20_000);
    for _ in 0..300 {
        let _ = stand.post("/v2/crawl", json!({ "urlx": long })).await;
    }
    let creates = |count: Value| json!({ "calls": [{ "match": { "operation": "catalog.crawl.create" }, "count": count }] });
    for count in [json!({ "at-most": 1_000 }), json!({ "at-least": 1_000 }), json!(300)] {
        refused(&stand, creates(count), StatusCode::CONFLICT, "journal_gap").await;
    }
    let usage = json!({ "calls": [{ "match": { "operation": "catalog.usage.get" }, "count": "never" }] });
    let error = refused(&stand, usage, StatusCode::CONFLICT, "journal_gap").await;
    let to = error["gap"]["to"].as_u64().unwrap();
    let said = text(&error).replace(&to.to_string(), "N");
    insta::assert_snapshot!(said);

    // Enough were kept to say these.
    let met = verify(&stand, creates(json!({ "at-least": 5 }))).await.ok(StatusCode::OK);
    assert_eq!(met["gap"], json!({ "from": 1, "to": to }));
    let exceeded =
        refused(&stand, creates(json!(5)), StatusCode::UNPROCESSABLE_ENTITY, "not_as_expected").await;
    assert!(text(&exceeded).contains("expected exactly 5 requests"), "{exceeded}");
    let after = json!({ "calls": [{ "match": { "operation": "catalog.usage.get" }, "count": "never" }], "after": to });
    verify(&stand, after).await.ok(StatusCode::OK);
}

#[tokio::test]
async fn a_body_of_which_only_the_start_was_kept_decides_nothing() {
    let stand = Stand::new();
    let urls: Vec<String> = (0..1_000).map(|page| format!("https://shop.com/products/{page}")).collect();
    let _ = stand.post("/v2/extract", json!({ "urls": urls, "enrich_brand": true })).await;
    let calls = |matcher: Value, count: Value| json!({ "calls": [{ "match": matcher, "count": count }] });
    let asks = json!({ "request": { "urls": "*/products/999" } });
    for count in [json!("never"), json!(1)] {
        let error = refused(&stand, calls(asks.clone(), count), StatusCode::CONFLICT, "body_not_kept").await;
        assert!(text(&error).contains("of 1 requests the journal kept only the first 16 KiB"), "{error}");
    }
    // What the world or the rest of the entry can say is said.
    verify(&stand, calls(json!({ "host": "shop.com" }), json!(1))).await.ok(StatusCode::OK);
    verify(&stand, calls(json!({ "method": "GET", "request": { "urls": "*" } }), json!("never")))
        .await
        .ok(StatusCode::OK);
}

#[tokio::test]
async fn every_mistake_in_what_is_expected_is_told_at_once() {
    let stand = Stand::new();
    let _ = stand.get("/v2/usage").await;
    let body = json!({ "calls": [
        { "match": { "operation": "catalog.crawl.gett", "metod": "GET", "kind": "crawls" } },
        { "match": { "colour": "red" }, "count": -1 },
        { "match": { "method": "FETCH", "status": "20" }, "count": { "at-least": 3, "at-most": 1 } },
        { "match": { "header": { "accept-language": "de" } }, "count": { "atleast": 1 } },
        { "match": { "header": { "x-api-key": "*" } }, "count": {} },
        { "match": [], "cuont": 1 },
        { "count": { "at-least": 0 } },
        7,
    ] });
    let error = refused(&stand, body, StatusCode::UNPROCESSABLE_ENTITY, "invalid_expectation").await;
    insta::assert_json_snapshot!(error);
    let none =
        refused(&stand, json!({ "calls": [] }), StatusCode::UNPROCESSABLE_ENTITY, "invalid_expectation")
            .await;
    assert!(none["diagnostics"]["errors"][0]["message"].as_str().unwrap().contains("nothing is expected"));
    for body in [json!({}), json!({ "calls": [], "before": 1 }), json!({ "calls": {} })] {
        refused(&stand, body, StatusCode::BAD_REQUEST, "invalid_body").await;
    }
    let many = json!({ "calls": vec![json!({ "match": {} }); 101] });
    refused(&stand, many, StatusCode::UNPROCESSABLE_ENTITY, "invalid_expectation").await;
}

#[tokio::test]
async fn the_key_of_a_request_is_verified_only_where_it_is_known() {
    let stand = Stand::with(
        "version: 1\naccounts:\n  - { key: test-one, organization: acme }\n  - { key: test-two, organization: acme }\n  \
         - { key: test-alone }\n",
    );
    for key in ["test-one", "test-alone", "undeclared"] {
        let _ = stand.call(key, Method::GET, "/v2/usage", None).await;
    }
    let calls = json!({ "calls": [{ "match": { "account": "test-alone" }, "count": 1 }] });
    let of = async |world: &str| {
        let target = format!("/_rehearsal/verify?key={world}");
        stand.call("test-alone", Method::POST, &target, Some(calls.clone())).await
    };
    of("test-alone").await.ok(StatusCode::OK);
    for world in ["test-two", "(refused)"] {
        let error = of(world).await.ok(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(error["error"]["diagnostics"]["errors"][0]["path"], "calls[0].match.account", "{world}");
    }
    let refused =
        json!({ "calls": [{ "match": { "status": 401, "operation": "catalog.usage.get" }, "count": 1 }] });
    let target = "/_rehearsal/verify?key=(refused)";
    stand.call("test-alone", Method::POST, target, Some(refused)).await.ok(StatusCode::OK);
}
