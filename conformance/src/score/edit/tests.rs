use serde_json::json;

use super::*;

fn contract() -> &'static Contract {
    Contract::find("catalog", "v2").expect("it is known")
}

fn edit(yaml: &str) -> Edit {
    serde_saphyr::from_str(yaml).unwrap_or_else(|error| panic!("{yaml}: {error}"))
}

fn request(method: &str, target: &str, key: &str, body: &str) -> http::Request<Bytes> {
    let mut request = http::Request::builder().method(method).uri(target);
    if !key.is_empty() {
        request = request.header("x-api-key", key);
    }
    request.body(Bytes::copy_from_slice(body.as_bytes())).expect("a request")
}

fn answer(status: u16, body: &Value) -> Response<Bytes> {
    let answer = Response::builder().status(status).header("content-type", "application/json");
    answer.header("request-id", "req_1").body(body.to_string().into()).expect("an answer")
}

const READ: &str = "/v2/crawl/crawl-example-com-1?page=2";

/// What an edit makes of an answer to a read.
fn edited(yaml: &str, body: &Value) -> (bool, Response<Bytes>) {
    let request = request("GET", READ, "check-7-a", "");
    let mut answer = answer(200, body);
    let changed = edit(yaml).apply(&Asked::new(&request, contract()), &mut answer);
    (changed, answer)
}

#[track_caller]
fn becomes(yaml: &str, before: &Value, after: &Value) {
    let (changed, answer) = edited(yaml, before);
    let body: Value = serde_json::from_slice(answer.body()).expect("it is JSON");
    assert_eq!((changed, &body), (before != after, after), "{yaml}");
}

#[test]
fn a_file_keeps_as_many_lines_as_it_should() {
    let request = request("GET", READ, "check-7-a", "");
    for (kept, left) in [(0, ""), (1, "a\n"), (2, "a\nb"), (3, "a\nb")] {
        let mut answer = Response::new(Bytes::from_static(b"a\nb"));
        let changed = edit(&format!("lines: {kept}")).apply(&Asked::new(&request, contract()), &mut answer);
        assert_eq!((changed, answer.body().as_ref()), (left != "a\nb", left.as_bytes()), "{kept}");
    }
}

