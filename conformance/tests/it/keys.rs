//! When a key has to be given, and when the check makes its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use conformance::profile;
use conformance::run::{Options, RunError, Ways, run_over};
use conformance::session::Wishes;
use conformance::target::Target;
use conformance::transport::Transport;
use conformance::transport::in_process::InProcess;
use http::Response;

fn options(target: &str, key: Option<&str>) -> Options {
    Options {
        wishes: Wishes { key: key.map(str::to_owned), ..Wishes::default() },
        timeout: Duration::from_secs(20),
        ..Options::new(
            Target::parse(target).expect("it is an address"),
            profile::find("catalog").expect("catalog is known"),
        )
    }
}

/// Expects the check to ask for something before it sends a single request to the API.
async fn asked(options: &Options, accounts: u64) -> String {
    let sent = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&sent);
    let api = InProcess::new(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        async { Response::new(Bytes::new()) }
    });
    let control: Arc<dyn Transport> = Arc::new(InProcess::new(move |_| async move {
        Response::new(Bytes::from(format!(r#"{{"name":"rehearsal","accounts":{accounts},"mode":"manual"}}"#)))
    }));
    let control = if options.target.is_loopback() { vec![control] } else { Vec::new() };
    let ways = Ways { target: Arc::new(api), control };
    let error = run_over(options, ways, std::future::pending()).await.expect_err("it asks");
    assert!(matches!(error, RunError::Usage(_)), "{error}");
    assert_eq!(error.exit_code().code(), 2);
    assert_eq!(sent.load(Ordering::Relaxed), 0, "nothing was sent");
    error.to_string()
}

#[tokio::test]
async fn a_server_that_declares_its_keys_needs_one_of_them() {
    let error = asked(&options("http://127.0.0.1:4010", None), 2).await;
    assert!(
        error.contains("2 declared keys") && error.contains("--key-env NAME or --key-file PATH"),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_elsewhere_needs_a_key_and_a_long_one() {
    let error = asked(&options("https://api.example", None), 0).await;
    assert!(error.contains("--key-env NAME or --key-file PATH"), "{error}");
    let error = asked(&options("https://api.example", Some("short")), 0).await;
    assert!(error.contains("fewer than 8 bytes"), "{error}");
}

#[tokio::test]
async fn a_given_world_that_stands_still_needs_leave_to_move_it() {
    let error = asked(&options("http://127.0.0.1:4010", Some("somebodys-key")), 0).await;
    assert!(error.contains("--move-clock"), "{error}");
}
