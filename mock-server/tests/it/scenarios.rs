//! Every shipped scenario does over HTTP what its name says.

mod llama_extract;

use std::time::Duration;

use http::StatusCode;
use mock_server::scenario::library;
use serde_json::{Value, json};

use crate::extralt::{Client, V0, V1};
use crate::harness::Stand;

/// A server that follows a shipped scenario.
#[track_caller]
fn following(name: &str) -> Stand {
    Stand::with(library::find(name).unwrap_or_else(|| panic!("{name} is not shipped")).text)
}

async fn crawl(stand: &Stand, url: &str) -> String {
    format!("/v2/crawl/{}", stand.create("/v2/crawl", json!({ "url": url })).await)
}

async fn extract(stand: &Stand, pages: usize) -> String {
    let urls: Vec<String> = (0..pages).map(|page| format!("https://shop.example/p/{page}")).collect();
    format!("/v2/extract/{}", stand.create("/v2/extract", json!({ "urls": urls })).await)
}

async fn search(stand: &Stand, query: &str) -> String {
    format!("/v2/agentic-search/{}", stand.create("/v2/agentic-search", json!({ "query": query })).await)
}

async fn statuses(stand: &Stand, target: &str, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(stand.get(target).await.status.as_u16());
    }
    statuses
}

async fn state(stand: &Stand, target: &str) -> Value {
    stand.get(target).await.ok(StatusCode::OK)["status"].clone()
}

/// A scenario that nobody tries here would be a promise that nobody holds.
#[test]
fn each_has_a_test() {
    let text = concat!(include_str!("scenarios.rs"), include_str!("scenarios/llama_extract.rs"));
    for shipped in library::shipped() {
        let tried = format!("following(\"{}\")", shipped.name);
        assert!(text.contains(&tried), "{} is tried by no test", shipped.name);
    }
}

#[tokio::test]
async fn happy_completes_every_run() {
    let stand = following("happy");
    let targets = [crawl(&stand, "skims.com").await, extract(&stand, 2).await, search(&stand, "boots").await];
    for target in targets {
        assert_eq!(stand.finish(&target).await["status"], "completed");
    }
}

#[tokio::test]
async fn slow_crawl_takes_its_time() {
    let stand = following("slow-crawl");
    let target = crawl(&stand, "skims.com").await;
    stand.advance("29s").await;
    assert_eq!(state(&stand, &target).await, "pending");
    stand.advance("10m").await;
    assert_eq!(state(&stand, &target).await, "running");
    stand.advance("10m").await;
    assert_eq!(state(&stand, &target).await, "completed");
}

#[tokio::test]
async fn crawl_fails_analyzing_the_first_time() {
    let stand = following("crawl-fails-analyzing");
    let target = crawl(&stand, "shop.example.com").await;
    let failed = stand.finish(&target).await;
    assert_eq!(failed["status"], "failed");
    let steps: Vec<_> =
        failed["meta"]["steps"].as_array().unwrap().iter().map(|step| &step["status"]).collect();
    assert_eq!(steps, ["completed", "completed", "failed", "pending"]);
    let again = crawl(&stand, "shop.example.com").await;
    assert_eq!(stand.finish(&again).await["status"], "completed");
}

#[tokio::test]
async fn late_failure_has_nearly_done_its_work() {
    let stand = following("late-failure");
    let target = extract(&stand, 20).await;
    let failed = stand.finish(&target).await;
    assert_eq!(failed["status"], "failed");
    assert!(failed["meta"]["progress"]["percent_complete"].as_u64().unwrap() >= 90, "{failed}");
    assert!(failed.get("data").is_none());
}

#[tokio::test]
async fn stuck_crawl_never_ends_by_itself() {
    let stand = following("stuck-crawl");
    let target = crawl(&stand, "skims.com").await;
    stand.advance("30d").await;
    assert_eq!(state(&stand, &target).await, "running");
}

#[tokio::test]
async fn partial_extract_completes_without_some_of_its_items() {
    let stand = following("partial-extract");
    let target = extract(&stand, 10).await;
    let body = stand.finish(&target).await;
    assert_eq!(body["status"], "completed");
    let failed = body["meta"]["result"]["products_failed"].as_u64().unwrap();
    assert!((2..=4).contains(&failed), "{failed}");
}

#[tokio::test]
async fn search_finds_nothing_unless_anything_will_do() {
    let stand = following("search-finds-nothing");
    let nothing = search(&stand, "red boots").await;
    let something = search(&stand, "any boots").await;
    assert_eq!(stand.finish(&nothing).await["data"], json!([]));
    assert_ne!(stand.finish(&something).await["data"], json!([]));
}

