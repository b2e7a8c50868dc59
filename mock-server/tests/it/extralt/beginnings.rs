//! What a scenario says is there before the first request.

use http::StatusCode;
use serde_json::json;

use super::{Client, V0, V1, account, control};
use crate::harness::Stand;

const WORLD: &str = "
world:
  extralt:
    robots:
      - { id: mine, url: 'https://www.shop.example/start', country: DE, created: -2d, name: Shop of mine }
      - { id: broken, url: 'https://closed.example', outcome: { failed: { refusal: unreachable } } }
    runs:
      - { id: first, robot: mine, created: -5h, budget: 7, start-urls: ['https://shop.example/p/1'] }
      - { id: failed, robot: shop.example, created: -4h, outcome: { failed: { error: Blocked. } } }
      - { id: under-way, robot: mine, created: -20s, results: 200, lifecycle: { running: 1m } }
    schedules:
      - { id: hourly, robot: mine, cadence: { unit: hour }, created: -150m, budget: 3 }
    enrichments:
      - { id: made, run: first, created: -4h }
";

#[tokio::test]
async fn what_a_scenario_pins_is_there_in_both_dialects() {
    let stand = Stand::with(WORLD);
    let (v0, v1) = (Client::new(&stand, V0), Client::new(&stand, V1));
    let robot = v1.read("/extract/robots/mine").await;
    assert_eq!(robot["name"], "Shop of mine");
    assert_eq!((&robot["host"], &robot["language"]), (&json!("www.shop.example"), &json!("de")));
    let robot = v0.read("/extract/robots/mine").await;
    assert_eq!((&robot["countryCode"], &robot["name"]), (&json!("DE"), &json!("Shop of mine")));
    let run = v0.read("/extract/runs/first").await;
    assert_eq!([&run["robotName"], &run["name"]], ["Shop of mine", "Shop of mine run"]);
    assert_eq!(v0.list("/extract/robots").await.len(), 1, "v0 lists what was built");
    let broken = v1.read("/extract/robots/broken").await;
    assert_eq!((&broken["status"], &broken["refusal"]), (&json!("failed"), &json!("unreachable")));

    let first = v1.read("/extract/runs/first").await;
    assert_eq!((&first["status"], &first["extracted"]), (&json!("completed"), &json!(7)));
    assert_eq!(first["start_urls"], json!(["https://shop.example/p/1"]));
    assert_eq!(first["created_at"], "2026-01-15T05:30:00.000Z");
    assert_eq!(v1.read("/extract/runs/failed").await["status_reason"], "Blocked.");
    assert_eq!(v0.run_status("under-way").await, "running");
    assert_eq!(v0.list("/extract/captures?run_id=first").await.len(), 7);
    let enrichment = v0.read("/enrich/enrichments/made").await;
    assert_eq!((&enrichment["status"], &enrichment["processed"]), (&json!("completed"), &json!(7)));

    let schedule = v1.read("/extract/schedules/hourly").await;
    assert_eq!(schedule["name"], "Hourly Shop of mine run");
    assert_eq!(schedule["last_run_at"], "2026-01-15T10:00:00.000Z");
    assert_eq!(schedule["next_run_at"], "2026-01-15T11:00:00.000Z");
    let begun: Vec<_> = v1.list("/extract/runs").await;
    let scheduled = begun.iter().filter(|run| run["triggered_by"] == "schedule").count();
    assert_eq!((scheduled, begun.len()), (2, 5), "two hours had passed since the schedule was made");
    assert_eq!(schedule["last_run_id"], begun[1]["id"]);
}

#[tokio::test]
async fn what_was_there_costs_nothing_and_is_no_change() {
    let stand = Stand::with(&format!("{WORLD}\naccount: {{ apis: {{ extralt: {{ credits: 3 }} }} }}"));
    let v1 = Client::new(&stand, V1);
    assert_eq!(v1.finished("under-way").await["extracted"], 200, "it was paid for");
    assert_eq!(account(&stand, json!({})).await["credits"], 3);
    assert_eq!(v1.read("/extract/schedules/hourly").await["pause_reason"], json!(null));
    stand.advance("1h").await;
    let last = v1.list("/extract/runs").await.swap_remove(0);
    assert_eq!((&last["extracted"], &last["status_reason"]), (&json!(1), &json!("Out of credits")));
    assert_eq!(account(&stand, json!({})).await["credits"], 1);
    let events = control(&stand, http::Method::GET, "/runs?kind=enrichment", None).await.ok(StatusCode::OK);
    assert_eq!(events["total"], 1);
}

#[tokio::test]
async fn a_reset_brings_it_back_as_it_was() {
    let stand = Stand::with(WORLD);
    let v0 = Client::new(&stand, V0);
    let before = v0.read("/extract/runs").await;
    v0.delete("/extract/robots/mine").await.nothing();
    assert_eq!(v0.get("/extract/schedules/hourly").await.status, StatusCode::NOT_FOUND);
    let _ = control(&stand, http::Method::POST, "/reset", None).await;
    assert_eq!(v0.read("/extract/runs").await, before);
    assert_eq!(v0.get("/extract/schedules/hourly").await.status, StatusCode::OK);
}

#[tokio::test]
async fn runs_of_one_plan_waited_for_each_other_before_the_start_too() {
    let stand = Stand::with(
        "
account: { apis: { extralt: { plan: start } } }
world:
  extralt:
    robots: [ { id: mine, url: 'https://shop.example' } ]
    runs:
      - { id: one, robot: mine, created: -30s, lifecycle: { running: 10m } }
      - { id: two, robot: mine, created: -20s }
",
    );
    let v1 = Client::new(&stand, V1);
    assert_eq!([v1.run_status("one").await, v1.run_status("two").await], ["running", "pending"]);
    let _ = v1.act("/extract/runs/one/stop").await.ok(StatusCode::OK);
    assert_eq!(v1.run_status("two").await, "starting");
}

#[tokio::test]
async fn an_enrichment_whose_run_was_kept_waiting_is_not_there() {
    let world = |plan: &str| {
        format!(
            "
account: {{ apis: {{ extralt: {{ plan: {plan} }} }} }}
runs: [ {{ match: {{ kind: run }}, lifecycle: {{ running: 20m }} }} ]
world:
  extralt:
    robots: [ {{ id: mine, url: 'https://shop.example', created: -2h }} ]
    schedules: [ {{ robot: mine, cadence: {{ unit: hour }}, created: -70m }} ]
    runs: [ {{ id: one, robot: mine, created: -9m }} ]
    enrichments: [ {{ id: made, run: one, created: -5m }} ]
"
        )
    };
    let stand = Stand::with(&world("scale"));
    let v1 = Client::new(&stand, V1);
    assert_eq!(v1.read("/enrich/enrichments/made").await["status"], "completed");
    let stand = Stand::with(&world("start"));
    let v1 = Client::new(&stand, V1);
    assert_eq!(v1.run_status("one").await, "pending", "the run of the schedule is at work");
    assert_eq!(v1.get("/enrich/enrichments/made").await.status, StatusCode::NOT_FOUND);
}
