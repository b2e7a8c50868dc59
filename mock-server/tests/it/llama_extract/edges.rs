//! What is odd, and allowed.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Client, PAGE, V1, V2, id, invoice};
use crate::harness::{KEY, Stand};

#[tokio::test]
async fn an_empty_file_is_a_file_of_one_page() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let agent = client.agent("pages", &invoice(), json!({ "extraction_target": "PER_PAGE" })).await;
    let file = client.file("empty.bin", "").await;
    assert_eq!(client.read(&format!("/api/v1/files/{file}")).await["file_size"], 0);
    let job = client.job(&agent, &file).await;
    client.wait().await;
    let run = client.run(V1, &job).await;
    assert_eq!(run["data"].as_array().map(Vec::len), Some(1), "{run}");
}

#[tokio::test]
async fn a_file_without_a_name_is_called_as_its_field() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let sent = client.fill("/api/v1/files", &[("upload_file", Some(""), "x")]).await;
    let file = sent.ok(StatusCode::OK);
    assert_eq!((&file["name"], &file["file_type"]), (&json!("upload_file"), &Value::Null));
}

#[tokio::test]
async fn an_agent_may_go_while_its_work_is_under_way() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let job = client.invoice("a.txt").await;
    let agent = client.run(V1, &job).await["extraction_agent_id"].as_str().unwrap().to_owned();
    let _ = client.delete(&format!("{PAGE}/extraction-agents/{agent}")).await.ok(StatusCode::OK);
    client.wait().await;
    assert_eq!(client.statuses(&job).await, ["COMPLETED", "SUCCESS", "SUCCESS"]);
    let shown = client.read(&format!("{V1}/jobs/{job}")).await;
    assert_eq!(shown["extraction_agent"]["id"], json!(agent));
    // Nobody is told of the runs of an agent that is gone, but of all runs.
    assert_eq!(client.read(&format!("{PAGE}/runs?extraction_agent_id={agent}")).await, json!([]));
    assert_eq!(client.read(&format!("{PAGE}/runs")).await.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn the_name_of_the_standing_agent_may_be_taken_before_it_is_needed() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let agents = format!("{V1}/extraction-agents");
    let usual = client.read(&format!("{agents}/default")).await["name"].as_str().unwrap().to_owned();
    let stand = Stand::new();
    let client = Client::new(&stand);
    let mine = client.agent(&usual, &invoice(), json!({})).await;
    let standing = client.read(&format!("{agents}/default")).await;
    assert_ne!((&standing["id"], &standing["name"]), (&json!(mine), &json!(usual)));
    assert_eq!(client.read(&format!("{agents}/default")).await, standing);
    // One that is changed or deleted is there again, or still.
    let path = format!("{agents}/{}", id(&standing));
    let change = json!({ "data_schema": invoice(), "config": {} });
    let _ = client.put(&path, change).await.ok(StatusCode::OK);
    assert_eq!(client.read(&format!("{agents}/default")).await["data_schema"], invoice());
    let _ = client.delete(&path).await.ok(StatusCode::OK);
    assert_ne!(client.read(&format!("{agents}/default")).await["id"], standing["id"]);
}

#[tokio::test]
async fn pages_that_a_file_does_not_have_leave_one() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let file = client.file("a.txt", "one\u{c}two\u{c}three").await;
    for (config, count) in [
        (json!({ "page_range": "2-9" }), 2),
        (json!({ "page_range": "7" }), 1),
        (json!({ "page_range": " 1, 3 " }), 2),
    ] {
        let name = config.to_string();
        let mut config = config;
        config["extraction_target"] = json!("PER_PAGE");
        let agent = client.agent(&name, &invoice(), config).await;
        let job = client.job(&agent, &file).await;
        client.wait().await;
        let run = client.run(V1, &job).await;
        assert_eq!(run["data"].as_array().map(Vec::len), Some(count), "{name}: {run}");
    }
    let configuration = json!({ "data_schema": invoice(), "extraction_target": "per_page", "max_pages": 2, "target_pages": "1-3" });
    let body = json!({ "file_input": file, "configuration": configuration });
    let job = id(&client.post(V2, body).await.ok(StatusCode::OK));
    client.wait().await;
    let shown = client.read(&format!("{V2}/{job}")).await;
    assert_eq!(shown["extract_result"].as_array().map(Vec::len), Some(2), "{shown}");
    assert_eq!(shown["metadata"]["usage"]["num_pages_extracted"], 2);
}

