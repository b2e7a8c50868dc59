//! Catalog v2: crawls, extracts and agentic searches.

use serde_json::Value;

use super::{Family, Fault, Flag, Layout, Profile, Refused, field};
use crate::history::seen::Seen;

/// Catalog v2's asynchronous operations.
pub const V2: Profile = Profile {
    api: "catalog",
    version: "v2",
    families: &FAMILIES,
    standing: &[],
    layout: Layout {
        run: "execution_id",
        id: &[field::ID],
        items: "/data",
        bearer_only: false,
        whole: "page_size=100",
    },
    borrowed: &[],
    has_credits: true,
};

/// The three kinds of run. A static, so that references to its entries can be compared and kept.
static FAMILIES: [Family; 3] = [CRAWL, EXTRACT, SEARCH];

/// The states in which a run is over.
const ENDS: [&str; 2] = ["completed", "failed"];

const CRAWL: Family = Family {
    name: "crawl",
    create: "catalog.crawl.create",
    get: "catalog.crawl.get",
    list: "catalog.crawl.list",
    cancel: "catalog.crawl.cancel",
    restart: "",
    ends: &ENDS,
    names_run: Seen::is_success,
    id: |id, request| {
        // The text has the host as it is, and every example has dashes for its dots.
        vendor_id(id, "crawl-", request.get("url")) || dotted_id(id, "crawl-", request.get("url"))
    },
    id_form: "crawl-{hostname with dashes}-{suffix}",
    unknown_id: "crawl-example-com-0badc0de",
    counters: &["collections_found", "listings_found"],
    done_of_total: None,
    paged: false,
    at_most: None,
    progress_while_running: true,
    error_texts: &[],
    listed_active: Some("processing"),
    refused: &[
        documented("url-missing", "url", Fault::Form, "{}"),
        documented("url-null", "url", Fault::Form, r#"{"url": null}"#),
        documented("url-wrong-type", "url", Fault::Form, r#"{"url": 7}"#),
        house("url-empty", "url", Fault::Value, r#"{"url": ""}"#),
        house("url-without-host", "url", Fault::Value, r#"{"url": "https://"}"#),
    ],
    most_urls: None,
    joins: true,
    price: |_, _| Some(0),
};

const EXTRACT: Family = Family {
    name: "extract",
    create: "catalog.extract.create",
    get: "catalog.extract.get",
    list: "catalog.extract.list",
    cancel: "catalog.extract.cancel",
    restart: "",
    ends: &ENDS,
    names_run: Seen::is_success,
    id: |id, request| match request.get("vendor") {
        Some(vendor) => vendor_id(id, "extract-", Some(vendor)),
        None => id.strip_prefix("extract-urls-").is_some_and(is_suffix),
    },
    id_form: "extract-urls-{suffix}, or extract-{vendor with dashes}-{suffix}",
    unknown_id: "extract-urls-00000000-0000-4000-8000-00000badc0de",
    counters: &["products_processed"],
    done_of_total: Some(("products_processed", "products_total")),
    paged: true,
    at_most: None,
    progress_while_running: false,
    error_texts: &[
        "The crawl this extraction was waiting for failed or was canceled",
        "The operation failed. Please retry or contact support with this execution ID.",
    ],
    listed_active: None,
    refused: &[
        documented("input-missing", "urls", Fault::Form, "{}"),
        documented("urls-empty", "urls", Fault::Value, r#"{"urls": []}"#),
        documented("urls-wrong-type", "urls", Fault::Form, r#"{"urls": "https://example.com/products/1"}"#),
        documented("urls-entry-wrong-type", "urls", Fault::Form, r#"{"urls": [7]}"#),
        documented(
            "urls-entry-blank",
            "urls",
            Fault::Value,
            r#"{"urls": ["https://example.com/products/1", ""]}"#,
        ),
        documented(
            "urls-entry-invalid",
            "urls",
            Fault::Value,
            r#"{"urls": ["https://example.com/products/1", "https://invalid-url"]}"#,
        ),
        house("urls-null", "urls", Fault::Form, r#"{"urls": null}"#),
        house(
            "both-inputs",
            "vendor",
            Fault::Form,
            r#"{"urls": ["https://example.com/products/1"], "vendor": "example.com"}"#,
        ),
        house("vendor-wrong-type", "vendor", Fault::Form, r#"{"vendor": 7}"#),
        house("vendor-empty", "vendor", Fault::Value, r#"{"vendor": ""}"#),
        house(
            "max-products-wrong-type",
            "max_products",
            Fault::Form,
            r#"{"urls": ["https://example.com/products/1"], "max_products": "three"}"#,
        ),
        house(
            "max-products-below-min",
            "max_products",
            Fault::Value,
            r#"{"urls": ["https://example.com/products/1"], "max_products": -1}"#,
        ),
        house(
            "crawl-id-wrong-type",
            "crawl_id",
            Fault::Form,
            r#"{"urls": ["https://example.com/products/1"], "crawl_id": 7}"#,
        ),
        house(
            "country-wrong-type",
            "country_code",
            Fault::Form,
            r#"{"urls": ["https://example.com/products/1"], "country_code": 7}"#,
        ),
        house(
            "country-unknown",
            "country_code",
            Fault::Value,
            r#"{"urls": ["https://example.com/products/1"], "country_code": "xx"}"#,
        ),
        wrong_flag("enrichment-wrong-type", "enable_enrichment", ENRICHMENT),
        wrong_flag("reviews-wrong-type", "enable_reviews", REVIEWS),
        wrong_flag("image-tags-wrong-type", "enable_image_tags", IMAGE_TAGS),
        wrong_flag("brand-pdp-wrong-type", "enable_brand_pdp", BRAND_PDP),
        wrong_flag("similar-products-wrong-type", "enable_similar_products", SIMILAR_PRODUCTS),
        wrong_flag("reddit-insights-wrong-type", "enable_reddit_insights", REDDIT_INSIGHTS),
    ],
    most_urls: Some(1000),
    joins: false,
    price: |request, answer| match request.get("urls").and_then(Value::as_array) {
        Some(urls) => Some(5 * urls.len() as u64),
        None => answer.pointer("/meta/urls_to_process").and_then(Value::as_u64),
    },
};

const SEARCH: Family = Family {
    name: "agentic-search",
    create: "catalog.agentic-search.create",
    get: "catalog.agentic-search.get",
    list: "catalog.agentic-search.list",
    cancel: "catalog.agentic-search.cancel",
    restart: "",
    ends: &ENDS,
    names_run: Seen::is_success,
    id: |id, _| {
        id.strip_prefix("agentic-").and_then(|rest| rest.rsplit_once('-')).is_some_and(|(suffix, stamp)| {
            is_suffix(suffix) && !stamp.is_empty() && stamp.bytes().all(|byte| byte.is_ascii_digit())
        })
    },
    id_form: "agentic-{suffix}-{digits}",
    unknown_id: "agentic-0badc0de-1735000000000",
    counters: &["products_processed"],
    done_of_total: Some(("products_processed", "products_total")),
    paged: true,
    at_most: Some(8),
    progress_while_running: true,
    error_texts: &[],
    listed_active: Some("processing"),
    refused: &[
        documented("query-missing", "query", Fault::Form, "{}"),
        documented("query-null", "query", Fault::Form, r#"{"query": null}"#),
        documented("query-wrong-type", "query", Fault::Form, r#"{"query": 7}"#),
        house("query-empty", "query", Fault::Value, r#"{"query": ""}"#),
        house("query-blank", "query", Fault::Value, r#"{"query": "   "}"#),
    ],
    most_urls: None,
    joins: false,
    price: |_, _| Some(25),
};

const ENRICHMENT: &str = r#"{"urls": ["https://example.com/products/1"], "enable_enrichment": "yes"}"#;
const REVIEWS: &str = r#"{"urls": ["https://example.com/products/1"], "enable_reviews": 1}"#;
const IMAGE_TAGS: &str = r#"{"urls": ["https://example.com/products/1"], "enable_image_tags": null}"#;
const BRAND_PDP: &str = r#"{"urls": ["https://example.com/products/1"], "enable_brand_pdp": "on"}"#;
const SIMILAR_PRODUCTS: &str =
    r#"{"urls": ["https://example.com/products/1"], "enable_similar_products": []}"#;
const REDDIT_INSIGHTS: &str = r#"{"urls": ["https://example.com/products/1"], "enable_reddit_insights": {}}"#;

/// The enable flags of an extract and what belongs to each (page "Product object").
pub const FLAGS: &[Flag] = &[
    (
        "enable_enrichment",
        &["/attributes", "/product_type", "/google_product_category_id", "/google_product_category_path"],
    ),
    ("enable_reviews", &["/reviews"]),
    ("enable_image_tags", &["/images/*/attributes"]),
    ("enable_brand_pdp", &["/brand_pdp"]),
    ("enable_similar_products", &["/similar_products"]),
    ("enable_reddit_insights", &["/reddit_insights"]),
];

/// The first and the last of the documented countries (page "Extract").
pub const COUNTRIES: [&str; 2] = ["nl", "za"];

/// A shop that nobody has crawled.
pub const NEVER_CRAWLED: &str = "never-crawled.example";

/// A name that no page gives to a member or a parameter.
pub const UNKNOWN: &str = "no_such_name";

const fn documented(reason: &'static str, field: &'static str, fault: Fault, body: &'static str) -> Refused {
    Refused { reason, field, fault, documented: true, body }
}

const fn house(reason: &'static str, field: &'static str, fault: Fault, body: &'static str) -> Refused {
    Refused { reason, field, fault, documented: false, body }
}

const fn wrong_flag(reason: &'static str, field: &'static str, body: &'static str) -> Refused {
    house(reason, field, Fault::Form, body)
}

/// Whether `id` is `prefix`, the host of `vendor` with dashes for its dots, and a suffix. Catalog calls the suffix a
/// uuid and shows eight hexadecimal digits, so only its characters are judged.
fn vendor_id(id: &str, prefix: &str, vendor: Option<&Value>) -> bool {
    let Some(rest) = id.strip_prefix(prefix) else { return false };
    let Some(vendor) = vendor.and_then(Value::as_str) else { return is_suffix(rest) };
    let bare = host_of(vendor);
    [format!("www.{bare}"), bare].iter().any(|host| {
        let dashed = host.replace('.', "-");
        rest.strip_prefix(&dashed).and_then(|rest| rest.strip_prefix('-')).is_some_and(is_suffix)
    })
}

/// The same with the host as it is.
fn dotted_id(id: &str, prefix: &str, vendor: Option<&Value>) -> bool {
    let host = vendor.and_then(Value::as_str).map(host_of);
    let rest = host.as_ref().and_then(|host| {
        let rest = id.strip_prefix(prefix)?;
        rest.strip_prefix("www.").unwrap_or(rest).strip_prefix(host.as_str())?.strip_prefix('-')
    });
    rest.is_some_and(is_suffix)
}

/// The host of a shop's address, in small letters and without a leading `www.`.
pub fn host_of(address: &str) -> String {
    let host = address.trim_start_matches("https://").trim_start_matches("http://");
    let host = host.split(['/', ':', '?', '#']).next().unwrap_or(host).to_ascii_lowercase();
    host.strip_prefix("www.").unwrap_or(&host).to_owned()
}

fn is_suffix(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(family: &Family, id: &str, request: &Value, good: bool) {
        assert_eq!((family.id)(id, request), good, "{id}");
    }

    #[test]
    fn an_id_names_the_host_it_was_made_for() {
        check(
            &CRAWL,
            "crawl-shop-example-com-1a2b3c4d",
            &json!({"url": "https://www.shop.example.com/x"}),
            true,
        );
        check(&CRAWL, "crawl-www.shop.example.com-1a2b3c4d", &json!({"url": "shop.example.com"}), true);
        check(&EXTRACT, "extract-example.com-1a2b3c4d", &json!({"vendor": "example.com"}), false);
        check(&CRAWL, "crawl-other-com-1a2b3c4d", &json!({"url": "shop.example.com"}), false);
        check(&CRAWL, "run-shop-example-com-1a2b3c4d", &json!({"url": "shop.example.com"}), false);
        check(&EXTRACT, "extract-example-com-1a2b3c4d", &json!({"vendor": "example.com"}), true);
        check(&EXTRACT, "extract-urls-1a2b3c4d", &json!({"vendor": "example.com"}), false);
    }

    #[test]
    fn an_id_for_urls_or_a_query_has_its_own_form() {
        check(&EXTRACT, "extract-urls-965b1912-6af0", &json!({"urls": []}), true);
        check(&EXTRACT, "extract-urls-", &json!({"urls": []}), false);
        check(&SEARCH, "agentic-e5f6g7h8-1735123456789", &json!({"query": "x"}), true);
        check(&SEARCH, "agentic-e5f6g7h8", &json!({"query": "x"}), false);
    }

    #[test]
    fn an_unissued_id_has_the_form_of_its_family() {
        check(&CRAWL, CRAWL.unknown_id, &json!({"url": "example.com"}), true);
        check(&EXTRACT, EXTRACT.unknown_id, &json!({"urls": []}), true);
        check(&SEARCH, SEARCH.unknown_id, &json!({"query": "x"}), true);
    }
}
