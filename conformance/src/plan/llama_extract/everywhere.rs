//! What goes for every operation: keys, cookies, addresses that are none; and projects and organizations.

use http::Method;

use super::{Tour, full};
use crate::checks::llama_extract::keys::NO_ENDPOINT;
use crate::client::{Credential, Stop, encoded};
use crate::history::seen::Seen;
use crate::profile::llama_extract::NOBODY;

/// Brings all of it about.
pub(super) async fn drive(tour: &mut Tour<'_, '_>) -> Result<(), Stop> {
    if tour.profile.version != "extractionv2" {
        tenants(tour).await?;
    }
    let list = if tour.profile.version == "v2" { "files.list" } else { "extraction-agents.list" };
    let mut ask = tour.driver.client.request_with(
        &full(list),
        &[],
        &[("cookie", "session=none")],
        None,
        Credential::A,
    )?;
    if tour.profile.version == "v2" {
        ask.ask_for("page_size=2");
    }
    tour.driver.client.send(ask).await?;
    keys(tour).await?;
    paths(tour, list).await
}

/// Projects and organizations.
async fn tenants(tour: &mut Tour<'_, '_>) -> Result<(), Stop> {
    let (name, v2) = if tour.is_v1() { ("project_name", false) } else { ("name", true) };
    let seen = tour.get("projects.list", "", "").await?;
    let entry = seen.body().as_array().or_else(|| seen.at("/items").as_array()).and_then(|all| all.first());
    let member =
        |member: &str| entry.and_then(|it| it.get(member)?.as_str().map(str::to_owned)).unwrap_or_default();
    let (id, called, owner) = (member("id"), member("name"), member("organization_id"));
    tour.get("organizations.list", "", "").await?;
    for query in [
        format!("{name}={}", encoded(&called)),
        format!("organization_id={owner}"),
        format!("{name}=nobodys"),
    ] {
        tour.get("projects.list", "", &query).await?;
    }
    if v2 {
        tour.get("organizations.list", "", "name=nobodys").await?;
        tour.get("files.list", "", &format!("project_id={id}")).await?;
    }
    for (operation, id) in [("projects.get", &id), ("organizations.get", &owner)] {
        for id in [id.as_str(), NOBODY, "no-id"] {
            tour.get(operation, id, "").await?;
        }
    }
    tour.get("projects.list", "", "organization_id=no-id").await.map(|_| ())
}

/// Every operation that was let through is asked in the same words without a key, and with each kind of bad one.
async fn keys(tour: &mut Tour<'_, '_>) -> Result<(), Stop> {
    let history = tour.driver.client.history();
    let bad = tour.driver.client.keys().bad();
    let mut asks = Vec::new();
    for operation in history.contract.operations() {
        let granted = |seen: &&Seen| seen.is_success() && seen.credential() == Some("$KEY_A");
        let Some(granted) = history.of(operation.id()).rfind(granted) else { continue };
        asks.extend(bad.iter().map(|who| tour.driver.client.again(granted, *who)));
    }
    for ask in asks {
        tour.driver.client.send(ask).await?;
    }
    let get = if tour.profile.version == "v2" { "extract.get" } else { "jobs.get" };
    for who in bad {
        tour.ask_as(who, get, NOBODY, "", None).await?;
    }
    Ok(())
}

/// An address that is no endpoint, and a method that one does not have.
async fn paths(tour: &mut Tour<'_, '_>, list: &str) -> Result<(), Stop> {
    let contract = tour.driver.client.history().contract;
    let Some(path) = contract.operation(&full(list)).map(|it| it.path().to_owned()) else { return Ok(()) };
    tour.elsewhere(&Method::GET, &format!("{path}{NO_ENDPOINT}"), None).await?;
    tour.elsewhere(&Method::PATCH, &path, None).await.map(|_| ())
}
