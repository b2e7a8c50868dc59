//! Servers that are no API at all. A suite that passes one of them shows nothing.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Serialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

use super::trial::options;
use crate::profile::Profile;
use crate::run::{Options, run};
use crate::target::Target;
use crate::verdict::ExitCode;

/// What such a server does with every connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It gives one answer: status, content type, further headers, body.
    Always(u16, &'static str, &'static str, &'static str),
    /// It reads and never answers.
    Hang,
    /// It hangs up.
    Close,
    /// It hangs up so that the caller's system says "reset".
    Reset,
    /// Its answer is a gigabyte.
    Flood,
    /// Its answer comes byte by byte and never ends.
    Drip,
}

/// A server that is no API.
#[derive(Debug, Clone, Copy)]
pub struct Hopeless {
    /// Stable name.
    pub id: &'static str,
    /// What it does.
    pub manner: Manner,
    /// What a run against it has to say, among other things.
    pub says: &'static str,
}

impl Hopeless {
    /// What to say when the harness itself broke.
    pub fn broke(&self, reason: String) -> Outcome {
        Outcome { id: self.id, exit_code: ExitCode::Harness.code(), said: String::new(), wrong: Some(reason) }
    }
}

const JSON: &str = "application/json";

/// Every such server, from the most obliging to the most obstructive.
pub const ALL: &[Hopeless] = &[
    of("empty-object", Manner::Always(200, JSON, "", "{}"), "the target started no run"),
    of("empty-list", Manner::Always(200, JSON, "", "[]"), "the target started no run"),
    of("null", Manner::Always(200, JSON, "", "null"), "the target started no run"),
    of("no-content", Manner::Always(204, "", "", ""), "the target started no run"),
    of("web-site", Manner::Always(200, "text/html", "", "<!doctype html>"), "the target started no run"),
    of("redirect-loop", Manner::Always(302, JSON, "location: /v2/crawl\r\n", ""), "its answers were 302"),
    of(
        "unauthorized",
        Manner::Always(401, JSON, "", r#"{"error":"Invalid API key","status":401}"#),
        "it refused the key",
    ),
    of(
        "not-found",
        Manner::Always(404, JSON, "", r#"{"error":{"code":"NOT_FOUND","message":"no"}}"#),
        "its answers were 404",
    ),
    of("too-busy", Manner::Always(429, JSON, "retry-after: 0\r\n", "{}"), "answered 429 to the same request"),
    of("out-of-order", Manner::Always(500, JSON, "", "{}"), "its answers were 500"),
    of("hang", Manner::Hang, "no complete answer within"),
    of("close", Manner::Close, "does not answer"),
    of("reset", Manner::Reset, "does not answer"),
    of("flood", Manner::Flood, "longer than"),
    of("drip", Manner::Drip, "no complete answer within"),
];

const fn of(id: &'static str, manner: Manner, says: &'static str) -> Hopeless {
    Hopeless { id, manner, says }
}

/// What a run against one of them came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Which server.
    pub id: &'static str,
    /// What the run exited with.
    pub exit_code: u8,
    /// What it said.
    pub said: String,
    /// What is wrong with that, if anything is.
    pub wrong: Option<String>,
}

/// The longest a run against one of them may take, which is also how long one request is waited for.
const PATIENCE: Duration = Duration::from_millis(600);

/// Runs the suite against `hopeless`, over a socket.
///
/// # Errors
///
/// When there is no socket to be had.
pub async fn judge(profile: &'static Profile, hopeless: Hopeless) -> Result<Outcome, String> {
    let (address, server) = serve(hopeless.manner).await.map_err(|error| error.to_string())?;
    let prepared = options(profile, 0).map_err(|error| error.to_string())?;
    let target = Target::parse(&format!("http://{address}")).map_err(|error| error.to_string())?;
    let waits = matches!(hopeless.manner, Manner::Hang | Manner::Drip);
    let timeout = if waits { PATIENCE } else { prepared.timeout };
    let outcome = run(&Options { target, timeout, ..prepared }, std::future::pending()).await;
    server.abort();
    let (exit_code, said) = match outcome {
        Ok(report) => (report.exit_code, report.notes.join(" ")),
        Err(error) => (error.exit_code().code(), error.to_string()),
    };
    // The port is a free one, so another every time.
    let said = said.replace(&address.to_string(), "127.0.0.1");
    let wrong = match exit_code {
        1 | 3 if said.contains(hopeless.says) => None,
        1 | 3 => Some(format!("it should say `{}`", hopeless.says)),
        other => Some(format!("it exits with {other}")),
    };
    Ok(Outcome { id: hopeless.id, exit_code, said, wrong })
}

/// Starts such a server on a free port, until it is aborted.
///
/// # Errors
///
/// When there is no port.
pub async fn serve(manner: Manner) -> std::io::Result<(SocketAddr, AbortHandle)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A caller that has seen enough hangs up, which is as it should be.
            tokio::spawn(async move { treat(stream, manner).await.unwrap_or_default() });
        }
    });
    Ok((address, task.abort_handle()))
}

async fn treat(mut stream: TcpStream, manner: Manner) -> std::io::Result<()> {
    match manner {
        Manner::Close => return Ok(()),
        Manner::Reset => {
            stream.set_zero_linger()?;
            return Ok(());
        }
        Manner::Hang => {
            // Ends when the caller hangs up.
            let mut sink = [0; 1024];
            while stream.read(&mut sink).await? > 0 {}
            return Ok(());
        }
        Manner::Always(..) | Manner::Flood | Manner::Drip => {}
    }
    let mut request = Vec::new();
    while read_request(&mut stream, &mut request).await? {
        match manner {
            Manner::Always(status, media, headers, body) => {
                let media =
                    if media.is_empty() { String::new() } else { format!("content-type: {media}\r\n") };
                let length =
                    if status == 204 { String::new() } else { format!("content-length: {}\r\n", body.len()) };
                let answer = format!("HTTP/1.1 {status} Always\r\n{media}{headers}{length}\r\n{body}");
                stream.write_all(answer.as_bytes()).await?;
            }
            Manner::Flood => {
                const GIGABYTE: usize = 1 << 30;
                let head =
                    format!("HTTP/1.1 200 OK\r\ncontent-type: {JSON}\r\ncontent-length: {GIGABYTE}\r\n\r\n");
                stream.write_all(head.as_bytes()).await?;
                let chunk = vec![b' '; 1 << 16];
                for _ in 0..GIGABYTE / chunk.len() {
                    stream.write_all(&chunk).await?;
                }
            }
            Manner::Drip => {
                let head =
                    format!("HTTP/1.1 200 OK\r\ncontent-type: {JSON}\r\ncontent-length: 100000\r\n\r\n");
                stream.write_all(head.as_bytes()).await?;
                loop {
                    stream.write_all(b" ").await?;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
            Manner::Hang | Manner::Close | Manner::Reset => return Ok(()),
        }
    }
    Ok(())
}

/// Reads one request from a connection and leaves what follows in `bytes`; whether there was one.
async fn read_request(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> std::io::Result<bool> {
    let mut chunk = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                bytes.drain(..end + 4 + length);
                return Ok(true);
            }
        }
        match stream.read(&mut chunk).await? {
            0 => return Ok(false),
            count => bytes.extend_from_slice(&chunk[..count]),
        }
    }
}
