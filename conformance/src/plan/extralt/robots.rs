//! Robots: one that is there, or one that is built.

use std::time::Duration;

use serde_json::json;

use super::{Robot, Tour, op};
use crate::client::{Credential, Stop};
use crate::profile::Family;
use crate::profile::extralt::family;

/// A shop whose robot is made to fail, where that can be done.
const FAILED_SITE: &str = "no-shop.example";

/// A shop that a Rehearsal refuses once it has looked at it.
const REFUSED_SITE: &str = "https://unsupported.test/";

/// The robot that the runs are made with: on a rented server one that is there, if there is any.
pub(super) async fn find(tour: &mut Tour<'_, '_>) -> Result<Option<Robot>, Stop> {
    use Credential::A;

    let Some(build) = family(tour.profile, "robot-build") else { return Ok(None) };
    let home = tour.is_at_home();
    let country = tour.names.country;
    let seen = tour.ask(op::ROBOTS, "", "limit=100", A, None).await?;
    let ready = seen.items().iter().filter(|it| it.get("status").is_none_or(|it| it == "completed"));
    let known = ready.filter_map(|it| Some((it.get("host")?.as_str()?, it.get(country)?.as_str()?))).next();
    let (url, place) = match known {
        Some((host, place)) if !home => (format!("https://{host}/"), place.to_owned()),
        _ => (format!("https://{}/products/1", tour.site), "US".to_owned()),
    };
    let body = json!({"url": url, tour.names.asked_country: place});
    let begun = tour.begin(build, A, &body).await?;
    if home {
        // The same shop in another spelling while its robot is being built.
        tour.driver.create(build, A, &body.to_string()).await?;
        let spelled = json!({"url": format!("https://www.{}/", tour.site), tour.names.asked_country: place});
        tour.driver.create(build, A, &spelled.to_string()).await?;
        fail_one(tour, build).await?;
        if tour.driver.session.is_ours() {
            let refused = json!({"url": REFUSED_SITE, tour.names.asked_country: "US"});
            tour.begin(build, A, &refused).await?;
        }
    }
    tour.settle().await?;
    let again = tour.driver.create(build, A, &body.to_string()).await?;
    let mut id = again.own_id().filter(|_| again.status() == Some(200)).map(str::to_owned);
    if id.is_none()
        && let Some(begun) = &begun
    {
        let is_v1 = tour.is_v1();
        let seen = tour.ask(tour.names.build_get, begun, "", A, None).await?;
        id = if is_v1 { Some(begun.clone()) } else { seen.text("/robotId").map(str::to_owned) };
    }
    let Some(id) = id else { return Ok(None) };
    if home {
        let spelled = json!({"url": format!("https://www.{}/", tour.site), tour.names.asked_country: place});
        tour.driver.create(build, A, &spelled.to_string()).await?;
        let abroad = json!({"url": url, tour.names.asked_country: "DE"});
        tour.begin(build, A, &abroad).await?;
        tour.settle().await?;
    }
    let seen = tour.ask(op::ROBOT, &id, "", A, None).await?;
    let host = seen.text("/host").map(str::to_owned);
    let host = host.unwrap_or_else(|| tour.site.to_owned());
    tour.ask(op::ROBOTS, "", "limit=100", A, None).await?;
    if tour.driver.client.keys().b.is_some() {
        tour.ask(op::ROBOT, &id, "", Credential::B, None).await?;
        tour.ask(op::ROBOTS, "", "limit=100", Credential::B, None).await?;
    }
    Ok(Some(Robot { id, host }))
}

/// Lets one build fail, and asks for its shop again.
async fn fail_one(tour: &mut Tour<'_, '_>, build: &'static Family) -> Result<(), Stop> {
    let body = json!({"url": format!("https://{FAILED_SITE}/"), tour.names.asked_country: "US"});
    let Some(id) = tour.begin(build, Credential::A, &body).await? else { return Ok(()) };
    tour.await_state(&id, &["building"]).await?;
    let key = tour.driver.client.keys().a.clone();
    tour.driver.session.fail(&key, &id).await?;
    tour.look(&id).await?;
    tour.begin(build, Credential::A, &body).await.map(|_| ())
}

/// Takes away a robot that was built for it, with a schedule and a run that has not begun.
pub(super) async fn leave(tour: &mut Tour<'_, '_>) -> Result<(), Stop> {
    use Credential::A;

    let Some(build) = family(tour.profile, "robot-build") else { return Ok(()) };
    if !tour.is_at_home() {
        return Ok(());
    }
    let body = json!({"url": "https://leaving.example/", tour.names.asked_country: "US"});
    let begun = tour.begin(build, A, &body).await?;
    tour.settle().await?;
    let again = tour.driver.create(build, A, &body.to_string()).await?;
    let (Some(id), Some(_)) = (again.own_id().map(str::to_owned), begun) else { return Ok(()) };
    let cadence = json!({"interval_amount": 1, "interval_unit": "day"});
    let schedule = json!({"robot_id": id, "cadence": cadence, "budget": 1});
    let schedule = tour.ask(op::NEW_SCHEDULE, "", "", A, Some(&schedule)).await?;
    let schedule = schedule.own_id().map(str::to_owned);
    let run = tour.begin(tour.run, A, &json!({"robot_id": id, "budget": 1})).await?;
    if tour.driver.client.keys().b.is_some() {
        tour.ask(op::FORGET_ROBOT, &id, "", Credential::B, None).await?;
        tour.ask(op::ROBOT, &id, "", A, None).await?;
    }
    tour.ask(op::FORGET_ROBOT, &id, "", A, None).await?;
    tour.ask(op::ROBOT, &id, "", A, None).await?;
    tour.ask(op::ROBOTS, "", "limit=100", A, None).await?;
    if let Some(schedule) = schedule {
        tour.ask(op::SCHEDULE, &schedule, "", A, None).await?;
    }
    tour.pass(Duration::from_secs(1)).await?;
    tour.settle().await?;
    if let Some(run) = run {
        tour.look(&run).await?;
    }
    tour.ask(op::NEW_RUN, "", "", A, Some(&json!({"robot_id": id, "budget": 1}))).await?;
    tour.ask(op::FORGET_ROBOT, &id, "", A, None).await?;
    Ok(())
}
