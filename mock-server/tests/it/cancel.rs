use http::StatusCode;
use serde_json::{Value, json};

use crate::harness::Stand;

const JOBS: [(&str, &str); 3] =
    [("crawl", "skims.com"), ("extract", "https://nike.com/a"), ("agentic-search", "boots")];

async fn create(stand: &Stand, resource: &str, input: &str) -> String {
    let body = match resource {
        "crawl" => json!({ "url": input }),
        "extract" => json!({ "urls": [input] }),
        _ => json!({ "query": input }),
    };
    let id = stand.create(&format!("/v2/{resource}"), body).await;
    format!("/v2/{resource}/{id}")
}

#[tokio::test]
async fn a_running_job_is_canceled_and_then_has_failed() {
    let stand = Stand::new();
    for (resource, input) in JOBS {
        let target = create(&stand, resource, input).await;
        stand.advance("2100ms").await;
        let canceled = stand.delete(&target).await.ok(StatusCode::OK);
        assert_eq!(canceled["status"], "canceled");
        assert!(target.ends_with(canceled["execution_id"].as_str().unwrap()));
        let after = stand.get(&target).await.ok(StatusCode::OK);
        assert_eq!(after["status"], "failed");
        assert!(after["error"].is_string());
        assert_eq!(after["meta"]["stop_date"], canceled["stop_date"]);
        stand.advance("1h").await;
        assert_eq!(
            stand.get(&target).await.ok(StatusCode::OK),
            after,
            "{resource}: what has ended stays as it is"
        );
        let list = stand.get(&format!("/v2/{resource}?status=failed")).await.ok(StatusCode::OK);
        assert_eq!(list["data"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn what_is_not_running_cannot_be_canceled() {
    let stand = Stand::new();
    for (resource, input) in JOBS {
        let target = create(&stand, resource, input).await;
        let refuse = async || stand.delete(&target).await.refused(StatusCode::BAD_REQUEST, "INVALID_REQUEST");
        let pending = refuse().await;
        stand.finish(&target).await;
        let before = stand.get(&target).await.ok(StatusCode::OK);
        assert_eq!(refuse().await, "Execution is not running and cannot be canceled");
        assert_eq!(pending, "Execution is not running and cannot be canceled");
        assert_eq!(stand.get(&target).await.ok(StatusCode::OK), before);
    }
}

#[tokio::test]
async fn a_canceled_crawl_shows_where_it_stopped_and_frees_its_host() {
    let stand = Stand::new();
    let target = create(&stand, "crawl", "skims.com").await;
    stand.advance("3s").await;
    stand.delete(&target).await.ok(StatusCode::OK);
    let body = stand.get(&target).await.ok(StatusCode::OK);
    let states: Vec<&Value> =
        body["meta"]["steps"].as_array().unwrap().iter().map(|step| &step["status"]).collect();
    assert_eq!(states.iter().filter(|state| **state == "failed").count(), 1);
    assert!(!states.contains(&&json!("running")));
    assert_ne!(create(&stand, "crawl", "skims.com").await, target);
}
