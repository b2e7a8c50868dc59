//! Enrichments and their items.

use serde_json::json;

use super::{Robot, Tour, op};
use crate::client::{Credential, Stop};
use crate::profile::extralt::family;

/// Brings the occasions of enrichments about. The first run was asked for with one.
pub(super) async fn drive(tour: &mut Tour<'_, '_>, robot: &Robot) -> Result<(), Stop> {
    use Credential::{A, B};

    let Some(enrichment) = family(tour.profile, "enrichment") else { return Ok(()) };
    let over = tour.over("run");
    for run in over.iter().take(8) {
        let list = tour.ask(op::ENRICHMENTS, "", &format!("source_id={run}"), A, None).await?;
        let ids: Vec<_> = list.items().iter().filter_map(|it| list.id_of(it)).map(str::to_owned).collect();
        for id in ids {
            tour.track(enrichment, A, &id);
        }
    }
    refuse(tour, robot).await?;
    if tour.is_at_home()
        && let Some(run) = over.get(1)
    {
        let body = json!({"source": {"kind": "run", "id": run}, "budget": 1});
        if let Some(id) = tour.begin(enrichment, A, &body).await? {
            tour.look(&id).await?;
            tour.driver.create(enrichment, A, &body.to_string()).await?;
            tour.await_state(&id, &["running"]).await?;
            if tour.driver.client.keys().b.is_some() {
                tour.ask(op::STOP_ENRICHMENT, &id, "", B, None).await?;
                tour.ask(op::ENRICHMENT, &id, "", B, None).await?;
                tour.look(&id).await?;
            }
            tour.ask(op::STOP_ENRICHMENT, &id, "", A, None).await?;
            tour.look(&id).await?;
            tour.ask(op::STOP_ENRICHMENT, &id, "", A, None).await?;
            tour.look(&id).await?;
            tour.begin(enrichment, A, &body).await?;
            tour.look(&id).await?;
        }
    }
    tour.settle().await?;
    let over = tour.over("enrichment");
    for id in over.iter().rev().take(3) {
        items(tour, id).await?;
        tour.ask(op::STOP_ENRICHMENT, id, "", A, None).await?;
        tour.look(id).await?;
    }
    if tour.is_at_home()
        && let Some(run) = tour.over("run").get(1)
    {
        // After its end a new one begins.
        let body = json!({"source": {"kind": "run", "id": run}});
        tour.begin(enrichment, A, &body).await?;
        tour.settle().await?;
        tour.ask(op::ENRICHMENTS, "", &format!("source_id={run}"), A, None).await?;
    }
    Ok(())
}

async fn refuse(tour: &mut Tour<'_, '_>, robot: &Robot) -> Result<(), Stop> {
    use Credential::A;

    let unknown = json!({"source": {"kind": "run", "id": tour.run.unknown_id}});
    let kind = json!({"source": {"kind": "schedule", "id": tour.run.unknown_id}});
    for body in [json!({}), json!({"source": {"kind": "run"}}), unknown, kind] {
        tour.ask(op::ENRICH, "", "", A, Some(&body)).await?;
    }
    if tour.is_at_home() {
        let body = json!({"robot_id": robot.id, "budget": 1});
        if let Some(id) = tour.begin(tour.run, A, &body).await? {
            let early = json!({"source": {"kind": "run", "id": id}});
            tour.ask(op::ENRICH, "", "", A, Some(&early)).await?;
        }
    }
    Ok(())
}

/// The items of an enrichment that is over.
async fn items(tour: &mut Tour<'_, '_>, id: &str) -> Result<(), Stop> {
    use Credential::{A, B};

    let of_one = format!("enrichment_id={id}");
    let list = tour.ask(op::ITEMS, "", &format!("{of_one}&limit=100"), A, None).await?;
    let first = list.items().first().and_then(|item| list.id_of(item)).map(str::to_owned);
    for format in ["", "&format=jsonl", "&format=parquet"] {
        tour.ask(op::ITEMS_FILE, "", &format!("{of_one}{format}"), A, None).await?;
    }
    tour.pages(op::ITEMS, &format!("{of_one}&limit=1"), A).await?;
    if let Some(item) = first {
        tour.ask(op::ITEM, &item, &of_one, A, None).await?;
        tour.ask(op::ITEM, &item, "", A, None).await?;
        let other = tour.over("enrichment").into_iter().find(|known| known != id);
        if let Some(other) = other {
            tour.ask(op::ITEM, &item, &format!("enrichment_id={other}"), A, None).await?;
        }
        if tour.driver.client.keys().b.is_some() {
            tour.ask(op::ITEM, &item, &of_one, B, None).await?;
        }
    }
    if tour.driver.client.keys().b.is_some() {
        tour.ask(op::ITEMS, "", &of_one, B, None).await?;
        tour.ask(op::ITEMS_FILE, "", &of_one, B, None).await?;
    }
    for operation in [op::ITEMS, op::ITEMS_FILE] {
        tour.ask(operation, "", "", A, None).await?;
        tour.ask(operation, "", "enrichment_id=nd7badc0debadc0debadc0debadc0deb", A, None).await?;
    }
    Ok(())
}
