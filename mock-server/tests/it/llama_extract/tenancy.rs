//! What belongs to a key, and what a form may say as a body may.

use std::collections::BTreeSet;

use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use super::{Client, PAGE, V1, V2, id, invoice};
use crate::harness::{KEY, Stand};

const OTHER: &str = "test-b";

#[tokio::test]
async fn what_one_key_has_another_does_not_see() {
    let stand = Stand::new();
    let (mine, theirs) = (Client::new(&stand), Client { key: OTHER, ..Client::new(&stand) });
    let job = mine.invoice("a.txt").await;
    mine.wait().await;
    let run = mine.run(V1, &job).await;
    let (run, agent, file) =
        (id(&run), run["extraction_agent_id"].as_str().unwrap().to_owned(), id(&run["file"]));
    let parameters = json!({ "product_type": "extract_v2", "data_schema": invoice() });
    let saved = json!({ "name": "saved", "parameters": parameters });
    let saved = id(&mine.post("/api/v1/beta/configurations", saved).await.ok(StatusCode::CREATED));
    let project = mine.read("/api/v1/projects").await[0].clone();
    let paths = [
        format!("{V1}/extraction-agents/{agent}"),
        format!("{V1}/extraction-agents/by-name/invoices"),
        format!("{PAGE}/extraction-agents/{agent}"),
        format!("{V1}/jobs/{job}"),
        format!("{PAGE}/jobs/{job}"),
        format!("{V1}/jobs/{job}/result"),
        format!("{PAGE}/jobs/{job}/result"),
        format!("{V1}/runs/{run}"),
        format!("{PAGE}/runs/{run}"),
        format!("{V1}/runs/by-job/{job}"),
        format!("{V2}/ext-{job}"),
        format!("/api/v1/files/{file}"),
        format!("/api/v1/files/{file}/content"),
        format!("/api/v1/beta/files/{file}"),
        format!("/api/v1/beta/configurations/{saved}"),
        format!("/api/v1/projects/{}", id(&project)),
        format!("/api/v1/organizations/{}", project["organization_id"].as_str().unwrap()),
    ];
    for path in &paths {
        let _ = mine.read(path).await;
        let _ = theirs.get(path).await.detail(StatusCode::NOT_FOUND);
    }
    for (list, none) in [
        (format!("{V1}/extraction-agents"), json!([])),
        (format!("{PAGE}/runs"), json!([])),
        (format!("{V1}/jobs?extraction_agent_id={agent}"), json!([])),
        ("/api/v1/files".to_owned(), json!([])),
    ] {
        assert_eq!(theirs.read(&list).await, none, "{list}");
        assert_ne!(mine.read(&list).await, none, "{list}");
    }
    for list in [V2, "/api/v1/beta/files", "/api/v1/beta/configurations", "/api/v1/beta/extraction-agents"] {
        assert_eq!(theirs.read(list).await["total_size"], 0, "{list}");
        assert_eq!(mine.read(list).await["total_size"], 1, "{list}");
    }
    // Nobody changes, deletes or uses what is another's.
    let change = json!({ "data_schema": invoice(), "config": {} });
    let _ =
        theirs.put(&format!("{V1}/extraction-agents/{agent}"), change).await.detail(StatusCode::NOT_FOUND);
    let _ = theirs.act(&format!("{V2}/ext-{job}/cancel")).await.detail(StatusCode::NOT_FOUND);
    for path in [
        format!("{V1}/extraction-agents/{agent}"),
        format!("{V1}/runs/{run}"),
        format!("{V2}/ext-{job}?force=true"),
        format!("/api/v1/files/{file}"),
        format!("/api/v1/beta/configurations/{saved}"),
    ] {
        let _ = theirs.delete(&path).await.detail(StatusCode::NOT_FOUND);
    }
    let own = theirs.agent("invoices", &invoice(), json!({})).await;
    let body = json!({ "extraction_agent_id": own, "file_id": file });
    let _ = theirs.post(&format!("{V1}/jobs"), body).await.detail(StatusCode::NOT_FOUND);
    let body = json!({ "file_input": theirs.file("b.txt", "x").await, "configuration_id": saved });
    let _ = theirs.post(V2, body).await.detail(StatusCode::NOT_FOUND);
    for path in &paths {
        let _ = mine.read(path).await;
    }
}

#[tokio::test]
async fn a_presigned_address_leads_to_the_world_that_gave_it() {
    let stand = Stand::new();
    let mut seen = BTreeSet::new();
    for key in [KEY, OTHER] {
        let client = Client { key, ..Client::new(&stand) };
        let file = client.file("a.txt", key).await;
        let presigned = client.read(&format!("/api/v1/files/{file}/content")).await;
        let url = presigned["url"].as_str().unwrap().trim_start_matches("http://127.0.0.1:4010").to_owned();
        assert!(seen.insert(url), "another address for another key");
    }
    let mut texts = Vec::new();
    for url in &seen {
        // Whose key comes along makes no difference.
        let request = Request::get(url).header("authorization", format!("Bearer {OTHER}"));
        let answer = stand.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK);
        texts.push(answer.text);
    }
    texts.sort();
    assert_eq!(texts, [KEY, OTHER]);
}

