//! Jobs and runs of the first two generations.

use http::Method;
use serde_json::{Value, json};

use super::agents::Agents;
use super::forms::form;
use super::{Tour, full, letter};
use crate::client::{Client, Credential, Stop, encoded};
use crate::profile::llama_extract::NOBODY;

/// Makes jobs in every way there is, reads them to their end, and looks at what came of them.
pub(super) async fn drive(
    tour: &mut Tour<'_, '_>,
    agents: &Agents,
    (first, second): (&str, &str),
) -> Result<(), Stop> {
    let create = "jobs.create";
    let of = |agent: &str, file: &str| json!({"extraction_agent_id": agent, "file_id": file});
    let plain = of(&agents.plain, first);
    let Some(job) = tour.begin(create, "", &plain).await? else { return Ok(()) };
    if tour.is_ours() {
        tour.get("jobs-result.get", &job, "").await?;
        tour.get("jobs.get", &job, "").await?;
    }
    let set = tour.begin(create, "", &of(&agents.set, second)).await?;
    let overridden = tour.begin(create, "", &with(plain.clone(), overrides(tour))).await?;
    let nothing = json!({"data_schema_override": null, "config_override": null, "x_unheard_of": 7});
    tour.begin(create, "", &with(plain.clone(), nothing)).await?;
    tour.get("extraction-agents.get", &agents.plain, "").await?;
    let mut batch = Vec::new();
    let made = tour
        .send("jobs-batch.create", &json!({"extraction_agent_id": agents.plain, "file_ids": [first, second]}))
        .await?;
    batch.extend(
        made.body()
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|it| it.get("id")?.as_str().map(str::to_owned)),
    );
    tour.driver.session.tick().await?;
    let mut ends = vec![job.clone()];
    if tour.is_v1() {
        ends.extend(more(tour, agents, first).await?);
    }
    ends.extend(set.iter().chain(&overridden).cloned());
    let special = if tour.is_ours() { special(tour, agents).await? } else { Vec::new() };
    fail(tour, &of(&agents.plain, second)).await?;
    refusals(tour, agents, (first, second)).await?;
    if tour.is_v1() {
        let of_agent = format!("extraction_agent_id={}", encoded(&agents.set));
        tour.get("runs-latest-from-ui.get", "", &of_agent).await?;
        tour.begin(create, "from_ui=true", &of(&agents.plain, first)).await?;
        let of_agent = format!("extraction_agent_id={}", encoded(&agents.plain));
        tour.get("runs-latest-from-ui.get", "", &of_agent).await?;
    }
    let inboxes = if tour.is_v1() { tour.begin_told(create, &plain).await? } else { None };
    tour.settle(&["runs-by-job.get"]).await?;
    tour.read_inboxes(inboxes).await?;
    ends.extend(special);
    ends.extend(batch);
    results(tour, agents, &ends).await
}

/// One body with the members of another.
fn with(mut body: Value, more: Value) -> Value {
    if let (Some(all), Value::Object(more)) = (body.as_object_mut(), more) {
        all.extend(more);
    }
    body
}

/// A schema and settings that take the place of an agent's.
fn overrides(tour: &Tour<'_, '_>) -> Value {
    let config = match tour.is_v1() {
        true => json!({"extraction_target": "PER_PAGE", "cite_sources": true, "extraction_mode": "PREMIUM"}),
        false => json!({"system_prompt": "Read it once.", "handle_missing": true}),
    };
    json!({"data_schema_override": letter(), "config_override": config})
}

