//! Agents, in either generation of v1, and the list of them in v2.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use crate::apis::dialect::Call;
use crate::apis::llama_extract::problem::{Problem, say};
use crate::apis::llama_extract::seen::{is_unlisted, named};
use crate::apis::llama_extract::{acts, config, schemas, shown};
use crate::apis::reply::Reply;
use crate::model::llama_extract::agent::{
    Agent, AgentId, AgentRecord, DEFAULT_NAME, DEFAULT_NAME_ELSE, Settings, Sort,
};
use crate::model::llama_extract::config::Era;
use crate::model::llama_extract::state::{Command, State};
use crate::world::state::WorldState;

/// The agent with this id.
pub(super) fn find<'a>(call: &Call<'_>, state: &'a State, id: &str) -> Result<(AgentId, &'a Agent), Problem> {
    named(call, id, "", |id| state.find_agent(id), |(_, agent)| agent.record.created)
        .ok_or_else(|| Problem::not_found("Extraction agent", id))
}

/// What the body of a create or an update says an agent shall extract.
fn settings(call: &Call<'_>, era: Era) -> Result<Arc<Settings>, Problem> {
    let schema = schemas::read(&call.body["data_schema"])?;
    let config = config::read(&call.body["config"], era)?;
    Ok(Arc::new(Settings { schema, config }))
}

fn reply(world: &WorldState, found: Option<&Agent>, era: Era) -> Result<Reply, Problem> {
    let agent = found.ok_or_else(|| Problem::not_found("Extraction agent", ""))?;
    Ok(Reply::json(StatusCode::OK, &shown::agent(world, agent, era)))
}

fn add(
    call: &Call<'_>,
    world: &mut WorldState,
    name: &str,
    sort: Sort,
    settings: Arc<Settings>,
) -> Result<AgentId, Problem> {
    if !world.llama_extract().has_room_for_things() {
        return Err(Problem::full());
    }
    let id = acts::fresh(call, world, "agent");
    let record = AgentRecord { id, name: name.into(), sort, settings, created: call.now };
    acts::apply(call, world, Command::CreateAgent(Arc::new(record)))?;
    let found = world.llama_extract().find_agent(id).map(|(number, _)| number);
    found.ok_or_else(Problem::full)
}

/// The agent for those who have none; it is there from when somebody first needs it.
pub(super) fn standing(call: &Call<'_>, world: &mut WorldState) -> Result<AgentId, Problem> {
    let state = world.llama_extract();
    if let Some(id) = state.default_agent() {
        return Ok(id);
    }
    // Its usual name may be somebody's already.
    let name = if state.agent_named(DEFAULT_NAME).is_some() { DEFAULT_NAME_ELSE } else { DEFAULT_NAME };
    let settings = Settings { schema: schemas::empty()?, config: config::read(&json!({}), Era::V1)? };
    add(call, world, name, Sort::Default, Arc::new(settings))
}

pub(super) fn create(call: &Call<'_>, world: &mut WorldState, era: Era) -> Reply {
    say(settings(call, era).and_then(|settings| {
        let name = call.body["name"].as_str().unwrap_or_default();
        if world.llama_extract().agent_named(name).is_some() {
            return Err(Problem::conflict(format!(
                "An extraction agent with the name {} exists already",
                crate::apis::words::shortened(name)
            )));
        }
        let id = add(call, world, name, Sort::Named, settings)?;
        reply(world, world.llama_extract().agent(id), era)
    }))
}

/// All agents, newest first. The page's era filters by name; later ones leave the default agent out unless asked.
pub(super) fn list(call: &Call<'_>, world: &mut WorldState, era: Era) -> Reply {
    let state = world.llama_extract();
    let name = call.text("name").filter(|_| era == Era::Page);
    let with_default = call.query.get("include_default").and_then(Value::as_bool).unwrap_or(false);
    let listed = state.agents().newest().map(|(_, agent)| agent).filter(|agent| {
        let record = &agent.record;
        name.is_none_or(|name| *record.name == *name)
            && (with_default || record.sort != Sort::Default)
            && !is_unlisted(call, record.created)
    });
    let agents: Vec<Value> = listed.map(|agent| shown::agent(world, agent, era)).collect();
    Reply::json(StatusCode::OK, &agents)
}

pub(super) fn get(call: &Call<'_>, world: &mut WorldState, era: Era) -> Reply {
    let found = find(call, world.llama_extract(), acts::id(call));
    say(found.and_then(|(_, agent)| reply(world, Some(agent), era)))
}

pub(super) fn by_name(call: &Call<'_>, world: &mut WorldState, era: Era) -> Reply {
    let name = call.path("name");
    let found = world.llama_extract().agent_named(name);
    let found = found.filter(|(_, agent)| !super::seen::is_hidden(call, agent.record.created));
    say(match found {
        Some((_, agent)) => reply(world, Some(agent), era),
        None => Err(Problem::not_found("Extraction agent", name)),
    })
}

/// The agent for those who have none.
pub(super) fn default(call: &Call<'_>, world: &mut WorldState, era: Era) -> Reply {
    let found = standing(call, world);
    say(found.and_then(|id| reply(world, world.llama_extract().agent(id), era)))
}

pub(super) fn update(call: &Call<'_>, world: &mut WorldState, era: Era) -> Reply {
    say(find(call, world.llama_extract(), acts::id(call)).map(|(id, _)| id).and_then(|id| {
        if !world.llama_extract().has_room_for_things() {
            return Err(Problem::full());
        }
        acts::apply(call, world, Command::UpdateAgent(id, settings(call, era)?))?;
        reply(world, world.llama_extract().agent(id), era)
    }))
}

/// Deletes an agent. What it has extracted stays, and can be read by its ids.
pub(super) fn delete(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let found = find(call, world.llama_extract(), acts::id(call)).map(|(id, _)| id);
    say(found.and_then(|id| {
        acts::apply(call, world, Command::DeleteAgent(id))?;
        Ok(acts::done())
    }))
}

/// Says whether a schema is one, and shows it again.
pub(super) fn validate(call: &Call<'_>, _: &mut WorldState) -> Reply {
    let schema = schemas::read(&call.body["data_schema"]);
    say(schema.map(|schema| Reply::json(StatusCode::OK, &json!({ "data_schema": schema.value() }))))
}

/// A schema for what a client says it wants.
pub(super) fn generate(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(generated(call, world).map(|schema| Reply::json(StatusCode::OK, &json!({ "data_schema": schema }))))
}

/// The schema that both generations show in their own ways.
pub(super) fn generated(call: &Call<'_>, world: &WorldState) -> Result<Value, Problem> {
    let said = |name: &str| call.body.get(name).filter(|value| !value.is_null());
    let file = match said("file_id").and_then(Value::as_str) {
        Some(id) => Some(super::files::find(call, world.llama_extract(), id)?.1),
        None => None,
    };
    let name = file.map(|file| &*file.record.name);
    let prompt = said("prompt").and_then(Value::as_str);
    Ok(schemas::generated(prompt, said("data_schema"), name)?.value().clone())
}
