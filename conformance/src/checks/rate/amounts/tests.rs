use serde_json::json;

use crate::checks::record::Record;
use crate::verdict::Verdict;

const OAK: &str = r#"{"query":"oak"}"#;

/// A search that is accepted, a look at the account, and the same search once more, which is refused with these amounts.
fn refused(between: &[&str], needed: u64, left: u64) -> (Verdict, Vec<&'static str>) {
    let accepted =
        json!({"execution_id": "agentic-1a2b3c4d-1", "status": "pending", "meta": {"credits_used": 25}});
    let account = json!({"apis": {"catalog": {"credits": 7}}});
    let error = json!({
        "error": {"code": "INSUFFICIENT_CREDITS", "message": "Insufficient credits"},
        "credits_needed": needed,
        "credits_remaining": left,
    });
    let mut record = Record::new().answered("POST /v2/agentic-search", OAK, 202, &accepted).answered(
        "GET /_rehearsal/account?key=$KEY_A",
        "",
        200,
        &account,
    );
    for operation in between {
        record = record.lost(operation, r#"{"query":"ash"}"#);
    }
    record.answered("POST /v2/agentic-search", OAK, 402, &error).judged("err.credits-amounts")
}

#[test]
fn a_refusal_tells_the_price_and_what_is_left() {
    assert_eq!(refused(&[], 25, 7), (Verdict::Pass, vec![]));
    assert_eq!(refused(&[], 30, 7), (Verdict::Warn, vec!["needed"]));
    assert_eq!(refused(&[], 25, 0), (Verdict::Warn, vec!["left"]));
}

#[test]
fn what_may_have_been_bought_since_the_look_is_not_held_against_the_refusal() {
    for operation in ["POST /v2/agentic-search", "POST /v2/agentic-search-mini"] {
        assert_eq!(refused(&[operation], 25, 2), (Verdict::Pass, vec![]), "{operation}");
    }
}
