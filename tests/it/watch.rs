//! `rehearsal serve --watch`: a scenario that is edited while the server runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::program::{Server, client, rehearsal, run};

/// Both ways to learn of a change.
const MODES: [&str; 2] = ["--watch", "--watch-poll"];
/// How often to ask whether something has happened, and how many times. On a machine that is not busy an edit is followed
/// after 60 ms, by polling after 560 ms at most.
const STEP: Duration = Duration::from_millis(20);
const STEPS: usize = 250;

/// Crawls end like this.
fn ending(description: &str, outcome: &str) -> String {
    format!(
        "version: 1\ndescription: {description}\nruns:\n  - match: {{ api: catalog }}\n    outcome: {outcome}\n"
    )
}

/// A server that watches a file.
struct Watched {
    server: Server,
    folder: tempfile::TempDir,
    crawls: AtomicUsize,
}

impl Watched {
    fn start(mode: &str, text: &str) -> Self {
        Self::started(&[mode], text)
    }

    fn started(flags: &[&str], text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mine.yaml");
        fs::write(&file, text).unwrap();
        let stderr = fs::File::create(folder.path().join("stderr")).unwrap();
        let mut command = rehearsal(&["serve", "--listen", "127.0.0.1:0", "--log", "off", "--seed", "7"]);
        command.args(["--clock", "manual", "--scenario", file.to_str().unwrap()]).args(flags);
        Self { server: Server::spawn(command.stderr(stderr)), folder, crawls: AtomicUsize::new(0) }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("mine.yaml")
    }

    fn write(&self, text: &str) {
        fs::write(self.file(), text).unwrap();
    }

    /// Puts another file in its place, as editors do.
    fn replace(&self, text: &str) {
        let other = self.folder.path().join("mine.yaml~");
        fs::write(&other, text).unwrap();
        fs::rename(other, self.file()).unwrap();
    }

