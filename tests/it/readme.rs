//! The README's commands do what they say. They need bash, curl and jq.

use std::path::Path;
use std::process::Command;

use crate::program::Server;

const ADDRESS: &str = "127.0.0.1:4010";

/// The shell blocks that are marked as runnable, in order.
fn blocks(readme: &str) -> Vec<String> {
    let marked = readme.split("<!-- runs -->\n```sh\n").skip(1);
    marked.filter_map(|rest| rest.split_once("\n```").map(|(block, _)| block.to_owned())).collect()
}

#[test]
fn every_runnable_block_of_the_readme_runs() {
    let readme = include_str!("../../README.md");
    let blocks = blocks(readme);
    assert!(blocks.len() >= 4, "the marks are where this test looks for them");
    let server = Server::start(&["--clock", "manual", "--strict"]);

    let folder = tempfile::tempdir().unwrap();
    // An answer of 400 or more is a failure of the command that got it.
    std::fs::write(folder.path().join(".curlrc"), "fail-with-body\nshow-error\n").unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_rehearsal")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    for block in blocks {
        let script = format!("set -euo pipefail\n{}", block.replace(ADDRESS, &server.address.to_string()));
        let output = Command::new("bash")
            .args(["-c", &script])
            .env("CURL_HOME", folder.path())
            .env("PATH", &path)
            .output()
            .expect("bash runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{script}\n{}{}", text(&output.stdout), text(&output.stderr));
    }
}
