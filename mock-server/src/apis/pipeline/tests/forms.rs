//! Bodies that are kept as files, alone or within a form.

use serde_json::json;

use super::*;
use crate::apis::fetch::{NotFetched, Source};
use crate::apis::form::Expected;

const FORM: Handler = Handler::Form(Expected { file: "file", most: 1_000 }, told);
const BLOB: Handler = Handler::Blob(1_000, told);

/// All that a handler knows of a file.
fn told(call: &Call<'_>, _: &mut WorldState) -> Reply {
    let told = json!({
        "body": call.body,
        "form": call.form().map(crate::apis::form::Form::described),
        "blob": call.blob().map(crate::blobs::Blob::hex_digest),
        "bytes": call.byte_digest().0,
        "request": call.identity.digest.0,
        "before": call.identity.occurrence,
    });
    Reply::json(StatusCode::CREATED, &told)
}

fn post(content_type: &str, body: impl Into<Body>) -> http::Request<Body> {
    let request = http::Request::post("/v2/crawl").header("x-api-key", KEY);
    request.header("content-type", content_type).body(body.into()).unwrap()
}

fn form(boundary: &str, content: &str) -> http::Request<Body> {
    let text = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"url\"\r\n\r\nskims.com\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n{content}\r\n\
         --{boundary}--\r\n"
    );
    post(&format!("multipart/form-data; boundary={boundary}"), text)
}

async fn value(answer: Response) -> Value {
    assert_eq!(answer.status(), StatusCode::CREATED);
    serde_json::from_str(&text(answer).await).unwrap()
}

#[tokio::test]
async fn a_form_is_the_same_request_whatever_its_boundary() {
    let stand = Stand::new();
    let first = value(stand.send(POST, FORM, form("one", "text")).await).await;
    assert_eq!(first["body"], json!({ "url": "skims.com", "file": "a.txt" }));
    assert_eq!(first["form"]["file"]["name"], "a.txt");
    assert_eq!(first["before"], 0);
    let journaled = stand.last_body();
    assert_eq!(serde_json::from_slice::<Value>(&journaled).unwrap(), first["form"]);

    let again = value(stand.send(POST, FORM, form("another", "text")).await).await;
    assert_eq!([&again["bytes"], &again["request"]], [&first["bytes"], &first["request"]]);
    assert_eq!(again["before"], 1);
    let other = value(stand.send(POST, FORM, form("one", "other")).await).await;
    assert_ne!(other["bytes"], first["bytes"]);
    assert_ne!(other["request"], first["request"]);
    assert_eq!(stand.kept(), 0, "no handler has kept any of them");
}

#[tokio::test]
async fn the_fields_of_a_form_meet_faults_by_what_they_say() {
    let stand = Stand::with("{ match: { host: skims.com }, respond: { error: unavailable } }");
    let answer = stand.send(POST, FORM, form("one", "text")).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(fired(&answer), Some("fault-1"));
}

#[tokio::test]
async fn a_file_alone_is_known_by_its_bytes() {
    let stand = Stand::new();
    let first = value(stand.send(POST, BLOB, post("application/pdf", "%PDF-1.7")).await).await;
    assert_eq!(first["body"], Value::Null);
    assert_eq!(first["blob"].as_str().unwrap().len(), 64);
    assert_eq!(stand.last_body(), "%PDF-1.7");
    let again = value(stand.send(POST, BLOB, post("text/plain", "%PDF-1.7")).await).await;
    assert_eq!([&again["bytes"], &again["request"]], [&first["bytes"], &first["request"]]);
    let other = value(stand.send(POST, BLOB, post("text/plain", "%PDF-1.6")).await).await;
    assert_ne!(other["request"], first["request"]);
}

#[tokio::test]
async fn what_is_no_form_or_too_large_is_refused_and_journaled() {
    let stand = Stand::new();
    let none = stand.send(POST, FORM, post("application/json", "{}")).await;
    assert_eq!(none.status(), StatusCode::BAD_REQUEST);
    assert!(text(none).await.contains("must be multipart/form-data"));
    let long = "x".repeat(1_001);
    for request in [(FORM, form("one", &long)), (BLOB, post("text/plain", long.clone()))] {
        let answer = stand.send(POST, request.0, request.1).await;
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert!(text(answer).await.contains("larger than 1000 bytes"));
        assert_eq!(stand.journaled().0, Some(StatusCode::PAYLOAD_TOO_LARGE));
    }
    let torn = [Ok(bytes::Bytes::from_static(b"x")), Err("it is torn")];
    let torn = post("text/plain", Body::from_stream(futures_util::stream::iter(torn)));
    assert_eq!(stand.send(POST, BLOB, torn).await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(stand.kept(), 0);
}

#[tokio::test]
async fn a_handler_finds_what_was_fetched_or_why_nothing_was() {
    fn source(body: &Value) -> Source {
        let url = body["url"].as_str().unwrap_or_default().to_owned();
        Source { url, headers: Vec::new(), verify_ssl: true, follow_redirects: true }
    }
    fn told(call: &Call<'_>, _: &mut WorldState) -> Reply {
        assert_eq!(call.fetched(), Some(&Err(NotFetched::NoUrl)));
        Reply::empty(StatusCode::NO_CONTENT)
    }
    let stand = Stand::new();
    let handler = Handler::Fetch(source, told);
    let answer = stand.send(POST, handler, post("application/json", r#"{"url": "skims.com"}"#)).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    // What is no valid request fetches nothing.
    let answer = stand.send(POST, handler, post("application/json", r#"{"url": 1}"#)).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_file_is_answered_whole_wherever_it_is_kept() {
    fn back(call: &Call<'_>, _: &mut WorldState) -> Reply {
        let blob = call.blob().unwrap();
        Reply::file(StatusCode::OK, http::HeaderValue::from_static("application/pdf"), blob)
    }
    let stand = Stand::new();
    let most = 3 * crate::blobs::IN_MEMORY_MAX;
    for length in [0, 5, most] {
        let sent = vec![b'x'; length];
        let answer = stand.send(POST, Handler::Blob(most, back), post("application/pdf", sent.clone())).await;
        assert_eq!(content_type(&answer), Some("application/pdf"));
        assert!(answer.into_body().collect().await.unwrap().to_bytes() == sent, "{length} bytes");
    }
    assert_eq!(stand.kept(), 0);
}
