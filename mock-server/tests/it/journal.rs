//! Reading the journal: pages, gaps, filters and streams.

use axum::body::Body;
use futures_util::FutureExt;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use mock_server::journal::CAPACITY;
use mock_server::scenario::Scenario;
use mock_server::server::{Config, serve};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::{KEY, Stand, template};

fn numbers(list: &Value) -> Vec<u64> {
    list["requests"].as_array().unwrap().iter().map(|entry| entry["number"].as_u64().unwrap()).collect()
}

async fn found(stand: &Stand, query: &str) -> Vec<u64> {
    numbers(&stand.get(&format!("/_rehearsal/requests?{query}")).await.ok(StatusCode::OK))
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Sends so much that the journal cannot hold it. Returns how many requests.
async fn overflow(stand: &Stand) -> u64 {
    let long = "x".repeat(20_000);
    for _ in 0..300 {
        let answer = stand.post("/v2/crawl", json!({ "urlx": long })).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
    300
}

#[tokio::test]
async fn a_full_journal_stays_within_its_capacity_and_marks_the_gap() {
    let stand = Stand::new();
    let sent = overflow(&stand).await;
    let list = stand.get("/_rehearsal/requests?limit=1000").await;
    assert!(list.text.len() < CAPACITY * 2);
    let list = list.ok(StatusCode::OK);
    let kept = numbers(&list);
    let to = kept[0] - 1;
    assert!(to > 0 && kept.last() == Some(&sent));
    assert_eq!(kept, (to + 1..=sent).collect::<Vec<_>>());
    assert_eq!(list["gap"], json!({ "from": 1, "to": to }));
    assert_eq!(
        (&list["dropped"], &list["received"], &list["next"]),
        (&json!(to), &json!(sent), &Value::Null)
    );

    let later = stand.get(&format!("/_rehearsal/requests?after={to}&limit=1")).await.ok(StatusCode::OK);
    assert_eq!((&later["gap"], &later["next"]), (&Value::Null, &json!(to + 1)));
    let within = stand.get("/_rehearsal/requests?after=5&limit=1").await.ok(StatusCode::OK);
    assert_eq!(within["gap"], json!({ "from": 6, "to": to }));

    let _ = stand.delete("/_rehearsal/requests").await;
    let cleared = stand.get("/_rehearsal/requests").await.ok(StatusCode::OK);
    assert_eq!((&cleared["gap"], &cleared["dropped"]), (&Value::Null, &json!(0)));
    let _ = stand.get("/v2/usage").await;
    assert_eq!(found(&stand, "").await, [sent + 1]);
}

/// A journal with one request of each sort, and the run that was created.
async fn mixed() -> (Stand, String) {
    let stand = Stand::with(
        "version: 1\nfaults:\n  - { id: gone, match: { operation: catalog.crawl.get }, when: { nth: 2 }, respond: \
         { status: 503 } }\n  - { id: lost-create, match: { operation: catalog.extract.create }, phase: after, \
         respond: { status: 500 } }\n",
    );
    let run = stand.create("/v2/crawl", json!({ "url": "skims.com" })).await;
    let _ = stand.get(&format!("/v2/crawl/{run}")).await;
    let _ = stand.get(&format!("/catalog/v2/crawl/{run}")).await;
    let _ = stand.post("/v2/extract", json!({ "urls": ["https://skims.com/products/a"] })).await;
    stand.advance("1h").await;
    let _ = stand.post("/v2/agentic-search", json!({ "quary": "x" })).await;
    let _ = stand.delete("/v2/nothing").await;
    (stand, run)
}

#[tokio::test]
async fn requests_are_found_by_what_they_were_and_what_became_of_them() {
    let (stand, run) = mixed().await;
    for (query, expected) in [
        ("operation=catalog.crawl.*", &[1, 2, 3][..]),
        ("operation=*.create", &[1, 4, 5]),
        ("method=delete", &[6]),
        ("method=POST", &[1, 4, 5]),
        ("status=202", &[1]),
        ("status=5xx", &[3, 4]),
        ("status=4xx&method=POST", &[5]),
        ("status=none", &[]),
        ("fault=gone", &[3]),
        ("fault=gon", &[]),
        ("kind=crawl", &[1, 2, 3]),
        ("kind=extract", &[4]),
        ("kind=search", &[5]),
        ("violations=true", &[5]),
        ("violations=false&kind=search", &[]),
        ("lost=true", &[4]),
        ("lost=false&method=GET", &[2, 3]),
        ("since=2026-01-15T11:30:00Z", &[5, 6]),
        ("since=2026-01-15T11:30:00.001Z", &[]),
        ("status=5xx&after=3", &[4]),
    ] {
        assert_eq!(found(&stand, query).await, expected, "{query}");
    }
    // The third did not reach the run, but named it.
    assert_eq!(found(&stand, &format!("run={run}")).await, [1, 2, 3]);
    assert_eq!(found(&stand, "run=crawl-x").await, [0; 0]);
}

#[tokio::test]
async fn a_filtered_list_goes_on_where_it_stopped_looking() {
    let (stand, _) = mixed().await;
    let mut after = json!(0);
    let mut seen = Vec::new();
    let mut looked_at = 0;
    while !after.is_null() {
        let page = stand.get(&format!("/_rehearsal/requests?method=POST&limit=1&after={after}")).await;
        let page = page.ok(StatusCode::OK);
        seen.extend(numbers(&page));
        looked_at += page["looked_at"].as_u64().unwrap();
        after = page["next"].clone();
    }
    assert_eq!((seen, looked_at), (vec![1, 4, 5], 6));
}

#[tokio::test]
async fn a_page_looks_at_so_many_requests_and_no_more() {
    let stand = Stand::new();
    for _ in 0..10_500 {
        let _ = stand.get("/v2/x").await;
    }
    let page = stand.get("/_rehearsal/requests?status=2xx").await.ok(StatusCode::OK);
    let looked_at = page["looked_at"].as_u64().unwrap();
    assert!((10_000..10_500).contains(&looked_at), "{looked_at}");
    assert_eq!((numbers(&page), &page["next"], &page["gap"]), (vec![], &json!(looked_at), &Value::Null));
    let rest =
        stand.get(&format!("/_rehearsal/requests?status=2xx&after={looked_at}")).await.ok(StatusCode::OK);
    assert_eq!((&rest["looked_at"], &rest["next"]), (&json!(10_500 - looked_at), &Value::Null));
}

#[tokio::test]
async fn a_wrong_filter_is_refused_with_what_would_be_right() {
    let stand = Stand::new();
    let _ = stand.get("/v2/usage").await;
    let mut said = String::new();
    for query in [
        "operation=catalog.crawl.gett",
        "operation=zzz",
        "method=FETCH",
        "status=99",
        "status=2x",
        "status=600",
        "kind=crawls",
        "violations=yes",
        "lost=1",
        "since=yesterday",
        "after=-1",
        "limit=many",
        "format=xml",
        "follow=true",
        "opration=x",
    ] {
        let refused = stand.get(&format!("/_rehearsal/requests?{query}")).await.ok(StatusCode::BAD_REQUEST);
        assert_eq!(refused["error"]["code"], "invalid_query", "{query}");
        said.push_str(&format!("{query}\n    {}\n", refused["error"]["message"].as_str().unwrap()));
    }
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn lines_hold_what_pages_hold() {
    let (stand, _) = mixed().await;
    let list = stand.get("/_rehearsal/requests").await.ok(StatusCode::OK);
    let streamed = stand.get("/_rehearsal/requests?format=ndjson").await;
    assert_eq!(streamed.headers["content-type"], "application/x-ndjson");
    assert_eq!(json!(lines(&streamed.text)), list["requests"]);

    let request =
        Request::builder().uri("/_rehearsal/requests?method=POST&after=1").header("host", "localhost");
    let request = request.header("x-api-key", KEY).header("accept", "text/html, Application/X-NDJSON;q=0.9");
    let accepted = stand.send(request.body(Body::empty()).unwrap()).await;
    let seen: Vec<Value> = lines(&accepted.text).iter().map(|line| line["number"].clone()).collect();
    assert_eq!(seen, [4, 5]);
    assert_eq!(lines(&stand.get("/_rehearsal/requests?format=ndjson&limit=2").await.text).len(), 2);
}

#[tokio::test]
async fn a_stream_names_the_gap_first() {
    let stand = Stand::new();
    let sent = overflow(&stand).await;
    let text = stand.get("/_rehearsal/requests?format=ndjson&after=2").await.text;
    let lines = lines(&text);
    let to = lines[0]["gap"]["to"].as_u64().unwrap();
    assert_eq!(lines[0], json!({ "gap": { "from": 3, "to": to } }));
    let seen: Vec<u64> = lines[1..].iter().map(|line| line["number"].as_u64().unwrap()).collect();
    assert_eq!(seen, (to + 1..=sent).collect::<Vec<_>>());
}

/// A stream that is followed.
struct Followed(Body);

impl Followed {
    async fn open(stand: &Stand, query: &str) -> Self {
        let target = format!("/_rehearsal/requests?format=ndjson&follow=true&{query}");
        let request = Request::builder().uri(target).header("host", "localhost").header("x-api-key", KEY);
        let response = stand.open(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::OK);
        Self(response.into_body())
    }

    /// The lines that are there: `None` if it has to be waited for more.
    fn now(&mut self) -> Option<Vec<Value>> {
        let frame = self.0.frame().now_or_never()?;
        let bytes = frame.expect("the stream goes on").unwrap().into_data().unwrap();
        Some(lines(std::str::from_utf8(&bytes).unwrap()))
    }

    fn has_ended(&mut self) -> bool {
        matches!(self.0.frame().now_or_never(), Some(None))
    }
}

#[tokio::test]
async fn a_stream_that_is_followed_shows_what_comes() {
    let stand = Stand::new();
    let _ = stand.get("/v2/usage").await;
    let mut stream = Followed::open(&stand, "method=GET").await;
    assert_eq!(stream.now().unwrap()[0]["number"], 1);
    assert!(stream.now().is_none());

    let _ = stand.post("/v2/crawl", json!({ "url": "skims.com" })).await;
    assert!(stream.now().is_none(), "it was not asked for");
    let _ = stand.get("/v2/usage").await;
    let _ = stand.get("/v2/crawl").await;
    let more = stream.now().unwrap();
    assert_eq!((more.len(), &more[0]["number"], &more[1]["number"]), (2, &json!(3), &json!(4)));

    let _ = stand.delete("/_rehearsal/requests").await;
    assert!(stream.now().is_none());
    let _ = stand.get("/v2/usage").await;
    assert_eq!(stream.now().unwrap()[0]["number"], 5);
}

#[tokio::test]
async fn a_stream_says_that_the_numbers_begin_again_and_ends_with_its_world() {
    let stand = Stand::new();
    for _ in 0..3 {
        let _ = stand.get("/v2/usage").await;
    }
    let mut stream = Followed::open(&stand, "after=3").await;
    assert!(stream.now().is_none());
    let reset = stand.call(KEY, Method::POST, &format!("/_rehearsal/reset?key={KEY}"), None).await;
    assert_eq!(reset.status, StatusCode::OK);
    assert_eq!(stream.now().unwrap(), [json!({ "reset": true })]);
    let _ = stand.get("/v2/usage").await;
    assert_eq!(stream.now().unwrap()[0]["number"], 1);

    assert!(stream.now().is_none());
    let _ = stand.delete(&format!("/_rehearsal/worlds/{KEY}")).await;
    assert!(stream.has_ended());
}

#[tokio::test]
async fn the_end_of_the_server_ends_a_stream_and_cuts_nothing_off() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let template = template(Scenario::default());
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, Config::new(template), async { drop(ended.await) }));
    let request = |target: &str, more: &str| {
        format!("GET {target} HTTP/1.1\r\nhost: localhost\r\nx-api-key: test-a\r\n{more}\r\n").into_bytes()
    };
    let mut other = TcpStream::connect(address).await.unwrap();
    other.write_all(&request("/v2/usage", "connection: close\r\n")).await.unwrap();
    other.read_to_end(&mut Vec::new()).await.unwrap();

    let mut follower = TcpStream::connect(address).await.unwrap();
    follower.write_all(&request("/_rehearsal/requests?format=ndjson&follow=true", "")).await.unwrap();
    let mut text = String::new();
    while !text.contains("\"number\":1") {
        let mut some = [0; 4096];
        let read = follower.read(&mut some).await.unwrap();
        text.push_str(std::str::from_utf8(&some[..read]).unwrap());
    }
    end.send(()).unwrap();
    assert_eq!(server.await.unwrap().cut, 0);
    let mut rest = String::new();
    follower.read_to_string(&mut rest).await.unwrap();
    assert!(rest.ends_with("0\r\n\r\n"), "the stream is whole: {rest:?}");
}

