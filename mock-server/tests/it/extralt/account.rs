//! Plan, credits and rate limit.

use http::{Method, StatusCode};
use serde_json::json;

use super::{Client, V0, V1, account, control};
use crate::harness::Stand;

#[tokio::test]
async fn an_account_is_changed_in_the_words_of_a_scenario() {
    let stand = Stand::new();
    let v1 = Client::new(&stand, V1);
    let _ = v1.get("/extract/runs").await;
    let generous = json!({ "plan": "scale", "credits": "unlimited", "rate-limit": "off" });
    assert_eq!(account(&stand, json!({})).await, generous);
    let small =
        json!({ "plan": "start", "credits": 7, "rate-limit": { "requests": 3, "per": "1s", "burst": 2 } });
    assert_eq!(account(&stand, small.clone()).await, small);
    let without = json!({ "rate-limit": { "requests": 3, "per": "1s" }, "credits": "unlimited" });
    assert_eq!(account(&stand, without).await["rate-limit"]["burst"], 3);
    assert_eq!(account(&stand, json!({ "rate-limit": "documented" })).await["rate-limit"], "documented");
    for (wrong, word) in [
        (json!({ "plan": "free" }), "plan"),
        (json!({ "credits": -1 }), "credits"),
        (json!({ "rate-limit": { "requests": 3 } }), "rate-limit"),
        (json!({ "rate-limit": { "requests": 3, "per": "1s", "bursts": 2 } }), "rate-limit"),
    ] {
        let body = json!({ "apis": { "extralt": wrong } });
        let refused = control(&stand, Method::PATCH, "/account", Some(body)).await;
        let refused = refused.ok(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused["error"]["code"], "invalid_account");
        assert!(refused["error"]["message"].as_str().unwrap().starts_with(word), "{refused}");
    }
}

#[tokio::test]
async fn captures_cost_two_credits_each_and_a_run_ends_when_there_are_none() {
    let stand = Stand::with("account: { apis: { extralt: { credits: 15 } } }");
    let v0 = Client::new(&stand, V0);
    let robot = v0.robot("https://shop.example").await;
    let run = v0.run(&robot, json!({ "budget": 20 })).await;
    let over = v0.finished(&run).await;
    assert_eq!((&over["status"], &over["extracted"]), (&json!("completed"), &json!(7)));
    assert_eq!(over["statusReason"], "Out of credits");
    assert_eq!(account(&stand, json!({})).await["credits"], 1);
    let refused = v0.post("/extract/runs", json!({ "robot_id": robot })).await;
    let _ = refused.extralt_refuses(V0, StatusCode::PAYMENT_REQUIRED, "");
    let refused = Client { version: V1, ..v0 }.act(&format!("/extract/runs/{run}/restart")).await;
    let _ = refused.extralt_refuses(V1, StatusCode::PAYMENT_REQUIRED, "insufficient_credits");
    account(&stand, json!({ "credits": 100 })).await;
    v0.act(&format!("/extract/runs/{run}/restart")).await.ok(StatusCode::ACCEPTED);
    assert_eq!(v0.finished(&run).await["extracted"], 20);
    assert_eq!(account(&stand, json!({})).await["credits"], 60);
}

#[tokio::test]
async fn a_bucket_lets_a_burst_through_and_then_as_many_as_flow_in() {
    let stand = Stand::with("account: { apis: { extralt: { rate-limit: documented } } }");
    let v1 = Client::new(&stand, V1);
    let mut statuses = Vec::new();
    for _ in 0..31 {
        statuses.push(v1.get("/extract/runs").await.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::OK).count(), 30);
    let turned_away = v1.get("/extract/runs").await;
    let seconds: u64 = turned_away.headers["retry-after"].to_str().unwrap().parse().unwrap();
    let _ = turned_away.extralt_refuses(V1, StatusCode::TOO_MANY_REQUESTS, "rate_limited");
    stand.advance(&format!("{seconds}s")).await;
    assert_eq!(v1.get("/extract/runs").await.status, StatusCode::OK, "waiting as told helps");
}
