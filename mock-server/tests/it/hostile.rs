//! Bad input of every kind gets a clear refusal in the API's envelope, and the server lives.

use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, KEY, Stand};

async fn raw(stand: &Stand, target: &str, body: impl Into<Body>) -> Answer {
    let request = Request::builder().method("POST").uri(target).header("x-api-key", KEY);
    stand.send(request.body(body.into()).unwrap()).await
}

const CREATES: [&str; 3] = ["/v2/crawl", "/v2/extract", "/v2/agentic-search"];

#[tokio::test]
async fn what_is_no_json_is_an_invalid_request() {
    let stand = Stand::new();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for target in CREATES {
        for body in [
            &b""[..],
            b"{",
            b"{\"url\":",
            b"url=skims.com",
            b"{\"url\": \"\xff\xfe\"}",
            b"\0",
            deep.as_bytes(),
        ] {
            let _ =
                raw(&stand, target, body.to_vec()).await.refused(StatusCode::BAD_REQUEST, "INVALID_REQUEST");
        }
    }
}

#[tokio::test]
async fn a_body_beyond_the_cap_is_refused() {
    let stand = Stand::new();
    let body = json!({"url": "x".repeat(10 * 1024 * 1024)}).to_string();
    for target in CREATES {
        let _ =
            raw(&stand, target, body.clone()).await.refused(StatusCode::PAYLOAD_TOO_LARGE, "INVALID_REQUEST");
    }
}

#[tokio::test]
async fn overlong_values_are_refused_and_not_repeated_in_full() {
    let stand = Stand::new();
    let long = format!("https://nike.com/{}", "a".repeat(100_000));
    for (target, body) in [
        ("/v2/crawl", json!({ "url": long })),
        ("/v2/extract", json!({ "urls": [long] })),
        ("/v2/extract", json!({ "vendor": long })),
    ] {
        let answer = stand.post(target, body).await;
        assert!(answer.text.len() < 2_000, "{}", answer.text.len());
        let _ = answer.refused(StatusCode::BAD_REQUEST, "VALIDATION_ERROR");
    }
}

#[tokio::test]
async fn odd_paths_and_queries_are_refused() {
    let stand = Stand::new();
    for target in ["/v2", "/v2/", "/v2/crawls", "/v2/crawl/", "/v2/crawl/a/b", "/v2/vendors/x"] {
        let _ = stand.get(target).await.refused(StatusCode::NOT_FOUND, "NOT_FOUND");
    }
    let _ = stand.delete("/v2/crawl").await.refused(StatusCode::NOT_FOUND, "NOT_FOUND");
    for query in
        ["page_size=%ff", "page_size=1&page_size=x", "page_size=1e400", "page_size=99999999999999999999"]
    {
        let _ = stand
            .get(&format!("/v2/crawl?{query}"))
            .await
            .refused(StatusCode::BAD_REQUEST, "VALIDATION_ERROR");
    }
    let elsewhere = stand.get("/v3/anything").await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
    assert!(elsewhere.text.contains("/v2 is Catalog"), "{}", elsewhere.text);
}

#[tokio::test]
async fn a_key_never_reaches_the_journal() {
    let stand = Stand::new();
    let secret = "sk-live-0123456789";
    let call = async |method, target: &str, body: Option<String>| {
        let request = Request::builder().method(method).uri(target).header("x-api-key", secret);
        let request = request.header("host", "localhost");
        stand.send(request.body(Body::from(body.unwrap_or_default())).unwrap()).await
    };
    let escaped = secret.replace('s', "\\u0073");
    for body in [
        json!({ "url": secret }).to_string(),
        json!({ "urlx": secret }).to_string(),
        format!("{{\"url\": \"skims.com\", \"note\": \"{escaped}\"}}"),
        format!("no json, {secret}"),
        format!("no json, {escaped}"),
    ] {
        let _ = call(Method::POST, &format!("/v2/crawl?api_key={secret}"), Some(body)).await;
    }
    for target in
        ["/v2/crawl/sk%2Dlive-0123456789", "/v2/other/sk-live-0123456789", "/v2/crawl?x=sk-live%2d0123456789"]
    {
        let _ = call(Method::GET, target, None).await;
    }
    for target in ["/_rehearsal/requests?limit=100", "/_rehearsal/worlds", "/_rehearsal/runs"] {
        let answer = call(Method::GET, target, None).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(!answer.text.contains("0123456789"), "{}", answer.text);
    }
    let journal = call(Method::GET, "/_rehearsal/requests", None).await.text;
    assert!(journal.contains("$KEY") && journal.contains("skims.com"), "{journal}");
}

