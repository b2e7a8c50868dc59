//! What an API says in its own way, whatever is demanded of all.

use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue};
use serde_json::json;

use super::*;
use crate::apis::reply::SHOULD_RETRY;

fn failure(failure: &Failure, _: &str) -> Reply {
    let (status, said) = match failure {
        Failure::Key(KeyRefusal::Malformed) => (StatusCode::UNAUTHORIZED, "malformed".to_owned()),
        Failure::RateLimited { retry_after } => {
            (StatusCode::TOO_MANY_REQUESTS, format!("in {retry_after} s"))
        }
        Failure::Body(_) => (StatusCode::PAYLOAD_TOO_LARGE, "too large".to_owned()),
        other => (StatusCode::IM_A_TEAPOT, format!("{other:?}")),
    };
    Reply::json(status, &json!({ "detail": said }))
}

fn announce(allowance: &Allowance, headers: &mut HeaderMap) {
    if let Some(seconds) = allowance.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}

/// An API whose answers have no ids.
fn plain() -> &'static Dialect {
    let like = catalog::dialect().unwrap().clone();
    Box::leak(Box::new(Dialect {
        secrets: &["url", "hush"],
        request_id_header: None,
        failure,
        announce,
        ..like
    }))
}

fn nothing(_: &Call<'_>, _: &mut WorldState) -> Reply {
    Reply::json(StatusCode::OK, &json!({}))
}

async fn send(stand: &Stand, handler: Handler, request: http::Request<Body>) -> Response {
    let dialect = plain();
    let operation = if *request.method() == Method::GET { GET } else { POST };
    let operation = dialect.contract.operation(operation).unwrap();
    serve(Arc::clone(&stand.0), dialect, operation, handler, request).await
}

#[tokio::test]
async fn an_api_without_ids_of_answers_has_no_header_for_them() {
    let answer = send(&Stand::new(), Handler::Json(nothing), request(Method::GET, Body::empty())).await;
    assert_eq!(answer.headers().keys().map(http::HeaderName::as_str).collect::<Vec<_>>(), ["content-type"]);
}

#[tokio::test]
async fn what_fails_before_a_handler_is_said_as_its_api_says_it() {
    let stand = Stand::of(
        parse("test", "account: { apis: { catalog: { rate-limit: { requests: 2, per: 60s } } } }").unwrap(),
        false,
    );
    let right = || r#"{"url":"a.example"}"#.to_owned();
    let ask = async |authorization: &str, body: String| {
        let request = http::Request::post("/v2/crawl").header("authorization", authorization);
        let request = request.body(Body::from(body)).unwrap();
        let answer = send(&stand, Handler::Json(nothing), request).await;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body: Value = serde_json::from_str(&text(answer).await).unwrap();
        (status, headers, body["detail"].clone())
    };
    let (status, _, said) = ask("Basic dTpw", right()).await;
    assert_eq!((status, said), (StatusCode::UNAUTHORIZED, json!("malformed")));
    let (status, headers, said) = ask("Bearer test-a", " ".repeat(5 * 1024 * 1024)).await;
    assert_eq!((status, said), (StatusCode::PAYLOAD_TOO_LARGE, json!("too large")));
    assert!(!headers.contains_key(RETRY_AFTER));
    assert_eq!(ask("Bearer test-a", right()).await.0, StatusCode::OK);
    let (status, headers, said) = ask("Bearer test-a", right()).await;
    assert_eq!((status, said), (StatusCode::TOO_MANY_REQUESTS, json!("in 60 s")));
    assert_eq!(headers[RETRY_AFTER], "60");
}

#[tokio::test]
async fn an_answer_can_tell_clients_not_to_ask_again() {
    fn conflict(_: &Call<'_>, _: &mut WorldState) -> Reply {
        Reply::json(StatusCode::CONFLICT, &json!({})).not_to_be_retried()
    }
    let answer = send(&Stand::new(), Handler::Json(conflict), request(Method::GET, Body::empty())).await;
    assert_eq!(
        (answer.status(), &answer.headers()[SHOULD_RETRY]),
        (StatusCode::CONFLICT, &HeaderValue::from_static("false"))
    );
}

#[tokio::test]
async fn what_an_api_calls_a_secret_is_not_journaled() {
    let stand = Stand::new();
    let journaled = async |body: &str| {
        let request = request(Method::POST, Body::from(body.to_owned()));
        let status = send(&stand, Handler::Json(nothing), request).await.status();
        let (real, wall) = stand.0.now();
        let Ok(world) = stand.0.registry.enter(KEY, real, wall) else { panic!("there is no world") };
        let piece = world.journal().piece(0);
        let last = piece.entries().last().unwrap();
        let shown = String::from_utf8_lossy(last.request_body).into_owned();
        (status.as_u16(), shown, last.violations.to_owned())
    };
    let (status, body, _) = journaled(r#"{"url": "psst-1", "hush": {"a": "psst-2"}}"#).await;
    assert_eq!((status, &*body), (200, r#"{"url":"$SECRET","hush":{"a":"$SECRET"}}"#));
    let (_, body, violations) = journaled(r#"{"url": {"a": 51515}}"#).await;
    assert_eq!(body, r#"{"url":{"a":"$SECRET"}}"#);
    assert_eq!(violations, "body/url: (left out)");
    let (_, body, _) = journaled(r#"{"url": "psst-1""#).await;
    assert!(!body.contains("psst"), "{body}");
}
