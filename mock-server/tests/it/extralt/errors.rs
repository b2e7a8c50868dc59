//! What is refused, with which status and in which words.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Client, V0, V1, Version};
use crate::harness::Stand;

const BAD: StatusCode = StatusCode::BAD_REQUEST;
const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

#[tokio::test]
async fn a_body_that_is_wrong_is_refused_as_its_dialect_has_it() {
    let stand = Stand::new();
    for version in Version::BOTH {
        let client = Client::new(&stand, version);
        let robot = client.robot(&format!("https://shop{}.example", version as u8)).await;
        let mine = json!(robot);
        let cadence = json!({ "interval_amount": 1, "interval_unit": "hour" });
        let cases: &[(&str, Value, StatusCode)] = &[
            ("/extract/runs", json!({}), BAD),
            ("/extract/runs", json!([]), BAD),
            ("/extract/runs", json!({ "robot_id": 5 }), UNPROCESSABLE),
            ("/extract/runs", json!({ "robot_id": "nothing" }), StatusCode::NOT_FOUND),
            ("/extract/runs", json!({ "robot_id": mine, "budget": 0 }), UNPROCESSABLE),
            ("/extract/runs", json!({ "robot_id": mine, "budget": -1 }), UNPROCESSABLE),
            ("/extract/runs", json!({ "robot_id": mine, "budget": 1.5 }), UNPROCESSABLE),
            ("/extract/runs", json!({ "robot_id": mine, "budget": 1e20 }), UNPROCESSABLE),
            ("/extract/runs", json!({ "robot_id": mine, "budget": true }), UNPROCESSABLE),
            ("/extract/runs", json!({ "robot_id": mine, "start_urls": ["nonsense"] }), UNPROCESSABLE),
            (
                "/extract/runs",
                json!({ "robot_id": mine, "start_urls": ["https://else.example/"] }),
                UNPROCESSABLE,
            ),
            (
                "/extract/runs",
                json!({ "robot_id": mine, "start_urls": "https://else.example/" }),
                UNPROCESSABLE,
            ),
            ("/extract/schedules", json!({ "robot_id": mine }), BAD),
            (
                "/extract/schedules",
                json!({ "robot_id": "nothing", "cadence": cadence }),
                StatusCode::NOT_FOUND,
            ),
            (
                "/extract/schedules",
                json!({ "robot_id": mine, "cadence": { "interval_amount": 0, "interval_unit": "hour" } }),
                UNPROCESSABLE,
            ),
            (
                "/extract/schedules",
                json!({ "robot_id": mine, "cadence": { "interval_amount": 1, "interval_unit": "year" } }),
                UNPROCESSABLE,
            ),
            ("/enrich/enrichments", json!({}), BAD),
            (
                "/enrich/enrichments",
                json!({ "source": { "kind": "run", "id": "nothing" } }),
                StatusCode::NOT_FOUND,
            ),
            ("/enrich/enrichments", json!({ "source": { "kind": "robot", "id": robot } }), UNPROCESSABLE),
        ];
        for (path, body, status) in cases {
            let code = match *status {
                BAD => "invalid_request",
                UNPROCESSABLE => "unprocessable_entity",
                _ => "not_found",
            };
            let answer = client.post(path, body.clone()).await;
            assert_eq!(answer.status, *status, "{version:?} {path} {body}: {}", answer.text);
            let _ = answer.extralt_refuses(version, *status, code);
        }
        let run = client.run(&robot, json!({ "budget": 2.0, "unknown": 1 })).await;
        assert_eq!(client.finished(&run).await["extracted"], 2, "what is not known is ignored");
    }
}

