//! Effects on the answer: other answers, unreadable ones, late ones, limits.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{fired, journal, runs, urls, with};
use crate::harness::{Answer, KEY, Stand};

#[tokio::test]
async fn what_is_refused_before_has_not_happened() {
    let stand =
        with("  - { id: down, when: { first: 1 }, respond: { error: unavailable, retry-after: 4s } }");
    let answer = stand.post("/v2/extract", urls()).await;
    assert_eq!(fired(&answer), Some("down"));
    assert_eq!(answer.headers["retry-after"], "4");
    let _ = answer.refused(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE");
    assert_eq!(runs(&stand).await, 0);
    let answer = stand.post("/v2/extract", urls()).await;
    assert_eq!((answer.status, fired(&answer)), (StatusCode::ACCEPTED, None));
}

#[tokio::test]
async fn what_is_lost_afterwards_has_happened() {
    let stand = with(
        "  - { id: lost, match: { operation: catalog.extract.create }, when: { first: 1 }, phase: after, respond: { status: 503 } }",
    );
    let answer = stand.post("/v2/extract", urls()).await;
    assert_eq!(fired(&answer), Some("lost"));
    let _ = answer.refused(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE");
    assert_eq!(runs(&stand).await, 1);
    let entry = &journal(&stand).await[0];
    assert_eq!(
        (&entry["status"], &entry["began"], &entry["lost"]),
        (&json!(503), &json!(true), &json!(true))
    );
    assert!(entry["run"].as_str().unwrap().starts_with("extract-urls-"));
    let firing = json!([{ "id": "lost", "effect": "respond", "phase": "after", "what": "answered 503 instead of 202" }]);
    assert_eq!(entry["faults"], firing);
    let _ = stand.post("/v2/extract", urls()).await.ok(StatusCode::ACCEPTED);
    assert_eq!(runs(&stand).await, 2);
}

#[tokio::test]
async fn every_named_error_has_the_vendors_own_shape() {
    for (name, status, code) in [
        ("forbidden", 403, "FORBIDDEN"),
        ("not-found", 404, "NOT_FOUND"),
        ("out-of-credits", 402, "INSUFFICIENT_CREDITS"),
        ("conflict", 409, "CONFLICT"),
        ("rate-limited", 429, "RATE_LIMITED"),
        ("internal", 500, "INTERNAL_ERROR"),
        ("unavailable", 503, "UNAVAILABLE"),
    ] {
        let stand = with(&format!("  - {{ id: named, respond: {{ error: {name} }} }}"));
        let status = StatusCode::from_u16(status).unwrap();
        // A create finds everything, a read refuses nobody for want of credits.
        let answer = match name {
            "not-found" => stand.get("/v2/crawl/some").await,
            _ => stand.post("/v2/crawl", json!({ "url": "skims.com" })).await,
        };
        let operation = if name == "not-found" { "catalog.crawl.get" } else { "catalog.crawl.create" };
        assert_keeps_the_contract(&answer, operation);
        let _ = answer.refused(status, code);
    }
    let stand = with("  - { id: named, respond: { error: unauthorized } }");
    let answer = stand.post("/v2/crawl", json!({ "url": "skims.com" })).await;
    assert_keeps_the_contract(&answer, "catalog.crawl.create");
    assert_eq!(answer.ok(StatusCode::UNAUTHORIZED), json!({ "error": "Invalid API key", "status": 401 }));
}

#[track_caller]
fn assert_keeps_the_contract(answer: &Answer, operation: &str) {
    let contract = fixtures::contract::Contract::find("catalog", "v2").unwrap();
    let operation = contract.operation(operation).unwrap();
    let sent = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
    let status = answer.status.as_u16();
    assert_eq!(operation.response_violations(status, sent("content-type"), &answer.json()), []);
    assert_eq!(operation.header_violations(status, sent), []);
}

#[tokio::test]
async fn a_status_without_a_body_has_the_vendors_envelope() {
    let stand = with("  - { id: teapot, respond: { status: 418 } }");
    let _ = stand.get("/v2/crawl").await.refused(StatusCode::IM_A_TEAPOT, "IM_A_TEAPOT");
    let stand = with("  - { id: gateway, respond: { status: 504 } }");
    let _ = stand.get("/v2/crawl").await.refused(StatusCode::GATEWAY_TIMEOUT, "GATEWAY_TIMEOUT");
}

#[tokio::test]
async fn an_answer_of_ones_own_is_sent_as_it_is() {
    let stand = with(
        "  - { id: own, respond: { status: 200, body: { a: [1, null] }, headers: { server: nginx, request-id: null } } }",
    );
    let answer = stand.get("/v2/crawl").await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, r#"{"a":[1,null]}"#));
    assert_eq!(answer.headers["server"], "nginx");
    assert_eq!(answer.headers["content-type"], "application/json");
    assert!(!answer.headers.contains_key("request-id"));
    let stand = with("  - { id: own, respond: { status: 500, body: Out of cheese } }");
    let answer = stand.get("/v2/crawl").await;
    assert_eq!(answer.text, "Out of cheese");
    assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
}

#[tokio::test]
async fn a_wait_is_told_in_seconds_of_the_clients_own_time_or_as_a_date() {
    let faults = "  - { id: wait, respond: { error: unavailable, retry-after: 2m } }";
    let scaled = Stand::with(&format!("clock: {{ mode: scaled, rate: 60 }}\nfaults:\n{faults}"));
    let scaled = scaled.call(KEY, Method::GET, "/v2/crawl", None).await;
    // The stand's own clock outranks the scenario's, and is manual.
    assert_eq!(scaled.headers["retry-after"], "120");
    let stand = with(
        "  - { id: wait, respond: { error: rate-limited, retry-after: 4s, retry-after-form: http-date } }",
    );
    let answer = stand.get("/v2/crawl").await;
    let date = answer.headers["retry-after"].to_str().unwrap().to_owned();
    assert!(date.ends_with(" GMT") && date.len() == 29, "{date}");
    assert_eq!(answer.headers["ratelimit-remaining"], "0");
    assert_eq!(answer.headers["ratelimit-reset"], "2026-01-15T10:30:04.000Z", "a manual clock's own time");
}

#[tokio::test]
async fn a_payload_cannot_be_read_and_its_request_was_carried_out() {
    let faults = |payload: &str| format!("  - {{ id: bad, when: {{ nth: 1 }}, payload: {payload} }}");
    let stand = with(&faults("malformed-json"));
    let answer = stand.post("/v2/extract", urls()).await;
    assert_eq!((answer.status, fired(&answer)), (StatusCode::ACCEPTED, Some("bad")));
    assert!(serde_json::from_str::<Value>(&answer.text).is_err() && answer.text.starts_with('{'));
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(runs(&stand).await, 1);

    let stand = with(&faults("wrong-content-type"));
    let answer = stand.post("/v2/extract", urls()).await;
    assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(answer.json()["status"], "pending");

    let stand = with(&faults("empty"));
    let answer = stand.post("/v2/extract", urls()).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::ACCEPTED, ""));
    assert_eq!(runs(&stand).await, 1);
}

