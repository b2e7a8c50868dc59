//! The commands of Extralt's page "Running extractions", with the host and the key changed and nothing else. They need
//! bash, curl and jq.

use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::Server;

const KEY: &str = "test-page";

/// Someone who follows the page in a shell.
struct Reader {
    server: Server,
    folder: TempDir,
    run: String,
}

/// What a command printed, and what it was answered with.
struct Printed {
    status: u16,
    headers: String,
    text: String,
}

impl Reader {
    fn new(scenario: &str) -> Self {
        let flags = ["--scenario", scenario, "--clock", "manual", "--strict"];
        let (server, folder) = (Server::start(&flags), tempfile::tempdir().unwrap());
        // The head of each answer is kept aside, so that the commands stay as they are printed.
        let kept = format!("dump-header = \"{}\"\n", folder.path().join("head").display());
        std::fs::write(folder.path().join(".curlrc"), kept).unwrap();
        Self { server, folder, run: String::new() }
    }

    fn shell(&self, script: &str) -> Printed {
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", script])
            .current_dir(self.folder.path())
            .env("CURL_HOME", self.folder.path())
            .env("NO_PROXY", "127.0.0.1")
            .env("EXTRALT_API_KEY", KEY)
            .env("API", self.server.url(""))
            .env("RUN_ID", &self.run)
            .output()
            .expect("bash runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it is text");
        assert!(output.status.success(), "{script}\n{}", text(output.stderr));
        let headers = std::fs::read_to_string(self.folder.path().join("head")).expect("curl was called");
        let status = headers.split(' ').nth(1).and_then(|status| status.parse().ok());
        Printed { status: status.expect("HTTP says a status"), headers, text: text(output.stdout) }
    }

    fn create(&mut self, body: &Value) -> Printed {
        let printed = self.shell(&format!(
            "curl -s -X POST \"$API/v0/extract/runs\" \
             -H \"Authorization: Bearer $EXTRALT_API_KEY\" \
             -H \"Content-Type: application/json\" \
             -d '{body}' | jq"
        ));
        if printed.status == 202 {
            self.run = printed.json()["id"].as_str().unwrap().to_owned();
        }
        printed
    }

    fn read(&self) -> Value {
        let printed = self.shell(
            "curl -s \"$API/v0/extract/runs/$RUN_ID\" -H \"Authorization: Bearer $EXTRALT_API_KEY\" | jq",
        );
        assert_eq!(printed.status, 200);
        printed.json()
    }

    fn status(&self, run: &str) -> Value {
        let url = format!("$API/v0/extract/runs/{run}");
        self.shell(&format!("curl -s \"{url}\" -H \"Authorization: Bearer $EXTRALT_API_KEY\" | jq .status"))
            .json()
    }

    fn stop(&self) -> Printed {
        self.shell(
            "curl -s -X POST \"$API/v0/extract/runs/$RUN_ID/stop\" \
             -H \"Authorization: Bearer $EXTRALT_API_KEY\"",
        )
    }

    fn restart(&self) -> Printed {
        self.shell(
            "curl -s -X POST \"$API/v0/extract/runs/$RUN_ID/restart\" \
             -H \"Authorization: Bearer $EXTRALT_API_KEY\" \
             -H \"Content-Type: application/json\" \
             -d '{ \"budget\": 200 }' | jq",
        )
    }

    fn advance(&self, by: &str) {
        let moved = self.shell(&format!(
            "curl -s -X PATCH \"$API/_rehearsal/clock?key={KEY}\" -d '{{\"advance\": \"{by}\"}}'"
        ));
        assert_eq!(moved.status, 200, "{}", moved.text);
    }

    /// The states that the run shows until it is in this one, looked at every half second.
    fn seen_until(&self, last: &str) -> Vec<Value> {
        let mut seen: Vec<Value> = Vec::new();
        for _ in 0..200 {
            let status = self.status(&self.run);
            if seen.last() != Some(&status) {
                seen.push(status);
            }
            if seen.last() == Some(&json!(last)) {
                return seen;
            }
            self.advance("500ms");
        }
        panic!("it never was {last}, but {seen:?}");
    }
}

