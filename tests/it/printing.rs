//! What a command prints, where nobody can read it.

use std::process::Stdio;

use crate::program::rehearsal;

/// Everything that prints and is over.
const PRINTING: &[&[&str]] = &[
    &["--help"],
    &["--version"],
    &["completions", "bash"],
    &["scenario", "list"],
    &["scenario", "show", "happy"],
    &["scenario", "schema"],
    &["scenario", "lint", "happy"],
    &["clauses"],
    &["check", "--list"],
    &["score", "--list"],
    &["validate", "--operation", "catalog.crawl.create", "--request", "-"],
];

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_a_failure_that_says_so() {
    for args in PRINTING {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = rehearsal(args).stdin(Stdio::null()).stdout(full).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(4), "{args:?}: {err}");
        assert!(err.contains("No space left on device"), "{args:?}: {err}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    for args in PRINTING {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = rehearsal(args).stdin(Stdio::null()).stdout(writer).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        let is_unread = args[0] == "validate";
        assert_eq!(output.status.code(), Some(if is_unread { 2 } else { 0 }), "{args:?}: {err}");
        assert_eq!(err.is_empty(), !is_unread, "{args:?}: {err}");
    }
}
