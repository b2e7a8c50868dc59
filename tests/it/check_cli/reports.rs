//! What `rehearsal check` writes, where, and how it ends when it cannot.

use std::path::Path;

use serde_json::{Value, json};

use super::check;
use super::wire::{Message, Tamper, call, proxy};
use crate::program::Server;

/// A list that says more of itself than it should: a broken SHOULD, and nothing else.
struct Talkative;

impl Tamper for Talkative {
    fn answer(&self, request: &Message, answer: &mut Message) {
        let is_list = request.method() == "GET" && request.target().split('?').next() == Some("/v2/crawl");
        if is_list && answer.status() == 200 {
            let mut body = answer.json();
            body["meta"] = json!({"motto": "to err is human"});
            answer.set_json(&body);
        }
    }
}

fn flag(format: &str, path: &Path) -> String {
    format!("{format}={}", path.display())
}

#[tokio::test]
async fn one_run_writes_every_format_and_its_transcript() {
    let server = Server::start(&[]);
    let target = format!("http://{}", proxy(server.address, Talkative).await);
    let folder = tempfile::tempdir().expect("a folder can be made");
    let formats = ["terminal", "json", "junit", "markdown", "transcript"];
    let paths = formats.map(|format| folder.path().join(format));
    let flags: Vec<_> = formats.iter().zip(&paths).map(|(format, path)| flag(format, path)).collect();
    let mut args = vec!["--target", &target];
    for flag in &flags {
        args.extend(["--report", flag]);
    }
    let (code, out, err) = check(&args).await;
    assert_eq!((code, err.as_str()), (0, ""), "{out}");

    let [terminal, report, junit, markdown, transcript] =
        paths.map(|path| std::fs::read_to_string(path).expect("it was written"));
    assert_eq!(terminal, out, "a pipe and a file are alike, without colours");
    assert!(out.contains("warn: list.meta-empty") && !out.contains('\u{1b}'), "{out}");
    assert!(
        junit.contains(r#"<testsuite name="catalog/v2""#) && junit.contains("to err is human"),
        "{junit}"
    );
    assert!(markdown.starts_with("## catalog v2: conformant\n") && markdown.contains("to err is human"));
    let report: Value = serde_json::from_str(&report).expect("it is JSON");
    assert_eq!(report["levels"]["should"]["warn"], 1);
    let lines: Vec<Value> =
        transcript.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect();
    let numbers: Vec<_> = lines.iter().filter_map(|line| line["id"].as_u64()).collect();
    assert_eq!(numbers, (1..=lines.len() as u64).collect::<Vec<_>>(), "every exchange, in order");
    assert!(transcript.contains("$KEY_A") && !transcript.contains("check-"), "keys stand as placeholders");
}

#[tokio::test]
async fn a_broken_should_fails_a_strict_check_only() {
    let server = Server::start(&[]);
    let target = format!("http://{}", proxy(server.address, Talkative).await);
    assert_eq!(check(&["--target", &target]).await.0, 0);
    let (code, out, _) = check(&["--target", &target, "--strict"]).await;
    assert_eq!(code, 1, "{out}");
}

#[tokio::test]
async fn a_report_that_cannot_be_written_is_known_before_anything_is_sent() {
    let server = Server::start(&[]);
    let target = format!("http://{}", server.address);
    let folder = tempfile::tempdir().expect("a folder can be made");
    let impossible = flag("junit", &folder.path().join("no/such/folder/report.xml"));
    let possible = flag("json", &folder.path().join("report.json"));
    let key = "test-untouched";
    let (code, out, err) =
        check(&["--target", &target, "--key", key, "--report", &possible, "--report", &impossible]).await;
    assert_eq!((code, out.as_str()), (4, ""), "{err}");
    assert!(err.contains("--report: cannot write ") && err.contains("report.xml"), "{err}");
    let (_, worlds) = call(server.address, "GET", "/_rehearsal/worlds", "", "").await;
    assert_eq!(worlds["worlds"], json!([]), "no request was sent");
    assert!(std::fs::read_dir(folder.path()).expect("it is there").next().is_none(), "nothing was left");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_report_that_turns_out_unwritable_fails_the_harness_but_is_still_printed() {
    let server = Server::start(&[]);
    let target = format!("http://{}", server.address);
    let (code, out, err) = check(&["--target", &target, "--report", "json=/dev/full"]).await;
    assert_eq!(code, 4, "{err}");
    assert!(err.starts_with("error: --report: cannot write /dev/full"), "{err}");
    assert!(out.lines().last().is_some_and(|line| line.starts_with("conformant: ")), "{out}");
}

#[tokio::test]
async fn a_wrong_report_flag_ends_with_two_and_what_there_is() {
    let target = ["--target", "http://127.0.0.1:1"];
    for (flags, advice) in [
        (vec!["--report", "out.xml"], "terminal, json, junit, markdown and transcript"),
        (vec!["--report", "xml=out.xml"], "terminal, json, junit, markdown and transcript"),
        (vec!["--report", "json=same", "--report", "junit=same"], "two reports would go to same"),
        (vec!["--report", "json=./same", "--report", "junit=same"], "two reports would go to same"),
        (vec!["--format", "xml"], "[possible values: terminal, json, junit, markdown]"),
    ] {
        let (code, _, err) = check(&[&target, flags.as_slice()].concat()).await;
        assert_eq!(code, 2, "{flags:?}: {err}");
        assert!(err.contains(advice), "{flags:?}: {err}");
    }
}

#[tokio::test]
async fn a_server_that_one_key_can_use_leaves_tenancy_untested_and_the_check_incomplete() {
    let server = Server::start(&["--clock", "x1000"]);
    let target = format!("http://{}", proxy(server.address, Lonely).await);
    let args = ["--target", &target, "--key", "sk-12345678", "--pace", "1ms", "--format", "json"];
    let (code, out, err) = check(&args).await;
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
    assert_eq!((code, &report["outcome"]), (3, &json!("incomplete")), "{:#}", report["notes"]);
    assert_eq!(report["cut_short"], false);
    let checks = report["checks"].as_array().expect("it has checks");
    let tenancy = checks.iter().find(|check| check["id"] == "tenant.get-404").expect("it is a check");
    assert_eq!(tenancy["verdict"], "unobserved");
    assert_eq!(tenancy["reason"], "needs two keys, and a read with one of a run of the other");
    assert!(report["clauses"]["unobserved"].as_u64() > Some(0), "{}", report["clauses"]);
}

/// Hides the control plane, so that there is no second key.
struct Lonely;

impl Tamper for Lonely {
    fn answer(&self, request: &Message, answer: &mut Message) {
        if request.target().starts_with("/_rehearsal") {
            answer.set_status(404);
            answer.set_json(&json!({}));
        }
    }
}
