//! What goes wrong on purpose, on Extralt's operations.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Client, Version, control};
use crate::harness::{Answer, Stand};

async fn arm(stand: &Stand, fault: Value) {
    let _ = control(stand, Method::POST, "/faults", Some(fault)).await.ok(StatusCode::CREATED);
}

#[track_caller]
fn fired(answer: Answer) -> Answer {
    assert_eq!(answer.headers.get("x-rehearsal-fault").map(|value| value.to_str().unwrap()), Some("it"));
    answer
}

#[track_caller]
fn clean(answer: &Answer) {
    assert!(!answer.headers.contains_key("x-rehearsal-fault"), "{}", answer.text);
}

#[tokio::test]
async fn a_stop_that_is_lost_is_accepted_and_stops_nothing() {
    for version in Version::BOTH {
        let stand = Stand::new();
        let client = Client::new(&stand, version);
        let robot = client.robot("https://shop.example").await;
        let run = client.run(&robot, json!({ "budget": 30 })).await;
        arm(
            &stand,
            json!({ "id": "it", "match": { "operation": "extralt.*.stop" }, "state": "lose-cancel" }),
        )
        .await;
        stand.advance("6s").await;
        assert!(fired(client.act(&format!("/extract/runs/{run}/stop")).await).status.is_success());
        let over = client.finished(&run).await;
        assert_eq!(over["status"], "completed");
        let enrichment = client.enrich(&run).await;
        assert!(
            fired(client.act(&format!("/enrich/enrichments/{enrichment}/stop")).await).status.is_success()
        );
        clean(&client.act(&format!("/extract/runs/{run}/stop")).await);
    }
}

#[tokio::test]
async fn what_is_new_is_hidden_from_everything_that_names_it() {
    for version in Version::BOTH {
        let stand = Stand::new();
        let client = Client::new(&stand, version);
        let robot = client.robot("https://shop.example").await;
        let hidden =
            json!({ "id": "it", "match": { "api": "extralt" }, "state": { "hidden-after-create": "3s" } });
        arm(&stand, hidden).await;
        let run = client.run(&robot, json!({})).await;
        let cadence = json!({ "interval_amount": 1, "interval_unit": "day" });
        let schedule =
            client.post("/extract/schedules", json!({ "robot_id": robot, "cadence": cadence })).await;
        let schedule = schedule.ok(StatusCode::CREATED)["id"].as_str().unwrap().to_owned();
        let paths = [
            (Method::GET, format!("/extract/runs/{run}")),
            (Method::POST, format!("/extract/runs/{run}/restart")),
            (Method::GET, format!("/extract/captures?run_id={run}")),
            (Method::GET, format!("/extract/captures/count?run_id={run}")),
            (Method::GET, format!("/extract/schedules/{schedule}")),
            (Method::POST, format!("/extract/schedules/{schedule}/resume")),
        ];
        for (method, path) in &paths {
            let answer = fired(client.send(method.clone(), path, &[], None).await);
            let _ = answer.extralt_refuses(version, StatusCode::NOT_FOUND, "not_found");
        }
        for list in ["/extract/runs", "/extract/schedules"] {
            let listed = fired(client.get(list).await).ok(StatusCode::OK);
            assert_eq!(listed[version.items()], json!([]), "{list}");
        }
        stand.advance("3s").await;
        for (method, path) in &paths {
            let answer = client.send(method.clone(), path, &[], None).await;
            assert_ne!(answer.status, StatusCode::NOT_FOUND, "{path}");
            clean(&answer);
        }
        assert_eq!(client.list("/extract/runs").await.len(), 1);
    }
}

#[tokio::test]
async fn a_stale_read_shows_what_was_true() {
    for version in Version::BOTH {
        let stand = Stand::new();
        let client = Client::new(&stand, version);
        let robot = client.robot("https://shop.example").await;
        let old = client.run(&robot, json!({ "budget": 50 })).await;
        stand.advance("6s").await;
        let before = client.read(&format!("/extract/runs/{old}")).await;
        let count = client.read(&format!("/extract/captures/count?run_id={old}")).await;
        stand.advance("5s").await;
        let new = client.run(&robot, json!({})).await;
        let stale = json!({ "id": "it", "match": { "api": "extralt" }, "state": { "stale-read": "5s" } });
        arm(&stand, stale).await;
        assert_eq!(fired(client.get(&format!("/extract/runs/{old}")).await).json(), before);
        assert_eq!(fired(client.get(&format!("/extract/captures/count?run_id={old}")).await).json(), count);
        let listed = fired(client.get("/extract/runs").await).json()[version.items()].clone();
        assert_eq!(listed.as_array().unwrap().len(), 1, "the new one was not there");
        assert_eq!(listed[0][version.id()], old.as_str());
        clean(&client.get(&format!("/extract/robots/{robot}")).await);
        stand.advance("1m").await;
        clean(&client.get(&format!("/extract/runs/{new}")).await);
    }
}

