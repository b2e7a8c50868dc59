//! What faults and strictness make of answers that are streamed, or are no JSON, or have no body.

use http::HeaderValue;

use super::*;

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const LINES: HeaderValue = HeaderValue::from_static("application/x-ndjson");
/// More than is looked at.
const LONG: usize = effects::COLLECT_MAX + 1;

fn lines(_: &Call<'_>, _: &mut WorldState) -> Reply {
    Reply::stream(StatusCode::OK, LINES, |out| out.write_all(b"{\"a\":1}\n"))
}

fn listed(_: &Call<'_>, _: &mut WorldState) -> Reply {
    Reply::stream(StatusCode::OK, JSON, |out| out.write_all(b"{\"data\":[1]}"))
}

fn long(_: &Call<'_>, _: &mut WorldState) -> Reply {
    Reply::stream(StatusCode::OK, JSON, |out| {
        out.write_all(b"\"")?;
        out.write_all(&vec![b'x'; LONG - 2])?;
        out.write_all(b"\"")
    })
}

fn no_json(_: &Call<'_>, _: &mut WorldState) -> Reply {
    Reply::stream(StatusCode::OK, JSON, |out| out.write_all(b"{} {}"))
}

fn untouched(_: &Call<'_>, _: &mut WorldState) -> Reply {
    Reply::stream(StatusCode::OK, LINES, |_| panic!("nobody gets to see what it writes"))
}

fn none(_: &Call<'_>, _: &mut WorldState) -> Reply {
    Reply::empty(StatusCode::NO_CONTENT)
}

/// Whether a fault met an answer, and its body.
async fn met(answer: Response) -> (bool, String) {
    (fired(&answer).is_some(), text(answer).await)
}

const MALFORMED: &str = "{ id: f, payload: malformed-json }";
const CALLED_TEXT: &str = "{ id: f, payload: wrong-content-type }";
const EMPTY: &str = "{ id: f, payload: empty }";
const CHANGED: &str = "{ id: f, drift: [{ set: { at: /data/0, to: 9 } }] }";

#[tokio::test]
async fn a_stream_that_is_replaced_is_never_written() {
    let gateway = "{ id: f, phase: after, payload: gateway-html }";
    let refused = "{ id: f, phase: after, respond: { status: 503 } }";
    for (fault, status) in [(EMPTY, 200), (gateway, 502), (refused, 503)] {
        let answer = Stand::with(fault).get(untouched).await;
        assert_eq!((answer.status().as_u16(), fired(&answer)), (status, Some("f")), "{fault}");
        assert_eq!(text(answer).await.is_empty(), fault == EMPTY);
    }
}

#[tokio::test]
async fn a_stream_is_called_something_else_and_sent_as_it_is() {
    let answer = Stand::with(CALLED_TEXT).get(lines).await;
    assert_eq!((fired(&answer), content_type(&answer)), (Some("f"), Some("text/plain; charset=utf-8")));
    assert_eq!(text(answer).await, "{\"a\":1}\n");
}

#[tokio::test]
async fn json_that_is_streamed_is_changed_as_any() {
    let answer = Stand::with(MALFORMED).get(listed).await;
    assert_eq!(met(answer).await, (true, "{\"data".to_owned()));
    let answer = Stand::with(CHANGED).get(listed).await;
    assert_eq!(met(answer).await, (true, "{\"data\":[9]}".to_owned()));
    let answer = Stand::with("{ id: f, state: duplicate-list-item }").get(listed).await;
    assert_eq!(met(answer).await, (true, "{\"data\":[1,1]}".to_owned()));
}

#[tokio::test]
async fn what_is_no_json_or_too_long_is_left_as_it_is() {
    for fault in [MALFORMED, CHANGED] {
        let stand = Stand::with(fault);
        let answer = stand.get(lines).await;
        assert_eq!(met(answer).await, (false, "{\"a\":1}\n".to_owned()));
        let answer = stand.get(no_json).await;
        assert_eq!(met(answer).await, (false, "{} {}".to_owned()));
        let answer = stand.get(long).await;
        let (met, text) = met(answer).await;
        assert_eq!((met, text.len()), (false, LONG));
    }
    for fault in [MALFORMED, CHANGED, CALLED_TEXT, EMPTY] {
        let answer = Stand::with(fault).get(none).await;
        assert_eq!((fired(&answer), content_type(&answer)), (None, None), "{fault}");
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    }
}

#[tokio::test]
async fn strictness_holds_status_and_headers_of_what_it_cannot_read() {
    let stand = Stand::strict();
    // The contract says JSON, and what it says of the JSON cannot be seen.
    let answer = stand.get(listed).await;
    assert_eq!((answer.status(), text(answer).await.as_str()), (StatusCode::OK, "{\"data\":[1]}"));
    for (answers, about) in [
        (lines as fn(&Call<'_>, &mut WorldState) -> Reply, "content-type"),
        (untouched, "application/x-ndjson"),
        (none, "the status should be"),
    ] {
        let answer = stand.get(answers).await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let text = text(answer).await;
        assert!(text.starts_with("this answer broke the contract") && text.contains(about), "{text}");
    }
}
