//! `rehearsal score` as a shell sees it: the checks are proven, and a check that is not is noticed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::rehearsal;

/// Runs a score to its end; its exit code, standard output and standard error.
fn score(args: &[&str]) -> (i32, String, String) {
    let mut command: Command = rehearsal(&["score"]);
    let output = command.args(args).output().expect("the score runs");
    let text = |bytes| String::from_utf8(bytes).expect("it is text");
    (output.status.code().expect("it exits"), text(output.stdout), text(output.stderr))
}

/// The score as JSON.
fn scored(args: &[&str]) -> (i32, Value) {
    let (code, out, err) = score(&[args, &["--format", "json"]].concat());
    (code, serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}")))
}

fn written(folder: &TempDir, text: &str) -> PathBuf {
    let path = folder.path().join("broken.yaml");
    std::fs::write(&path, text).expect("it can be written");
    path
}

fn shown(path: &Path) -> &str {
    path.to_str().expect("the path is text")
}

fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().unwrap_or_else(|| panic!("{name} is a list"))
}

/// The sum of a number over a list.
fn sum(list: &[Value], number: &str) -> u64 {
    list.iter().filter_map(|item| item[number].as_u64()).sum()
}

#[test]
fn the_figures_of_a_score_add_up_and_its_matrix_has_every_server_and_check() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let matrix = folder.path().join("matrix.csv");
    let report = format!("csv={}", shown(&matrix));
    // All of them, with the lawful and the hopeless, are tried by `.ci/run` in a release build.
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/conformance/broken/catalog/tenancy.yaml");
    let (code, score) = scored(&["--broken", file, "--seeds", "3", "--report", &report]);

    assert_eq!(score["problems"], json!([]));
    assert_eq!(code, 0);
    let mutants = items(&score, "mutants");
    assert!(mutants.len() >= 9, "{}", mutants.len());
    assert!(mutants.iter().all(|mutant| mutant["fate"] == "killed"), "{mutants:?}");
    assert_eq!(sum(items(&score, "fates"), "count"), mutants.len() as u64);
    for parts in ["groups", "levels"] {
        assert_eq!(sum(items(&score, parts), "of"), score["figure"]["of"], "{parts}");
        assert_eq!(sum(items(&score, parts), "killed"), score["figure"]["killed"], "{parts}");
    }
    assert_eq!(score["control"]["runs"], 3);
    assert_eq!(score["control"]["at_most_percent"], 100.0);

    let matrix = std::fs::read_to_string(matrix).expect("it was written");
    assert_eq!(matrix.lines().count(), 1 + mutants.len());
    let head: BTreeSet<_> = matrix.lines().next().expect("it has a head").split(',').collect();
    assert!(
        items(&score, "checks").iter().all(|check| head.contains(check["check"].as_str().expect("a name")))
    );
}

#[test]
fn a_file_without_entries_or_with_an_unknown_defect_is_a_usage_error() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("mine.yaml");
    std::fs::write(&file, "[]\n").expect("it can be written");
    let (code, _, err) = score(&["--broken", shown(&file)]);
    assert_eq!(code, 2);
    assert!(err.contains("has no entries"), "{err}");
    let entry = "- id: d\n  is: D\n  kills: { check: id.format, reasons: [id-form] }\n  defects: [nope]\n";
    std::fs::write(&file, entry).expect("it can be written");
    let (code, _, err) = score(&["--broken", shown(&file)]);
    assert_eq!(code, 2);
    assert!(err.contains("entry `d`: there is no defect `nope`; there are"), "{err}");
}

/// One server for each way in which a check can fail to be proven.
const UNPROVEN: &str = r#"
- id: edits-nothing
  is: A read of a page nobody asks for is answered 500
  kills: { check: id.format, reasons: [id-form] }
  edits:
    - on: { operation: catalog.crawl.get, query: { page: "77" } }
      status: 500
- id: found-by-another-check
  is: Lists begin with the oldest run, which is no matter of ids
  kills: { check: id.format, reasons: [id-form] }
  edits:
    - on: { operation: catalog.*.list }
      reverse: [/data]
- id: found-for-another-reason
  is: Lists begin with the oldest run
  kills: { check: list.order, reasons: [some-other-reason] }
  edits:
    - on: { operation: catalog.*.list }
      reverse: [/data]
- id: check-that-cannot-fire
  is: Answers have another header, which nobody minds
  kills: { check: job.reaches-terminal, reasons: [never] }
  edits:
    - headers: { x-other: "1" }
- id: survivor-with-a-reason
  is: Answers have another header
  kills: { check: id.format, reasons: [id-form] }
  survives: A test says so
  edits:
    - headers: { x-other: "1" }
- id: same-as-ours
  is: Answers have another header
  kills: { check: id.format, reasons: [id-form] }
  equivalent: No document forbids further headers
  edits:
    - headers: { x-other: "1" }