#[tokio::test]
async fn progress_goes_back_and_items_stand_twice() {
    for version in Version::BOTH {
        let stand = Stand::new();
        let client = Client::new(&stand, version);
        let robot = client.robot("https://shop.example").await;
        let run = client.run(&robot, json!({ "budget": 50 })).await;
        client.run(&robot, json!({ "budget": 1 })).await;
        stand.advance("12s").await;
        let path = format!("/extract/runs/{run}");
        let real = client.read(&path).await["extracted"].as_u64().unwrap();
        let regress =
            json!({ "id": "it", "match": { "operation": "extralt.runs.get" }, "state": "regress-progress" });
        arm(&stand, regress).await;
        assert_eq!(fired(client.get(&path).await).json()["extracted"], real / 2);
        let _ = control(&stand, Method::DELETE, "/faults/it", None).await;
        arm(&stand, json!({ "id": "it", "match": { "api": "extralt" }, "state": "duplicate-list-item" }))
            .await;
        for (list, items) in [
            ("/extract/runs".to_owned(), 2),
            ("/extract/robots".to_owned(), 1),
            (format!("/extract/captures?run_id={run}&limit=5"), 5),
        ] {
            let listed = fired(client.get(&list).await).ok(StatusCode::OK);
            assert_eq!(listed[version.items()].as_array().unwrap().len(), items + 1, "{list}");
        }
    }
}

#[tokio::test]
async fn an_error_on_purpose_has_the_shape_of_its_dialect() {
    for version in Version::BOTH {
        let stand = Stand::new();
        let client = Client::new(&stand, version);
        let _ = client.get("/extract/runs").await;
        let lost = json!({
            "id": "it", "match": { "version": version.prefix()[1..], "operation": "extralt.runs.list" },
            "respond": { "error": "unavailable", "retry-after": "4s" },
        });
        arm(&stand, lost).await;
        let answer = fired(client.get("/extract/runs").await);
        assert_eq!(answer.headers["retry-after"], "4");
        let _ = answer.extralt_refuses(version, StatusCode::SERVICE_UNAVAILABLE, "service_unavailable");
        let other = Version::BOTH.into_iter().find(|other| *other != version).unwrap();
        clean(&Client { version: other, ..client }.get("/extract/runs").await);
    }
}

#[tokio::test]
async fn a_fault_knows_a_run_by_its_robot_and_host() {
    let stand = Stand::new();
    let client = Client::new(&stand, super::V0);
    let (one, other) = (client.robot("https://one.example").await, client.robot("https://two.example").await);
    let matched = json!({ "run": { "kind": "run", "host": "one.example", "robot": one } });
    arm(&stand, json!({ "id": "it", "match": matched, "respond": { "status": 503 } })).await;
    let (met, spared) = (client.run(&one, json!({})).await, client.run(&other, json!({})).await);
    fired(client.get(&format!("/extract/runs/{met}")).await).ok(StatusCode::SERVICE_UNAVAILABLE);
    clean(&client.get(&format!("/extract/runs/{spared}")).await);
}

#[tokio::test]
async fn a_fault_that_nothing_can_show_is_refused() {
    let stand = Stand::new();
    let refused = [
        ("extralt.captures.export", "payload", json!("malformed-json"), "`extralt.captures.list`"),
        ("extralt.captures.export", "drift", json!("random-illegal"), "`extralt.captures.count`"),
        ("extralt.captures.export", "drift", json!([{ "remove": "/id" }]), "`extralt.captures.list`"),
        ("extralt.runs.get", "state", json!("duplicate-list-item"), "`extralt.runs.list`"),
        ("extralt.runs.stop", "state", json!({ "stale-read": "5s" }), "`extralt.runs.get`"),
    ];
    for (operation, effect, what, right) in refused {
        let fault = json!({ "match": { "operation": operation }, effect: what });
        let answer = control(&stand, Method::POST, "/faults", Some(fault)).await;
        let answer = answer.ok(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer["error"]["code"], "invalid_fault");
        let told = answer.to_string();
        assert!(told.contains("none of the operations of this fault can show"), "{told}");
        assert!(told.contains(right) && !told.contains("catalog."), "{told}");
    }
    // Of several, one that can is enough.
    let fault = json!({ "id": "it", "match": { "operation": "extralt.captures.*" }, "payload": "empty" });
    arm(&stand, fault).await;
}
