//! Files that are as large as they may be, larger, or not there to the end. They are sent as they are made, so that
//! nobody holds one.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Method, Request, StatusCode};
use http_body::{Frame, SizeHint};
use mock_server::MockServer;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{BOUNDARY, Client, Remote, V1, id, invoice};
use crate::harness::{Answer, KEY, Stand};

/// The documented limit, in bytes.
const FILE_MAX: usize = 104_857_600;

/// The fields of a form that are no files: their names and what they hold.
type Fields<'a> = &'a [(&'a str, &'a str)];

/// So many zeros between two texts, in pieces.
fn zeros(head: &str, count: usize, tail: &str) -> impl Iterator<Item = io::Result<Bytes>> + use<> {
    static PIECE: [u8; 1 << 20] = [0; 1 << 20];
    let whole = (0..count / PIECE.len()).map(|_| Bytes::from_static(&PIECE));
    let rest = Bytes::from_static(PIECE.split_at(count % PIECE.len()).0);
    let (head, tail) = (Bytes::from(head.to_owned()), Bytes::from(tail.to_owned()));
    std::iter::once(head).chain(whole).chain([rest, tail]).map(Ok)
}

/// A body whose sender is gone after so many zeros.
fn client_gone(head: &str, count: usize) -> Body {
    let gone = io::Error::from(io::ErrorKind::ConnectionReset);
    Body::from_stream(stream::iter(zeros(head, count, "").chain([Err(gone)])))
}

/// A body that says how long it is and never comes.
struct Declared(u64);

impl http_body::Body for Declared {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Pending
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0)
    }
}

/// What a form with a file has before the bytes of that, and what behind them.
fn frame(fields: Fields<'_>, name: &str) -> (String, String) {
    let fields = fields.iter().map(|(name, text)| {
        format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    });
    let head = format!(
        "{}--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"zeros.bin\"\r\n\r\n",
        fields.collect::<String>()
    );
    (head, format!("\r\n--{BOUNDARY}--\r\n"))
}

async fn fill(client: Client<'_>, path: &str, body: Body) -> Answer {
    let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
    client.send(Method::POST, path, Some(&media_type), body).await
}

async fn put(stand: &Stand, path: &str, body: Body) -> Answer {
    stand.send(Request::put(path).body(body).unwrap()).await
}

/// Announces a file, and returns its id and the path that its bytes are to be sent to.
async fn announced(client: Client<'_>) -> (String, String) {
    let presigned = client.put("/api/v1/files", json!({ "name": "zeros.bin" })).await.ok(StatusCode::OK);
    let url = presigned["url"].as_str().unwrap();
    let path = url.strip_prefix("http://127.0.0.1:4010").unwrap_or_else(|| panic!("{url} is not ours"));
    (presigned["file_id"].as_str().unwrap().to_owned(), path.to_owned())
}

#[tokio::test]
async fn a_file_of_the_largest_size_is_taken() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let (file, to) = announced(client).await;
    let sent = put(&stand, &to, Body::from_stream(stream::iter(zeros("", FILE_MAX, "")))).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.text);
    assert_eq!(client.read(&format!("/api/v1/files/{file}")).await["file_size"], FILE_MAX);
    assert_eq!(stand.kept(), FILE_MAX as u64);
    client.delete(&format!("/api/v1/files/{file}")).await.bare();
    assert_eq!(stand.kept(), 0, "what is deleted gives its place back");
}

#[tokio::test]
async fn one_byte_more_is_too_large_and_leaves_nothing_behind() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let (head, tail) = frame(&[], "upload_file");
    let body = Body::from_stream(stream::iter(zeros(&head, FILE_MAX + 1, &tail)));
    let said = fill(client, "/api/v1/files", body).await.detail(StatusCode::PAYLOAD_TOO_LARGE);
    assert!(said.contains("104857600"), "{said}");
    assert_eq!((stand.kept(), client.read("/api/v1/files").await), (0, json!([])));
}

