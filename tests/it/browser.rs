//! What a page of somebody else can do to a server on this machine, in a real browser. It needs Chromium.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::program::{Server, client};

/// The page. It tries what it can and writes down what came of it.
const PAGE: &str = include_str!("browser/page.html");
/// How many things it tries.
const ATTEMPTS: usize = 15;
/// How long the browser may take.
const PATIENCE: Duration = Duration::from_secs(90);

/// Serves the page, and hands everything else to another server: what a name leads to that is bound to that server once
/// the page has been loaded.
fn pages(behind: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for visitor in listener.incoming().flatten() {
            // A browser opens connections that it may not use.
            thread::spawn(move || drop(visit(visitor, behind)));
        }
    });
    address
}

fn visit(mut visitor: TcpStream, behind: SocketAddr) -> std::io::Result<()> {
    let mut head = vec![0; 16 * 1024];
    let count = visitor.read(&mut head)?;
    head.truncate(count);
    if head.starts_with(b"GET /page") {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            PAGE.len()
        );
        return visitor.write_all(head.as_bytes()).and_then(|()| visitor.write_all(PAGE.as_bytes()));
    }
    let mut server = TcpStream::connect(behind)?;
    server.write_all(&head)?;
    let (mut up, mut down) = (visitor.try_clone()?, server.try_clone()?);
    let upwards = thread::spawn(move || {
        drop(std::io::copy(&mut up, &mut down));
        drop(down.shutdown(Shutdown::Write));
    });
    drop(std::io::copy(&mut server, &mut visitor));
    drop(visitor.shutdown(Shutdown::Both));
    drop(upwards.join());
    Ok(())
}

/// The document at an address, once its scripts are done. The names of `evil.example` lead to this machine.
async fn browsed(url: &str) -> String {
    let profile = tempfile::tempdir().unwrap();
    let mut browser = tokio::process::Command::new("chromium");
    browser
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
        .args(["--disable-background-networking", "--no-proxy-server"])
        .args([
            "--host-resolver-rules=MAP evil.example 127.0.0.1",
            "--virtual-time-budget=60000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(url)
        .kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, browser.output())
        .await
        .expect("the browser is done in time")
        .expect("this test needs Chromium: apt-get install chromium");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "chromium: {}", text(&output.stderr));
    text(&output.stdout)
}

/// What the page wrote down, on `origin` and about the control plane at `base`.
async fn attempts(origin: &str, base: &str, run: &str) -> Vec<Value> {
    let document = browsed(&format!("http://{origin}/page?base={base}&run={run}")).await;
    let written = document.split("<pre>").nth(1).and_then(|rest| rest.split("</pre>").next());
    let written = written.unwrap_or_else(|| panic!("the page has not run to its end: {document}"));
    let written = written.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let results: Vec<Value> = serde_json::from_str(&written).unwrap();
    assert_eq!(results.len(), ATTEMPTS);
    results
}

async fn ask(server: &Server, path: &str) -> Value {
    let answer = client().get(server.url(path)).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

/// Everything a page might have changed.
async fn state(server: &Server) -> Value {
    let mut state = Vec::new();
    for path in
        ["worlds", "clock?key=test-a", "runs?key=test-a", "requests?key=test-a", "scenario?key=test-a"]
    {
        state.push(ask(server, &format!("/_rehearsal/{path}")).await);
    }
    json!(state)
}

/// A server on a clock that stands still, with a world in which a run is under way; the id of the run.
async fn stand(flags: &[&str]) -> (Server, String) {
    let server = Server::start(&[&["--clock", "manual"], flags].concat());
    let create = client().post(server.url("/v2/crawl")).header("x-api-key", "test-a");
    let answer = create.json(&json!({ "url": "skims.com" })).send().await.unwrap();
    let created: Value = answer.json().await.unwrap();
    (server, created["execution_id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_foreign_page_changes_nothing_and_reads_nothing() {
    let (server, run) = stand(&[]).await;
    let page = pages(server.address).port();
    let target = server.address.port();
    let before = state(&server).await;
    for (origin, base) in [
        (format!("127.0.0.1:{page}"), format!("http://127.0.0.1:{target}")),
        (format!("localhost:{page}"), format!("http://127.0.0.1:{target}")),
        (format!("127.0.0.1:{page}"), format!("http://localhost:{target}")),
        (format!("evil.example:{page}"), format!("http://127.0.0.1:{target}")),
        (format!("evil.example:{page}"), format!("http://evil.example:{target}")),
    ] {
        for attempt in attempts(&origin, &base, &run).await {
            // An opaque answer is one that the page cannot see into.
            let seen = attempt["type"] == "opaque" && attempt["text"] == "" || attempt["error"].is_string();
            assert!(seen, "{origin} to {base}: {attempt}");
        }
        assert_eq!(state(&server).await, before, "{origin} to {base}");
    }
}

#[tokio::test]
async fn a_name_that_is_bound_to_this_machine_afterwards_opens_nothing() {
    let (server, run) = stand(&[]).await;
    let origin = format!("evil.example:{}", pages(server.address).port());
    let before = state(&server).await;
    // To the browser the page and the control plane are of one origin, so the page may read the refusals.
    for attempt in attempts(&origin, "", &run).await {
        let refused = attempt["status"] == 403 && attempt["text"].to_string().contains("foreign_host");
        let never_sent = attempt["mode"] == "no-cors" && attempt["error"].is_string();
        assert!(refused || never_sent, "{attempt}");
    }
    let document = browsed(&format!("http://evil.example:{}/_rehearsal/worlds", server.address.port())).await;
    assert!(document.contains("foreign_host") && !document.contains("test-a"), "{document}");
    assert_eq!(state(&server).await, before);

    let health = server.url("/_rehearsal/health");
    let output =
        std::process::Command::new("curl").args(["-s", "-H", "Host: evil.example", &health]).output();
    let said = String::from_utf8(output.expect("this test needs curl").stdout).unwrap();
    assert!(said.contains("foreign_host"), "{said}");
}

/// What the page tries does what it says wherever the page is welcome, so that the other tests mean something.
#[tokio::test]
async fn a_page_that_is_welcome_changes_and_reads() {
    // The page is there first: its origin is a flag of the server.
    let placeholder: SocketAddr = "127.0.0.1:9".parse().unwrap();
    let origin = pages(placeholder);
    let (server, run) = stand(&["--cors", &format!("http://{origin}")]).await;
    let results = attempts(&origin.to_string(), &server.url(""), &run).await;
    let seen = |mode: &'static str| results.iter().filter(move |result| result["mode"] == mode);
    assert!(seen("cors").all(|result| result["type"] == "cors" && result["status"].as_u64() < Some(300)));
    assert!(seen("cors").any(|result| result["text"].to_string().contains("test-a")), "{results:?}");
    assert!(seen("no-cors").any(|result| result["type"] == "opaque"), "{results:?}");
    assert_eq!(ask(&server, "/_rehearsal/worlds").await, json!({ "worlds": [] }), "it forgot the world");
}
