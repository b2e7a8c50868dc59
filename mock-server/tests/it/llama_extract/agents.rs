//! Agents, and the schemas that are made and judged for them.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Client, PAGE, V1, V2, id, invoice};
use crate::harness::Stand;

const AGENTS: &str = "/api/v1/extraction/extraction-agents";

fn named(name: &str) -> Value {
    json!({ "name": name, "data_schema": invoice(), "config": {} })
}

#[tokio::test]
async fn an_agent_is_found_by_its_id_and_by_its_name_in_either_generation() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    // One client encodes what stands in a name, slashes too.
    for (name, written) in
        [("invoices", "invoices"), ("na me/x", "na%20me%2Fx"), ("Größe?", "Gr%C3%B6%C3%9Fe%3F")]
    {
        let made = client.post(AGENTS, named(name)).await.ok(StatusCode::OK);
        assert_eq!((&made["name"], &made["data_schema"]), (&json!(name), &invoice()));
        assert_eq!(made["created_at"], made["updated_at"]);
        assert_eq!(client.read(&format!("{AGENTS}/{}", id(&made))).await, made);
        assert_eq!(client.read(&format!("{AGENTS}/by-name/{written}")).await, made);
        let page = client.read(&format!("{PAGE}/extraction-agents/by-name/{written}")).await;
        assert_eq!((&page["id"], &page["name"]), (&made["id"], &json!(name)));
    }
    let _ = client.get(&format!("{AGENTS}/by-name/na%20me/x")).await.detail(StatusCode::NOT_FOUND);
    let said = client.get(&format!("{AGENTS}/by-name/Invoices")).await.detail(StatusCode::NOT_FOUND);
    assert!(said.contains("Invoices"), "{said}");
}

#[tokio::test]
async fn settings_are_shown_in_the_words_of_each_generation() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let config = json!({
        "extraction_mode": "MULTIMODAL",
        "extraction_target": "PER_TABLE_ROW",
        "system_prompt": "Be brief.",
        "cite_sources": true,
        "colour": "red",
    });
    let body = json!({ "name": "rows", "data_schema": invoice(), "config": config });
    let made = client.post(AGENTS, body).await.ok(StatusCode::OK);
    for (name, value) in config.as_object().unwrap() {
        assert_eq!(made["config"].get(name), Some(value).filter(|_| name != "colour"), "{name}");
    }
    let page = client.read(&format!("{PAGE}/extraction-agents/{}", id(&made))).await;
    let older =
        json!({ "extraction_mode": "PER_PAGE", "handle_missing": false, "system_prompt": "Be brief." });
    assert_eq!(page["config"], older);

    let body =
        json!({ "name": "pages", "data_schema": invoice(), "config": { "extraction_mode": "PER_PAGE" } });
    let made = client.post(&format!("{PAGE}/extraction-agents"), body).await.ok(StatusCode::OK);
    let newer = client.read(&format!("{AGENTS}/{}", id(&made))).await;
    assert_eq!(newer["config"]["extraction_target"], "PER_PAGE");
    assert_eq!(newer["config"]["extraction_mode"], "PREMIUM");
    assert_eq!(newer["custom_configuration"], Value::Null);
}

#[tokio::test]
async fn what_is_shown_of_settings_is_taken_back() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    for (name, prefix) in [("older", PAGE), ("newer", V1)] {
        let agents = format!("{prefix}/extraction-agents");
        let made = client.post(&agents, named(name)).await.ok(StatusCode::OK);
        let file = client.file("a.pdf", "Invoice 7").await;
        let body = json!({
            "extraction_agent_id": made["id"],
            "file_id": file,
            "data_schema_override": made["data_schema"],
            "config_override": made["config"],
        });
        let _ = client.post(&format!("{prefix}/jobs"), body).await.ok(StatusCode::OK);
        let body = json!({ "data_schema": made["data_schema"], "config": made["config"] });
        let changed = client.put(&format!("{agents}/{}", id(&made)), body).await.ok(StatusCode::OK);
        assert_eq!((&changed["config"], &changed["data_schema"]), (&made["config"], &made["data_schema"]));
    }
}

