//! Servers that are no API at all. None of them may pass, each has to end the run within its limit, and each has to
//! be told apart.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use conformance::profile;
use conformance::report::{Report, json, terminal};
use conformance::run::{Options, RunError, Ways, run, run_over};
use conformance::score::hopeless::{ALL, judge};
use conformance::session::Wishes;
use conformance::target::Target;
use conformance::transport::Transport;
use conformance::transport::in_process::InProcess;
use conformance::verdict::RunOutcome;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    (listener, address)
}

/// A server that gives one answer to everything.
async fn always(
    status: u16,
    media: &'static str,
    body: impl IntoResponse + Clone + Send + Sync + 'static,
) -> SocketAddr {
    let (listener, address) = listen().await;
    let status = StatusCode::from_u16(status).expect("it is a status");
    let answer =
        move || async move { (status, [(header::CONTENT_TYPE, media)], body.clone()).into_response() };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    address
}

/// A server that does something to every connection, but never answers.
async fn silent<F, T>(treat: F) -> SocketAddr
where
    F: Fn(TcpStream) -> T + Send + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(treat(stream));
        }
    });
    address
}

fn options(address: SocketAddr) -> Options {
    Options {
        patience: Duration::ZERO,
        wishes: Wishes { pace: Some(Duration::from_millis(1)), ..Wishes::default() },
        timeout: Duration::from_secs(20),
        ..Options::new(
            Target::parse(&format!("http://{address}")).expect("it is an address"),
            profile::find("catalog").expect("catalog is known"),
        )
    }
}

async fn check(options: &Options) -> Result<Report, RunError> {
    run(options, std::future::pending()).await
}

/// Expects a report that fails the server and says what is wrong.
async fn condemned(address: SocketAddr, advice: &str) -> Report {
    let report = check(&options(address)).await.expect("there is something to report");
    let text = terminal::render(&report, false);
    assert_ne!(report.exit_code, 0, "{text}");
    assert_eq!(report.counts.error, 0, "{text}");
    assert!(text.contains(advice), "`{advice}` is not in\n{text}");
    assert!(json::render(&report).len() > 2);
    report
}

#[tokio::test]
async fn a_server_that_agrees_to_everything_fails() {
    let report = condemned(always(200, "application/json", "{}").await, "the target started no run").await;
    assert_eq!(report.outcome, RunOutcome::Nonconformant);
}

