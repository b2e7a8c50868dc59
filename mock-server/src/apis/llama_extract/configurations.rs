//! Saved configurations of v2.

use std::collections::HashSet;
use std::sync::Arc;

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::apis::dialect::Call;
use crate::apis::llama_extract::acts::{self, said};
use crate::apis::llama_extract::problem::{Problem, say};
use crate::apis::llama_extract::seen::{is_unlisted, named};
use crate::apis::llama_extract::shown::instant;
use crate::apis::llama_extract::{extract, pages};
use crate::apis::reply::Reply;
use crate::model::llama_extract::agent::Settings;
use crate::model::llama_extract::configuration::{Configuration, ConfigurationId, Parameters, Saved};
use crate::model::llama_extract::ids;
use crate::model::llama_extract::state::{Command, State};
use crate::world::state::WorldState;

/// The product whose configurations extractions can refer to.
const EXTRACT: &str = "extract_v2";

/// The configuration with this id.
pub(super) fn find<'a>(
    call: &Call<'_>,
    state: &'a State,
    id: &str,
) -> Result<(ConfigurationId, &'a Configuration), Problem> {
    named(call, id, ids::CONFIGURATION, |id| state.find_configuration(id), |(_, it)| it.created)
        .ok_or_else(|| Problem::not_found("Configuration", id))
}

/// What an extraction is told that refers to a configuration.
pub(super) fn settings(configuration: &Configuration) -> Result<Arc<Settings>, Problem> {
    match &configuration.saved.parameters {
        Parameters::Extract(settings) => Ok(Arc::clone(settings)),
        Parameters::Other { product, .. } => Err(Problem::bad_request(format!(
            "The configuration is one of {product}, and an extraction needs one of {EXTRACT}"
        ))),
    }
}

fn read(parameters: &Value) -> Result<Parameters, Problem> {
    let product = parameters["product_type"].as_str().unwrap_or_default();
    if product == EXTRACT {
        return Ok(Parameters::Extract(Arc::new(extract::read_settings(parameters)?)));
    }
    let said: Map<String, Value> = parameters.as_object().cloned().unwrap_or_default();
    Ok(Parameters::Other { product: product.into(), said: Arc::new(said) })
}

fn product(configuration: &Configuration) -> &str {
    product_of(&configuration.saved.parameters)
}

fn product_of(parameters: &Parameters) -> &str {
    match parameters {
        Parameters::Extract(_) => EXTRACT,
        Parameters::Other { product, .. } => product,
    }
}

/// The configuration of this name for this product.
fn of_name(state: &State, name: &str, of: &str) -> Option<ConfigurationId> {
    let mut all = state.configurations().newest();
    let found = all.find(|(_, it)| *it.saved.name == *name && product(it) == of);
    found.map(|(number, _)| ConfigurationId(number))
}

fn shown(it: &Configuration) -> Value {
    let parameters = match &it.saved.parameters {
        Parameters::Extract(settings) => {
            let mut shown = extract::configuration(settings);
            shown["product_type"] = json!(EXTRACT);
            shown
        }
        Parameters::Other { said, .. } => Value::Object((**said).clone()),
    };
    json!({
        "id": format!("{}{}", ids::CONFIGURATION, it.id),
        "name": it.saved.name,
        "product_type": product(it),
        // It is an instant: the one at which this version came about.
        "version": instant(it.updated),
        "parameters": parameters,
        "created_at": instant(it.created),
        "updated_at": instant(it.updated),
    })
}

fn reply(world: &WorldState, id: ConfigurationId, status: StatusCode) -> Result<Reply, Problem> {
    let it =
        world.llama_extract().configuration(id).ok_or_else(|| Problem::not_found("Configuration", ""))?;
    Ok(Reply::json(status, &shown(it)))
}

pub(super) fn create(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(created(call, world))
}

fn created(call: &Call<'_>, world: &mut WorldState) -> Result<Reply, Problem> {
    if !world.llama_extract().has_room_for_things() {
        return Err(Problem::full());
    }
    let parameters = read(&call.body["parameters"])?;
    let name: Box<str> = call.body["name"].as_str().unwrap_or_default().into();
    // One of this name for this product is changed, and no second one made (v2, POST configurations).
    if let Some(there) = of_name(world.llama_extract(), &name, product_of(&parameters)) {
        acts::apply(call, world, Command::UpdateConfiguration(there, Arc::new(Saved { name, parameters })))?;
        return reply(world, there, StatusCode::CREATED);
    }
    let id = acts::fresh(call, world, "configuration");
    acts::apply(call, world, Command::SaveConfiguration(id, Arc::new(Saved { name, parameters })))?;
    let found = world.llama_extract().find_configuration(id).map(|(number, _)| number);
    reply(world, found.ok_or_else(Problem::full)?, StatusCode::CREATED)
}

pub(super) fn get(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let found = find(call, world.llama_extract(), acts::id(call)).map(|(id, _)| id);
    say(found.and_then(|id| reply(world, id, StatusCode::OK)))
}

/// Changes what is given, and leaves the rest. Extractions that referred to it keep what they were told.
pub(super) fn update(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(updated(call, world))
}

fn updated(call: &Call<'_>, world: &mut WorldState) -> Result<Reply, Problem> {
    let (id, it) = find(call, world.llama_extract(), acts::id(call))?;
    let name = said(call.body, "name").and_then(Value::as_str);
    let saved = Saved {
        name: name.map_or_else(|| it.saved.name.clone(), Into::into),
        parameters: match said(call.body, "parameters") {
            Some(parameters) => read(parameters)?,
            None => it.saved.parameters.clone(),
        },
    };
    if product_of(&saved.parameters) != product(it) {
        return Err(Problem::bad_request(format!(
            "The configuration is one of {}, and stays one",
            product(it)
        )));
    }
    let taken = of_name(world.llama_extract(), &saved.name, product(it));
    if taken.is_some_and(|other| other != id) {
        return Err(Problem::conflict("Another configuration of the project has this name"));
    }
    acts::apply(call, world, Command::UpdateConfiguration(id, Arc::new(saved)))?;
    reply(world, id, StatusCode::OK)
}

pub(super) fn delete(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let found = find(call, world.llama_extract(), acts::id(call)).map(|(id, _)| id);
    say(found.and_then(|id| {
        acts::apply(call, world, Command::DeleteConfiguration(id))?;
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    }))
}

/// Configurations, newest first; of each name only the latest, if a client wants it so.
pub(super) fn list(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(listed(call, world))
}

fn listed(call: &Call<'_>, world: &WorldState) -> Result<Reply, Problem> {
    let products = call.query.get("product_type").and_then(Value::as_array);
    let name = call.text("name");
    let latest_only = call.query.get("latest_only").and_then(Value::as_bool).unwrap_or(false);
    let mut seen = HashSet::new();
    let matching: Vec<(u32, &Configuration)> = world
        .llama_extract()
        .configurations()
        .newest()
        .filter(|(_, it)| {
            products.is_none_or(|wanted| wanted.iter().any(|word| word == product(it)))
                && name.is_none_or(|name| *it.saved.name == *name)
                && !is_unlisted(call, it.created)
                && (!latest_only || seen.insert((it.saved.name.clone(), product(it))))
        })
        .collect();
    let total = matching.len();
    let page = pages::numbered(call, world, "configurations", total, matching.into_iter(), pages::newest)?;
    Ok(page.reply(shown))
}