#[tokio::test]
async fn a_refused_key_never_reaches_the_journal_either() {
    let stand = Stand::with("version: 1\naccounts: [ { key: declared-key } ]\n");
    let secret = "undeclared-secret";
    let request =
        Request::builder().uri(format!("/v2/crawl/{secret}?a={secret}")).header("x-api-key", secret);
    let refused = stand.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let journal = stand.call("declared-key", Method::GET, "/_rehearsal/requests?key=(refused)", None).await;
    assert!(journal.text.contains("$KEY") && !journal.text.contains(secret), "{}", journal.text);
}

#[tokio::test]
async fn refusals_have_ids_that_do_not_depend_on_their_order() {
    let ids = async |bodies: [&str; 2]| {
        let stand = Stand::new();
        let mut ids = Vec::new();
        for body in bodies {
            let answer = raw(&stand, "/v2/crawl", body.to_owned()).await;
            ids.push((body.to_owned(), answer.headers["request-id"].clone()));
        }
        ids.sort_by(|one, other| one.0.cmp(&other.0));
        ids
    };
    assert_eq!(ids([r#"{"a": 1}"#, r#"{"b": 2}"#]).await, ids([r#"{"b": 2}"#, r#"{"a": 1}"#]).await);
}

#[tokio::test]
async fn a_method_that_no_page_documents_is_no_endpoint() {
    let stand = Stand::new();
    for method in [Method::HEAD, Method::PUT, Method::OPTIONS, Method::PATCH] {
        for path in ["/v2/crawl", "/catalog/v2/crawl"] {
            let answer = stand.call(KEY, method.clone(), path, None).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
            assert!(!answer.headers.contains_key("allow"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn operations_without_a_run_survive_bad_input_of_every_kind() {
    let stand = Stand::new();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for target in ["/v2/agentic-search-mini", "/v2/affiliate"] {
        for body in [&b""[..], b"{", b"{\"query\": \"\xff\xfe\"}", b"\0", deep.as_bytes()] {
            let _ =
                raw(&stand, target, body.to_vec()).await.refused(StatusCode::BAD_REQUEST, "INVALID_REQUEST");
        }
    }
    let nested: Value = serde_json::from_str(&format!("{}1{}", "[".repeat(100), "]".repeat(100))).unwrap();
    for body in [json!({ "urls": [nested] }), json!({ "urls": nested }), json!({ "urls": {} })] {
        let _ = stand.post("/v2/affiliate", body).await.refused(StatusCode::BAD_REQUEST, "INVALID_REQUEST");
    }

    // A hundred long addresses of the strangest kind are answered one by one.
    let urls: Vec<String> =
        (0..100).map(|n| format!("https://shop-{n}.example/{}", "%ff\u{202e}".repeat(300))).collect();
    let answer = stand.post("/v2/affiliate", json!({ "urls": urls })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);

    let pages =
        ["/v2/vendors?", "/v2/collections?vendor=a.example&", "/v2/listings?vendor=a.example&", "/v2/usage?"];
    for target in pages {
        for page in ["9007199254740991", "9223372036854775807", "18446744073709551615"] {
            let answer = stand.get(&format!("{target}page={page}&page_size=100")).await;
            assert!(matches!(answer.status.as_u16(), 200 | 400), "{target}{page}: {}", answer.text);
            assert!(
                !answer.text.contains("listings_count"),
                "{target}{page}: nothing is that far: {}",
                answer.text
            );
        }
        for bad in ["page=%ff", "page=0", "page=-1", "page=1e400", "page_size=101"] {
            let _ = stand
                .get(&format!("{target}{bad}"))
                .await
                .refused(StatusCode::BAD_REQUEST, "VALIDATION_ERROR");
        }
    }
    for vendor in ["%ff%fe", "%00", "http://[::1", &"a".repeat(60_000)] {
        for target in ["/v2/collections", "/v2/listings"] {
            let answer = stand.get(&format!("{target}?vendor={vendor}")).await;
            assert!(matches!(answer.status.as_u16(), 200 | 400), "{vendor}: {}", answer.text);
            assert!(answer.text.len() < 2_000, "{}", answer.text.len());
        }
    }
}