#[tokio::test]
async fn what_says_that_it_is_too_large_is_not_waited_for() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let (_, to) = announced(client).await;
    let declared = || Body::new(Declared(FILE_MAX as u64 * 2));
    let _ = put(&stand, &to, declared()).await.detail(StatusCode::PAYLOAD_TOO_LARGE);
    let _ = fill(client, "/api/v1/files", declared()).await.detail(StatusCode::PAYLOAD_TOO_LARGE);
    let announced = json!({ "name": "a.bin", "file_size": FILE_MAX + 1 });
    let said = client.put("/api/v1/files", announced).await.detail(StatusCode::PAYLOAD_TOO_LARGE);
    assert!(said.contains("104857600"), "{said}");
    // The address is as good as before.
    assert_eq!(put(&stand, &to, Body::from("x")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_upload_that_is_cut_off_leaves_nothing_behind() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let (file, to) = announced(client).await;
    let agent = client.agent("invoices", &invoice(), json!({})).await;
    let job = format!("{V1}/jobs/file");
    let forms: [(&str, Fields<'_>, &str); 3] = [
        ("/api/v1/files", &[], "upload_file"),
        ("/api/v1/beta/files", &[("purpose", "extract")], "file"),
        (&job, &[("extraction_agent_id", &agent)], "file"),
    ];
    for (path, fields, name) in forms {
        let (head, _) = frame(fields, name);
        let cut = client_gone(&head, 3 << 20);
        let said = fill(client, path, cut).await.detail(StatusCode::BAD_REQUEST);
        assert!(said.contains("incomplete"), "{path}: {said}");
        // A form that just ends is no better.
        let ended = fill(client, path, Body::from_stream(stream::iter(zeros(&head, 3 << 20, "")))).await;
        assert!(ended.status.is_client_error(), "{path}: {}", ended.text);
    }
    let said = put(&stand, &to, client_gone("", 3 << 20)).await.detail(StatusCode::BAD_REQUEST);
    assert!(said.contains("incomplete"), "{said}");
    assert_eq!(stand.kept(), 0);
    let files = client.read("/api/v1/files").await;
    assert_eq!(files.as_array().map(Vec::len), Some(1), "the announced one alone: {files}");
    assert_eq!(client.read(&format!("{V1}/jobs?extraction_agent_id={agent}")).await, json!([]));
    assert_eq!(put(&stand, &to, Body::from("whole")).await.status, StatusCode::OK);
    assert_eq!(client.read(&format!("/api/v1/files/{file}")).await["file_size"], 5);
}

#[tokio::test]
async fn of_two_uploads_to_one_address_the_first_that_is_whole_counts() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let (file, to) = announced(client).await;
    let (go_on, held) = tokio::sync::oneshot::channel::<()>();
    let rest = stream::once(async move {
        held.await.ok();
        Ok(Bytes::from_static(b"late"))
    });
    let slow = stream::iter(zeros("", 2 << 20, "")).chain(rest);
    let (slow, fast) = (put(&stand, &to, Body::from_stream(slow)), async {
        let sent = put(&stand, &to, Body::from("fast")).await;
        go_on.send(()).ok();
        sent
    });
    let (slow, fast) = tokio::join!(slow, fast);
    assert_eq!(fast.status, StatusCode::OK, "{}", fast.text);
    let said = slow.detail(StatusCode::FORBIDDEN);
    assert!(said.contains("used"), "{said}");
    assert_eq!(client.read(&format!("/api/v1/files/{file}")).await["file_size"], 4);
    assert_eq!(stand.kept(), 4);
}

#[tokio::test]
async fn deleted_files_give_their_place_back_whichever_way_they_came() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let text = "x".repeat(1_000);
    let first = client.file("a.txt", &text).await;
    let beta = [("purpose", None, "extract"), ("file", Some("b.txt"), &*text)];
    let second = id(&client.fill("/api/v1/beta/files", &beta).await.ok(StatusCode::CREATED));
    let (third, to) = announced(client).await;
    assert_eq!(put(&stand, &to, Body::from(text.clone())).await.status, StatusCode::OK);
    let agent = client.agent("invoices", &invoice(), json!({})).await;
    let job = client.job(&agent, &first).await;
    assert_eq!(stand.kept(), 3_000);
    for (deleted, left) in [(first, 2_000), (second, 1_000), (third, 0)] {
        client.delete(&format!("/api/v1/beta/files/{deleted}")).await.bare();
        assert_eq!(stand.kept(), left);
    }
    client.wait().await;
    assert_eq!(client.run(V1, &job).await["status"], "SUCCESS", "an extraction keeps no file");
}

#[tokio::test]
async fn a_client_that_hangs_up_in_the_middle_leaves_nothing_behind() {
    let server = MockServer::builder().strict().start().await.unwrap();
    let remote = Remote::of(&server);
    let announced = json!({ "name": "zeros.bin" });
    let presigned = remote.done(Method::PUT, "/api/v1/files", Some(announced)).await;
    let url: url::Url = presigned["url"].as_str().unwrap().parse().unwrap();
    let (head, _) = frame(&[], "upload_file");
    let form =
        format!("POST /api/v1/files HTTP/1.1\r\ncontent-type: multipart/form-data; boundary={BOUNDARY}\r\n");
    for (start, body) in [(form, head), (format!("PUT {} HTTP/1.1\r\n", url.path()), String::new())] {
        let mut socket = TcpStream::connect(server.address()).await.unwrap();
        let start = format!(
            "{start}host: localhost\r\nauthorization: Bearer {KEY}\r\ncontent-length: 4000000\r\n\r\n{body}"
        );
        socket.write_all(start.as_bytes()).await.unwrap();
        socket.write_all(&[0; 2 << 20]).await.unwrap();
        drop(socket);
    }
    // What was cut off is written down when the server has noticed.
    let noticed = async {
        loop {
            let requests = server.world(KEY).requests().await.unwrap();
            if requests.iter().filter(|request| request["status"] == 400).count() == 2 {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), noticed).await.unwrap();
    let files = remote.done(Method::GET, "/api/v1/files", None).await;
    assert_eq!((files.as_array().map(Vec::len), &files[0]["file_size"]), (Some(1), &Value::Null), "{files}");
    let sent = remote.http.put(url).body("whole").send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::OK, "the address is as good as before");
}
