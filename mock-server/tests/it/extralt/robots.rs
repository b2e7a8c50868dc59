//! Robots and their building.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Client, V0, V1, Version};
use crate::harness::Stand;

async fn build(client: Client<'_>, url: &str) -> crate::harness::Answer {
    match client.version {
        V0 => client.post("/extract/robot-builds", json!({ "url": url, "country_code": "US" })).await,
        V1 => client.post("/extract/robots", json!({ "url": url, "country": "US" })).await,
    }
}

#[tokio::test]
async fn a_build_of_v0_ends_with_a_robot() {
    let stand = Stand::new();
    let v0 = Client::new(&stand, V0);
    let build_id = build(v0, "https://www.shop.example/a").await.ok(StatusCode::ACCEPTED)["id"].clone();
    let path = format!("/extract/robot-builds/{}", build_id.as_str().unwrap());
    assert_eq!(v0.read(&path).await["status"], "pending");
    stand.advance("2s").await;
    let building = v0.read(&path).await;
    assert_eq!((&building["status"], building.get("robotId")), (&json!("building"), None));
    assert_eq!(v0.list("/extract/robots").await, [] as [Value; 0]);
    let again = build(v0, "https://shop.example").await;
    let _ = again.extralt_refuses(V0, StatusCode::CONFLICT, "");
    stand.advance("30s").await;
    let built = v0.read(&path).await;
    assert_eq!(built["status"], "completed");
    let robot = built["robotId"].as_str().unwrap().to_owned();
    assert_eq!(v0.read(&format!("/extract/robots/{robot}")).await["host"], "www.shop.example");
    let same = build(v0, "https://shop.example/b").await.ok(StatusCode::OK);
    assert_eq!(same["id"], robot.as_str());
}

#[tokio::test]
async fn a_robot_of_v1_is_there_while_it_is_built() {
    let stand = Stand::new();
    let v1 = Client::new(&stand, V1);
    let robot = build(v1, "https://shop.example").await.ok(StatusCode::ACCEPTED);
    assert_eq!((&robot["status"], &robot["finished"]), (&json!("pending"), &json!(false)));
    let run = v1.post("/extract/runs", json!({ "robot_id": robot["id"] })).await;
    let _ = run.extralt_refuses(V1, StatusCode::CONFLICT, "conflict");
    let same = build(v1, "https://shop.example").await.ok(StatusCode::ACCEPTED);
    assert_eq!(same["id"], robot["id"]);
    stand.advance("30s").await;
    let built = build(v1, "https://shop.example").await.ok(StatusCode::OK);
    assert_eq!((&built["id"], &built["status"]), (&robot["id"], &json!("completed")));
}

#[tokio::test]
async fn a_shop_that_cannot_be_built_is_refused_with_a_reason_and_may_be_tried_again() {
    for (host, refusal) in [("fails.test", "unreachable"), ("unsupported.test", "not_store")] {
        let stand = Stand::new();
        let (v0, v1) = (Client::new(&stand, V0), Client::new(&stand, V1));
        let url = format!("https://{host}");
        let first = build(v1, &url).await.ok(StatusCode::ACCEPTED)["id"].clone();
        stand.advance("30s").await;
        let failed = v1.read(&format!("/extract/robots/{}", first.as_str().unwrap())).await;
        assert_eq!((&failed["status"], &failed["refusal"]), (&json!("failed"), &json!(refusal)));
        let second = build(v0, &url).await.ok(StatusCode::ACCEPTED)["id"].clone();
        assert_ne!(second, first);
        stand.advance("30s").await;
        let failed = v0.read(&format!("/extract/robot-builds/{}", second.as_str().unwrap())).await;
        assert_eq!((&failed["status"], failed.get("robotId")), (&json!("failed"), None));
    }
}

#[tokio::test]
async fn a_deleted_robot_takes_its_schedules_along_and_leaves_its_work() {
    for version in Version::BOTH {
        let stand = Stand::with("account: { apis: { extralt: { plan: start } } }");
        let client = Client::new(&stand, version);
        let robot = client.robot("https://shop.example").await;
        let schedule =
            json!({ "robot_id": robot, "cadence": { "interval_amount": 1, "interval_unit": "day" } });
        let schedule =
            client.post("/extract/schedules", schedule).await.ok(StatusCode::CREATED)["id"].clone();
        let (at_work, idle) =
            (client.run(&robot, json!({ "budget": 20 })).await, client.run(&robot, json!({})).await);
        stand.advance("8s").await;
        client.delete(&format!("/extract/robots/{robot}")).await.nothing();
        let gone = client.get(&format!("/extract/robots/{robot}")).await;
        let _ = gone.extralt_refuses(version, StatusCode::NOT_FOUND, "not_found");
        let gone = client.get(&format!("/extract/schedules/{}", schedule.as_str().unwrap())).await;
        let _ = gone.extralt_refuses(version, StatusCode::NOT_FOUND, "not_found");
        assert_eq!(client.run_status(&idle).await, "failed");
        assert_eq!(client.finished(&at_work).await["status"], "completed");
        let again = client.act(&format!("/extract/runs/{at_work}/restart")).await;
        let _ = again.extralt_refuses(version, StatusCode::CONFLICT, "conflict");
        let run = client.post("/extract/runs", json!({ "robot_id": robot })).await;
        let _ = run.extralt_refuses(version, StatusCode::NOT_FOUND, "not_found");
    }
}

#[tokio::test]
async fn an_operator_can_fail_a_build_by_either_of_its_ids() {
    for version in Version::BOTH {
        let stand = Stand::new();
        let client = Client::new(&stand, version);
        let id = build(client, "https://shop.example").await.ok(StatusCode::ACCEPTED)["id"].clone();
        let id = id.as_str().unwrap();
        let told = stand.post(&format!("/_rehearsal/runs/{id}/fail"), json!({})).await;
        assert_eq!(told.ok(StatusCode::OK)["state"], "failed");
        let path = match version {
            V0 => format!("/extract/robot-builds/{id}"),
            V1 => format!("/extract/robots/{id}"),
        };
        assert_eq!(client.read(&path).await["status"], "failed");
    }
}
