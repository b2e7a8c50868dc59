//! A server whose control plane wants a token.

use std::fs;

use super::check;
use crate::program::{Server, client, rehearsal};

const TOKEN: &str = "hush-4711-hush";

#[tokio::test]
async fn a_check_that_has_the_token_moves_clocks_and_records_it_nowhere() {
    let server = Server::start(&["--control-token", TOKEN]);
    let target = server.url("");
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut args = vec!["--target".to_owned(), target];
    for format in ["terminal", "json", "junit", "markdown", "transcript"] {
        args.extend(["--report".to_owned(), format!("{format}={}", path(format).display())]);
    }
    let output = tokio::process::Command::from(rehearsal(&["check"]))
        .args(&args)
        .env("REHEARSAL_CONTROL_TOKEN", TOKEN)
        .output()
        .await
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{out}{err}");
    assert!(!out.contains("hush-") && !err.contains("hush-"), "{out}{err}");
    let transcript = fs::read_to_string(path("transcript")).unwrap();
    assert!(transcript.contains("/_rehearsal/clock"), "the control plane was asked");
    for file in fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap().path();
        let text = fs::read_to_string(&file).unwrap();
        assert!(!text.is_empty() && !text.contains("hush-"), "{}", file.display());
    }
    let worlds = client().get(server.url("/_rehearsal/worlds")).header("x-rehearsal-token", TOKEN);
    let worlds: serde_json::Value = worlds.send().await.unwrap().json().await.unwrap();
    assert_eq!(worlds["worlds"], serde_json::json!([]), "its worlds are forgotten");
}

#[tokio::test]
async fn a_check_without_the_right_token_says_what_to_give() {
    let server = Server::start(&["--control-token", TOKEN]);
    let target = server.url("");
    for (flags, expected) in [
        (&[][..], "wants a token. Give the one that the server was given, with --control-token"),
        (&["--control-token", "another-0815"], "refuses the token"),
        (&["--control-token", "0815"], "a control token is 8 to 256 printable ASCII characters"),
    ] {
        let (code, out, err) = check(&[&["--target", &*target], flags].concat()).await;
        assert_eq!(code, 2, "{out}{err}");
        assert!(err.contains(expected) && !err.contains("0815"), "{err}");
    }
}
