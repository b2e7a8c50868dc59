//! What a connection may take of the server, over real sockets. Waiting is reading until the server closes.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::clock::Mode;
use crate::scenario::Scenario;
use crate::seed::Seed;
use crate::world::registry::SeedChoice;

mod listeners;
mod streams;

const IDLE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(20);
const HEALTH: &[u8] = b"GET /_rehearsal/health HTTP/1.1\r\nhost: localhost\r\n\r\n";
const LARGE: &str = "GET /_rehearsal/contracts/catalog/v2.yaml HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// A server for one connection at a time, which may be idle for [`IDLE`] only.
async fn strict_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let template = Template {
        seed: SeedChoice::Given(Seed(7)),
        mode: Some(Mode::Manual),
        start: None,
        scenario: Scenario::default().into(),
    };
    let limits = Limits { connections: 1, head: IDLE * 10, idle: IDLE, ping: IDLE / 4 };
    let config = Config { limits, ..Config::new(template) };
    tokio::spawn(serve(listener, config, std::future::pending()));
    address
}

/// Sends bytes, keeps the connection open, and returns what comes back until the server closes it.
async fn heard(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // It may be a reset.
    drop(tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the server closes"));
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_client_that_sends_nothing_more_makes_room_for_others() {
    let address = strict_server().await;
    for (bytes, expected) in [
        (&b""[..], ""),
        (b"PRI * HT", ""),
        (b"GET /_rehearsal/he", ""),
        (HEALTH, "HTTP/1.1 200"),
        (b"POST /v2/crawl HTTP/1.1\r\nhost: x\r\nx-api-key: a\r\ncontent-length: 9\r\n\r\n{", "HTTP/1.1 400"),
        (b"POST /v2/extract HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{", "HTTP/1.1 401"),
        (b"POST /nowhere HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{", "HTTP/1.1 404"),
        (b"PUT /_rehearsal/health HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n{", "HTTP/1.1 405"),
    ] {
        let answer = heard(address, bytes).await;
        assert!(answer.starts_with(expected), "{answer}");
        assert_eq!(answer.is_empty(), expected.is_empty(), "{answer}");
    }
}

#[tokio::test]
async fn an_http2_client_that_does_not_say_it_is_there_is_left() {
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    heard(strict_server().await, &[b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &settings[..]].concat()).await;
}

#[tokio::test]
async fn a_client_that_does_not_read_makes_room_for_others() {
    let address = strict_server().await;
    let mut deaf = TcpStream::connect(address).await.unwrap();
    deaf.write_all(LARGE.repeat(200).as_bytes()).await.unwrap();
    let answer = heard(address, HEALTH).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_client_that_waits_for_its_answer_is_not_idle() {
    let address = strict_server().await;
    let body = r#"{"url": "skims.com"}"#;
    let create = format!(
        "POST /v2/crawl HTTP/1.1\r\nhost: x\r\nx-api-key: a\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let created = heard(address, create.as_bytes()).await;
    let run = created.split("\"execution_id\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let body = r#"{"timeout": "1s"}"#;
    let wait = format!(
        "POST /_rehearsal/runs/{run}/wait HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    assert!(IDLE * 5 < Duration::from_secs(1));
    let answer = heard(address, wait.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
}

#[tokio::test]
async fn a_connection_is_idle_only_while_nothing_is_being_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    let activity = activity::Activity::new(&std::sync::Arc::default());
    let mut connection =
        connection::FaultIo::new(std::sync::Arc::new(stream), std::sync::Arc::clone(&activity), IDLE)
            .unwrap();

    let answering = activity::Answering::new(&activity);
    let waited = tokio::time::timeout(IDLE * 3, connection.read_u8()).await;
    assert!(waited.is_err(), "{waited:?}");
    drop(answering);
    let ended = connection.read_u8().await.unwrap_err();
    assert_eq!(ended.kind(), std::io::ErrorKind::TimedOut);
}

#[tokio::test]
async fn the_largest_upload_with_a_bad_key_gets_its_answer() {
    const LENGTH: usize = 100 * 1024 * 1024;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let template = Template {
        seed: SeedChoice::Given(Seed(7)),
        mode: Some(Mode::Manual),
        start: None,
        scenario: Scenario::default().into(),
    };
    tokio::spawn(serve(listener, Config::new(template), std::future::pending()));
    let head = format!(
        "POST /v2/crawl HTTP/1.1\r\nhost: x\r\nx-api-key: invalid\r\nconnection: close\r\ncontent-length: {LENGTH}\r\n\r\n"
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let piece = vec![b'x'; 1024 * 1024];
    for _ in 0..LENGTH / piece.len() {
        stream.write_all(&piece).await.unwrap();
    }
    let mut answer = String::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer));
    read.await.expect("the server closes").unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
}
