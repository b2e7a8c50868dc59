//! What is said of one run in two dialects, by lists, counts and files, is the same at any instant.

use axum::body::Body;
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::harness::{KEY, Stand};

/// What a run with a drawn course is asked for, and when it is looked at.
#[derive(Debug, Clone)]
struct Case {
    budget: Option<u64>,
    /// Milliseconds between the looks.
    waits: [u64; 4],
    /// Before which of them it is stopped, and begins again.
    stopped: Option<usize>,
    restarted: Option<usize>,
}

fn any_case() -> impl Strategy<Value = Case> {
    let waits = prop::array::uniform4(prop_oneof![0..3_000_u64, 0..25_000_u64]);
    (prop::option::of(1..120_u64), waits, prop::option::of(0..4_usize), prop::option::of(0..4_usize))
        .prop_map(|(budget, waits, stopped, restarted)| Case { budget, waits, stopped, restarted })
}

/// Asks Extralt, which knows its clients by a bearer token.
async fn ask(stand: &Stand, method: Method, target: &str, body: Option<Value>) -> (StatusCode, Bytes) {
    let request = Request::builder().method(method).uri(target);
    let request = request.header("authorization", format!("Bearer {KEY}"));
    let request = request.header("host", "127.0.0.1:4010").header("content-type", "application/json");
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let response = stand.open(request.body(body).unwrap()).await;
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    assert!(!bytes.starts_with(b"this answer broke"), "{}", String::from_utf8_lossy(&bytes));
    (status, bytes)
}

async fn json_of(stand: &Stand, target: &str) -> Value {
    let (status, bytes) = ask(stand, Method::GET, target, None).await;
    assert_eq!(status, StatusCode::OK, "{target}: {}", String::from_utf8_lossy(&bytes));
    serde_json::from_slice(&bytes).unwrap()
}

/// Every row of a list, page by page.
async fn pages(stand: &Stand, list: &str, rows: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = json_of(stand, &format!("{list}&limit=37{cursor}")).await;
        all.extend(page[rows].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

async fn lines(stand: &Stand, target: &str) -> Vec<Value> {
    let (status, bytes) = ask(stand, Method::GET, target, None).await;
    assert_eq!(status, StatusCode::OK);
    std::str::from_utf8(&bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The ids in a Parquet file.
async fn parquet_ids(stand: &Stand, target: &str) -> Vec<String> {
    let (status, bytes) = ask(stand, Method::GET, target, None).await;
    assert_eq!(status, StatusCode::OK);
    let reader = SerializedFileReader::new(bytes).unwrap();
    let ids = reader.get_row_iter(None).unwrap().map(|row| {
        row.unwrap().get_column_iter().find(|(name, _)| *name == "id").map(|(_, id)| match id {
            Field::Str(id) => id.clone(),
            other => panic!("{other} is no id"),
        })
    });
    ids.map(Option::unwrap).collect()
}

/// That everything which is said of the run agrees, and how many captures it has.
async fn agreement(stand: &Stand, run: &str) -> u64 {
    let v0 = json_of(stand, &format!("/v0/extract/runs/{run}")).await;
    let v1 = json_of(stand, &format!("/v1/extract/runs/{run}")).await;
    assert_eq!(v0["extracted"], v1["extracted"]);
    assert_eq!(v0["inQueue"], v1["in_queue"]);
    let status = if v1["status"] == "finalizing" { &json!("running") } else { &v1["status"] };
    assert_eq!(&v0["status"], status);

    let of_run = |version: &str, what: &str| format!("/{version}/extract/captures{what}run_id={run}");
    let count = json_of(stand, &of_run("v1", "/count?")).await["count"].as_u64().unwrap();
    assert_eq!(v1["extracted"], count);
    assert_eq!(json_of(stand, &of_run("v0", "/count?")).await["count"], count);

    let now = json_of(stand, &format!("/_rehearsal/clock?key={KEY}")).await["now"].to_string();
    for (version, rows) in [("v0", "rows"), ("v1", "data")] {
        let listed = pages(stand, &of_run(version, "?"), rows).await;
        assert_eq!(listed.len() as u64, count);
        let exported = lines(stand, &of_run(version, "/export?format=jsonl&")).await;
        assert_eq!(listed, exported);
        let ids: Vec<&str> = listed.iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!(parquet_ids(stand, &of_run(version, "/export?")).await, ids);
        if version == "v1" {
            let taken = listed.iter().map(|row| row["extracted_at"].to_string());
            let taken: Vec<String> = taken.collect();
            assert!(taken.is_sorted(), "captures come in the order in which they were taken");
            let started = v1["started_at"].to_string();
            assert!(taken.iter().all(|at| *at >= started && at[..20] <= now[..20]), "{taken:?}");
        }
    }
    count
}

async fn play(case: Case) -> Vec<u64> {
    let stand = Stand::new();
    let shop = json!({ "url": "https://shop.example", "country": "US" });
    let (_, robot) = ask(&stand, Method::POST, "/v1/extract/robots", Some(shop)).await;
    let robot: Value = serde_json::from_slice(&robot).unwrap();
    stand.advance("1m").await;
    let wanted = json!({ "robot_id": robot["id"], "budget": case.budget });
    let (status, run) = ask(&stand, Method::POST, "/v0/extract/runs", Some(wanted)).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let run = serde_json::from_slice::<Value>(&run).unwrap()["id"].as_str().unwrap().to_owned();
    let mut seen = Vec::new();
    for (look, wait) in case.waits.into_iter().enumerate() {
        stand.advance(&format!("{wait}ms")).await;
        if case.stopped == Some(look) {
            let _ = ask(&stand, Method::POST, &format!("/v0/extract/runs/{run}/stop"), None).await;
        }
        if case.restarted == Some(look) {
            let target = format!("/v1/extract/runs/{run}/restart");
            let _ = ask(&stand, Method::POST, &target, Some(json!({}))).await;
        }
        seen.push(agreement(&stand, &run).await);
    }
    seen
}

#[tokio::test]
async fn lists_counts_files_and_runs_agree_in_both_dialects_at_any_instant() {
    let mut runner = TestRunner::deterministic();
    let mut under_way = 0;
    for _ in 0..50 {
        let case = any_case().new_tree(&mut runner).unwrap().current();
        let counts = play(case.clone()).await;
        under_way += counts.windows(2).filter(|pair| pair[0] > 0 && pair[0] < pair[1]).count();
    }
    assert!(under_way > 5, "too few of them were seen under way");
}