#[tokio::test]
async fn a_gateway_answers_before_or_after_the_request_was_carried_out() {
    for (phase, expected) in [("before", 0), ("after", 1)] {
        let stand = with(&format!(
            "  - {{ id: gateway, phase: {phase}, when: {{ nth: 1 }}, payload: gateway-html }}"
        ));
        let answer = stand.post("/v2/extract", urls()).await;
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
        assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
        assert!(answer.text.contains("<h1>502 Bad Gateway</h1>"));
        assert_eq!(fired(&answer), Some("gateway"));
        assert!(!answer.headers.contains_key("request-id"), "a gateway does not know it");
        assert_eq!(runs(&stand).await, expected);
    }
}

/// What `asked` answers exactly this much later: time is paused and passes only where somebody sleeps.
async fn after(delay: Duration, asked: impl Future<Output = Answer>) -> Answer {
    let mut asked = std::pin::pin!(asked);
    let early = tokio::time::timeout(delay - Duration::from_millis(1), &mut asked).await;
    assert!(early.is_err(), "it came too early");
    tokio::time::timeout(Duration::from_millis(2), asked).await.expect("it came too late")
}

#[tokio::test(start_paused = true)]
async fn delays_add_up_and_the_first_other_effect_wins() {
    let stand = with(
        "  - { id: slow, delay: 2s }
  - { id: none, match: { operation: catalog.crawl.list }, respond: { error: conflict } }
  - { id: slower, phase: after, delay: 30s }
  - { id: down, respond: { error: unavailable } }
  - { id: later, respond: { error: internal } }",
    );
    // Nothing is carried out, so nothing is late afterwards.
    let answer = after(Duration::from_secs(2), stand.get("/v2/extract")).await;
    assert_eq!(fired(&answer), Some("slow,down"));
    let answer = after(Duration::from_secs(2), stand.get("/v2/crawl")).await;
    assert_eq!(fired(&answer), Some("slow,none"));
    let faults = stand.get("/_rehearsal/faults").await.ok(StatusCode::OK);
    let counts: Vec<_> =
        faults["faults"].as_array().unwrap().iter().map(|it| (&it["matched"], &it["fired"])).collect();
    let [two, one, none] = [json!(2), json!(1), json!(0)];
    assert_eq!(counts, [(&two, &two), (&one, &one), (&two, &none), (&two, &one), (&two, &none)]);
}

