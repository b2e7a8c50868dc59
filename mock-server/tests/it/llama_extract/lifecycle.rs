//! An extraction from its beginning to its end, as every generation shows it.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Client, PAGE, V1, V2, id, invoice};
use crate::harness::{KEY, Stand};

const PHASES: &str = "runs:
  - match: { kind: extraction }
    lifecycle: { created: 2s, pending: 4s, throttled: 6s, running: 8s }
";

#[tokio::test]
async fn every_phase_has_its_words_in_every_generation() {
    let stand = Stand::with(PHASES);
    let client = Client::new(&stand);
    let job = client.invoice("invoice.pdf").await;
    let phases = [
        ("1s", ["PENDING", "PENDING", "CREATED"]),
        ("2s", ["PENDING", "PENDING", "PENDING"]),
        ("5s", ["THROTTLED", "PENDING", "PENDING"]),
        ("7s", ["RUNNING", "PENDING", "PENDING"]),
        ("10s", ["COMPLETED", "SUCCESS", "SUCCESS"]),
    ];
    for (by, words) in phases {
        stand.advance(by).await;
        assert_eq!(client.statuses(&job).await, words, "{by} later");
    }
}

#[tokio::test]
async fn a_job_is_pending_in_the_answer_that_creates_it() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let agent = client.agent("invoices", &invoice(), json!({})).await;
    let file = client.file("fails.pdf", "Invoice 7").await;
    let body = json!({ "extraction_agent_id": agent, "file_id": file });
    for prefix in [V1, PAGE] {
        let job = client.post(&format!("{prefix}/jobs"), body.clone()).await.ok(StatusCode::OK);
        assert_eq!((&job["status"], &job["error"]), (&json!("PENDING"), &Value::Null));
        assert_eq!((&job["file"]["id"], &job["extraction_agent"]["id"]), (&json!(file), &json!(agent)));
    }
    let batch = json!({ "extraction_agent_id": agent, "file_ids": [file, file] });
    for prefix in [V1, PAGE] {
        let jobs = client.post(&format!("{prefix}/jobs/batch"), batch.clone()).await.ok(StatusCode::OK);
        assert_eq!((&jobs[0]["status"], &jobs[1]["status"]), (&json!("PENDING"), &json!("PENDING")));
        assert_ne!(jobs[0]["id"], jobs[1]["id"]);
    }
    let body = json!({ "file_input": file, "configuration": { "data_schema": invoice() } });
    let job = client.post(V2, body).await.ok(StatusCode::OK);
    assert_eq!((&job["status"], &job["extract_result"]), (&json!("PENDING"), &Value::Null));
    assert!(id(&job).starts_with("ext-"), "{job}");
}

#[tokio::test]
async fn before_its_end_an_extraction_has_no_result() {
    let stand = Stand::with(PHASES);
    let client = Client::new(&stand);
    let job = client.invoice("invoice.pdf").await;
    for by in ["1s", "2s", "5s", "7s"] {
        stand.advance(by).await;
        for prefix in [V1, PAGE] {
            let said = client.get(&format!("{prefix}/jobs/{job}/result")).await.detail(StatusCode::NOT_FOUND);
            assert!(said.contains(&job) && said.contains("Check job status"), "{said}");
            let run = client.run(prefix, &job).await;
            assert_eq!((&run["data"], &run["extraction_metadata"]), (&Value::Null, &Value::Null));
        }
        let second = client.read(&format!("{V2}/ext-{job}")).await;
        assert_eq!((&second["extract_result"], &second["metadata"]), (&Value::Null, &Value::Null));
    }
    stand.advance("10s").await;
    let second = client.read(&format!("{V2}/{job}")).await;
    assert!(second["extract_result"]["total"].is_number(), "{second}");
    for prefix in [V1, PAGE] {
        let result = client.read(&format!("{prefix}/jobs/{job}/result")).await;
        let run = client.run(prefix, &job).await;
        assert_eq!((&result["data"], &run["data"]), (&second["extract_result"], &second["extract_result"]));
        assert_eq!(result["run_id"], run["id"]);
        assert_eq!(result["extraction_metadata"], run["extraction_metadata"]);
        assert_eq!(client.read(&format!("{prefix}/runs/{}", id(&run))).await, run);
    }
}