/// The jobs that only version 1 has.
async fn more(tour: &mut Tour<'_, '_>, agents: &Agents, file: &str) -> Result<Vec<String>, Stop> {
    let mut ids = Vec::new();
    let name = format!("form-{}.txt", tour.mark);
    let agent = ("extraction_agent_id", None, agents.plain.as_str());
    let upload = ("file", Some(name.as_str()), "Invoice 18\nTotal 3.00\n");
    let schema = letter().to_string();
    let forms = [
        vec![agent, upload],
        vec![agent, ("data_schema_override", None, ""), ("config_override", None, ""), upload],
        vec![upload, agent, ("data_schema_override", None, schema.as_str())],
    ];
    if let Some(family) = tour.family("jobs-file.create") {
        for fields in forms {
            let ask = tour.form("jobs-file.create", "", &fields)?;
            ids.extend(tour.begun(family, ask).await?);
        }
    }
    tour.send_form("jobs-file.create", "", &[agent]).await?;
    tour.send_form("jobs-file.create", "", &[upload]).await?;

    let body = json!({"data_schema": letter(), "config": {"extraction_target": "PER_TABLE_ROW", "use_reasoning": true}});
    let base64 = json!({"data": "SW52b2ljZSAxOQpUb3RhbCA1LjAwCg==", "mime_type": "text/plain"});
    for source in [json!({"file_id": file}), json!({"text": "Sent by Ada\n"}), json!({"file": base64})] {
        ids.extend(tour.begin("run.create", "", &with(body.clone(), source)).await?);
    }
    let whole = with(body.clone(), json!({"text": "Sent by Ada\n"}));
    tour.without("run.create", "", &whole, &["data_schema", "config"]).await?;
    if tour.is_ours() {
        tour.send("run.create", &body).await?;
        tour.send("run.create", &with(whole.clone(), json!({"file_id": file}))).await?;
        tour.send("run.create", &with(whole.clone(), json!({"data_schema": {}}))).await?;
        tour.send("run.create", &with(whole, json!({"config": {"page_range": "seven"}}))).await?;
    }
    Ok(ids)
}

/// Jobs that end in ways of their own, because this server knows their files by their names.
async fn special(tour: &mut Tour<'_, '_>, agents: &Agents) -> Result<Vec<String>, Stop> {
    let mut ids = Vec::new();
    for name in ["partial.txt", "stuck.txt"] {
        let (media, body) = form(&[("upload_file", Some(name), "Invoice 20\nTotal 6.00\n")]);
        let file = tour.elsewhere(&Method::POST, "/api/v1/files", Some((&media, &body))).await?;
        let Some(file) = Client::created(file) else { continue };
        let of_file = json!({"extraction_agent_id": agents.plain, "file_id": file});
        let Some(job) = tour.begin("jobs.create", "", &of_file).await? else { continue };
        if name.starts_with("stuck") {
            // Nothing of these generations cancels, but the third can.
            tour.driver.session.pass(std::time::Duration::from_secs(3)).await?;
            let cancel = format!("/api/v2/extract/ext-{job}/cancel");
            tour.elsewhere(&Method::POST, &cancel, None).await?;
        }
        ids.push(job);
    }
    Ok(ids)
}

/// Lets a job fail, where somebody can.
async fn fail(tour: &mut Tour<'_, '_>, body: &Value) -> Result<(), Stop> {
    if tour.driver.session.can_fail_runs()
        && let Some(job) = tour.begin("jobs.create", "", body).await?
    {
        let key = tour.driver.client.keys().a.clone();
        tour.driver.session.fail(&key, &job).await?;
    }
    Ok(())
}