#[tokio::test]
async fn yesterdays_jobs_are_there_before_the_first_request() {
    let stand = following("yesterdays-jobs");
    let crawls = stand.get("/v2/crawl").await.ok(StatusCode::OK);
    let states: Vec<_> = crawls["data"].as_array().unwrap().iter().map(|item| &item["status"]).collect();
    assert_eq!(states, ["processing", "completed"]);
    let searches = stand.get("/v2/agentic-search").await.ok(StatusCode::OK);
    assert_eq!(searches["data"][0]["status"], "completed");
    let under_way = format!("/v2/crawl/{}", crawls["data"][0]["execution_id"].as_str().unwrap());
    assert_eq!(state(&stand, &under_way).await, "running");
    stand.advance("1m").await;
    assert_eq!(state(&stand, &under_way).await, "completed");
}

#[tokio::test]
async fn rate_limited_turns_away_the_fifty_first() {
    let stand = following("rate-limited");
    let statuses = statuses(&stand, "/v2/crawl", 51).await;
    assert_eq!(statuses.iter().position(|status| *status == 429), Some(50));
    stand.advance("4s").await;
    assert_eq!(stand.get("/v2/crawl").await.status, StatusCode::OK);
}

#[tokio::test]
async fn out_of_credits_after_one_search() {
    let stand = following("out-of-credits");
    search(&stand, "boots").await;
    let refused = stand.post("/v2/agentic-search", json!({ "query": "more boots" })).await;
    let _ = refused.refused(StatusCode::PAYMENT_REQUIRED, "INSUFFICIENT_CREDITS");
}

#[tokio::test]
async fn flaky_503_fails_some_polls_and_never_three_in_a_row() {
    let stand = following("flaky-503");
    let target = crawl(&stand, "skims.com").await;
    let statuses = statuses(&stand, &target, 500).await;
    let failed = statuses.iter().filter(|status| **status == 503).count();
    assert!((60..=140).contains(&failed), "{failed} of 500");
    assert!(statuses.windows(3).all(|row| row.contains(&200)));
    assert_eq!(stand.get("/v2/crawl").await.status, StatusCode::OK, "lists are not polls");
}

#[tokio::test]
async fn outage_for_a_minute_begins_after_ten_seconds() {
    let stand = following("outage-for-a-minute");
    let target = crawl(&stand, "skims.com").await;
    let mut seen = Vec::new();
    for advance in ["9s", "1s", "59s", "1s"] {
        stand.advance(advance).await;
        seen.push(stand.get(&target).await.status.as_u16());
    }
    assert_eq!(seen, [200, 503, 503, 200]);
    assert_eq!(state(&stand, &target).await, "completed", "it went on in the meantime");
}

