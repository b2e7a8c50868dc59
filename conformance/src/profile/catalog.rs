//! Catalog v2: crawls, extracts and agentic searches.

use serde_json::Value;

use super::{Family, Profile, Refused};

/// Catalog v2's asynchronous operations.
pub const V2: Profile = Profile { api: "catalog", version: "v2", families: &FAMILIES };

/// The three kinds of run. A static, so that references to its entries can be compared and kept.
static FAMILIES: [Family; 3] = [CRAWL, EXTRACT, SEARCH];

const CRAWL: Family = Family {
    name: "crawl",
    create: "catalog.crawl.create",
    get: "catalog.crawl.get",
    list: "catalog.crawl.list",
    cancel: "catalog.crawl.cancel",
    id: |id, request| vendor_id(id, "crawl-", request.get("url")),
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
        Refused { what: "no url", body: "{}" },
        Refused { what: "a number as url", body: r#"{"url": 7}"# },
    ],
};

const EXTRACT: Family = Family {
    name: "extract",
    create: "catalog.extract.create",
    get: "catalog.extract.get",
    list: "catalog.extract.list",
    cancel: "catalog.extract.cancel",
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
        Refused { what: "neither urls nor vendor", body: "{}" },
        Refused { what: "an empty list of urls", body: r#"{"urls": []}"# },
        Refused { what: "a text as urls", body: r#"{"urls": "https://example.com/products/1"}"# },
        Refused {
            what: "an address that is none",
            body: r#"{"urls": ["https://example.com/products/1", "https://invalid-url"]}"#,
        },
        Refused {
            what: "a blank entry in urls",
            body: r#"{"urls": ["https://example.com/products/1", ""]}"#,
        },
    ],
};

const SEARCH: Family = Family {
    name: "agentic-search",
    create: "catalog.agentic-search.create",
    get: "catalog.agentic-search.get",
    list: "catalog.agentic-search.list",
    cancel: "catalog.agentic-search.cancel",
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
        Refused { what: "no query", body: "{}" },
        Refused { what: "a number as query", body: r#"{"query": 7}"# },
    ],
};

/// Whether `id` is `prefix`, the host of `vendor` with dashes for its dots, and a suffix. Catalog calls the suffix a
/// uuid and shows eight hexadecimal digits, so only its characters are judged.
fn vendor_id(id: &str, prefix: &str, vendor: Option<&Value>) -> bool {
    let Some(rest) = id.strip_prefix(prefix) else { return false };
    let Some(vendor) = vendor.and_then(Value::as_str) else { return is_suffix(rest) };
    let host = vendor.trim_start_matches("https://").trim_start_matches("http://");
    let host = host.split(['/', ':', '?', '#']).next().unwrap_or(host).to_ascii_lowercase();
    let bare = host.strip_prefix("www.").unwrap_or(&host);
    [bare, &host].iter().any(|host| {
        let dashed = host.replace('.', "-");
        rest.strip_prefix(&dashed).and_then(|rest| rest.strip_prefix('-')).is_some_and(is_suffix)
    })
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
