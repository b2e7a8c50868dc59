//! Extractions from what a body holds, and what a job may be told besides its agent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Client, PAGE, V1, V2, form, id, invoice};
use crate::harness::{KEY, Stand};

const RUN: &str = "/api/v1/extraction/run";

/// What is found in what a body of the stateless operation gives.
async fn found(client: Client<'_>, given: Value) -> Value {
    let mut body = json!({ "data_schema": invoice(), "config": {} });
    body.as_object_mut().unwrap().extend(given.as_object().unwrap().clone());
    let job = client.post(RUN, body).await.ok(StatusCode::OK);
    client.wait().await;
    client.run(V1, &id(&job)).await
}

#[tokio::test]
async fn a_text_is_read_as_it_is_meant_and_not_as_it_is_written() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let text = "Größe \"7\"\n\u{1F600}\u{0}end";
    let whole = found(client, json!({ "text": text })).await;
    assert_eq!(whole["file"]["file_size"], text.len());
    assert_eq!(whole["file"]["external_file_id"], whole["file"]["name"], "a text, for the strict clients");
    // The same bytes, escaped to the last.
    let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let body = format!("{{\"text\":\"{escaped}\",\"config\":{{}},\"data_schema\":{}}}", invoice());
    let job = client.send(Method::POST, RUN, Some("application/json"), body.into()).await.ok(StatusCode::OK);
    client.wait().await;
    assert_eq!(client.run(V1, &id(&job)).await["data"], whole["data"]);
    let file = client.file("a.txt", text).await;
    assert_eq!(found(client, json!({ "file_id": file })).await["data"], whole["data"]);
}

#[tokio::test]
async fn large_files_come_in_a_body_up_to_a_limit() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let large = "lamp ".repeat(400_000);
    let text = found(client, json!({ "text": large })).await;
    assert_eq!(text["file"]["file_size"], 2_000_000);
    let file = json!({ "data": STANDARD.encode(&large), "mime_type": "text/plain" });
    let bytes = found(client, json!({ "file": file })).await;
    assert_eq!((&bytes["file"]["file_size"], &bytes["data"]), (&json!(2_000_000), &text["data"]));
    let body = json!({ "data_schema": invoice(), "config": {}, "text": "x".repeat(17 << 20) });
    let _ = client.post(RUN, body).await.detail(StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(stand.kept(), 4_000_000);
}

#[tokio::test]
async fn base64_says_what_its_file_is() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    for (bytes, mime_type, ending) in [
        (&b"%PDF-1.7\n"[..], "application/octet-stream", "pdf"),
        (b"a,b\n1,2\n", "text/csv", "csv"),
        (b"plain", "text/plain; charset=utf-8", "txt"),
        (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
        (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ] {
        let file = json!({ "data": STANDARD.encode(bytes), "mime_type": mime_type });
        let run = found(client, json!({ "file": file })).await;
        assert_eq!(run["file"]["file_type"], ending, "{mime_type}: {run}");
    }
}

#[tokio::test]
async fn a_priority_is_a_setting_of_its_job_whoever_made_the_agent() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let file = client.file("a.txt", "x").await;
    for (name, prefix) in [("older", PAGE), ("newer", V1)] {
        let body = json!({ "name": name, "data_schema": invoice(), "config": {} });
        let agent = id(&client.post(&format!("{prefix}/extraction-agents"), body).await.ok(StatusCode::OK));
        let body = json!({ "extraction_agent_id": agent, "file_id": file, "priority": "high" });
        let job = id(&client.post(&format!("{V1}/jobs"), body).await.ok(StatusCode::OK));
        assert_eq!(client.run(V1, &job).await["config"]["priority"], "high", "{name}");
        assert_eq!(client.run(PAGE, &job).await["config"].get("priority"), None, "{name}");
        let own = client.read(&format!("{V1}/extraction-agents/{agent}")).await;
        assert_eq!(own["config"]["priority"], Value::Null, "{name}");
    }
}

#[tokio::test]
async fn what_takes_an_agent_s_place_is_for_one_job() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let agent = client.agent("invoices", &invoice(), json!({ "extraction_mode": "FAST" })).await;
    let file = client.file("a.txt", "one\u{c}two").await;
    let letter = json!({ "type": "object", "properties": { "sender": { "type": "string" } } });
    for (prefix, config) in
        [(V1, json!({ "extraction_target": "PER_PAGE" })), (PAGE, json!({ "extraction_mode": "PER_PAGE" }))]
    {
        let body = json!({
            "extraction_agent_id": agent,
            "file_id": file,
            "data_schema_override": letter,
            "config_override": config,
        });
        let job = id(&client.post(&format!("{prefix}/jobs"), body).await.ok(StatusCode::OK));
        client.wait().await;
        let run = client.run(V1, &job).await;
        assert_eq!((&run["data_schema"], run["data"].as_array().map(Vec::len)), (&letter, Some(2)));
        let second = client.read(&format!("{V2}/{job}?expand=configuration")).await;
        assert_eq!(second["configuration"]["extraction_target"], "per_page");
    }
    let plain = client.job(&agent, &file).await;
    let run = client.run(V1, &plain).await;
    assert_eq!((&run["data_schema"], &run["config"]["extraction_mode"]), (&invoice(), &json!("FAST")));
    let nothing = json!({
        "extraction_agent_id": agent,
        "file_id": file,
        "data_schema_override": null,
        "config_override": null,
        "priority": null,
        "webhook_configurations": null,
    });
    let job = id(&client.post(&format!("{V1}/jobs"), nothing).await.ok(StatusCode::OK));
    assert_eq!(client.run(V1, &job).await["config"], run["config"]);
}

