//! Agents, files, jobs and runs as the two generations of v1 show them. [`Era::Page`] has fewer fields, and a file is always
//! there; the newer one is a superset but for the settings.

use bytes::Bytes;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::apis::dialect::Call;
use crate::apis::llama_extract::config;
use crate::apis::llama_extract::seen::seen;
use crate::apis::reply::json_bytes;
use crate::clock::VirtualTime;
use crate::model::RunId;
use crate::model::llama_extract::agent::{Agent, Settings, Sort};
use crate::model::llama_extract::config::Era;
use crate::model::llama_extract::file::File;
use crate::model::llama_extract::ids;
use crate::model::llama_extract::results::{Results, Usage};
use crate::model::llama_extract::run::Extraction;
use crate::model::llama_extract::view::{Status, View};
use crate::world::state::WorldState;

/// An instant as every answer writes it.
pub(super) fn instant(at: VirtualTime) -> Value {
    json!(at.iso_millis())
}

/// The project of a world.
pub(super) fn project(world: &WorldState) -> Uuid {
    ids::project(world.stream())
}

/// An agent.
pub(super) fn agent(world: &WorldState, agent: &Agent, era: Era) -> Value {
    let Settings { schema, config } = &*agent.settings;
    let mut shown = json!({
        "id": agent.record.id,
        "name": agent.record.name,
        "project_id": project(world),
        "data_schema": schema.value(),
        "config": config::written(config, if era == Era::V2 { Era::V1 } else { era }),
        "created_at": instant(agent.record.created),
        "updated_at": instant(agent.updated),
    });
    if era != Era::Page {
        let custom = (agent.record.sort == Sort::Default).then_some("default");
        shown["custom_configuration"] = json!(custom);
    }
    shown
}

/// A file.
pub(super) fn file(world: &WorldState, file: &File, era: Era) -> Value {
    let record = &file.record;
    // The strict models of the earlier clients want a text here, whoever uploaded the file.
    let external_id = record.external_id.as_ref().unwrap_or(&record.name);
    let said = |name: &str| record.said.get(name).cloned().unwrap_or(Value::Null);
    let mut shown = json!({
        "id": record.id,
        "created_at": instant(record.created),
        "updated_at": instant(file.updated),
        "name": record.name,
        "external_file_id": external_id,
        "file_size": file.size(),
        "file_type": file.extension(),
        "project_id": project(world),
        "last_modified_at": said("last_modified_at"),
        "resource_info": said("resource_info"),
        "permission_info": said("permission_info"),
        "data_source_id": said("data_source_id"),
    });
    if era != Era::Page {
        shown["expires_at"] = Value::Null;
        shown["purpose"] = json!(record.purpose);
    }
    shown
}

/// A job of v1.
pub(super) fn job(call: &Call<'_>, world: &WorldState, id: RunId, era: Era) -> Option<Value> {
    let state = world.llama_extract();
    let extraction = state.run(id)?;
    let record = &extraction.record;
    let view = seen(call, extraction);
    let of = state.file(record.file)?;
    let mut shown = json!({
        "id": record.job,
        "extraction_agent": agent(world, state.agent(record.agent)?, era),
        "status": job_status(view.status),
        "error": view.error,
        "file": file(world, of, era),
    });
    if era != Era::Page {
        shown["file_id"] = json!(of.record.id);
    }
    Some(shown)
}

fn job_status(status: Status) -> &'static str {
    match status {
        Status::Created | Status::Pending | Status::Throttled | Status::Running => "PENDING",
        Status::Success => "SUCCESS",
        Status::PartialSuccess => "PARTIAL_SUCCESS",
        Status::Error => "ERROR",
        Status::Cancelled => "CANCELLED",
    }
}

/// A run has fewer states than its job: what is complete in part is a success, and what was cancelled an error.
pub(super) fn run_status(status: Status) -> &'static str {
    match status {
        Status::Created => "CREATED",
        Status::Pending | Status::Throttled | Status::Running => "PENDING",
        Status::Success | Status::PartialSuccess => "SUCCESS",
        Status::Error | Status::Cancelled => "ERROR",
    }
}

/// A run of v1 before its data is made, which is done without the world's lock.
#[derive(Debug)]
pub(super) struct RunShown {
    head: Value,
    results: Option<Results>,
    era: Era,
}

impl RunShown {
    /// The run of this extraction, as a request sees it.
    pub(super) fn of(call: &Call<'_>, world: &WorldState, id: RunId, era: Era) -> Option<Self> {
        let state = world.llama_extract();
        let extraction = state.run(id)?;
        let record = &extraction.record;
        let view = seen(call, extraction);
        let of = state.file(record.file)?;
        let mut head = json!({
            "id": record.run,
            "created_at": instant(record.created),
            "updated_at": instant(view.updated),
            "extraction_agent_id": state.agent(record.agent)?.record.id,
            "data_schema": record.settings.schema.value(),
            "config": config::written(&record.settings.config, era),
            "file": file(world, of, era),
            "status": run_status(view.status),
            "error": view.error,
            "job_id": record.job,
            "data": null,
            "extraction_metadata": null,
        });
        if era != Era::Page {
            head["project_id"] = json!(project(world));
            head["file_id"] = json!(of.record.id);
            head["from_ui"] = json!(record.from_ui);
        }
        Some(Self { head, results: results(world, extraction, &view), era })
    }

    /// The run with its data.
    pub(super) fn made(mut self) -> Value {
        if let Some(results) = &self.results {
            let data = results.data();
            self.head["extraction_metadata"] = Value::Object(metadata(results, &data));
            self.head["data"] = in_era(data, self.era);
        }
        self.head
    }
}

/// Data as a generation shows it: the page's era knows objects alone, so a list of them is one there.
pub(super) fn in_era(data: Value, era: Era) -> Value {
    if era == Era::Page && data.is_array() { json!({ "pages": data }) } else { data }
}

/// What is needed to make the results of an extraction, once it has some.
pub(super) fn results(world: &WorldState, extraction: &Extraction, view: &View) -> Option<Results> {
    let file = world.llama_extract().file(extraction.record.file)?;
    Results::of(extraction, file, world.origin().seed()).filter(|_| view.status.has_data())
}

/// `extraction_metadata` of v1 (page "Metadata extensions").
pub(super) fn metadata(results: &Results, data: &Value) -> Map<String, Value> {
    let Usage { pages, document_tokens, output_tokens } = results.usage(data);
    let usage = json!({
        "num_pages_extracted": pages,
        "num_document_tokens": document_tokens,
        "num_output_tokens": output_tokens,
    });
    Map::from_iter([("field_metadata".to_owned(), results.metadata(data)), ("usage".to_owned(), usage)])
}

/// Runs as a bare list, once their data is made.
pub(super) fn bare(runs: Vec<RunShown>) -> Bytes {
    let made: Vec<Value> = runs.into_iter().map(RunShown::made).collect();
    json_bytes(&made)
}