#[tokio::test]
async fn a_query_that_is_wrong_is_refused_as_its_dialect_has_it() {
    let stand = Stand::new();
    for (version, path, status) in [
        (V0, "/extract/runs?limit=0", BAD),
        (V0, "/extract/runs?limit=101", BAD),
        (V0, "/extract/runs?limit=many", BAD),
        (V0, "/extract/runs?cursor=nonsense", BAD),
        (V0, "/extract/captures", BAD),
        (V0, "/extract/captures?run_id=nothing", StatusCode::NOT_FOUND),
        (V0, "/extract/captures/export?run_id=nothing&format=csv", UNPROCESSABLE),
        (V0, "/enrich/items", BAD),
        (V1, "/extract/runs?limit=0", BAD),
        (V1, "/extract/runs?finished_since=yesterday", BAD),
        (V1, "/extract/runs?cursor=nonsense", BAD),
        (V1, "/extract/captures", BAD),
        (V1, "/extract/captures/export?run_id=nothing&format=csv", BAD),
    ] {
        let answer = Client::new(&stand, version).get(path).await;
        assert_eq!(answer.status, status, "{version:?} {path}: {}", answer.text);
        let code = if status == BAD { "invalid_request" } else { "not_found" };
        let _ = answer.extralt_refuses(version, status, code);
    }
}

#[tokio::test]
async fn a_key_is_asked_for_before_anything_else() {
    let stand = Stand::new();
    for version in Version::BOTH {
        for key in ["invalid-1", "expired-2", ""] {
            let client = Client { key, ..Client::new(&stand, version) };
            let refused = client.post("/extract/runs", json!([])).await;
            let _ = refused.extralt_refuses(version, StatusCode::UNAUTHORIZED, "unauthorized");
        }
        let forbidden = Client { key: "forbidden-1", ..Client::new(&stand, version) };
        let refused = forbidden.get("/extract/runs").await;
        let _ = refused.extralt_refuses(version, StatusCode::FORBIDDEN, "forbidden");
    }
}

#[tokio::test]
async fn another_organization_sees_nothing_and_its_cursors_are_no_good() {
    let stand = Stand::new();
    for version in Version::BOTH {
        let client = Client::new(&stand, version);
        let robot = client.robot(&format!("https://shop{}.example", version as u8)).await;
        let run = client.run(&robot, json!({ "budget": 3 })).await;
        client.run(&robot, json!({ "budget": 3 })).await;
        client.finished(&run).await;
        let enrichment = client.enrich(&run).await;
        let page = client.read("/extract/runs?limit=1").await;
        let cursor = page["next_cursor"].as_str().unwrap();
        let other = Client { key: "test-other", ..client };
        for (method, path) in [
            (Method::GET, format!("/extract/robots/{robot}")),
            (Method::DELETE, format!("/extract/robots/{robot}")),
            (Method::GET, format!("/extract/runs/{run}")),
            (Method::POST, format!("/extract/runs/{run}/stop")),
            (Method::POST, format!("/extract/runs/{run}/restart")),
            (Method::GET, format!("/extract/captures?run_id={run}")),
            (Method::GET, format!("/enrich/enrichments/{enrichment}")),
            (Method::GET, format!("/enrich/items?enrichment_id={enrichment}")),
        ] {
            let answer = other.send(method, &path, &[], None).await;
            let _ = answer.extralt_refuses(version, StatusCode::NOT_FOUND, "not_found");
        }
        let foreign = other.get(&format!("/extract/runs?cursor={cursor}")).await;
        let _ = foreign.extralt_refuses(version, BAD, "invalid_request");
        let elsewhere = client.get(&format!("/enrich/enrichments?cursor={cursor}")).await;
        let _ = elsewhere.extralt_refuses(version, BAD, "invalid_request");
    }
}

#[tokio::test]
async fn what_is_not_stood_in_for_says_so() {
    let stand = Stand::new();
    let v1 = Client::new(&stand, V1);
    let answer = v1.post("/query", json!({ "query": "SELECT 1" })).await;
    let message = answer.extralt_refuses(V1, StatusCode::NOT_IMPLEMENTED, "not_implemented");
    assert!(message.contains("extralt.query.create"), "{message}");
}
