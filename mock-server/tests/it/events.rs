//! What a listener is told.

mod resume;
mod served;

use axum::body::{Body, BodyDataStream};
use futures_util::{FutureExt, StreamExt};
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use crate::document;
use crate::harness::{KEY, Stand};

/// An event as it was sent.
#[derive(Debug, Clone, PartialEq)]
struct Told {
    id: String,
    kind: String,
    data: Value,
}

/// Somebody who listens.
struct Listener {
    body: BodyDataStream,
    text: String,
    ended: bool,
    /// The last id, whether or not an event came with it.
    id: String,
}

/// Listens to the world of [`KEY`].
async fn listen(stand: &Stand, query: &str, last: Option<&str>) -> Listener {
    let target = format!("/_rehearsal/events?key={KEY}{query}");
    let mut request = Request::get(target).header("host", "localhost");
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let response = stand.open(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK);
    let body = response.into_body().into_data_stream();
    Listener { body, text: String::new(), ended: false, id: String::new() }
}

impl Listener {
    /// Everything that can be heard without waiting. Each event is held against the document.
    fn heard(&mut self) -> Vec<Told> {
        while !self.ended {
            match tokio::task::unconstrained(self.body.next()).now_or_never() {
                Some(Some(bytes)) => self.text.push_str(std::str::from_utf8(&bytes.unwrap()).unwrap()),
                Some(None) => self.ended = true,
                None => break,
            }
        }
        let whole = self.text.rfind("\n\n").map_or(0, |end| end + 2);
        let text: String = self.text.drain(..whole).collect();
        text.split("\n\n").filter_map(|block| self.read(block)).collect()
    }

    fn read(&mut self, block: &str) -> Option<Told> {
        let field = |name: &str| {
            block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim_start))
        };
        if let Some(id) = field("id") {
            id.clone_into(&mut self.id);
        }
        let data = serde_json::from_str(field("data")?).unwrap();
        let kind = field("event").unwrap().to_owned();
        document::assert_fits(&format!("/components/schemas/Events/properties/{kind}"), &data);
        Some(Told { id: self.id.clone(), kind, data })
    }
}

/// Events in short: the kind, and what each is about.
fn short(told: &[Told]) -> Vec<String> {
    told.iter()
        .map(|told| {
            let data = &told.data;
            let said = ["change", "number", "control", "state", "generation", "reason", "id", "to"];
            let said = said.iter().filter_map(|name| data.get(*name)).map(|value| match value {
                Value::String(text) => text.clone(),
                value => value.to_string(),
            });
            [told.kind.clone()].into_iter().chain(said).collect::<Vec<_>>().join(" ")
        })
        .collect()
}

async fn control(stand: &Stand, method: Method, path: &str, body: Value) -> StatusCode {
    stand.call(KEY, method, &format!("/_rehearsal{path}"), Some(body)).await.status
}

/// A server whose world of [`KEY`] is there.
async fn begun() -> Stand {
    let stand = Stand::new();
    let _ = stand.get("/v2/usage").await;
    stand
}

