use http::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Stand, members};

fn urls(count: usize) -> Value {
    let urls: Vec<String> = (0..count).map(|index| format!("https://nike.com/t/shoe-{index}")).collect();
    json!({ "urls": urls })
}

async fn crawled(stand: &Stand, host: &str) -> Value {
    let id = stand.create("/v2/crawl", json!({ "url": host })).await;
    stand.finish(&format!("/v2/crawl/{id}")).await
}

#[tokio::test]
async fn an_extract_by_urls_counts_and_prices_them() {
    let stand = Stand::new();
    let body = stand.post("/v2/extract", urls(2)).await.ok(StatusCode::ACCEPTED);
    let id = body["execution_id"].as_str().unwrap();
    let uuid: uuid::Uuid = id.strip_prefix("extract-urls-").unwrap().parse().unwrap();
    assert_eq!(uuid.get_version_num(), 4);
    let meta = json!({"credits_used": 10, "url_count": 2, "urls_to_process": 2});
    assert_eq!(body, json!({"execution_id": id, "status": "pending", "meta": meta}));
}

#[tokio::test]
async fn enable_flags_add_nothing_to_what_an_extract_costs() {
    let stand = Stand::new();
    let mut flagged = urls(2);
    for flag in ["enrichment", "reviews", "image_tags", "brand_pdp", "similar_products", "reddit_insights"] {
        flagged[format!("enable_{flag}")] = json!(true);
    }
    let body = stand.post("/v2/extract", flagged).await.ok(StatusCode::ACCEPTED);
    assert_eq!(body["meta"]["credits_used"], 10);
}

#[tokio::test]
async fn an_extract_shows_only_what_its_state_has() {
    let stand = Stand::new();
    let id = stand.create("/v2/extract", urls(10)).await;
    let target = format!("/v2/extract/{id}");
    let meta = ["progress", "start_date", "stop_date", "duration_ms"];

    let pending = stand.get(&target).await.ok(StatusCode::OK);
    assert_eq!(members(&pending), ["execution_id", "status", "error", "meta"]);
    assert_eq!(members(&pending["meta"]), meta);
    assert_eq!(pending["meta"]["progress"], Value::Null);

    stand.advance("8s").await;
    let running = stand.get(&target).await.ok(StatusCode::OK);
    assert_eq!(running["status"], "running");
    assert_eq!(members(&running["meta"]), meta);
    assert_eq!(
        members(&running["meta"]["progress"]),
        ["products_processed", "products_total", "percent_complete"]
    );
    assert_eq!(running["meta"]["duration_ms"], 7_000);

    stand.advance("1m").await;
    let completed = stand.get(&target).await.ok(StatusCode::OK);
    assert_eq!(members(&completed), ["execution_id", "status", "error", "data", "pagination", "meta"]);
    assert_eq!(members(&completed["meta"]), [&meta[..], &["result", "credits_used"]].concat());
    let result = json!({"products_requested": 10, "products_successful": 10, "products_failed": 0});
    assert_eq!(completed["meta"]["result"], result);
    assert_eq!(completed["meta"]["duration_ms"], 15_000);
}

#[tokio::test]
async fn results_keep_the_order_of_the_request_and_are_cut_into_pages() {
    let stand = Stand::new();
    let id = stand.create("/v2/extract", urls(125)).await;
    let target = format!("/v2/extract/{id}");
    stand.finish(&target).await;
    let mut seen = Vec::new();
    for page in 1..=3 {
        let body = stand.get(&format!("{target}?page={page}&page_size=50")).await.ok(StatusCode::OK);
        let pagination = json!({
            "page": page, "page_size": 50, "total_items": 125, "total_pages": 3,
            "has_next": page < 3, "has_prev": page > 1,
        });
        assert_eq!(body["pagination"], pagination);
        seen.extend(body["data"].as_array().unwrap().iter().map(|item| item["url"].clone()));
    }
    assert_eq!(json!(seen), urls(125)["urls"]);
    let past = stand.get(&format!("{target}?page=4")).await.ok(StatusCode::OK);
    assert_eq!(past["data"], json!([]));
    assert_eq!(
        (&past["pagination"]["has_next"], &past["pagination"]["has_prev"]),
        (&json!(false), &json!(true))
    );
}

