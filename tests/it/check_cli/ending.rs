//! A check that is told to end takes back what it made.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::process::Command;
use tokio::sync::watch;

use super::wire::{Message, Tamper, call, proxy};
use crate::program::{Server, ending_signals, rehearsal, send_signal};

/// Tells when the first run has been asked for.
struct Watched(watch::Sender<bool>);

impl Tamper for Watched {
    fn answer(&self, request: &Message, _: &mut Message) {
        if request.method() == "POST" && request.target().starts_with("/v2/") {
            self.0.send_replace(true);
        }
    }
}

#[tokio::test]
async fn any_signal_ends_a_check_in_order() {
    for signal in ending_signals() {
        let server = Server::start(&[]);
        let (wish, mut asked) = watch::channel(false);
        let target = format!("http://{}", proxy(server.address, Watched(wish)).await);
        // Nobody waits for as long as it would take.
        let args = ["check", "--target", &target, "--key", "test-given", "--pace", "1h", "--timeout", "2h"];
        let mut command = Command::from(rehearsal(&args));
        let check = command.args(["--format", "json"]).stdout(Stdio::piped()).spawn().unwrap();
        asked.wait_for(|asked| *asked).await.unwrap();
        send_signal(check.id().unwrap(), signal);
        let output = check.wait_with_output().await.unwrap();

        assert!([3, 5].contains(&output.status.code().unwrap_or_default()), "{signal}: {}", output.status);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["notes"][0], "interrupted; what was seen until then was judged", "{signal}");
        let (_, worlds) = call(server.address, "GET", "/_rehearsal/worlds", "", "").await;
        let left: Vec<_> = worlds["worlds"].as_array().into_iter().flatten().map(|it| &it["id"]).collect();
        assert_eq!(left, [&json!("test-given")], "{signal}: only the given world is there");
    }
}