#[tokio::test]
async fn an_extraction_tells_when_it_last_went_on() {
    let stand = Stand::with(PHASES);
    let client = Client::new(&stand);
    let job = client.invoice("invoice.pdf").await;
    let created = client.run(V1, &job).await;
    assert_eq!(created["created_at"], created["updated_at"]);
    stand.advance("1h").await;
    let run = client.run(V1, &job).await;
    let second = client.read(&format!("{V2}/ext-{job}")).await;
    let at = |shown: &Value, name: &str| {
        let text = shown[name].as_str().unwrap_or_else(|| panic!("no {name}: {shown}"));
        assert!(text.ends_with('Z') && text.len() == "2026-01-15T10:30:00.000Z".len(), "{text}");
        text.parse::<jiff::Timestamp>().unwrap()
    };
    // The phases take twenty seconds in all, however late somebody looks.
    assert_eq!(at(&run, "updated_at").duration_since(at(&run, "created_at")).as_secs(), 20);
    assert_eq!(run["updated_at"], second["updated_at"]);
    assert_eq!(run["created_at"], second["created_at"]);
}

#[tokio::test]
async fn what_is_complete_in_part_is_partial_for_the_job_alone() {
    let rule = "runs:\n  - match: { kind: extraction }\n    outcome: { partial: { failed-items: 2 } }\n";
    for (stand, name, missing) in [(Stand::with(rule), "invoice.pdf", 2), (Stand::new(), "partial.pdf", 1)] {
        let client = Client::new(&stand);
        // What has to be there is there in part as well.
        let fields = ["number", "date", "seller", "buyer"];
        let texts: serde_json::Map<String, Value> =
            fields.iter().map(|name| ((*name).to_owned(), json!({ "type": "string" }))).collect();
        let schema = json!({ "type": "object", "properties": texts, "required": ["number"] });
        let agent = client.agent("invoices", &schema, json!({})).await;
        let job = client.job(&agent, &client.file(name, "Invoice 7").await).await;
        client.wait().await;
        assert_eq!(client.statuses(&job).await, ["COMPLETED", "PARTIAL_SUCCESS", "SUCCESS"], "{name}");
        let second = client.read(&format!("{V2}/ext-{job}")).await;
        assert_eq!(second["error_message"], Value::Null);
        for prefix in [V1, PAGE] {
            let result = client.read(&format!("{prefix}/jobs/{job}/result")).await;
            let found = &result["data"];
            assert!(found["number"].as_str().is_some_and(|text| !text.is_empty()), "{found}");
            let empty = fields.iter().filter(|field| found[**field].is_null()).count();
            assert!(if missing == 1 { empty >= 1 } else { empty == missing }, "{found}");
            assert_eq!(*found, second["extract_result"]);
            assert!(result["extraction_metadata"].is_object(), "{result}");
        }
    }
}

#[tokio::test]
async fn a_failure_has_a_reason_and_no_result() {
    let rule = "runs:
  - match: { kind: extraction, agent: invoices }
    outcome: { failed: { at: 50%, error: The scan is blank. } }
";
    for (stand, name, reason) in
        [(Stand::with(rule), "invoice.pdf", "The scan is blank."), (Stand::new(), "fails.pdf", "failed")]
    {
        let client = Client::new(&stand);
        let job = client.invoice(name).await;
        client.wait().await;
        assert_eq!(client.statuses(&job).await, ["FAILED", "ERROR", "ERROR"]);
        let second = client.read(&format!("{V2}/ext-{job}")).await;
        let mut said = vec![second["error_message"].clone()];
        assert_eq!((&second["extract_result"], &second["metadata"]), (&Value::Null, &Value::Null));
        for prefix in [V1, PAGE] {
            let _ = client.get(&format!("{prefix}/jobs/{job}/result")).await.detail(StatusCode::NOT_FOUND);
            let run = client.run(prefix, &job).await;
            assert_eq!(run["data"], Value::Null);
            said.push(run["error"].clone());
            said.push(client.read(&format!("{prefix}/jobs/{job}")).await["error"].clone());
        }
        assert!(said.iter().all(|said| said.as_str().is_some_and(|said| said.contains(reason))), "{said:?}");
    }
}