    fn said(&self) -> String {
        fs::read_to_string(self.folder.path().join("stderr")).unwrap()
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let request = client().request(method, self.server.url(path));
        let request = if let Some(body) = body { request.json(&body) } else { request };
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    async fn health(&self) -> Value {
        self.ask(Method::GET, "/_rehearsal/health", None).await
    }

    /// Waits until new worlds begin with the scenario of this description.
    async fn begins_with(&self, description: &str) {
        self.until(async || self.health().await["scenario"]["description"] == description).await;
    }

    async fn is_bad(&self, mistakes: usize) {
        let expected = json!({ "file": self.file(), "state": "bad", "mistakes": mistakes });
        self.until(async || self.health().await["watch"] == expected).await;
    }

    async fn until(&self, holds: impl AsyncFn() -> bool) {
        for _ in 0..STEPS {
            if holds().await {
                return;
            }
            tokio::time::sleep(STEP).await;
        }
        panic!("it does not happen: {}{}", self.health().await, self.said());
    }

    async fn crawl(&self, key: &str) -> String {
        let request = client().post(self.server.url("/v2/crawl")).header("x-api-key", key);
        // Each of a shop of its own: a shop is not crawled twice at a time.
        let url = format!("shop-{}.com", self.crawls.fetch_add(1, Ordering::Relaxed));
        let answer = request.json(&json!({ "url": url })).send().await.unwrap();
        let body: Value = answer.json().await.unwrap();
        body["execution_id"].as_str().unwrap().to_owned()
    }

    /// How a run ends, a day later.
    async fn end(&self, key: &str, run: &str) -> String {
        let clock = format!("/_rehearsal/clock?key={key}");
        self.ask(Method::PATCH, &clock, Some(json!({ "advance": "1d" }))).await;
        let request = client().get(self.server.url(&format!("/v2/crawl/{run}"))).header("x-api-key", key);
        let body: Value = request.send().await.unwrap().json().await.unwrap();
        body["status"].as_str().unwrap().to_owned()
    }

    async fn next_end(&self, key: &str) -> String {
        let run = self.crawl(key).await;
        self.end(key, &run).await
    }
}

#[tokio::test]
async fn a_good_edit_is_followed_and_runs_in_flight_keep_their_plan() {
    for mode in MODES {
        let watched = Watched::start(mode, &ending("first", "failed"));
        let expected = json!({ "file": watched.file(), "state": "good", "mistakes": 0 });
        assert_eq!(watched.health().await["watch"], expected);
        let before = watched.crawl("test-a").await;
        watched.write(&ending("second", "completed"));
        watched.begins_with("second").await;
        assert_eq!(
            watched.next_end("test-a").await,
            "completed",
            "{mode}: a world that was there follows it"
        );
        assert_eq!(watched.end("test-a", &before).await, "failed", "{mode}");
        assert_eq!(watched.next_end("test-b").await, "completed", "{mode}: a new world begins with it");
        watched.ask(Method::POST, "/_rehearsal/reset?key=test-a", None).await;
        assert_eq!(watched.next_end("test-a").await, "completed", "{mode}: it stays after a reset");
        watched.until(async || watched.said().contains("followed by 1 world and every new one")).await;

        for key in ["test-a", "test-b"] {
            let forget = client().delete(watched.server.url(&format!("/_rehearsal/worlds/{key}")));
            assert_eq!(forget.send().await.unwrap().status(), 204);
        }
        // Of what new worlds begin with: it is put back to what the server was started with, in its present version.
        watched.ask(Method::POST, "/_rehearsal/reset", None).await;
        assert_eq!(watched.next_end("test-a").await, "completed", "{mode}");
    }
}

#[tokio::test]
async fn a_bad_edit_changes_nothing_and_says_what_is_wrong_until_it_is_good_again() {
    for mode in MODES {
        let watched = Watched::start(mode, &ending("first", "failed"));
        let _ = watched.crawl("test-a").await;
        watched.write("version: 1\nrnus: []\nseed: seven\n");
        watched.is_bad(2).await;
        assert_eq!(watched.next_end("test-a").await, "failed");
        assert_eq!(watched.next_end("test-b").await, "failed");
        let complaint =
            format!("{}: 2 mistakes; the last good version still serves\n", watched.file().display());
        watched.until(async || watched.said().ends_with(&complaint)).await;
        let said = watched.said();
        let (_, _, linted) = run(&["scenario", "lint", watched.file().to_str().unwrap()]);
        assert!(said.starts_with(linted.trim_end()), "{said}\n{linted}");
        assert!(said.contains("did you mean `runs`?") && said.contains("mine.yaml:3:7"), "{said}");

        watched.replace(&ending("fixed", "completed"));
        watched.begins_with("fixed").await;
        assert_eq!(watched.health().await["watch"]["state"], "good");
        assert_eq!(watched.next_end("test-a").await, "completed");
    }
}

#[tokio::test]
async fn a_file_that_is_gone_or_empty_is_bad_until_it_is_back() {
    for mode in MODES {
        let watched = Watched::start(mode, &ending("first", "failed"));
        watched.write("");
        watched.is_bad(1).await;
        watched.until(async || watched.said().contains("mine.yaml is empty")).await;
        watched.write(&ending("second", "failed"));
        watched.begins_with("second").await;
        fs::remove_file(watched.file()).unwrap();
        watched.is_bad(1).await;
        watched.until(async || watched.said().contains("cannot read")).await;
        assert_eq!(watched.next_end("test-a").await, "failed");
        watched.replace(&ending("third", "completed"));
        watched.begins_with("third").await;
        watched.replace(&ending("fourth", "failed"));
        watched.begins_with("fourth").await;
        assert_eq!(watched.next_end("test-a").await, "failed");
    }
}

#[tokio::test]
async fn a_world_that_was_given_another_scenario_keeps_it() {
    for mode in MODES {
        let watched = Watched::start(mode, &ending("first", "failed"));
        for key in ["test-a", "test-b"] {
            let _ = watched.crawl(key).await;
        }
        let put = client().put(watched.server.url("/_rehearsal/scenario?key=test-a"));
        // Though it says the same as the file.
        let put = put.body(ending("first", "failed")).send().await.unwrap();
        assert!(put.status().is_success());
        watched.replace(&ending("second", "completed"));
        watched.begins_with("second").await;
        watched.until(async || watched.said().contains("followed by 1 world and every new one")).await;
        assert_eq!(watched.next_end("test-a").await, "failed");
        assert_eq!(watched.next_end("test-b").await, "completed");
        assert!(watched.said().ends_with(", not by 1 world with another scenario\n"), "{}", watched.said());
    }
}

#[tokio::test]
async fn seed_and_start_wait_for_a_reset() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.yaml");
    let text = |description: &str, seed, start| {
        format!(
            "version: 1\ndescription: {description}\nseed: {seed}\nclock: {{ mode: manual, start: {start}T00:00:00Z }}\n"
        )
    };
    fs::write(&file, text("first", 1, "2026-01-01")).unwrap();
    let base = ["serve", "--listen", "127.0.0.1:0", "--log", "off", "--watch", "--scenario"];
    let server = Server::spawn(rehearsal(&base).arg(&file).stderr(std::process::Stdio::null()));
    let watched = Watched { server, folder, crawls: AtomicUsize::new(0) };
    let _ = watched.crawl("test-a").await;
    let world = async || {
        let worlds = watched.ask(Method::GET, "/_rehearsal/worlds", None).await;
        let world = &worlds["worlds"][0];
        (world["seed"].as_u64().unwrap(), world["now"].as_str().unwrap()[..10].to_owned())
    };
    assert_eq!(world().await, (1, "2026-01-01".to_owned()));
    watched.replace(&text("second", 2, "2027-01-01"));
    watched.begins_with("second").await;
    assert_eq!(world().await, (1, "2026-01-01".to_owned()));
    watched.ask(Method::POST, "/_rehearsal/reset", None).await;
    assert_eq!(world().await, (2, "2027-01-01".to_owned()));
}

