//! Runs: to their end, stopped in each state, failed, and begun again.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Robot, Tour, op};
use crate::client::{Client, Credential, Stop};

/// What a key that repeats a request is called.
const KEY: &str = "idempotency-key";

/// Brings the occasions of runs about.
pub(super) async fn drive(tour: &mut Tour<'_, '_>, robot: &Robot) -> Result<(), Stop> {
    use Credential::A;

    tour.ask(op::RUNS, "", "limit=100", A, None).await?;
    let start = format!("https://{}/products/1", robot.host);
    let body = json!({"robot_id": robot.id, "budget": 2, "auto_enrich": true, "start_urls": [start]});
    let first = tour.begin(tour.run, A, &body).await?;
    tour.ask(op::RUNS, "", "limit=100", A, None).await?;
    if let Some(id) = &first {
        tour.look(id).await?;
        reach(tour, id).await?;
        if tour.is_at_home() {
            tour.ask(op::RESTART, id, "", A, Some(&json!({}))).await?;
        }
    }
    stop_pending(tour, robot).await?;
    stop_running(tour, robot).await?;
    if tour.is_at_home() {
        more(tour, robot).await?;
        repeat(tour, robot).await?;
    }
    tour.settle().await?;
    if let Some(id) = &first {
        // One that is over is not stopped any more.
        tour.ask(op::STOP, id, "", A, None).await?;
        tour.look(id).await?;
        tour.pass(Duration::from_secs(60)).await?;
        tour.look(id).await?;
    }
    tour.ask(op::RUNS, "", "limit=100", A, None).await?;
    Ok(())
}

/// Another key reaches for a run: to read it, to stop it, to begin it again, to see what it captured.
async fn reach(tour: &mut Tour<'_, '_>, id: &str) -> Result<(), Stop> {
    if tour.driver.client.keys().b.is_none() {
        return Ok(());
    }
    for operation in [op::RUN, op::STOP, op::RESTART] {
        tour.ask(operation, id, "", Credential::B, None).await?;
        tour.look(id).await?;
    }
    let of_run = format!("run_id={id}");
    for operation in [op::CAPTURES, op::COUNT, op::EXPORT] {
        tour.ask(operation, "", &of_run, Credential::B, None).await?;
    }
    tour.ask(op::RUNS, "", "limit=100", Credential::B, None).await.map(|_| ())
}

/// A run that is stopped before it begins, and begun again with another budget.
async fn stop_pending(tour: &mut Tour<'_, '_>, robot: &Robot) -> Result<(), Stop> {
    use Credential::A;

    let body = json!({"robot_id": robot.id, "budget": 3});
    let Some(id) = tour.begin(tour.run, A, &body).await? else { return Ok(()) };
    tour.look(&id).await?;
    tour.ask(op::STOP, &id, "", A, None).await?;
    tour.look(&id).await?;
    tour.ask(op::STOP, &id, "", A, None).await?;
    tour.look(&id).await?;
    if !tour.is_at_home() {
        tour.settle().await?;
    }
    again(tour, &id, Some(&json!({"budget": 1}))).await?;
    tour.settle().await?;
    if tour.is_at_home() {
        // Once more, with the budget it has now, and without a body.
        again(tour, &id, None).await?;
        tour.settle().await?;
    }
    Ok(())
}

/// Lets a run begin again, and reads it at once.
async fn again(tour: &mut Tour<'_, '_>, id: &str, body: Option<&Value>) -> Result<(), Stop> {
    let seen = tour.ask(op::RESTART, id, "", Credential::A, body).await?;
    if seen.is_success() {
        tour.track(tour.run, Credential::A, id);
    }
    tour.look(id).await?;
    tour.ask(op::COUNT, "", &format!("run_id={id}"), Credential::A, None).await?;
    tour.driver.session.tick().await
}

/// A run that is stopped while it works.
async fn stop_running(tour: &mut Tour<'_, '_>, robot: &Robot) -> Result<(), Stop> {
    use Credential::A;

    // Elsewhere one that is missed may cost three captures.
    let budget = if tour.is_at_home() { 40 } else { 3 };
    let body = json!({"robot_id": robot.id, "budget": budget});
    let Some(id) = tour.begin(tour.run, A, &body).await? else { return Ok(()) };
    if tour.await_state(&id, &["running"]).await? {
        if tour.is_at_home() {
            tour.pass(Duration::from_secs(1)).await?;
            tour.look(&id).await?;
        }
        tour.ask(op::STOP, &id, "", A, None).await?;
        tour.look(&id).await?;
        let of_run = format!("run_id={id}");
        tour.ask(op::COUNT, "", &of_run, A, None).await?;
        tour.pass(Duration::from_secs(30)).await?;
        tour.ask(op::COUNT, "", &of_run, A, None).await?;
        tour.look(&id).await?;
    }
    Ok(())
}