#[tokio::test]
async fn a_vendor_must_have_been_crawled() {
    let stand = Stand::new();
    let message = stand
        .post("/v2/extract", json!({"vendor": "nike.com"}))
        .await
        .refused(StatusCode::BAD_REQUEST, "VALIDATION_ERROR");
    assert_eq!(
        message,
        "No listings found for this domain. Use /v2/crawl first to discover product listings."
    );

    let listings = crawled(&stand, "nike.com").await["meta"]["result"]["listings_total"].clone();
    let body =
        stand.post("/v2/extract", json!({"vendor": "https://www.nike.com"})).await.ok(StatusCode::ACCEPTED);
    assert_eq!(
        body["meta"],
        json!({"credits_used": listings, "url_count": listings, "urls_to_process": listings})
    );
    assert!(body["execution_id"].as_str().unwrap().starts_with("extract-nike-com-"));

    let few = stand
        .post("/v2/extract", json!({"vendor": "nike.com", "max_products": 3}))
        .await
        .ok(StatusCode::ACCEPTED);
    assert_eq!(few["meta"], json!({"credits_used": 3, "url_count": listings, "urls_to_process": 3}));
}

#[tokio::test]
async fn an_extract_waits_for_its_crawl_and_starts_when_it_completes() {
    let stand = Stand::new();
    let crawl = stand.create("/v2/crawl", json!({"url": "nike.com"})).await;
    let request = json!({"vendor": "nike.com", "crawl_id": crawl, "max_products": 5});
    let created = stand.post("/v2/extract", request).await.ok(StatusCode::ACCEPTED);
    assert_eq!(created["meta"]["waiting_for"], crawl.as_str());
    let target = format!("/v2/extract/{}", created["execution_id"].as_str().unwrap());

    stand.advance("10s").await;
    let waiting = stand.get(&target).await.ok(StatusCode::OK);
    let meta = json!({
        "progress": null, "start_date": null, "stop_date": null, "duration_ms": null, "waiting_for": crawl,
    });
    assert_eq!(waiting["meta"], meta);
    assert_eq!(waiting["status"], "pending");
    let message = stand.delete(&target).await.refused(StatusCode::BAD_REQUEST, "INVALID_REQUEST");
    assert_eq!(message, "Execution is waiting for crawl to complete and cannot be canceled yet");

    // The world is touched long after the crawl ended; the extract started at the crawl's end all the same.
    stand.advance("1h").await;
    let stopped =
        stand.get(&format!("/v2/crawl/{crawl}")).await.ok(StatusCode::OK)["meta"]["stop_date"].clone();
    let completed = stand.get(&target).await.ok(StatusCode::OK);
    assert_eq!(completed["meta"]["start_date"], stopped);
    assert_eq!(completed["meta"]["duration_ms"], 7_500);
    assert_eq!(completed["meta"].get("waiting_for"), None);
    assert_eq!(completed["data"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn an_extract_fails_with_the_crawl_it_waited_for() {
    let stand = Stand::new();
    for (host, cancel) in [("fails.test", false), ("nike.com", true)] {
        let crawl = stand.create("/v2/crawl", json!({ "url": host })).await;
        let id = stand.create("/v2/extract", json!({"vendor": host, "crawl_id": crawl})).await;
        stand.advance("5s").await;
        if cancel {
            stand.delete(&format!("/v2/crawl/{crawl}")).await.ok(StatusCode::OK);
        } else {
            stand.advance("1m").await;
        }
        let failed = stand.get(&format!("/v2/extract/{id}")).await.ok(StatusCode::OK);
        assert_eq!(failed["status"], "failed");
        assert_eq!(failed["error"], "The crawl this extraction was waiting for failed or was canceled");
        let meta = json!({"progress": null, "start_date": null, "stop_date": null, "duration_ms": null});
        assert_eq!(failed["meta"], meta);

        // A crawl that has failed already is waited for in vain.
        let late = stand
            .post("/v2/extract", json!({"vendor": host, "crawl_id": crawl}))
            .await
            .ok(StatusCode::ACCEPTED);
        assert_eq!(late["meta"]["credits_used"], 0, "there is nothing to pay for");
        let late = late["execution_id"].as_str().unwrap();
        assert_eq!(
            stand.get(&format!("/v2/extract/{late}")).await.ok(StatusCode::OK)["error"],
            failed["error"]
        );
    }
}

#[tokio::test]
async fn a_crawl_id_must_be_a_crawl_of_this_vendor() {
    let stand = Stand::new();
    let crawl = stand.create("/v2/crawl", json!({"url": "nike.com"})).await;
    let other = json!({"vendor": "adidas.com", "crawl_id": crawl});
    let _ = stand.post("/v2/extract", other).await.refused(StatusCode::BAD_REQUEST, "VALIDATION_ERROR");
    let unknown = json!({"vendor": "nike.com", "crawl_id": "crawl-nike-com-00000000"});
    let _ = stand.post("/v2/extract", unknown).await.refused(StatusCode::NOT_FOUND, "NOT_FOUND");
}

#[tokio::test]
async fn exactly_one_input_is_asked_for() {
    let stand = Stand::new();
    for body in [json!({}), json!({"urls": ["https://nike.com/a"], "vendor": "nike.com"})] {
        let _ = stand.post("/v2/extract", body).await.refused(StatusCode::BAD_REQUEST, "INVALID_REQUEST");
    }
    for urls in [json!([]), json!([""]), json!(vec!["https://nike.com/a"; 1_001])] {
        let _ = stand
            .post("/v2/extract", json!({ "urls": urls }))
            .await
            .refused(StatusCode::BAD_REQUEST, "VALIDATION_ERROR");
    }
    let _ = stand.post("/v2/extract", urls(1_000)).await.ok(StatusCode::ACCEPTED);
    let mars = json!({"urls": ["https://nike.com/a"], "country_code": "mars"});
    let _ = stand.post("/v2/extract", mars).await.refused(StatusCode::BAD_REQUEST, "VALIDATION_ERROR");
}

#[tokio::test]
async fn every_address_that_is_none_is_named_with_its_place() {
    let stand = Stand::new();
    let bad = json!({"urls": ["https://invalid-url", "https://nike.com/a", "not-a-url"]});
    let refused = stand.post("/v2/extract", bad).await;
    let named =
        json!(["Index 0: https://invalid-url - invalid format", "Index 2: not-a-url - invalid format"]);
    assert_eq!(refused.json()["invalid_urls"], named);
    let message = refused.refused(StatusCode::BAD_REQUEST, "VALIDATION_ERROR");
    assert_eq!(message, "One or more URLs have invalid format");
    assert_eq!(stand.get("/v2/extract").await.ok(StatusCode::OK)["data"], json!([]), "nothing was started");
}

#[tokio::test]
async fn flags_add_to_products_and_change_nothing_else() {
    let stand = Stand::new();
    let fields = [
        ("enable_enrichment", "attributes"),
        ("enable_reviews", "reviews"),
        ("enable_brand_pdp", "brand_pdp"),
        ("enable_similar_products", "similar_products"),
        ("enable_reddit_insights", "reddit_insights"),
    ];
    let product = async |flags: &[&str]| {
        let mut body = json!({"urls": ["https://nike.com/t/trail-shoe"]});
        flags.iter().for_each(|flag| body[*flag] = json!(true));
        let id = stand.create("/v2/extract", body).await;
        let mut product = stand.finish(&format!("/v2/extract/{id}")).await["data"][0]["product"].take();
        product["updated_at"] = Value::Null;
        product
    };
    let plain = product(&[]).await;
    assert_eq!(plain["title"], "Trail Shoe");
    for (flag, field) in fields {
        assert_eq!(plain[field], Value::Null, "{field}");
        let mut rich = product(&[flag]).await;
        assert_ne!(rich[field], Value::Null, "{field}");
        rich[field] = Value::Null;
        for field in ["product_type", "google_product_category_id", "google_product_category_path"] {
            rich[field] = Value::Null;
        }
        assert_eq!(rich, plain, "{flag}");
    }
    assert_eq!(plain["images"][0]["attributes"], Value::Null);
    assert_ne!(product(&["enable_image_tags"]).await["images"][0]["attributes"], Value::Null);
}

#[tokio::test]
async fn products_differ_by_address_and_agree_between_keys() {
    let stand = Stand::new();
    let id = stand.create("/v2/extract", urls(2)).await;
    let data = stand.finish(&format!("/v2/extract/{id}")).await["data"].take();
    assert_ne!(data[0]["product"]["title"], data[1]["product"]["title"]);
    assert_ne!(data[0]["product"]["id"], data[1]["product"]["id"]);

    let other = Stand::new();
    let id = other.create("/v2/extract", urls(2)).await;
    assert_eq!(other.finish(&format!("/v2/extract/{id}")).await["data"], data);
}

#[tokio::test]
async fn partial_failures_are_counted_and_named() {
    let stand = Stand::with(
        "version: 1\nruns:\n  - match: { kind: extract, host: nike.com }\n    outcome: { partial: { failed-items: 3, outcome: unsupported_vendor } }\n",
    );
    let id = stand.create("/v2/extract", urls(10)).await;
    let body = stand.finish(&format!("/v2/extract/{id}")).await;
    let result = json!({"products_requested": 10, "products_successful": 7, "products_failed": 3});
    assert_eq!(body["meta"]["result"], result);
    assert_eq!(
        body["meta"]["progress"],
        json!({"products_processed": 7, "products_total": 10, "percent_complete": 100})
    );
    let failed: Vec<&Value> =
        body["data"].as_array().unwrap().iter().filter(|item| item["success"] == false).collect();
    assert_eq!(failed.len(), 3);
    for item in failed {
        assert_eq!(members(item), ["url", "success", "product", "outcome"]);
        assert_eq!((&item["product"], &item["outcome"]), (&Value::Null, &json!("unsupported_vendor")));
    }
    assert_eq!(
        members(
            &body["data"].as_array().unwrap().iter().find(|item| item["success"] == true).unwrap().clone()
        ),
        ["url", "success", "product"]
    );
}

#[tokio::test]
async fn magic_addresses_fail_on_their_own() {
    let stand = Stand::new();
    let addresses =
        json!({"urls": ["https://a.unsupported.test/x", "https://nike.com/t/a", "https://empty.test/y"]});
    let id = stand.create("/v2/extract", addresses).await;
    let body = stand.finish(&format!("/v2/extract/{id}")).await;
    let outcomes: Vec<&Value> =
        body["data"].as_array().unwrap().iter().map(|item| &item["outcome"]).collect();
    assert_eq!(outcomes, [&json!("unsupported_vendor"), &Value::Null, &Value::Null]);
    assert_eq!(body["meta"]["result"]["products_failed"], 2);

    let failing =
        stand.create("/v2/extract", json!({"urls": ["https://nike.com/t/a", "https://fails.test/x"]})).await;
    let failed = stand.finish(&format!("/v2/extract/{failing}")).await;
    assert_eq!(
        failed["error"],
        "The operation failed. Please retry or contact support with this execution ID."
    );
    assert!(failed["meta"]["progress"].is_object(), "a failed extract keeps its progress");
}

#[tokio::test]
async fn an_unsupported_vendor_is_crawled_and_its_products_fail() {
    let stand = Stand::new();
    let found = crawled(&stand, "unsupported.test").await["meta"]["result"]["listings_total"].clone();
    let id = stand.create("/v2/extract", json!({"vendor": "unsupported.test", "max_products": 4})).await;
    let body = stand.finish(&format!("/v2/extract/{id}")).await;
    assert!(found.as_u64().unwrap() > 4);
    assert_eq!(body["meta"]["result"]["products_failed"], 4);
    assert!(body["data"].as_array().unwrap().iter().all(|item| item["outcome"] == "unsupported_vendor"));
}

#[tokio::test]
async fn credits_are_spent_and_run_out() {
    let stand = Stand::with("version: 1\naccount: { apis: { catalog: { credits: 12 } } }\n");
    let _ = stand.post("/v2/extract", urls(2)).await.ok(StatusCode::ACCEPTED);
    let refused = stand.post("/v2/extract", urls(1)).await;
    let root = refused.json();
    assert_eq!((&root["credits_needed"], &root["credits_remaining"]), (&json!(5), &json!(2)));
    assert_eq!(refused.refused(StatusCode::PAYMENT_REQUIRED, "INSUFFICIENT_CREDITS"), "Insufficient credits");
}
