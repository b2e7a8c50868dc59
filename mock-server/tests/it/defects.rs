//! Servers that are broken on purpose: each defect shows, is counted, and is not there when it is off.

use http::{Method, Request, StatusCode};
use mock_server::shared::defects::Defect;
use serde_json::{Value, json};

use crate::harness::{Answer, KEY, Stand};

const OTHER: &str = "test-b";
const CRAWL: &str = "/v2/crawl";
const EXTRACT: &str = "/v2/extract";
const SEARCH: &str = "/v2/agentic-search";

async fn get(stand: &Stand, target: &str) -> Value {
    stand.get(target).await.json()
}

async fn state(stand: &Stand, target: &str) -> String {
    get(stand, target).await["status"].as_str().unwrap_or_default().to_owned()
}

fn ids(list: &Value) -> Vec<&str> {
    let items = list["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().map(|item| item["execution_id"].as_str().unwrap()).collect()
}

async fn listed(stand: &Stand, target: &str) -> usize {
    ids(&get(stand, target).await).len()
}

async fn bare(stand: &Stand, target: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    stand.send(request.body(axum::body::Body::empty()).unwrap()).await
}

/// How often a path was called, as the server counts.
async fn calls(stand: &Stand, path: &str) -> u64 {
    let usage = get(stand, "/v2/usage?period=7d").await;
    let paths = usage["data"].as_array().unwrap();
    let entry = paths.iter().find(|entry| entry["path"] == path).unwrap();
    entry["total_calls"].as_u64().unwrap()
}

/// A run of the usual key: its address.
async fn run(stand: &Stand, kind: &str) -> String {
    let body = match kind {
        CRAWL => json!({ "url": "a.example" }),
        EXTRACT => json!({ "urls": (1..=5).map(|n| format!("https://a.example/{n}")).collect::<Vec<_>>() }),
        _ => json!({ "query": "red boots" }),
    };
    let answer = stand.post(kind, body).await.json();
    format!("{kind}/{}", answer["execution_id"].as_str().unwrap())
}

/// A run that runs and was seen to.
async fn running(stand: &Stand, kind: &str) -> String {
    let target = run(stand, kind).await;
    for _ in 0..40 {
        stand.advance("100ms").await;
        if state(stand, &target).await != "pending" {
            break;
        }
    }
    target
}

async fn advance(stand: &Stand) {
    stand.advance("10m").await;
}

/// A run that is over.
async fn over(stand: &Stand, kind: &str) -> String {
    let target = run(stand, kind).await;
    advance(stand).await;
    target
}

/// An extract that waits, and its crawl.
async fn waiting(stand: &Stand) -> (String, String) {
    let crawl = running(stand, CRAWL).await;
    let id = crawl.rsplit('/').next().unwrap();
    let body = json!({ "vendor": "a.example", "crawl_id": id, "max_products": 3 });
    let extract = stand.create(EXTRACT, body).await;
    (format!("{EXTRACT}/{extract}"), crawl)
}

/// Whether a server behaves as this defect would have it.
async fn shows(defect: Defect, stand: &Stand) -> bool {
    match defect {
        Defect::TenantLeakGet => {
            let target = over(stand, EXTRACT).await;
            stand.call(OTHER, Method::GET, &target, None).await.status == StatusCode::OK
        }
        Defect::TenantLeakList => {
            run(stand, EXTRACT).await;
            let list = stand.call(OTHER, Method::GET, EXTRACT, None).await.ok(StatusCode::OK);
            // The owner was served before.
            !ids(&list).is_empty()
        }
        Defect::TenantLeakCancel => {
            let target = running(stand, SEARCH).await;
            let _ = stand.call(OTHER, Method::DELETE, &target, None).await;
            state(stand, &target).await == "failed"
        }
        Defect::TenantsShared => {
            let target = run(stand, EXTRACT).await;
            stand.call(OTHER, Method::GET, &target, None).await.status == StatusCode::OK
        }
        Defect::AuthOptional => {
            run(stand, EXTRACT).await;
            let create = Request::post(EXTRACT).body(axum::body::Body::from("{}")).unwrap();
            assert_eq!(stand.send(create).await.status, StatusCode::UNAUTHORIZED, "only lists are open");
            let answer = bare(stand, EXTRACT, &[]).await;
            answer.status == StatusCode::OK && ids(&answer.json()).len() == 1
        }
        Defect::BearerIgnored => {
            let answer = bare(stand, CRAWL, &[("authorization", "Bearer test-a")]).await;
            answer.status == StatusCode::UNAUTHORIZED
        }
        Defect::KeyNotChecked => {
            run(stand, CRAWL).await;
            bare(stand, CRAWL, &[("x-api-key", "invalid-1")]).await.status == StatusCode::OK
        }
        Defect::LostWrite => {
            let target = run(stand, EXTRACT).await;
            let list = listed(stand, EXTRACT).await;
            let mut found = Vec::new();
            for _ in 0..3 {
                found.push(stand.get(&target).await.status.as_u16());
            }
            assert_eq!(listed(stand, EXTRACT).await, 1, "in the end it is there");
            (list, found) == (0, vec![404, 404, 200])
        }
        Defect::GhostJob => {
            let answer = stand.post(EXTRACT, json!({})).await;
            answer.refused(StatusCode::BAD_REQUEST, "INVALID_REQUEST");
            listed(stand, EXTRACT).await == 1
        }
        Defect::DoubleCreate => {
            run(stand, SEARCH).await;
            listed(stand, SEARCH).await == 2
        }
        Defect::IdCollision => run(stand, SEARCH).await == run(stand, SEARCH).await,
        Defect::DedupeMissing => {
            let first = running(stand, CRAWL).await;
            let second = run(stand, CRAWL).await;
            if first == second {
                return false;
            }
            let read = stand.get(&second).await.ok(StatusCode::OK);
            assert_eq!(read["meta"]["vendor"], "a.example");
            assert!(second.starts_with("/v2/crawl/crawl-a-example-"), "{second}");
            listed(stand, CRAWL).await == 2
        }
        Defect::RejectAllCreates => {
            let answer = stand.post(CRAWL, json!({ "url": "a.example" })).await;
            answer.status == StatusCode::BAD_REQUEST
        }
        Defect::AcceptAllCreates => {
            let answer = stand.post(SEARCH, json!({ "query": 7 })).await;
            answer.status == StatusCode::ACCEPTED
        }
        Defect::LimitsTooLoose | Defect::LimitsTooTight => {
            let urls = |count| (1..=count).map(|n| format!("https://a.example/{n}")).collect::<Vec<_>>();
            let mut seen = Vec::new();
            for (size, count) in [(100, 1_000), (101, 1_001)] {
                seen.push(stand.get(&format!("{CRAWL}?page_size={size}")).await.status.as_u16());
                seen.push(stand.post(EXTRACT, json!({ "urls": urls(count) })).await.status.as_u16());
            }
            seen == if defect == Defect::LimitsTooLoose { [200, 202, 200, 202] } else { [400; 4] }
        }
        Defect::CancelNoOp => {
            let target = running(stand, SEARCH).await;
            stand.delete(&target).await.ok(StatusCode::OK);
            state(stand, &target).await == "running"
        }
        Defect::CancelRevives => {
            let target = running(stand, SEARCH).await;
            stand.delete(&target).await.ok(StatusCode::OK);
            state(stand, &target).await == "failed" && state(stand, &target).await == "running"
        }
        Defect::CancelTerminalAccepted => {
            let target = over(stand, SEARCH).await;
            stand.delete(&target).await.status == StatusCode::OK
        }
        Defect::CancelTwice500 => {
            let target = running(stand, SEARCH).await;
            stand.delete(&target).await.ok(StatusCode::OK);
            stand.delete(&target).await.status == StatusCode::INTERNAL_SERVER_ERROR
        }
        Defect::Sticky => {
            let target = running(stand, EXTRACT).await;
            advance(stand).await;
            state(stand, &target).await == "running"
        }
        Defect::SkipRunning => {
            let target = running(stand, CRAWL).await;
            let body = get(stand, &target).await;
            body["status"] == "pending" && body["meta"]["steps"][0]["status"] == "pending"
        }
        Defect::BackToPending => {
            let target = running(stand, SEARCH).await;
            state(stand, &target).await == "pending" && state(stand, &target).await == "running"
        }
        Defect::TerminalRewrites => {
            let target = over(stand, SEARCH).await;
            get(stand, &target).await["meta"]["duration_ms"]
                != get(stand, &target).await["meta"]["duration_ms"]
        }
        Defect::ProgressFalls => {
            let target = running(stand, CRAWL).await;
            stand.advance("15s").await;
            let before = get(stand, &target).await;
            stand.advance("10ms").await;
            let after = get(stand, &target).await;
            let counted = |body: &Value| body["meta"]["progress"]["listings_found"].as_u64().unwrap();
            counted(&after) < counted(&before)
        }
        Defect::ReadOneBehind => {
            let target = running(stand, SEARCH).await;
            stand.delete(&target).await.ok(StatusCode::OK);
            state(stand, &target).await == "running"
        }
        Defect::WaitingStartsEarly => state(stand, &waiting(stand).await.0).await == "running",
        Defect::WaitingNeverReleased => {
            let (extract, _) = waiting(stand).await;
            stand.get(&extract).await.ok(StatusCode::OK);
            advance(stand).await;
            state(stand, &extract).await == "pending"
        }
        Defect::CrawlFailureIgnored => {
            let (extract, crawl) = waiting(stand).await;
            stand.get(&extract).await.ok(StatusCode::OK);
            stand.delete(&crawl).await.ok(StatusCode::OK);
            state(stand, &extract).await == "completed"
        }
        Defect::ListStale => {
            let target = run(stand, EXTRACT).await;
            let before = get(stand, EXTRACT).await;
            advance(stand).await;
            let after = get(stand, EXTRACT).await;
            state(stand, &target).await == "completed"
                && before["data"][0]["status"] == after["data"][0]["status"]
        }
        Defect::ListOrderFlip => {
            run(stand, SEARCH).await;
            stand.advance("1s").await;
            let newest = run(stand, SEARCH).await;
            !newest.ends_with(ids(&get(stand, SEARCH).await)[0])
        }
        Defect::FilterIgnored => {
            run(stand, SEARCH).await;
            listed(stand, &format!("{SEARCH}?status=failed")).await == 1
        }
        Defect::FilterInverted => {
            run(stand, SEARCH).await;
            listed(stand, &format!("{SEARCH}?status=failed")).await == 1
                && listed(stand, &format!("{SEARCH}?status=processing")).await == 0
        }
        Defect::FilterTooNarrow => {
            running(stand, SEARCH).await;
            run(stand, SEARCH).await;
            listed(stand, &format!("{SEARCH}?status=processing")).await == 1
        }
        Defect::PageOverlap | Defect::PageGap => {
            let target = over(stand, EXTRACT).await;
            let mut urls = Vec::new();
            for page in 1..=3 {
                let page = get(stand, &format!("{target}?page={page}&page_size=2")).await;
                urls.extend(page["data"].as_array().unwrap().iter().map(|item| item["url"].to_string()));
            }
            let all = urls.len();
            urls.dedup();
            if defect == Defect::PageGap { all < 5 } else { all == 5 && urls.len() < 5 }
        }
        Defect::PageSizeOffByOne => {
            let target = over(stand, EXTRACT).await;
            let page = get(stand, &format!("{target}?page_size=2")).await;
            let expected = json!({
                "page": 1, "page_size": 2, "total_items": 5, "total_pages": 3, "has_next": true, "has_prev": false
            });
            assert_eq!(page["pagination"], expected);
            run(stand, EXTRACT).await;
            let calls = calls(stand, EXTRACT).await;
            let list = get(stand, &format!("{EXTRACT}?page_size=1")).await;
            assert_eq!(self::calls(stand, EXTRACT).await, calls + 1, "a list is one call");
            let shown = ids(&list).len();
            if shown == 2 {
                let pagination = &list["pagination"];
                assert_eq!((&pagination["page_size"], &pagination["total_items"]), (&json!(1), &json!(2)));
            }
            page["data"].as_array().unwrap().len() == 3 && shown == 2
        }
        Defect::PageOrderDrifts => {
            let target = over(stand, EXTRACT).await;
            get(stand, &target).await["data"] != get(stand, &target).await["data"]
        }
        Defect::RateLimitNeverRefuses | Defect::RetryAfterTooShort => {
            let limit = json!({ "apis": { "catalog": { "rate-limit": { "requests": 2, "per": "4s" } } } });
            stand.get(CRAWL).await.ok(StatusCode::OK);
            let patch = stand.call(KEY, Method::PATCH, "/_rehearsal/account", Some(limit)).await;
            patch.ok(StatusCode::OK);
            let mut answers = Vec::new();
            for _ in 0..6 {
                answers.push(stand.get(CRAWL).await);
            }
            let refused = answers.iter().find(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS);
            match refused {
                Some(refused) if defect == Defect::RetryAfterTooShort => {
                    refused.headers["retry-after"] == "1"
                }
                refused => refused.is_none(),
            }
        }
        Defect::FlakyOneInThree => {
            let mut lost = Vec::new();
            for number in 1..=7 {
                if stand.get(CRAWL).await.status == StatusCode::INTERNAL_SERVER_ERROR {
                    lost.push(number);
                }
            }
            lost == [3, 6]
        }
    }
}

#[tokio::test]
async fn each_defect_shows_when_it_is_on_and_only_then() {
    for defect in Defect::ALL {
        assert!(!shows(*defect, &Stand::new()).await, "a sound server shows {}", defect.name());
        let broken = Stand::broken(&[*defect]);
        assert!(shows(*defect, &broken).await, "{} does not show", defect.name());
        let health = broken.get("/_rehearsal/health").await.ok(StatusCode::OK);
        assert_eq!(health["defects"][0]["name"], defect.name());
        assert!(health["defects"][0]["fired"].as_u64() > Some(0), "{}: {health}", defect.name());
    }
}

#[tokio::test]
async fn a_defect_counts_what_it_changes_and_nothing_else() {
    let stand = Stand::broken(&[Defect::CancelTwice500, Defect::ListOrderFlip]);
    let fired = async || {
        let health = stand.get("/_rehearsal/health").await.ok(StatusCode::OK);
        let defects = health["defects"].as_array().unwrap();
        defects.iter().map(|defect| defect["fired"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let target = running(&stand, SEARCH).await;
    stand.get(SEARCH).await.ok(StatusCode::OK);
    stand.delete(&target).await.ok(StatusCode::OK);
    assert_eq!(fired().await, [0, 0], "one run has no order, and it was canceled once");
    stand.delete(&target).await.refused(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR");
    run(&stand, SEARCH).await;
    stand.get(SEARCH).await.ok(StatusCode::OK);
    assert_eq!(fired().await, [1, 1]);
}

#[tokio::test]
async fn a_sound_server_says_nothing_of_defects() {
    let health = Stand::new().get("/_rehearsal/health").await.ok(StatusCode::OK);
    assert_eq!(health.get("defects"), None);
}

#[tokio::test]
async fn a_broken_server_forgets_a_world_that_is_forgotten() {
    let stand = Stand::broken(&[Defect::TenantLeakGet, Defect::CancelTwice500]);
    let target = running(&stand, SEARCH).await;
    stand.delete(&target).await.ok(StatusCode::OK);
    stand.call(KEY, Method::POST, "/_rehearsal/reset", None).await.ok(StatusCode::OK);
    let again = running(&stand, SEARCH).await;
    assert_eq!(again, target, "ids repeat");
    advance(&stand).await;
    stand.delete(&again).await.refused(StatusCode::BAD_REQUEST, "INVALID_REQUEST");
    let answer = stand.call(KEY, Method::DELETE, "/_rehearsal/worlds/test-a", None).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let leaked = stand.call(OTHER, Method::GET, &target, None).await;
    leaked.refused(StatusCode::NOT_FOUND, "NOT_FOUND");
}

#[tokio::test]
async fn a_broken_server_still_refuses_what_does_not_arrive_and_serves_behind_its_alias() {
    let stand = Stand::broken(&[Defect::CancelNoOp]);
    let request = Request::post("/catalog/v2/extract").header("x-api-key", KEY);
    let large = request.body(axum::body::Body::from(vec![b' '; 5 * 1024 * 1024])).unwrap();
    stand.send(large).await.refused(StatusCode::PAYLOAD_TOO_LARGE, "INVALID_REQUEST");
    let target = running(&stand, SEARCH).await;
    stand.delete(&format!("/catalog{target}")).await.ok(StatusCode::OK);
    assert_eq!(state(&stand, &target).await, "running");
}