#[tokio::test(start_paused = true)]
async fn a_delay_is_real_time_and_leaves_the_clock_alone() {
    let stand = with("  - { id: slow, phase: after, delay: 45s }\n  - { id: slow-too, delay: 15s..15s }");
    let answer = after(Duration::from_secs(60), stand.post("/v2/extract", urls())).await;
    assert_eq!(fired(&answer), Some("slow-too,slow"));
    let clock = stand.get("/_rehearsal/clock").await.ok(StatusCode::OK);
    assert_eq!(clock["now"], "2026-01-15T10:30:00.000000Z");
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_client_leaves_is_journaled_with_what_it_began() {
    let stand = with("  - { id: slow, phase: after, when: { nth: 1 }, delay: 5m }");
    let asked = stand.post("/v2/extract", urls());
    assert!(tokio::time::timeout(Duration::from_secs(1), asked).await.is_err());
    let entry = &journal(&stand).await[0];
    assert_eq!(
        (&entry["status"], &entry["began"], &entry["lost"]),
        (&Value::Null, &json!(true), &json!(true))
    );
    assert_eq!(entry["faults"][0]["what"], "300000 ms");
    assert_eq!(runs(&stand).await, 1);
}

#[tokio::test]
async fn a_limit_turns_away_with_the_vendors_headers_until_there_is_room() {
    let stand = with("  - { id: tight, match: { operation: \"*.list\" }, limit: { requests: 2, per: 10s } }");
    for remaining in ["1", "0"] {
        let answer = stand.get("/v2/crawl").await;
        assert_eq!((answer.status, fired(&answer)), (StatusCode::OK, None));
        assert_eq!(answer.headers["ratelimit-limit"], "2");
        assert_eq!(answer.headers["ratelimit-remaining"], remaining);
    }
    stand.advance("4s").await;
    let answer = stand.get("/v2/crawl").await;
    assert_eq!((fired(&answer), &answer.headers["retry-after"]), (Some("tight"), &"6".parse().unwrap()));
    let _ = answer.refused(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED");
    assert_eq!(stand.post("/v2/extract", urls()).await.status, StatusCode::ACCEPTED, "it is for lists only");
    stand.advance("6s").await;
    assert_eq!(stand.get("/v2/crawl").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_outage_hits_every_path_and_ends_on_the_worlds_clock() {
    let stand =
        with("  - { id: outage, when: { window: { from: 10s, for: 1m } }, respond: { error: unavailable } }");
    let status = async || stand.get("/v2/crawl").await.status;
    assert_eq!(status().await, StatusCode::OK);
    stand.advance("10s").await;
    assert_eq!(status().await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(stand.get("/v2/nothing").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(stand.post("/v2/extract", json!({})).await.status, StatusCode::SERVICE_UNAVAILABLE);
    stand.advance("59s").await;
    assert_eq!(status().await, StatusCode::SERVICE_UNAVAILABLE);
    stand.advance("1s").await;
    assert_eq!(status().await, StatusCode::OK);
    assert_eq!(stand.get("/v2/nothing").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_refusal_can_be_lost_too() {
    let stand = with("  - { id: lost, phase: after, respond: { status: 500 } }");
    let answer = stand.post("/v2/extract", json!({ "urls": [] })).await;
    let _ = answer.refused(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR");
    let entry = &journal(&stand).await[0];
    assert_eq!((&entry["began"], &entry["run"]), (&json!(false), &Value::Null));
    assert_eq!(entry["lost"], false, "it was not dealt with");
    assert_eq!(entry["faults"][0]["what"], "answered 500 instead of 400");
    let violations = entry["violations"].as_array().unwrap();
    assert!(violations[0].as_str().unwrap().starts_with("body/urls: "), "{violations:?}");
}

#[tokio::test(start_paused = true)]
async fn while_a_request_is_under_way_nobody_says_that_there_were_no_more() {
    let stand = with("  - { id: slow, phase: after, when: { nth: 1 }, delay: 30s }");
    let verify = async |count: Value| {
        let calls = json!({ "calls": [{ "match": { "operation": "*.create" }, "count": count }] });
        stand.post("/_rehearsal/verify", calls).await
    };
    let mut asked = std::pin::pin!(stand.post("/v2/extract", urls()));
    assert!(tokio::time::timeout(Duration::from_secs(1), &mut asked).await.is_err());
    let open = verify(json!("never")).await.ok(StatusCode::CONFLICT);
    assert_eq!(open["error"]["code"], "requests_under_way", "{open}");
    assert_eq!(asked.await.status, StatusCode::ACCEPTED);
    assert_eq!(verify(json!("never")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(verify(json!(1)).await.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn what_was_under_way_at_a_reset_or_a_clear_is_forgotten_with_the_rest() {
    for path in ["/_rehearsal/reset", "/_rehearsal/requests"] {
        let stand = with("  - { id: slow, phase: after, when: { nth: 1 }, delay: 30s }");
        let mut asked = std::pin::pin!(stand.post("/v2/extract", urls()));
        assert!(tokio::time::timeout(Duration::from_secs(1), &mut asked).await.is_err());
        let method = if path.ends_with("reset") { Method::POST } else { Method::DELETE };
        assert!(stand.call(KEY, method, path, None).await.status.is_success());
        let _ = asked.await;
        assert_eq!(journal(&stand).await, [] as [Value; 0], "{path}");
        let _ = stand.get("/v2/crawl").await;
        assert_eq!(journal(&stand).await.len(), 1);
    }
}

#[tokio::test]
async fn a_read_whose_answer_was_kept_is_lost_too_and_a_request_refused_before_is_not() {
    for (phase, lost) in [("after", true), ("before", false)] {
        let stand = with(&format!("  - {{ id: down, phase: {phase}, respond: {{ error: unavailable }} }}"));
        let _ = stand.get("/v2/crawl").await;
        assert_eq!(journal(&stand).await[0]["lost"], lost, "{phase}");
    }
}
