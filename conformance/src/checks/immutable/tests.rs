use fixtures::contract::Edge;
use serde_json::json;

use super::*;
use crate::checks::record::Record;

const ID: &str = "extract-urls-1a2b3c4d";

/// An extract that reads so: a state and the address of its first item each.
fn extract(reads: &[(&str, &str)]) -> Record {
    let created = json!({"execution_id": ID, "status": "pending", "meta": {}});
    let record = Record::new().answered("POST /v2/extract", r#"{"urls":["x"]}"#, 202, &created);
    reads.iter().fold(record, |record, (state, url)| {
        let answer = json!({"execution_id": ID, "status": state, "data": [{"url": url}], "meta": {}});
        record.answered(&format!("GET /v2/extract/{ID}?page=1"), "", 200, &answer)
    })
}

/// The reasons that are found where a completed run may be started again, or may not.
fn found(record: &Record, restarts: bool) -> Vec<&'static str> {
    let history = record.history();
    let mut lifecycle = history.contract.lifecycle_of("catalog.extract.get").expect("it has one").clone();
    if restarts {
        let again = lifecycle.edges[0].clone();
        lifecycle.edges.push(Edge { from: "completed".into(), to: "running".into(), guard: None, ..again });
    }
    let mut tally = Tally::default();
    compare(&mut tally, &lifecycle, history.reads(&history.jobs()[0]));
    tally.into_findings().into_iter().map(|finding| finding.reason).collect()
}

#[test]
fn a_run_that_is_over_keeps_its_state_and_its_pages() {
    assert_eq!(found(&extract(&[("completed", "a"), ("completed", "a")]), false), [""; 0]);
    assert_eq!(found(&extract(&[("completed", "a"), ("running", "a")]), false), ["changed"]);
    assert_eq!(found(&extract(&[("completed", "a"), ("completed", "b")]), false), ["results-changed"]);
}

#[test]
fn only_a_lifecycle_that_says_so_lets_a_run_begin_again() {
    let again = extract(&[("completed", "a"), ("running", ""), ("completed", "b"), ("completed", "b")]);
    assert_eq!(found(&again, true), [""; 0]);
    assert!(found(&again, false).contains(&"changed"));
    let still = extract(&[("completed", "a"), ("running", ""), ("completed", "b"), ("completed", "c")]);
    assert_eq!(found(&still, true), ["results-changed"]);
}
