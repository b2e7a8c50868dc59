//! Runs, from their creation to their end, in either dialect.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Client, V0, V1, Version, account};
use crate::harness::Stand;

const SHOP: &str = "https://shop.example";

async fn statuses(client: Client<'_>, runs: &[&str]) -> Vec<Value> {
    let mut statuses = Vec::new();
    for run in runs {
        statuses.push(client.run_status(run).await);
    }
    statuses
}

/// The states that a run shows when it is looked at every tenth of a second.
async fn seen(client: Client<'_>, run: &str) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..400 {
        let status = client.run_status(run).await.as_str().unwrap().to_owned();
        if seen.last() != Some(&status) {
            seen.push(status);
        }
        client.stand.advance("100ms").await;
    }
    seen
}

#[tokio::test]
async fn a_run_shows_the_states_of_its_dialect_one_after_the_other() {
    for (version, expected) in [
        (V0, &["pending", "starting", "running", "completed"][..]),
        (V1, &["pending", "starting", "running", "finalizing", "completed"]),
    ] {
        let stand = Stand::new();
        let client = Client::new(&stand, version);
        let robot = client.robot(SHOP).await;
        let run = client.run(&robot, json!({ "budget": 20 })).await;
        assert_eq!(seen(client, &run).await, expected);
        client.post(&format!("/extract/runs/{run}/restart"), json!({})).await.ok(StatusCode::ACCEPTED);
        let again: Vec<&str> = std::iter::once("restarting").chain(expected[1..].iter().copied()).collect();
        assert_eq!(seen(client, &run).await, again);
    }
}

#[tokio::test]
async fn a_run_of_one_dialect_is_the_same_run_in_the_other() {
    let stand = Stand::new();
    let (v0, v1) = (Client::new(&stand, V0), Client::new(&stand, V1));
    let robot = v0.robot(SHOP).await;
    let urls = json!(["https://www.shop.example/p/1"]);
    let run = v0.run(&robot, json!({ "budget": 12, "start_urls": urls, "auto_enrich": false })).await;
    stand.advance("7s").await;
    let (one, other) =
        (v0.read(&format!("/extract/runs/{run}")).await, v1.read(&format!("/extract/runs/{run}")).await);
    for (in_v0, in_v1) in [
        ("_id", "id"),
        ("status", "status"),
        ("robotId", "robot_id"),
        ("budget", "budget"),
        ("startUrls", "start_urls"),
        ("extracted", "extracted"),
        ("inQueue", "in_queue"),
    ] {
        assert_eq!(one[in_v0], other[in_v1], "{in_v0}");
    }
    assert_eq!(one["createdAt"].as_u64().unwrap() % 1_000, 0);
    assert!(one.get("duration").is_none(), "what is not known yet is not there: {one}");
    assert_eq!(other["finished_at"], Value::Null, "what is not known yet is null");
    let over = v0.finished(&run).await;
    let lasted = over["finishedAt"].as_u64().unwrap() - over["startedAt"].as_u64().unwrap();
    assert_eq!(over["duration"], lasted);
    assert_eq!(over["statusReason"], "Budget reached");
    assert_eq!(v1.read(&format!("/extract/runs/{run}")).await["finished"], true);
}

#[tokio::test]
async fn without_a_budget_a_run_ends_when_the_site_is_done_and_gives_no_reason() {
    let stand = Stand::new();
    let v1 = Client::new(&stand, V1);
    let robot = v1.robot(SHOP).await;
    let run = v1.run(&robot, json!({ "start_urls": [], "budget": null })).await;
    let over = v1.finished(&run).await;
    assert_eq!((&over["status"], &over["status_reason"]), (&json!("completed"), &Value::Null));
    assert!((20..=60).contains(&over["extracted"].as_u64().unwrap()), "{over}");
    assert_eq!((&over["start_urls"], &over["in_queue"]), (&Value::Null, &json!(0)));
}

#[tokio::test]
async fn a_run_can_be_stopped_until_it_has_ended_and_twice() {
    for version in Version::BOTH {
        let stand = Stand::new();
        let client = Client::new(&stand, version);
        let robot = client.robot(SHOP).await;
        let run = client.run(&robot, json!({ "budget": 50 })).await;
        stand.advance("10s").await;
        let stop = format!("/extract/runs/{run}/stop");
        let before = client.read(&format!("/extract/runs/{run}")).await["extracted"].clone();
        for _ in 0..2 {
            let stopped = client.act(&stop).await;
            match version {
                V0 => stopped.nothing(),
                V1 => assert_eq!(stopped.ok(StatusCode::OK)["status"], "stopped"),
            }
            stand.advance("1s").await;
        }
        let kept = client.read(&format!("/extract/runs/{run}")).await;
        assert_eq!((&kept["status"], &kept["extracted"]), (&json!("stopped"), &before));
        client
            .post(&format!("/extract/runs/{run}/restart"), json!({ "budget": 5 }))
            .await
            .ok(StatusCode::ACCEPTED);
        let over = client.finished(&run).await;
        assert_eq!(
            (&over["status"], &over["extracted"], &over["budget"]),
            (&json!("completed"), &json!(5), &json!(5))
        );
        let _ = client.act(&stop).await.extralt_refuses(version, StatusCode::CONFLICT, "conflict");
        // A restart without a body keeps the budget.
        client.act(&format!("/extract/runs/{run}/restart")).await.ok(StatusCode::ACCEPTED);
        let twice = client.act(&format!("/extract/runs/{run}/restart")).await;
        let _ = twice.extralt_refuses(version, StatusCode::CONFLICT, "conflict");
        assert_eq!(client.finished(&run).await["extracted"], 5);
    }
}

