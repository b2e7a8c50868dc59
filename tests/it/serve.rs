//! `rehearsal serve`: how it starts, what it says, how it ends.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::program::{Server, client, ending_signals, rehearsal, run};

async fn health(server: &Server) -> Value {
    client().get(server.url("/_rehearsal/health")).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn the_ready_file_names_a_server_that_answers() {
    let folder = tempfile::tempdir().unwrap();
    let ready = folder.path().join("ready");
    let server = Server::start(&["--ready-file", ready.to_str().unwrap()]);
    health(&server).await;
    assert_eq!(std::fs::read_to_string(ready).unwrap(), format!("http://{}\n", server.address));
}

#[tokio::test]
async fn the_ready_file_is_there_only_while_the_server_is() {
    let folder = tempfile::tempdir().unwrap();
    let ready = folder.path().join("ready");
    let flag = ["--ready-file", ready.to_str().unwrap()];
    std::fs::write(&ready, "http://127.0.0.1:1\n").unwrap();
    let (code, _, _) = run(&["serve", "--scenario", "./missing.yaml", flag[0], flag[1]]);
    assert_eq!((code, ready.exists()), (2, false), "an old one is gone, whatever happens next");

    let server = Server::start(&flag);
    health(&server).await;
    assert!(ready.exists());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left beside it");
    let (status, _) = tokio::task::spawn_blocking(move || server.stop("TERM")).await.unwrap();
    assert!(status.success() && !ready.exists());
}

#[test]
fn a_ready_file_of_another_server_stays() {
    let folder = tempfile::tempdir().unwrap();
    let ready = folder.path().join("ready");
    let flag = ["--ready-file", ready.to_str().unwrap()];
    let (former, latter) = (Server::start(&flag), Server::start(&flag));
    assert!(former.stop("TERM").0.success());
    let names = || std::fs::read_to_string(&ready).unwrap();
    assert_eq!(names(), format!("http://{}\n", latter.address));
    assert!(latter.stop("TERM").0.success() && !ready.exists());
}

#[test]
fn a_ready_file_takes_the_place_of_a_file_only() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, err) = run(&["serve", "--ready-file", folder.path().to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(err.contains("is not a regular file"), "{err}");
    assert!(folder.path().is_dir());
}

#[test]
fn the_greeting_names_a_key_that_is_welcome() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.yaml");
    std::fs::write(&file, "version: 1\naccounts:\n  - key: sk-one\n  - key: sk-two\n").unwrap();
    let (_, said) = Server::start(&["--scenario", file.to_str().unwrap()]).stop("TERM");
    assert!(said.contains("the 2 keys the scenario declares are welcome: sk-one, sk-two\n"), "{said}");
    assert!(said.contains("curl -H 'x-api-key: sk-one'") && !said.contains("any API key"), "{said}");
    let (_, said) = Server::start(&[]).stop("TERM");
    assert!(said.contains("any API key is welcome") && said.contains("'x-api-key: test-1'"), "{said}");
}

#[tokio::test]
async fn a_flag_outranks_the_environment_and_the_environment_a_scenario() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.yaml");
    std::fs::write(&file, "version: 1\nseed: 1\nclock: { mode: manual }\n").unwrap();
    let file = file.to_str().unwrap();
    let base = ["serve", "--listen", "127.0.0.1:0", "--log", "off", "--scenario", file];

    let by_scenario = health(&Server::spawn(&mut rehearsal(&base))).await;
    assert_eq!((&by_scenario["seed"], &by_scenario["clock"]["mode"]), (&1.into(), &"manual".into()));
    let by_environment =
        health(&Server::spawn(rehearsal(&base).env("REHEARSAL_SEED", "2").env("REHEARSAL_CLOCK", "x60")))
            .await;
    assert_eq!((&by_environment["seed"], &by_environment["clock"]["rate"]), (&2.into(), &60.0.into()));
    let by_flag =
        health(&Server::spawn(rehearsal(&base).env("REHEARSAL_SEED", "2").args(["--seed", "3"]))).await;
    assert_eq!(by_flag["seed"], 3);
}

