//! What the checks of the operations that answer at once must not hold against a server.

use fixtures::contract::Contract;
use fixtures::exchange::body::Body;
use fixtures::exchange::redaction::Redactor;
use fixtures::exchange::{Outcome, Parts, Request, Response, Unredacted};
use serde_json::{Value, json};

use crate::checks;
use crate::history::History;
use crate::profile;
use crate::verdict::Verdict;

/// A record of calls with one key: method, target, request, status and answer of each.
fn history(calls: &[(&str, &str, Value, u16, Value)]) -> History {
    let profile = profile::find("catalog").expect("catalog is known");
    let mut history = History::new(Contract::find("catalog", "v2").expect("it has a contract"), profile);
    for (id, (method, target, request, status, answer)) in (1..).zip(calls) {
        let body = if request.is_null() { String::new() } else { request.to_string() };
        let parts = Parts {
            id,
            operation: None,
            started_ms: id,
            ended_ms: id,
            request: Request {
                method: (*method).into(),
                target: (*target).into(),
                headers: vec![("x-api-key".into(), "$KEY_A".into())],
                body: Body::of(body.as_bytes()),
            },
            outcome: Outcome::Response(Response {
                status: *status,
                headers: vec![("content-type".into(), "application/json".into())],
                body: Body::of(answer.to_string().as_bytes()),
            }),
        };
        history.push(Redactor::new().exchange(Unredacted(parts)));
    }
    history
}

fn get(target: &str, answer: Value) -> (&str, &str, Value, u16, Value) {
    ("GET", target, Value::Null, 200, answer)
}

#[track_caller]
fn verdict(calls: &[(&str, &str, Value, u16, Value)], id: &str) -> Verdict {
    let check = checks::find(id).expect("the check is known");
    (check.judge)(&history(calls)).verdict(check.level, check.needs)
}

/// A page of listings with these ids, of so many in all.
fn listings(ids: &[&str], total: u64) -> Value {
    let data: Vec<_> =
        ids.iter().map(|id| json!({"id": id, "url": format!("https://a.example/{id}")})).collect();
    json!({"data": data, "pagination": {"total_items": total}, "meta": {}})
}

#[test]
fn a_list_that_changed_between_two_pages_is_not_judged() {
    let pages = |second| {
        [
            get("/v2/listings?vendor=a.example&page_size=2", listings(&["1", "2"], 4)),
            get("/v2/listings?vendor=a.example&page_size=2&page=2", second),
        ]
    };
    let partition = "index.page-partition";
    assert_eq!(verdict(&pages(listings(&["3", "4"], 4)), partition), Verdict::Pass);
    assert_eq!(verdict(&pages(listings(&["2", "3"], 4)), partition), Verdict::Fail);
    assert!(matches!(verdict(&pages(listings(&["2", "3"], 5)), partition), Verdict::Blocked(_)));
}

#[test]
fn lists_of_different_vendors_are_different_lists() {
    let pages = [
        get("/v2/listings?vendor=a.example", listings(&["1", "2"], 2)),
        get("/v2/listings?vendor=b.example", listings(&["2", "1"], 2)),
    ];
    assert!(matches!(verdict(&pages, "index.page-partition"), Verdict::Unobserved(_)));
}

#[test]
fn the_names_of_the_guides_are_as_good_as_those_of_the_page() {
    let vendors = |item: Value| [get("/v2/vendors", json!({"data": [item], "meta": {}}))];
    let time = "2026-01-15T10:30:00Z";
    for (item, expected) in [
        (json!({"vendor": "a.example", "listings_count": 1, "last_updated_by_catalog": time}), Verdict::Pass),
        (
            json!({"vendor": "a.example", "product_count": 1, "latest_product_update_by_catalog": time}),
            Verdict::Pass,
        ),
        (
            json!({"vendor": "a.example", "listings_count": 1, "latest_product_update_by_catalog": time}),
            Verdict::Fail,
        ),
        (json!({"listings_count": 1, "last_updated_by_catalog": time}), Verdict::Fail),
    ] {
        assert_eq!(verdict(&vendors(item.clone()), "index.vendor-members"), expected, "{item}");
    }
}

#[test]
fn a_filter_is_judged_only_where_it_could_show() {
    // Two collections, of which the first says a size; what each shows of the listings.
    let calls = |says: u64, shown: [&[&str]; 2]| {
        let collection = |id: &str, says: u64| json!({"id": id, "url": id, "products_total": says});
        let collections = json!({
            "data": [collection("c", says), collection("d", 1)],
            "pagination": {"total_items": 2},
        });
        let [one, other] = shown.map(|ids| listings(ids, ids.len() as u64));
        history(&[
            get("/v2/collections?vendor=a.example", collections),
            get("/v2/listings?vendor=a.example", listings(&["1", "2"], 2)),
            get("/v2/listings?vendor=a.example&collection_url=c", one),
            get("/v2/listings?vendor=a.example&collection_url=d", other),
        ])
    };
    let judged = |history: &History| {
        let check = checks::find("index.collection-filter").expect("the check is known");
        let tally = (check.judge)(history);
        let verdict = tally.verdict(check.level, check.needs);
        (verdict, tally.into_findings().first().map(|finding| finding.reason))
    };
    assert_eq!(judged(&calls(1, [&["2"], &["1"]])), (Verdict::Pass, None));
    assert_eq!(judged(&calls(1, [&["1", "2"], &["2", "1"]])), (Verdict::Fail, Some("filter-ignored")));
    assert_eq!(judged(&calls(1, [&["3"], &["1"]])), (Verdict::Fail, Some("filter-outside")));
    // A collection of everything looks like no filter at all, whether it says so or is out of date.
    assert_eq!(judged(&calls(1, [&["1", "2"], &["1"]])), (Verdict::Pass, None));
    assert_eq!(judged(&calls(2, [&["1", "2"], &["1"]])), (Verdict::Pass, None));
}

