//! Saved configurations.

use serde_json::{Value, json};

use super::files::Uploads;
use super::{Tour, full, invoice, letter};
use crate::client::{Credential, Stop, encoded};
use crate::profile::llama_extract::NOBODY;

/// Saves configurations, looks at them, changes and deletes some, and asks for what cannot be.
pub(super) async fn drive(tour: &mut Tour<'_, '_>, uploads: &Uploads) -> Result<(), Stop> {
    let (create, get, list) = ("configurations.create", "configurations.get", "configurations.list");
    let (update, delete) = ("configurations.update", "configurations.delete");
    let name = format!("sample-{}", tour.mark);
    let parameters = json!({
        "product_type": "extract_v2", "data_schema": invoice(), "tier": "agentic", "cite_sources": true,
        "max_pages": 9, "system_prompt": null,
    });
    let body = json!({"name": name, "parameters": parameters, "x_unheard_of": 7});
    let Some(first) = tour.make(create, &body).await? else { return Ok(()) };
    let plain = json!({"name": format!("{name}-plain"), "parameters": {"product_type": "extract_v2", "data_schema": letter()}});
    let second = tour.make(create, &plain).await?;
    let unknown = json!({"name": format!("{name}-unknown"), "parameters": {"product_type": "unknown", "any": {"thing": [1]}}});
    let third = tour.make(create, &unknown).await?;
    tour.get(get, &first, "").await?;
    // The same name and product again, which changes the first.
    let again = json!({"name": name, "parameters": {"product_type": "extract_v2", "data_schema": letter(), "tier": "turbo"}});
    tour.make(create, &again).await?;
    tour.get(get, &first, "").await?;
    for query in [
        "page_size=1000".to_owned(),
        "product_type=extract_v2".into(),
        "product_type=unknown&product_type=parse_v2".into(),
        "product_type=fun".into(),
        format!("name={}", encoded(&name)),
        "latest_only=true".into(),
    ] {
        tour.get(list, "", &query).await?;
    }
    refusals(tour, &plain).await?;
    let Some(second) = second else { return Ok(()) };
    let changed = format!("{name}-changed");
    tour.ask(
        update,
        &second,
        "",
        Some(&json!({"parameters": {
        "product_type": "extract_v2", "data_schema": letter(), "tier": "agentic_plus", "max_pages": 3}})),
    )
    .await?;
    tour.get(get, &second, "").await?;
    tour.ask(update, &second, "", Some(&json!({"name": changed, "parameters": null}))).await?;
    tour.get(get, &second, "").await?;
    tour.ask(
        update,
        &first,
        "",
        Some(&json!({"parameters": {"product_type": "extract_v2", "data_schema": invoice()}})),
    )
    .await?;
    for name in [String::new(), "n".repeat(256)] {
        tour.ask(update, &second, "", Some(&json!({"name": name}))).await?;
    }
    let nobody = format!("cfg-{NOBODY}");
    tour.ask(update, &nobody, "", Some(&json!({"name": "nobody"}))).await?;
    tour.get(get, &nobody, "").await?;
    tour.get(delete, &nobody, "").await?;
    if let (Some(third), Some(file)) = (third, uploads.extract.first()) {
        let of_other = json!({"file_input": file, "configuration_id": third});
        tour.begin("extract.create", "", &of_other).await?;
        for _ in 0..2 {
            tour.ask(delete, &third, "", None).await?;
        }
        tour.get(get, &third, "").await?;
        tour.get(list, "", "page_size=1000").await?;
    }
    Ok(())
}

/// Configurations that cannot be.
async fn refusals(tour: &mut Tour<'_, '_>, body: &Value) -> Result<(), Stop> {
    let create = "configurations.create";
    tour.without(create, "", body, &["name", "parameters"]).await?;
    tour.send(create, &json!({})).await?;
    let name = format!("refused-{}", tour.mark);
    for parameters in [
        json!({"data_schema": letter()}),
        json!({"product_type": "extract_v2"}),
        json!({"product_type": "fun", "data_schema": letter()}),
        json!({"product_type": "extract_v2", "data_schema": 7}),
        json!({"product_type": "extract_v2", "data_schema": letter(), "tier": "gold"}),
        json!({"product_type": "extract_v2", "data_schema": letter(), "max_pages": "many"}),
    ] {
        tour.send(create, &json!({"name": name, "parameters": parameters})).await?;
    }
    for name in [String::new(), "n".repeat(256)] {
        let mut named = body.clone();
        named["name"] = name.into();
        tour.send(create, &named).await?;
    }
    tour.driver.client.ask(&full(create), &[], "", Credential::A, None).await?;
    if tour.is_ours() {
        let bad = json!({"product_type": "extract_v2", "data_schema": {"type": "array"}});
        tour.send(create, &json!({"name": name, "parameters": bad})).await?;
        tour.driver.client.ask(&full(create), &[], "", Credential::A, Some("{\"name\": \"che")).await?;
    }
    Ok(())
}