#[test]
fn the_body_is_edited_in_each_way() {
    let body = json!({"a": {"n": 5}, "data": [{"s": "x"}, {"s": "y"}], "b": 1.5});
    let data = |data: Value| json!({"a": {"n": 5}, "data": data, "b": 1.5});
    becomes(
        "set: {/a/n: text, /none/x: 1}",
        &body,
        &json!({"a": {"n": "text"}, "data": [{"s": "x"}, {"s": "y"}], "b": 1.5}),
    );
    becomes(r#"replace: {'"n":5': '"n":6'}"#, &json!({"n": 5}), &json!({"n": 6}));
    becomes(r"replace: {none: some}", &body, &body);
    becomes("set: {/data/*/s: null}", &body, &data(json!([{"s": null}, {"s": null}])));
    becomes(
        "copy: {/data/0/s: /data/1/s, /data/1/s: /data/0/s}",
        &body,
        &data(json!([{"s": "y"}, {"s": "x"}])),
    );
    becomes("copy: {/data/1: /data/0}", &body, &data(json!([{"s": "x"}, {"s": "x"}])));
    becomes(
        "copy: {/data/*/t: /data/*/s}",
        &body,
        &data(json!([{"s": "x", "t": "x"}, {"s": "y", "t": "y"}])),
    );
    becomes("remove: [/data/*/s]", &body, &data(json!([{}, {}])));
    becomes("remove: [/data/*]", &body, &data(json!([])));
    becomes(
        "increase: {/a/n: -7, /b: 0.5, /data: 1}",
        &body,
        &json!({"a": {"n": -2}, "data": [{"s": "x"}, {"s": "y"}], "b": 2.0}),
    );
    becomes("reverse: [/data, /a]", &body, &data(json!([{"s": "y"}, {"s": "x"}])));
    becomes("drop: {/data: {/s: x}}", &body, &data(json!([{"s": "y"}])));
    becomes("drop: {/data: {/s: z}}", &body, &body);
    becomes("cut: {/data: 1}", &body, &data(json!([{"s": "x"}])));
    becomes("cut: {/data: 9}", &body, &body);
    becomes("set: {/key: 'is $KEY'}", &json!({}), &json!({"key": "is check-7-a"}));
}

#[test]
fn an_answer_that_stays_as_it_was_has_not_been_changed() {
    for yaml in [
        "status: 200",
        "headers: {request-id: req_1, x-none: null}",
        "remove: [/none]",
        "media-type: application/json",
    ] {
        assert!(!edited(yaml, &json!({"a": 1})).0, "{yaml}");
    }
}

#[test]
fn status_headers_and_text_are_replaced() {
    let yaml =
        "{status: 404, headers: {request-id: null, x-echo: 'key $KEY'}, text: <html>, media-type: text/html}";
    let (changed, answer) = edited(yaml, &json!({}));
    assert!(changed);
    assert_eq!(answer.status(), 404);
    assert_eq!(answer.headers().get("request-id"), None);
    assert_eq!(answer.headers()["x-echo"], "key check-7-a");
    assert_eq!(answer.headers()["content-type"], "text/html");
    assert_eq!(answer.body(), "<html>");
}

#[track_caller]
fn matches(on: &str, expected: bool) {
    let on = edit(&format!("{{on: {on}, status: 500}}")).on;
    let request = request("GET", READ, "check-7-a", r#"{"url": "example.com"}"#);
    let asked = Asked::new(&request, contract());
    let answer = answer(200, &json!({"status": "running", "meta": {"x": null, "y": 1}}));
    assert_eq!(on.is_asked(&asked) && on.is_answered(&answer), expected, "{on:?}");
}

#[test]
fn every_condition_has_to_hold() {
    for (on, expected) in [
        ("{}", true),
        ("{operation: catalog.crawl.get}", true),
        ("{operation: catalog.*.get}", true),
        ("{operation: [catalog.crawl.list, catalog.crawl.get]}", true),
        ("{operation: catalog.crawl.list}", false),
        ("{key: a}", true),
        ("{key: b}", false),
        ("{key: none}", false),
        ("{query: {page: '2'}}", true),
        ("{query: {page: '1'}}", false),
        ("{query: {page_size: null}}", true),
        ("{query: {page: null}}", false),
        ("{sent: [x-api-key]}", true),
        ("{sent: [authorization]}", false),
        ("{request: {/url: example.com}}", true),
        ("{request: {/url: null}}", false),
        ("{raw: '{\"url\": \"example.com\"}'}", true),
        ("{raw: '{}'}", false),
        ("{status: 200, body: {/status: running, /meta/x: null}, has: [/meta/y]}", true),
        ("{status: 201}", false),
        ("{body: {/status: failed}}", false),
        ("{has: [/meta/x]}", false),
        ("{has: [/meta/z]}", false),
    ] {
        matches(on, expected);
    }
}

/// What is asked instead of a request.
fn asked_instead(ask: &str, request: &http::Request<Bytes>) -> Option<http::Request<Bytes>> {
    let edit = edit(&format!("ask: {ask}"));
    let ask = edit.ask.expect("it asks");
    ask.instead(&Asked::new(request, contract()), request, contract(), Some("7"))
}

#[test]
fn a_request_is_changed_before_the_server_sees_it() {
    let read = request("GET", READ, "check-7-b", "");
    let uri = |ask| asked_instead(ask, &read).map(|sent| sent.uri().to_string());
    assert_eq!(
        uri("{query: {page: '3', x: y z}}").as_deref(),
        Some("/v2/crawl/crawl-example-com-1?page=3&x=y%20z")
    );
    assert_eq!(uri("{query: {page: null}}").as_deref(), Some("/v2/crawl/crawl-example-com-1"));
    assert_eq!(uri("{query: {page: '2'}}"), None);
    assert_eq!(uri("{operation: catalog.crawl.list}").as_deref(), Some("/v2/crawl?page=2"));

    let key = |ask| asked_instead(ask, &read).map(|sent| sent.headers().get("x-api-key").cloned());
    assert_eq!(key("{key: a}"), Some(Some(HeaderValue::from_static("check-7-a"))));
    assert_eq!(key("{key: refused}"), Some(Some(HeaderValue::from_static("invalid-7"))));
    assert_eq!(key("{key: none}"), Some(None));
    assert_eq!(key("{key: b}"), None);

    let create = request("POST", "/v2/crawl", "check-7-a", r#"{"url": "example.com"}"#);
    let body = |ask| asked_instead(ask, &create).map(|sent| sent.body().clone());
    assert_eq!(
        body("{body: {set: {/url: a.example}}}").as_deref(),
        Some(br#"{"url":"a.example"}"#.as_slice())
    );
    assert_eq!(body("{body: {remove: [/url]}}").as_deref(), Some(b"{}".as_slice()));
    assert_eq!(body("{body: {remove: [/none]}}"), None);
    assert_eq!(body("{text: nothing}").as_deref(), Some(b"nothing".as_slice()));
    let sent = asked_instead("{operation: catalog.crawl.list}", &create).expect("it is another");
    assert_eq!((sent.method().as_str(), sent.body().len()), ("GET", 0));
    assert!(asked_instead("{operation: catalog.crawl.get}", &create).is_none(), "there is no run to read");
}
