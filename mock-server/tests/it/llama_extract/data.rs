//! What is found in a file: a matter of its bytes, the schema and the seed, whoever asks and however.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Client, PAGE, V1, V2, id, invoice};
use crate::harness::Stand;

const TEXT: &str = "Invoice 7, two lamps";

/// What was found by a job that is over.
async fn data(client: Client<'_>, job: &str) -> Value {
    client.read(&format!("{V1}/jobs/{job}/result")).await["data"].clone()
}

/// What an agent with these settings finds in a file, and what is told about it.
async fn found(client: Client<'_>, schema: &Value, config: Value, name: &str, text: &str) -> Value {
    let agent = client.agent("finder", schema, config).await;
    let job = client.job(&agent, &client.file(name, text).await).await;
    client.wait().await;
    client.read(&format!("{V1}/jobs/{job}/result")).await
}

#[track_caller]
fn holds(schema: &Value, data: &Value) {
    let options = jsonschema::options().should_validate_formats(true);
    let validator = options.build(schema).unwrap_or_else(|error| panic!("no schema: {error}"));
    let wrong: Vec<String> = validator.iter_errors(data).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}: {data}");
}

#[tokio::test]
async fn the_same_file_has_the_same_data_on_another_server_and_another_file_has_other_data() {
    let (one, other, third) = (Stand::new(), Stand::new(), Stand::seeded("", 8));
    let schema = invoice();
    let first = found(Client::new(&one), &schema, json!({}), "invoice.pdf", TEXT).await["data"].clone();
    let again = found(Client::new(&other), &schema, json!({}), "renamed.pdf", TEXT).await["data"].clone();
    let seeded = found(Client::new(&third), &schema, json!({}), "invoice.pdf", TEXT).await["data"].clone();
    assert_eq!(first, again);
    assert_ne!(first, seeded);
    let client = Client::new(&one);
    let agent = client.agent("another", &schema, json!({})).await;
    let job = client.job(&agent, &client.file("invoice.pdf", "Invoice 8, a chair").await).await;
    client.wait().await;
    assert_ne!(data(client, &job).await, first);
}

#[tokio::test]
async fn whichever_way_an_extraction_is_asked_for_it_finds_the_same() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let schema = invoice();
    let agent = client.agent("invoices", &schema, json!({})).await;
    let other = client.agent("letters", &json!({ "type": "object", "properties": {} }), json!({})).await;
    let file = client.file("invoice.txt", TEXT).await;
    let mut jobs = vec![client.job(&agent, &file).await];
    let body = json!({ "extraction_agent_id": agent, "file_id": file });
    jobs.push(id(&client.post(&format!("{PAGE}/jobs"), body).await.ok(StatusCode::OK)));
    let body = json!({ "extraction_agent_id": other, "file_id": file, "data_schema_override": schema });
    jobs.push(id(&client.post(&format!("{V1}/jobs"), body).await.ok(StatusCode::OK)));
    let body = json!({ "extraction_agent_id": agent, "file_ids": [file, file] });
    let batch = client.post(&format!("{V1}/jobs/batch"), body).await.ok(StatusCode::OK);
    jobs.extend([id(&batch[0]), id(&batch[1])]);
    let text = schema.to_string();
    let parts = [
        ("file", Some("invoice.txt"), TEXT),
        ("extraction_agent_id", None, &other),
        ("data_schema_override", None, &text),
        ("config_override", None, ""),
    ];
    jobs.push(id(&client.fill(&format!("{V1}/jobs/file"), &parts).await.ok(StatusCode::OK)));
    for given in [
        json!({ "file_id": file }),
        json!({ "text": TEXT }),
        json!({ "file": { "data": STANDARD.encode(TEXT), "mime_type": "text/plain" } }),
    ] {
        let mut body = json!({ "data_schema": schema, "config": {} });
        body.as_object_mut().unwrap().extend(given.as_object().unwrap().clone());
        jobs.push(id(&client.post(&format!("{V1}/run"), body).await.ok(StatusCode::OK)));
    }
    for file in [file.clone(), format!("dfl-{file}")] {
        let body = json!({ "file_input": file, "configuration": { "data_schema": schema } });
        let second = id(&client.post(V2, body).await.ok(StatusCode::OK));
        jobs.push(second.trim_start_matches("ext-").to_owned());
    }
    client.wait().await;
    let first = data(client, &jobs[0]).await;
    for job in &jobs {
        assert_eq!(data(client, job).await, first);
        assert_eq!(client.read(&format!("{PAGE}/jobs/{job}/result")).await["data"], first);
        assert_eq!(client.run(V1, job).await["data"], first);
        assert_eq!(client.run(PAGE, job).await["data"], first);
        assert_eq!(client.read(&format!("{V2}/ext-{job}")).await["extract_result"], first);
    }
}

