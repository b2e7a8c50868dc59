//! Jobs of version 2.

use std::time::Duration;

use serde_json::{Value, json};

use super::files::Uploads;
use super::{Tour, full, invoice, letter};
use crate::client::{Credential, Stop, encoded};
use crate::profile::llama_extract::NOBODY;

/// Makes jobs in every way there is, reads them to their end, and looks at what came of them.
pub(super) async fn drive(tour: &mut Tour<'_, '_>, uploads: &Uploads) -> Result<(), Stop> {
    let [pages, file, ..] = uploads.extract.as_slice() else { return Ok(()) };
    let create = "extract.create";
    let of = |file: &str, configuration: Value| json!({"file_input": file, "configuration": configuration});
    let plain = of(file, json!({"data_schema": invoice()}));
    let set = json!({
        "data_schema": letter(), "tier": "agentic", "extraction_target": "per_page", "target_pages": "2",
        "cite_sources": true, "confidence_scores": true, "max_pages": 9, "system_prompt": "Read it twice.",
    });
    let first = tour.begin(create, "", &plain).await?;
    let second = tour.begin(create, "", &of(pages, set)).await?;
    let rows = json!({"data_schema": letter(), "extraction_target": "per_table_row", "cite_sources": true});
    tour.begin(create, "", &of(pages, rows)).await?;
    let mut odd = of(&format!("dfl-{file}"), json!({"data_schema": letter(), "system_prompt": null}));
    odd["configuration_id"] = Value::Null;
    odd["x_unheard_of"] = json!(7);
    let third = tour.begin(create, "", &odd).await?;
    let saved = saved(tour);
    let fourth = match &saved {
        Some(saved) => {
            tour.begin(create, "", &json!({"file_input": file, "configuration_id": saved})).await?
        }
        None => None,
    };
    cancelled(tour, &plain).await?;
    deleted(tour, &plain).await?;
    if tour.driver.session.can_fail_runs()
        && let Some(job) = tour.begin(create, "", &plain).await?
    {
        let key = tour.driver.client.keys().a.clone();
        tour.driver.session.fail(&key, &job).await?;
    }
    refusals(tour, &plain).await?;
    let inboxes = tour.begin_told(create, &plain).await?;
    tour.settle(&[]).await?;
    tour.read_inboxes(inboxes).await?;

    let jobs: Vec<String> = [first, second, third, fourth].into_iter().flatten().collect();
    for job in &jobs {
        for query in [
            "",
            "expand=configuration",
            "expand=extract_metadata",
            "expand=usage",
            "expand=configuration&expand=extract_metadata",
        ] {
            tour.get("extract.get", job, query).await?;
        }
    }
    let Some(first) = jobs.first() else { return Ok(()) };
    tour.get("extract.cancel", first, "").await?;
    tour.get("extract.get", first, "").await?;
    lists(tour, &jobs, file, saved.as_deref()).await?;
    if tour.owns_other() {
        for operation in ["extract.get", "extract.cancel"] {
            tour.ask_as(Credential::B, operation, first, "", None).await?;
        }
        tour.ask_as(Credential::B, "files.get", file, "", None).await?;
        if let Some(saved) = &saved {
            tour.ask_as(Credential::B, "configurations.get", saved, "", None).await?;
        }
        let theirs =
            json!({"name": "theirs", "parameters": {"product_type": "extract_v2", "data_schema": letter()}});
        tour.ask_as(Credential::B, "configurations.create", "", "", Some(&theirs)).await?;
        for list in ["extract.list", "files.list", "configurations.list"] {
            tour.ask_as(Credential::B, list, "", "page_size=1000", None).await?;
        }
    }
    if let Some(last) = jobs.last() {
        for _ in 0..2 {
            tour.ask("extract.delete", last, "", None).await?;
        }
        tour.get("extract.get", last, "").await?;
        tour.get("extract.list", "", "page_size=1000").await?;
        tour.get("files.get", file, "").await?;
    }
    Ok(())
}

/// The configuration that was saved first and is there.
fn saved(tour: &Tour<'_, '_>) -> Option<String> {
    let history = tour.driver.client.history();
    let name = format!("sample-{}", tour.mark);
    let mut made = history.of("llama-extract.configurations.create").filter(|seen| seen.is_success());
    made.find(|seen| seen.text("/name") == Some(&name)).and_then(|seen| seen.own_id().map(str::to_owned))
}

/// A job that is over before it is met is replaced by another, so many times.
const TRIES: usize = 4;

