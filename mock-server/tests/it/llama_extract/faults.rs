//! What goes wrong on purpose, in every generation.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Client, PAGE, V1, V2, id, invoice};
use crate::harness::{Answer, KEY, Stand};

async fn arm(stand: &Stand, fault: Value) {
    let target = format!("/_rehearsal/faults?key={KEY}");
    let _ = stand.call(KEY, Method::POST, &target, Some(fault)).await.ok(StatusCode::CREATED);
}

async fn disarm(stand: &Stand) {
    let target = format!("/_rehearsal/faults/it?key={KEY}");
    let answer = stand.call(KEY, Method::DELETE, &target, None).await;
    assert!(answer.status.is_success(), "{}", answer.text);
}

#[track_caller]
fn fired(answer: Answer) -> Answer {
    let fault = answer.headers.get("x-rehearsal-fault").map(|value| value.to_str().unwrap());
    assert_eq!(fault, Some("it"), "{}", answer.text);
    answer
}

#[track_caller]
fn clean(answer: &Answer) {
    assert!(!answer.headers.contains_key("x-rehearsal-fault"), "{}", answer.text);
}

#[tokio::test]
async fn what_is_new_is_hidden_from_everything_that_names_it() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    arm(
        &stand,
        json!({ "id": "it", "match": { "api": "llama-extract" }, "state": { "hidden-after-create": "30s" } }),
    )
    .await;
    let agent = client.agent("invoices", &invoice(), json!({})).await;
    let file = client.file("a.txt", "x").await;
    stand.advance("29s").await;
    let named = [
        format!("{V1}/extraction-agents/{agent}"),
        format!("{PAGE}/extraction-agents/by-name/invoices"),
        format!("/api/v1/files/{file}"),
        format!("/api/v1/files/{file}/content"),
        format!("/api/v1/beta/files/{file}"),
    ];
    for path in &named {
        let _ = fired(client.get(path).await).detail(StatusCode::NOT_FOUND);
    }
    let _ = fired(client.delete(&format!("/api/v1/files/{file}")).await).detail(StatusCode::NOT_FOUND);
    for list in
        [format!("{V1}/extraction-agents"), format!("{PAGE}/extraction-agents"), "/api/v1/files".to_owned()]
    {
        assert_eq!(fired(client.get(&list).await).ok(StatusCode::OK), json!([]), "{list}");
    }
    stand.advance("1s").await;
    for path in &named {
        let answer = client.get(path).await;
        clean(&answer);
        assert_eq!(answer.status, StatusCode::OK, "{path}");
    }
    let job = client.job(&agent, &file).await;
    let paths = [
        format!("{V1}/jobs/{job}"),
        format!("{PAGE}/jobs/{job}/result"),
        format!("{V1}/runs/by-job/{job}"),
        format!("{V2}/ext-{job}"),
    ];
    for path in &paths {
        let said = fired(client.get(path).await).detail(StatusCode::NOT_FOUND);
        assert!(!said.contains("Check job status"), "it is not there at all: {said}");
    }
    assert_eq!(fired(client.get(V2).await).ok(StatusCode::OK)["total_size"], 0);
    assert_eq!(fired(client.get(&format!("{PAGE}/runs")).await).ok(StatusCode::OK), json!([]));
    client.wait().await;
    for path in &paths {
        let _ = client.read(path).await;
    }
}

#[tokio::test]
async fn a_stale_read_shows_what_was_true() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let agent = client.agent("invoices", &invoice(), json!({})).await;
    let file = client.file("slow.txt", "x").await;
    let old = client.job(&agent, &file).await;
    stand.advance("1s").await;
    let paths = [
        format!("{V1}/jobs/{old}"),
        format!("{PAGE}/runs/by-job/{old}"),
        format!("{V2}/{old}"),
        format!("{V2}?status=PENDING"),
        format!("{V1}/runs?extraction_agent_id={agent}"),
    ];
    let mut before = Vec::new();
    for path in &paths {
        before.push(client.read(path).await);
    }
    stand.advance("10m").await;
    let new = client.job(&agent, &file).await;
    arm(&stand, json!({ "id": "it", "match": { "api": "llama-extract" }, "state": { "stale-read": "10m" } }))
        .await;
    for (path, before) in paths.iter().zip(&before) {
        assert_eq!(fired(client.get(path).await).ok(StatusCode::OK), *before, "{path}");
    }
    let _ = fired(client.get(&format!("{V1}/jobs/{old}/result")).await).detail(StatusCode::NOT_FOUND);
    let jobs = fired(client.get(&format!("{V1}/jobs?extraction_agent_id={agent}")).await).ok(StatusCode::OK);
    assert_eq!(jobs.as_array().map(Vec::len), Some(1), "the new one was not there");
    stand.advance("20m").await;
    let answer = client.get(&format!("{V1}/jobs/{new}")).await;
    clean(&answer);
    assert_eq!(answer.ok(StatusCode::OK)["status"], "SUCCESS");
}

