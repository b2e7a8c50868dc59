//! `rehearsal check` as a shell sees it: our own server passes and is left as it was, mistakes end with advice.

mod all;
mod ending;
mod own_server;
mod reports;
mod strangers;
mod token;
mod wire;

use std::net::SocketAddr;
use std::time::Duration;

use conformance::profile;
use conformance::run::{Options, run};
use conformance::target::Target;
use serde_json::Value;
use tokio::process::Command;

use self::wire::call;
use crate::program::{Server, rehearsal};

/// Runs a check to its end; its exit code, standard output and standard error.
async fn check(args: &[&str]) -> (i32, String, String) {
    let mut command = Command::from(rehearsal(&["check"]));
    let output = command.args(args).output().await.expect("the check runs");
    let text = |bytes| String::from_utf8(bytes).expect("it is text");
    (output.status.code().expect("it exits"), text(output.stdout), text(output.stderr))
}

/// Judges a server within this process, which saves starting one for each of many runs.
async fn judged(target: SocketAddr) -> (i32, Value) {
    let options = Options {
        timeout: Duration::from_secs(60),
        ..Options::new(
            Target::parse(&format!("http://{target}")).expect("it is an address"),
            profile::find("catalog").expect("catalog is known"),
        )
    };
    let report = run(&options, std::future::pending()).await.expect("it reports");
    (i32::from(report.exit_code), serde_json::to_value(&report).expect("a report is JSON"))
}

/// The ids of the checks with a verdict.
fn with_verdict<'a>(report: &'a Value, verdict: &str) -> Vec<&'a str> {
    let checks = report["checks"].as_array().expect("it has checks").iter();
    checks.filter(|check| check["verdict"] == verdict).filter_map(|check| check["id"].as_str()).collect()
}

#[tokio::test]
async fn our_own_server_conforms_and_is_left_as_it_was() {
    let server = Server::start(&[]);
    let user = "user-key-0001";
    let (status, created) =
        call(server.address, "POST", "/v2/crawl", user, r#"{"url":"shop.example"}"#).await;
    assert_eq!(status, 202);
    let worlds = call(server.address, "GET", "/_rehearsal/worlds", "", "").await;
    let listed = call(server.address, "GET", "/v2/crawl", user, "").await;

    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("report.json");
    let target = format!("http://{}", server.address);
    let (code, out, err) =
        check(&["--target", &target, "--report", &format!("json={}", path.display())]).await;

    assert_eq!(code, 0, "{out}{err}");
    assert!(out.lines().last().is_some_and(|line| line.starts_with("conformant: ")), "{out}");
    let report: Value =
        serde_json::from_slice(&std::fs::read(&path).expect("it was written")).expect("it is JSON");
    assert_eq!(report["outcome"], "conformant");
    assert_eq!(report["seed"], 7);
    for verdict in ["blocked", "not-applicable", "warn"] {
        assert_eq!(with_verdict(&report, verdict), [""; 0], "{verdict}");
    }
    // No answer of our own server is lost, so nothing shows what the harness would do then.
    assert_eq!(with_verdict(&report, "unobserved"), ["client.no-blind-repost"]);

    let after = call(server.address, "GET", "/_rehearsal/worlds", "", "").await;
    let ids = |worlds: &Value| -> Vec<Value> {
        worlds["worlds"].as_array().into_iter().flatten().map(|world| world["id"].clone()).collect()
    };
    assert_eq!(ids(&after.1), ids(&worlds.1), "the check's worlds are gone");
    assert_eq!(call(server.address, "GET", "/v2/crawl", user, "").await, listed, "{created}");
}

#[tokio::test]
async fn a_server_is_judged_behind_a_prefix_too() {
    let server = Server::start(&["--strict"]);
    let (code, out, err) = check(&["--target", &format!("http://{}/catalog", server.address)]).await;
    assert_eq!(code, 0, "{out}{err}");
    let worlds = call(server.address, "GET", "/_rehearsal/worlds", "", "").await;
    assert_eq!(worlds.1["worlds"].as_array().map(Vec::len), Some(0), "the control plane was found beside it");
}

#[tokio::test]
async fn every_verdict_names_a_check_of_the_list() {
    let (code, out, _) = check(&["--list"]).await;
    assert_eq!(code, 0);
    let (_, report) = judged(Server::start(&[]).address).await;
    let (code, json, _) = check(&["--list", "--format", "json"]).await;
    assert_eq!(code, 0);
    let listed: Vec<Value> = serde_json::from_str(&json).expect("it is a list");
    assert!(out.ends_with(&format!("{} checks\n", listed.len())), "{out}");
    for id in with_verdict(&report, "pass") {
        assert!(out.contains(&format!("  {id} ")), "{id} is not in\n{out}");
        let entry = listed.iter().find(|entry| entry["id"] == id).unwrap_or_else(|| panic!("no {id}"));
        assert!(out.contains(entry["title"].as_str().expect("it has a title")), "{entry}");
    }
}

#[tokio::test]
async fn a_version_that_stands_twice_in_the_address_is_noticed() {
    let server = Server::start(&[]);
    let (code, out, _) = check(&["--target", &format!("http://{}/v2", server.address)]).await;
    assert_ne!(code, 0);
    assert!(out.contains("leave /v2 out of --target"), "{out}");
}

#[tokio::test]
async fn a_wrong_flag_ends_with_two_and_advice() {
    for (args, advice) in [
        (vec!["--target", "nowhere"], "Give one such as http://"),
        (vec!["--target", "http://api.example"], "--key-env NAME or --key-file PATH"),
        (vec!["--target", "http://api.example", "--key", "sk-12345678"], "use --key-env NAME"),
        (vec!["--target", "http://127.0.0.1:1", "--api", "unheard-of"], "this build knows catalog"),
        (vec!["--target", "http://127.0.0.1:1", "--key-env", "REHEARSAL_TEST_UNSET"], "is not set"),
        (vec!["--target", "http://127.0.0.1:1", "--timeout", "soon"], "not a duration such as"),
        (vec!["--list", "--format", "junit"], "for people (terminal) or as json"),
        (vec!["--target", "http://127.0.0.1:1", "--report", "json=-"], "--format chooses what is printed"),
        (vec![], "--target"),
    ] {
        let (code, _, err) = check(&args).await;
        assert_eq!(code, 2, "{args:?}: {err}");
        assert!(err.contains(advice), "{args:?}: {err}");
    }
}

#[tokio::test]
async fn a_target_that_is_not_there_ends_with_three_and_advice() {
    let server = Server::start(&[]);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let free = listener.local_addr().expect("it has an address");
    drop(listener);
    let (code, _, err) = check(&["--target", &format!("http://{free}")]).await;
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("Check that the server runs there"), "{err}");

    let (target, control) = (format!("http://{}", server.address), format!("http://{free}"));
    let (code, _, err) = check(&["--target", &target, "--control", &control]).await;
    assert_eq!(code, 3, "{err}");
    assert!(err.starts_with(&format!("error: the control plane {control} does not answer: ")), "{err}");
    assert!(err.contains("name another with --control") && !err.contains(&target), "{err}");
}
