use serde_json::json;

use crate::checks::record::Record;
use crate::verdict::Verdict;

/// Two looks at an account around a create.
fn around(status: u16, declared: u64, had: u64, left: u64) -> Record {
    let look = "GET /_rehearsal/account?key=$KEY_A";
    let account = |credits: u64| json!({"apis": {"catalog": {"credits": credits}}});
    let id = "agentic-1a2b3c4d-1735000000000";
    let answer = json!({"execution_id": id, "status": "pending", "meta": {"credits_used": declared}});
    Record::new()
        .answered(look, "", 200, &account(had))
        .answered("POST /v2/agentic-search", r#"{"query":"oak"}"#, status, &answer)
        .answered(look, "", 200, &account(left))
}

#[test]
fn an_account_loses_what_a_create_said() {
    assert_eq!(around(202, 25, 100, 75).judged("create.charged").0, Verdict::Pass);
    let (verdict, reasons) = around(202, 25, 100, 50).judged("create.charged");
    assert_eq!((verdict, reasons), (Verdict::Warn, vec!["charged-otherwise"]));
}

#[test]
fn a_refused_create_costs_nothing() {
    assert_eq!(around(400, 0, 100, 100).judged("err.no-side-effect").0, Verdict::Pass);
    assert_eq!(around(400, 0, 100, 75).judged("err.no-side-effect").1, ["charged"]);
    // Whether a create that broke off was paid for is not known to have been refused.
    let (verdict, _) = around(202, 25, 100, 75).judged("err.no-side-effect");
    assert!(matches!(verdict, Verdict::Unobserved(_)), "{verdict:?}");
}
