//! Which schemas are taken, and what is said of the others.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Client, PAGE, V1, V2, invoice};
use crate::harness::Stand;

fn object(properties: &Value) -> Value {
    json!({ "type": "object", "properties": properties })
}

/// What is said of a schema, by every operation that is given one; they have to agree.
async fn refusal(client: Client<'_>, schema: &Value) -> String {
    let agent = client.agent("good", &invoice(), json!({})).await;
    let file = client.file("invoice.pdf", "Invoice 7").await;
    let job = json!({ "extraction_agent_id": agent, "file_id": file, "data_schema_override": schema });
    let batch = json!({ "extraction_agent_id": agent, "file_ids": [file], "data_schema_override": schema });
    let new = json!({ "name": "bad", "data_schema": schema, "config": {} });
    let asked = [
        (format!("{V1}/extraction-agents/schema/validation"), json!({ "data_schema": schema })),
        (format!("{PAGE}/extraction-agents/schema/validation"), json!({ "data_schema": schema })),
        (format!("{V2}/schema/validation"), json!({ "data_schema": schema })),
        (format!("{V1}/extraction-agents"), new.clone()),
        (format!("{PAGE}/extraction-agents"), new),
        (format!("{V1}/jobs"), job.clone()),
        (format!("{PAGE}/jobs"), job),
        (format!("{V1}/jobs/batch"), batch),
        (format!("{V1}/run"), json!({ "data_schema": schema, "config": {}, "text": "Invoice 7" })),
        (V2.to_owned(), json!({ "file_input": file, "configuration": { "data_schema": schema } })),
    ];
    let mut said = Vec::new();
    for (path, body) in asked {
        said.push((path.clone(), client.post(&path, body).await.detail(StatusCode::BAD_REQUEST)));
    }
    let change = json!({ "data_schema": schema, "config": {} });
    let changed = client.put(&format!("{V1}/extraction-agents/{agent}"), change).await;
    said.push(("update".to_owned(), changed.detail(StatusCode::BAD_REQUEST)));
    let text = schema.to_string();
    let parts = [
        ("extraction_agent_id", None, &*agent),
        ("data_schema_override", None, &text),
        ("file", Some("a.pdf"), "a"),
    ];
    let sent = client.fill(&format!("{V1}/jobs/file"), &parts).await;
    said.push(("form".to_owned(), sent.detail(StatusCode::BAD_REQUEST)));
    let first = said[0].1.clone();
    assert!(said.iter().all(|(_, said)| *said == first), "{said:#?}");
    assert_eq!(client.read(&format!("{V1}/jobs?extraction_agent_id={agent}")).await, json!([]));
    first
}

#[tokio::test]
async fn a_schema_that_nothing_fits_is_refused_by_its_keyword_wherever_it_is_given() {
    for (field, keyword) in [
        (json!({ "type": "integer", "minimum": 5, "maximum": 4 }), "minimum"),
        (json!({ "type": "string", "minLength": 9, "maxLength": 3 }), "minLength"),
        (json!({ "enum": [] }), "enum"),
    ] {
        let stand = Stand::new();
        let said = refusal(Client::new(&stand), &object(&json!({ "total": field }))).await;
        assert!(said.contains(&format!("`{keyword}`")), "{said}");
        assert!(said.contains("/properties/total"), "{said}");
    }
}

#[tokio::test]
async fn a_keyword_that_is_not_followed_is_named() {
    for (field, keyword) in [
        (json!({ "not": { "type": "null" } }), "not"),
        (json!({ "type": "object", "patternProperties": { "a": {} } }), "patternProperties"),
        (json!({ "if": {}, "then": {} }), "if"),
        (json!({ "type": "array", "contains": {} }), "contains"),
    ] {
        let stand = Stand::new();
        let said = refusal(Client::new(&stand), &object(&json!({ "total": field }))).await;
        assert!(said.contains(&format!("`{keyword}`")), "{said}");
    }
}

#[tokio::test]
async fn what_is_no_json_schema_is_refused() {
    for schema in [json!({}), json!({ "type": "array" }), object(&json!({ "total": { "type": "money" } }))] {
        let stand = Stand::new();
        let said = refusal(Client::new(&stand), &schema).await;
        assert!(said.starts_with("data_schema"), "{said}");
    }
}

/// Objects within objects, `levels` of them.
fn nested(levels: usize) -> Value {
    (1..levels)
        .fold(object(&json!({ "leaf": { "type": "string" } })), |inner, _| object(&json!({ "inner": inner })))
}

fn numbered(count: usize) -> Value {
    let properties: Map<String, Value> = (0..count).map(|index| (format!("p{index}"), json!({}))).collect();
    object(&Value::Object(properties))
}

/// One text that is so long with all others.
fn described(chars: usize) -> Value {
    json!({ "type": "object", "properties": {}, "description": "é".repeat(chars - "object".len()) })
}

/// So many characters as JSON, and few of them in texts.
fn raw(chars: usize) -> Value {
    let empty = object(&json!({ "a": { "enum": [0, 1] } })).to_string().len();
    let mut values = vec![json!(0), json!(1)];
    // Seven characters each with the comma; the first of them makes up for the rest.
    let (many, rest) = ((chars - empty) / 7, (chars - empty) % 7);
    values.extend((0..many).map(|index| json!(100_000 + index)));
    values[1] = json!(10_u64.pow(u32::try_from(rest).unwrap_or(0)));
    object(&json!({ "a": { "enum": values } }))
}

#[tokio::test]
async fn a_schema_at_a_limit_is_taken_and_one_beyond_is_refused_with_the_limit() {
    let limits: [(&str, Value, Value); 4] = [
        ("7 levels", nested(7), nested(8)),
        ("5000", numbered(5_000), numbered(5_001)),
        ("120000", described(120_000), described(120_001)),
        ("150000", raw(150_000), raw(150_001)),
    ];
    for (limit, most, more) in limits {
        if limit == "150000" {
            assert_eq!((most.to_string().len(), more.to_string().len()), (150_000, 150_001));
        }
        let stand = Stand::new();
        let client = Client::new(&stand);
        for path in [format!("{V1}/extraction-agents/schema/validation"), format!("{V2}/schema/validation")] {
            let taken = client.post(&path, json!({ "data_schema": most })).await.ok(StatusCode::OK);
            assert_eq!(taken["data_schema"], most);
        }
        let said = refusal(client, &more).await;
        assert!(said.contains(limit), "{said}");
    }
}

#[tokio::test]
async fn a_schema_that_nests_without_end_is_refused_and_not_followed() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let depth = 20_000;
    let text = format!("{}{}", "{\"items\":".repeat(depth), "{}".to_owned() + &"}".repeat(depth));
    let body = format!("{{\"data_schema\":{text}}}");
    let path = format!("{V1}/extraction-agents/schema/validation");
    let sent = client.send(http::Method::POST, &path, Some("application/json"), body.into()).await;
    let (at, kind) = sent.item();
    assert_eq!((at, kind.as_str()), (json!(["body", 0]), "json_invalid"));
    let said = client.post(&path, json!({ "data_schema": text })).await.detail(StatusCode::BAD_REQUEST);
    assert!(said.contains("no JSON"), "{said}");
}
