//! What an account may do, to its end: slots and credits. Only the third key's world is used for it, which the run made
//! and forgets.

use std::time::Duration;

use serde_json::json;

use super::{Tour, op};
use crate::client::{Credential, Stop};
use crate::profile::extralt::family;

/// More requests at once than the limit admits.
const BURST: u32 = 60;

/// How often the queue is looked at.
const LOOKS: u32 = 60;

/// Brings the occasions of limits about, where the control plane can change an account.
pub(super) async fn drive(tour: &mut Tour<'_, '_>) -> Result<(), Stop> {
    use Credential::C;

    let Some(key) = tour.driver.client.keys().c.clone() else { return Ok(()) };
    let Some(build) = family(tour.profile, "robot-build") else { return Ok(()) };
    if !tour.driver.session.grant(&key, &json!({"plan": "start"})).await? {
        return Ok(());
    }
    let body = json!({"url": "https://queue.example/", tour.names.asked_country: "US"});
    tour.begin(build, C, &body).await?;
    tour.settle().await?;
    let seen = tour.driver.create(build, C, &body.to_string()).await?;
    let Some(robot) = seen.own_id().map(str::to_owned) else { return Ok(()) };
    let body = json!({"robot_id": robot, "budget": 2});
    for _ in 0..3 {
        tour.begin(tour.run, C, &body).await?;
    }
    for _ in 0..LOOKS {
        let run = tour.run;
        let list = tour.ask(op::RUNS, "", "limit=100", C, None).await?;
        let over = |state: &str| run.is_over(state);
        let states = list.items().iter().filter_map(|item| item.get("status")?.as_str());
        if states.clone().count() > 0 && states.clone().all(over) {
            break;
        }
        tour.pass(Duration::from_millis(700)).await?;
    }
    tour.settle().await?;
    // Enough for one capture and no more.
    tour.driver.session.grant(&key, &json!({"plan": "scale", "credits": 3})).await?;
    tour.begin(tour.run, C, &json!({"robot_id": robot, "budget": 3})).await?;
    tour.settle().await?;
    tour.ask(op::NEW_RUN, "", "", C, Some(&body)).await?;
    rest(tour, &robot).await?;
    if tour.driver.session.grant(&key, &json!({"rate-limit": "documented"})).await? {
        for _ in 0..BURST {
            if tour.driver.client.list_once(tour.run, C).await?.status() == Some(429) {
                break;
            }
        }
    }
    Ok(())
}

/// A schedule of an organization without credits, over one interval.
async fn rest(tour: &mut Tour<'_, '_>, robot: &str) -> Result<(), Stop> {
    use Credential::C;

    let cadence = json!({"interval_amount": 1, "interval_unit": "hour"});
    let body = json!({"robot_id": robot, "cadence": cadence, "budget": 1});
    let seen = tour.ask(op::NEW_SCHEDULE, "", "", C, Some(&body)).await?;
    let Some(id) = seen.own_id().filter(|_| seen.is_success()).map(str::to_owned) else { return Ok(()) };
    tour.ask(op::RUNS, "", "limit=100", C, None).await?;
    tour.ask(op::SCHEDULE, &id, "", C, None).await?;
    tour.pass(Duration::from_secs(3_610)).await?;
    tour.ask(op::RUNS, "", "limit=100", C, None).await?;
    tour.ask(op::SCHEDULE, &id, "", C, None).await.map(|_| ())
}
