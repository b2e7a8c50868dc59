//! Jobs of v1: how they are asked for, and how they are shown.

use std::sync::Arc;

use fixtures::contract::Contract;
use http::StatusCode;
use serde_json::{Value, json};

use crate::apis::dialect::Call;
use crate::apis::llama_extract::acts::{self, said};
use crate::apis::llama_extract::detail::{self, Item};
use crate::apis::llama_extract::problem::{Problem, say};
use crate::apis::llama_extract::seen::{self, is_unlisted};
use crate::apis::llama_extract::{agents, config, files, schemas, shown};
use crate::apis::reply::{Reply, json_bytes};
use crate::model::RunId;
use crate::model::llama_extract::agent::{AgentId, Settings};
use crate::model::llama_extract::config::{Config, Era};
use crate::model::llama_extract::create::Asked;
use crate::model::llama_extract::file::FileId;
use crate::world::state::WorldState;

/// What an agent is told for one job: its own settings, or what takes their place.
fn overridden(
    own: &Arc<Settings>,
    schema: Option<&Value>,
    config: Option<&Value>,
    priority: Option<&Value>,
    era: Era,
) -> Result<Arc<Settings>, Problem> {
    if schema.is_none() && config.is_none() && priority.is_none() {
        return Ok(Arc::clone(own));
    }
    let schema = schema.map_or_else(|| Ok(own.schema.clone()), schemas::read)?;
    let mut config = config.map_or_else(|| Ok(own.config.clone()), |said| config::read(said, era))?;
    if let Some(priority) = priority {
        config = with_priority(config, priority);
    }
    Ok(Arc::new(Settings { schema, config }))
}

fn with_priority(config: Config, priority: &Value) -> Config {
    let mut said = (*config.said).clone();
    said.insert("priority".to_owned(), priority.clone());
    Config { said: Arc::new(said), ..config }
}

fn is_from_ui(call: &Call<'_>) -> bool {
    call.query.get("from_ui").and_then(Value::as_bool).unwrap_or(false)
}

/// The answer to a create of one job.
fn began(call: &Call<'_>, world: &WorldState, id: RunId, era: Era) -> Result<Reply, Problem> {
    let job = shown::job(call, world, id, era).ok_or_else(|| Problem::not_found("Extraction job", ""))?;
    Ok(Reply::json(StatusCode::OK, &job).began(acts::known(world, id)))
}

/// The agent that a body names, and its settings.
fn agent(call: &Call<'_>, world: &WorldState, body: &Value) -> Result<(AgentId, Arc<Settings>), Problem> {
    let id = body["extraction_agent_id"].as_str().unwrap_or_default();
    let (number, agent) = agents::find(call, world.llama_extract(), id)?;
    Ok((number, Arc::clone(&agent.settings)))
}

pub(super) fn create(call: &Call<'_>, world: &mut WorldState, era: Era) -> Reply {
    say(created(call, world, era).and_then(|id| began(call, world, id, era)))
}

fn created(call: &Call<'_>, world: &mut WorldState, era: Era) -> Result<RunId, Problem> {
    let body = call.body;
    let (agent, own) = agent(call, world, body)?;
    let file = files::usable(call, world.llama_extract(), body["file_id"].as_str().unwrap_or_default())?;
    let (schema, config) = (said(body, "data_schema_override"), said(body, "config_override"));
    // In the page's era there is neither a priority nor a webhook.
    let (priority, told) =
        if era == Era::Page { (None, &Value::Null) } else { (said(body, "priority"), body) };
    let settings = overridden(&own, schema, config, priority, era)?;
    acts::extract(call, world, told, Asked { agent, file, settings, wrote: None, from_ui: is_from_ui(call) })
}

/// One job for each file, all or none.
pub(super) fn create_batch(call: &Call<'_>, world: &mut WorldState, era: Era) -> Reply {
    say(created_batch(call, world, era))
}

