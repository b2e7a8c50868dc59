//! What a report says, and what it never says.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use conformance::profile;
use conformance::report::{Report, json, terminal};
use conformance::run::{Options, Ways, run_over};
use conformance::session::Wishes;
use conformance::target::Target;
use conformance::transport::in_process::InProcess;
use http::{Request, Response};
use serde_json::Value;

const KEY: &str = "sk-live-0123456789";

async fn judged<F, T>(serve: F) -> Report
where
    F: Fn(Request<Bytes>) -> T + Send + Sync + 'static,
    T: Future<Output = Response<Bytes>> + Send + 'static,
{
    let options = Options {
        target: Target::parse("http://127.0.0.1:4010").expect("an address"),
        control: None,
        profile: profile::find("catalog").expect("catalog is known"),
        wishes: Wishes { key: Some(KEY.into()), pace: Some(Duration::from_millis(1)), ..Wishes::default() },
        timeout: Duration::from_secs(20),
        strict: false,
        site: "example.com".into(),
    };
    let ways = Ways { target: Arc::new(InProcess::new(serve)), control: Vec::new() };
    run_over(&options, ways, std::future::pending()).await.expect("it reports")
}

async fn gateway(_: Request<Bytes>) -> Response<Bytes> {
    let answer = Response::builder().status(502).header("content-type", "text/html");
    answer.body(Bytes::from_static(b"<h1>Bad gateway</h1>")).expect("an answer")
}

#[tokio::test]
async fn a_report_for_people_explains_each_failure() {
    insta::assert_snapshot!(terminal::render(&judged(gateway).await, false));
}

#[tokio::test]
async fn the_shape_of_a_report_for_programs_is_stable() {
    let mut report: Value = serde_json::from_str(&json::render(&judged(gateway).await)).expect("it is JSON");
    // One check and one exchange stand for all; versions and times differ from run to run.
    report["harness"] = Value::Null;
    report["duration_ms"] = Value::Null;
    let failed = |check: &Value| check["verdict"] == "fail";
    if let Some(checks) = report["checks"].as_array_mut() {
        let at = checks.iter().position(failed).expect("something fails");
        checks.swap(0, at);
        checks.truncate(1);
    }
    if let Some(exchanges) = report["exchanges"].as_array_mut() {
        exchanges.truncate(1);
        exchanges[0]["started_ms"] = Value::Null;
        exchanges[0]["ended_ms"] = Value::Null;
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).expect("it is JSON"));
}

#[tokio::test]
async fn no_report_holds_a_key_even_if_every_answer_repeats_it() {
    let echo = |request: Request<Bytes>| async move {
        let key =
            request.headers().get("x-api-key").and_then(|key| key.to_str().ok()).unwrap_or("none").to_owned();
        let body =
            format!(r#"{{"execution_id":"{key}","status":"failed","error":"{key}","data":["{key}"]}}"#);
        let answer = Response::builder().status(202).header("x-caller", &key).header("set-cookie", &key);
        answer.header("content-type", "application/json").body(Bytes::from(body)).expect("an answer")
    };
    let report = judged(echo).await;
    for text in [terminal::render(&report, true), json::render(&report)] {
        assert!(!text.contains(KEY), "{text}");
        assert!(text.contains("$KEY_A"), "{text}");
    }
}

#[test]
fn the_catalogue_is_printed_as_it_is() {
    insta::assert_snapshot!(terminal::catalogue());
}