- id: stale-reason
  is: Lists begin with the oldest run
  kills: { check: list.order, reasons: [older-first] }
  survives: It was so once
  edits:
    - on: { operation: catalog.*.list }
      reverse: [/data]
- id: nothing-but-silence
  is: Every answer asks for another try
  kills: { check: id.format, reasons: [id-form] }
  edits:
    - status: 429
      headers: { retry-after: "0" }
- id: honest
  is: Lists begin with the oldest run
  kills: { check: list.order, reasons: [older-first] }
  edits:
    - on: { operation: catalog.*.list }
      reverse: [/data]
"#;

#[test]
fn a_check_that_is_not_proven_is_told_and_ends_with_one_on_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = written(&folder, UNPROVEN);
    let args = ["--seeds", "2", "--broken", shown(&path)];
    let report = folder.path().join("score.json");
    let json_report = format!("json={}", shown(&report));
    let (code, out, _) = score(&[&args[..], &["--jobs", "1", "--report", &json_report]].concat());
    assert_eq!(code, 1, "{out}");
    // The numbers of all checks and clauses grow with every check.
    let filters = [
        (r"after [0-9.]+ s", "after [time]"),
        (r"of \d+ have a check", "of [all] have a check"),
        (r"of \d+ checks kill", "of [all] checks kill"),
    ];
    insta::with_settings!({ filters => filters }, { insta::assert_snapshot!(out) });
    let written = std::fs::read_to_string(report).expect("it was written");
    let mut score: Value = serde_json::from_str(&written).expect("it is JSON");

    let fates: Vec<_> = items(&score, "mutants").iter().map(|it| (&it["id"], &it["fate"])).collect();
    let expected = [
        ("edits-nothing", "not-triggered"),
        ("found-by-another-check", "wrong-reason"),
        ("found-for-another-reason", "wrong-reason"),
        ("check-that-cannot-fire", "survived"),
        ("survivor-with-a-reason", "survived"),
        ("same-as-ours", "equivalent"),
        ("stale-reason", "killed"),
        ("nothing-but-silence", "broken"),
        ("honest", "killed"),
    ];
    let expected: Vec<_> = expected.iter().map(|(id, fate)| (json!(id), json!(fate))).collect();
    assert_eq!(fates, expected.iter().map(|(id, fate)| (id, fate)).collect::<Vec<_>>());
    // All but the equivalent and the broken one count.
    assert_eq!((&score["figure"]["killed"], &score["figure"]["of"]), (&json!(2), &json!(7)));

    let problems: Vec<_> = items(&score, "problems").iter().filter_map(Value::as_str).collect();
    let about = |start: &str| problems.iter().any(|problem| problem.starts_with(start));
    for open in ["edits-nothing", "found-by-another-check", "found-for-another-reason"] {
        assert!(about(&format!("{open}:")), "{open} is not in {problems:?}");
    }
    for open in ["check-that-cannot-fire", "stale-reason", "nothing-but-silence"] {
        assert!(about(&format!("{open}:")), "{open} is not in {problems:?}");
    }
    for settled in ["survivor-with-a-reason", "same-as-ours", "honest", "list.order", "time.order"] {
        assert!(!about(settled), "{settled} is in {problems:?}");
    }

    let (_, mut again) = scored(&[&args[..], &["--jobs", "3"]].concat());
    for score in [&mut score, &mut again] {
        score["duration_ms"] = Value::Null;
    }
    assert_eq!(score, again);
}

#[test]
fn one_server_is_tried_with_what_its_check_found() {
    let (code, out, err) = score(&["--only", "oldest-first"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.starts_with("killed\n"), "{out}");
    for part in ["fail: list.order", "older-first", "GET /v2/crawl?page_size=100 -> 200"] {
        assert!(out.contains(part), "`{part}` is not in\n{out}");
    }

    let (code, out, _) = score(&["--only", "uuid-ids"]);
    assert_eq!((code, out.lines().next()), (0, Some("no alarm")), "{out}");

    let (code, _, err) = score(&["--only", "oldest"]);
    assert_eq!(code, 2);
    assert!(err.contains("no server `oldest`") && err.contains("oldest-first"), "{err}");
}

#[test]
fn a_mistake_in_a_file_ends_with_two_and_its_place() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = written(
        &folder,
        &UNPROVEN.replacen("id.format", "id.from", 1).replacen("status: 500", "stat: 500", 1),
    );
    let (code, _, err) = score(&["--broken", shown(&path)]);
    assert_eq!(code, 2);
    assert!(err.contains("broken.yaml:7: entry `edits-nothing`: "), "{err}");
    let (code, _, err) = score(&["--broken", "/nowhere/at/all.yaml"]);
    assert_eq!(code, 2);
    assert!(err.contains("cannot read /nowhere/at/all.yaml"), "{err}");
}
