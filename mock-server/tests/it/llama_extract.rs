//! LlamaExtract in the generations that its clients speak: the same extractions, said in three ways.

mod agents;
mod configurations;
mod data;
mod edges;
mod errors;
mod faults;
mod fetched;
mod files;
mod large;
mod inline;
mod lifecycle;
mod lists;
mod schemas;
mod tenancy;
mod webhooks;

use axum::body::Body;
use http::{Method, Request, StatusCode};
use mock_server::MockServer;
use serde_json::{Value, json};

use crate::harness::{Answer, KEY, Stand};

/// Where the page's era, version 1 and version 2 begin.
const PAGE: &str = "/api/v1/extractionv2";
const V1: &str = "/api/v1/extraction";
const V2: &str = "/api/v2/extract";

/// What separates the parts of the forms here.
const BOUNDARY: &str = "frontier";

/// A client with a key.
#[derive(Debug, Clone, Copy)]
struct Client<'a> {
    stand: &'a Stand,
    key: &'a str,
}

/// A part of a form: its name, a file name if it is a file, and what it holds.
type Part<'a> = (&'a str, Option<&'a str>, &'a str);

impl<'a> Client<'a> {
    fn new(stand: &'a Stand) -> Self {
        Self { stand, key: KEY }
    }

    async fn send(self, method: Method, path: &str, media_type: Option<&str>, body: Body) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:4010");
        request = request.header("authorization", format!("Bearer {}", self.key));
        if let Some(media_type) = media_type {
            request = request.header("content-type", media_type);
        }
        self.stand.send(request.body(body).unwrap()).await
    }

    async fn get(self, path: &str) -> Answer {
        self.send(Method::GET, path, None, Body::empty()).await
    }

    /// A request with a JSON body.
    async fn ask(self, method: Method, path: &str, body: &Value) -> Answer {
        self.send(method, path, Some("application/json"), Body::from(body.to_string())).await
    }

    async fn post(self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, &body).await
    }

    async fn put(self, path: &str, body: Value) -> Answer {
        self.ask(Method::PUT, path, &body).await
    }

    async fn delete(self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None, Body::empty()).await
    }

    /// A `POST` without a body.
    async fn act(self, path: &str) -> Answer {
        self.send(Method::POST, path, None, Body::empty()).await
    }

    /// A `POST` with a form.
    async fn fill(self, path: &str, parts: &[Part<'_>]) -> Answer {
        let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
        self.send(Method::POST, path, Some(&media_type), Body::from(form(parts))).await
    }

    /// The body of a `GET` that succeeds.
    async fn read(self, path: &str) -> Value {
        self.get(path).await.ok(StatusCode::OK)
    }

    /// Creates an agent, and returns its id.
    async fn agent(self, name: &str, schema: &Value, config: Value) -> String {
        let body = json!({ "name": name, "data_schema": schema, "config": config });
        id(&self.post(&format!("{V1}/extraction-agents"), body).await.ok(StatusCode::OK))
    }

    /// Uploads a file, and returns its id.
    async fn file(self, name: &str, text: &str) -> String {
        let sent = self.fill("/api/v1/files", &[("upload_file", Some(name), text)]).await;
        id(&sent.ok(StatusCode::OK))
    }

    /// Asks for a job, and returns its id.
    async fn job(self, agent: &str, file: &str) -> String {
        let body = json!({ "extraction_agent_id": agent, "file_id": file });
        id(&self.post(&format!("{V1}/jobs"), body).await.ok(StatusCode::OK))
    }

    /// A job of an agent that looks for the things of an invoice in a file of this name.
    async fn invoice(self, file_name: &str) -> String {
        let agent = self.agent("invoices", &invoice(), json!({})).await;
        let file = self.file(file_name, "Invoice 7, two lamps").await;
        self.job(&agent, &file).await
    }

    /// The run of a job, as one of the generations of version 1 shows it.
    async fn run(self, prefix: &str, job: &str) -> Value {
        self.read(&format!("{prefix}/runs/by-job/{job}")).await
    }

    /// Lets the clock pass until the usual extraction has ended.
    async fn wait(self) {
        self.stand.advance("1m").await;
    }

    /// How version 2, the job and the run call the state of an extraction.
    async fn statuses(self, job: &str) -> [String; 3] {
        let second = self.read(&format!("{V2}/ext-{job}")).await;
        let mut first = Vec::new();
        for prefix in [V1, PAGE] {
            let shown = self.read(&format!("{prefix}/jobs/{job}")).await;
            first.push((shown["status"].clone(), self.run(prefix, job).await["status"].clone()));
        }
        assert_eq!(first[0], first[1], "one extraction, and one state of it");
        let (job, run) = first.remove(0);
        [&second["status"], &job, &run].map(|word| word.as_str().unwrap().to_owned())
    }
}

/// A client over sockets, for what needs a server that listens.
struct Remote<'a> {
    server: &'a MockServer,
    http: reqwest::Client,
}

impl<'a> Remote<'a> {
    fn of(server: &'a MockServer) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        Self { server, http: reqwest::Client::new() }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = self.http.request(method, self.server.url(path)).bearer_auth(KEY);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
    }

    /// The body of an answer that says that all is well.
    async fn done(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let (status, body) = self.ask(method, path, body).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }
}

/// A form with these parts.
fn form(parts: &[Part<'_>]) -> String {
    let mut form = String::new();
    for (name, file, text) in parts {
        let file = file.map_or_else(String::new, |file| {
            format!("; filename=\"{file}\"\r\ncontent-type: application/octet-stream")
        });
        form += &format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n{text}\r\n"
        );
    }
    form + &format!("--{BOUNDARY}--\r\n")
}

/// The id of what is shown.
#[track_caller]
fn id(shown: &Value) -> String {
    shown["id"].as_str().unwrap_or_else(|| panic!("this has no id: {shown}")).to_owned()
}

/// What the tests extract, if it does not matter what.
fn invoice() -> Value {
    json!({
        "type": "object",
        "properties": {
            "invoice_number": { "type": "string" },
            "total": { "type": "number" },
            "line_items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "description": { "type": "string" },
                        "quantity": { "type": "integer" },
                    },
                    "required": ["description", "quantity"],
                },
            },
        },
        "required": ["invoice_number", "total", "line_items"],
    })
}

impl Answer {
    /// Asserts an error that is one sentence, and returns the sentence.
    #[track_caller]
    fn detail(self, status: StatusCode) -> String {
        let body = self.ok(status);
        body["detail"].as_str().unwrap_or_else(|| panic!("no sentence: {body}")).to_owned()
    }

    /// Asserts a 422, and returns where its first item stands and of what type it is.
    #[track_caller]
    fn item(self) -> (Value, String) {
        let body = self.ok(StatusCode::UNPROCESSABLE_ENTITY);
        let item = &body["detail"][0];
        assert!(item["msg"].is_string(), "{body}");
        let kind = item["type"].as_str().unwrap_or_else(|| panic!("no type: {body}"));
        (item["loc"].clone(), kind.to_owned())
    }

    /// Asserts an answer without a body.
    #[track_caller]
    fn bare(self) {
        assert_eq!((self.status, self.text.as_str()), (StatusCode::NO_CONTENT, ""));
    }
}
