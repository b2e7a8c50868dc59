//! HTTP as the harness speaks it.

use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::get;
use bytes::Bytes;
use conformance::target::Target;
use conformance::transport::http::{BODY_LIMIT, HttpTransport};
use conformance::transport::{Transport, TransportError};
use http::{Request, Response};
use tokio::net::TcpListener;

async fn answer(path: &str) -> Result<Response<Bytes>, TransportError> {
    let routes = Router::new()
        .route("/base/moved", get(|| async { (StatusCode::FOUND, [(header::LOCATION, "/base/there")]) }))
        .route("/base/there", get(|| async { "here" }))
        .route("/base/endless", get(|| async { vec![b' '; BODY_LIMIT + 1] }))
        .route("/base/limit", get(|| async { vec![b' '; BODY_LIMIT] }));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    tokio::spawn(async move { axum::serve(listener, routes).await });

    let target = Target::parse(&format!("http://{address}/base")).expect("it is an address");
    let transport = HttpTransport::new(&target, Duration::from_secs(10)).expect("a client can be made");
    transport.send(Request::get(path).body(Bytes::new()).expect("it is a request")).await
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let answer = answer("/moved").await.expect("it answers");
    assert_eq!(answer.status(), StatusCode::FOUND);
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit_and_no_further() {
    assert_eq!(answer("/limit").await.expect("it fits").body().len(), BODY_LIMIT);
    let error = answer("/endless").await.expect_err("it does not");
    assert_eq!(error, TransportError::TooLarge { limit: BODY_LIMIT });
}