#[tokio::test]
async fn a_citation_names_a_page_that_was_read() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let file = client.file("a.txt", "one\u{c}two\u{c}three\u{c}four").await;
    for target in ["PER_PAGE", "PER_TABLE_ROW", "PER_DOC"] {
        let config = json!({ "extraction_target": target, "page_range": "2,4", "cite_sources": true });
        let agent = client.agent(target, &invoice(), config).await;
        let job = client.job(&agent, &file).await;
        client.wait().await;
        let run = client.run(V1, &job).await;
        let mut pages = Vec::new();
        cited(&run["extraction_metadata"]["field_metadata"], &mut pages);
        assert!(!pages.is_empty() && pages.iter().all(|page| [2, 4].contains(page)), "{target}: {pages:?}");
        if target == "PER_PAGE" {
            let mut first = Vec::new();
            cited(&run["extraction_metadata"]["field_metadata"][0], &mut first);
            assert!(first.iter().all(|page| *page == 2), "{first:?}");
        }
    }
}

/// The pages of all citations below `metadata`.
fn cited(metadata: &Value, pages: &mut Vec<u64>) {
    match metadata {
        Value::Object(members) => {
            if let Some(citations) = members.get("citation").and_then(Value::as_array) {
                pages.extend(citations.iter().filter_map(|citation| citation["page"].as_u64()));
            } else {
                members.values().for_each(|member| cited(member, pages));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| cited(item, pages)),
        _ => {}
    }
}

#[tokio::test]
async fn an_extraction_is_a_run_of_the_control_plane() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let job = client.invoice("a.txt").await;
    let control = async |method: Method, path: String| stand.call(KEY, method, &path, None).await;
    let shown = control(Method::GET, format!("/_rehearsal/runs/{job}?key={KEY}")).await.ok(StatusCode::OK);
    assert_eq!((&shown["id"], &shown["kind"]), (&json!(job), &json!("extraction")));
    // Clients of version 2 know it by another name.
    let by_name = control(Method::GET, format!("/_rehearsal/runs/ext-{job}?key={KEY}")).await;
    assert_eq!(by_name.ok(StatusCode::OK), shown);
    let all = control(Method::GET, format!("/_rehearsal/runs?key={KEY}")).await.ok(StatusCode::OK);
    assert_eq!(all["runs"][0]["id"], json!(job), "{all}");
    let _ =
        control(Method::POST, format!("/_rehearsal/runs/{job}/complete?key={KEY}")).await.ok(StatusCode::OK);
    assert_eq!(client.statuses(&job).await, ["COMPLETED", "SUCCESS", "SUCCESS"]);
}

#[tokio::test]
async fn a_method_that_a_path_does_not_have_is_refused_in_the_words_of_this_api() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    for (method, path) in [
        (Method::DELETE, format!("{V1}/jobs")),
        (Method::PUT, V2.to_owned()),
        (Method::POST, format!("{PAGE}/runs")),
        (Method::PATCH, "/api/v1/files".to_owned()),
    ] {
        let answer = client.send(method.clone(), &path, None, axum::body::Body::empty()).await;
        assert!(answer.status.is_client_error(), "{method} {path}: {}", answer.text);
        assert!(answer.json()["detail"].is_string(), "{method} {path}: {}", answer.text);
    }
}

#[tokio::test]
async fn data_that_is_pinned_and_partial_is_what_the_scenario_says() {
    let stand = Stand::with(
        "runs:
  - match: { kind: extraction }
    data: { total: 3, note: kept }
    outcome: { partial: { failed-items: 1 } }
",
    );
    let client = Client::new(&stand);
    let job = client.invoice("a.txt").await;
    client.wait().await;
    assert_eq!(client.statuses(&job).await, ["COMPLETED", "PARTIAL_SUCCESS", "SUCCESS"]);
    assert_eq!(client.run(V1, &job).await["data"], json!({ "total": 3, "note": "kept" }));
}
