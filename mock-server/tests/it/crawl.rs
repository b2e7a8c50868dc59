use http::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Stand, members};

const STEPS: [&str; 4] =
    ["Determining crawl method", "Discovering collections", "Analyzing collections", "Extracting listings"];

fn step_states(body: &Value) -> Vec<&str> {
    let steps = body["meta"]["steps"].as_array().unwrap();
    assert_eq!(steps.iter().map(|step| step["name"].as_str().unwrap()).collect::<Vec<_>>(), STEPS);
    steps.iter().map(|step| step["status"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_new_crawl_is_pending_and_named_after_its_host() {
    let stand = Stand::new();
    let body = stand.post("/v2/crawl", json!({"url": "skims.com"})).await.ok(StatusCode::ACCEPTED);
    let id = body["execution_id"].as_str().unwrap();
    let hex = id.strip_prefix("crawl-skims-com-").unwrap();
    assert!(hex.len() == 8 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    assert_eq!(body, json!({"execution_id": id, "status": "pending", "meta": {"credits_used": 0}}));
}

#[tokio::test]
async fn a_crawl_goes_through_its_steps_to_its_result() {
    let stand = Stand::new();
    let id = stand.create("/v2/crawl", json!({"url": "https://www.skims.com/"})).await;
    let target = format!("/v2/crawl/{id}");

    let pending = stand.get(&target).await.ok(StatusCode::OK);
    assert_eq!(members(&pending), ["execution_id", "status", "error", "meta"]);
    let meta = ["vendor", "start_date", "stop_date", "duration_ms", "progress", "steps"];
    assert_eq!(members(&pending["meta"]), meta);
    assert_eq!(pending["status"], "pending");
    assert_eq!(pending["meta"]["vendor"], "skims.com");
    assert_eq!(step_states(&pending), ["pending"; 4]);

    let (mut seen, mut last) = (Vec::new(), (0, 0));
    for _ in 0..60 {
        stand.advance("1s").await;
        let body = stand.get(&target).await.ok(StatusCode::OK);
        if body["status"] != "running" {
            continue;
        }
        assert_eq!(members(&body["meta"]), meta);
        assert_eq!(members(&body["meta"]["progress"]), ["collections_found", "listings_found"]);
        let states = step_states(&body).join(" ");
        if seen.last() != Some(&states) {
            seen.push(states);
        }
        let count = |name: &str| body["meta"]["progress"][name].as_u64().unwrap();
        let found = (count("collections_found"), count("listings_found"));
        assert!(found.0 >= last.0 && found.1 >= last.1, "{found:?} after {last:?}");
        last = found;
    }
    assert_eq!(
        seen,
        [
            "running pending pending pending",
            "completed running pending pending",
            "completed completed running pending",
            "completed completed completed running",
        ]
    );
    assert!(last.0 > 0 && last.1 > 0, "something was found on the way");

    let completed = stand.get(&target).await.ok(StatusCode::OK);
    assert_eq!(completed["status"], "completed");
    assert_eq!(members(&completed["meta"]), [&meta[..], &["result"]].concat());
    assert_eq!(completed["meta"]["progress"], Value::Null);
    assert_eq!(step_states(&completed), ["completed"; 4]);
    assert!(completed["meta"]["result"]["collections_total"].as_u64().unwrap() >= last.0);
    assert!(completed["meta"]["result"]["listings_total"].as_u64().unwrap() >= last.1);
}

#[tokio::test]
async fn times_and_duration_agree() {
    let stand = Stand::new();
    let id = stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let completed = stand.finish(&format!("/v2/crawl/{id}")).await;
    let time = |name: &str| -> jiff::Timestamp { completed["meta"][name].as_str().unwrap().parse().unwrap() };
    let passed = time("stop_date").as_millisecond() - time("start_date").as_millisecond();
    assert_eq!(completed["meta"]["duration_ms"].as_i64().unwrap(), passed);
}

#[tokio::test]
async fn a_host_has_one_crawl_at_a_time() {
    let stand = Stand::new();
    let id = stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    stand.advance("3s").await;
    let again =
        stand.post("/v2/crawl", json!({"url": "http://WWW.skims.com/about"})).await.ok(StatusCode::ACCEPTED);
    assert_eq!(again, json!({"execution_id": id, "status": "running", "meta": {"credits_used": 0}}));
    stand.finish(&format!("/v2/crawl/{id}")).await;
    assert_ne!(stand.create("/v2/crawl", json!({"url": "skims.com"})).await, id);
}

#[tokio::test]
async fn a_scenario_makes_a_crawl_fail_at_its_step() {
    let stand = Stand::with(
        "version: 1\nruns:\n  - match: { kind: crawl }\n    outcome: { failed: { step: Analyzing collections, at: 60%, error: Blocked. } }\n",
    );
    let id = stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let failed = stand.finish(&format!("/v2/crawl/{id}")).await;
    assert_eq!(failed["status"], "failed");
    assert_eq!(failed["error"], "Blocked.");
    assert_eq!(step_states(&failed), ["completed", "completed", "failed", "pending"]);
    assert_eq!(failed["meta"]["progress"], Value::Null);
    assert_eq!(failed["meta"].get("result"), None);
}

#[tokio::test]
async fn a_rule_for_runs_of_any_kind_leaves_a_crawl_within_its_bounds() {
    let stand = Stand::with(
        "version: 1\nruns:\n  - match: { nth: 1 }\n    results: 10000000\n  - outcome: { stuck: { state: finalizing } }\n",
    );
    let id = stand.create("/v2/crawl", json!({"url": "skims.com"})).await;
    let completed = stand.finish(&format!("/v2/crawl/{id}")).await;
    assert_eq!(completed["meta"]["result"]["listings_total"], 100_000);
    let id = stand.create("/v2/crawl", json!({"url": "other.example"})).await;
    stand.advance("10d").await;
    let stuck = stand.get(&format!("/v2/crawl/{id}")).await.ok(StatusCode::OK);
    assert_eq!(stuck["status"], "running", "a state that a crawl has not stands for its last one");
}

#[tokio::test]
async fn magic_hosts_fail_stick_and_stay_empty_without_a_scenario() {
    let stand = Stand::new();
    let fails = stand.create("/v2/crawl", json!({"url": "shop.fails.test"})).await;
    let empty = stand.create("/v2/crawl", json!({"url": "empty.test"})).await;
    let stuck = stand.create("/v2/crawl", json!({"url": "stuck.test"})).await;
    let slow = stand.create("/v2/crawl", json!({"url": "slow.test"})).await;
    stand.advance("1m").await;
    let status = async |id: &str| stand.get(&format!("/v2/crawl/{id}")).await.ok(StatusCode::OK);
    assert_eq!(status(&fails).await["status"], "failed");
    assert_eq!(status(&empty).await["meta"]["result"], json!({"collections_total": 0, "listings_total": 0}));
    assert_eq!(status(&slow).await["status"], "running");
    stand.advance("10d").await;
    assert_eq!(status(&stuck).await["status"], "running");
    assert_eq!(status(&slow).await["status"], "completed");
}

#[tokio::test]
async fn what_is_no_address_is_refused() {
    let stand = Stand::new();
    let refused = stand.post("/v2/crawl", json!({"url": "https://invalid-url"})).await;
    assert_eq!(refused.json()["invalid_urls"], json!(["Index 0: https://invalid-url - invalid format"]));
    let _ = refused.refused(StatusCode::BAD_REQUEST, "VALIDATION_ERROR");
    for body in [json!({}), json!({"url": 7}), json!([]), json!("skims.com"), json!(null)] {
        let _ = stand.post("/v2/crawl", body).await.refused(StatusCode::BAD_REQUEST, "INVALID_REQUEST");
    }
}

#[tokio::test]
async fn an_unknown_crawl_is_not_found() {
    let stand = Stand::new();
    let id = stand.create("/v2/extract", json!({"urls": ["https://nike.com/a"]})).await;
    for id in ["crawl-skims-com-00000000", "x", "%00", "%ff", "a%2Fb", &id] {
        let message = stand.get(&format!("/v2/crawl/{id}")).await.refused(StatusCode::NOT_FOUND, "NOT_FOUND");
        assert_eq!(message, "Execution not found");
    }
}

#[tokio::test]
async fn without_auto_top_up_a_crawl_is_refused() {
    let stand =
        Stand::with("version: 1\naccount: { apis: { catalog: { auto-top-up: false, credits: 3 } } }\n");
    let refused = stand.post("/v2/crawl", json!({"url": "skims.com"})).await;
    assert_eq!(refused.json()["credits_remaining"], 3);
    let _ = refused.refused(StatusCode::PAYMENT_REQUIRED, "INSUFFICIENT_CREDITS");
}