/// Jobs that cannot be.
async fn refusals(
    tour: &mut Tour<'_, '_>,
    agents: &Agents,
    (first, second): (&str, &str),
) -> Result<(), Stop> {
    let body = json!({"extraction_agent_id": agents.plain, "file_id": first});
    let batch = json!({"extraction_agent_id": agents.plain, "file_ids": [first, second]});
    let of_agent = format!("extraction_agent_id={}", encoded(&agents.plain));
    tour.without("jobs.create", "", &body, &["extraction_agent_id", "file_id"]).await?;
    tour.without("jobs-batch.create", "", &batch, &["extraction_agent_id", "file_ids"]).await?;
    tour.send("jobs-batch.create", &with(batch.clone(), json!({"file_ids": []}))).await?;
    for wrong in [
        json!({"extraction_agent_id": "no-id"}),
        json!({"file_id": "no-id"}),
        json!({"file_id": 7}),
        json!({"extraction_agent_id": NOBODY}),
        json!({"file_id": NOBODY}),
    ] {
        tour.send("jobs.create", &with(body.clone(), wrong)).await?;
    }
    tour.get("jobs.list", "", &of_agent).await?;
    tour.send("jobs-batch.create", &with(batch, json!({"file_ids": [first, NOBODY]}))).await?;
    tour.get("jobs.list", "", &of_agent).await?;
    tour.get("jobs.list", "", "").await?;
    if tour.is_v1() {
        let hook = json!({"webhook_configurations": [{"webhook_url": "https://hooks.example/", "webhook_events": ["extract.never"]}]});
        tour.send("jobs.create", &with(body.clone(), hook)).await?;
        tour.send("jobs.create", &with(body.clone(), json!({"priority": "soon"}))).await?;
        tour.get("runs.list", "", "").await?;
    } else {
        tour.get("runs.list", "", "run_id=no-id").await?;
    }
    if tour.is_ours() {
        tour.driver.client.ask(&full("jobs.create"), &[], "", Credential::A, Some("{\"file_id\": ")).await?;
        let bad = json!({"data_schema_override": {"type": "array"}});
        tour.send("jobs.create", &with(body, bad)).await?;
    }
    for operation in ["jobs.get", "jobs-result.get", "runs.get", "runs.delete", "runs-by-job.get"] {
        for id in [NOBODY, "no-id"] {
            tour.get(operation, id, "").await?;
        }
    }
    Ok(())
}

/// Looks at what came of jobs that are over, in every way there is.
async fn results(tour: &mut Tour<'_, '_>, agents: &Agents, jobs: &[String]) -> Result<(), Stop> {
    let mut runs = Vec::new();
    for job in jobs {
        tour.get("jobs.get", job, "").await?;
        let run = tour.get("runs-by-job.get", job, "").await?;
        let run = run.own_id().map(str::to_owned);
        tour.get("jobs-result.get", job, "").await?;
        if let Some(run) = run {
            tour.get("runs.get", &run, "").await?;
            runs.push((job.clone(), run));
        }
    }
    let of_agent = format!("extraction_agent_id={}", encoded(&agents.plain));
    tour.get("jobs.list", "", &of_agent).await?;
    let of_other = format!("extraction_agent_id={}", encoded(&agents.set));
    tour.get("jobs.list", "", &of_other).await?;
    let Some((job, run)) = runs.first().cloned() else { return Ok(()) };
    let mut queries = vec![of_agent.clone(), of_other.clone()];
    if tour.is_v1() {
        queries.push(format!("{of_agent}&run_id={run}"));
        queries.extend(["SUCCESS", "ERROR"].map(|state| format!("{of_agent}&status={state}")));
        queries.extend(
            ["skip=0&limit=2", "skip=2&limit=2", "skip=4&limit=2", "skip=0&limit=100"]
                .map(|it| format!("{of_agent}&{it}")),
        );
    } else {
        queries.extend([
            String::new(),
            format!("run_id={run}"),
            format!("job_id={job}"),
            format!("{of_other}&run_id={run}"),
        ]);
    }
    for query in queries {
        tour.get("runs.list", "", &query).await?;
    }
    tour.get("runs.get", &run, "").await?;
    if tour.owns_other() {
        for (operation, id) in
            [("jobs.get", &job), ("jobs-result.get", &job), ("runs.get", &run), ("runs-by-job.get", &job)]
        {
            tour.ask_as(Credential::B, operation, id, "", None).await?;
        }
        let theirs = if tour.is_v1() { of_agent.as_str() } else { "" };
        tour.ask_as(Credential::B, "runs.list", "", theirs, None).await?;
    }
    // The last one: the run of the first job is looked at again when its agent is changed.
    if let Some((job, run)) = runs.last() {
        for _ in 0..2 {
            tour.ask("runs.delete", run, "", None).await?;
        }
        tour.get("runs.get", run, "").await?;
        tour.get("runs-by-job.get", job, "").await?;
        tour.get("runs.list", "", &of_agent).await?;
    }
    Ok(())
}
