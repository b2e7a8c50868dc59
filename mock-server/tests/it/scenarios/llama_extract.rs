//! The shipped scenarios of LlamaExtract.

use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use super::following;
use crate::harness::{Answer, KEY, Stand};

const AGENT: &str = "5f0c3b1e-7d42-4a86-9c1b-2f6e8d07a314";
const FILE: &str = "c2a94d58-0b7f-4e13-8d65-41b7f9e3a08c";
const JOB: &str = "8e1d6f27-35ab-4c90-b2f4-7a09c5d8e613";

/// What one key's client does.
struct Client<'a> {
    stand: &'a Stand,
    key: &'static str,
}

impl<'a> Client<'a> {
    fn new(stand: &'a Stand) -> Self {
        Self { stand, key: KEY }
    }

    async fn call(&self, method: Method, target: &str, body: Option<Value>) -> Answer {
        let request = Request::builder().method(method).uri(target);
        let request = request.header("authorization", format!("Bearer {}", self.key));
        let request = request.header("host", "127.0.0.1:4010").header("content-type", "application/json");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.stand.send(request.body(body).unwrap()).await
    }

    async fn read(&self, target: &str) -> Value {
        self.call(Method::GET, target, None).await.ok(StatusCode::OK)
    }

    async fn post(&self, target: &str, body: Value) -> Value {
        self.call(Method::POST, target, Some(body)).await.ok(StatusCode::OK)
    }

    /// Uploads a file of this name, and returns its id.
    async fn file(&self, name: &str) -> String {
        let part = format!("content-disposition: form-data; name=\"upload_file\"; filename=\"{name}\"");
        let form = format!("--rim\r\n{part}\r\n\r\nThe text of {name}.\r\n--rim--\r\n");
        let request = Request::post("/api/v1/files").header("host", "127.0.0.1:4010");
        let request = request
            .header("authorization", format!("Bearer {}", self.key))
            .header("content-type", "multipart/form-data; boundary=rim");
        let answer = self.stand.send(request.body(Body::from(form)).unwrap()).await;
        answer.ok(StatusCode::OK)["id"].as_str().unwrap().to_owned()
    }

    /// Asks version 1 for an extraction from a file of this name, and returns the id of its job.
    async fn job(&self, name: &str) -> String {
        let file = self.file(name).await;
        let schema = json!({
            "type": "object",
            "properties": { "a": { "type": "string" }, "b": { "type": "integer" }, "c": { "type": "boolean" } },
        });
        let body = json!({ "file_id": file, "data_schema": schema, "config": {} });
        self.post("/api/v1/extraction/run", body).await["id"].as_str().unwrap().to_owned()
    }

    async fn state(&self, job: &str) -> Value {
        self.read(&format!("/api/v1/extraction/jobs/{job}")).await["status"].clone()
    }

    async fn run(&self, job: &str) -> Value {
        self.read(&format!("/api/v1/extraction/runs/by-job/{job}")).await
    }
}

#[tokio::test]
async fn llama_failing_extraction_says_why_and_completes_the_next_time() {
    let stand = following("llama-failing-extraction");
    let client = Client::new(&stand);
    let (first, other) = (client.job("broken-1.pdf").await, client.job("whole.pdf").await);
    stand.advance("10m").await;
    assert_eq!([client.state(&first).await, client.state(&other).await], ["ERROR", "SUCCESS"]);
    let run = client.run(&first).await;
    assert_eq!(
        (&run["error"], &run["data"]),
        (&json!("The pages of this document cannot be read."), &json!(null))
    );
    let again = client.job("broken-1.pdf").await;
    let stuck = client.job("stuck-1.pdf").await;
    stand.advance("1d").await;
    assert_eq!([client.state(&again).await, client.state(&stuck).await], ["SUCCESS", "PENDING"]);
}

#[tokio::test]
async fn llama_partial_extraction_is_two_fields_short() {
    let stand = following("llama-partial-extraction");
    let client = Client::new(&stand);
    let job = client.job("a.pdf").await;
    stand.advance("10m").await;
    assert_eq!(client.state(&job).await, "PARTIAL_SUCCESS");
    let result = client.read(&format!("/api/v1/extraction/jobs/{job}/result")).await;
    let found = result["data"].as_object().unwrap().values().filter(|value| !value.is_null()).count();
    assert_eq!(found, 1, "{result}");
}