#[tokio::test]
async fn data_fits_its_schema() {
    let schemas = [
        invoice(),
        json!({
            "type": "object",
            "properties": {
                "id": { "type": "string", "format": "uuid" },
                "code": { "type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$" },
                "date": { "type": "string", "format": "date" },
                "state": { "enum": ["open", "paid", 3] },
                "share": { "type": "number", "exclusiveMinimum": 0, "maximum": 1, "multipleOf": 0.05 },
                "tags": { "type": "array", "items": { "type": "string", "maxLength": 9 }, "minItems": 2, "uniqueItems": true },
                "owner": { "anyOf": [{ "$ref": "#/$defs/person" }, { "type": "null" }] },
            },
            "required": ["id", "code", "date", "state", "share", "tags", "owner"],
            "additionalProperties": false,
            "$defs": {
                "person": {
                    "type": "object",
                    "properties": { "name": { "type": "string" }, "friend": { "$ref": "#/$defs/leaf" } },
                    "required": ["name"],
                },
                "leaf": { "type": ["string", "null"] },
            },
        }),
    ];
    for schema in &schemas {
        for name in ["usual.pdf", "partial.pdf", "empty.pdf"] {
            let stand = Stand::new();
            let result = found(Client::new(&stand), schema, json!({}), name, TEXT).await;
            holds(schema, &result["data"]);
        }
    }
}

#[tokio::test]
async fn a_page_and_a_row_of_a_table_are_an_entry_each() {
    let text = "one\u{c}two\u{c}three";
    let schema = invoice();
    for (target, entries) in [("PER_PAGE", Some(3)), ("PER_TABLE_ROW", None)] {
        let stand = Stand::new();
        let client = Client::new(&stand);
        let config = json!({ "extraction_target": target });
        let result = found(client, &schema, config, "invoice.txt", text).await;
        let list = result["data"].as_array().unwrap_or_else(|| panic!("no list: {result}"));
        assert!(entries.map_or(!list.is_empty(), |entries| list.len() == entries), "{result}");
        list.iter().for_each(|entry| holds(&schema, entry));
        let run = result["run_id"].as_str().unwrap();
        // There it is an object, whatever it is elsewhere.
        let page = client.read(&format!("{PAGE}/runs/{run}")).await;
        assert_eq!(page["data"], json!({ "pages": list }));
        assert_eq!(page["config"]["extraction_mode"], "PER_PAGE");
        let first = client.read(&format!("{V1}/runs/{run}")).await;
        assert_eq!((&first["data"], &first["config"]["extraction_target"]), (&json!(list), &json!(target)));
        let job = first["job_id"].as_str().unwrap();
        let second = client.read(&format!("{V2}/{job}?expand=configuration")).await;
        assert_eq!(second["extract_result"], json!(list));
        assert_eq!(second["configuration"]["extraction_target"], target.to_lowercase());
    }
    let stand = Stand::new();
    let config = json!({ "extraction_target": "PER_PAGE", "page_range": "1,3" });
    let result = found(Client::new(&stand), &schema, config, "invoice.txt", text).await;
    assert_eq!(result["data"].as_array().map(Vec::len), Some(2), "{result}");
    assert_eq!(result["extraction_metadata"]["usage"]["num_pages_extracted"], 2);
}

