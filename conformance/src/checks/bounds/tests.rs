use serde_json::{Value, json};

use crate::checks::record::Record;
use crate::verdict::Verdict;

const LIST: &str = "GET /v2/crawl?page_size=1";

fn list() -> Value {
    json!({"data": [], "pagination": {}})
}

#[test]
fn a_key_that_is_let_in_nowhere_says_nothing_of_bounds() {
    for status in [401, 403] {
        let record = Record::new().answered(LIST, "", status, &json!({}));
        for check in ["err.boundary-valid", "list.page-size"] {
            assert!(!record.judged(check).0.is_exercised(), "{check} {status}");
        }
        let record = record.answered("GET /v2/extract", "", 200, &list());
        assert_eq!(record.judged("list.page-size").1, ["refused"], "{status} to a key that may read");
    }
}

#[test]
fn a_server_that_failed_once_is_judged_by_the_other_time() {
    let record = Record::new().answered(LIST, "", 500, &json!({}));
    assert!(matches!(record.judged("err.boundary-valid").0, Verdict::Blocked(_)));
    let record = record.answered(LIST, "", 200, &list());
    assert_eq!(record.judged("err.boundary-valid").0, Verdict::Pass);
    assert_eq!(record.judged("list.page-size").0, Verdict::Pass);
}

#[test]
fn a_failure_passed_only_if_the_next_time_is_none() {
    let failed = |record: Record| record.answered(LIST, "", 500, &json!({}));
    let excused = |record: Record| {
        let history = record.answered(LIST, "", 200, &list());
        let history = history.history();
        history.all().iter().map(|seen| history.is_excused(seen)).collect::<Vec<_>>()
    };
    assert_eq!(excused(failed(failed(Record::new()))), [true, true, false], "in a row");
    // After something else it is another question.
    let between = failed(Record::new()).answered("GET /v2/crawl", "", 200, &list());
    assert_eq!(excused(failed(between)), [false, false, true, false]);
}

#[test]
fn a_page_past_the_end_may_be_refused_whatever_its_size() {
    let run = json!({"execution_id": "extract-urls-1", "status": "pending"});
    let page = "GET /v2/extract/extract-urls-1?page=9&page_size=100";
    let record = Record::new()
        .answered("POST /v2/extract", r#"{"urls":["https://example.com/1"]}"#, 202, &run)
        .answered(page, "", 400, &json!({}));
    assert_eq!(record.judged("err.boundary-valid").1, [""; 0]);
    let record = record.answered(&page.replace("page=9", "page=1"), "", 400, &json!({}));
    assert_eq!(record.judged("err.boundary-valid").1, ["page-size-100"]);
}
