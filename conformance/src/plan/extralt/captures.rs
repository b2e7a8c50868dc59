//! Captures: listed, counted and exported, each in every form.

use super::{Tour, op};
use crate::client::{Credential, Stop};

/// The most runs whose captures are looked at.
const RUNS_MAX: usize = 4;

/// Brings the occasions of captures about.
pub(super) async fn drive(tour: &mut Tour<'_, '_>) -> Result<(), Stop> {
    use Credential::A;

    let over = tour.over("run");
    for (place, id) in over.iter().take(RUNS_MAX).enumerate() {
        let of_run = format!("run_id={id}");
        tour.ask(op::RUN, id, "", A, None).await?;
        tour.ask(op::CAPTURES, "", &format!("{of_run}&limit=100"), A, None).await?;
        tour.ask(op::COUNT, "", &of_run, A, None).await?;
        for format in ["", "&format=jsonl", "&format=parquet"] {
            tour.ask(op::EXPORT, "", &format!("{of_run}{format}"), A, None).await?;
        }
        if place == 0 {
            let cursor = tour.pages(op::CAPTURES, &format!("{of_run}&limit=1"), A).await?;
            tour.ask(op::CAPTURES, "", &of_run, A, None).await?;
            tour.ask(op::EXPORT, "", &format!("{of_run}&format=csv"), A, None).await?;
            let accept = [("accept", "application/json")];
            let mut ask = tour.driver.client.request_with(op::EXPORT, &[], &accept, None, A)?;
            ask.ask_for(&of_run);
            tour.driver.client.send(ask).await?;
            if let (Some(cursor), Some(other)) = (cursor, over.get(1)) {
                let cursor = crate::client::encoded(&cursor);
                let other = format!("run_id={other}&limit=1&cursor={cursor}");
                tour.ask(op::CAPTURES, "", &other, A, None).await?;
            }
        }
        tour.ask(op::CAPTURES, "", &format!("{of_run}&limit=100"), A, None).await?;
    }
    let unknown = format!("run_id={}", tour.run.unknown_id);
    for operation in [op::CAPTURES, op::COUNT, op::EXPORT] {
        tour.ask(operation, "", "", A, None).await?;
        tour.ask(operation, "", &unknown, A, None).await?;
        if tour.is_v1() {
            let both = format!("{unknown}&import_id={}", tour.run.unknown_id);
            tour.ask(operation, "", &both, A, None).await?;
        }
    }
    Ok(())
}
