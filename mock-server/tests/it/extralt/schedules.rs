//! Schedules, and the runs they begin.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Client, V0, V1, Version, account, control};
use crate::harness::{Answer, KEY, Stand};

async fn scheduled(client: Client<'_>, robot: &str, unit: &str, more: Value) -> String {
    let mut body =
        json!({ "robot_id": robot, "cadence": { "interval_amount": 1, "interval_unit": unit }, "budget": 2 });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let made = client.post("/extract/schedules", body).await.ok(StatusCode::CREATED);
    made["id"].as_str().unwrap().to_owned()
}

async fn patch(client: Client<'_>, id: &str, body: Value) -> Answer {
    client.send(Method::PATCH, &format!("/extract/schedules/{id}"), &[], Some(body)).await
}

#[tokio::test]
async fn a_month_of_hours_in_one_step_begins_every_run() {
    let stand = Stand::new();
    let v1 = Client::new(&stand, V1);
    let robot = v1.robot("https://shop.example").await;
    let schedule = scheduled(v1, &robot, "hour", json!({})).await;
    stand.advance("30d").await;
    let read = v1.read(&format!("/extract/schedules/{schedule}")).await;
    let runs = control(&stand, Method::GET, "/runs?kind=run&limit=1000", None).await.ok(StatusCode::OK);
    assert_eq!(runs["total"], 720);
    assert_eq!(runs["runs"].as_array().unwrap().len(), 720);
    assert_eq!(read["last_run_id"], runs["runs"][0]["id"]);
    assert_eq!(read["last_run_at"], "2026-02-14T10:30:30.000Z");
    assert_eq!(read["next_run_at"], "2026-02-14T11:30:30.000Z");
    assert_eq!(v1.read(&format!("/extract/robots/{robot}")).await["run_count"], 720);
}

#[tokio::test]
async fn a_step_that_would_begin_too_many_runs_is_refused_before_anything_moves() {
    let stand = Stand::new();
    let v1 = Client::new(&stand, V1);
    let robot = v1.robot("https://shop.example").await;
    scheduled(v1, &robot, "hour", json!({})).await;
    scheduled(v1, &robot, "hour", json!({})).await;
    let other = Client { key: "test-b", ..v1 };
    let _ = other.get("/extract/runs").await;
    let clocks = async || {
        let mut clocks = Vec::new();
        for key in [KEY, "test-b"] {
            let clock = stand.call(KEY, Method::GET, &format!("/_rehearsal/clock?key={key}"), None).await;
            clocks.push(clock.ok(StatusCode::OK)["now"].clone());
        }
        clocks
    };
    let before = clocks().await;
    for (target, body) in [
        (KEY, json!({ "advance": "2500d" })),
        (KEY, json!({ "set": "2036-01-15T10:30:00Z" })),
        ("*", json!({ "advance": "2500d" })),
    ] {
        let refused =
            stand.call(KEY, Method::PATCH, &format!("/_rehearsal/clock?key={target}"), Some(body)).await;
        let refused = refused.ok(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            (&refused["error"]["code"], &refused["error"]["world"]),
            (&json!("too_many_scheduled_runs"), &json!(KEY))
        );
        let message = refused["error"]["message"].as_str().unwrap();
        for part in ["2 schedules", "100000", "shorter steps"] {
            assert!(message.contains(part), "{message}");
        }
        assert_eq!(clocks().await, before);
    }
    stand.advance("100d").await;
    assert_eq!(control(&stand, Method::GET, "/runs?kind=run", None).await.json()["total"], 4_800);
}

#[tokio::test]
async fn a_schedule_can_be_paused_resumed_changed_and_deleted() {
    for version in Version::BOTH {
        let stand = Stand::new();
        let client = Client::new(&stand, version);
        let robot = client.robot("https://shop.example").await;
        let id = scheduled(client, &robot, "day", json!({ "name": "Prices" })).await;
        let path = format!("/extract/schedules/{id}");
        let next = match version {
            V0 => "nextRunAt",
            V1 => "next_run_at",
        };
        let acted = async |act: &str| match (version, client.act(&format!("{path}/{act}")).await) {
            (V0, answer) => answer.nothing(),
            (V1, answer) => assert_eq!(answer.ok(StatusCode::OK)["id"], id.as_str()),
        };
        acted("pause").await;
        let paused = client.read(&path).await;
        assert_eq!(
            (&paused["enabled"], paused.get(next).unwrap_or(&Value::Null)),
            (&json!(false), &Value::Null)
        );
        stand.advance("3d").await;
        assert_eq!(client.list("/extract/runs").await, [] as [Value; 0]);
        acted("resume").await;
        stand.advance("1d").await;
        assert_eq!(client.list("/extract/runs").await.len(), 1);
        let weekly = json!({ "cadence": { "interval_amount": 2, "interval_unit": "week" }, "name": null, "budget": null });
        let changed = patch(client, &id, weekly).await.ok(StatusCode::OK);
        let name = changed["name"].as_str().unwrap();
        assert!(name.starts_with("Every 2 weeks "), "{name}");
        stand.advance("13d").await;
        assert_eq!(client.list("/extract/runs").await.len(), 1);
        stand.advance("1d").await;
        assert_eq!(client.list("/extract/runs").await.len(), 2);
        assert_eq!(client.list("/extract/schedules").await.len(), 1);
        client.delete(&path).await.nothing();
        let _ = client.get(&path).await.extralt_refuses(version, StatusCode::NOT_FOUND, "not_found");
        let again = client.act(&format!("{path}/pause")).await;
        let _ = again.extralt_refuses(version, StatusCode::NOT_FOUND, "not_found");
        stand.advance("60d").await;
        assert_eq!(client.list("/extract/runs").await.len(), 2);
    }
}

#[tokio::test]
async fn months_are_those_of_the_calendar() {
    let stand = Stand::new();
    let v1 = Client::new(&stand, V1);
    let robot = v1.robot("https://shop.example").await;
    stand.advance("16d").await;
    let id = scheduled(v1, &robot, "month", json!({})).await;
    let next = async || v1.read(&format!("/extract/schedules/{id}")).await["next_run_at"].clone();
    assert_eq!(next().await, "2026-02-28T10:30:30.000Z");
    stand.advance("28d").await;
    assert_eq!(next().await, "2026-03-31T10:30:30.000Z", "counted from the day of its creation");
}

#[tokio::test]
async fn without_credits_a_schedule_pauses_and_with_them_it_goes_on() {
    let stand = Stand::with("account: { apis: { extralt: { credits: 5 } } }");
    let v1 = Client::new(&stand, V1);
    let robot = v1.robot("https://shop.example").await;
    let id = scheduled(v1, &robot, "hour", json!({})).await;
    stand.advance("3h").await;
    let read = async || v1.read(&format!("/extract/schedules/{id}")).await;
    let paused = read().await;
    assert_eq!((&paused["enabled"], &paused["pause_reason"]), (&json!(false), &json!("no_credits")));
    assert_eq!(v1.list("/extract/runs").await.len(), 1);
    assert_eq!(account(&stand, json!({ "credits": 50 })).await["credits"], 50);
    assert_eq!(read().await["enabled"], true);
    stand.advance("1h").await;
    assert_eq!(v1.list("/extract/runs").await.len(), 2);
}