fn created_batch(call: &Call<'_>, world: &mut WorldState, era: Era) -> Result<Reply, Problem> {
    let body = call.body;
    let (agent, own) = agent(call, world, body)?;
    let ids = body["file_ids"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let files: Vec<FileId> =
        ids.map(|id| files::usable(call, world.llama_extract(), id)).collect::<Result<_, _>>()?;
    let (schema, config) = (said(body, "data_schema_override"), said(body, "config_override"));
    let settings = overridden(&own, schema, config, None, era)?;
    let mut jobs = Vec::new();
    for file in files {
        let asked =
            Asked { agent, file, settings: Arc::clone(&settings), wrote: None, from_ui: is_from_ui(call) };
        let told = if era == Era::Page { &Value::Null } else { body };
        jobs.push(acts::extract(call, world, told, asked)?);
    }
    let shown: Vec<Value> = jobs.iter().filter_map(|id| shown::job(call, world, *id, era)).collect();
    let reply = Reply::json(StatusCode::OK, &shown);
    Ok(match jobs.first() {
        Some(first) => reply.began(acts::known(world, *first)),
        None => reply,
    })
}

/// A job for a file that comes along. The overrides are texts; an empty one is as good as none.
pub(super) fn create_with_file(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(created_with_file(call, world).and_then(|id| began(call, world, id, Era::V1)))
}

fn created_with_file(call: &Call<'_>, world: &mut WorldState) -> Result<RunId, Problem> {
    let form = files::form(call)?;
    let (agent, own) = agent(call, world, &Value::Object(form.fields.clone()))?;
    let text = |name: &str| form.fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let schema = text("data_schema_override").map(|text| json!(text));
    let config = text("config_override").map(config_in_form).transpose()?.filter(|config| !config.is_null());
    let settings = overridden(&own, schema.as_ref(), config.as_ref(), None, Era::V1)?;
    let file = files::add(call, world, form)?;
    acts::extract(
        call,
        world,
        &Value::Null,
        Asked { agent, file, settings, wrote: None, from_ui: is_from_ui(call) },
    )
}

/// Settings that a form has as text. They may say what the body of a job may, so they are held to the same schema.
fn config_in_form(text: &str) -> Result<Value, Problem> {
    const NAME: &str = "config_override";
    let config: Value = serde_json::from_str(text)
        .map_err(|error| Problem::unprocessable(Item::no_json_in(NAME, text, &error.to_string())))?;
    let v1 = Contract::find("llama-extract", "v1");
    let job = v1.and_then(|v1| v1.operation("llama-extract.jobs.create"));
    let violations = job.map(|job| job.request_violations(&json!({ NAME: config }))).unwrap_or_default();
    // The rest of that body is not here, and so is missing.
    let of_config = violations.iter().filter(|violation| violation.pointer.starts_with("/config_override"));
    let items: Vec<Item> = of_config.map(detail::of_violation).collect();
    if items.is_empty() { Ok(config) } else { Err(Problem::of_items(items)) }
}

/// A job without an agent: from a file that is there, a file in the body, or a text.
pub(super) fn create_stateless(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(created_stateless(call, world).and_then(|id| began(call, world, id, Era::V1)))
}

fn created_stateless(call: &Call<'_>, world: &mut WorldState) -> Result<RunId, Problem> {
    let body = call.body;
    let schema = schemas::read(&body["data_schema"])?;
    let config = config::read(&body["config"], Era::V1)?;
    let settings = Arc::new(Settings { schema, config });
    let given = ["file_id", "text", "file"].map(|name| said(body, name));
    let file = match given {
        [Some(id), None, None] => {
            files::usable(call, world.llama_extract(), id.as_str().unwrap_or_default())?
        }
        [None, Some(_), None] => files::of_text(call, world)?,
        [None, None, Some(file)] => files::of_base64(call, world, file)?,
        _ => {
            let why = "Value error, exactly one of file_id, text and file has to be given";
            return Err(Problem::unprocessable(Item::wrong(&["body"], body, why)));
        }
    };
    let agent = agents::standing(call, world)?;
    acts::extract(call, world, body, Asked { agent, file, settings, wrote: None, from_ui: false })
}

/// The jobs of an agent, newest first; none of an agent that is not there.
pub(super) fn list(call: &Call<'_>, world: &mut WorldState, era: Era) -> Reply {
    let state = world.llama_extract();
    let id = call.text("extraction_agent_id").unwrap_or_default();
    let agent = agents::find(call, state, id).ok().map(|(number, _)| number);
    let runs = agent.and_then(|agent| state.extractions_of(agent)).into_iter().flat_map(|set| set.newest());
    let listed = runs.filter(|id| state.run(*id).is_some_and(|it| !is_unlisted(call, it.record.created)));
    let jobs: Vec<Value> = listed.filter_map(|id| shown::job(call, world, id, era)).collect();
    Reply::json(StatusCode::OK, &jobs)
}

pub(super) fn get(call: &Call<'_>, world: &mut WorldState, era: Era) -> Reply {
    let id = acts::id(call);
    let found = seen::job(call, world.llama_extract(), id);
    let shown = found.and_then(|(number, _)| Some((number, shown::job(call, world, number, era)?)));
    say(shown
        .map(|(number, job)| Reply::json(StatusCode::OK, &job).about(acts::known(world, number)))
        .ok_or_else(|| Problem::not_found("Extraction job", id)))
}

/// What has come of a job, once something has. The wording of the refusal is that of 2024, by which clients know it.
pub(super) fn result(call: &Call<'_>, world: &mut WorldState, era: Era) -> Reply {
    say(resulted(call, world, era))
}

fn resulted(call: &Call<'_>, world: &WorldState, era: Era) -> Result<Reply, Problem> {
    let id = acts::id(call);
    let state = world.llama_extract();
    let (number, extraction) =
        seen::job(call, state, id).ok_or_else(|| Problem::not_found("Extraction job", id))?;
    let view = seen::seen(call, extraction);
    let results = shown::results(world, extraction, &view).ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_FOUND,
            format!("Result for Extraction Job {id} not found. Check job status to see if it has completed."),
        )
    })?;
    let agent = state.agent(extraction.record.agent).map(|agent| agent.record.id);
    let run = extraction.record.run;
    let reply = Reply::later(StatusCode::OK, move || {
        let data = results.data();
        let metadata = shown::metadata(&results, &data);
        let data = shown::in_era(data, era);
        json_bytes(&json!({
            "run_id": run,
            "extraction_agent_id": agent,
            "data": data,
            "extraction_metadata": metadata,
        }))
    });
    Ok(reply.about(acts::known(world, number)))
}