#[tokio::test]
async fn refused_requests_are_listed_filtered_and_streamed_too() {
    let stand = Stand::new();
    let _ = stand.call("invalid-1", Method::GET, "/v2/crawl", None).await;
    let _ = stand.call("forbidden-1", Method::GET, "/v2/usage", None).await;
    let refused = "key=(refused)";
    assert_eq!(found(&stand, &format!("{refused}&status=401")).await, [1]);
    assert_eq!(found(&stand, &format!("{refused}&operation=catalog.usage.*")).await, [2]);
    let text = stand.get(&format!("/_rehearsal/requests?{refused}&format=ndjson")).await.text;
    assert_eq!(lines(&text).len(), 2);
}

#[tokio::test]
async fn a_client_that_leaves_while_it_waits_is_journaled_without_a_status() {
    let slow = |phase: &str| {
        Stand::with(&format!(
            "version: 1\nfaults: [ {{ id: slow, match: {{ operation: catalog.crawl.create }}, phase: {phase}, delay: 10m }} ]\n"
        ))
    };
    for (phase, lost) in [("after", true), ("before", false)] {
        let stand = slow(phase);
        assert!(stand.post("/v2/crawl", json!({ "url": "skims.com" })).now_or_never().is_none(), "it waits");
        let list = stand.get("/_rehearsal/requests?status=none").await.ok(StatusCode::OK);
        let entry = &list["requests"][0];
        assert_eq!(
            (&entry["status"], &entry["lost"], &entry["began"]),
            (&Value::Null, &json!(lost), &json!(lost))
        );
        assert_eq!(entry["faults"][0]["id"], "slow");
        let runs = stand.get("/_rehearsal/runs").await.ok(StatusCode::OK);
        assert_eq!(runs["total"], u64::from(lost));
    }
}
