//! Exports as other programs read them.

use std::path::Path;
use std::process::Command;

use crate::program::Server;

/// Where `.ci/run` puts it, with the libraries that the script needs.
const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/e2e/bin/python");

#[test]
fn pyarrow_and_duckdb_read_what_lists_and_lines_say() {
    let server = Server::start(&["--strict", "--clock", "manual"]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/exports/compare.py");
    let output = Command::new(PYTHON).arg(script).arg(server.url("")).env("NO_PROXY", "127.0.0.1").output();
    let output = output.unwrap_or_else(|error| {
        panic!(
            "this needs {PYTHON} ({error}); in the project's folder:\n  python3 -m venv target/e2e && \
             target/e2e/bin/pip install -r tests/it/requirements.txt"
        )
    });
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.lines().count(), 5, "{said}");
}
