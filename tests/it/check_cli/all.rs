//! `rehearsal check --api all`: one server as every API, one after the other.

use conformance::profile;
use conformance::report::all::Reports;
use conformance::verdict::RunOutcome;
use serde_json::Value;

use super::check;
use crate::program::Server;

#[tokio::test]
async fn one_command_judges_a_server_as_every_api() {
    let server = Server::start(&[]);
    let folder = tempfile::tempdir().expect("a folder can be made");
    let junit = folder.path().join("junit.xml");
    let (target, junit_flag) = (format!("http://{}", server.address), format!("junit={}", junit.display()));
    let (code, out, err) =
        check(&["--target", &target, "--api", "all", "--format", "json", "--report", &junit_flag]).await;
    assert_eq!(code, 0, "{err}");
    let found: Value = serde_json::from_str(&out).expect("it is JSON");
    assert_eq!((&found["outcome"], &found["exit_code"]), (&"conformant".into(), &0.into()));
    assert_eq!(found["not_judged"], Value::Array(Vec::new()));
    let reports = found["reports"].as_array().expect("it has reports").iter();
    let names: Vec<String> = reports
        .map(|it| format!("{}/{}", it["api"].as_str().unwrap_or(""), it["version"].as_str().unwrap_or("")))
        .collect();
    let known: Vec<String> = profile::ALL.iter().map(|it| format!("{}/{}", it.api, it.version)).collect();
    assert_eq!(names, known);
    let junit = std::fs::read_to_string(junit).expect("it was written");
    assert_eq!(junit.matches("<testsuite ").count(), known.len());
    assert!(junit.contains(r#"failures="0""#), "{junit}");
}

#[tokio::test]
async fn what_is_of_one_api_is_not_given_for_all() {
    for (args, advice) in [
        (vec!["--list", "--api", "all"], "name it with --api"),
        (
            vec!["--target", "http://127.0.0.1:9", "--api", "all", "--report", "transcript=t"],
            "name it with --api",
        ),
        (vec!["--target", "http://127.0.0.1:9", "--api", "al"], "llama-extract/v2, and all"),
    ] {
        let (code, _, err) = check(&args).await;
        assert_eq!(code, 2, "{args:?}");
        assert!(err.contains(advice), "{err}");
    }
}

#[test]
fn what_was_not_judged_makes_the_whole_incomplete() {
    let some = Reports::new(Vec::new(), vec!["catalog/v2".to_owned()]);
    assert_eq!((some.outcome, some.exit_code), (RunOutcome::Incomplete, 3));
    assert!(some.terminal(false).contains("all: incomplete: catalog/v2 not judged"));
    assert_eq!(Reports::new(Vec::new(), Vec::new()).outcome, RunOutcome::Incomplete);
}
