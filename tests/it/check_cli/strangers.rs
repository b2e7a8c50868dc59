//! Servers that are not the check's own to command: without a control plane, or with a world that somebody uses.

use std::time::Duration;

use conformance::profile;
use conformance::run::{Options, run};
use conformance::session::Wishes;
use conformance::target::Target;
use serde_json::json;

use super::wire::{Message, Tamper, call, proxy};
use super::{check, with_verdict};
use crate::program::Server;

/// Hides the control plane, and lets a little time pass with every read of a run, as it would without us.
struct Stranger {
    each_read: &'static str,
}

impl Tamper for Stranger {
    fn first(&self, request: &Message) -> Option<Message> {
        let bearer = || request.header("authorization")?.strip_prefix("Bearer ");
        let key = request.header("x-api-key").or_else(bearer).filter(|_| request.method() == "GET")?;
        let head = format!("PATCH /_rehearsal/clock?key={key} HTTP/1.1\r\nhost: 127.0.0.1");
        let body = json!({"advance": self.each_read}).to_string().into_bytes();
        Some(Message { head: format!("{head}\r\ncontent-type: application/json"), body })
    }

    fn answer(&self, request: &Message, answer: &mut Message) {
        if request.target().starts_with("/_rehearsal") {
            answer.set_status(404);
            answer.set_json(&json!({}));
        }
    }
}

#[tokio::test]
async fn a_server_without_control_plane_is_judged_at_its_own_pace() {
    let server = Server::start(&["--clock", "manual"]);
    let stranger = Stranger { each_read: "50ms" };
    let target = format!("http://{}", proxy(server.address, stranger).await);
    let (code, out, err) = check(&["--target", &target, "--pace", "1ms", "--format", "json"]).await;
    let report: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));

    assert_eq!(code, 0, "{:#} {:?}", report["notes"], with_verdict(&report, "fail"));
    assert_eq!(report["clock_moved"], false);
    // What only our own server has to do is left out, and said to be.
    assert!(with_verdict(&report, "not-applicable").contains(&"job.edge-legal"));
    assert!(with_verdict(&report, "pass").contains(&"job.dependency-failed"));
}

#[tokio::test]
async fn what_a_check_makes_at_llama_extract_is_deleted_where_no_world_can_be_forgotten() {
    let server = Server::start(&["--clock", "manual"]);
    let target = format!("http://{}", proxy(server.address, Stranger { each_read: "50ms" }).await);
    for version in ["extractionv2", "v1", "v2"] {
        let (api, key) = (format!("llama-extract/{version}"), format!("key-of-{version}"));
        let options = Options {
            wishes: Wishes {
                key: Some(key.clone()),
                other_key: Some("key-of-another".to_owned()),
                pace: Some(Duration::from_millis(1)),
                ..Wishes::default()
            },
            ..Options::new(
                Target::parse(&target).expect("it is an address"),
                profile::find(&api).expect("it is known"),
            )
        };
        let report = run(&options, std::future::pending()).await.expect("it reports");
        assert_eq!(report.left_behind, Vec::<String>::new(), "{api}");
        let report = serde_json::to_value(&report).expect("a report is JSON");
        assert_eq!(
            report["outcome"],
            "conformant",
            "{:#} {:?}",
            report["notes"],
            with_verdict(&report, "fail")
        );
        for (path, items) in [
            ("/api/v1/extraction/extraction-agents", ""),
            ("/api/v1/files", ""),
            ("/api/v1/beta/configurations", "/items"),
        ] {
            for key in [key.as_str(), "key-of-another"] {
                let (_, left) = call(server.address, "GET", path, key, "").await;
                let left = left.pointer(items).and_then(|left| left.as_array()).expect("it is a list");
                assert!(left.is_empty(), "{api} has left {left:?} at {path}");
            }
        }
    }
}

#[tokio::test]
async fn runs_that_are_over_between_two_looks_are_started_afresh() {
    let server = Server::start(&["--clock", "manual"]);
    // One look at every run takes longer than most of them do.
    let stranger = Stranger { each_read: "1500ms" };
    let target = format!("http://{}", proxy(server.address, stranger).await);
    let (code, out, err) = check(&["--target", &target, "--pace", "1ms", "--format", "json"]).await;
    let report: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));

    assert_eq!(code, 0, "{:#} {:?}", report["notes"], with_verdict(&report, "fail"));
    for id in ["cancel.running", "cancel.race", "cancel.waiting", "create.one-crawl-per-host"] {
        assert!(with_verdict(&report, "pass").contains(&id), "{id}");
    }
}