/// Cancels a job at work, and looks at it.
async fn cancelled(tour: &mut Tour<'_, '_>, body: &Value) -> Result<(), Stop> {
    for _ in 0..TRIES {
        let Some(job) = tour.begin("extract.create", "", body).await? else { return Ok(()) };
        tour.get("extract.get", &job, "").await?;
        let was_met = tour.get("extract.cancel", &job, "").await?.is_success();
        tour.get("extract.get", &job, "").await?;
        tour.get("extract.cancel", &job, "").await?;
        tour.get("extract.get", &job, "").await?;
        if was_met {
            break;
        }
    }
    Ok(())
}

/// Deletes a job at work: in vain, and then with force.
async fn deleted(tour: &mut Tour<'_, '_>, body: &Value) -> Result<(), Stop> {
    for _ in 0..TRIES {
        let Some(job) = tour.begin("extract.create", "", body).await? else { return Ok(()) };
        tour.get("extract.get", &job, "").await?;
        let was_refused = tour.get("extract.delete", &job, "").await?.is_refusal();
        // Only one that is still at work shows that it was then.
        let over = ["COMPLETED", "FAILED"];
        let after = tour.get("extract.get", &job, "").await?;
        let was_met = was_refused && after.state().is_some_and(|state| !over.contains(&state));
        tour.get("extract.delete", &job, "force=true").await?;
        if let Some(run) = tour.driver.tracked.iter_mut().find(|run| run.id == job) {
            run.over = true;
        }
        tour.get("extract.get", &job, "").await?;
        if was_met {
            break;
        }
    }
    tour.get("extract.list", "", "page_size=1000").await.map(|_| ())
}

/// Jobs that cannot be.
async fn refusals(tour: &mut Tour<'_, '_>, body: &Value) -> Result<(), Stop> {
    let create = "extract.create";
    let changed = |member: &str, value: Value| {
        let mut body = body.clone();
        body[member] = value;
        body
    };
    let configured = |name: &str, value: Value| {
        let mut body = body.clone();
        body["configuration"][name] = value;
        body
    };
    tour.without(create, "", body, &["file_input", "configuration"]).await?;
    tour.send(create, &json!({})).await?;
    tour.driver.client.ask(&full(create), &[], "", Credential::A, None).await?;
    for wrong in [
        changed("file_input", json!("f".repeat(201))),
        changed("file_input", json!(7)),
        changed("configuration_id", json!("cfg-1")),
        changed("configuration", json!({})),
        changed("webhook_configurations", json!([{"webhook_events": ["extract.never"]}])),
        configured("data_schema", json!(letter().to_string())),
        configured("tier", json!("gold")),
        configured("extraction_target", json!("per_word")),
        configured("max_pages", json!(0)),
    ] {
        tour.send(create, &wrong).await?;
    }
    tour.ask(create, "", "project_id=no-id", Some(body)).await?;
    if tour.is_ours() {
        for wrong in [
            changed("file_input", json!(format!("dfl-{NOBODY}"))),
            json!({"file_input": body["file_input"], "configuration_id": format!("cfg-{NOBODY}")}),
            configured("data_schema", json!({"type": "array"})),
            configured("target_pages", json!("seven")),
        ] {
            tour.send(create, &wrong).await?;
        }
        tour.driver.client.ask(&full(create), &[], "", Credential::A, Some("{\"file_input\": ")).await?;
    }
    for operation in ["extract.get", "extract.delete", "extract.cancel"] {
        tour.get(operation, &format!("ext-{NOBODY}"), "").await?;
    }
    Ok(())
}

/// Lists of jobs with each filter.
async fn lists(
    tour: &mut Tour<'_, '_>,
    jobs: &[String],
    file: &str,
    saved: Option<&str>,
) -> Result<(), Stop> {
    let made =
        tour.driver.client.history().of("llama-extract.extract.create").rfind(|seen| seen.is_success());
    let instant = made.and_then(|seen| seen.text("/created_at").map(encoded)).unwrap_or_default();
    let mut queries = vec![
        "page_size=1000".to_owned(),
        "status=COMPLETED".into(),
        "status=CANCELLED".into(),
        "status=DONE".into(),
        format!("file_input={file}"),
        format!("document_input_value={file}"),
        "document_input_type=file_id".into(),
        "document_input_type=parse_job_id".into(),
        format!("created_at_on_or_after={instant}"),
        format!("created_at_on_or_before={instant}"),
        "created_at_on_or_after=yesterday".into(),
        "expand=configuration".into(),
        "expand=extract_metadata&expand=configuration".into(),
    ];
    if let [first, second, ..] = jobs {
        queries.push(format!("job_ids={first}&job_ids={second}"));
    }
    queries.extend(saved.map(|saved| format!("configuration_id={}", encoded(saved))));
    tour.driver.session.pass(Duration::from_millis(10)).await?;
    for query in queries {
        tour.get("extract.list", "", &query).await?;
    }
    Ok(())
}
