use serde_json::json;

use crate::checks::record::Record;
use crate::verdict::Verdict;

const ID: &str = "extract-urls-1a2b3c4d";

/// A running extract, two cancels that overlap in time, and the reads after them.
fn rivals(statuses: [u16; 2], after: &[&str]) -> Record {
    meeting("DELETE /v2/extract/extract-urls-1a2b3c4d", statuses, after)
}

/// A running extract, a cancel that overlaps a move of the clock, and the reads after it.
fn against_the_clock(status: u16, after: &[&str]) -> Record {
    meeting("PATCH /_rehearsal/clock?key=$KEY_A", [status, 200], after)
}

fn meeting(other: &str, statuses: [u16; 2], after: &[&str]) -> Record {
    let (cancel, read) = (format!("DELETE /v2/extract/{ID}"), format!("GET /v2/extract/{ID}"));
    let state = |state: &str| json!({"execution_id": ID, "status": state, "error": null, "meta": {}});
    let body = r#"{"urls":["https://example.com/1"]}"#;
    let record = Record::new()
        .answered("POST /v2/extract", body, 202, &state("pending"))
        .answered(&read, "", 200, &state("running"))
        .during((10, 20), &cancel, "", Some((statuses[0], &state("canceled"))))
        .during((11, 19), other, "", Some((statuses[1], &state("canceled"))));
    after.iter().fold(record, |record, seen| {
        let now = record.history().all().len() as u64 + 100;
        record.during((now, now), &read, "", Some((200, &state(seen))))
    })
}

#[track_caller]
fn judged(record: &Record, reasons: &[&str]) {
    let (verdict, found) = record.judged("cancel.race");
    assert_eq!(found, reasons);
    assert_eq!(verdict, if reasons.is_empty() { Verdict::Pass } else { Verdict::Fail });
}

#[test]
fn either_branch_is_fine() {
    for statuses in [[200, 400], [409, 200], [200, 200]] {
        judged(&rivals(statuses, &["failed", "failed"]), &[]);
    }
    judged(&against_the_clock(200, &["failed", "failed"]), &[]);
    judged(&against_the_clock(400, &["completed", "completed"]), &[]);
}

#[test]
fn there_is_no_third_way() {
    judged(&rivals([200, 500], &["failed"]), &["third-way"]);
    judged(&against_the_clock(404, &["completed"]), &["third-way"]);
}

#[test]
fn an_accepted_cancel_is_not_undone_even_later() {
    judged(&against_the_clock(200, &["failed", "completed"]), &["accepted-and-undone"]);
    // It may take a moment to stop.
    judged(&against_the_clock(200, &["running", "failed"]), &[]);
}

/// Another extract, which nobody cancels.
fn and_a_twin(record: Record, end: &str) -> Record {
    let state =
        |state: &str| json!({"execution_id": "extract-urls-2", "status": state, "error": null, "meta": {}});
    record
        .answered("POST /v2/extract", r#"{"urls":["https://example.com/2"]}"#, 202, &state("pending"))
        .answered("GET /v2/extract/extract-urls-2", "", 200, &state(end))
}

#[test]
fn a_refused_cancel_neither_stops_a_run_nor_leaves_it_running() {
    judged(&and_a_twin(against_the_clock(400, &["failed"]), "completed"), &["refused-and-stopped"]);
    judged(&against_the_clock(409, &["running"]), &["refused-and-running"]);
}

#[test]
fn where_runs_fail_by_themselves_a_refused_cancel_has_stopped_none() {
    judged(&and_a_twin(against_the_clock(400, &["failed"]), "failed"), &[]);
    judged(&against_the_clock(400, &["failed"]), &[]);
    judged(&rivals([400, 409], &["failed"]), &[]);
}

#[test]
fn a_cancel_that_met_nothing_is_no_race() {
    let (cancel, read) = (format!("DELETE /v2/extract/{ID}"), format!("GET /v2/extract/{ID}"));
    let state = |state: &str| json!({"execution_id": ID, "status": state, "error": null, "meta": {}});
    let record = Record::new()
        .answered("POST /v2/extract", r#"{"urls":["https://example.com/1"]}"#, 202, &state("pending"))
        .answered(&read, "", 200, &state("running"))
        .answered(&cancel, "", 200, &state("canceled"))
        .answered(&read, "", 200, &state("failed"));
    let (verdict, _) = record.judged("cancel.race");
    assert!(matches!(verdict, Verdict::Unobserved(_)), "{verdict:?}");
}