#[tokio::test]
async fn a_world_that_stands_still_is_moved_only_when_allowed() {
    let server = Server::start(&["--clock", "manual"]);
    let target = format!("http://{}", server.address);
    let key = "somebodys-key";
    for others in [false, true] {
        if others {
            call(server.address, "GET", "/v2/crawl", "test-other", "").await;
        }
        let (code, _, err) = check(&["--target", &target, "--key", key]).await;
        assert_eq!(code, 2, "its world is not there yet: {err}");
        assert!(err.contains("--move-clock"), "{err}");
    }
    call(server.address, "DELETE", "/_rehearsal/worlds/test-other", "", "").await;
    let (status, _) = call(server.address, "GET", "/v2/crawl", key, "").await;
    assert_eq!(status, 200);

    let (code, _, err) = check(&["--target", &target, "--key", key]).await;
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("--move-clock"), "{err}");

    let (code, out, err) = check(&["--target", &target, "--key", key, "--move-clock"]).await;
    assert_eq!(code, 0, "{out}{err}");
    assert!(!out.contains(key), "{out}");
    let (_, worlds) = call(server.address, "GET", "/_rehearsal/worlds", "", "").await;
    assert_eq!(worlds["worlds"].as_array().map(Vec::len), Some(1), "the given world stays: {worlds}");
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_on_the_clock_that_may_be_moved() {
    let server = Server::start(&["--clock", "manual", "--scenario", "rate-limited"]);
    let target = format!("http://{}", server.address);
    let args = ["--target", &target, "--key", "somebodys-key", "--move-clock", "--format", "json"];
    let (code, out, err) = check(&args).await;
    let report: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
    assert_eq!(code, 0, "{:#} {:?}", report["notes"], with_verdict(&report, "fail"));
}

/// Lets everything through but the control plane, and some of it late.
struct Hidden {
    late: Duration,
}

impl Tamper for Hidden {
    fn late(&self) -> Duration {
        self.late
    }

    fn answer(&self, request: &Message, answer: &mut Message) {
        if request.target().starts_with("/_rehearsal") {
            answer.set_status(404);
            answer.set_json(&json!({}));
        }
    }
}

#[tokio::test]
async fn a_given_world_keeps_its_own_runs_and_the_worlds_of_the_check_are_forgotten() {
    let server = Server::start(&[]);
    let key = "test-given";
    call(server.address, "POST", "/v2/crawl", key, r#"{"url": "example.com"}"#).await;
    call(server.address, "POST", "/v2/crawl", key, r#"{"url": "example.org"}"#).await;
    call(server.address, "PATCH", "/_rehearsal/clock?key=test-given", "", r#"{"advance": "10s"}"#).await;

    let target = format!("http://{}", server.address);
    // A crawl takes half a minute, so all are under way when the time is up.
    let given = ["--key", "test-given", "--pace", "100ms", "--timeout", "2s", "--format", "json"];
    let (code, out, err) = check(&[&["--target", target.as_str()], &given[..]].concat()).await;
    let report: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
    assert_eq!(with_verdict(&report, "fail"), [""; 0], "{:#}", report["notes"]);
    assert!([3, 5].contains(&code), "{:#}", report["notes"]);

    let (_, crawls) = call(server.address, "GET", "/v2/crawl?status=processing", key, "").await;
    for host in ["crawl-example-com-", "crawl-example-org-"] {
        assert!(crawls.to_string().contains(host), "{crawls}");
    }
    let (_, worlds) = call(server.address, "GET", "/_rehearsal/worlds", "", "").await;
    assert_eq!(worlds["worlds"].as_array().map(Vec::len), Some(1), "{worlds}");
}

/// The worlds of other keys are made and moved all the same.
#[tokio::test]
async fn a_given_world_whose_clock_may_not_be_moved_is_polled_at_the_pace() {
    let server = Server::start(&["--clock", "x60"]);
    let target = format!("http://{}", server.address);
    let given = ["--key", "test-given", "--pace", "200ms", "--timeout", "60s", "--format", "json"];
    let (code, out, err) = check(&[&["--target", target.as_str()], &given[..]].concat()).await;
    let report: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));

    assert_eq!(code, 0, "{:#} {:?}", report["notes"], with_verdict(&report, "fail"));
    assert_eq!(report["clock_moved"], false);
}

#[tokio::test]
async fn polling_alone_is_enough_to_judge_a_server_whose_clock_runs() {
    for late in [Duration::ZERO, Duration::from_millis(20)] {
        let server = Server::start(&["--clock", "x60"]);
        let target = format!("http://{}", proxy(server.address, Hidden { late }).await);
        let args = ["--target", &target, "--pace", "200ms", "--timeout", "60s", "--format", "json"];
        let (code, out, err) = check(&args).await;
        let report: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));

        assert_eq!(code, 0, "{late:?} {:#} {:?}", report["notes"], with_verdict(&report, "fail"));
        assert_eq!(report["clock_moved"], false);
        assert!(with_verdict(&report, "pass").contains(&"cancel.running"));
    }
}
