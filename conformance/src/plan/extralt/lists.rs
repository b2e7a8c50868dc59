//! Lists: in pages, with limits that are good and bad, and with cursors of somebody else.

use serde_json::json;

use super::{Tour, op};
use crate::client::{Credential, Stop, encoded};
use crate::profile::extralt::family;

/// Brings the occasions of lists about.
pub(super) async fn drive(tour: &mut Tour<'_, '_>) -> Result<(), Stop> {
    use Credential::A;

    for operation in [op::ROBOTS, op::RUNS, op::SCHEDULES, op::ENRICHMENTS] {
        for query in
            ["limit=100", "", "limit=2", "limit=0", "limit=101", "limit=many", "limit=2&no_such_name=1"]
        {
            tour.ask(operation, "", query, A, None).await?;
        }
        tour.pages(operation, "limit=2", A).await?;
    }
    let runs = tour.over("run");
    for id in runs.iter().take(8) {
        tour.ask(op::RUN, id, "", A, None).await?;
    }
    let is_v1 = tour.is_v1();
    let list = tour.ask(op::RUNS, "", "limit=100", A, None).await?;
    if is_v1 {
        let ends = list.items().iter().filter_map(|item| item.get("finished_at")?.as_str());
        let mut ends: Vec<String> = ends.map(str::to_owned).collect();
        ends.sort();
        if let Some(middle) = ends.get(ends.len() / 2) {
            let since = format!("finished_since={}", encoded(middle));
            for operation in [op::RUNS, op::ENRICHMENTS] {
                tour.ask(operation, "", &format!("{since}&limit=100"), A, None).await?;
                tour.ask(operation, "", &format!("{since}&limit=1"), A, None).await?;
            }
            let both = format!("{since}&source_id={}", tour.run.unknown_id);
            tour.ask(op::ENRICHMENTS, "", &both, A, None).await?;
            tour.ask(op::RUNS, "", "finished_since=yesterday", A, None).await?;
        }
    }
    cursors(tour).await
}

/// A cursor that was edited, one of another list, and one of another organization.
async fn cursors(tour: &mut Tour<'_, '_>) -> Result<(), Stop> {
    use Credential::{A, B};

    let seen = tour.ask(op::RUNS, "", "limit=1", A, None).await?;
    let Some(cursor) = seen.text("/next_cursor").map(str::to_owned) else { return Ok(()) };
    let edited = format!("x{cursor}x");
    tour.ask(op::RUNS, "", &format!("limit=1&cursor={}", encoded(&edited)), A, None).await?;
    tour.ask(op::ROBOTS, "", &format!("limit=1&cursor={}", encoded(&cursor)), A, None).await?;
    if tour.driver.client.keys().b.is_some() {
        tour.ask(op::RUNS, "", &format!("limit=1&cursor={}", encoded(&cursor)), B, None).await?;
    }
    if !tour.is_at_home() || !tour.owns_other() {
        return Ok(());
    }
    // What the other key made is in its own lists only.
    let Some(build) = family(tour.profile, "robot-build") else { return Ok(()) };
    let body = json!({"url": "https://other.example/", tour.names.asked_country: "US"});
    tour.begin(build, B, &body).await?;
    tour.settle().await?;
    let seen = tour.driver.create(build, B, &body.to_string()).await?;
    let Some(robot) = seen.own_id().map(str::to_owned) else { return Ok(()) };
    for _ in 0..2 {
        tour.begin(tour.run, B, &json!({"robot_id": robot, "budget": 1})).await?;
    }
    tour.settle().await?;
    tour.ask(op::RUNS, "", "limit=100", B, None).await?;
    tour.ask(op::RUNS, "", "limit=100", A, None).await?;
    tour.ask(op::ROBOTS, "", "limit=100", A, None).await?;
    let seen = tour.ask(op::RUNS, "", "limit=1", B, None).await?;
    if let Some(cursor) = seen.text("/next_cursor").map(encoded) {
        tour.ask(op::RUNS, "", &format!("limit=1&cursor={cursor}"), A, None).await?;
        tour.ask(op::RUNS, "", &format!("limit=1&cursor={cursor}"), B, None).await?;
    }
    Ok(())
}
