//! A small server that somebody might have written in an afternoon: it starts runs and lets them end, and breaks some
//! of the rules on the way.

use std::sync::Mutex;

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};

/// The server: each run ends at its third read.
#[derive(Debug, Default)]
pub(crate) struct Shop(Mutex<Runs>);

/// The address path of each run, its id, and how often it was read.
type Runs = Vec<(String, String, u32)>;

impl Shop {
    pub(crate) fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let mut runs = self.0.lock().expect("nobody panics in here");
        let (status, body) = answer(&mut runs, request);
        let answer = Response::builder().status(status).header("content-type", "application/json");
        let answer = answer.header("request-id", format!("req-{}", runs.len()));
        answer.body(Bytes::from(body.to_string())).expect("an answer")
    }
}

fn answer(runs: &mut Runs, request: &Request<Bytes>) -> (u16, Value) {
    let key = request.headers().get("x-api-key").and_then(|key| key.to_str().ok());
    if key.is_none_or(|key| key.starts_with("invalid")) {
        return (401, json!({"error": "Unauthorized", "status": 401}));
    }
    let path = request.uri().path();
    let (family, id) = match path.strip_prefix("/v2/").and_then(|rest| rest.split_once('/')) {
        Some((family, id)) => (family, Some(id)),
        None => (path.trim_start_matches("/v2/"), None),
    };
    match (request.method(), id) {
        (&Method::POST, None) => create(runs, family, request.body()),
        (&Method::GET, None) => {
            let items = runs.iter().filter(|run| run.0 == family);
            let items: Vec<_> = items.map(|(_, id, reads)| run(id, *reads)).collect();
            (200, json!({"data": items, "meta": {}}))
        }
        (&Method::GET, Some(id)) => match runs.iter_mut().find(|run| run.1 == id) {
            Some((_, id, reads)) => {
                *reads += 1;
                (200, run(id, *reads))
            }
            None => (404, json!({"message": "no such run"})),
        },
        _ => (409, json!({"error": {"code": "CONFLICT", "message": "not now", "request_id": "req-0"}})),
    }
}

fn create(runs: &mut Runs, family: &str, body: &[u8]) -> (u16, Value) {
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return (500, json!({})) };
    let host = body["url"].as_str().or(body["vendor"].as_str()).unwrap_or("urls").replace('.', "-");
    let id = match family {
        "agentic-search" => format!("agentic-{:08x}-1735000000000", runs.len()),
        "crawl" => format!("crawl-{host}-{:08x}", runs.len()),
        _ => format!("extract-{host}-{:08x}", runs.len()),
    };
    runs.push((family.to_owned(), id.clone(), 0));
    (202, json!({"execution_id": id, "status": "pending", "meta": {"credits_used": 0}}))
}

fn run(id: &str, reads: u32) -> Value {
    let status = ["pending", "running"].get(reads as usize).copied().unwrap_or("completed");
    json!({"execution_id": id, "status": status, "error": null, "meta": {"start_date": "yesterday"}})
}
