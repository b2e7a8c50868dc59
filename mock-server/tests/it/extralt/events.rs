//! What is told of Extralt while it happens, and what an operator can do.

use axum::body::Body;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::{Client, V1, account, control};
use crate::harness::{KEY, Stand};

/// Everything that has been told of a world.
async fn told(stand: &Stand, kinds: &str) -> Vec<(String, Value)> {
    let target = format!("/_rehearsal/events?key={KEY}&after=start&kind={kinds}");
    let request = Request::builder().uri(target).header("host", "127.0.0.1:4010");
    let response = stand.open(request.body(Body::empty()).unwrap()).await;
    stand.end();
    let text = response.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8(text.to_vec()).unwrap();
    let event = |event: &str| {
        let line = |name: &str| event.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned));
        let data = line("data: ")?;
        Some((line("event: ")?, serde_json::from_str(&data).unwrap()))
    };
    text.split("\n\n").filter_map(event).collect()
}

#[tokio::test]
async fn runs_that_begin_by_themselves_are_told_at_their_instants() {
    let stand = Stand::new();
    let v1 = Client::new(&stand, V1);
    let robot = v1.robot("https://shop.example").await;
    let cadence = json!({ "interval_amount": 1, "interval_unit": "hour" });
    let schedule = json!({ "robot_id": robot, "cadence": cadence, "budget": 2, "auto_enrich": true });
    let schedule = v1.post("/extract/schedules", schedule).await.ok(StatusCode::CREATED)["id"].clone();
    stand.advance("70m").await;
    let (run, enrichment) =
        (v1.list("/extract/runs").await.swap_remove(0), v1.list("/enrich/enrichments").await.swap_remove(0));
    let _ = v1.act(&format!("/extract/schedules/{}/pause", schedule.as_str().unwrap())).await;
    v1.delete(&format!("/extract/robots/{robot}")).await.nothing();
    account(&stand, json!({ "plan": "start" })).await;
    let told = told(&stand, "run,schedule,account").await;
    let lines: Vec<Value> = told
        .iter()
        .map(|(kind, data)| json!([kind, data["change"], data["kind"], data["at"], data["run"]]))
        .collect();
    let at = |instant: &Value| format!("{}000Z", instant.as_str().unwrap().trim_end_matches('Z'));
    let built = lines[1][3].clone();
    assert_eq!(
        lines,
        [
            json!(["run", "created", "robot-build", "2026-01-15T10:30:00.000000Z", robot]),
            json!(["run", "ended", "robot-build", built, robot]),
            json!(["schedule", "created", null, "2026-01-15T10:30:30.000000Z", null]),
            json!(["run", "created", "run", at(&run["created_at"]), run["id"]]),
            json!(["run", "ended", "run", lines[4][3], run["id"]]),
            json!(["run", "created", "enrichment", lines[4][3], enrichment["id"]]),
            json!(["run", "ended", "enrichment", lines[6][3], enrichment["id"]]),
            json!(["schedule", "paused", null, "2026-01-15T11:40:30.000000Z", null]),
            json!(["run", "deleted", "robot-build", "2026-01-15T11:40:30.000000Z", robot]),
            json!(["account", "plan", null, "2026-01-15T11:40:30.000000Z", null]),
        ]
    );
}

#[tokio::test]
async fn an_operator_fails_completes_and_waits_for_runs_of_every_kind() {
    let stand = Stand::new();
    let v1 = Client::new(&stand, V1);
    let robot = v1.robot("https://shop.example").await;
    let (failed, completed) =
        (v1.run(&robot, json!({ "budget": 9 })).await, v1.run(&robot, json!({ "budget": 9 })).await);
    let fail = json!({ "error": "The shop closed." });
    let body = control(&stand, Method::POST, &format!("/runs/{failed}/fail"), Some(fail)).await;
    assert_eq!(body.ok(StatusCode::OK)["state"], "failed");
    assert_eq!(v1.read(&format!("/extract/runs/{failed}")).await["status_reason"], "The shop closed.");
    let body = control(&stand, Method::POST, &format!("/runs/{completed}/complete"), None).await;
    assert_eq!(body.ok(StatusCode::OK)["state"], "completed");
    assert_eq!(v1.read(&format!("/extract/runs/{completed}")).await["extracted"], 9);
    let wait = async |run: &str, state: &str| {
        let body = json!({ "state": state, "timeout": "1ms" });
        control(&stand, Method::POST, &format!("/runs/{run}/wait"), Some(body)).await
    };
    assert_eq!(wait(&completed, "completed").await.status, StatusCode::OK);
    for (run, state) in [(&completed, "materializing"), (&robot, "running"), (&completed, "building")] {
        let refused = wait(run, state).await.ok(StatusCode::BAD_REQUEST);
        assert_eq!(refused["error"]["code"], "invalid_state", "{state}");
    }
    let under_way = v1.run(&robot, json!({})).await;
    assert_eq!(wait(&under_way, "starting").await.ok(StatusCode::CONFLICT)["error"]["code"], "timeout");
}