#[tokio::test]
async fn an_empty_environment_variable_is_none() {
    let mut command = rehearsal(&["serve", "--listen", "127.0.0.1:0"]);
    for name in ["SCENARIO", "SEED", "CLOCK", "LOG", "READY_FILE", "WORLDS", "STRICT"] {
        command.env(format!("REHEARSAL_{name}"), "");
    }
    let server = Server::spawn(command.env("REHEARSAL_LOG", "off"));
    assert_eq!(health(&server).await["clock"]["mode"], "real");

    let mut command = rehearsal(&["check", "--list"]);
    for name in ["TARGET", "KEY", "KEY_ENV", "PACE", "TIMEOUT", "STRICT", "FORMAT", "REPORT"] {
        command.env(format!("REHEARSAL_CHECK_{name}"), "");
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_switch_in_the_environment_can_be_written_in_any_usual_way() {
    for value in ["1", "0", "true", "false", "yes", "no", "on", "off"] {
        drop(Server::spawn(rehearsal(&["serve", "--listen", "127.0.0.1:0"]).env("REHEARSAL_STRICT", value)));
    }
    let output =
        rehearsal(&["serve", "--listen", "127.0.0.1:0"]).env("REHEARSAL_STRICT", "maybe").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[tokio::test]
async fn it_serves_on_when_nobody_reads_what_it_says() {
    let mut command = rehearsal(&["serve", "--listen", "127.0.0.1:0", "--log", "line"]);
    let folder = tempfile::tempdir().unwrap();
    let ready = folder.path().join("ready");
    let mut process = command
        .args(["--ready-file", ready.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop((process.stdout.take(), process.stderr.take()));
    let url = loop {
        match std::fs::read_to_string(&ready) {
            Ok(url) if url.ends_with('\n') => break url,
            _ => assert_eq!(process.try_wait().unwrap(), None, "it has ended"),
        }
    };
    for _ in 0..3 {
        let answer = client().get(format!("{}/_rehearsal/health", url.trim())).send().await.unwrap();
        assert!(answer.status().is_success());
    }
    process.kill().unwrap();
    process.wait().unwrap();
}

#[test]
fn it_ends_in_order_on_any_signal() {
    for signal in ending_signals() {
        let folder = tempfile::tempdir().unwrap();
        let ready = folder.path().join("ready");
        let (status, said) = Server::start(&["--ready-file", ready.to_str().unwrap()]).stop(signal);
        assert!(status.success(), "{signal}: {status}");
        assert!(said.ends_with("stopped; every request was answered\n"), "{said}");
        assert!(!ready.exists(), "{signal}");
    }
}

/// `nohup` starts it so.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn it_outlives_its_terminal_where_that_was_asked_for() {
    let program = env!("CARGO_BIN_EXE_rehearsal");
    let ignoring = format!("trap '' HUP; exec {program} serve --listen 127.0.0.1:0 --log off");
    let server = Server::spawn(std::process::Command::new("sh").args(["-c", &ignoring]));
    server.signal("HUP");
    assert_eq!(health(&server).await["name"], "rehearsal");
    let (status, _) = tokio::task::spawn_blocking(move || server.stop("TERM")).await.unwrap();
    assert!(status.success());
}

#[tokio::test]
async fn what_takes_too_long_is_cut_off_and_counted() {
    let server = Server::start(&["--clock", "manual"]);
    let create =
        client().post(server.url("/v2/crawl")).header("x-api-key", "test-a").body(r#"{"url": "skims.com"}"#);
    let created: Value = create.send().await.unwrap().json().await.unwrap();
    let run = created["execution_id"].as_str().unwrap();
    let mut waiting = TcpStream::connect(server.address).unwrap();
    let head = format!("POST /_rehearsal/runs/{run}/wait HTTP/1.1\r\nhost: localhost\r\ncontent-length: 18");
    write!(waiting, "{head}\r\n\r\n{{\"timeout\": \"60s\"}}").unwrap();
    // It stands in the server's socket by now; these come later, each on a connection of its own.
    for _ in 0..20 {
        health(&server).await;
    }
    let (status, said) = tokio::task::spawn_blocking(move || server.stop("TERM")).await.unwrap();
    assert!(status.success());
    assert!(said.ends_with("stopped; 1 request was cut off after 800 ms\n"), "{said}");
    let mut answer = String::new();
    let _ = waiting.read_to_string(&mut answer);
    assert_eq!(answer, "", "it was cut off");
}

#[tokio::test]
async fn an_answer_that_was_not_read_is_cut_off_and_counted() {
    let server = Server::start(&["--clock", "manual"]);
    let urls: Vec<String> = (0..1_000).map(|number| format!("https://shop.com/{number}")).collect();
    let create = client().post(server.url("/v2/extract")).header("x-api-key", "test-a");
    let created: Value = create.json(&json!({ "urls": urls })).send().await.unwrap().json().await.unwrap();
    let run = created["execution_id"].as_str().unwrap();
    let clock = client().patch(server.url("/_rehearsal/clock?key=test-a"));
    clock.json(&json!({ "advance": "1h" })).send().await.unwrap().error_for_status().unwrap();

    let mut deaf = TcpStream::connect(server.address).unwrap();
    let read =
        format!("GET /v2/extract/{run}?page_size=100 HTTP/1.1\r\nhost: x\r\nx-api-key: test-a\r\n\r\n");
    deaf.write_all(read.repeat(300).as_bytes()).unwrap();
    let mut first = [0; 12];
    deaf.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");

    let (status, said) = tokio::task::spawn_blocking(move || server.stop("TERM")).await.unwrap();
    assert!(status.success());
    assert!(said.contains("cut off after 800 ms\n"), "{said}");
}

#[tokio::test]
async fn no_key_reaches_the_request_log() {
    const KEY: &str = "sk-live-4711";
    for format in ["line", "json"] {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut command = rehearsal(&["serve", "--listen", "127.0.0.1:0", "--log", format]);
        let server = Server::spawn(command.stderr(std::fs::File::create(&log).unwrap()));
        let client = client();
        let send = async |method: &str, path: &str, name: &str, value: &str| {
            let method = method.parse().unwrap();
            let request = client.request(method, server.url(path)).header(name, value).body("{}");
            request.send().await.unwrap();
        };
        send("GET", "/v2/crawl?note=sk-live-4711", "x-api-key", KEY).await;
        send("GET", "/_rehearsal/requests?key=sk-live-4711", "accept", "*/*").await;
        send("DELETE", "/_rehearsal/worlds/sk-live-4711", "accept", "*/*").await;
        send("GET", "/_rehearsal/worlds/sk-live-4711", "accept", "*/*").await;
        send("DELETE", "/_rehearsal/worlds/sk-live-4711", "origin", "http://example.com").await;
        send("GET", "/_rehearsal/wolrds/sk-live-4711", "accept", "*/*").await;
        send("GET", "/other/sk-live-4711", "authorization", "Bearer sk-live-4711").await;
        send("GET", "/other/sk-live-4711", "authorization", "Token sk-live-4711").await;
        let stopped = tokio::task::spawn_blocking(move || server.stop("TERM")).await.unwrap();
        assert!(stopped.0.success());
        let log = std::fs::read_to_string(log).unwrap();
        assert_eq!(log.lines().count(), 8, "{log}");
        assert!(!log.contains("4711"), "{log}");
        for shown in
            ["/_rehearsal/worlds/{world}", "/_rehearsal/requests", "/_rehearsal/(unknown)", "/other/$KEY"]
        {
            assert!(log.contains(shown), "{shown}: {log}");
        }
    }
}

#[test]
fn a_taken_port_is_named_with_a_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, _, err) = run(&["serve", "--listen", &address]);
    assert_eq!(code, 4);
    insta::assert_snapshot!(err.replace(&address, "ADDRESS"));
}

#[test]
fn bad_flags_and_scenarios_are_usage_errors() {
    for args in [
        &["serve", "--clock", "fast"][..],
        &["serve", "--clock", "x0"],
        &["serve", "--clock", "x1e-300"],
        &["serve", "--clock", "x1e9"],
        &["serve", "--worlds", "0"],
        &["serve", "--listen", "4010"],
        &["serve", "--seed", "-1"],
        &["serve", "--scenario", "hapy"],
        &["serve", "--scenario", "./missing.yaml"],
        &["serve", "--log", "loud"],
        &["srve"],
        &["check", "--site", "not a host"],
    ] {
        let (code, out, err) = run(args);
        assert_eq!(code, 2, "{args:?}: {out}{err}");
        assert!(err.starts_with("error: "), "{args:?}: {err}");
    }
}

#[test]
fn the_help_says_what_there_is() {
    let (_, out, _) = run(&["--help"]);
    insta::assert_snapshot!("help", out);
    let (_, out, _) = run(&["serve", "--help"]);
    insta::assert_snapshot!("serve_help", out);
}

#[test]
fn completions_are_printed_for_the_common_shells() {
    for shell in ["bash", "zsh", "fish"] {
        let (code, out, _) = run(&["completions", shell]);
        assert!(code == 0 && out.contains("rehearsal"), "{shell}");
    }
}

#[tokio::test]
async fn a_server_that_is_broken_on_purpose_says_so_and_counts() {
    let server = Server::start(&["--defect", "list-order-flip", "--defect", "ghost-job"]);
    let create =
        |body: &'static str| client().post(server.url("/v2/crawl")).header("x-api-key", "a").body(body);
    assert_eq!(create("{}").send().await.unwrap().status(), 400);
    let defects = health(&server).await["defects"].clone();
    let expected = json!([{"name": "ghost-job", "fired": 1}, {"name": "list-order-flip", "fired": 0}]);
    assert_eq!(defects, expected);
    let (_, said) = tokio::task::spawn_blocking(move || server.stop("TERM")).await.unwrap();
    assert!(said.contains("Broken on purpose: list-order-flip, ghost-job\n"), "{said}");

    let (code, _, err) = run(&["serve", "--defect", "ghost-jop"]);
    assert_eq!(code, 2);
    assert!(err.contains("there is no defect `ghost-jop`; did you mean `ghost-job`?"), "{err}");
}
