//! Matching, condition by condition.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::*;

/// Whether a rule with this `match` takes a crawl of `https://Shop.Example.com/x`.
#[track_caller]
fn takes(matcher: &str) -> bool {
    let text = format!("runs: [{{ match: {{ {matcher} }} }}]");
    let scenario = crate::scenario::parse("sample", &text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let request = json!({
        "url": "https://Shop.Example.com/x",
        "urls": ["https://a.test/1", "https://b.test/2"],
        "limit": 3,
        "deep": { "flag": true, "a/b": null, "list": [1, 2] },
    });
    scenario.runs[0].matcher.matches(&RunSubject {
        api: "catalog",
        kind: "crawl",
        hosts: &["cdn.test", "Shop.Example.com"],
        query: Some("Red shoes"),
        robot: &["jd7a", "Red robot"],
        agent: &["a7", "Invoices"],
        file_name: Some("March.pdf"),
        request: &request,
    })
}

#[test]
fn no_condition_takes_every_run() {
    assert!(takes(""));
    assert!(takes("request: {}"));
}

#[test]
fn api_and_kind_are_compared_by_name() {
    assert!(takes("api: catalog, kind: crawl"));
    assert!(!takes("kind: search"));
}

#[test]
fn any_host_may_match_in_either_case() {
    assert!(takes("host: '*.EXAMPLE.com'"));
    assert!(takes("host: cdn.tes?"));
    assert!(!takes("host: example.com"));
}

#[test]
fn a_query_is_compared_with_its_case() {
    assert!(takes("query: 'Red*'"));
    assert!(!takes("query: 'red*'"));
}

#[test]
fn a_run_without_a_query_meets_no_condition_on_it() {
    let matcher = RunMatcher { query: Some(Glob::new("*")), ..RunMatcher::default() };
    let subject = RunSubject {
        api: "catalog",
        kind: "crawl",
        hosts: &[],
        query: None,
        robot: &[],
        agent: &[],
        file_name: None,
        request: &Value::Null,
    };
    assert!(!matcher.matches(&subject));
}

#[test]
fn a_request_is_matched_as_it_was_sent() {
    assert!(takes("request: { url: 'https://Shop.Example.com/*' }"));
    assert!(!takes("request: { url: 'https://shop.example.com/*' }"));
    assert!(!takes("request: { url: 'shop*' }"));
}

#[test]
fn a_condition_on_a_list_holds_for_any_element() {
    assert!(takes("request: { urls: '*b.test*' }"));
    assert!(takes("request: { /deep/list: 2 }"));
    assert!(takes("request: { /urls/0: '*a.test*' }"));
    assert!(!takes("request: { /urls/0: '*b.test*' }"));
}

#[test]
fn scalars_are_equal_by_value() {
    assert!(takes("request: { limit: 3 }"));
    assert!(takes("request: { limit: 3.0 }"));
    assert!(takes("request: { /deep/flag: true, /deep/a~1b: null }"));
    assert!(!takes("request: { limit: 4 }"));
    assert!(!takes("request: { limit: '3' }"));
    assert!(!takes("request: { limit: null }"));
}

#[test]
fn a_value_that_is_missing_meets_no_condition() {
    assert!(!takes("request: { vendor: '*' }"));
    assert!(!takes("request: { vendor: null }"));
    assert!(!takes("request: { /deep/none/at/all: 1 }"));
}

#[test]
fn the_ordinal_is_left_to_the_engine() {
    assert!(takes("nth: 5"));
}

#[test]
fn a_robot_is_matched_by_its_id_or_its_name() {
    for (robot, taken) in [("jd7*", true), ("Red *", true), ("red *", false), ("*", true), ("jd7", false)] {
        assert_eq!(takes(&format!("robot: '{robot}'")), taken, "{robot}");
    }
    let matcher = RunMatcher { robot: Some(Glob::new("*")), ..RunMatcher::default() };
    let subject = RunSubject {
        api: "extralt",
        kind: "import",
        hosts: &[],
        query: None,
        robot: &[],
        agent: &[],
        file_name: None,
        request: &Value::Null,
    };
    assert!(!matcher.matches(&subject), "an import has no robot");
}

/// Matchers over so few conditions that many pairs cover each other.
fn matchers() -> impl Strategy<Value = RunMatcher> {
    let api = select(vec![None, Some(Api::Catalog), Some(Api::Extralt)]);
    let kind = select(vec![None, Some(RunKind::Crawl), Some(RunKind::Run)]);
    let pattern = || select(vec![None, Some(Glob::new("a*")), Some(Glob::new("*b"))]);
    let limit = RequestCondition { place: "limit".to_owned(), expected: Expected::Scalar(3.into()) };
    let url = RequestCondition { place: "/url".to_owned(), expected: Expected::Text(Glob::new("a*")) };
    let request = select(vec![vec![], vec![limit.clone()], vec![url.clone()], vec![url, limit]]);
    (api, kind, pattern(), pattern(), pattern(), request, select(vec![None, Some(2)])).prop_map(
        |(api, kind, host, query, robot, request, nth)| RunMatcher {
            api,
            kind,
            host,
            query,
            robot,
            request,
            nth,
            ..RunMatcher::default()
        },
    )
}

proptest! {
    #[test]
    fn a_matcher_takes_what_those_it_covers_take(
        wide in matchers(),
        narrow in matchers(),
        (api, kind) in select(vec![("catalog", "crawl"), ("catalog", "search"), ("extralt", "run")]),
        host in select(vec!["ab", "ac", "cb"]),
        query in select(vec![None, Some("ab"), Some("c")]),
        robot in select(vec![vec![], vec!["x", "ac"], vec!["cb", "x"]]),
        limit in 3..5,
        url in select(vec!["a", "b"]),
    ) {
        let request = json!({ "limit": limit, "url": url });
        let subject = RunSubject { api, kind, hosts: &[host], query, robot: &robot, agent: &[], file_name: None, request: &request };
        if wide.covers(&narrow) && narrow.matches(&subject) {
            prop_assert!(wide.matches(&subject));
        }
        prop_assert!(wide.nth.is_some() || wide.covers(&wide));
    }
}
