//! Runs of v1: each is the run of one job, and can be read from when that was created.

use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::apis::dialect::Call;
use crate::apis::llama_extract::acts;
use crate::apis::llama_extract::problem::{Problem, say};
use crate::apis::llama_extract::seen::{self, is_unlisted, seen};
use crate::apis::llama_extract::shown::{self, RunShown};
use crate::apis::reply::{Reply, json_bytes};
use crate::model::RunId;
use crate::model::llama_extract::config::Era;
use crate::model::llama_extract::ids;
use crate::model::llama_extract::run::Extraction;
use crate::model::llama_extract::state::{Command, State};
use crate::world::state::WorldState;

fn shown(call: &Call<'_>, world: &WorldState, id: RunId, era: Era) -> Result<Reply, Problem> {
    let shown = RunShown::of(call, world, id, era).ok_or_else(|| Problem::not_found("Extraction run", ""))?;
    Ok(Reply::later(StatusCode::OK, move || json_bytes(&shown.made())).about(acts::known(world, id)))
}

pub(super) fn get(call: &Call<'_>, world: &mut WorldState, era: Era) -> Reply {
    let id = acts::id(call);
    let found = seen::run(call, world.llama_extract(), id);
    say(match found {
        Some((number, _)) => shown(call, world, number, era),
        None => Err(Problem::not_found("Extraction run", id)),
    })
}

pub(super) fn by_job(call: &Call<'_>, world: &mut WorldState, era: Era) -> Reply {
    let id = acts::id(call);
    let found = seen::job(call, world.llama_extract(), id);
    say(match found {
        Some((number, _)) => shown(call, world, number, era),
        None => Err(Problem::not_found("Extraction run for job", id)),
    })
}

/// Deletes a run, and with it its job: there is one extraction, whatever it is called.
pub(super) fn delete(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let id = acts::id(call);
    let found = seen::run(call, world.llama_extract(), id).map(|(number, _)| number);
    say(found.ok_or_else(|| Problem::not_found("Extraction run", id)).and_then(|number| {
        let known = acts::known(world, number).to_owned();
        acts::apply(call, world, Command::Delete(number))?;
        Ok(acts::done().about(&known))
    }))
}

/// The run that the vendor's own pages began last for an agent, or null.
pub(super) fn latest_from_ui(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let state = world.llama_extract();
    let latest = of_agent(state, call.text("extraction_agent_id").unwrap_or_default())
        .find(|(_, extraction)| extraction.record.from_ui && !is_unlisted(call, extraction.record.created))
        .map(|(id, _)| id);
    match latest {
        Some(id) => say(shown(call, world, id, Era::V1)),
        None => Reply::json(StatusCode::OK, &Value::Null),
    }
}

/// Those of an agent, newest first, also of one that is deleted but for what its lists leave out.
fn of_agent<'a>(state: &'a State, agent: &str) -> Box<dyn Iterator<Item = (RunId, &'a Extraction)> + 'a> {
    let number = ids::read(agent, "").and_then(|id| state.find_agent(id)).map(|(number, _)| number);
    let runs = number.and_then(|number| state.extractions_of(number));
    let runs = runs.into_iter().flat_map(|set| set.newest());
    Box::new(runs.filter_map(|id| Some((id, state.run(id)?))))
}

/// All runs of the filters' agent, newest first.
fn filtered<'a>(call: &'a Call<'_>, state: &'a State) -> impl Iterator<Item = (RunId, &'a Extraction)> + 'a {
    let all: Box<dyn Iterator<Item = (RunId, &Extraction)>> = match call.text("extraction_agent_id") {
        Some(agent) => of_agent(state, agent),
        None => Box::new(state.extractions().newest().map(|(number, it)| (RunId(number), it))),
    };
    let uuid = |name: &str| call.text(name).map(|text| Uuid::try_parse(text).ok());
    let (run, job) = (uuid("run_id"), uuid("job_id"));
    all.filter(move |(_, extraction)| {
        let record = &extraction.record;
        run.is_none_or(|run| run == Some(record.run))
            && job.is_none_or(|job| job == Some(record.job))
            && !is_unlisted(call, record.created)
    })
}

/// The page's list: bare, and filtered by any of three ids.
pub(super) fn list_bare(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let page = filtered(call, world.llama_extract())
        .skip(whole(call, "skip"))
        .take(whole(call, "limit"))
        .filter_map(|(id, _)| RunShown::of(call, world, id, Era::Page));
    let page: Vec<RunShown> = page.collect();
    Reply::later(StatusCode::OK, move || shown::bare(page))
}

/// A page of an agent's runs, and how many there are in all.
pub(super) fn list(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let (skip, limit) = (whole(call, "skip"), whole(call, "limit"));
    let status = call.text("status");
    let has_status = |extraction: &Extraction| {
        status.is_none_or(|status| shown::run_status(seen(call, extraction).status) == status)
    };
    let matching: Vec<RunId> = filtered(call, world.llama_extract())
        .filter(|(_, extraction)| has_status(extraction))
        .map(|(id, _)| id)
        .collect();
    let total = matching.len();
    let page = matching.into_iter().skip(skip).take(limit);
    let page: Vec<RunShown> = page.filter_map(|id| RunShown::of(call, world, id, Era::V1)).collect();
    Reply::later(StatusCode::OK, move || {
        let items: Vec<Value> = page.into_iter().map(RunShown::made).collect();
        json_bytes(&json!({ "items": items, "total": total, "skip": skip, "limit": limit }))
    })
}

fn whole(call: &Call<'_>, name: &str) -> usize {
    usize::try_from(call.number(name)).unwrap_or(usize::MAX)
}
