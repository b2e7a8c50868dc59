//! What is done to examples, and what has to be found.

use serde_json::{Value, json};

use Edit::{Remove, Set};

/// One thing done to an example.
pub(super) enum Edit {
    Remove(&'static str, &'static str),
    Set(&'static str, &'static str, Value),
}

/// Operation, status, example, the edit, and what has to be found, as `pointer keyword`.
pub(super) type Row = (&'static str, &'static str, &'static str, Edit, &'static str);

/// Edits of examples over all kinds of operations.
pub(super) fn rows() -> Vec<Row> {
    let (crawl, extract, search) = ("catalog.crawl.get", "catalog.extract.get", "catalog.agentic-search.get");
    vec![
        (crawl, "200", "pending", Remove("", "error"), "/error required"),
        (crawl, "200", "running", Set("", "status", json!("stopped")), "/status enum"),
        (crawl, "200", "running", Set("", "execution_id", json!(7)), "/execution_id type"),
        (crawl, "200", "running", Set("/meta", "progress", json!(null)), "/meta/progress type"),
        (crawl, "200", "running", Remove("/meta", "steps"), "/meta/steps required"),
        (crawl, "200", "running", Set("/meta/steps/0", "status", json!("done")), "/meta/steps/0/status enum"),
        (
            crawl,
            "200",
            "completed",
            Set("/meta/result", "listings_total", json!(-1)),
            "/meta/result/listings_total minimum",
        ),
        (crawl, "200", "failed", Set("", "error", json!(null)), "/error type"),
        (crawl, "200", "canceled", Remove("/meta", "stop_date"), "/meta/stop_date required"),
        (
            extract,
            "200",
            "pending-waiting",
            Set("/meta", "start_date", json!("2026-01-15T10:30:41Z")),
            "/meta/start_date type",
        ),
        (
            extract,
            "200",
            "running",
            Set("/meta/progress", "percent_complete", json!(101)),
            "/meta/progress/percent_complete maximum",
        ),
        (
            extract,
            "200",
            "running",
            Set("/meta", "waiting_for", json!("crawl-x-1")),
            "/meta/waiting_for false",
        ),
        (extract, "200", "completed", Remove("", "pagination"), "/pagination required"),
        (extract, "200", "completed", Remove("/data/0", "success"), "/data/0/success required"),
        (extract, "200", "completed", Set("/data/1", "success", json!("no")), "/data/1/success type"),
        (
            extract,
            "200",
            "completed",
            Set("/data/0/product/price", "current_value", json!("84.5")),
            "/data/0/product/price/current_value type",
        ),
        (
            extract,
            "200",
            "completed",
            Remove("/data/0/product", "reviews"),
            "/data/0/product/reviews required",
        ),
        (
            extract,
            "200",
            "completed",
            Set("/data/0/product", "updated_at", json!("today")),
            "/data/0/product/updated_at format",
        ),
        (
            extract,
            "200",
            "completed-without-failures",
            Remove("/data/0/product", "price_currency"),
            "/data/0/product/price_currency required",
        ),
        (
            extract,
            "200",
            "completed",
            Set("/pagination", "page_size", json!(101)),
            "/pagination/page_size maximum",
        ),
        (extract, "200", "failed-blocking-crawl", Set("", "data", json!([])), "/data false"),
        (
            search,
            "200",
            "completed",
            Set("/meta/progress", "products_total", json!(9)),
            "/meta/progress/products_total maximum",
        ),
        (
            search,
            "200",
            "completed-flat",
            Set("/data/0", "is_available", json!("yes")),
            "/data/0/is_available type",
        ),
        (
            search,
            "200",
            "completed-without-products",
            Remove("/meta/result", "products_returned"),
            "/meta/result/products_returned required",
        ),
        (
            search,
            "200",
            "running",
            Set("/meta", "result", json!({ "products_returned": 1 })),
            "/meta/result false",
        ),
        ("catalog.crawl.create", "202", "started", Set("", "status", json!("completed")), "/status enum"),
        ("catalog.extract.create", "202", "vendor", Remove("/meta", "url_count"), "/meta/url_count required"),
        (
            "catalog.extract.create",
            "400",
            "invalid-urls",
            Set("", "invalid_urls", json!("Index 1")),
            "/invalid_urls type",
        ),
        (
            "catalog.extract.create",
            "402",
            "too-few",
            Remove("", "credits_needed"),
            "/credits_needed required",
        ),
        ("catalog.extract.create", "request", "urls", Set("", "urls", json!([])), "/urls minItems"),
        (
            "catalog.extract.create",
            "request",
            "vendor",
            Set("", "country_code", json!("DE")),
            "/country_code enum",
        ),
        ("catalog.agentic-search.create", "request", "plain", Remove("", "query"), "/query required"),
        (crawl, "401", "bad-key", Remove("", "status"), "/status required"),
        (crawl, "401", "envelope", Set("/error", "code", json!("FORBIDDEN")), "/error/code const"),
        (crawl, "404", "unknown", Remove("/error", "request_id"), "/error/request_id required"),
        ("catalog.crawl.cancel", "200", "canceled", Set("", "status", json!("cancelled")), "/status const"),
        (
            "catalog.crawl.list",
            "200",
            "filled",
            Set("/data/0", "status", json!("running")),
            "/data/0/status enum",
        ),
        (
            "catalog.crawl.list",
            "200",
            "filled",
            Set("/pagination", "total_pages", json!(2)),
            "/pagination/total_pages const",
        ),
        (
            "catalog.extract.list",
            "200",
            "filled",
            Set("/data/1", "created_at", json!(1768473000)),
            "/data/1/created_at type",
        ),
        (
            "catalog.extract.list",
            "200",
            "filled",
            Set("/pagination", "has_next", json!(true)),
            "/pagination/has_next const",
        ),
        (
            "catalog.affiliate.create",
            "200",
            "partly-failed",
            Set("/data/1", "success", json!("no")),
            "/data/1/success type",
        ),
        (
            "catalog.affiliate.create",
            "200",
            "partly-failed",
            Set("/data/1", "wildfire_link", json!("https://links.example/e")),
            "/data/1/wildfire_link const",
        ),
        (
            "catalog.vendors.list",
            "200",
            "filled",
            Remove("/data/0", "listings_count"),
            "/data/0/listings_count required",
        ),
        (
            "catalog.listings.list",
            "200",
            "filled",
            Set("/data/0/price", "current_value", json!("84.5")),
            "/data/0/price/current_value type",
        ),
        (
            "catalog.agentic-search-mini.create",
            "200",
            "of-january",
            Remove("/data/0", "price_currency"),
            "/data/0/price_currency required",
        ),
        ("catalog.usage.get", "200", "filled", Set("/meta", "period", json!("1y")), "/meta/period enum"),
    ]
}