#[tokio::test]
async fn on_the_start_plan_the_second_run_starts_when_the_first_is_stopped() {
    let stand = Stand::with("account: { apis: { extralt: { plan: start } } }");
    let v0 = Client::new(&stand, V0);
    let robot = v0.robot(SHOP).await;
    let (one, two, three) =
        (v0.run(&robot, json!({})).await, v0.run(&robot, json!({})).await, v0.run(&robot, json!({})).await);
    let runs = [one.as_str(), &two, &three];
    stand.advance("10s").await;
    assert_eq!(statuses(v0, &runs).await, ["running", "pending", "pending"]);
    v0.act(&format!("/extract/runs/{one}/stop")).await.nothing();
    assert_eq!(statuses(v0, &runs).await, ["stopped", "starting", "pending"]);
    assert_eq!(account(&stand, json!({ "plan": "scale" })).await["plan"], "scale");
    assert_eq!(statuses(v0, &runs).await, ["stopped", "starting", "starting"]);
}

#[tokio::test]
async fn lists_are_newest_first_and_their_cursors_go_on() {
    for version in Version::BOTH {
        let stand = Stand::new();
        let client = Client::new(&stand, version);
        let robot = client.robot(SHOP).await;
        let mut runs = Vec::new();
        for _ in 0..5 {
            runs.insert(0, client.run(&robot, json!({ "budget": 2 })).await);
        }
        let (mut found, mut path) = (Vec::new(), "/extract/runs?limit=2".to_owned());
        loop {
            let page = client.read(&path).await;
            let items = page[version.items()].as_array().unwrap();
            found.extend(items.iter().map(|item| item[version.id()].as_str().unwrap().to_owned()));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/extract/runs?limit=2&cursor={cursor}");
            // What is new does not move what is behind a cursor.
            client.run(&robot, json!({ "budget": 2 })).await;
        }
        assert_eq!(found, runs);
    }
}

#[tokio::test]
async fn what_has_finished_since_an_instant_is_listed_in_the_order_of_finishing() {
    let stand = Stand::new();
    let v1 = Client::new(&stand, V1);
    let robot = v1.robot(SHOP).await;
    let (long, short) =
        (v1.run(&robot, json!({ "budget": 60 })).await, v1.run(&robot, json!({ "budget": 2 })).await);
    let under_way = v1.run(&robot, json!({ "budget": 60 })).await;
    let _ = v1.act(&format!("/extract/runs/{long}/stop")).await;
    stand.advance("15s").await;
    let since = async |instant: &str| -> Vec<String> {
        let found = v1.list(&format!("/extract/runs?finished_since={instant}")).await;
        found.iter().map(|run| run["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(since("2026-01-15T10:30:00Z").await, [long.clone(), short.clone()]);
    let finished = v1.read(&format!("/extract/runs/{short}")).await["finished_at"].clone();
    assert_eq!(since(finished.as_str().unwrap()).await, [short.as_str()]);
    v1.act(&format!("/extract/runs/{long}/restart")).await.ok(StatusCode::ACCEPTED);
    assert_eq!(since("2026-01-15T10:30:00Z").await, [short.as_str()], "it is under way again");
    stand.advance("2m").await;
    let all = since("2026-01-15T10:30:00Z").await;
    assert_eq!((all[0].as_str(), all.len()), (short.as_str(), 3));
    assert!(all.contains(&under_way));
    let page = v1.read("/extract/runs?finished_since=2026-01-15T10:30:00Z&limit=2").await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = v1.list(&format!("/extract/runs?finished_since=2026-01-15T10:30:00Z&cursor={cursor}")).await;
    assert_eq!(rest.len(), 1);
    let elsewhere = v1.get(&format!("/extract/runs?cursor={cursor}")).await;
    let _ = elsewhere.extralt_refuses(V1, StatusCode::BAD_REQUEST, "invalid_request");
}

#[tokio::test]
async fn captures_can_be_read_while_the_run_goes_on() {
    let stand = Stand::new();
    for version in Version::BOTH {
        let client = Client::new(&stand, version);
        let robot = client.robot(&format!("https://shop-{}.example", version.prefix()[1..].to_owned())).await;
        let run = client.run(&robot, json!({ "budget": 40 })).await;
        stand.advance("10s").await;
        let extracted = client.read(&format!("/extract/runs/{run}")).await["extracted"].clone();
        assert!((1..40).contains(&extracted.as_u64().unwrap()), "{extracted}");
        assert_eq!(client.read(&format!("/extract/captures/count?run_id={run}")).await["count"], extracted);
        let lines = client.get(&format!("/extract/captures/export?run_id={run}&format=jsonl")).await;
        let attachment = format!("attachment; filename=\"captures-{run}.jsonl\"");
        assert_eq!(lines.headers["content-disposition"], attachment.as_str());
        assert_eq!(lines.text.lines().count() as u64, extracted.as_u64().unwrap());
        let listed = client.list(&format!("/extract/captures?run_id={run}&limit=100")).await;
        assert_eq!(listed.len() as u64, extracted.as_u64().unwrap());
        let first: Value = serde_json::from_str(lines.text.lines().next().unwrap()).unwrap();
        assert_eq!(first["id"], listed[0]["id"], "the file and the list name the same captures");
    }
}
