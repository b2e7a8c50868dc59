use std::collections::BTreeMap;

use fixtures::contract::Contract;
use fixtures::exchange::body::Body;
use fixtures::exchange::redaction::Redactor;
use fixtures::exchange::{Outcome, Parts, Request, Response, Unredacted, ndjson};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::profile;

fn empty() -> History {
    let profile = profile::find("catalog").expect("catalog is known");
    History::new(Contract::find("catalog", "v2").expect("it has a contract"), profile)
}

fn exchange(
    id: u64,
    method: &str,
    target: &str,
    key: &str,
    body: &str,
    status: u16,
    answer: &Value,
) -> Parts {
    let headers = if key.is_empty() { vec![] } else { vec![("x-api-key".into(), key.into())] };
    Parts {
        id,
        operation: None,
        started_ms: id,
        ended_ms: id,
        request: Request {
            method: method.into(),
            target: target.into(),
            headers,
            body: Body::of(body.as_bytes()),
        },
        outcome: Outcome::Response(Response {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: Body::of(answer.to_string().as_bytes()),
        }),
    }
}

fn history(parts: impl IntoIterator<Item = Parts>) -> History {
    let mut history = empty();
    for part in parts {
        history.push(Redactor::new().exchange(Unredacted(part)));
    }
    history
}

fn verdict(history: &History, id: &str) -> Verdict {
    all(history, true).into_iter().find(|judged| judged.check.id == id).expect("the check is known").verdict
}

const ID: &str = "crawl-example-com-1a2b3c4d";

