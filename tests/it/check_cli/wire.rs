//! Just enough HTTP for a test to speak to a server, and to stand between a server and its judge.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One message: its head without the empty line, and its body.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// The first line, in its parts: method and target, or version and status.
    fn first(&self, part: usize) -> &str {
        self.head.split_whitespace().nth(part).unwrap_or_default()
    }

    pub(crate) fn method(&self) -> &str {
        self.first(0)
    }

    pub(crate) fn target(&self) -> &str {
        self.first(1)
    }

    pub(crate) fn status(&self) -> u16 {
        self.first(1).parse().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1);
        let mut pairs = lines.filter_map(|line| line.split_once(':'));
        pairs.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn set_json(&mut self, body: &Value) {
        self.body = body.to_string().into_bytes();
    }

    pub(crate) fn set_status(&mut self, status: u16) {
        let rest = self.head.split_once("\r\n").map_or("", |(_, rest)| rest);
        self.head = format!("HTTP/1.1 {status} Edited\r\n{rest}");
    }
}

/// Sends one request on a connection of its own.
pub(crate) async fn send(to: SocketAddr, request: &Message) -> io::Result<Message> {
    let mut stream = TcpStream::connect(to).await?;
    stream.write_all(&framed(request)).await?;
    read(&mut stream).await
}

/// A request by hand, with a key or without.
pub(crate) async fn call(to: SocketAddr, method: &str, target: &str, key: &str, body: &str) -> (u16, Value) {
    let mut head = format!("{method} {target} HTTP/1.1\r\nhost: {to}");
    if !key.is_empty() {
        // LlamaExtract reads no other header.
        let header = if target.starts_with("/api/") { "authorization: Bearer" } else { "x-api-key:" };
        head.push_str(&format!("\r\n{header} {key}"));
    }
    if !body.is_empty() {
        head.push_str("\r\ncontent-type: application/json");
    }
    let request = Message { head, body: body.as_bytes().to_vec() };
    let answer = send(to, &request).await.expect("the server answers");
    (answer.status(), answer.json())
}

/// What a proxy does to what passes through it.
pub(crate) trait Tamper: Send + Sync + 'static {
    /// A request of its own to send before this one.
    fn first(&self, _request: &Message) -> Option<Message> {
        None
    }

    /// How long a request is on its way.
    fn late(&self) -> Duration {
        Duration::ZERO
    }

    /// Changes an answer; `request` is what the client sent.
    fn answer(&self, request: &Message, answer: &mut Message);
}

/// Stands before `server` as long as the test runs.
pub(crate) async fn proxy(server: SocketAddr, tamper: impl Tamper) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    let tamper = Arc::new(tamper);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let tamper = Arc::clone(&tamper);
            tokio::spawn(async move {
                let request = read(&mut client).await?;
                tokio::time::sleep(tamper.late()).await;
                if let Some(first) = tamper.first(&request) {
                    send(server, &first).await?;
                }
                let mut answer = send(server, &request).await?;
                tamper.answer(&request, &mut answer);
                client.write_all(&framed(&answer)).await
            });
        }
    });
    address
}

/// The message as bytes, with a length that fits and nothing after it.
fn framed(message: &Message) -> Vec<u8> {
    let kept = message.head.split("\r\n").filter(|line| {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        !matches!(name.as_str(), "content-length" | "connection" | "transfer-encoding")
    });
    let head = kept.collect::<Vec<_>>().join("\r\n");
    let mut bytes =
        format!("{head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", message.body.len()).into_bytes();
    bytes.extend_from_slice(&message.body);
    bytes
}

async fn read(stream: &mut TcpStream) -> io::Result<Message> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 8192];
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        match stream.read(&mut chunk).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => bytes.extend_from_slice(&chunk[..count]),
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut message = Message { head, body: bytes[end + 4..].to_vec() };
    let length = message.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while message.body.len() < length {
        match stream.read(&mut chunk).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => message.body.extend_from_slice(&chunk[..count]),
        }
    }
    Ok(message)
}
