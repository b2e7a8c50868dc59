//! What is refused: bodies, ids, keys and addresses.

use http::Method;
use serde_json::json;

use super::{Robot, Tour, op};
use crate::client::{Credential, Stop};
use crate::history::seen::Seen;

/// Bad bodies between two lists, so that a run they leave behind is seen. What no page speaks of is asked of a Rehearsal
/// only: elsewhere it might start something.
pub(super) async fn bodies(tour: &mut Tour<'_, '_>, robot: &Robot) -> Result<(), Stop> {
    use Credential::A;

    let ours = tour.driver.session.is_ours();
    let build = tour.names.build;
    let country = tour.names.asked_country;
    tour.ask(op::RUNS, "", "limit=100", A, None).await?;
    let mut robots = vec![json!({}), json!({country: "US"}), json!({"url": "https://example.com"})];
    let mut runs =
        vec![json!({}), json!({"budget": 1}), json!({"robot_id": tour.run.unknown_id, "budget": 1})];
    if ours {
        robots.push(json!({"url": "no address", country: "US"}));
        robots.push(json!({"url": "https://example.com", country: "usa"}));
        let budgets = [json!(0), json!(-1), json!(1.5), json!(true), json!("3")];
        runs.extend(budgets.map(|budget| json!({"robot_id": robot.id, "budget": budget})));
        for start in ["https://elsewhere.example/x", "ftp://example.com/x", "no address"] {
            runs.push(json!({"robot_id": robot.id, "budget": 1, "start_urls": [start]}));
        }
    }
    for (operation, bodies) in [(build, robots), (op::NEW_RUN, runs)] {
        for body in bodies {
            tour.ask(operation, "", "", A, Some(&body)).await?;
        }
    }
    for operation in [build, op::NEW_RUN, op::NEW_SCHEDULE, op::ENRICH] {
        tour.driver.client.ask(operation, &[], "", A, Some("{\"robot_id\": \"kh")).await?;
    }
    tour.ask(op::RUNS, "", "limit=100", A, None).await.map(|_| ())
}

/// The operations that are about one thing, by its id.
const BY_ID: [&str; 13] = [
    op::ROBOT,
    op::FORGET_ROBOT,
    op::RUN,
    op::STOP,
    op::RESTART,
    op::SCHEDULE,
    op::CHANGE,
    op::FORGET_SCHEDULE,
    op::PAUSE,
    op::RESUME,
    op::ENRICHMENT,
    op::STOP_ENRICHMENT,
    "extralt.robot-builds.get",
];

/// Ids that nobody was given, and ids of no kind at all.
pub(super) async fn ids(tour: &mut Tour<'_, '_>) -> Result<(), Stop> {
    for operation in BY_ID {
        if tour.driver.client.history().contract.operation(operation).is_none() {
            continue;
        }
        let body = (operation == op::CHANGE).then(|| json!({"name": "Nobody's"}));
        for id in [tour.run.unknown_id, "not an id"] {
            tour.ask(operation, id, "", Credential::A, body.as_ref()).await?;
        }
        for who in [Credential::None, Credential::Refused] {
            tour.ask(operation, tour.run.unknown_id, "", who, body.as_ref()).await?;
        }
    }
    Ok(())
}

/// No key, an unknown one, one in the wrong place and, where that is known to be one, a forbidden one.
pub(super) async fn keys(tour: &mut Tour<'_, '_>) -> Result<(), Stop> {
    let run = tour.driver.tracked.iter().find(|run| run.family.name == "run").map(|run| run.id.clone());
    let of_run = run.as_ref().map(|id| format!("run_id={id}"));
    let mut bad = vec![Credential::None, Credential::Refused, Credential::Misplaced];
    bad.extend(tour.driver.client.keys().forbidden.as_ref().map(|_| Credential::Forbidden));
    for who in bad {
        for operation in [op::ROBOTS, op::RUNS, op::SCHEDULES, op::ENRICHMENTS] {
            tour.ask(operation, "", "", who, None).await?;
        }
        if let (Some(run), Some(of_run)) = (&run, &of_run) {
            for operation in [op::RUN, op::STOP, op::RESTART] {
                tour.ask(operation, run, "", who, None).await?;
            }
            for operation in [op::CAPTURES, op::COUNT, op::EXPORT] {
                tour.ask(operation, "", of_run, who, None).await?;
            }
        }
        for operation in [tour.names.build, op::NEW_RUN, op::NEW_SCHEDULE, op::ENRICH] {
            tour.ask(operation, "", "", who, Some(&json!({}))).await?;
            tour.driver.client.ask(operation, &[], "", who, Some("{\"robot")).await?;
        }
    }
    Ok(())
}

/// Every operation that a good key got something from, asked in the same words without one.
pub(super) async fn again(tour: &mut Tour<'_, '_>) -> Result<(), Stop> {
    let history = tour.driver.client.history();
    let mut asks = Vec::new();
    for operation in history.contract.operations() {
        let all = || history.of(operation.id());
        let granted = all().rfind(|seen| seen.is_success() && seen.credential() == Some("$KEY_A"));
        let Some(granted) = granted else { continue };
        let request = granted.exchange().request();
        let bad = tour.driver.client.keys().bad();
        let is_same = |seen: &Seen| seen.exchange().request().target == request.target;
        if all().any(|seen| seen.credential().is_none() && !seen.has_misplaced_key() && is_same(seen)) {
            continue;
        }
        asks.extend(bad.into_iter().map(|who| tour.driver.client.again(granted, who)));
    }
    for ask in asks {
        tour.driver.client.send(ask).await?;
    }
    Ok(())
}

/// An address that is no endpoint, and methods that endpoints do not have.
pub(super) async fn paths(tour: &mut Tour<'_, '_>) -> Result<(), Stop> {
    let contract = tour.driver.client.history().contract;
    let Some(list) = contract.operation(op::RUNS).map(|it| it.path().to_owned()) else { return Ok(()) };
    for (method, target) in [
        (Method::GET, format!("{list}-that-is-no-endpoint")),
        (Method::PUT, list.clone()),
        (Method::DELETE, list),
    ] {
        let ask = tour.driver.client.undocumented(&method, &target, Credential::A, None);
        tour.driver.client.send(ask).await?;
    }
    Ok(())
}
