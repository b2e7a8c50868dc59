//! Enrichments, asked for and by themselves.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Client, V0, V1, Version, account};
use crate::harness::Stand;

#[tokio::test]
async fn an_enrichment_passes_through_its_states_and_makes_an_item_of_each_capture() {
    for version in Version::BOTH {
        let stand = Stand::new();
        let client = Client::new(&stand, version);
        let robot = client.robot("https://shop.example").await;
        let run = client.run(&robot, json!({ "budget": 9 })).await;
        let early = json!({ "source": { "kind": "run", "id": run } });
        let refused = client.post("/enrich/enrichments", early).await;
        let _ = refused.extralt_refuses(version, StatusCode::CONFLICT, "conflict");
        client.finished(&run).await;
        let id = client.enrich(&run).await;
        let path = format!("/enrich/enrichments/{id}");
        let mut seen: Vec<Value> = Vec::new();
        for _ in 0..200 {
            let status = client.read(&path).await["status"].clone();
            if seen.last() != Some(&status) {
                seen.push(status);
            }
            stand.advance("100ms").await;
        }
        assert_eq!(seen, ["pending", "running", "materializing", "completed"]);
        let over = client.read(&path).await;
        assert_eq!((&over["processed"], &over["errors"]), (&json!(9), &json!(0)));
        assert_eq!(over["source"], json!({ "kind": "run", "id": run }));
        assert_eq!(client.list(&format!("/enrich/items?enrichment_id={id}")).await.len(), 9);
        let refused = client.act(&format!("{path}/stop")).await;
        let _ = refused.extralt_refuses(version, StatusCode::CONFLICT, "conflict");
        assert_ne!(client.enrich(&run).await, id, "a completed one is not continued");
        assert_eq!(client.list("/enrich/enrichments").await.len(), 2);
    }
}

#[tokio::test]
async fn a_list_of_one_source_has_the_enrichments_of_no_other() {
    for version in Version::BOTH {
        let stand = Stand::new();
        let client = Client::new(&stand, version);
        let robot = client.robot("https://shop.example").await;
        let mut expected = Vec::new();
        for _ in 0..2 {
            let run = client.run(&robot, json!({ "budget": 2 })).await;
            client.finished(&run).await;
            expected.push((client.enrich(&run).await, run));
        }
        for (enrichment, run) in &expected {
            let listed = client.list(&format!("/enrich/enrichments?source_id={run}")).await;
            let ids: Vec<&Value> = listed.iter().map(|it| &it[version.id()]).collect();
            assert_eq!(ids, [enrichment]);
        }
        assert_eq!(client.list("/enrich/enrichments?source_id=nobody").await, [] as [Value; 0]);
    }
}

#[tokio::test]
async fn one_that_was_stopped_goes_on_where_it_was() {
    for version in Version::BOTH {
        let stand = Stand::new();
        let client = Client::new(&stand, version);
        let robot = client.robot("https://shop.example").await;
        let run = client.run(&robot, json!({ "budget": 60 })).await;
        client.finished(&run).await;
        let id = client.enrich(&run).await;
        assert_eq!(client.enrich(&run).await, id, "one that is under way is the one");
        stand.advance("4s").await;
        let path = format!("/enrich/enrichments/{id}");
        let stopped = client.act(&format!("{path}/stop")).await;
        match version {
            V0 => stopped.nothing(),
            V1 => assert_eq!(stopped.ok(StatusCode::OK)["status"], "stopped"),
        }
        let done = client.read(&path).await["processed"].as_u64().unwrap();
        assert!((1..60).contains(&done), "{done}");
        assert_eq!(client.enrich(&run).await, id);
        assert_eq!(client.read(&path).await["processed"], done);
        stand.advance("1m").await;
        let over = client.read(&path).await;
        assert_eq!((&over["status"], &over["processed"]), (&json!("completed"), &json!(60)));
    }
}

#[tokio::test]
async fn a_run_that_asks_for_it_is_enriched_by_itself() {
    let stand = Stand::new();
    let v1 = Client::new(&stand, V1);
    let robot = v1.robot("https://shop.example").await;
    let run = v1.run(&robot, json!({ "budget": 4, "auto_enrich": true })).await;
    let over = v1.finished(&run).await;
    let made = v1.list("/enrich/enrichments").await.swap_remove(0);
    assert_eq!((&made["triggered_by"], &made["source"]["id"]), (&json!("auto"), &json!(run)));
    assert_eq!((&made["created_at"], &made["status"]), (&over["finished_at"], &json!("completed")));
}

#[tokio::test]
async fn without_credits_for_it_a_run_is_not_enriched_and_an_enrichment_stops() {
    let stand = Stand::with("account: { apis: { extralt: { credits: 20 } } }");
    let v1 = Client::new(&stand, V1);
    let robot = v1.robot("https://shop.example").await;
    let run = v1.run(&robot, json!({ "budget": 10, "auto_enrich": true })).await;
    v1.finished(&run).await;
    assert_eq!(v1.list("/enrich/enrichments").await, [] as [Value; 0]);
    let asked = v1.post("/enrich/enrichments", json!({ "source": { "kind": "run", "id": run } })).await;
    let _ = asked.extralt_refuses(V1, StatusCode::PAYMENT_REQUIRED, "insufficient_credits");
    account(&stand, json!({ "credits": 3 })).await;
    let id = v1.enrich(&run).await;
    stand.advance("1m").await;
    let dry = v1.read(&format!("/enrich/enrichments/{id}")).await;
    assert_eq!((&dry["status"], &dry["status_reason"]), (&json!("stopped"), &json!("Out of credits")));
    assert_eq!(dry["processed"], 3);
}

#[tokio::test]
async fn a_third_comes_to_nothing_at_the_partial_shop() {
    let stand = Stand::new();
    let v1 = Client::new(&stand, V1);
    let robot = v1.robot("https://partial.test").await;
    let run = v1.run(&robot, json!({ "budget": 9 })).await;
    assert_eq!(v1.finished(&run).await["extracted"], 9);
    let id = v1.enrich(&run).await;
    stand.advance("1m").await;
    let over = v1.read(&format!("/enrich/enrichments/{id}")).await;
    assert_eq!((&over["processed"], &over["errors"]), (&json!(6), &json!(3)));
    assert_eq!(v1.list(&format!("/enrich/items?enrichment_id={id}")).await.len(), 6);
}
