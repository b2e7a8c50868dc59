//! The stand-in under the clients that are published for LlamaExtract: six suites, each with its client's own version of the
//! API, at one server and at once.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;
use tokio::task::JoinSet;

use crate::program::Server;

const PROJECT: &str = env!("CARGO_MANIFEST_DIR");
/// How long all suites may take together: they begin together, and none may take longer.
const PATIENCE: Duration = Duration::from_secs(180);
/// How many lines of a failed suite are shown: its last failures and what it says of itself.
const SHOWN: usize = 200;

/// A client, and the folder of its suite below this one.
#[derive(Debug, Clone, Copy)]
enum Suite {
    Python(&'static str),
    JavaScript(&'static str),
}

const SUITES: [Suite; 6] = [
    Suite::Python("services_py"),
    Suite::Python("llama_cloud_0_1_9"),
    Suite::Python("llama_cloud_1_6_0"),
    Suite::Python("llama_cloud_2_19_0"),
    Suite::JavaScript("services_js"),
    Suite::JavaScript("llama_cloud_js"),
];

/// What came of a suite.
#[derive(Debug)]
struct Outcome {
    folder: &'static str,
    passed: bool,
    said: String,
}

impl Suite {
    fn folder(self) -> &'static str {
        match self {
            Self::Python(folder) | Self::JavaScript(folder) => folder,
        }
    }

    /// Where `tests/it/llama_clients/install` puts the client; it must be there as pinned.
    fn environment(self) -> PathBuf {
        let folder = self.folder();
        let environment = Path::new(PROJECT).join(format!("target/e2e-{folder}"));
        let (pinned, installed) = match self {
            Self::Python(_) => ("requirements.txt", "installed.txt"),
            Self::JavaScript(_) => ("package-lock.json", "installed.json"),
        };
        let pinned = std::fs::read(suites().join(folder).join(pinned)).unwrap();
        let installed = std::fs::read(environment.join(installed)).ok();
        assert!(
            installed == Some(pinned),
            "this needs the client of the suite {folder} as it is pinned; in the project's folder:\n  \
             tests/it/llama_clients/install"
        );
        environment
    }

    /// The suite, or what of it a word selects, against the server at an address.
    fn command(self, address: &str, selected: Option<&str>) -> Command {
        let environment = self.environment();
        let mut command = match self {
            Self::Python(folder) => {
                let mut pytest = Command::new(environment.join("bin/python"));
                pytest.args(["-m", "pytest", "--quiet", folder]);
                pytest.args(selected.iter().flat_map(|word| ["-k", word]));
                pytest
            }
            Self::JavaScript(folder) => {
                let mut node = Command::new("node");
                node.arg("--test-reporter=tap");
                node.args(selected.map(|word| format!("--test-name-pattern={word}")));
                node.arg(format!("{folder}/suite.mjs")).env("PUBLISHED", environment.join("published.mjs"));
                node
            }
        };
        command
            .current_dir(suites())
            .env("REHEARSAL_URL", address)
            .env("NO_PROXY", "127.0.0.1")
            // The folder is the project's own: nothing is left in it, and no plugin is loaded.
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
            .kill_on_drop(true);
        // What users set for themselves is not meant for the suites.
        for (name, _) in std::env::vars_os() {
            let own = name.to_str().is_some_and(|name| name.starts_with("LLAMA_"));
            if own || name == "PYTEST_ADDOPTS" || name == "NODE_OPTIONS" {
                command.env_remove(name);
            }
        }
        command
    }

    async fn run(self, address: String, selected: Option<&str>) -> Outcome {
        let output = tokio::time::timeout(PATIENCE, self.command(&address, selected).output()).await;
        let output = output
            .unwrap_or_else(|_| panic!("the suite {} takes more than {PATIENCE:?}", self.folder()))
            .unwrap_or_else(|error| panic!("the suite {} cannot run: {error}", self.folder()));
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let said = text(&output.stdout) + &text(&output.stderr);
        Outcome { folder: self.folder(), passed: output.status.success(), said }
    }
}

fn suites() -> PathBuf {
    Path::new(PROJECT).join("tests/it/llama_clients")
}

impl Outcome {
    /// The line in which a suite says how many tests passed in what time, and which operations of its client were called.
    fn closing(&self) -> Option<&str> {
        self.said.lines().find(|line| line.contains(" tests passed in "))
    }