#[tokio::test]
async fn other_accounts_are_refused() {
    let text = |description: &str, key: &str| {
        format!("version: 1\ndescription: {description}\naccounts:\n  - key: {key}\n")
    };
    let watched = Watched::start("--watch", &text("first", "sk-one"));
    watched.write(&text("second", "sk-two"));
    watched.is_bad(1).await;
    watched.until(async || watched.said().contains("`accounts` are fixed when the server starts")).await;
    assert_eq!(watched.health().await["scenario"]["description"], "first");
    watched.write(&text("third", "sk-one"));
    watched.begins_with("third").await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_linked_file_is_followed_to_where_it_is() {
    let versions = tempfile::tempdir().unwrap();
    let target = |name: &str| versions.path().join(name);
    fs::write(target("one"), ending("first", "failed")).unwrap();
    fs::write(target("two"), ending("second", "failed")).unwrap();
    let watched = Watched::start("--watch", &ending("own", "failed"));
    let link = |to: &Path| {
        let other = watched.folder.path().join("link");
        std::os::unix::fs::symlink(to, &other).unwrap();
        fs::rename(other, watched.file()).unwrap();
    };
    link(&target("one"));
    watched.begins_with("first").await;
    fs::write(target("one"), ending("edited", "failed")).unwrap();
    watched.begins_with("edited").await;
    link(&target("two"));
    watched.begins_with("second").await;
}

#[tokio::test]
async fn without_the_flag_the_file_is_read_once() {
    let watched = Watched::started(&[], &ending("first", "failed"));
    watched.replace(&ending("second", "completed"));
    tokio::time::sleep(STEP * 40).await;
    let health = watched.health().await;
    assert_eq!((&health["scenario"]["description"], health.get("watch")), (&json!("first"), None));
}

#[test]
fn only_a_file_can_be_watched() {
    for (flags, expected) in [
        (&["--watch"][..], "--watch needs a scenario file to watch; name it with --scenario FILE"),
        (&["--watch-poll"], "--watch-poll needs a scenario file"),
        (&["--watch", "--scenario", "happy"], "`happy` comes with the program and never changes"),
        (&["--watch", "--scenario", "hapy"], "did you mean `happy`?"),
        (&["--watch", "--scenario", "./missing.yaml"], "cannot read ./missing.yaml"),
        (&["--watch", "--scenario", "./src"], "./src is not a regular file"),
    ] {
        let (code, out, err) = run(&[&["serve"], flags].concat());
        assert_eq!(code, 2, "{flags:?}: {out}{err}");
        assert!(err.starts_with("error: ") && err.contains(expected), "{flags:?}: {err}");
    }
}