#[tokio::test]
async fn a_server_that_knows_nothing_fails() {
    let flat =
        always(404, "application/json", r#"{"error":{"code":"NOT_FOUND","message":"no","request_id":"r"}}"#);
    condemned(flat.await, "is this the base address of catalog v2?").await;
}

#[tokio::test]
async fn a_server_that_refuses_every_key_does_not_pass_for_refusing_bad_ones() {
    let body = r#"{"error":"Invalid API key","status":401}"#;
    let report = condemned(always(401, "application/json", body).await, "it refused the key").await;
    let verdict = |id| report.checks.iter().find(|check| check.id == id).map(|check| check.verdict);
    assert_eq!(verdict("auth.missing-401"), Some("blocked"));
    assert_eq!(verdict("auth.invalid-401"), Some("blocked"));
    assert_ne!(report.outcome, RunOutcome::Conformant);
}

#[tokio::test]
async fn a_server_that_only_breaks_fails() {
    condemned(always(500, "application/json", "{}").await, "its answers were 500").await;
}

#[tokio::test]
async fn a_web_site_fails() {
    let page = "<!doctype html><title>Welcome</title>";
    condemned(always(200, "text/html", page).await, "the target started no run").await;
}

#[tokio::test]
async fn a_body_that_is_no_json_is_told_by_what_it_is() {
    for (body, told) in [
        (&b"\xef\xbb\xbf{}"[..], "text that begins with a byte order mark"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", "a gzip stream that nobody asked for"),
    ] {
        let report = condemned(always(200, "application/json", body).await, told).await;
        let shape = report.checks.iter().find(|check| check.id == "schema.response").expect("it is a check");
        assert!(shape.findings.iter().all(|finding| finding.observed == told), "{:?}", shape.findings);
    }
}

#[tokio::test]
async fn a_file_server_fails() {
    let (listener, address) = listen().await;
    let page = |status| (status, [(header::CONTENT_TYPE, "text/html")], "<p>no</p>").into_response();
    let answer = move |method: axum::http::Method| async move {
        page(if method == "GET" { StatusCode::NOT_FOUND } else { StatusCode::NOT_IMPLEMENTED })
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    condemned(address, "its answers were 404, 501").await;
}

#[tokio::test]
async fn a_server_that_is_always_too_busy_is_given_up() {
    let serve = |_| async {
        let answer = http::Response::builder().status(429).header("retry-after", "0");
        let answer = answer.header("content-type", "application/json").header("request-id", "r");
        let body = r#"{"error":{"code":"RATE_LIMITED","message":"slow down","request_id":"r"}}"#;
        answer.body(bytes::Bytes::from_static(body.as_bytes())).expect("it is an answer")
    };
    let target: Arc<dyn Transport> = Arc::new(InProcess::new(serve));
    let options = options(SocketAddr::from(([127, 0, 0, 1], 1)));
    let ways = Ways { target, control: Vec::new() };
    let report =
        run_over(&options, ways, std::future::pending()).await.expect("there is something to report");
    // To wait for no time is no advice, and a breach of its own.
    assert_eq!(report.exit_code, 1);
    assert!(report.notes[0].contains("answered 429 to the same request 4 times"), "{:?}", report.notes);
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_in_time() {
    let address = silent(|mut stream| async move {
        let mut sink = Vec::new();
        // Ends when the harness hangs up.
        let _ = stream.read_to_end(&mut sink).await;
    })
    .await;
    let options = Options { timeout: Duration::from_millis(300), ..options(address) };
    let error = check(&options).await.expect_err("there is nothing to report");
    assert_eq!(error.exit_code().code(), 3);
    assert!(error.to_string().contains("no complete answer within 300ms"), "{error}");
}

#[tokio::test]
async fn a_server_that_hangs_up_is_given_up() {
    let address = silent(|stream| async move { drop(stream) }).await;
    let error = check(&options(address)).await.expect_err("there is nothing to report");
    assert_eq!(error.exit_code().code(), 3);
    assert!(error.to_string().contains("Check that the server runs there"), "{error}");
}

#[tokio::test]
async fn nobody_at_home_is_said_so() {
    let (listener, address) = listen().await;
    drop(listener);
    let error = check(&options(address)).await.expect_err("there is nothing to report");
    assert_eq!(error.exit_code().code(), 3);
    assert!(error.to_string().contains("Connection refused"), "{error}");
}

/// The resident memory of this process at its highest, in KiB.
#[cfg(target_os = "linux")]
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a process can read about itself");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("it has memory");
    line.split_whitespace().next().and_then(|kib| kib.parse().ok()).expect("it is a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn none_of_the_servers_that_a_score_tries_ever_passes() {
    let profile = profile::find("catalog").expect("catalog is known");
    for hopeless in ALL {
        let outcome = judge(profile, *hopeless).await.expect("a port is free");
        assert_eq!(outcome.wrong, None, "{outcome:?}");
        assert!(matches!(outcome.exit_code, 1 | 3), "{outcome:?}");
    }
    // One of them sends a gigabyte to every request.
    #[cfg(target_os = "linux")]
    assert!(peak_kib() < 400 << 10, "{} KiB", peak_kib());
}

#[tokio::test]
async fn a_server_that_drips_and_one_that_floods_are_given_up_in_time() {
    let watch = conformance::clock::Stopwatch::start();
    let profile = profile::find("catalog").expect("catalog is known");
    for id in ["hang", "drip", "flood"] {
        let hopeless = ALL.iter().find(|hopeless| hopeless.id == id).expect("it is one of them");
        let outcome = judge(profile, *hopeless).await.expect("a port is free");
        assert_eq!(outcome.exit_code, 3, "{outcome:?}");
    }
    assert!(watch.elapsed() < Duration::from_secs(20), "{:?}", watch.elapsed());
}