#[tokio::test]
async fn an_update_is_for_what_comes_after_it() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let agent = client.agent("invoices", &invoice(), json!({})).await;
    let file = client.file("a.pdf", "Invoice 7").await;
    let before = client.job(&agent, &file).await;
    stand.advance("1h").await;
    let letter = json!({ "type": "object", "properties": { "sender": { "type": "string" } } });
    let body = json!({ "data_schema": letter, "config": { "extraction_mode": "FAST" } });
    let changed = client.put(&format!("{AGENTS}/{agent}"), body).await.ok(StatusCode::OK);
    assert_eq!(
        (&changed["name"], &changed["config"]["extraction_mode"]),
        (&json!("invoices"), &json!("FAST"))
    );
    assert!(changed["updated_at"].as_str() > changed["created_at"].as_str(), "{changed}");
    let after = client.job(&agent, &file).await;
    client.wait().await;
    let (before, after) = (client.run(V1, &before).await, client.run(V1, &after).await);
    assert_eq!((&before["data_schema"], &after["data_schema"]), (&invoice(), &letter));
    assert_eq!((before["data"]["total"].is_number(), after["data"]["sender"].is_string()), (true, true));
}

#[tokio::test]
async fn a_name_belongs_to_one_agent_and_nobody_need_try_again() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let first = id(&client.post(AGENTS, named("invoices")).await.ok(StatusCode::OK));
    for agents in [AGENTS.to_owned(), format!("{PAGE}/extraction-agents")] {
        let refused = client.post(&agents, named("invoices")).await;
        assert_eq!(refused.headers["x-should-retry"], "false");
        let said = refused.detail(StatusCode::CONFLICT);
        assert!(said.contains("invoices"), "{said}");
    }
    assert_eq!(client.delete(&format!("{AGENTS}/{first}")).await.ok(StatusCode::OK), json!({}));
    let second = id(&client.post(AGENTS, named("invoices")).await.ok(StatusCode::OK));
    assert_ne!(second, first);
    for gone in [format!("{AGENTS}/{first}"), format!("{PAGE}/extraction-agents/{first}")] {
        let said = client.get(&gone).await.detail(StatusCode::NOT_FOUND);
        assert!(said.contains(&first), "{said}");
    }
}

#[tokio::test]
async fn what_a_deleted_agent_has_extracted_stays() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let job = client.invoice("a.pdf").await;
    client.wait().await;
    let run = client.run(V1, &job).await;
    let agent = run["extraction_agent_id"].as_str().unwrap();
    let _ = client.delete(&format!("{AGENTS}/{agent}")).await.ok(StatusCode::OK);
    assert_eq!(client.run(V1, &job).await, run);
    assert_eq!(client.read(&format!("{V1}/jobs/{job}/result")).await["extraction_agent_id"], agent);
    assert_eq!(client.read(&format!("{V1}/jobs?extraction_agent_id={agent}")).await, json!([]));
    assert_eq!(client.read(&format!("{V1}/runs?extraction_agent_id={agent}")).await["total"], 0);
}

#[tokio::test]
async fn there_is_one_agent_for_those_who_have_none() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let standing = client.read(&format!("{AGENTS}/default")).await;
    assert_eq!(standing["custom_configuration"], "default");
    let body = json!({ "data_schema": invoice(), "config": {}, "text": "Invoice 7" });
    let job = client.post(&format!("{V1}/run"), body).await.ok(StatusCode::OK);
    assert_eq!(job["extraction_agent"], standing);
    let file = client.file("a.pdf", "Invoice 7").await;
    let body = json!({ "file_input": file, "configuration": { "data_schema": invoice() } });
    let second = id(&client.post(V2, body).await.ok(StatusCode::OK));
    let second = client.read(&format!("{V1}/jobs/{}", second.trim_start_matches("ext-"))).await;
    assert_eq!(second["extraction_agent"]["id"], standing["id"]);
    // Its own settings are not those of its jobs.
    let run = client.run(V1, &id(&job)).await;
    assert_eq!((&run["data_schema"], &run["extraction_agent_id"]), (&invoice(), &standing["id"]));
    assert_eq!(client.read(AGENTS).await, json!([]));
    assert_eq!(client.read(&format!("{AGENTS}?include_default=true")).await, json!([standing]));
}

