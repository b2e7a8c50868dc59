//! Schemas that are judged, and made.

use serde_json::{Map, Value, json};

use super::{Tour, full, invoice};
use crate::client::{Credential, Stop};

/// Asks what can be used, and what cannot.
pub(super) async fn drive(tour: &mut Tour<'_, '_>) -> Result<(), Stop> {
    let is_v2 = tour.profile.version == "v2";
    let judge =
        if is_v2 { "extract-schema-validation.create" } else { "extraction-agents-schema-validation.create" };
    let text = invoice().to_string();
    for schema in [
        invoice(),
        Value::from(text),
        nested(7),
        json!({"type": "array"}),
        json!({"type": "object", "properties": 7}),
    ] {
        tour.send(judge, &json!({"data_schema": schema})).await?;
    }
    for schema in [nested(9), many(5_001), wordy(120_100), large()] {
        tour.send(judge, &json!({"data_schema": schema})).await?;
    }
    for body in [json!({}), json!({"data_schema": 7}), json!({"data_schema": [1]})] {
        tour.send(judge, &body).await?;
    }
    tour.send(judge, &json!({"data_schema": invoice(), "x_unheard_of": 7})).await?;
    if tour.is_ours() {
        tour.driver.client.ask(&full(judge), &[], "", Credential::A, Some("{\"data_schema\": {")).await?;
    }
    match tour.profile.version {
        "v1" => {
            let generate = "extraction-agents-schema-generate.create";
            let made =
                tour.send(generate, &json!({"prompt": "The number and the total of an invoice"})).await?;
            let schema = made.at("/data_schema").clone();
            tour.send(judge, &json!({"data_schema": schema})).await?;
            tour.send(generate, &json!({"prompt": null, "data_schema": invoice()})).await?;
            let nobody = crate::profile::llama_extract::NOBODY;
            tour.send(generate, &json!({"file_id": nobody})).await?;
        }
        "v2" => {
            let generate = "extract-schema-generate.create";
            let name = format!("made-{}", tour.mark);
            tour.send(generate, &json!({"prompt": "The sender of a letter", "name": null})).await?;
            let made =
                tour.send(generate, &json!({"prompt": "The total of an invoice", "name": name})).await?;
            let body = made.body().clone();
            tour.send("configurations.create", &body).await?;
            tour.send(generate, &json!({"prompt": "x", "name": "n".repeat(256)})).await?;
            let nobody = format!("dfl-{}", crate::profile::llama_extract::NOBODY);
            tour.send(generate, &json!({"file_id": nobody})).await?;
        }
        _ => {}
    }
    Ok(())
}

/// A schema of so many objects, one within the other.
fn nested(levels: usize) -> Value {
    let leaf = json!({"type": "object", "properties": {"leaf": {"type": "string"}}});
    (1..levels).fold(leaf, |inner, _| json!({"type": "object", "properties": {"inner": inner}}))
}

/// A schema of so many properties.
fn many(properties: usize) -> Value {
    let all: Map<String, Value> = (0..properties).map(|at| (format!("p{at}"), json!({}))).collect();
    json!({"type": "object", "properties": all})
}

/// A schema with so many characters of text.
fn wordy(characters: usize) -> Value {
    json!({"type": "object", "properties": {"a": {"type": "string", "description": "w".repeat(characters)}}})
}

/// A schema whose JSON is too long, with few properties and little text.
fn large() -> Value {
    json!({"type": "object", "properties": {"a": {"enum": vec![1_234_567_890_u64; 14_000]}}})
}
