use serde_json::{Value, json};

use crate::checks::record::Record;
use crate::verdict::Verdict;

const CRAWL: &str = "crawl-example-com-1a2b3c4d";

fn shown(id: &str, state: &str) -> Value {
    json!({"execution_id": id, "status": state})
}

/// A crawl, and how it ended if it did.
fn crawled(end: Option<&Value>) -> Record {
    let record =
        Record::new().answered("POST /v2/crawl", r#"{"url":"example.com"}"#, 202, &shown(CRAWL, "pending"));
    match end {
        Some(end) => record.answered(&format!("GET /v2/crawl/{CRAWL}"), "", 200, end),
        None => record,
    }
}

/// An extract of its shop that is refused.
fn refused(record: Record) -> Record {
    let body = json!({"vendor": "example.com", "crawl_id": CRAWL, "max_products": 1}).to_string();
    record.answered("POST /v2/extract", &body, 400, &json!({"error": {"code": "VALIDATION_ERROR"}}))
}

#[test]
fn a_crawl_that_somebody_else_started_may_run_already() {
    let join = |path: &str, body: &str, id: &str| {
        Record::new().answered(path, body, 202, &shown(id, "running")).judged("create.status").1
    };
    assert_eq!(join("POST /v2/crawl", r#"{"url":"example.com"}"#, CRAWL), [""; 0]);
    let body = r#"{"query":"linen summer dress"}"#;
    assert_eq!(join("POST /v2/agentic-search", body, "agentic-1a2b3c4d-1"), ["not-pending"]);
}

#[test]
fn of_a_shop_in_which_nothing_was_found_nothing_can_be_extracted() {
    let mut nothing = shown(CRAWL, "completed");
    nothing["meta"] = json!({"result": {"collections_total": 0, "listings_total": 0}});
    for end in [nothing, shown(CRAWL, "failed")] {
        let record = refused(crawled(Some(&end)));
        assert_eq!(record.judged("create.status").1, [""; 0], "{end}");
        assert_eq!(record.judged("err.boundary-valid").1, [""; 0], "{end}");
    }

    let mut something = shown(CRAWL, "completed");
    something["meta"] = json!({"result": {"collections_total": 1, "listings_total": 40}});
    let read = format!("GET /v2/crawl/{CRAWL}");
    let under_way = refused(crawled(None)).answered(&read, "", 200, &shown(CRAWL, "running"));
    for record in [refused(crawled(Some(&something))), under_way] {
        assert_eq!(record.judged("create.status").1, ["not-202"]);
        assert_eq!(record.judged("err.boundary-valid").1, ["max-products-1"]);
    }
}

#[test]
fn what_is_not_paid_for_says_nothing_of_mistakes() {
    let record = Record::new().answered("POST /v2/crawl", "{}", 402, &json!({}));
    assert!(matches!(record.judged("err.validation-each").0, Verdict::Blocked(_)));
    let record = record.answered("POST /v2/crawl", "{", 402, &json!({}));
    assert!(!record.judged("err.malformed-json").0.is_exercised());
}