impl Printed {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

fn printed_body() -> Value {
    let urls = ["https://example-store.com/products/sneakers", "https://example-store.com/products/boots"];
    json!({ "robot_id": "your-robot-id", "start_urls": urls, "budget": 100 })
}

#[test]
fn every_command_is_answered_as_the_page_says() {
    let mut reader = Reader::new("extralt-page");
    let created = reader.create(&printed_body());
    assert_eq!((created.status, created.json()), (202, json!({ "id": reader.run })));

    reader.advance("10s");
    let document = reader.read();
    assert_eq!(document["_id"], reader.run.as_str());
    assert_eq!((&document["status"], &document["robotId"]), (&json!("running"), &json!("your-robot-id")));
    let (extracted, queue) = (document["extracted"].as_u64().unwrap(), document["inQueue"].as_u64().unwrap());
    assert_eq!((extracted + queue, &document["robotName"]), (100, &json!("example-store.com")));
    assert!(document["createdAt"].as_u64() < document["startedAt"].as_u64() && extracted > 0, "{document}");
    assert!(document.get("duration").is_none());

    let stopped = reader.stop();
    assert_eq!((stopped.status, stopped.text.as_str()), (204, ""));
    assert_eq!(reader.read()["status"], "stopped");

    let restarted = reader.restart();
    assert_eq!((restarted.status, restarted.json()), (202, json!({ "id": reader.run })));
    assert_eq!(reader.read()["status"], "restarting");
    reader.advance("3m");
    let over = reader.read();
    assert_eq!(
        (&over["status"], &over["budget"], &over["extracted"]),
        (&json!("completed"), &json!(200), &json!(200))
    );
    assert!(over["duration"].as_u64().unwrap() > 0);

    let exported = reader.shell(
        "curl -sL \"$API/v0/extract/captures/export?run_id=$RUN_ID&format=parquet\" \
         -H \"Authorization: Bearer $EXTRALT_API_KEY\" -o captures.parquet",
    );
    let head = exported.headers.to_ascii_lowercase();
    assert!(exported.status == 200 && head.contains("content-disposition: attachment"), "{head}");
    let file = std::fs::read(reader.folder.path().join("captures.parquet")).unwrap();
    assert!(file.starts_with(b"PAR1") && file.ends_with(b"PAR1"), "{} bytes", file.len());
    let lines = reader.shell(
        "curl -sL \"$API/v0/extract/captures/export?run_id=$RUN_ID&format=jsonl\" \
         -H \"Authorization: Bearer $EXTRALT_API_KEY\"",
    );
    assert_eq!(lines.text.lines().count(), 200);
}

#[test]
fn a_run_has_the_states_of_the_page_and_no_others() {
    let mut reader = Reader::new("extralt-page");
    reader.create(&printed_body());
    assert_eq!(reader.seen_until("completed"), ["pending", "starting", "running", "completed"]);
    reader.restart();
    assert_eq!(reader.seen_until("running"), ["restarting", "starting", "running"]);
    reader.stop();
    assert_eq!(reader.read()["status"], "stopped");

    let mut reader = Reader::new("extralt-failing-runs");
    reader.create(&json!({ "robot_id": "failing-robot" }));
    assert_eq!(reader.seen_until("failed"), ["pending", "starting", "running", "failed"]);
    reader.restart();
    assert_eq!(reader.seen_until("completed").len(), 4, "a failed run can be restarted");
}

#[test]
fn each_parameter_does_what_the_page_says() {
    let mut reader = Reader::new("extralt-page");
    assert_eq!(reader.create(&json!({ "budget": 3 })).status, 400, "robot_id is required");
    reader.create(&json!({ "robot_id": "your-robot-id" }));
    reader.advance("2m");
    let whole = reader.read();
    assert!(whole["status"] == "completed" && whole["extracted"].as_u64() > Some(3), "{whole}");
    assert_eq!(whole["autoEnrich"], false, "it is not enriched unless that is asked for");

    let enrichments = |reader: &Reader| {
        let list =
            "curl -s \"$API/v0/enrich/enrichments\" -H \"Authorization: Bearer $EXTRALT_API_KEY\" | jq";
        reader.shell(list).json()["rows"].as_array().unwrap().clone()
    };
    assert_eq!(enrichments(&reader).len(), 0);
    reader.create(&json!({ "robot_id": "your-robot-id", "budget": 3, "auto_enrich": true }));
    reader.advance("2m");
    assert_eq!(reader.read()["extracted"], 3, "a budget is the most captures");
    let made = enrichments(&reader);
    assert_eq!((made.len(), &made[0]["source"]["id"]), (1, &json!(reader.run)));

    let account = format!("$API/_rehearsal/account?key={KEY}");
    let patch = json!({ "apis": { "extralt": { "credits": 100 } } });
    reader.shell(&format!("curl -s -X PATCH \"{account}\" -d '{patch}'"));
    reader.create(&json!({ "robot_id": "your-robot-id", "budget": 20 }));
    reader.advance("2m");
    let account = reader.shell(&format!("curl -s \"{account}\"")).json();
    assert_eq!(account["apis"]["extralt"]["credits"], 60, "a capture costs two");
}

#[test]
fn the_start_plan_lets_one_run_work_and_queues_the_others_until_a_slot_opens() {
    let mut reader = Reader::new("extralt-start-plan");
    let mut runs = Vec::new();
    for _ in 0..3 {
        reader.create(&json!({ "robot_id": "your-robot-id", "budget": 5 }));
        runs.push(reader.run.clone());
    }
    reader.advance("6s");
    let statuses = |reader: &Reader| runs.iter().map(|run| reader.status(run)).collect::<Vec<_>>();
    assert_eq!(statuses(&reader), ["running", "pending", "pending"]);
    reader.run.clone_from(&runs[0]);
    reader.stop();
    assert_eq!(statuses(&reader), ["stopped", "starting", "pending"], "it starts at that instant");
    reader.advance("30s");
    assert_eq!(statuses(&reader), ["stopped", "completed", "completed"]);
}