#[tokio::test]
async fn gateway_page_takes_exactly_three_of_ten() {
    let stand = following("gateway-page");
    for _ in 0..5 {
        let statuses = statuses(&stand, "/v2/crawl", 10).await;
        assert_eq!(statuses.iter().filter(|status| **status == 502).count(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn slow_answers_are_slow() {
    let stand = following("slow-answers");
    let mut late = Vec::new();
    for _ in 0..400 {
        // Time is paused: only the delay passes, and the bound says in which part of a second it ended.
        let mut asked = std::pin::pin!(stand.get("/v2/crawl"));
        let mut waited = Duration::ZERO;
        let step = Duration::from_millis(20);
        while tokio::time::timeout(step, &mut asked).await.is_err() {
            waited += step;
        }
        late.push(waited.as_millis());
    }
    late.sort_unstable();
    assert!((120..=280).contains(&late[200]), "the median was {} ms", late[200]);
    assert!(late[399] > 1_000, "the latest came after {} ms", late[399]);
}

#[tokio::test]
async fn lost_create_has_created_what_it_refuses() {
    let stand = following("lost-create");
    let body = json!({ "query": "boots" });
    let first = stand.post("/v2/agentic-search", body.clone()).await;
    assert_eq!(first.headers["x-rehearsal-fault"], "lost-create");
    let _ = first.refused(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE");
    let listed = async || stand.get("/v2/agentic-search").await.json()["data"].as_array().unwrap().len();
    assert_eq!(listed().await, 1);
    assert_eq!(stand.post("/v2/agentic-search", body).await.status, StatusCode::ACCEPTED);
    assert_eq!(listed().await, 2);
    let other = stand.post("/v2/agentic-search", json!({ "query": "hats" })).await;
    assert_eq!(other.status, StatusCode::SERVICE_UNAVAILABLE, "another request counts for itself");
}

#[tokio::test]
async fn hidden_after_create_is_found_after_three_seconds() {
    let stand = following("hidden-after-create");
    let target = crawl(&stand, "skims.com").await;
    let _ = stand.get(&target).await.refused(StatusCode::NOT_FOUND, "NOT_FOUND");
    stand.advance("3s").await;
    assert_eq!(stand.get(&target).await.status, StatusCode::OK);
}

#[tokio::test]
async fn stale_list_is_behind_and_a_read_is_not() {
    let stand = following("stale-list");
    let target = crawl(&stand, "skims.com").await;
    assert_eq!(stand.get("/v2/crawl").await.ok(StatusCode::OK)["data"], json!([]));
    assert_eq!(state(&stand, &target).await, "pending");
    stand.advance("30s").await;
    assert_eq!(stand.get("/v2/crawl").await.ok(StatusCode::OK)["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn new_status_is_shown_once_for_each_run() {
    let stand = following("new-status");
    let target = crawl(&stand, "skims.com").await;
    stand.advance("10s").await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(state(&stand, &target).await);
    }
    assert_eq!(seen, ["running", "running", "finalizing", "running"]);
}

#[tokio::test]
async fn extralt_page_has_the_robot_that_the_page_names() {
    let stand = following("extralt-page");
    let v0 = Client::new(&stand, V0);
    let urls =
        json!(["https://example-store.com/products/sneakers", "https://example-store.com/products/boots"]);
    let run = v0.run("your-robot-id", json!({ "start_urls": urls, "budget": 100 })).await;
    let over = v0.finished(&run).await;
    assert_eq!((&over["status"], &over["extracted"]), (&json!("completed"), &json!(100)));
}

#[tokio::test]
async fn extralt_start_plan_lets_one_run_work_and_fifty_captures_appear() {
    let stand = following("extralt-start-plan");
    let v1 = Client::new(&stand, V1);
    let (one, two) = (
        v1.run("your-robot-id", json!({ "budget": 30 })).await,
        v1.run("your-robot-id", json!({ "budget": 30 })).await,
    );
    stand.advance("8s").await;
    assert_eq!([v1.run_status(&one).await, v1.run_status(&two).await], ["running", "pending"]);
    let (one, two) = (v1.finished(&one).await, v1.finished(&two).await);
    assert_eq!((&one["extracted"], &two["extracted"]), (&json!(30), &json!(20)));
    assert_eq!(two["status_reason"], "Out of credits");
    let refused = v1.post("/extract/runs", json!({ "robot_id": "your-robot-id" })).await;
    assert_eq!(refused.status, StatusCode::PAYMENT_REQUIRED);
}

#[tokio::test]
async fn extralt_refused_robots_says_why_each_is_refused() {
    let stand = following("extralt-refused-robots");
    let v1 = Client::new(&stand, V1);
    let built = async |host: &str| {
        let body = json!({ "url": format!("https://{host}"), "country": "US" });
        let asked = v1.post("/extract/robots", body).await.ok(StatusCode::ACCEPTED);
        stand.advance("40s").await;
        v1.read(&format!("/extract/robots/{}", asked["id"].as_str().unwrap())).await
    };
    for (name, refusal) in [
        ("blog", "not_store"),
        ("foreign", "unknown_language"),
        ("moved", "off_site_redirect"),
        ("huge", "needs_scale"),
        ("down", "unreachable"),
    ] {
        let robot = built(&format!("{name}.refused.example")).await;
        assert_eq!((&robot["status"], &robot["refusal"]), (&json!("failed"), &json!(refusal)));
    }
    for host in ["down.refused.example", "other.example"] {
        assert_eq!(built(host).await["status"], "completed", "{host}");
    }
}

#[tokio::test]
async fn extralt_failing_runs_fail_half_way_and_complete_when_restarted() {
    let stand = following("extralt-failing-runs");
    let v1 = Client::new(&stand, V1);
    let run = v1.run("failing-robot", json!({})).await;
    let failed = v1.finished(&run).await;
    assert_eq!(failed["status_reason"], "The shop has blocked the robot.");
    assert_eq!((&failed["status"], &failed["extracted"]), (&json!("failed"), &json!(20)));
    assert_eq!(v1.list(&format!("/extract/captures?run_id={run}")).await.len(), 20);
    v1.act(&format!("/extract/runs/{run}/restart")).await.ok(StatusCode::ACCEPTED);
    assert_eq!(v1.finished(&run).await["status"], "completed");
    let stuck = v1.run("stuck-robot", json!({})).await;
    stand.advance("1d").await;
    assert_eq!(v1.run_status(&stuck).await, "running");
}

#[tokio::test]
async fn extralt_schedules_have_brought_runs_and_go_on() {
    let stand = following("extralt-schedules");
    let v1 = Client::new(&stand, V1);
    let count = async || {
        let target = "/_rehearsal/runs?key=test-a&kind=run&limit=1";
        stand.get(target).await.ok(StatusCode::OK)["total"].as_u64().unwrap()
    };
    assert_eq!(v1.read("/extract/schedules/daily-catalogue").await["enabled"], true);
    assert_eq!(count().await, 48 + 2);
    assert_eq!(v1.list("/enrich/enrichments").await.len(), 1, "the last daily run began just now");
    stand.advance("30d").await;
    assert_eq!(count().await, 32 * 25);
}