/// What costs too much elsewhere: a run without a budget, one that fails and begins again, and stops in other states.
async fn more(tour: &mut Tour<'_, '_>, robot: &Robot) -> Result<(), Stop> {
    use Credential::A;

    let plain = json!({"robot_id": robot.id});
    tour.begin(tour.run, A, &plain).await?;
    // Two at a time.
    if let Some(id) = tour.begin(tour.run, A, &json!({"robot_id": robot.id, "budget": 20})).await? {
        tour.await_state(&id, &["running"]).await?;
        tour.pass(Duration::from_secs(1)).await?;
        tour.ask(op::RUNS, "", "limit=100", A, None).await?;
    }
    let nothing = json!({
        "robot_id": robot.id, "budget": null, "auto_enrich": null, "start_urls": [], "no_such_name": 1,
    });
    if let Some(id) = tour.begin(tour.run, A, &nothing).await? {
        tour.await_state(&id, &["starting"]).await?;
        tour.ask(op::STOP, &id, "", A, None).await?;
        tour.look(&id).await?;
    }
    let failing = json!({"robot_id": robot.id, "budget": 30, "auto_enrich": true});
    if let Some(id) = tour.begin(tour.run, A, &failing).await? {
        tour.await_state(&id, &["running"]).await?;
        let key = tour.driver.client.keys().a.clone();
        tour.driver.session.fail(&key, &id).await?;
        tour.look(&id).await?;
        tour.ask(op::STOP, &id, "", A, None).await?;
        again(tour, &id, Some(&json!({"budget": 2}))).await?;
        tour.ask(op::STOP, &id, "", A, None).await?;
        tour.look(&id).await?;
        again(tour, &id, Some(&json!({"budget": 2}))).await?;
        tour.settle().await?;
        tour.ask(op::RESTART, &id, "", A, Some(&json!({"budget": 0}))).await?;
        tour.look(&id).await?;
    }
    let stopped = json!({"robot_id": robot.id, "budget": 5, "auto_enrich": true});
    if let Some(id) = tour.begin(tour.run, A, &stopped).await? {
        tour.await_state(&id, &["running"]).await?;
        tour.ask(op::STOP, &id, "", A, None).await?;
        tour.look(&id).await?;
        tour.ask(op::ENRICHMENTS, "", &format!("source_id={id}"), A, None).await?;
    }
    Ok(())
}

/// Creates and restarts that are asked for again under one key.
async fn repeat(tour: &mut Tour<'_, '_>, robot: &Robot) -> Result<(), Stop> {
    use Credential::{A, B};

    let body = json!({"robot_id": robot.id, "budget": 1}).to_string();
    let other = json!({"robot_id": robot.id, "budget": 2}).to_string();
    let mut first = None;
    let asks = [(A, &body, "plan-1"), (A, &body, "plan-1"), (A, &other, "plan-1"), (A, &body, "plan-2")];
    for (who, body, key) in asks {
        let ask = tour.driver.client.request_with(op::NEW_RUN, &[], &[(KEY, key)], Some(body), who)?;
        let seen = tour.driver.client.send(ask).await?;
        if let Some(id) = Client::created(seen) {
            tour.track(tour.run, who, &id);
            first.get_or_insert(id);
        }
    }
    // Somebody else's key of the same name is another one.
    if tour.owns_other() {
        let ask = tour.driver.client.request_with(op::NEW_RUN, &[], &[(KEY, "plan-1")], Some(&body), B)?;
        tour.driver.client.send(ask).await?;
    }
    let long = "k".repeat(256);
    let ask = tour.driver.client.request_with(op::NEW_RUN, &[], &[(KEY, &long)], Some(&body), A)?;
    let seen = tour.driver.client.send(ask).await?;
    if let Some(id) = Client::created(seen) {
        tour.track(tour.run, A, &id);
    }
    tour.ask(op::RUNS, "", "limit=100", A, None).await?;
    tour.settle().await?;
    let Some(id) = first else { return Ok(()) };
    for _ in 0..2 {
        let path = [("id", id.as_str())];
        let ask = tour.driver.client.request_with(op::RESTART, &path, &[(KEY, "plan-3")], Some("{}"), A)?;
        tour.driver.client.send(ask).await?;
        tour.track(tour.run, A, &id);
        tour.look(&id).await?;
    }
    tour.settle().await
}
