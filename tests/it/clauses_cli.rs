//! `rehearsal clauses` as a shell sees it.

use serde_json::Value;

use crate::program::{Server, run};

fn json(args: &[&str]) -> Value {
    let (code, out, err) = run(&[&["clauses", "--format", "json"], args].concat());
    assert_eq!((code, err.as_str()), (0, ""));
    serde_json::from_str(&out).expect("it is JSON")
}

#[test]
fn the_ledger_ends_with_its_totals_in_every_format() {
    let ledger = json(&[]);
    let clauses = ledger["clauses"].as_array().expect("it has clauses").len();
    let totals = ledger["totals"].as_object().expect("it has totals").values();
    assert_eq!(totals.filter_map(Value::as_u64).sum::<u64>(), clauses as u64);
    let (code, table, _) = run(&["clauses"]);
    let last = table.lines().last().unwrap_or_default();
    assert!(code == 0 && last.starts_with(&format!("{clauses} clauses: ")), "{last}");
    let (code, markdown, _) = run(&["clauses", "--format", "markdown"]);
    let rows = markdown.lines().filter(|line| line.starts_with("| `catalog.")).count();
    assert_eq!((code, rows), (0, clauses));
}

#[test]
fn clauses_are_picked_by_their_state() {
    let picked = json(&["--state", "excluded,conflict"]);
    let states: std::collections::BTreeSet<_> = picked["clauses"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|clause| clause["state"].as_str())
        .collect();
    assert_eq!(states.into_iter().collect::<Vec<_>>(), ["conflict", "excluded"]);
}

#[test]
fn a_report_shows_what_became_of_the_clauses_in_its_run() {
    let server = Server::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    let report = format!("json={}", path.display());
    let (code, out, err) = run(&["check", "--target", &server.url(""), "--report", &report]);
    assert_eq!(code, 0, "{out}{err}");
    let ledger = json(&["--report-from", &path.display().to_string()]);
    let clauses = ledger["clauses"].as_array().expect("it has clauses");
    let (servers, clients): (Vec<_>, Vec<_>) = clauses.iter().partition(|clause| clause["binds"] == "server");
    let judged = |clauses: Vec<&Value>| -> Vec<Value> {
        clauses.iter().filter_map(|clause| clause["checks"].as_array()).flatten().cloned().collect()
    };
    let (servers, clients) = (judged(servers), judged(clients));
    let other: Vec<_> = servers.iter().filter(|check| check["verdict"] != "pass").collect();
    assert!(!servers.is_empty() && other.is_empty(), "{other:?}");
    // No answer was lost, so the caller had nothing to be patient about.
    assert!(
        !clients.is_empty() && clients.iter().all(|check| check["verdict"] == "unobserved"),
        "{clients:?}"
    );
}

#[test]
fn a_wrong_flag_ends_with_two_and_advice() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.json");
    std::fs::write(&other, "[1]").unwrap();
    let other = other.display().to_string();
    for (args, advice) in [
        (["--api", "unheard-of"], "this build knows catalog (catalog/v2)"),
        (["--state", "lost"], "checked, partly, conflict, unobserved, excluded, unchecked"),
        (["--report-from", "/no/such/report.json"], "cannot read /no/such/report.json"),
        (["--report-from", &other], "rehearsal check --report json=PATH"),
    ] {
        let (code, out, err) = run(&[&["clauses"], args.as_slice()].concat());
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}: {err}");
        assert!(err.contains(advice), "{args:?}: {err}");
    }
}
