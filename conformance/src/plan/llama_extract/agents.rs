//! Agents of the first two generations.

use serde_json::{Value, json};

use super::{Tour, full, invoice, letter};
use crate::client::{Credential, Stop, encoded};
use crate::profile::llama_extract::NOBODY;

/// The agents that jobs are made with.
pub(super) struct Agents {
    /// One without any setting.
    pub(super) plain: String,
    /// One with settings.
    pub(super) set: String,
}

/// Makes agents, looks at them, changes and deletes some, and asks for what cannot be.
pub(super) async fn drive(tour: &mut Tour<'_, '_>) -> Result<Option<Agents>, Stop> {
    let name = format!("sample-{}", tour.mark);
    let said = settings(tour);
    let body = json!({"name": name, "data_schema": invoice(), "config": {}});
    let (create, get, list) = ("extraction-agents.create", "extraction-agents.get", "extraction-agents.list");
    tour.get(list, "", "").await?;
    let plain = tour.make(create, &body).await?;
    let set = json!({"name": format!("{name}-set"), "data_schema": letter(), "config": said});
    let set = tour.make(create, &set).await?;
    let text = json!({
        "name": format!("{name} of text/two"), "data_schema": letter().to_string(),
        "config": {"system_prompt": null, "x_unheard_of": 7}, "x_unheard_of": null,
    });
    let third = tour.make(create, &text).await?;
    let (Some(plain), Some(set), Some(third)) = (plain, set, third) else { return Ok(None) };

    for id in [&plain, &set, &third] {
        tour.get(get, id, "").await?;
    }
    let query = format!("name={name}");
    tour.get(list, "", if tour.is_v1() { "" } else { &query }).await?;
    tour.get(list, "", "").await?;
    for named in [name.clone(), format!("{name} of text/two"), format!("{name}-nobody")] {
        tour.get("extraction-agents-by-name.get", &named, "").await?;
    }
    if tour.is_v1() {
        for _ in 0..2 {
            tour.get("extraction-agents-default.get", "", "").await?;
        }
        tour.get(list, "", "include_default=true").await?;
    }
    refusals(tour, &body).await?;

    let change = json!({"data_schema": invoice(), "config": {}});
    tour.ask("extraction-agents.update", &third, "", Some(&json!({"data_schema": letter(), "config": said})))
        .await?;
    tour.driver.session.tick().await?;
    tour.ask("extraction-agents.update", &third, "", Some(&change)).await?;
    tour.get(get, &third, "").await?;
    tour.without("extraction-agents.update", &third, &change, &["data_schema", "config"]).await?;
    for id in [NOBODY, "no-id"] {
        tour.ask("extraction-agents.update", id, "", Some(&change)).await?;
        tour.get(get, id, "").await?;
    }
    for _ in 0..2 {
        tour.ask("extraction-agents.delete", &third, "", None).await?;
    }
    tour.get(get, &third, "").await?;
    tour.get(list, "", "").await?;
    tour.make(create, &text).await?;
    if tour.owns_other() {
        let theirs = json!({"name": name, "data_schema": letter(), "config": {}});
        tour.ask_as(Credential::B, create, "", "", Some(&theirs)).await?;
        tour.ask_as(Credential::B, list, "", "", None).await?;
        tour.ask_as(Credential::B, get, &plain, "", None).await?;
    }
    Ok(Some(Agents { plain, set }))
}

/// Settings that say something.
fn settings(tour: &Tour<'_, '_>) -> Value {
    match tour.is_v1() {
        true => json!({
            "extraction_mode": "MULTIMODAL", "extraction_target": "PER_DOC", "chunk_mode": "SECTION",
            "cite_sources": true, "confidence_scores": true, "use_reasoning": true, "high_resolution_mode": true,
            "num_pages_context": 2, "priority": "high", "system_prompt": "Read it twice.",
        }),
        false => {
            json!({"extraction_mode": "PER_PAGE", "handle_missing": true, "system_prompt": "Read it twice."})
        }
    }
}

/// Agents that cannot be.
async fn refusals(tour: &mut Tour<'_, '_>, body: &Value) -> Result<(), Stop> {
    let create = "extraction-agents.create";
    tour.without(create, "", body, &["name", "data_schema", "config"]).await?;
    tour.send(create, &json!({})).await?;
    let changed = |member: &str, value: Value| {
        let mut body = body.clone();
        body["name"] = format!("{}-refused", body["name"].as_str().unwrap_or_default()).into();
        body[member] = value;
        body
    };
    for name in [json!(""), json!("n".repeat(3_001)), json!(7)] {
        tour.send(create, &changed("name", name)).await?;
    }
    tour.send(create, &changed("data_schema", json!(7))).await?;
    let mut configs = vec![json!({"extraction_mode": "WILD"}), json!({"system_prompt": 7})];
    if tour.is_v1() {
        configs.extend([
            json!({"extraction_target": "PER_WORD"}),
            json!({"chunk_mode": "WORD"}),
            json!({"priority": "soon"}),
            json!({"num_pages_context": 0}),
        ]);
    }
    for config in configs {
        tour.send(create, &changed("config", config)).await?;
    }
    tour.ask(create, "", "project_id=no-id", Some(body)).await?;
    tour.get("extraction-agents.list", "", "organization_id=no-id").await?;
    tour.get("extraction-agents.list", "", "x_unheard_of=1").await?;
    if !tour.is_ours() {
        return Ok(());
    }
    tour.send(create, body).await?;
    tour.send(create, &changed("data_schema", json!({"type": "array"}))).await?;
    tour.driver.client.ask(&full(create), &[], "", Credential::A, Some("{\"name\": \"che")).await?;
    if tour.is_v1() {
        for extension in ["cite_sources", "confidence_scores", "use_reasoning"] {
            tour.send(create, &changed("config", json!({"extraction_mode": "FAST", extension: true})))
                .await?;
        }
    }
    Ok(())
}

/// Changes and deletes agents that have runs.
pub(super) async fn leave(tour: &mut Tour<'_, '_>, agents: &Agents) -> Result<(), Stop> {
    let (plain, set) = (jobs_of(tour, &agents.plain), jobs_of(tour, &agents.set));
    for job in plain.iter().chain(&set) {
        tour.get("runs-by-job.get", job, "").await?;
    }
    let change = json!({"data_schema": letter(), "config": {}});
    tour.ask("extraction-agents.update", &agents.plain, "", Some(&change)).await?;
    for job in &plain {
        tour.get("runs-by-job.get", job, "").await?;
    }
    tour.ask("extraction-agents.delete", &agents.set, "", None).await?;
    for job in &set {
        tour.get("runs-by-job.get", job, "").await?;
    }
    tour.get("extraction-agents.list", "", "").await?;
    tour.get("extraction-agents.get", &agents.set, "").await?;
    let query = format!("extraction_agent_id={}", encoded(&agents.set));
    tour.get("jobs.list", "", &query).await.map(|_| ())
}

/// The jobs of an agent that have a run to look at.
fn jobs_of(tour: &Tour<'_, '_>, agent: &str) -> Vec<String> {
    let history = tour.driver.client.history();
    let made = history.of("llama-extract.jobs.create").filter(|seen| seen.is_success());
    let own = made.filter(|seen| seen.request().get("extraction_agent_id").is_some_and(|it| it == agent));
    own.filter_map(|seen| seen.own_id().map(str::to_owned)).collect()
}