#[tokio::test]
async fn a_cancelled_extraction_stays_so_and_has_no_result() {
    let stand = Stand::with(PHASES);
    let client = Client::new(&stand);
    let job = client.invoice("invoice.pdf").await;
    stand.advance("13s").await;
    let cancelled = client.act(&format!("{V2}/ext-{job}/cancel")).await.ok(StatusCode::OK);
    assert_eq!((&cancelled["status"], &cancelled["error_message"]), (&json!("CANCELLED"), &Value::Null));
    client.wait().await;
    assert_eq!(client.statuses(&job).await, ["CANCELLED", "CANCELLED", "ERROR"]);
    for prefix in [V1, PAGE] {
        let _ = client.get(&format!("{prefix}/jobs/{job}/result")).await.detail(StatusCode::NOT_FOUND);
        let run = client.run(prefix, &job).await;
        assert!(run["error"].as_str().is_some_and(|said| said.contains("cancelled")), "{run}");
        assert_eq!(run["data"], Value::Null);
    }
}

#[tokio::test]
async fn what_is_over_cannot_be_cancelled_and_nobody_need_try_again() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let job = client.invoice("invoice.pdf").await;
    client.wait().await;
    let refused = client.act(&format!("{V2}/ext-{job}/cancel")).await;
    assert_eq!(refused.headers["x-should-retry"], "false");
    let said = refused.detail(StatusCode::CONFLICT);
    assert!(said.contains("COMPLETED"), "{said}");
    assert_eq!(client.statuses(&job).await[0], "COMPLETED");
}

#[tokio::test]
async fn what_is_at_work_is_deleted_by_force_alone() {
    let stand = Stand::with(PHASES);
    let client = Client::new(&stand);
    let job = client.invoice("invoice.pdf").await;
    stand.advance("13s").await;
    let refused = client.delete(&format!("{V2}/ext-{job}")).await;
    assert_eq!(refused.headers["x-should-retry"], "false");
    let said = refused.detail(StatusCode::CONFLICT);
    assert!(said.contains("RUNNING") && said.contains("force"), "{said}");
    let run = id(&client.run(V1, &job).await);
    let _ = client.delete(&format!("{V2}/ext-{job}?force=true")).await.ok(StatusCode::OK);
    for gone in [
        format!("{V2}/ext-{job}"),
        format!("{V1}/jobs/{job}"),
        format!("{PAGE}/jobs/{job}/result"),
        format!("{PAGE}/runs/{run}"),
        format!("{V1}/runs/by-job/{job}"),
    ] {
        let _ = client.get(&gone).await.detail(StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn whoever_deletes_a_run_deletes_its_job() {
    for prefix in [V1, PAGE] {
        let stand = Stand::new();
        let client = Client::new(&stand);
        let job = client.invoice("invoice.pdf").await;
        client.wait().await;
        let run = id(&client.run(prefix, &job).await);
        let deleted = client.delete(&format!("{prefix}/runs/{run}")).await.ok(StatusCode::OK);
        assert_eq!(deleted, json!({}));
        let _ = client.get(&format!("{V1}/jobs/{job}")).await.detail(StatusCode::NOT_FOUND);
        let _ = client.get(&format!("{V2}/ext-{job}")).await.detail(StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn an_extraction_that_is_stuck_goes_on_until_somebody_ends_it() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let job = client.invoice("stuck.pdf").await;
    stand.advance("5h").await;
    assert_eq!(client.statuses(&job).await, ["RUNNING", "PENDING", "PENDING"]);
    let target = format!("/_rehearsal/runs/{job}/fail?key={KEY}");
    let body = json!({ "error": "The machine was switched off." });
    let _ = stand.call(KEY, Method::POST, &target, Some(body)).await.ok(StatusCode::OK);
    assert_eq!(client.statuses(&job).await, ["FAILED", "ERROR", "ERROR"]);
    let second = client.read(&format!("{V2}/ext-{job}")).await;
    assert_eq!(second["error_message"], "The machine was switched off.");
}

#[tokio::test]
async fn a_slow_file_takes_longer_than_another() {
    let stand = Stand::new();
    let client = Client::new(&stand);
    let agent = client.agent("invoices", &invoice(), json!({})).await;
    let usual = client.job(&agent, &client.file("invoice.pdf", "a").await).await;
    let slow = client.job(&agent, &client.file("slow.pdf", "a").await).await;
    stand.advance("9s").await;
    assert_eq!(client.statuses(&usual).await[0], "COMPLETED");
    assert_ne!(client.statuses(&slow).await[0], "COMPLETED");
    stand.advance("10m").await;
    assert_eq!(client.statuses(&slow).await[0], "COMPLETED");
}
