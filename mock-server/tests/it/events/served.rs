//! Listening while time passes by itself, and to a server on a socket.

use std::time::Duration;

use futures_util::StreamExt;
use http::{Method, StatusCode};
use mock_server::scenario::Scenario;
use mock_server::server::{Config, Ended, GRACE, serve};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::{begun, control, listen, short};
use crate::harness::template;

#[tokio::test]
async fn a_run_that_ends_as_time_passes_is_told_though_nobody_asks() {
    let stand = begun().await;
    let scaled = json!({"mode": "scaled", "rate": 10_000});
    assert_eq!(control(&stand, Method::PATCH, "/clock", scaled).await, StatusCode::OK);
    let mut listener = listen(&stand, "&kind=run", None).await;
    stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let mut told = Vec::new();
    while told.len() < 2 {
        told.extend(short(&listener.heard()));
        let piece = timeout(Duration::from_secs(10), listener.body.next());
        if told.len() < 2 {
            let piece = piece.await.expect("the world's next event comes by itself").unwrap().unwrap();
            listener.text.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }
    assert_eq!(told, ["run created", "run ended completed"]);
}

#[tokio::test]
async fn a_server_that_ends_does_not_wait_for_listeners_nor_cut_them_off() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let template = template(Scenario::default());
    let (end, ending) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, Config::new(template), async { drop(ending.await) }));
    let mut client = TcpStream::connect(address).await.unwrap();
    let mut idle = TcpStream::connect(address).await.unwrap();
    let ask = |target: &str| format!("GET {target} HTTP/1.1\r\nhost: localhost\r\nx-api-key: test-a\r\n\r\n");
    client.write_all(ask("/v2/usage").as_bytes()).await.unwrap();
    let mut text = Vec::new();
    read_until(&mut client, &mut text, b"}").await;
    client.write_all(ask("/_rehearsal/metrics").as_bytes()).await.unwrap();
    read_until(&mut client, &mut text, b"# EOF").await;
    read_until(&mut client, &mut text, b"\nrehearsal_connections 2\n").await;
    idle.shutdown().await.unwrap();
    client.write_all(ask("/_rehearsal/events?after=start").as_bytes()).await.unwrap();
    read_until(&mut client, &mut text, b"event: request\n").await;
    end.send(()).unwrap();
    let ended = timeout(GRACE, server).await.expect("it does not use up its grace").unwrap();
    assert_eq!(ended, Ended { cut: 0 });
    client.read_to_end(&mut text).await.unwrap();
    assert!(text.ends_with(b"\r\n0\r\n\r\n"), "the stream has an end: {}", String::from_utf8_lossy(&text));
}

async fn read_until(client: &mut TcpStream, text: &mut Vec<u8>, what: &[u8]) {
    while !text.windows(what.len()).any(|window| window == what) {
        assert!(client.read_buf(text).await.unwrap() > 0, "{}", String::from_utf8_lossy(text));
    }
}
