use serde_json::json;

use crate::checks::record::Record;
use crate::verdict::{Reading, Verdict};

const SEARCH: &str = "agentic-1a2b3c4d-1735000000000";

/// A search that was created, read in one state, cancelled, and read in another.
fn search(before: &str, status: u16, after: &str) -> Record {
    let read = format!("GET /v2/agentic-search/{SEARCH}");
    let state = |state: &str| json!({"execution_id": SEARCH, "status": state, "error": null, "meta": {}});
    Record::new()
        .answered("POST /v2/agentic-search", r#"{"query":"oak"}"#, 202, &state("pending"))
        .answered(&read, "", 200, &state(before))
        .answered(&format!("DELETE /v2/agentic-search/{SEARCH}"), "", status, &state("canceled"))
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
