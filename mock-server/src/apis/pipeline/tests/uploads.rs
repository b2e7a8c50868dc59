//! Bodies that are passed to a sink as they arrive.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use serde_json::json;

use super::*;
use crate::apis::upload::{Announced, Sink, Upload, Uploaded};

/// Counts lines, and keeps nothing else.
#[derive(Debug)]
struct Lines {
    called: String,
    asked: Vec<(String, String)>,
    count: usize,
}

impl Sink for Lines {
    fn feed(&mut self, chunk: &[u8]) {
        self.count += chunk.iter().filter(|byte| **byte == b'\n').count();
    }

    fn finish(self: Box<Self>) -> Uploaded {
        self
    }
}

fn sink(announced: &Announced<'_>) -> Box<dyn Sink> {
    let called = announced.content_type.unwrap_or_default().to_owned();
    Box::new(Lines { called, asked: announced.query.to_vec(), count: 0 })
}

const MOST: usize = 200_000;
const HANDLER: Handler = Handler::Upload(Upload { most: MOST, sink }, told);

/// All that a handler knows of an upload.
fn told(call: &Call<'_>, _: &mut WorldState) -> Reply {
    let bytes = call.byte_digest().0;
    let lines = call.upload::<Lines>().unwrap();
    assert!(call.upload::<Lines>().is_none(), "it is handed over once");
    let told = json!({
        "lines": lines.count,
        "called": lines.called,
        "asked": lines.asked,
        "key": call.header("idempotency-key"),
        "operation": call.operation,
        "route": call.route,
        "body": call.body,
        "bytes": bytes,
        "request": call.identity.digest.0,
        "before": call.identity.occurrence,
    });
    Reply::json(StatusCode::CREATED, &told)
}

fn upload(body: Body) -> http::Request<Body> {
    let request = http::Request::post("/v2/crawl?name=some%20file").header("x-api-key", KEY);
    let request =
        request.header("idempotency-key", "once").header("content-type", "text/csv; header=present");
    request.body(body).unwrap()
}

/// A body that arrives in pieces of this length.
fn pieces(bytes: &'static [u8], length: usize) -> Body {
    Body::from_stream(futures_util::stream::iter(
        bytes.chunks(length).map(|piece| Ok::<_, Infallible>(Bytes::from_static(piece))),
    ))
}

async fn value(answer: Response) -> Value {
    assert_eq!(answer.status(), StatusCode::CREATED);
    serde_json::from_str(&text(answer).await).unwrap()
}

#[tokio::test]
async fn a_handler_finds_what_the_sink_made_and_all_that_was_said_of_it() {
    let stand = Stand::new();
    let first = value(stand.send(POST, HANDLER, upload(pieces(b"a,b\n1,2\n3,4\n", 5))).await).await;
    let expected = json!({
        "lines": 3, "called": "text/csv; header=present", "asked": [["name", "some file"]], "key": "once",
        "operation": POST, "route": "/v2/crawl", "body": null, "before": 0,
        "bytes": first["bytes"], "request": first["request"],
    });
    assert_eq!(first, expected);
    // However it is cut, it is the same; and another is another.
    let again = value(stand.send(POST, HANDLER, upload(pieces(b"a,b\n1,2\n3,4\n", 1))).await).await;
    assert_eq!([&again["bytes"], &again["request"]], [&first["bytes"], &first["request"]]);
    assert_eq!(again["before"], 1);
    let other = value(stand.send(POST, HANDLER, upload(pieces(b"a,b\n1,2\n3,5\n", 5))).await).await;
    assert_ne!(other["bytes"], first["bytes"]);
    assert_ne!(other["request"], first["request"]);
    assert_eq!(other["before"], 0);
}

#[tokio::test]
async fn the_journal_keeps_the_beginning() {
    static LARGE: [u8; MOST] = [b'\n'; MOST];
    let stand = Stand::new();
    let counted = value(stand.send(POST, HANDLER, upload(pieces(&LARGE, 70_000))).await).await;
    assert_eq!(counted["lines"], MOST);
    assert_eq!(stand.journaled(), (Some(StatusCode::CREATED), crate::journal::BODY_MAX, false));
}

#[tokio::test]
async fn one_that_is_too_large_is_read_to_its_end_and_refused() {
    static FED: AtomicUsize = AtomicUsize::new(0);
    static ARRIVED: AtomicUsize = AtomicUsize::new(0);
    struct Never;
    impl Sink for Never {
        fn feed(&mut self, chunk: &[u8]) {
            FED.fetch_add(chunk.len(), Ordering::SeqCst);
        }
        fn finish(self: Box<Self>) -> Uploaded {
            panic!("not all of it is there")
        }
    }
    let handler = Handler::Upload(Upload { most: MOST, sink: |_| Box::new(Never) }, told);
    let body = Body::from_stream(futures_util::stream::iter((0..10).map(|_| {
        ARRIVED.fetch_add(50_000, Ordering::SeqCst);
        Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 50_000]))
    })));
    let stand = Stand::new();
    let answer = stand.send(POST, handler, upload(body)).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(text(answer).await.contains("larger than 200000 bytes"));
    assert_eq!((FED.load(Ordering::SeqCst), ARRIVED.load(Ordering::SeqCst)), (MOST, 500_000));
    assert_eq!(stand.journaled().0, Some(StatusCode::PAYLOAD_TOO_LARGE));

    let torn = [Ok(Bytes::from_static(b"x")), Err("it is torn")];
    let torn = Body::from_stream(futures_util::stream::iter(torn));
    assert_eq!(stand.send(POST, handler, upload(torn)).await.status(), StatusCode::BAD_REQUEST);
}
