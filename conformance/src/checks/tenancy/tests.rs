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