/// Calls `look` for everything in `metadata` that stands where `data` has a scalar, which must be all of it.
#[track_caller]
fn mirrors(data: &Value, metadata: &Value, look: &dyn Fn(&Value)) {
    match data {
        Value::Object(members) => {
            let names = |value: &Map<String, Value>| value.keys().cloned().collect::<Vec<String>>();
            let other = metadata.as_object().unwrap_or_else(|| panic!("no object: {metadata}"));
            assert_eq!(names(members), names(other));
            members.iter().for_each(|(name, member)| mirrors(member, &metadata[name], look));
        }
        Value::Array(items) => {
            assert_eq!(metadata.as_array().map(Vec::len), Some(items.len()), "{metadata}");
            items.iter().zip(0..).for_each(|(item, index): (_, usize)| mirrors(item, &metadata[index], look));
        }
        _ => look(metadata),
    }
}

#[tokio::test]
async fn metadata_mirrors_the_data_and_has_what_was_asked_for() {
    let asked = ["cite_sources", "confidence_scores", "use_reasoning"];
    for wanted in [&asked[..0], &asked[..1], &asked[1..2], &asked[2..], &asked[..]] {
        let stand = Stand::new();
        let client = Client::new(&stand);
        let config: Map<String, Value> =
            wanted.iter().map(|name| ((*name).to_owned(), json!(true))).collect();
        let result = found(client, &invoice(), json!(config), "invoice.pdf", TEXT).await;
        let metadata = &result["extraction_metadata"]["field_metadata"];
        mirrors(&result["data"], metadata, &|leaf| {
            assert_eq!(leaf["citation"][0]["page"].is_u64(), wanted.contains(&asked[0]), "{leaf}");
            assert_eq!(leaf["confidence"].is_f64(), wanted.contains(&asked[1]), "{leaf}");
            assert_eq!(leaf["reasoning"].is_string(), wanted.contains(&asked[2]), "{leaf}");
        });
        let run = client.read(&format!("{V1}/runs/{}", result["run_id"].as_str().unwrap())).await;
        let path = format!("{V2}/{}", run["job_id"].as_str().unwrap());
        let expanded = client.read(&format!("{path}?expand=extract_metadata")).await;
        assert_eq!(expanded["extract_metadata"]["field_metadata"]["document_metadata"], *metadata);
        // Unasked it is there for those alone who asked for what it says.
        let unasked = client.read(&path).await["extract_metadata"].clone();
        let is_cited = wanted.contains(&asked[0]) || wanted.contains(&asked[1]);
        assert_eq!(unasked.is_object(), is_cited, "{wanted:?}: {unasked}");
    }
}

#[tokio::test]
async fn a_scenario_says_what_is_found() {
    let stand = Stand::with(
        "runs:
  - match: { kind: extraction, agent: pinned }
    data: { total: 12.5, note: not in the schema }
  - match: { kind: extraction, file-name: 'list*.pdf' }
    data: [{ total: 1 }, { total: 2 }]
",
    );
    let client = Client::new(&stand);
    let schema = invoice();
    let pinned = client.agent("pinned", &schema, json!({ "cite_sources": true })).await;
    let other = client.agent("other", &schema, json!({ "extraction_target": "PER_PAGE" })).await;
    let (list, usual) = (client.file("list-1.pdf", TEXT).await, client.file("usual.pdf", TEXT).await);
    let by_agent = client.job(&pinned, &list).await;
    let by_name = client.job(&other, &list).await;
    let drawn = client.job(&other, &usual).await;
    client.wait().await;
    let said = json!({ "total": 12.5, "note": "not in the schema" });
    let run = client.run(V1, &by_agent).await;
    assert_eq!((&run["data"], &run["status"]), (&said, &json!("SUCCESS")));
    let cited = &run["extraction_metadata"]["field_metadata"]["note"]["citation"][0];
    assert_eq!(cited["matching_text"], "not in the schema");
    let said = json!([{ "total": 1 }, { "total": 2 }]);
    assert_eq!(client.run(V1, &by_name).await["data"], said);
    assert_eq!(client.run(PAGE, &by_name).await["data"], json!({ "pages": said }));
    assert_eq!(client.read(&format!("{V2}/{by_name}")).await["extract_result"], said);
    holds(&schema, &data(client, &drawn).await[0]);
}