#[tokio::test]
async fn a_schema_may_be_the_text_of_one() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let text = invoice().to_string();
    let body = json!({ "name": "text", "data_schema": text, "config": {} });
    let made = client.post(AGENTS, body).await.ok(StatusCode::OK);
    assert_eq!(made["data_schema"], invoice(), "shown as what it is");
    let body = json!({ "data_schema": text, "config": {} });
    let changed = client.put(&format!("{AGENTS}/{}", id(&made)), body).await.ok(StatusCode::OK);
    assert_eq!(changed["data_schema"], invoice());
    let path = format!("{AGENTS}/schema/validation");
    assert_eq!(
        client.post(&path, json!({ "data_schema": text })).await.ok(StatusCode::OK)["data_schema"],
        invoice()
    );
    let said = client.post(&path, json!({ "data_schema": "{" })).await.detail(StatusCode::BAD_REQUEST);
    assert!(said.contains("no JSON"), "{said}");
    for wrong in [json!(7), json!([]), json!(null), json!(true)] {
        let (at, _) = client.post(&path, json!({ "data_schema": wrong })).await.item();
        assert_eq!((&at[0], &at[1]), (&json!("body"), &json!("data_schema")), "{wrong}");
    }
}

#[tokio::test]
async fn an_extension_is_for_the_modes_that_have_it() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    for (config, why) in [
        (json!({ "extraction_mode": "FAST", "cite_sources": true }), "cite_sources"),
        (json!({ "extraction_mode": "BALANCED", "confidence_scores": true }), "confidence_scores"),
        (json!({ "extraction_mode": "FAST", "use_reasoning": true }), "use_reasoning"),
    ] {
        let body = json!({ "name": "x", "data_schema": invoice(), "config": config });
        let said = client.post(AGENTS, body).await.detail(StatusCode::BAD_REQUEST);
        assert!(said.contains(why), "{said}");
    }
    for (config, place) in [
        (json!({ "extraction_mode": "SLOW" }), "extraction_mode"),
        (json!({ "parse_model": "none" }), "parse_model"),
        (json!({ "page_range": "0-2" }), "page_range"),
    ] {
        let body = json!({ "name": "x", "data_schema": invoice(), "config": config });
        let (at, _) = client.post(AGENTS, body).await.item();
        assert_eq!(at, json!(["body", "config", place]));
    }
    assert_eq!(client.read(AGENTS).await, json!([]));
}

#[tokio::test]
async fn a_prompt_becomes_a_schema_that_can_be_used() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let prompt = json!({ "prompt": "the invoice number, the total amount and the line items" });
    let first = client.post(&format!("{AGENTS}/schema/generate"), prompt.clone()).await.ok(StatusCode::OK);
    let schema = &first["data_schema"];
    for name in ["invoice_number", "total_amount", "line_items"] {
        assert!(schema["properties"][name].is_object(), "{schema}");
    }
    let second = client.post(&format!("{V2}/schema/generate"), prompt).await.ok(StatusCode::OK);
    assert_eq!(second["parameters"]["data_schema"], *schema);
    let agent = client.agent("made", schema, json!({})).await;
    let job = client.job(&agent, &client.file("a.pdf", "Invoice 7").await).await;
    client.wait().await;
    assert!(client.run(V1, &job).await["data"]["total_amount"].is_number());
    let _ =
        client.post(&format!("{AGENTS}/schema/generate"), json!({})).await.detail(StatusCode::BAD_REQUEST);
}
