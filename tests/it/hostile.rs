//! What a socket can throw at the server: it answers or closes, lives, and gives its memory back.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};

use crate::program::{Server, client};

const PATIENCE: Duration = Duration::from_secs(20);

/// Sends bytes as they are and returns what comes back until the server closes.
fn shout(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    // The server may stop reading once it has heard enough.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

async fn lives(server: &Server) {
    let health = client().get(server.url("/_rehearsal/health")).send().await.unwrap();
    assert!(health.status().is_success());
}

#[tokio::test]
async fn what_is_no_http_ends_the_connection_and_not_the_server() {
    let server = Server::start(&[]);
    let headers = |count: usize, size: usize| {
        let lines: String = (0..count).map(|index| format!("x-{index}: {}\r\n", "a".repeat(size))).collect();
        format!("GET /v2/crawl HTTP/1.1\r\nhost: x\r\n{lines}\r\n")
    };
    for (bytes, expected) in [
        (b"\x00\x01\x02\x03\r\n\r\n".to_vec(), "HTTP/1.1 400"),
        (b"GET\r\n\r\n".to_vec(), "HTTP/1.1 400"),
        (headers(100_000, 8).into_bytes(), "HTTP/1.1 431"),
        (headers(1, 1_000_000).into_bytes(), "HTTP/1.1 431"),
        (format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(100_000)).into_bytes(), "HTTP/1.1 414"),
    ] {
        let answer = shout(&server, &bytes);
        assert!(
            answer.starts_with(expected),
            "{answer:?} to {:?}",
            String::from_utf8_lossy(&bytes[..20.min(bytes.len())])
        );
        lives(&server).await;
    }
}

#[tokio::test]
async fn every_refused_upload_is_answered_before_the_connection_ends() {
    let server = Server::start(&[]);
    let body = "x".repeat(10 * 1024 * 1024);
    for (key, expected) in [("test-a", "HTTP/1.1 413"), ("invalid-a", "HTTP/1.1 401")] {
        for _ in 0..20 {
            let head = format!(
                "POST /v2/crawl HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let answer = shout(&server, format!("{head}{body}").as_bytes());
            assert!(answer.starts_with(expected), "{answer:?}");
        }
    }
    lives(&server).await;
}

#[tokio::test]
async fn an_upload_that_never_ends_whole_is_refused() {
    let server = Server::start(&[]);
    let answer = shout(
        &server,
        b"POST /v2/crawl HTTP/1.1\r\nhost: x\r\nx-api-key: test-a\r\ncontent-length: 100\r\n\r\n{\"url\":",
    );
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    lives(&server).await;
}

#[tokio::test]
async fn an_upload_nobody_wants_is_answered_too() {
    let server = Server::start(&[]);
    let body = "x".repeat(20 * 1024 * 1024);
    for (target, headers, expected) in [
        ("/v1/extract", "", "HTTP/1.1 404"),
        ("/_rehearsal/nope", "", "HTTP/1.1 404"),
        ("/_rehearsal/health", "", "HTTP/1.1 405"),
        ("/_rehearsal/reset", "origin: http://example.com\r\n", "HTTP/1.1 403"),
    ] {
        let head = format!(
            "POST {target} HTTP/1.1\r\nhost: localhost\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        let request = format!("{head}{body}").into_bytes();
        for _ in 0..10 {
            let mut stream = TcpStream::connect(server.address).unwrap();
            stream.set_write_timeout(Some(PATIENCE)).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.write_all(&request).expect("all of it is taken");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with(expected), "{target}: {answer:?}");
        }
    }
    lives(&server).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn memory_returns_after_large_requests() {
    let server = Server::start(&[]);
    let client = client();
    let upload = async |count: usize| {
        for _ in 0..count {
            let body = json!({ "url": "x".repeat(10 * 1024 * 1024) }).to_string();
            let answer = client.post(server.url("/v2/crawl")).header("x-api-key", "test-a").body(body);
            assert_eq!(answer.send().await.unwrap().status(), 413);
        }
    };
    upload(5).await;
    let before = server.resident_kib();
    upload(30).await;
    let after = server.resident_kib();
    assert!(after < before + 20 * 1024, "{before} KiB before, {after} KiB after thirty uploads of 10 MiB");
}

#[tokio::test]
async fn refusals_stay_in_the_envelope_over_the_wire() {
    let server = Server::start(&[]);
    let post = async |body: Vec<u8>| -> (u16, Value) {
        let request = client().post(server.url("/v2/crawl")).header("x-api-key", "test-a").body(body);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    };
    let nested = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000)).into_bytes();
    let long = json!({ "url": format!("https://a.com/{}", "a".repeat(100_000)) }).to_string().into_bytes();
    for body in [b"{".to_vec(), b"\xff\xfe".to_vec(), b"{\"url\": 7}".to_vec(), nested, long] {
        let (status, body) = post(body).await;
        assert_eq!(status, 400);
        assert!(body["error"]["request_id"].is_string(), "{body}");
    }
}
