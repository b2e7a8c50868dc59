//! What a fresh key sees at once.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{KEY, Stand};

const FILLED: &str = "
world:
  catalog:
    crawls:
      - { url: https://www.skims.com/, results: 30 }
      - { url: shop.example, created: -10s, lifecycle: { pending: 0s, running: 30s }, results: 40 }
      - { url: gone.example, created: -2h, outcome: { failed: { step: Analyzing collections, error: Gone. } } }
    extracts:
      - { vendor: skims.com, max-products: 5, created: -30m, enable-reviews: true }
      - { urls: ['https://shop.example/p/1'], created: -5m, id: extract-urls-2f7c1f0e-6f0a-4c53-9a0b-51c1d8a7e3b4 }
    searches:
      - { query: red boots, created: -1d, id: agentic-0badcafe-1768386600000 }
account: { apis: { catalog: { credits: 100 } } }
";

async fn get(stand: &Stand, key: &str, path: &str) -> Value {
    stand.call(key, Method::GET, path, None).await.ok(StatusCode::OK)
}

/// Everything that lists show of a key's runs.
async fn lists(stand: &Stand, key: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for path in ["/v2/crawl", "/v2/extract", "/v2/agentic-search"] {
        all.push(get(stand, key, path).await["data"].clone());
    }
    all
}

fn ids(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|run| run["execution_id"].as_str().unwrap().to_owned()).collect()
}

async fn put(stand: &Stand, query: &str, scenario: &str) -> Value {
    let scenario: Value = serde_saphyr::from_str(scenario).unwrap();
    let path = format!("/_rehearsal/scenario?key={KEY}{query}");
    stand.call(KEY, Method::PUT, &path, Some(scenario)).await.ok(StatusCode::OK)
}

#[tokio::test]
async fn a_fresh_key_sees_its_runs_at_once() {
    let stand = Stand::with(FILLED);
    let [crawls, extracts, searches] = <[Value; 3]>::try_from(lists(&stand, KEY).await).unwrap();
    let statuses: Vec<&Value> = crawls.as_array().unwrap().iter().map(|run| &run["status"]).collect();
    assert_eq!(statuses, ["processing", "completed", "failed"], "the newest first: {crawls}");
    assert!(ids(&crawls)[1].starts_with("crawl-skims-com-"), "{crawls}");
    assert_eq!(ids(&searches), ["agentic-0badcafe-1768386600000"]);
    assert_eq!(ids(&extracts)[0], "extract-urls-2f7c1f0e-6f0a-4c53-9a0b-51c1d8a7e3b4");

    let failed = get(&stand, KEY, &format!("/v2/crawl/{}", ids(&crawls)[2])).await;
    assert_eq!((&failed["status"], &failed["error"]), (&json!("failed"), &json!("Gone.")));
    let search = get(&stand, KEY, "/v2/agentic-search/agentic-0badcafe-1768386600000").await;
    assert_eq!(search["meta"]["query"], "red boots");
    assert!(search["meta"]["start_date"].as_str().unwrap().starts_with("2026-01-14T10:30:01"), "{search}");
    let extract = get(&stand, KEY, &format!("/v2/extract/{}", ids(&extracts)[1])).await;
    let products = extract["data"].as_array().unwrap();
    assert_eq!(products.len(), 5);
    assert!(products.iter().all(|item| item["product"]["reviews"].is_array()));
    let account = get(&stand, KEY, "/_rehearsal/account").await;
    assert_eq!(account["apis"]["catalog"]["credits"], 100, "it cost nothing");
}

