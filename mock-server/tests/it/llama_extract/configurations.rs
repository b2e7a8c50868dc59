//! Saved configurations of version 2.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Client, V2, id, invoice};
use crate::harness::Stand;

const PATH: &str = "/api/v1/beta/configurations";

fn saved(name: &str, tier: &str) -> Value {
    json!({ "name": name, "parameters": { "product_type": "extract_v2", "data_schema": invoice(), "tier": tier } })
}

#[tokio::test]
async fn one_of_the_same_name_is_changed_and_no_second_one_made() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let first = client.post(PATH, saved("notes", "agentic")).await.ok(StatusCode::CREATED);
    stand.advance("1h").await;
    let second = client.post(PATH, saved("notes", "cost_effective")).await.ok(StatusCode::CREATED);
    assert_eq!((&second["id"], &second["created_at"]), (&first["id"], &first["created_at"]));
    assert_ne!((&second["version"], &second["updated_at"]), (&first["version"], &first["updated_at"]));
    assert_eq!(second["parameters"]["tier"], "cost_effective");
    assert_eq!(client.read(PATH).await["items"], json!([second]));
    // Another product's names are its own.
    let other = json!({ "name": "notes", "parameters": { "product_type": "parse_v2", "tier": "fast" } });
    let other = client.post(PATH, other).await.ok(StatusCode::CREATED);
    assert_ne!(other["id"], first["id"]);
    assert_eq!(other["parameters"]["product_type"], "parse_v2");
    for (query, count) in [
        ("product_type=extract_v2", 1),
        ("product_type=extract_v2&product_type=parse_v2", 2),
        ("name=notes&latest_only=true", 2),
        ("name=letters", 0),
    ] {
        assert_eq!(client.read(&format!("{PATH}?{query}")).await["total_size"], count, "{query}");
    }
}

#[tokio::test]
async fn an_update_leaves_what_it_does_not_name() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let first = client.post(PATH, saved("notes", "agentic")).await.ok(StatusCode::CREATED);
    let one = format!("{PATH}/{}", id(&first));
    let renamed = client.put(&one, json!({ "name": "letters" })).await.ok(StatusCode::OK);
    assert_eq!((&renamed["name"], &renamed["parameters"]), (&json!("letters"), &first["parameters"]));
    let changed =
        client.put(&one, json!({ "name": null, "parameters": saved("", "cost_effective")["parameters"] }));
    let changed = changed.await.ok(StatusCode::OK);
    assert_eq!(
        (&changed["name"], &changed["parameters"]["tier"]),
        (&json!("letters"), &json!("cost_effective"))
    );
    assert_eq!(client.read(&one).await, changed);

    let _ = client.post(PATH, saved("notes", "agentic")).await.ok(StatusCode::CREATED);
    let refused = client.put(&one, json!({ "name": "notes" })).await;
    assert_eq!(refused.headers["x-should-retry"], "false");
    let _ = refused.detail(StatusCode::CONFLICT);
    let other = json!({ "parameters": { "product_type": "parse_v2" } });
    let said = client.put(&one, other).await.detail(StatusCode::BAD_REQUEST);
    assert!(said.contains("extract_v2"), "{said}");
    assert_eq!(client.read(&one).await, changed);
}

#[tokio::test]
async fn an_extraction_keeps_what_it_was_told_by_a_configuration_that_changes() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let saved_one = client.post(PATH, saved("notes", "agentic")).await.ok(StatusCode::CREATED);
    let file = client.file("a.txt", "Invoice 7").await;
    let body = json!({ "file_input": file, "configuration_id": saved_one["id"] });
    let job = client.post(V2, body).await.ok(StatusCode::OK);
    let _ = client.post(PATH, saved("notes", "cost_effective")).await.ok(StatusCode::CREATED);
    let path = format!("{V2}/{}?expand=configuration", id(&job));
    let shown = client.read(&path).await;
    assert_eq!(
        (&shown["configuration_id"], &shown["configuration"]["tier"]),
        (&saved_one["id"], &json!("agentic"))
    );
    client.delete(&format!("{PATH}/{}", id(&saved_one))).await.bare();
    client.wait().await;
    let shown = client.read(&path).await;
    assert!(shown["extract_result"]["total"].is_number(), "{shown}");
    let _ = client.get(&format!("{PATH}/{}", id(&saved_one))).await.detail(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_extraction_takes_no_configuration_of_another_product() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let other = json!({ "name": "notes", "parameters": { "product_type": "parse_v2" } });
    let other = client.post(PATH, other).await.ok(StatusCode::CREATED);
    let file = client.file("a.txt", "Invoice 7").await;
    let body = json!({ "file_input": file, "configuration_id": other["id"] });
    let said = client.post(V2, body).await.detail(StatusCode::BAD_REQUEST);
    assert!(said.contains("parse_v2"), "{said}");
}

#[tokio::test]
async fn a_configuration_that_nothing_can_be_extracted_with_is_not_saved() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let mut bad = saved("notes", "agentic");
    bad["parameters"]["data_schema"] = json!({ "type": "array" });
    let _ = client.post(PATH, bad).await.detail(StatusCode::BAD_REQUEST);
    for (body, place) in [
        (json!({ "name": "x" }), json!(["body", "parameters"])),
        (json!({ "name": "", "parameters": saved("", "agentic")["parameters"] }), json!(["body", "name"])),
        (json!({ "name": "x", "parameters": {} }), json!(["body", "parameters", "product_type"])),
        (saved("x", "slow"), json!(["body", "parameters", "tier"])),
    ] {
        assert_eq!(client.post(PATH, body.clone()).await.item().0, place, "{body}");
    }
    assert_eq!(client.read(PATH).await["total_size"], 0);
}
