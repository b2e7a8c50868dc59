use serde_json::json;

use crate::checks::record::Record;
use crate::verdict::Verdict;

const SEARCH: &str = "agentic-1a2b3c4d-1735000000000";

/// A running search that another key tries to cancel, with this answer, and that has failed when its owner looks again.
fn reached_for(status: u16) -> Record {
    let read = format!("GET /v2/agentic-search/{SEARCH}");
    let state = |state: &str| json!({"execution_id": SEARCH, "status": state, "error": null, "meta": {}});
    Record::new()
        .answered("POST /v2/agentic-search", r#"{"query":"oak"}"#, 202, &state("pending"))
        .answered(&read, "", 200, &state("running"))
        .answered_to("$KEY_B", &format!("DELETE /v2/agentic-search/{SEARCH}"), status, &state("canceled"))
        .answered(&read, "", 200, &state("failed"))
}

#[test]
fn a_run_that_fails_by_itself_was_not_stopped_by_a_key_that_was_refused() {
    assert_eq!(reached_for(404).judged("tenant.cancel-404"), (Verdict::Pass, vec![]));
    let (verdict, reasons) = reached_for(200).judged("tenant.cancel-404");
    assert_eq!((verdict, reasons), (Verdict::Fail, vec!["not-404", "stopped-by-other"]));
}

#[test]
fn a_key_may_be_given_its_own_crawl_again_and_no_other_key_may() {
    let crawl = json!({"execution_id": "crawl-a-example-1a2b3c4d", "status": "running", "meta": {}});
    let twice = |key: &str| {
        let body = r#"{"url":"a.example"}"#;
        let other = json!({"execution_id": "crawl-b-example-e5f6e5f6", "status": "pending", "meta": {}});
        Record::new()
            .answered("POST /v2/crawl", body, 202, &crawl)
            .sent_by(key, "POST /v2/crawl", body, 202, &crawl)
            .sent_by("$KEY_B", "POST /v2/crawl", r#"{"url":"b.example"}"#, 202, &other)
            .judged("tenant.create-own")
    };
    assert_eq!(twice("$KEY_A"), (Verdict::Pass, vec![]));
    assert_eq!(twice("$KEY_B"), (Verdict::Fail, vec!["foreign-run-given"]));
}
