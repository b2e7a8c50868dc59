//! `rehearsal validate`, as a shell sees it. The payloads are the contract's own examples, edited.

mod edits;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

use fixtures::contract::Contract;
use serde_json::{Value, json};

use crate::program::rehearsal;
use edits::Edit::{Remove, Set};
use edits::rows;

/// The named example of a request (`status` is `request`) or of an answer.
fn example(operation: &str, status: &str, name: &str) -> Value {
    let contract = Contract::find("catalog", "v2").unwrap();
    let operation = contract.operation(operation).unwrap();
    let source = &contract.document()["paths"][operation.path()][operation.method().as_str().to_lowercase()];
    let owner = if status == "request" { &source["requestBody"] } else { &source["responses"][status] };
    let owner = match owner["$ref"].as_str() {
        Some(target) => contract.document().pointer(&target[1..]).unwrap(),
        None => owner,
    };
    let value = &owner["content"]["application/json"]["examples"][name]["value"];
    assert!(value.is_object(), "{} {status} has an example {name}", operation.id());
    value.clone()
}

fn validate(folder: &Path, args: &[&str], stdin: &str) -> Output {
    let mut command = rehearsal(&["validate"]);
    command.args(args).current_dir(folder).env_remove("COLUMNS").env_remove("CLICOLOR_FORCE");
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = piped.spawn().unwrap();
    // A program that refuses its arguments does not read.
    drop(process.stdin.take().unwrap().write_all(stdin.as_bytes()));
    process.wait_with_output().unwrap()
}

/// What the command says on both streams, and its exit code.
fn transcript(folder: &Path, args: &[&str], stdin: &str) -> String {
    let Output { status, stdout, stderr } = validate(folder, args, stdin);
    let [stdout, stderr] = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    let code = status.code().unwrap();
    format!("$ rehearsal validate {}\n{stdout}--- stderr\n{stderr}--- exit {code}\n", args.join(" "))
}

fn flags<'a>(operation: &'a str, status: &'a str) -> Vec<&'a str> {
    let what: &[&str] = if status == "request" { &["--request"] } else { &["--status", status] };
    [&["--operation", operation], what].concat()
}

