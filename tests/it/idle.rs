//! Thousands of connections that do nothing, on a system that starts every program with a low limit of open files.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::program::{Server, client};

/// How many there are.
const IDLE: usize = 5_000;
/// What the test's own process needs: a connection each, and some files beside them.
const NEEDED: u64 = 6_000;
/// What the server may grow by for each, in KiB: twice what it did when this was measured.
const KIB_EACH: u64 = 16;
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

fn served_under(limits: &str, stderr: std::process::Stdio) -> Server {
    let program = env!("CARGO_BIN_EXE_rehearsal");
    let script = format!("ulimit {limits}; exec {program} serve --listen 127.0.0.1:0 --log off");
    let mut command = std::process::Command::new("sh");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("REHEARSAL_")) {
        command.env_remove(name);
    }
    Server::spawn(command.args(["-c", &script]).stderr(stderr))
}

#[tokio::test]
async fn thousands_of_idle_connections_leave_room_and_memory_for_others() {
    let own = rlimit::increase_nofile_limit(u64::MAX).unwrap();
    assert!(
        own >= NEEDED,
        "this machine lets a process open {own} files; the test needs {NEEDED} (ulimit -H -n)"
    );
    let server = served_under("-S -n 256", std::process::Stdio::inherit());
    let health = async || {
        let asked = client().get(server.url("/_rehearsal/health")).timeout(PATIENCE).send().await.unwrap();
        assert_eq!(asked.status(), 200);
    };
    health().await;
    let before = server.resident_kib();
    let mut slow = TcpStream::connect(server.address).unwrap();
    slow.write_all(b"GET /_rehearsal/health HTTP/1.1\r\nhost: local").unwrap();
    let idle: Vec<TcpStream> = (0..IDLE).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    // What is asked last is accepted last.
    health().await;
    let after = server.resident_kib();
    let bound = before + IDLE as u64 * KIB_EACH;
    assert!(
        after < bound,
        "{before} KiB before, {after} KiB with {IDLE} idle connections; at most {bound} KiB are expected"
    );
    for byte in b"host\r\nconnection: close\r\n\r\n" {
        slow.write_all(&[*byte]).unwrap();
    }
    let mut answer = String::new();
    slow.set_read_timeout(Some(PATIENCE)).unwrap();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // None of them was turned away, nor closed for being idle.
    for mut stream in idle {
        stream.set_nonblocking(true).unwrap();
        let read = stream.read(&mut [0]).unwrap_err();
        assert_eq!(read.kind(), std::io::ErrorKind::WouldBlock);
    }
}

#[tokio::test]
async fn what_the_system_does_not_allow_is_not_promised() {
    let folder = tempfile::tempdir().unwrap();
    let said = folder.path().join("stderr");
    let server = served_under("-n 200", std::fs::File::create(&said).unwrap().into());
    // More than it may have open; the last ones wait in its queue until others leave.
    let mut idle: Vec<TcpStream> = (0..250).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    idle.drain(..150);
    let asked = client().get(server.url("/_rehearsal/health")).timeout(PATIENCE).send().await.unwrap();
    assert_eq!(asked.status(), 200);
    let said = std::fs::read_to_string(said).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("note: 136 connections are served at a time instead of 8192,"), "{said}");
}