#[tokio::test]
async fn an_id_is_the_same_in_capitals() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let job = client.invoice("a.txt").await;
    let loud = job.to_uppercase();
    for path in [format!("{V1}/jobs/{loud}"), format!("{PAGE}/jobs/{loud}")] {
        assert_eq!(id(&client.read(&path).await), job);
    }
    assert_eq!(id(&client.read(&format!("{V2}/ext-{loud}")).await), format!("ext-{job}"));
}

#[tokio::test]
async fn a_batch_of_nothing_is_refused() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let agent = client.agent("invoices", &invoice(), json!({})).await;
    for prefix in [V1, PAGE] {
        let body = json!({ "extraction_agent_id": agent, "file_ids": [] });
        let refused = client.post(&format!("{prefix}/jobs/batch"), body).await.item();
        assert_eq!(refused, (json!(["body", "file_ids"]), "too_short".to_owned()));
    }
}

#[tokio::test]
async fn presigned_addresses_are_a_store_without_a_rate_limit() {
    let stand =
        Stand::with("account: { apis: { llama-extract: { rate-limit: { requests: 2, per: 1m } } } }\n");
    let client = Client::new(&stand);
    let presigned = client.put("/api/v1/files", json!({ "name": "a.txt" })).await.ok(StatusCode::OK);
    let to = presigned["url"].as_str().unwrap().trim_start_matches("http://127.0.0.1:4010").to_owned();
    let sent = client.send(Method::PUT, &to, None, "x".into()).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.text);
    let file = presigned["file_id"].as_str().unwrap();
    let read = client.read(&format!("/api/v1/files/{file}/content")).await;
    let from = read["url"].as_str().unwrap().trim_start_matches("http://127.0.0.1:4010").to_owned();
    for _ in 0..5 {
        assert_eq!(client.get(&from).await.text, "x");
    }
    let _ = client.get("/api/v1/files").await.detail(StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn the_journal_keeps_neither_secrets_nor_tokens() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let agent = client.agent("invoices", &invoice(), json!({})).await;
    let file = client.file("a.txt", "x").await;
    let read = client.read(&format!("/api/v1/files/{file}/content")).await;
    let token = read["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let _ = client.get(&format!("/_presigned/{token}")).await;
    let listener = json!({
        "webhook_url": "https://hooks.example/x",
        "webhook_headers": { "X-Pass": "sesame-17" },
        "webhook_signing_secret": "signed-18",
    });
    let body = json!({ "extraction_agent_id": agent, "file_id": file, "webhook_configurations": [listener] });
    let _ = client.post(&format!("{V1}/jobs"), body).await.ok(StatusCode::OK);
    let body = json!({
        "url": "http://files.example/a",
        "request_headers": { "Authorization": "sesame-19" },
        "proxy_url": "http://ada:sesame-20@proxy.example",
    });
    let _ = client.put("/api/v1/files/upload_from_url", body).await.detail(StatusCode::BAD_REQUEST);
    let journal = stand.call(KEY, Method::GET, &format!("/_rehearsal/requests?key={KEY}"), None).await;
    assert!(
        journal.text.contains("webhook_url") && journal.text.contains("/_presigned/"),
        "{}",
        journal.text
    );
    for secret in [&token, "sesame-17", "signed-18", "sesame-19", "sesame-20"] {
        assert!(!journal.text.contains(secret), "{secret}: {}", journal.text);
    }
}

#[tokio::test]
async fn a_rule_may_leave_an_extraction_in_any_of_its_states() {
    for (state, words) in [
        ("created", ["PENDING", "PENDING", "CREATED"]),
        ("pending", ["PENDING", "PENDING", "PENDING"]),
        ("throttled", ["THROTTLED", "PENDING", "PENDING"]),
        ("running", ["RUNNING", "PENDING", "PENDING"]),
    ] {
        let stand = Stand::with(&format!(
            "runs:
  - match: {{ kind: extraction, file-name: a.txt }}
    lifecycle: {{ created: 1s, pending: 1s, throttled: 1s, running: 1s }}
    outcome: {{ stuck: {{ state: {state} }} }}
"
        ));
        let client = Client::new(&stand);
        let job = client.invoice("a.txt").await;
        stand.advance("1d").await;
        assert_eq!(client.statuses(&job).await, words, "{state}");
        let cancelled = client.act(&format!("{V2}/{job}/cancel")).await.ok(StatusCode::OK);
        assert_eq!(cancelled["status"], "CANCELLED");
    }
}

#[tokio::test]
async fn a_form_that_is_none_is_refused_and_brings_nothing() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let good = form(&[("upload_file", Some("a.txt"), "x")]);
    for media_type in ["multipart/form-data", "multipart/form-data; boundary=other", "text/plain"] {
        let sent = client.send(Method::POST, "/api/v1/files", Some(media_type), good.clone().into()).await;
        assert_eq!(sent.item().0[0], "body", "{media_type}");
    }
    let sent = client.fill("/api/v1/files", &[("upload_file", None, "x")]).await;
    assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", sent.text);
    assert_eq!((stand.kept(), client.read("/api/v1/files").await), (0, json!([])));
    // Of two that are called the same the last counts, and nothing is left of the other.
    let twice = [("upload_file", Some("a.txt"), "xy"), ("upload_file", Some("b.txt"), "z")];
    let sent = client.fill("/api/v1/files", &twice).await.ok(StatusCode::OK);
    assert_eq!((&sent["name"], stand.kept()), (&json!("b.txt"), 1));
}
