//! What v1 has beside runs: webhooks and imports.

use serde_json::json;

use super::{Tour, op};
use crate::client::{Credential, Stop};
use crate::profile::extralt::family;

const WEBHOOKS: &str = "extralt.webhooks.list";
const WEBHOOK: &str = "extralt.webhooks.get";
const NEW_WEBHOOK: &str = "extralt.webhooks.create";
const FORGET_WEBHOOK: &str = "extralt.webhooks.delete";
const TRY_WEBHOOK: &str = "extralt.webhooks.test";
const NEW_IMPORT: &str = "extralt.imports.create";

/// Brings their occasions about.
pub(super) async fn drive(tour: &mut Tour<'_, '_>) -> Result<(), Stop> {
    if tour.is_v1() {
        webhooks(tour).await?;
        imports(tour).await?;
    }
    Ok(())
}

/// A webhook to an address that is nobody's; none of its events is ever waited for.
async fn webhooks(tour: &mut Tour<'_, '_>) -> Result<(), Stop> {
    use Credential::{A, B};

    let url = "https://hooks.example/extralt";
    // This machine's own addresses are not asked for: a server for tests may well take them.
    for bad in [json!({}), json!({"url": "http://hooks.example/x"}), json!({"url": "https://192.0.2.7/x"})] {
        tour.ask(NEW_WEBHOOK, "", "", A, Some(&bad)).await?;
    }
    let unknown = json!({"url": url, "event_types": ["run.begun"]});
    for bad in [json!({"url": "https://hooks.local/x"}), unknown] {
        tour.ask(NEW_WEBHOOK, "", "", A, Some(&bad)).await?;
    }
    for good in [json!({"url": url, "event_types": ["run.completed"]}), json!({"url": url})] {
        let seen = tour.ask(NEW_WEBHOOK, "", "", A, Some(&good)).await?;
        let Some(id) = seen.own_id().filter(|_| seen.is_success()).map(str::to_owned) else { continue };
        tour.ask(WEBHOOK, &id, "", A, None).await?;
        tour.ask(WEBHOOKS, "", "", A, None).await?;
        if tour.driver.client.keys().b.is_some() {
            tour.ask(WEBHOOK, &id, "", B, None).await?;
            tour.ask(WEBHOOKS, "", "", B, None).await?;
        }
        if tour.is_at_home() {
            tour.ask(TRY_WEBHOOK, &id, "", A, None).await?;
        }
        tour.ask(FORGET_WEBHOOK, &id, "", A, None).await?;
        tour.ask(WEBHOOK, &id, "", A, None).await?;
        tour.ask(WEBHOOKS, "", "", A, None).await?;
    }
    Ok(())
}

/// One product in each form that can be imported.
const FILES: [(&str, &str); 4] = [
    (
        "text/csv",
        "title,url,price,currency,image_url,sku\nRye Shirt,https://mill.example/rye,49.00,EUR,https://mill.example/rye.jpg,RYE-1\n",
    ),
    (
        "application/json",
        r#"[{"title":"Rye Shirt","url":"https://mill.example/rye","price":"49.00","currency":"EUR","image_url":"https://mill.example/rye.jpg","sku":"RYE-1"}]"#,
    ),
    (
        "application/x-ndjson",
        "{\"title\":\"Rye Shirt\",\"url\":\"https://mill.example/rye\",\"price\":\"49.00\",\"currency\":\"EUR\",\"image_url\":\"https://mill.example/rye.jpg\",\"sku\":\"RYE-1\"}\n",
    ),
    // Nothing that could be used.
    ("text/csv", "colour\nblue\n"),
];

/// Files, in a world of the run's own only: elsewhere they would stay.
async fn imports(tour: &mut Tour<'_, '_>) -> Result<(), Stop> {
    use Credential::A;

    let Some(import) = family(tour.profile, "import") else { return Ok(()) };
    if !tour.is_at_home() {
        return Ok(());
    }
    for (place, (media, file)) in FILES.iter().enumerate() {
        let headers = [("content-type", *media)];
        let mut ask = tour.driver.client.request_with(NEW_IMPORT, &[], &headers, Some(file), A)?;
        ask.ask_for(&format!("file_name=file-{place}&country=DE&language=de&source_host=mill.example"));
        let seen = tour.driver.client.send(ask).await?;
        if let Some(id) = seen.own_id().filter(|_| seen.is_success()).map(str::to_owned) {
            tour.track(import, A, &id);
        }
    }
    let headers = [("content-type", "image/png")];
    let mut ask = tour.driver.client.request_with(NEW_IMPORT, &[], &headers, Some("PNG"), A)?;
    ask.ask_for("file_name=file&country=DE&language=de&source_host=mill.example");
    tour.driver.client.send(ask).await?;
    tour.settle().await?;
    for id in tour.over("import") {
        let of_import = format!("import_id={id}");
        for operation in [op::CAPTURES, op::COUNT, op::EXPORT] {
            tour.ask(operation, "", &of_import, A, None).await?;
        }
    }
    Ok(())
}