#[test]
fn a_server_that_refuses_every_index_proves_nothing() {
    let refusal = json!({"error": {"code": "INVALID_REQUEST"}});
    let refused = |target| ("GET", target, Value::Null, 400, refusal.clone());
    let calls = [refused("/v2/listings"), refused("/v2/listings?vendor=a.example")];
    assert!(matches!(verdict(&calls, "index.vendor-required"), Verdict::Blocked(_)));
}

#[test]
fn a_shop_that_the_server_does_not_know_is_no_offence() {
    let not_found = json!({"error": {"code": "NOT_FOUND"}});
    let target = "/v2/listings?vendor=a.example&page_size=100";
    let unknown = ("GET", target, Value::Null, 404, not_found);
    assert!(matches!(verdict(std::slice::from_ref(&unknown), "index.page-size"), Verdict::Blocked(_)));
    let known = get(target, listings(&["1"], 1));
    assert_eq!(verdict(&[known.clone(), unknown], "index.page-size"), Verdict::Fail);
    let past = ("GET", "/v2/listings?vendor=a.example&page_size=100&page=9", Value::Null, 404, json!({}));
    for check in ["index.page-size", "index.past-end"] {
        assert_ne!(verdict(&[known.clone(), past.clone()], check), Verdict::Fail, "{check}");
    }
}

#[test]
fn usage_may_count_paths_as_they_were_called() {
    let usage = |path: &str, count: u64| {
        let answer = json!({
            "data": [{"path": path, "total_calls": count}],
            "pagination": {"total_items": 1},
            "meta": {"period": "all"},
        });
        let read = get("/v2/crawl/crawl-a-0badc0de", json!({"execution_id": "crawl-a-0badc0de"}));
        verdict(&[read.clone(), read, get("/v2/usage?period=all", answer)], "usage.own-calls")
    };
    assert_eq!(usage("/v2/crawl/{execution_id}", 2), Verdict::Pass);
    assert_eq!(usage("/v2/crawl/crawl-a-0badc0de", 2), Verdict::Pass);
    assert_eq!(usage("/v2/crawl/crawl-a-0badc0de", 1), Verdict::Warn);
    assert_eq!(usage("/v2/crawl", 9), Verdict::Warn);
}

#[test]
fn both_readings_of_what_is_no_address_are_accepted() {
    let request = json!({"urls": ["https://a.example/p", "https://invalid-url"]});
    let good = json!({"original_url": "https://a.example/p", "success": true});
    let links = |second: Value| {
        let answer = json!({"data": [good.clone(), second]});
        verdict(&[("POST", "/v2/affiliate", request.clone(), 200, answer)], "affiliate.no-address")
    };
    let item = |success: bool| json!({"original_url": "https://invalid-url", "success": success});
    assert_eq!((links(item(false)), links(item(true))), (Verdict::Pass, Verdict::Warn));

    let one = json!({"urls": ["https://a.example/p"]});
    let accepted = ("POST", "/v2/affiliate", one, 200, json!({"data": [good.clone()]}));
    let refused = |named: Value| {
        let answer = json!({"error": {"code": "VALIDATION_ERROR"}, "invalid_urls": named});
        let calls = [accepted.clone(), ("POST", "/v2/affiliate", request.clone(), 400, answer)];
        verdict(&calls, "affiliate.no-address")
    };
    assert_eq!(refused(json!(["Index 1: https://invalid-url - invalid format"])), Verdict::Pass);
    assert_eq!(refused(json!([])), Verdict::Warn);
}

#[test]
fn both_readings_of_an_item_and_of_its_images_are_accepted() {
    let search = |item: Value, id: &str| {
        let answer = json!({"data": [item]});
        verdict(&[("POST", "/v2/agentic-search-mini", json!({"query": "boots"}), 200, answer)], id)
    };
    let image = "https://cdn.a.example/1.jpg";
    for images in [json!([image]), json!([[image, image]])] {
        for item in [
            json!({"url": "https://a.example/p", "title": "Boots", "images": images}),
            json!({"url": "https://a.example/p", "product": {"title": "Boots", "images": images}}),
        ] {
            for id in ["mini.at-most-ten", "mini.images"] {
                assert_eq!(search(item.clone(), id), Verdict::Pass, "{id}: {item}");
            }
        }
    }
    assert_eq!(search(json!({"url": "https://a.example/p", "images": [{}]}), "mini.images"), Verdict::Fail);
}
