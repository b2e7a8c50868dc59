//! Servers that are something else altogether. They need Python.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::program::run;

/// A file server that ends with the test.
struct Files(Child);

impl Drop for Files {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn a_file_server_is_never_taken_for_catalog() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Command::new("python3")
        .args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("python3 runs");
    let stdout = files.stdout.take().unwrap();
    let files = Files(files);
    let mut first = String::new();
    BufReader::new(stdout).read_line(&mut first).unwrap();
    let port = first.split("port ").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap();

    let target = format!("http://127.0.0.1:{port}");
    let junit = folder.path().join("report.xml");
    let report = format!("junit={}", junit.display());
    let (code, out, err) = run(&["check", "--target", &target, "--timeout", "60s", "--report", &report]);
    assert_eq!(code, 1, "{out}{err}");
    // A second reader, in case ours is as wrong as our writer.
    let count =
        "import sys, xml.etree.ElementTree as t; print(len(t.parse(sys.argv[1]).findall('.//failure')))";
    let read = Command::new("python3").args(["-c", count]).arg(&junit).output().expect("python3 runs");
    let failures: usize = String::from_utf8_lossy(&read.stdout).trim().parse().expect("it is XML");
    assert_eq!(failures, out.lines().filter(|line| line.starts_with("fail: ")).count());
    assert!(out.contains("is this the base address of catalog v2?"), "{out}");
    assert!(out.lines().last().is_some_and(|line| line.starts_with("nonconformant: ")), "{out}");
    drop(files);
}