#[tokio::test]
async fn llama_throttled_is_throttled_for_a_minute() {
    let stand = following("llama-throttled");
    let client = Client::new(&stand);
    let file = client.file("a.pdf").await;
    let configuration =
        json!({ "data_schema": { "type": "object", "properties": { "a": { "type": "string" } } } });
    let body = json!({ "file_input": file, "configuration": configuration });
    let job = client.post("/api/v2/extract", body).await["id"].as_str().unwrap().to_owned();
    let mut seen = Vec::new();
    for advance in ["3s", "59s", "1s", "10s"] {
        stand.advance(advance).await;
        seen.push(client.read(&format!("/api/v2/extract/{job}")).await["status"].clone());
    }
    assert_eq!(seen, ["THROTTLED", "THROTTLED", "RUNNING", "COMPLETED"]);
}

#[tokio::test]
async fn llama_slow_extraction_takes_half_an_hour() {
    let stand = following("llama-slow-extraction");
    let client = Client::new(&stand);
    let job = client.job("a.pdf").await;
    stand.advance("29m").await;
    assert_eq!(client.state(&job).await, "PENDING");
    stand.advance("2m").await;
    assert_eq!(client.state(&job).await, "SUCCESS");
}

#[tokio::test]
async fn llama_pinned_data_is_what_the_file_says_and_there_before_the_first_request() {
    let stand = following("llama-pinned-data");
    let client = Client::new(&stand);
    let agent = client.read("/api/v1/extraction/extraction-agents/by-name/invoices").await;
    assert_eq!((&agent["id"], &agent["config"]["cite_sources"]), (&json!(AGENT), &json!(true)));
    let file = client.read(&format!("/api/v1/files/{FILE}")).await;
    assert_eq!((&file["name"], &file["external_file_id"]), (&json!("invoice-1042.pdf"), &json!("1042")));
    assert_eq!(client.state(JOB).await, "SUCCESS");
    let earlier = client.run(JOB).await;
    assert_eq!(earlier["data"], json!({ "number": "INV-1042", "total": 118.5, "lines": [] }));
    assert_eq!(earlier["extraction_agent_id"], AGENT);
    let in_its_era = client.read(&format!("/api/v1/extractionv2/runs?job_id={JOB}")).await;
    assert_eq!(in_its_era[0]["data"], earlier["data"]);

    let body = json!({ "extraction_agent_id": AGENT, "file_id": client.file("invoice-7.pdf").await });
    let job = client.post("/api/v1/extraction/jobs", body).await["id"].as_str().unwrap().to_owned();
    stand.advance("10m").await;
    let run = client.run(&job).await;
    assert_eq!(
        (&run["data"]["total"], &run["data"]["lines"][1]["item"]),
        (&json!(118.5), &json!("Delivery"))
    );
    let body = json!({ "extraction_agent_id": AGENT, "file_id": client.file("receipt.pdf").await });
    let other = client.post("/api/v1/extraction/jobs", body).await["id"].as_str().unwrap().to_owned();
    stand.advance("10m").await;
    assert_ne!(client.run(&other).await["data"]["number"], "INV-1042");
}

#[tokio::test]
async fn what_a_world_deletes_is_there_in_others_and_after_a_reset() {
    let stand = following("llama-pinned-data");
    let (client, other) = (Client::new(&stand), Client { key: "test-b", ..Client::new(&stand) });
    let content = format!("/api/v1/files/{FILE}/content");
    let bytes = async |client: &Client<'_>| {
        let url = client.read(&content).await["url"].as_str().unwrap().to_owned();
        let path = url.strip_prefix("http://127.0.0.1:4010").unwrap().to_owned();
        stand
            .send(Request::get(path).header("host", "127.0.0.1:4010").body(Body::empty()).unwrap())
            .await
            .text
    };
    assert_eq!(bytes(&client).await, "invoice-1042.pdf");
    let deleted = client.call(Method::DELETE, &format!("/api/v1/files/{FILE}"), None).await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT);
    assert_eq!(client.call(Method::GET, &content, None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bytes(&other).await, "invoice-1042.pdf");
    let reset = format!("/_rehearsal/reset?key={KEY}");
    assert_eq!(client.call(Method::POST, &reset, None).await.status, StatusCode::OK);
    assert_eq!(bytes(&client).await, "invoice-1042.pdf");
    assert_eq!(client.state(JOB).await, "SUCCESS");
}