/// A crawl that was created and then read in these states.
fn crawl(states: &[&str]) -> History {
    let answer = json!({"execution_id": ID, "status": "pending", "meta": {"credits_used": 0}});
    let create = exchange(1, "POST", "/v2/crawl", "$KEY_A", r#"{"url":"example.com"}"#, 202, &answer);
    let reads = states.iter().zip(2..).map(|(state, id)| {
        let answer = json!({"execution_id": ID, "status": state, "error": null, "meta": {}});
        exchange(id, "GET", &format!("/v2/crawl/{ID}"), "$KEY_A", "", 200, &answer)
    });
    history(std::iter::once(create).chain(reads))
}

#[test]
fn states_that_were_missed_between_two_reads_are_no_offence() {
    assert_eq!(verdict(&crawl(&["pending", "completed", "completed"]), "job.edge-legal"), Verdict::Pass);
}

#[test]
fn going_back_is_an_offence_from_every_state() {
    for states in [["running", "pending"], ["completed", "running"], ["failed", "completed"]] {
        assert_eq!(verdict(&crawl(&states), "job.edge-legal"), Verdict::Fail, "{states:?}");
    }
}

#[test]
fn a_create_alone_shows_no_edge() {
    assert!(matches!(verdict(&crawl(&[]), "job.edge-legal"), Verdict::Unobserved(_)));
}

#[test]
fn a_run_that_was_last_seen_running_blocks_its_end() {
    assert!(matches!(verdict(&crawl(&["running"]), "job.reaches-terminal"), Verdict::Blocked(_)));
}

#[test]
fn a_refused_cancel_of_a_run_that_ended_meanwhile_is_no_offence() {
    let read = |id, state: &str| {
        let answer = json!({"execution_id": ID, "status": state, "error": null, "meta": {}});
        exchange(id, "GET", &format!("/v2/crawl/{ID}"), "$KEY_A", "", 200, &answer)
    };
    let answer = json!({"execution_id": ID, "status": "pending", "meta": {"credits_used": 0}});
    let create = exchange(1, "POST", "/v2/crawl", "$KEY_A", r#"{"url":"example.com"}"#, 202, &answer);
    let cancel = exchange(3, "DELETE", &format!("/v2/crawl/{ID}"), "$KEY_A", "", 409, &json!({}));
    let history = history([create, read(2, "running"), cancel, read(4, "completed")]);
    assert!(matches!(verdict(&history, "cancel.running"), Verdict::Unobserved(_)));
}

#[test]
fn a_server_that_is_not_ours_is_bound_by_documented_clauses_only() {
    let history = crawl(&["running", "pending"]);
    let judged: BTreeMap<_, _> = all(&history, false).into_iter().map(|it| (it.check.id, it)).collect();
    assert!(matches!(judged["job.edge-legal"].verdict, Verdict::NotApplicable(_)));
    for judged in judged.values() {
        assert!(judged.clauses.iter().all(|clause| binds_anyone(clause)), "{}", judged.check.id);
    }
}

#[test]
fn a_server_may_read_a_contradiction_either_way_and_it_is_noted_which() {
    for (id, reading) in [(ID, 0), ("crawl-example-com-965b1912-6af0-4c1b-9d53-0a1b2c3d4e5f", 1)] {
        let answer = json!({"execution_id": id, "status": "pending", "meta": {"credits_used": 0}});
        let create = exchange(1, "POST", "/v2/crawl", "$KEY_A", r#"{"url":"example.com"}"#, 202, &answer);
        let judged = all(&history([create]), true).into_iter().find(|it| it.check.id == "id.format");
        let judged = judged.expect("the check is known");
        let seen = Reading { clause: "catalog.crawl.id-format", reading, exchange: 1 };
        assert_eq!((judged.verdict, judged.readings), (Verdict::Pass, vec![seen]));
    }
}

#[test]
fn a_check_that_panics_is_an_error_of_the_harness_and_says_how() {
    static BROKEN: Check = Check {
        id: "broken",
        title: "",
        level: fixtures::contract::Level::Should,
        cost: crate::checks::Cost::Passive,
        clauses: &[],
        needs: "",
        judge: |history| panic!("no exchange #{}", history.all().len()),
    };
    let judged = one(&crawl(&[]), true, "", &BROKEN);
    let reason = "the check itself broke (no exchange #1); please report it";
    assert_eq!(judged.verdict, Verdict::Error(reason.into()));
    let outcome = crate::verdict::outcome([judged.share()], false, false);
    assert_eq!(crate::verdict::ExitCode::of(outcome, false).code(), 4);
}

#[test]
fn a_transcript_is_judged_as_the_run_it_records() {
    let live = crawl(&["pending", "running", "pending"]);
    let text = ndjson::write(live.all().iter().map(crate::history::seen::Seen::exchange));
    let mut read = empty();
    for exchange in ndjson::read(&text, &Redactor::new()).expect("it was written by us") {
        read.push(exchange);
    }
    let verdicts = |history: &History| -> Vec<_> {
        all(history, true)
            .into_iter()
            .map(|judged| (judged.check.id, judged.verdict, judged.findings))
            .collect()
    };
    assert_eq!(verdicts(&read), verdicts(&live));
}

/// JSON that looks a little like an answer and may be wrong anywhere.
fn answers() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        Just(json!(ID)),
        Just(json!("completed")),
        Just(json!("running")),
        Just(json!("2026-01-15T10:30:00.000Z")),
        Just(json!("9999-99-99T00:00:00Z")),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
    ];
    let names = prop::sample::select(vec![
        "execution_id",
        "status",
        "error",
        "data",
        "pagination",
        "meta",
        "progress",
        "start_date",
        "stop_date",
        "duration_ms",
        "steps",
        "total_items",
        "page_size",
        "products_processed",
        "products_total",
        "percent_complete",
        "created_at",
        "code",
        "request_id",
        "waiting_for",
    ]);
    leaf.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((names.clone(), inner), 0..6)
                .prop_map(|pairs| pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

fn exchanges() -> impl Strategy<Value = Vec<Parts>> {
    let targets = prop::sample::select(vec![
        "/v2/crawl".to_owned(),
        "/v2/crawl?page_size=1".to_owned(),
        "/v2/extract?status=failed&page_size=100".to_owned(),
        format!("/v2/crawl/{ID}"),
        format!("/v2/extract/{ID}?page=18446744073709551615&page_size=100"),
        format!("/v2/agentic-search/{ID}?page=0&page_size=0"),
        "/nowhere?%".to_owned(),
    ]);
    let methods = prop::sample::select(vec!["GET", "POST", "DELETE", "\u{1}"]);
    let keys = prop::sample::select(vec!["", "$KEY_A", "$KEY_B", "$KEY_REFUSED"]);
    let bodies = prop::sample::select(vec![
        "",
        "{",
        "{}",
        r#"{"url":"example.com"}"#,
        r#"{"urls":["https://a.b/c"]}"#,
    ]);
    let statuses = prop::sample::select(vec![0, 200, 202, 400, 401, 404, 409, 429, 500, 999]);
    let one = (methods, targets, keys, bodies, statuses, answers());
    prop::collection::vec(one, 0..24).prop_map(|all| {
        let numbered = all.into_iter().zip(1..);
        numbered
            .map(|((method, target, key, body, status, answer), id)| {
                exchange(id, method, &target, key, body, status, &answer)
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn no_record_breaks_a_check(parts in exchanges()) {
        for judged in all(&history(parts), true) {
            let broke = matches!(judged.verdict, Verdict::Error(_));
            prop_assert!(!broke, "{} broke", judged.check.id);
        }
    }
}

#[test]
fn the_time_of_judging_does_not_explode_with_the_record() {
    const JOBS: usize = 200;
    let mut parts: Vec<Parts> = Vec::new();
    let mut add = |method: &str, target: &str, body: &str, status, answer: &Value| {
        let id = parts.len() as u64 + 1;
        let part = exchange(id, method, target, "$KEY_A", body, status, answer);
        // Now and then several overlap.
        parts.push(Parts { ended_ms: if id % 500 < 20 { id + 3 } else { id }, ..part });
    };
    let id = |job: usize| format!("crawl-shop-{job}-example-{job:08x}");
    let item = |job: usize, status: &str| json!({ "execution_id": id(job), "status": status });
    for job in 0..JOBS {
        let body = format!(r#"{{"url":"shop-{job}.example"}}"#);
        add("POST", "/v2/crawl", &body, 202, &item(job, "pending"));
        let path = format!("/v2/crawl/{}", id(job));
        for status in ["pending", "running", "running", "running", "completed", "completed", "completed"] {
            add("GET", &path, "", 200, &item(job, status));
        }
        let newest: Vec<Value> =
            (job.saturating_sub(99)..=job).rev().map(|job| item(job, "completed")).collect();
        add("GET", "/v2/crawl?page_size=100", "", 200, &json!({ "data": newest, "meta": {} }));
        add("GET", "/v2/crawl?status=failed&page_size=100", "", 200, &json!({ "data": [], "meta": {} }));
    }
    let history = history(parts);
    assert_eq!(history.all().len(), 10 * JOBS);
    let watch = crate::clock::Stopwatch::start();
    for judged in all(&history, true) {
        assert!(!matches!(judged.verdict, Verdict::Error(_)), "{}: {:?}", judged.check.id, judged.verdict);
    }
    assert!(!crate::oracle::coverage(&history).is_empty());
    // Seconds where nothing is optimized; looking through everything for every run took minutes.
    assert!(watch.elapsed() < std::time::Duration::from_secs(60), "{:?}", watch.elapsed());
}