#[tokio::test]
async fn a_cancel_that_is_lost_is_accepted_and_cancels_nothing() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let job = client.invoice("a.txt").await;
    arm(&stand, json!({ "id": "it", "match": { "operation": "llama-extract.extract.cancel" }, "state": "lose-cancel" })).await;
    let cancel = format!("{V2}/ext-{job}/cancel");
    let said = fired(client.act(&cancel).await).ok(StatusCode::OK);
    assert_eq!(said["status"], "CANCELLED", "{said}");
    assert_ne!(client.statuses(&job).await[0], "CANCELLED");
    client.wait().await;
    assert_eq!(client.statuses(&job).await, ["COMPLETED", "SUCCESS", "SUCCESS"]);
    let refused = client.act(&cancel).await;
    clean(&refused);
    let _ = refused.detail(StatusCode::CONFLICT);
}

#[tokio::test]
async fn an_item_stands_twice_in_lists_of_every_kind() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let job = client.invoice("a.txt").await;
    let agent = client.run(V1, &job).await["extraction_agent_id"].as_str().unwrap().to_owned();
    arm(&stand, json!({ "id": "it", "match": { "api": "llama-extract" }, "state": "duplicate-list-item" }))
        .await;
    for path in [
        format!("{PAGE}/runs"),
        format!("{PAGE}/extraction-agents"),
        format!("{V1}/runs?extraction_agent_id={agent}"),
        V2.to_owned(),
        "/api/v1/beta/files".to_owned(),
    ] {
        let list = fired(client.get(&path).await).ok(StatusCode::OK);
        let items = list.get("items").unwrap_or(&list);
        assert_eq!((items.as_array().map(Vec::len), &items[0]), (Some(2), &items[1]), "{path}");
    }
    for path in [
        format!("{V1}/extraction-agents"),
        format!("{V1}/jobs?extraction_agent_id={agent}"),
        "/api/v1/files".to_owned(),
    ] {
        let list = fired(client.get(&path).await).ok(StatusCode::OK);
        assert_eq!((list.as_array().map(Vec::len), &list[0]), (Some(2), &list[1]), "{path}");
    }
}

#[tokio::test]
async fn a_fault_of_lists_can_be_told_for_each_of_them() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let job = client.invoice("a.txt").await;
    let agent = client.run(V1, &job).await["extraction_agent_id"].as_str().unwrap().to_owned();
    for (operation, path) in [
        ("extract.list", V2.to_owned()),
        ("jobs.list", format!("{PAGE}/jobs?extraction_agent_id={agent}")),
        ("runs.list", format!("{V1}/runs?extraction_agent_id={agent}")),
        ("files.list", "/api/v1/files".to_owned()),
    ] {
        let matching = json!({ "operation": format!("llama-extract.{operation}") });
        arm(&stand, json!({ "id": "it", "match": matching, "state": "duplicate-list-item" })).await;
        let list = fired(client.get(&path).await).ok(StatusCode::OK);
        assert_eq!(list.get("items").unwrap_or(&list).as_array().map(Vec::len), Some(2), "{operation}");
        disarm(&stand).await;
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_what_it_made() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let agent = client.agent("invoices", &invoice(), json!({})).await;
    let file = client.file("a.txt", "x").await;
    let fault = json!({
        "id": "it",
        "match": { "operation": "llama-extract.jobs.create" },
        "when": { "first": 1 },
        "phase": "after",
        "respond": { "status": 503 },
    });
    arm(&stand, fault).await;
    let body = json!({ "extraction_agent_id": agent, "file_id": file });
    let _ = fired(client.post(&format!("{V1}/jobs"), body).await).detail(StatusCode::SERVICE_UNAVAILABLE);
    let jobs = client.read(&format!("{V1}/jobs?extraction_agent_id={agent}")).await;
    assert_eq!(jobs.as_array().map(Vec::len), Some(1), "{jobs}");
}

#[tokio::test]
async fn a_fault_is_for_the_agent_and_the_file_that_it_names() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let (invoices, letters) = (
        client.agent("invoices", &invoice(), json!({})).await,
        client.agent("letters", &invoice(), json!({})).await,
    );
    let (one, other) = (client.file("one.pdf", "x").await, client.file("other.pdf", "x").await);
    for (about, hit) in [
        (json!({ "agent": "inv*" }), [true, true, false, false]),
        (json!({ "agent": letters }), [false, false, true, true]),
        (json!({ "file-name": "one.*" }), [true, false, true, false]),
        (json!({ "agent": "letters", "file-name": "other.pdf" }), [false, false, false, true]),
    ] {
        let mut matching = about.clone();
        matching["operation"] = json!("llama-extract.jobs.create");
        arm(&stand, json!({ "id": "it", "match": matching, "respond": { "status": 503 } })).await;
        let pairs = [(&invoices, &one), (&invoices, &other), (&letters, &one), (&letters, &other)];
        for ((agent, file), hit) in pairs.into_iter().zip(hit) {
            for prefix in [V1, PAGE] {
                let body = json!({ "extraction_agent_id": agent, "file_id": file });
                let status = client.post(&format!("{prefix}/jobs"), body).await.status;
                assert_eq!(status == StatusCode::SERVICE_UNAVAILABLE, hit, "{about}: {status}");
            }
        }
        disarm(&stand).await;
    }
    let job = client.job(&invoices, &one).await;
    let matching = json!({ "operation": "llama-extract.extract.get", "file-name": "one.pdf" });
    arm(&stand, json!({ "id": "it", "match": matching, "respond": { "status": 500 } })).await;
    let _ = fired(client.get(&format!("{V2}/ext-{job}")).await).detail(StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(id(&client.read(&format!("{V1}/jobs/{job}")).await), job);
}