#[tokio::test]
async fn one_world_s_clock_and_reset_leave_another_s_extractions_alone() {
    let stand = Stand::new();
    let (mine, theirs) = (Client::new(&stand), Client { key: OTHER, ..Client::new(&stand) });
    let (job, other) = (mine.invoice("a.txt").await, theirs.invoice("a.txt").await);
    mine.wait().await;
    assert_eq!(mine.statuses(&job).await[1], "SUCCESS");
    assert_eq!(theirs.statuses(&other).await[1], "PENDING");
    assert!(stand.kept() > 0);
    let _ = stand.call(KEY, Method::POST, &format!("/_rehearsal/reset?key={KEY}"), None).await;
    let _ = mine.get(&format!("{V1}/jobs/{job}")).await.detail(StatusCode::NOT_FOUND);
    assert_eq!((stand.kept(), mine.read("/api/v1/files").await), (0, json!([])));
    assert_eq!(theirs.statuses(&other).await[1], "PENDING");
}

#[tokio::test]
async fn another_key_s_data_is_another_s_and_its_ids_too() {
    let (stand, again) = (Stand::new(), Stand::new());
    let mut all = Vec::new();
    for (stand, key) in [(&stand, KEY), (&stand, OTHER), (&again, KEY)] {
        let client = Client { key, ..Client::new(stand) };
        let job = client.invoice("a.txt").await;
        let target = format!("/_rehearsal/clock?key={key}");
        let _ = stand
            .call(key, Method::PATCH, &target, Some(json!({ "advance": "1m" })))
            .await
            .ok(StatusCode::OK);
        all.push(client.run(V1, &job).await);
    }
    assert_eq!(all[0], all[2], "the same requests, the same world");
    for name in ["id", "job_id", "project_id", "extraction_agent_id", "file_id"] {
        assert_ne!(all[0][name], all[1][name], "{name}");
    }
}

#[tokio::test]
async fn settings_in_a_form_are_held_to_what_a_body_may_say() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let agent = client.agent("invoices", &invoice(), json!({})).await;
    let path = format!("{V1}/jobs/file");
    let send = async |config: &str| {
        let parts = [
            ("extraction_agent_id", None, &*agent),
            ("config_override", None, config),
            ("file", Some("a.txt"), "Invoice 7"),
        ];
        client.fill(&path, &parts).await
    };
    for (config, place, kind) in [
        ("{", json!(["body", "config_override"]), "json_invalid"),
        ("[]", json!(["body", "config_override"]), "dict_type"),
        ("7", json!(["body", "config_override"]), "dict_type"),
        ("{\"extraction_mode\":\"SLOW\"}", json!(["body", "config_override", "extraction_mode"]), "enum"),
        ("{\"cite_sources\":\"yes\"}", json!(["body", "config_override", "cite_sources"]), "bool_type"),
        ("{\"parse_model\":\"none\"}", json!(["body", "config_override", "parse_model"]), "enum"),
    ] {
        let body: Option<Value> = serde_json::from_str(config).ok();
        assert_eq!(send(config).await.item(), (place.clone(), kind.to_owned()), "{config}");
        if let Some(config) = body {
            let file = client.file("b.txt", "x").await;
            let body = json!({ "extraction_agent_id": agent, "file_id": file, "config_override": config });
            let said = client.post(&format!("{V1}/jobs"), body).await.item();
            assert_eq!(said.0, place, "{config}: a body is told the same");
        }
    }
    let too_fast = "{\"extraction_mode\":\"FAST\",\"cite_sources\":true}";
    let said = send(too_fast).await.detail(StatusCode::BAD_REQUEST);
    assert!(said.contains("cite_sources"), "{said}");
    let jobs = format!("{V1}/jobs?extraction_agent_id={agent}");
    assert_eq!(client.read(&jobs).await, json!([]));
    let files = client.read("/api/v1/files").await;
    assert!(files.as_array().unwrap().iter().all(|file| file["name"] == "b.txt"), "{files}");

    for (config, mode) in [("", "PREMIUM"), ("null", "PREMIUM"), ("{\"extraction_mode\":\"FAST\"}", "FAST")] {
        let job = send(config).await.ok(StatusCode::OK);
        let run = client.run(V1, &id(&job)).await;
        assert_eq!(run["config"]["extraction_mode"], mode, "{config:?}");
    }
}
