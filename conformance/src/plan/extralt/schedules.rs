//! Schedules: made, changed, paused, resumed and deleted; where the clock can be moved they make runs in between.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Robot, Tour, op};
use crate::client::{Credential, Stop};

/// A little more than the interval of the schedule.
const INTERVAL: Duration = Duration::from_secs(3_610);

/// Brings the occasions of schedules about.
pub(super) async fn drive(tour: &mut Tour<'_, '_>, robot: &Robot) -> Result<(), Stop> {
    use Credential::{A, B};

    refuse(tour, robot).await?;
    let waits = !tour.is_at_home();
    // Where nobody moves the clock none of its runs is ever begun: it is deleted at once.
    let unit = if waits { "month" } else { "hour" };
    let start = format!("https://{}/products/1", robot.host);
    let body = json!({
        "robot_id": robot.id, "cadence": {"interval_amount": 1, "interval_unit": unit}, "budget": 2,
        "start_urls": [start], "auto_enrich": false,
    });
    let seen = tour.ask(op::NEW_SCHEDULE, "", "", A, Some(&body)).await?;
    let Some(id) = seen.own_id().filter(|_| seen.is_success()).map(str::to_owned) else { return Ok(()) };
    read(tour, &id).await?;
    let spare = if waits { None } else { spare(tour, robot).await? };
    if !waits {
        rest(tour, &id).await?;
    }
    for change in [json!({"name": "Weekly look"}), json!({"budget": 1}), json!({"budget": null})] {
        change_to(tour, &id, &change).await?;
    }
    change_to(tour, &id, &json!({"start_urls": null})).await?;
    for bad in [json!({"budget": 0}), json!({"budget": -1})] {
        change_to(tour, &id, &bad).await?;
    }
    change_to(tour, &id, &json!({"budget": 1})).await?;
    if tour.driver.client.keys().b.is_some() {
        for operation in [op::SCHEDULE, op::PAUSE, op::FORGET_SCHEDULE] {
            tour.ask(operation, &id, "", B, None).await?;
            tour.ask(op::SCHEDULE, &id, "", A, None).await?;
        }
        tour.ask(op::SCHEDULES, "", "limit=100", B, None).await?;
    }
    tour.ask(op::PAUSE, &id, "", A, None).await?;
    tour.ask(op::SCHEDULE, &id, "", A, None).await?;
    tour.ask(op::PAUSE, &id, "", A, None).await?;
    if !waits {
        rest(tour, &id).await?;
    }
    tour.ask(op::RESUME, &id, "", A, None).await?;
    tour.ask(op::SCHEDULE, &id, "", A, None).await?;
    if !waits {
        rest(tour, &id).await?;
    }
    tour.ask(op::SCHEDULES, "", "limit=100", A, None).await?;
    tour.ask(op::FORGET_SCHEDULE, &id, "", A, None).await?;
    tour.ask(op::SCHEDULE, &id, "", A, None).await?;
    tour.ask(op::SCHEDULES, "", "limit=100", A, None).await?;
    if let Some(spare) = spare {
        tour.ask(op::FORGET_SCHEDULE, &spare, "", A, None).await?;
    }
    if !waits {
        tour.ask(op::RUNS, "", "limit=100", A, None).await?;
        tour.pass(INTERVAL).await?;
        tour.ask(op::RUNS, "", "limit=100", A, None).await?;
    }
    Ok(())
}

/// A second one, with a name, so that there are two to list.
async fn spare(tour: &mut Tour<'_, '_>, robot: &Robot) -> Result<Option<String>, Stop> {
    let body = json!({
        "robot_id": robot.id, "cadence": {"interval_amount": 2, "interval_unit": "month"}, "name": "Spare",
        "budget": null, "start_urls": null,
    });
    let seen = tour.ask(op::NEW_SCHEDULE, "", "", Credential::A, Some(&body)).await?;
    let id = seen.own_id().filter(|_| seen.is_success()).map(str::to_owned);
    tour.ask(op::SCHEDULES, "", "limit=100", Credential::A, None).await?;
    tour.pages(op::SCHEDULES, "limit=1", Credential::A).await?;
    Ok(id)
}

/// Lets an interval pass, and looks at the runs of before and after.
async fn rest(tour: &mut Tour<'_, '_>, id: &str) -> Result<(), Stop> {
    use Credential::A;

    tour.ask(op::RUNS, "", "limit=100", A, None).await?;
    tour.ask(op::SCHEDULE, id, "", A, None).await?;
    tour.pass(INTERVAL).await?;
    let list = tour.ask(op::RUNS, "", "limit=100", A, None).await?;
    let new: Option<String> = list.items().first().and_then(|item| list.id_of(item)).map(str::to_owned);
    tour.ask(op::SCHEDULE, id, "", A, None).await?;
    if let Some(new) = new {
        tour.ask(op::RUN, &new, "", A, None).await?;
    }
    tour.pass(Duration::from_secs(120)).await
}

async fn read(tour: &mut Tour<'_, '_>, id: &str) -> Result<(), Stop> {
    tour.ask(op::SCHEDULE, id, "", Credential::A, None).await.map(|_| ())
}

/// Changes a schedule, and looks at it before and after.
async fn change_to(tour: &mut Tour<'_, '_>, id: &str, change: &Value) -> Result<(), Stop> {
    read(tour, id).await?;
    tour.ask(op::CHANGE, id, "", Credential::A, Some(change)).await?;
    read(tour, id).await
}

async fn refuse(tour: &mut Tour<'_, '_>, robot: &Robot) -> Result<(), Stop> {
    let hourly = json!({"interval_amount": 1, "interval_unit": "hour"});
    let mut bad = vec![json!({}), json!({"robot_id": robot.id}), json!({"cadence": hourly})];
    let away = json!({
        "robot_id": robot.id, "cadence": {"interval_amount": 1, "interval_unit": "month"},
        "start_urls": ["https://elsewhere.example/x"],
    });
    if tour.is_v1() || tour.driver.session.is_ours() {
        bad.push(away);
    }
    if tour.driver.session.is_ours() {
        let never = json!({"interval_amount": 0, "interval_unit": "hour"});
        let unknown = json!({"interval_amount": 1, "interval_unit": "fortnight"});
        bad.push(json!({"robot_id": robot.id, "cadence": never}));
        bad.push(json!({"robot_id": robot.id, "cadence": unknown}));
    }
    for body in bad {
        tour.ask(op::NEW_SCHEDULE, "", "", Credential::A, Some(&body)).await?;
    }
    tour.ask(op::SCHEDULES, "", "limit=100", Credential::A, None).await.map(|_| ())
}