#[tokio::test]
async fn a_listener_is_told_what_happens_in_the_order_in_which_it_does() {
    let stand = begun().await;
    let mut listener = listen(&stand, "", None).await;
    assert_eq!((listener.heard(), listener.id.as_str()), (Vec::new(), "0.1.0.0"));
    let id = stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let _ = stand.get(&format!("/v2/crawl/{id}")).await;
    control(&stand, Method::POST, &format!("/runs/{id}/stick"), json!({})).await;
    let _ = stand.get(&format!("/v2/crawl/{id}")).await;
    control(&stand, Method::POST, &format!("/runs/{id}/unstick"), json!({})).await;
    stand.advance("1h").await;
    control(&stand, Method::POST, "/faults", json!({"id": "f", "respond": {"error": "conflict"}})).await;
    let _ = stand.get("/v2/crawl").await;
    control(&stand, Method::DELETE, "/faults/f", json!({})).await;
    control(&stand, Method::PUT, "/scenario", json!({"version": 1})).await;
    control(&stand, Method::PATCH, "/account", json!({"apis": {"catalog": {"credits": 3}}})).await;
    control(&stand, Method::PATCH, "/clock", json!({"mode": "real"})).await;
    let told = listener.heard();
    insta::assert_snapshot!(short(&told).join("\n"), @r"
    run created
    request 2
    request 3
    run control stick
    request 4
    run control unstick
    clock moved 2026-01-15T11:30:00.000000Z
    run ended completed
    fault added f
    request 5
    fault removed f
    scenario
    account credits
    clock mode
    ");
    assert_eq!(told[9].data["faults"][0]["id"], "f");
    assert_eq!((&told[1].data["run"], &told[7].data["run"]), (&json!(id), &json!(id)));
    assert!(
        told[7].data["at"].as_str() < told[6].data["to"].as_str(),
        "it says when it was, not when it was seen"
    );
}

#[tokio::test]
async fn an_end_is_told_as_it_was_however_late_it_is_heard() {
    let stand = begun().await;
    let mut listener = listen(&stand, "&kind=run", None).await;
    let good = stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let bad = stand.create("/v2/crawl", json!({"url": "a.example"})).await;
    let fail = format!("/runs/{bad}/fail");
    control(&stand, Method::POST, &fail, json!({"error": "The shop is on fire."})).await;
    stand.advance("1d").await;
    let told = listener.heard().into_iter().map(|told| told.data);
    let ends: Vec<Value> = told.filter(|data| data["change"] == "ended").collect();
    let shown = async |id: &str| stand.get(&format!("/_rehearsal/runs/{id}")).await.ok(StatusCode::OK);
    let expected = [(&bad, "failed", json!("The shop is on fire.")), (&good, "completed", Value::Null)];
    assert_eq!(ends.len(), expected.len());
    for (data, (id, state, error)) in ends.iter().zip(expected) {
        assert_eq!((&data["run"], &data["state"], &data["error"]), (&json!(id), &json!(state), &error));
        assert_eq!(data["at"], shown(id).await["ended_at"]);
    }
}

#[tokio::test]
async fn a_filter_leaves_the_rest_away_and_the_ids_as_they_are() {
    let stand = begun().await;
    let (mut all, mut some) = (listen(&stand, "", None).await, listen(&stand, "&kind=run,clock", None).await);
    stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    stand.advance("1h").await;
    let wanted: Vec<Told> =
        all.heard().into_iter().filter(|told| ["run", "clock"].contains(&told.kind.as_str())).collect();
    assert_eq!(wanted.len(), 3);
    assert_eq!(some.heard(), wanted);
}

#[tokio::test]
async fn a_thousand_events_that_are_not_wanted_are_passed_over() {
    let stand = begun().await;
    for _ in 0..2_500 {
        let _ = stand.get("/v2/usage").await;
    }
    stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let mut runs = listen(&stand, "&kind=run&after=start", None).await;
    let mut told = Vec::new();
    // It lets others be served in between.
    for _ in 0..10 {
        told.extend(runs.heard());
    }
    assert_eq!(short(&told), ["run created"]);
    let mut all = listen(&stand, "&after=start", None).await;
    for _ in 0..100 {
        told.extend(all.heard());
    }
    assert_eq!(told.len(), 1 + 2_503);
}

#[tokio::test]
async fn a_reset_is_told_and_begins_the_count_anew() {
    let stand = begun().await;
    let mut listener = listen(&stand, "&kind=request", None).await;
    stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let before = listener.heard();
    control(&stand, Method::POST, "/reset", json!({})).await;
    let _ = stand.get("/v2/crawl").await;
    let after = listener.heard();
    assert_eq!(short(&after), ["reset 1", "request 1"]);
    assert_eq!(after[1].id, "1.1.0.0");
    let mut back = listen(&stand, "&kind=request", Some(&before[0].id)).await;
    assert_eq!(back.heard(), after);
}

#[tokio::test]
async fn requests_that_are_gone_are_told_as_a_gap() {
    let stand = begun().await;
    stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let _ = stand.get("/v2/crawl").await;
    assert_eq!(control(&stand, Method::DELETE, "/requests", json!({})).await, StatusCode::NO_CONTENT);
    let _ = stand.get("/v2/crawl").await;
    let mut late = listen(&stand, "", Some("0.1.0.0")).await;
    let told = late.heard();
    assert_eq!(short(&told), ["gap requests-dropped 3", "run created", "request 4"]);
    assert_eq!((&told[0].data["from"], &told[0].data["to"]), (&json!(2), &json!(3)));
    // Who has heard of the gap does not hear of it again.
    let mut later = listen(&stand, "", Some(&told[0].id)).await;
    assert_eq!(later.heard(), told[1..]);
    control(&stand, Method::DELETE, "/requests", json!({})).await;
    let mut nothing = listen(&stand, "&kind=clock", Some(&told[1].id)).await;
    assert_eq!(short(&nothing.heard()), ["gap requests-dropped 4"]);
}

#[tokio::test]
async fn a_position_of_another_server_is_a_gap_and_no_loss() {
    let stand = begun().await;
    for position in ["0.99.0.0", "0.0.7.0", "0.0.0.1", "3.0.0.0", "18446744073709551615.0.0.0"] {
        let mut listener = listen(&stand, "", Some(position)).await;
        assert_eq!(short(&listener.heard()), ["gap unknown-position", "request 1"], "{position}");
    }
}

#[tokio::test]
async fn the_header_outranks_the_address() {
    let stand = begun().await;
    let mut listener = listen(&stand, "&after=start", Some("0.1.0.0")).await;
    assert_eq!(listener.heard(), []);
}

#[tokio::test]
async fn what_cannot_be_listened_to_is_refused_with_a_sentence() {
    let stand = begun().await;
    let long = "9".repeat(200);
    for (query, code) in [
        ("key=*", "one_world"),
        ("key=test-a&kind=", "invalid_query"),
        ("key=test-a&kind=request,runs", "invalid_query"),
        ("key=test-a&after=", "invalid_position"),
        ("key=test-a&after=1.2.3", "invalid_position"),
        (&format!("key=test-a&after={long}"), "invalid_position"),
        ("key=test-a&since=1", "invalid_query"),
    ] {
        let refused = stand.get(&format!("/_rehearsal/events?{query}")).await.ok(StatusCode::BAD_REQUEST);
        assert_eq!(refused["error"]["code"], code, "{query}");
    }
    let unknown = stand.get("/_rehearsal/events?key=test-nobody").await.ok(StatusCode::NOT_FOUND);
    assert_eq!(unknown["error"]["code"], "unknown_world");
}

#[tokio::test]
async fn listening_ends_with_the_world_and_with_the_server() {
    let stand = begun().await;
    let mut listener = listen(&stand, "", None).await;
    assert!(listener.heard().is_empty() && !listener.ended);
    assert_eq!(stand.delete(&format!("/_rehearsal/worlds/{KEY}")).await.status, StatusCode::NO_CONTENT);
    assert!(listener.heard().is_empty() && listener.ended);

    let stand = begun().await;
    let mut listener = listen(&stand, "", None).await;
    assert!(listener.heard().is_empty() && !listener.ended);
    stand.end();
    assert!(listener.heard().is_empty() && listener.ended);
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_is_kept_alive_with_comments() {
    let stand = begun().await;
    let mut listener = listen(&stand, "", None).await;
    assert_eq!(listener.heard(), []);
    for _ in 0..3 {
        tokio::time::advance(std::time::Duration::from_secs(16)).await;
        let comment = listener.body.next().now_or_never().unwrap().unwrap().unwrap();
        assert_eq!(comment, ":\n\n");
    }
}
