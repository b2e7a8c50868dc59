use serde_json::json;

use crate::checks::record::Record;
use crate::verdict::Verdict;

const CREATE: &str = "POST /v2/crawl";
const LIST: &str = "GET /v2/crawl?page_size=100";
const BODY: &str = r#"{"url":"example.com"}"#;

#[track_caller]
fn judged(record: &Record, reasons: &[&str]) {
    let (verdict, found) = record.judged("client.no-blind-repost");
    assert_eq!(found, reasons);
    assert_eq!(verdict, if reasons.is_empty() { Verdict::Pass } else { Verdict::Warn });
}

#[test]
fn a_client_that_lists_before_it_asks_again_is_polite() {
    let empty = json!({"data": []});
    let created = json!({"execution_id": "crawl-example-com-1a2b3c4d", "status": "pending"});
    let record = Record::new().lost(CREATE, BODY).answered(LIST, "", 200, &empty);
    judged(&record.answered(CREATE, BODY, 202, &created), &[]);
}

#[test]
fn a_client_that_asks_again_at_once_is_rude_after_silence_and_after_any_500() {
    let created = json!({"execution_id": "crawl-example-com-1a2b3c4d", "status": "pending"});
    judged(&Record::new().lost(CREATE, BODY).answered(CREATE, BODY, 202, &created), &["reposted"]);
    for status in [500, 502, 503] {
        let record = Record::new().answered(CREATE, BODY, status, &json!({}));
        judged(&record.answered(CREATE, BODY, 202, &created), &["reposted"]);
    }
}

#[test]
fn spaces_do_not_make_another_create() {
    let record = Record::new().lost(CREATE, BODY);
    judged(&record.answered(CREATE, r#"{ "url": "example.com" }"#, 202, &json!({})), &["reposted"]);
}

#[test]
fn a_list_that_was_refused_or_asked_for_before_the_loss_shows_nothing() {
    let record = Record::new().lost(CREATE, BODY).answered(LIST, "", 500, &json!({}));
    judged(&record.answered(CREATE, BODY, 202, &json!({})), &["reposted"]);
    let list = json!({"data": []});
    let record =
        Record::new().during((1, 9), CREATE, BODY, None).during((2, 3), LIST, "", Some((200, &list)));
    judged(&record.during((10, 11), CREATE, BODY, Some((202, &json!({})))), &["reposted"]);
}

#[test]
fn another_create_and_one_after_a_plain_refusal_are_fine() {
    let other = r#"{"url":"example.net"}"#;
    judged(&Record::new().lost(CREATE, BODY).answered(CREATE, other, 202, &json!({})), &[]);
    let record = Record::new().answered(CREATE, BODY, 429, &json!({}));
    let (verdict, _) = record.answered(CREATE, BODY, 202, &json!({})).judged("client.no-blind-repost");
    assert!(matches!(verdict, Verdict::Unobserved(_)), "nothing was lost: {verdict:?}");
}

#[test]
fn a_client_that_fell_silent_had_no_opportunity() {
    let (verdict, _) = Record::new().lost(CREATE, BODY).judged("client.no-blind-repost");
    assert!(matches!(verdict, Verdict::Unobserved(_)), "{verdict:?}");
}
