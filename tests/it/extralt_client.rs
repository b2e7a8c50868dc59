//! The stand-in under the client that Extralt publishes, `Extralt` and `AsyncExtralt`: a suite in Python that does with
//! either whatever it can do, and that has to notice a server that speaks another dialect.

use std::ffi::OsStr;
use std::io::Write;
use std::process::Command;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use http::StatusCode;
use tokio::net::TcpListener;

use crate::program::{Server, client};

/// Where `.ci/run` puts it.
const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/e2e/bin/python");
const SUITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/extralt_client");
const REQUIREMENTS: &str = include_str!("requirements.txt");
/// How many operations the client has; the suite calls every one.
const OPERATIONS: usize = 53;
/// How long the suite may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Python, with the client in the pinned version; without it the test fails.
fn python() {
    let pinned = REQUIREMENTS.lines().find_map(|line| line.strip_prefix("extralt==")).unwrap();
    let version = ["-c", "import extralt, pytest, pyarrow; print(extralt.__version__)"];
    let output = Command::new(PYTHON).args(version).output();
    let said = output.map_or_else(
        |error| error.to_string(),
        |output| format!("{}{}", text(&output.stdout), text(&output.stderr)),
    );
    assert!(
        said.trim() == pinned,
        "this needs {PYTHON} with the client extralt {pinned}, and finds {said:?}; in the project's folder:\n  \
         python3 -m venv target/e2e && target/e2e/bin/pip install -r tests/it/requirements.txt"
    );
}

/// What came of the suite.
#[derive(Debug)]
struct Outcome {
    passed: bool,
    said: String,
}

/// A server on which an hour of a run's life is a minute, since the client asks every two seconds and slower.
fn server(flags: &[&str]) -> Server {
    Server::start(&[&["--clock", "x60"], flags].concat())
}

/// Runs the suite, or some files of it, against the server at an address.
async fn suite(address: &str, files: &[impl AsRef<OsStr>]) -> Outcome {
    python();
    let mut pytest = tokio::process::Command::new(PYTHON);
    pytest
        .args(["-m", "pytest", "--quiet"])
        .args(files)
        .current_dir(SUITE)
        .env("REHEARSAL_URL", address)
        .env("NO_PROXY", "127.0.0.1")
        // The folder is the project's own: nothing is left in it, and no plugin but those it names is loaded.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        .env_remove("PYTEST_ADDOPTS")
        .kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, pytest.output()).await;
    let output = output.expect("the suite is done in two minutes").expect("Python runs");
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    Outcome { passed: output.status.success(), said }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn the_published_client_can_do_everything() {
    let server = server(&["--strict"]);
    let Outcome { passed, said } = suite(&server.url(""), &[] as &[&str]).await;
    assert!(passed, "{said}");
    for kind in ["Extralt", "AsyncExtralt"] {
        let all = format!("\n{kind}: {OPERATIONS} of {OPERATIONS} operations called");
        assert!(said.contains(&all), "{said}");
    }
    // Not captured: what was tried, and in what time, is read also when all is well.
    let closing: Vec<&str> = said.lines().skip_while(|line| !line.starts_with("Extralt: ")).collect();
    writeln!(std::io::stderr(), "{}", closing.join("\n")).unwrap();
}

/// Runs some files of the suite against a broken server, and sees that these tests notice it, in these words.
async fn noticed(address: &str, files: &[&str], tests: &[&str], words: &str) {
    let Outcome { passed, said } = suite(address, files).await;
    assert!(!passed && said.contains(words), "{said}");
    for test in tests {
        for kind in ["Extralt", "AsyncExtralt"] {
            assert!(said.contains(&format!("FAILED {test}[{kind}]")), "{test} by {kind}: {said}");
        }
    }
}

/// A server whose answers have changed, and the folder of the scenario that says how.
fn drifted(fault: &str) -> (Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("drifted.yaml");
    std::fs::write(&scenario, format!("version: 1\nfaults:\n  - {fault}\n")).unwrap();
    (server(&["--scenario", scenario.to_str().unwrap()]), folder)
}

/// Hands everything to the server at an address, but tells of a stopped run as version 0 does.
async fn stopping_as_version_0(behind: String) -> String {
    let client = client();
    let door = Router::new().fallback(async move |request: Request| {
        let (head, body) = request.into_parts();
        let target = head.uri.path_and_query().unwrap().as_str();
        let stops = target.starts_with("/v1/extract/runs/") && target.ends_with("/stop");
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let asked = client.request(head.method, format!("{behind}{target}")).headers(head.headers).body(body);
        let answer = asked.send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await.unwrap();
        if stops && status.is_success() {
            return StatusCode::NO_CONTENT.into_response();
        }
        (status, headers, body).into_response()
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, door).await });
    address
}

#[tokio::test]
async fn a_stop_that_is_answered_as_in_version_0_is_noticed() {
    let server = server(&[]);
    let address = stopping_as_version_0(server.url("")).await;
    let tests = [
        "test_runs.py::test_a_long_run_is_stopped",
        "test_runs.py::test_a_stopped_run_is_restarted_with_a_budget",
    ];
    noticed(&address, &["test_runs.py", "-k", "stop"], &tests, "json.decoder.JSONDecodeError").await;
}

#[tokio::test]
async fn errors_that_are_told_as_in_version_0_are_noticed() {
    // Answers without an error have no such place, and stay as they are.
    let (server, _folder) =
        drifted("{ id: flat, match: { version: v1 }, drift: [{ set: { at: /error, to: Refused } }] }");
    let tests = [
        "test_errors.py::test_what_is_asked_wrongly_is_a_bad_request",
        "test_errors.py::test_what_is_not_there_is_not_found",
    ];
    let files = ["test_errors.py", "-k", "bad_request or not_found"];
    noticed(&server.url(""), &files, &tests, "assert (404, None)").await;
}

#[tokio::test]
async fn lists_that_are_named_as_in_version_0_are_noticed() {
    let (server, _folder) = drifted(
        "{ id: rows, match: { version: v1, operation: '*.list' }, drift: [{ rename: { at: /data, to: rows } }] }",
    );
    let tests = [
        "test_robots.py::test_a_list_of_robots_has_pages",
        "test_captures.py::test_captures_are_listed_across_pages_and_counted",
        "test_runs.py::test_runs_are_listed_newest_first",
        "test_schedules.py::test_schedules_are_listed_in_pages",
    ];
    let files = ["test_robots.py", "test_captures.py", "test_runs.py", "test_schedules.py", "-k", "list"];
    noticed(&server.url(""), &files, &tests, "object has no attribute 'data'").await;
}
