use serde_json::json;

use crate::checks::record::Record;
use crate::verdict::Verdict;

/// A completed extract of two addresses whose products tell these.
fn told(one: &str, two: &str) -> (Verdict, Vec<&'static str>) {
    let id = "extract-urls-1a2b3c4d";
    let item = |asked: &str, told: &str| {
        json!({
            "url": asked, "success": true, "product": {"title": "Oak desk", "url": told}
        })
    };
    let run = json!({
        "execution_id": id, "status": "completed", "error": null, "meta": {},
        "data": [item("https://a.example/1", one), item("https://a.example/2", two)],
    });
    let body = r#"{"urls":["https://a.example/1","https://a.example/2"]}"#;
    Record::new()
        .answered(
            "POST /v2/extract",
            body,
            202,
            &json!({"execution_id": id, "status": "pending", "meta": {}}),
        )
        .answered(&format!("GET /v2/extract/{id}"), "", 200, &run)
        .judged("result.own-product")
}

#[test]
fn a_product_tells_no_address_of_another_item() {
    assert_eq!(told("https://a.example/1", "https://a.example/2"), (Verdict::Pass, vec![]));
    let swapped = told("https://a.example/2", "https://a.example/1");
    assert_eq!(swapped, (Verdict::Warn, vec!["of-another-address"; 2]));
}

#[test]
fn a_shop_may_have_moved_a_product() {
    assert_eq!(told("https://www.a.example/one", "https://a.example/2"), (Verdict::Pass, vec![]));
}