    /// Whether it ran tests, all passed, and no operation was left out.
    fn complete(&self) -> bool {
        self.passed
            && self
                .closing()
                .is_some_and(|line| !line.contains(": 0 tests passed") && line.ends_with(", left: none"))
    }

    /// Its last lines.
    fn end(&self) -> String {
        let lines: Vec<&str> = self.said.lines().collect();
        let (_, end) = lines.split_at(lines.len().saturating_sub(SHOWN));
        end.join("\n")
    }
}

/// A server on which an hour of an extraction's life is a minute, since the clients ask every second and slower.
fn server(flags: &[&str]) -> Server {
    Server::start(&[&["--clock", "x60"], flags].concat())
}

#[tokio::test]
async fn the_published_clients_can_do_everything() {
    let server = server(&["--strict"]);
    let mut running: JoinSet<Outcome> =
        SUITES.into_iter().map(|suite| suite.run(server.url(""), None)).collect();
    let mut failed = Vec::new();
    while let Some(outcome) = running.join_next().await {
        let outcome = outcome.unwrap();
        // Not captured: what was tried, and in what time, is read also when all is well.
        let closing = outcome.closing().unwrap_or("it said nothing of itself");
        writeln!(std::io::stderr(), "{closing}").unwrap();
        if !outcome.complete() {
            failed.push(format!("== {}\n{}", outcome.folder, outcome.end()));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Runs what a word selects of a suite against a server whose answers have changed, and sees that it fails in these words.
async fn noticed(suite: Suite, selected: &str, fault: &str, words: &str) {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("drifted.yaml");
    std::fs::write(&scenario, format!("version: 1\nfaults:\n  - {fault}\n")).unwrap();
    let server = server(&["--scenario", scenario.to_str().unwrap()]);
    let outcome = suite.run(server.url(""), Some(selected)).await;
    assert!(!outcome.passed && outcome.said.contains(words), "{}: {}", outcome.folder, outcome.end());
}

#[tokio::test]
async fn runs_that_come_as_later_clients_want_them_are_noticed_by_the_first() {
    let fault = "{ id: later, match: { operation: llama-extract.runs.list }, drift: [{ null: /0/file }] }";
    noticed(Suite::Python("llama_cloud_0_1_9"), "listed_by_every_filter", fault, "ValidationError").await;
}

#[tokio::test]
async fn refusals_that_are_a_sentence_are_noticed() {
    // The detail of a 404 is one anyway.
    let fault = "{ id: flat, match: { api: llama-extract }, drift: [{ set: { at: /detail, to: Refused } }] }";
    noticed(Suite::Python("services_py"), "names_and_ids_that_cannot_be", fault, "ValidationError").await;
    noticed(Suite::JavaScript("llama_cloud_js"), "a job says how once", fault, "# fail 1").await;
}

#[tokio::test]
async fn a_conflict_that_may_be_tried_again_is_noticed() {
    let fault = "{ id: eager, match: { operation: llama-extract.extract.cancel }, when: { nth: 2 }, \
                 respond: { error: conflict, headers: { x-should-retry: 'true' } } }";
    noticed(Suite::Python("llama_cloud_2_19_0"), "cancelled_once", fault, "assert [200, 409").await;
}

#[tokio::test]
async fn an_agent_that_was_deleted_without_a_word_is_noticed() {
    let fault = "{ id: silent, match: { operation: llama-extract.extraction-agents.delete }, phase: after, payload: empty }";
    noticed(Suite::Python("llama_cloud_0_1_9"), "changed_and_deleted", fault, "JSONDecodeError").await;
}
