use http::StatusCode;
use serde_json::{Value, json};

use crate::harness::{KEY, Stand, members};

async fn links(stand: &Stand, urls: &[&str]) -> Value {
    stand.post("/v2/affiliate", json!({ "urls": urls })).await.ok(StatusCode::OK)
}

#[tokio::test]
async fn every_address_gets_its_answer_in_order() {
    let stand = Stand::new();
    let urls = [
        "https://www.skims.com/products/a?size=m&color=red",
        "not an address",
        "https://shop.fails.test/p/1",
        "https://unsupported.test/p/1",
        "https://skims.com/products/b",
    ];
    let body = links(&stand, &urls).await;
    let data = body["data"].as_array().unwrap();
    assert_eq!(data.iter().map(|item| item["original_url"].as_str().unwrap()).collect::<Vec<_>>(), urls);
    assert_eq!(
        data.iter().map(|item| item["success"] == true).collect::<Vec<_>>(),
        [true, false, false, false, true]
    );
    assert_eq!(members(&data[0]), ["wildfire_link", "original_url", "device_id", "success"]);
    assert_eq!(members(&data[1]), ["wildfire_link", "original_url", "device_id", "success", "error"]);
    assert!(data[1..4].iter().all(|item| item["wildfire_link"] == ""));
    assert_eq!(body["meta"], json!({"total_processed": 5, "successful": 2, "failed": 3}));
    let page = json!({"page": 1, "page_size": 5, "total_items": 5, "total_pages": 1, "has_next": false, "has_prev": false});
    assert_eq!(body["pagination"], page);

    let link = url::Url::parse(data[0]["wildfire_link"].as_str().unwrap()).unwrap();
    assert_eq!(link.host_str(), Some("wildfire.example"));
    let pairs: Vec<(String, String)> = link.query_pairs().into_owned().collect();
    let device = data[0]["device_id"].as_str().unwrap();
    assert_eq!(
        pairs,
        [("d", device), ("dc", "www.skims.com"), ("url", urls[0])].map(|(a, b)| (a.into(), b.into()))
    );
    assert_eq!(links(&stand, &urls).await, body, "the same account gets the same links");
}

#[tokio::test]
async fn the_index_says_which_vendors_get_links() {
    let stand = Stand::new();
    let vendors = stand.get("/v2/vendors?page_size=100").await.ok(StatusCode::OK);
    let vendors = vendors["data"].as_array().unwrap();
    let urls: Vec<String> = vendors
        .iter()
        .map(|vendor| format!("https://www.{}/products/x", vendor["vendor"].as_str().unwrap()))
        .collect();
    let body = links(&stand, &urls.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let expected: Vec<&Value> = vendors.iter().map(|vendor| &vendor["in_affiliate_network"]).collect();
    let answered: Vec<&Value> =
        body["data"].as_array().unwrap().iter().map(|item| &item["success"]).collect();
    assert_eq!(answered, expected);
    assert!(expected.contains(&&json!(true)) && expected.contains(&&json!(false)));
}

#[tokio::test]
async fn one_to_a_hundred_addresses_are_taken_and_cost_nothing() {
    let stand = Stand::with("version: 1\naccount: { apis: { catalog: { credits: 0 } } }\n");
    let urls = |count: usize| vec!["https://skims.com/p"; count];
    for count in [1, 100] {
        assert_eq!(links(&stand, &urls(count)).await["data"].as_array().unwrap().len(), count);
    }
    for body in [json!({"urls": urls(101)}), json!({"urls": []}), json!({"urls": [""]})] {
        let _ = stand.post("/v2/affiliate", body).await.refused(StatusCode::BAD_REQUEST, "VALIDATION_ERROR");
    }
    for body in [json!({}), json!({"urls": "https://skims.com"}), json!({"urls": [7]})] {
        let _ = stand.post("/v2/affiliate", body).await.refused(StatusCode::BAD_REQUEST, "INVALID_REQUEST");
    }
    let account = stand.get(&format!("/_rehearsal/account?key={KEY}")).await.ok(StatusCode::OK);
    assert_eq!(account["apis"]["catalog"]["credits"], 0);
}
