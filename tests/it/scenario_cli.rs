//! `rehearsal scenario`, as a shell sees it.

use std::path::Path;
use std::process::{Command, Output};

const MISTAKEN: &str = "seed: seven\nruns: [{ match: { kind: crwal } }]\n";

fn scenario(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rehearsal"))
        .arg("scenario")
        .args(args)
        .current_dir(folder)
        // They would change the width of the help and force colours.
        .env_remove("COLUMNS")
        .env_remove("CLICOLOR_FORCE")
        .output()
        .expect("the program starts")
}

/// What a command says on both streams, and its exit code.
fn transcript(folder: &Path, args: &[&str]) -> String {
    let Output { status, stdout, stderr } = scenario(folder, args);
    let [stdout, stderr] = [stdout, stderr].map(|bytes| String::from_utf8(bytes).expect("it is text"));
    let code = status.code().expect("it exits");
    format!("$ rehearsal scenario {}\n{stdout}--- stderr\n{stderr}--- exit {code}\n", args.join(" "))
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (name, text) in [("good.yaml", "seed: 7\n"), ("bad.yaml", MISTAKEN), ("bad.json", "{\"sede\": 7}\n")]
    {
        std::fs::write(folder.path().join(name), text).expect("a file can be written");
    }
    folder
}

#[test]
fn good_scenarios_pass_the_lint() {
    insta::assert_snapshot!(transcript(folder().path(), &["lint", "good.yaml", "happy"]));
}

#[test]
fn mistakes_are_reported_for_every_file() {
    insta::assert_snapshot!(transcript(folder().path(), &["lint", "bad.yaml", "good.yaml", "bad.json"]));
}

#[test]
fn what_cannot_be_read_is_a_usage_error_even_beside_mistakes() {
    let folder = folder();
    let output = scenario(folder.path(), &["lint", "bad.yaml", "missing.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(transcript(folder.path(), &["lint", "hapy"]));
    assert_eq!(scenario(folder.path(), &["lint"]).status.code(), Some(2));
}

#[test]
fn the_library_is_listed() {
    insta::assert_snapshot!(transcript(folder().path(), &["list"]));
    let json = scenario(folder().path(), &["list", "--json"]).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).expect("it is JSON");
    assert_eq!(json[0]["name"], "happy");
    assert!(json.as_array().is_some_and(|list| list.iter().all(|item| item["description"].is_string())));
}

#[test]
fn a_shown_scenario_can_be_used_as_a_file() {
    let folder = folder();
    let shown = scenario(folder.path(), &["show", "slow-crawl"]).stdout;
    std::fs::write(folder.path().join("mine.yaml"), shown).expect("a file can be written");
    assert!(scenario(folder.path(), &["lint", "mine.yaml"]).status.success());
    insta::assert_snapshot!(transcript(folder.path(), &["show", "slow-craw"]));
}

#[test]
fn the_schema_is_json() {
    let schema = scenario(folder().path(), &["schema"]).stdout;
    let schema: serde_json::Value = serde_json::from_slice(&schema).expect("it is JSON");
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
}

#[test]
fn the_help_says_what_goes_where() {
    insta::assert_snapshot!(transcript(folder().path(), &["lint", "--help"]));
}