/// A folder with a good payload, one with two mistakes, and what is no payload.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let good = example("catalog.crawl.get", "200", "running");
    let mut bad = good.clone();
    bad["meta"]["stop_date"] = json!("2026-01-15T10:30:19Z");
    bad["meta"]["steps"][1]["name"] = json!("Looking around");
    for (name, text) in [
        ("good.json", good.to_string()),
        ("bad.json", bad.to_string()),
        ("torn.json", "{\n  \"status\": \"runn".to_owned()),
        ("twice.json", format!("{good}\n{good}\n")),
        ("blank.json", "\n".to_owned()),
        ("marked.json", format!("\u{feff}{good}")),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

const GET_CRAWL: [&str; 4] = ["--operation", "catalog.crawl.get", "--status", "200"];

#[test]
fn violations_are_explained_with_their_clauses() {
    let args = [&GET_CRAWL[..], &["good.json", "bad.json"]].concat();
    insta::assert_snapshot!(transcript(folder().path(), &args, ""));
}

#[test]
fn programs_get_the_same_as_json() {
    let args = [&GET_CRAWL[..], &["--format", "json", "good.json", "bad.json"]].concat();
    insta::assert_snapshot!(transcript(folder().path(), &args, ""));
}

#[test]
fn a_payload_comes_from_standard_input() {
    let good = example("catalog.crawl.get", "200", "completed").to_string();
    let args = [&GET_CRAWL[..], &["-"]].concat();
    assert_eq!(validate(folder().path(), &args, &good).status.code(), Some(0));
    assert_eq!(validate(folder().path(), &args, "{}").status.code(), Some(1));
}

#[test]
fn what_cannot_be_judged_is_a_usage_error_even_beside_violations() {
    let folder = folder();
    let mut said = String::new();
    for args in [
        &["--operation", "catalog.crawl.gte", "--status", "200", "good.json"][..],
        &["--operation", "something else entirely", "--status", "200", "good.json"],
        &["--operation", "catalog.crawl.get", "--status", "418", "good.json"],
        &["--operation", "catalog.crawl.get", "--request", "good.json"],
        &["--operation", "crawl.get", "--status", "200", "good.json"],
        &["--operation", "catalog.crawl.get", "good.json"],
        &["--operation", "catalog.crawl.get", "--status", "20", "good.json"],
        &["--operation", "extralt.runs.get", "--status", "200", "good.json"],
        &["--operation", "extralt.runs.get", "--api", "extralt/v2", "--status", "200", "good.json"],
        &["--operation", "extralt.runs.stop", "--api", "extralt/v0", "--status", "204", "good.json"],
        &[
            "--operation",
            "catalog.crawl.get",
            "--status",
            "200",
            "bad.json",
            "torn.json",
            "twice.json",
            "blank.json",
        ],
    ] {
        let _ = writeln!(said, "{}", transcript(folder.path(), args, ""));
    }
    insta::assert_snapshot!(said);
    // How a system says that there is no such file is its own business.
    let args = [&GET_CRAWL[..], &["good.json", "missing.json"]].concat();
    assert_eq!(validate(folder.path(), &args, "").status.code(), Some(2));
    assert_eq!(validate(folder.path(), &["--operation", "catalog.crawl.get"], "").status.code(), Some(2));
}

#[test]
fn an_operation_can_be_named_as_the_documents_print_it() {
    let named = |name| validate(folder().path(), &["--operation", name, "--status", "200", "good.json"], "");
    assert_eq!(named("GET /v2/crawl/{execution_id}").status.code(), Some(0));
    assert_eq!(named("GET /v2/vendors").status.code(), Some(1));
    assert_eq!(named("PUT /v2/vendors").status.code(), Some(2));
}

#[test]
fn a_byte_order_mark_is_no_mistake() {
    let args = [&GET_CRAWL[..], &["marked.json"]].concat();
    assert_eq!(validate(folder().path(), &args, "").status.code(), Some(0));
}

#[test]
fn programs_are_told_what_was_not_read() {
    let args = [&GET_CRAWL[..], &["--format", "json", "torn.json", "good.json"]].concat();
    let report: Value = serde_json::from_slice(&validate(folder().path(), &args, "").stdout).unwrap();
    assert_eq!(report["payloads"].as_array().map(Vec::len), Some(1));
    assert_eq!(report["unread"][0]["file"], "torn.json");
    assert!(
        report["unread"][0]["why"].as_str().is_some_and(|why| why.starts_with("torn.json is not JSON: "))
    );
}

#[test]
fn a_payload_that_breaks_everything_says_that_not_all_is_listed() {
    let args = ["--operation", "catalog.extract.create", "--request", "-"];
    let output = validate(folder().path(), &args, &json!({ "urls": vec![7; 40] }).to_string());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("-: at least 16 violations\n  body /urls/0: type\n"), "{said}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn an_endless_payload_is_not_read_to_its_end() {
    let folder = folder();
    let large = format!("\"{}\"", "x".repeat(17 * 1024 * 1024));
    std::fs::write(folder.path().join("large.json"), large).unwrap();
    let args = [&GET_CRAWL[..], &["large.json"]].concat();
    let output = validate(folder.path(), &args, "");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("error: large.json has more than 16777216 bytes"), "{said}");
}

#[test]
fn the_help_says_what_is_judged() {
    insta::assert_snapshot!(transcript(folder().path(), &["--help"], ""));
}

/// Whatever is done to a payload, the one violation stands where it was done.
#[test]
fn every_edit_is_refused_where_it_was_made() {
    let folder = folder();
    for (operation, status, name, edit, expected) in rows() {
        let mut body = example(operation, status, name);
        let args = [&flags(operation, status)[..], &["--format", "json", "-"]].concat();
        let before = validate(folder.path(), &args, &body.to_string());
        assert_eq!(before.status.code(), Some(0), "{operation} {status} {name} is good as it is");

        match edit {
            Remove(at, key) => {
                body.pointer_mut(at).unwrap().as_object_mut().unwrap().shift_remove(key).unwrap();
            }
            Set(at, key, value) => body.pointer_mut(at).unwrap()[key] = value,
        }
        let after = validate(folder.path(), &args, &body.to_string());
        assert_eq!(after.status.code(), Some(1), "{operation} {status} {name} {expected}");
        let report: Value = serde_json::from_slice(&after.stdout).unwrap();
        let violations = report["payloads"][0]["violations"].as_array().unwrap();
        let found: Vec<String> = violations
            .iter()
            .map(|it| format!("{} {}", it["pointer"].as_str().unwrap(), it["keyword"].as_str().unwrap()))
            .collect();
        assert_eq!(found, [expected], "{operation} {status} {name}");
    }
}