#[tokio::test]
async fn what_was_crawled_is_in_the_index() {
    let stand = Stand::with(FILLED);
    let count =
        async |stand: &Stand| get(stand, KEY, "/v2/vendors").await["pagination"]["total_items"].clone();
    let plain = count(&Stand::new()).await.as_u64().unwrap();
    assert_eq!(count(&stand).await, plain + 1, "one crawl has completed");
    let listings = get(&stand, KEY, "/v2/listings?vendor=skims.com&page_size=100").await;
    assert_eq!(listings["data"].as_array().unwrap().len(), 30);
    let nothing = get(&stand, KEY, "/v2/listings?vendor=shop.example").await;
    assert_eq!(nothing["data"], json!([]));
    stand.advance("20s").await;
    assert_eq!(count(&stand).await, plain + 2, "and then the other");
    let vendor = json!({"vendor": "shop.example"});
    let extract = stand.post("/v2/extract", vendor).await.ok(StatusCode::ACCEPTED);
    assert_eq!(extract["meta"]["url_count"], 40);
}

#[tokio::test]
async fn a_run_that_was_under_way_ends_when_the_clock_moves_or_is_canceled() {
    let stand = Stand::with(FILLED);
    let running = ids(&lists(&stand, KEY).await[0]).remove(0);
    let path = format!("/v2/crawl/{running}");
    assert_eq!(get(&stand, KEY, &path).await["status"], "running");
    stand.advance("next").await;
    let ended = get(&stand, KEY, &path).await;
    assert_eq!(
        (&ended["status"], &ended["meta"]["stop_date"]),
        (&json!("completed"), &json!("2026-01-15T10:30:20.000Z"))
    );

    let other = ids(&lists(&stand, "test-b").await[0]).remove(0);
    let path = format!("/v2/crawl/{other}");
    let _ = stand.call("test-b", Method::DELETE, &path, None).await.ok(StatusCode::OK);
    assert_eq!(get(&stand, "test-b", &path).await["status"], "failed");
}

#[tokio::test]
async fn two_worlds_share_nothing_of_it_but_what_is_pinned() {
    let stand = Stand::with(FILLED);
    let (one, other) = (lists(&stand, KEY).await, lists(&stand, "test-b").await);
    let crawls = [ids(&one[0]), ids(&other[0])];
    assert_eq!(crawls.concat().len(), 6);
    assert!(crawls[0].iter().all(|id| !crawls[1].contains(id)), "{crawls:?}");
    assert_eq!(one[2], other[2]);
    let path = format!("/v2/crawl/{}", crawls[0][0]);
    assert_eq!(stand.call("test-b", Method::GET, &path, None).await.status, StatusCode::NOT_FOUND);
    stand.advance("1h").await;
    assert_eq!(get(&stand, "test-b", &format!("/v2/crawl/{}", crawls[1][0])).await["status"], "running");
}

#[tokio::test]
async fn a_reset_brings_it_back() {
    let stand = Stand::with(FILLED);
    let before = lists(&stand, KEY).await;
    stand.create("/v2/crawl", json!({"url": "nike.com"})).await;
    stand.advance("1h").await;
    assert_ne!(lists(&stand, KEY).await, before);
    let reset = stand.post("/_rehearsal/reset", json!({})).await.ok(StatusCode::OK);
    assert_eq!(reset["worlds"][0]["runs"], 6);
    assert_eq!(lists(&stand, KEY).await, before);
}

#[tokio::test]
async fn a_scenario_that_comes_later_fills_the_world_at_its_reset() {
    let stand = Stand::new();
    let _ = stand.get("/v2/crawl").await.ok(StatusCode::OK);
    assert_eq!(put(&stand, "", "runs: []").await["applies_at_reset"], json!([]));
    assert_eq!(put(&stand, "", FILLED).await["applies_at_reset"], json!(["world"]));
    assert_eq!(lists(&stand, KEY).await[0], json!([]));
    assert_eq!(put(&stand, "&reset=true", FILLED).await["applies_at_reset"], json!([]));
    assert_eq!(ids(&lists(&stand, KEY).await[0]).len(), 3);
    assert_eq!(put(&stand, "", FILLED).await["applies_at_reset"], json!([]), "it began with this");
    assert_eq!(put(&stand, "", "runs: []").await["applies_at_reset"], json!(["world"]));
    assert_eq!(ids(&lists(&stand, KEY).await[0]).len(), 3, "and stays as it is until then");
}
