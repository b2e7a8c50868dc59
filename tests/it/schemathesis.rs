//! The stand-in under Schemathesis, which makes requests from the served contract and judges the answers by it: a second
//! reader of the contract, that knows nothing of ours.

use std::path::Path;
use std::process::Command;

use fixtures::contract::Contract;

use crate::program::Server;

/// Where `.ci/run` puts it.
const TOOL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/e2e/bin/schemathesis");
const REQUIREMENTS: &str = include_str!("requirements.txt");

/// Schemathesis in the pinned version; without it the test fails.
fn schemathesis() -> Command {
    let pinned = REQUIREMENTS.lines().find_map(|line| line.strip_prefix("schemathesis==")).unwrap();
    let version =
        Command::new(TOOL).arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    let version = String::from_utf8_lossy(&version);
    assert!(
        version.trim().ends_with(&format!(" {pinned}")),
        "this needs Schemathesis {pinned} as {TOOL}, and finds {version:?}; in the project's folder:\n  \
         python3 -m venv target/e2e && target/e2e/bin/pip install -r tests/it/requirements.txt"
    );
    Command::new(TOOL)
}

#[test]
fn schemathesis_finds_no_answer_that_breaks_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    // Where any key is welcome, a made-up one cannot be refused.
    let scenario = folder.path().join("one-key.yaml");
    std::fs::write(&scenario, "version: 1\naccounts:\n  - { key: test-schemathesis }\n").unwrap();
    // An hour of a run's life in a minute: it meets them in every state.
    let scenario = scenario.to_str().unwrap();
    let server = Server::start(&["--strict", "--clock", "x60", "--scenario", scenario]);

    let output = schemathesis()
        .arg("--config-file")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/schemathesis.toml"))
        .args(["run", &server.url("/_rehearsal/contracts/catalog/v2.json")])
        .args([
            "--header",
            "x-api-key: test-schemathesis",
            "--max-examples",
            "25",
            "--seed",
            "7",
            "--no-color",
        ])
        // It keeps what it found beside where it runs.
        .current_dir(folder.path())
        .env("NO_PROXY", "127.0.0.1")
        .env("PYTHONUTF8", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let all = Contract::find("catalog", "v2").unwrap().operations().len();
    for operations in [format!("{all} selected / {all} total"), format!("Tested: {all}\n")] {
        assert!(said.contains(&operations), "{said}");
    }
    for phase in ["Examples", "Coverage", "Fuzzing", "Stateful"] {
        assert!(said.contains(&format!("✅ {phase}\n")), "{phase} took place: {said}");
    }
}
