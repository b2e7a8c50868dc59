use serde_json::{Value, json};

use crate::checks::record::Record;
use crate::verdict::{Reading, Verdict};

const SEARCH: &str = "agentic-1a2b3c4d-1735000000000";

/// A search that was created, read in one state, cancelled, and read in another.
fn search(before: &str, status: u16, after: &str) -> Record {
    let answer = match status {
        400 => refusal("INVALID_REQUEST"),
        409 => refusal("CONFLICT"),
        _ => {
            json!({"execution_id": SEARCH, "status": "canceled", "stop_date": "2026-01-15T10:30:06.500Z"})
        }
    };
    answering(before, status, &answer, after)
}

fn refusal(code: &str) -> Value {
    json!({"error": {"code": code, "message": "No", "request_id": "req_1"}})
}

/// The same, with this answer to the cancel.
fn answering(before: &str, status: u16, answer: &Value, after: &str) -> Record {
    let read = format!("GET /v2/agentic-search/{SEARCH}");
    let state = |state: &str| json!({"execution_id": SEARCH, "status": state, "error": null, "meta": {}});
    Record::new()
        .answered("POST /v2/agentic-search", r#"{"query":"oak"}"#, 202, &state("pending"))
        .answered(&read, "", 200, &state(before))
        .answered(&format!("DELETE /v2/agentic-search/{SEARCH}"), "", status, answer)
        .answered(&read, "", 200, &state(after))
}

#[track_caller]
fn reads(record: &Record, check: &str, clause: &'static str, reading: usize) {
    assert_eq!(record.tally(check).readings(), [Reading { clause, reading, exchange: 3 }]);
    assert_eq!(record.judged(check).0, Verdict::Pass);
}

#[test]
fn both_readings_of_a_late_cancel_are_accepted_and_told_apart() {
    let clause = "catalog.agentic-search.cancel.terminal-refused";
    reads(&search("completed", 400, "completed"), "cancel.terminal", clause, 0);
    reads(&search("completed", 409, "completed"), "cancel.terminal", clause, 1);
}

#[test]
fn a_pending_search_may_be_cancelled_or_not_but_nothing_in_between() {
    let clause = "catalog.agentic-search.cancel.pending";
    reads(&search("pending", 400, "pending"), "cancel.pending-search", clause, 0);
    reads(&search("pending", 200, "failed"), "cancel.pending-search", clause, 1);
    for (status, after) in [(200, "pending"), (400, "failed"), (500, "pending")] {
        let (verdict, reasons) = search("pending", status, after).judged("cancel.pending-search");
        assert_eq!((verdict, reasons), (Verdict::Warn, vec!["neither"]), "{status}, {after}");
    }
}

#[test]
fn a_search_that_began_to_run_meanwhile_was_not_pending() {
    let (verdict, _) = search("pending", 200, "running").judged("cancel.pending-search");
    assert!(matches!(verdict, Verdict::Unobserved(_)), "{verdict:?}");
}

#[test]
fn a_refusal_has_the_code_of_its_status() {
    for (status, code) in [(400, "CONFLICT"), (400, "VALIDATION_ERROR"), (409, "INVALID_REQUEST")] {
        let record = answering("completed", status, &refusal(code), "completed");
        assert_eq!(record.judged("cancel.terminal"), (Verdict::Fail, vec!["code"]), "{status} {code}");
    }
}

#[test]
fn an_accepted_cancel_tells_the_id_and_the_stop_date() {
    let record = search("running", 200, "failed");
    assert_eq!(record.judged("cancel.running"), (Verdict::Pass, vec![]));
    let bare = json!({"status": "canceled"});
    let record = answering("running", 200, &bare, "failed");
    assert_eq!(record.judged("cancel.running"), (Verdict::Fail, vec!["reply", "reply"]));
}

/// An extract that waits for a crawl, a cancel that is refused with 409, and both as they are read afterwards.
fn waiting(crawl_after: &str, extract_after: &Value) -> Record {
    let crawl = |state: &str| json!({"execution_id": CRAWL, "status": state, "error": null, "meta": {}});
    let (read, one) = (format!("GET /v2/extract/{EXTRACT}"), extract("pending", Some(CRAWL)));
    let body = json!({"vendor": "example.com", "crawl_id": CRAWL}).to_string();
    Record::new()
        .answered("POST /v2/crawl", r#"{"url":"example.com"}"#, 202, &crawl("pending"))
        .answered("POST /v2/extract", &body, 202, &one)
        .answered(&read, "", 200, &one)
        .answered(&format!("DELETE /v2/extract/{EXTRACT}"), "", 409, &refusal("CONFLICT"))
        .answered(&read, "", 200, extract_after)
        .answered(&format!("GET /v2/crawl/{CRAWL}"), "", 200, &crawl(crawl_after))
}

const CRAWL: &str = "crawl-example-com-1a2b3c4d";
const EXTRACT: &str = "extract-example-com-1a2b3c4d";

fn extract(state: &str, waiting_for: Option<&str>) -> Value {
    json!({"execution_id": EXTRACT, "status": state, "error": null, "meta": {"waiting_for": waiting_for}})
}

#[test]
fn a_crawl_that_fails_just_before_a_cancel_ends_the_wait() {
    for (crawl, after) in [("failed", extract("failed", None)), ("failed", extract("pending", None))] {
        let (verdict, _) = waiting(crawl, &after).judged("cancel.waiting");
        assert!(matches!(verdict, Verdict::Unobserved(_)), "{after}: {verdict:?}");
    }
    let (verdict, reasons) = waiting("running", &extract("pending", Some(CRAWL))).judged("cancel.waiting");
    assert_eq!((verdict, reasons), (Verdict::Fail, vec!["not-400"]));
}
