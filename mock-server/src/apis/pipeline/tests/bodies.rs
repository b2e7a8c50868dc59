//! Requests and answers without bodies, headers of a handler's own, and what is not stood in for.

use std::collections::BTreeMap;

use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, HeaderName};
use serde_json::json;

use super::*;

#[tokio::test]
async fn an_answer_has_the_headers_of_its_handler_and_perhaps_no_body() {
    fn gone(_: &Call<'_>, _: &mut WorldState) -> Reply {
        let own = HeaderName::from_static("request-id");
        Reply::empty(StatusCode::NO_CONTENT).header(own, HeaderValue::from_static("mine"))
    }
    fn file(_: &Call<'_>, _: &mut WorldState) -> Reply {
        Reply::ready(StatusCode::OK, "a,b\n".into())
            .typed(HeaderValue::from_static("text/csv"))
            .header(CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"a.csv\""))
    }
    let stand = Stand::new();
    let answer = stand.get(gone).await;
    assert_eq!((answer.status(), content_type(&answer)), (StatusCode::NO_CONTENT, None));
    assert_eq!(answer.headers().get_all("request-id").iter().collect::<Vec<_>>(), ["mine"]);
    assert!(answer.headers().contains_key("ratelimit-limit"), "those of the API are there too");
    assert_eq!(text(answer).await, "");
    let answer = stand.get(file).await;
    assert_eq!(content_type(&answer), Some("text/csv"));
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"a.csv\"");
    assert_eq!(text(answer).await, "a,b\n");
}

#[tokio::test]
async fn a_body_may_be_left_out_only_where_that_is_said() {
    fn shown(call: &Call<'_>, _: &mut WorldState) -> Reply {
        Reply::json(StatusCode::OK, call.body)
    }
    let stand = Stand::new();
    let send = async |handler, body: &'static str| {
        let answer = stand.send(POST, handler, request(Method::POST, Body::from(body))).await;
        (answer.status().as_u16(), text(answer).await)
    };
    assert_eq!(send(Handler::OptionalJson(shown), "").await, (200, "null".to_owned()));
    assert_eq!(send(Handler::Json(shown), "").await.0, 400);
    let body = r#"{"url":"a.example"}"#;
    for handler in [Handler::Json(shown), Handler::OptionalJson(shown)] {
        assert_eq!(send(handler, body).await, (200, body.to_owned()));
        assert_eq!(send(handler, "{").await.0, 400);
        assert_eq!(send(handler, "{}").await.0, 400);
    }
}

#[tokio::test]
async fn what_is_not_stood_in_for_is_known_counted_and_journaled() {
    let stand = Stand::new();
    for body in ["", "{", r#"{"sql": "select 1"}"#] {
        let answer = stand.send(POST, Handler::NotStoodIn, request(Method::POST, Body::from(body))).await;
        assert_eq!(answer.status(), StatusCode::NOT_IMPLEMENTED);
        let id = answer.headers()["request-id"].to_str().unwrap().to_owned();
        let error: Value = serde_json::from_str(&text(answer).await).unwrap();
        let message = "Rehearsal knows catalog.crawl.create and does not stand in for it";
        let expected = json!({ "code": "NOT_IMPLEMENTED", "message": message, "request_id": id });
        assert_eq!(error["error"], expected);
        assert_eq!(stand.journaled(), (Some(StatusCode::NOT_IMPLEMENTED), body.len(), false));
    }
    let unknown = http::Request::get("/v2/usage").body(Body::empty()).unwrap();
    let answer = stand.send(GET, Handler::NotStoodIn, unknown).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "the key comes first");
    assert_eq!(stand.0.counters.missed(), BTreeMap::from([(POST, 3)]));
}
