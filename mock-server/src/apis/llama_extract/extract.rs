//! Extractions as v2's jobs.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use crate::apis::dialect::Call;
use crate::apis::llama_extract::acts::{self, said};
use crate::apis::llama_extract::detail::Item;
use crate::apis::llama_extract::problem::{Problem, say};
use crate::apis::llama_extract::seen::{self, is_unlisted, seen};
use crate::apis::llama_extract::shown::{instant, project, results};
use crate::apis::llama_extract::{agents, config, configurations, files, pages, schemas};
use crate::apis::reply::{Reply, json_bytes};
use crate::clock::VirtualTime;
use crate::lifecycle::Action;
use crate::model::RunId;
use crate::model::llama_extract::agent::Settings;
use crate::model::llama_extract::config::{Era, Target};
use crate::model::llama_extract::create::Asked;
use crate::model::llama_extract::ids;
use crate::model::llama_extract::results::Results;
use crate::model::llama_extract::run::{Extraction, Wrote};
use crate::model::llama_extract::state::Command;
use crate::model::llama_extract::view::Status;
use crate::scenario::fault::StateEffect;
use crate::world::state::WorldState;

/// Credits of a page, extracted and parsed. No document says what they are for every tier; ours are the same for all.
const CREDITS_PER_PAGE: u32 = 1;

/// A job before its data is made, which is done without the world's lock.
#[derive(Debug)]
struct JobShown {
    head: Value,
    results: Option<Results>,
    target: Target,
    with_metadata: bool,
    with_usage: bool,
}

/// What is shown besides what always is.
#[derive(Debug, Clone, Copy)]
struct Expanded {
    configuration: bool,
    metadata: bool,
    usage: bool,
}

impl Expanded {
    fn of(call: &Call<'_>) -> Self {
        let words = call.query.get("expand").and_then(Value::as_array);
        let has = |word: &str| words.is_some_and(|words| words.iter().any(|it| it == word));
        Self { configuration: has("configuration"), metadata: has("extract_metadata"), usage: has("usage") }
    }
}

fn status_word(status: Status) -> &'static str {
    match status {
        Status::Created | Status::Pending => "PENDING",
        Status::Throttled => "THROTTLED",
        Status::Running => "RUNNING",
        Status::Success | Status::PartialSuccess => "COMPLETED",
        Status::Error => "FAILED",
        Status::Cancelled => "CANCELLED",
    }
}

/// The settings of an extraction, as v2 shows them.
pub(super) fn configuration(settings: &Settings) -> Value {
    let mut shown = config::written(&settings.config, Era::V2);
    shown.insert("data_schema".to_owned(), settings.schema.value().clone());
    Value::Object(shown)
}

/// The file as whoever asked for the extraction named it.
fn file_input(world: &WorldState, extraction: &Extraction) -> String {
    match &extraction.record.wrote {
        Some(wrote) => wrote.file_input.to_string(),
        None => {
            let file = world.llama_extract().file(extraction.record.file);
            file.map(|file| format!("{}{}", ids::FILE, file.record.id)).unwrap_or_default()
        }
    }
}

impl JobShown {
    fn of(call: &Call<'_>, world: &WorldState, id: RunId, expanded: Expanded) -> Option<Self> {
        let state = world.llama_extract();
        let extraction = state.run(id)?;
        let record = &extraction.record;
        let view = seen(call, extraction);
        let saved = record.wrote.as_ref().and_then(|wrote| state.configuration(wrote.configuration?));
        let configuration = expanded.configuration.then(|| configuration(&record.settings));
        let head = json!({
            "id": format!("{}{}", ids::EXTRACTION, record.job),
            "file_input": file_input(world, extraction),
            "project_id": project(world),
            "configuration_id": saved.map(|saved| format!("{}{}", ids::CONFIGURATION, saved.id)),
            "configuration": configuration,
            "status": status_word(view.status),
            "error_message": view.error.as_ref().filter(|_| view.status == Status::Error),
            "created_at": instant(record.created),
            "updated_at": instant(view.updated),
            "extract_result": null,
            "extract_metadata": null,
            "metadata": null,
        });
        Some(Self {
            head,
            results: results(world, extraction, &view),
            target: record.settings.config.target,
            // Whoever asked for what it says need not ask for it (client 2.19.0).
            with_metadata: expanded.metadata
                || record.settings.config.citations
                || record.settings.config.confidence,
            with_usage: expanded.usage,
        })
    }

    fn made(mut self) -> Value {
        let head = &mut self.head;
        if self.with_usage {
            head["usage"] = Value::Null;
        }
        let Some(results) = &self.results else { return self.head };
        let data = results.data();
        let pages = results.pages();
        head["metadata"] = json!({ "usage": { "num_pages_extracted": pages, "num_pages_billed": pages } });
        if self.with_metadata {
            let place = match self.target {
                Target::Document => "document_metadata",
                Target::Page => "page_metadata",
                Target::TableRow => "row_metadata",
            };
            let mut fields =
                json!({ "document_metadata": null, "page_metadata": null, "row_metadata": null });
            fields[place] = results.metadata(&data);
            head["extract_metadata"] =
                json!({ "field_metadata": fields, "parse_job_id": null, "parse_tier": null });
        }
        if self.with_usage {
            let credits = pages * CREDITS_PER_PAGE;
            head["usage"] =
                json!({ "credits": 2 * credits, "extract_credits": credits, "parse_credits": credits });
        }
        head["extract_result"] = data;
        self.head
    }
}

fn shown(call: &Call<'_>, world: &WorldState, id: RunId) -> Result<Reply, Problem> {
    let job = JobShown::of(call, world, id, Expanded::of(call)).ok_or_else(|| unknown(""))?;
    Ok(Reply::later(StatusCode::OK, move || json_bytes(&job.made())).about(acts::known(world, id)))
}

fn unknown(id: &str) -> Problem {
    Problem::not_found("Extract job", id)
}

fn find<'a>(call: &Call<'_>, world: &'a WorldState) -> Result<(RunId, &'a Extraction), Problem> {
    let id = acts::id(call);
    seen::job(call, world.llama_extract(), id).ok_or_else(|| unknown(id))
}

pub(super) fn create(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(created(call, world).and_then(|id| {
        let known = acts::known(world, id).to_owned();
        Ok(shown(call, world, id)?.began(&known))
    }))
}

fn created(call: &Call<'_>, world: &mut WorldState) -> Result<RunId, Problem> {
    let body = call.body;
    let (inline, saved) = (said(body, "configuration"), said(body, "configuration_id"));
    let (settings, configuration) = match (inline, saved.and_then(Value::as_str)) {
        (Some(inline), None) => (Arc::new(read_settings(inline)?), None),
        (None, Some(id)) => {
            let (number, it) = configurations::find(call, world.llama_extract(), id)?;
            (configurations::settings(it)?, Some(number))
        }
        _ => {
            let why = "Value error, exactly one of configuration and configuration_id has to be given";
            return Err(Problem::unprocessable(Item::wrong(&["body"], body, why)));
        }
    };
    let input = body["file_input"].as_str().unwrap_or_default();
    if input.starts_with(ids::PARSE_JOB) {
        return Err(Problem::not_found("Parse job", input));
    }
    let file = files::usable(call, world.llama_extract(), input)?;
    let agent = agents::standing(call, world)?;
    let wrote = Some(Wrote { file_input: input.into(), configuration });
    acts::extract(call, world, body, Asked { agent, file, settings, wrote, from_ui: false })
}

/// What an extraction is told, as v2 says it: the schema is one of the settings.
pub(super) fn read_settings(said: &Value) -> Result<Settings, Problem> {
    Ok(Settings { schema: schemas::read(&said["data_schema"])?, config: config::read(said, Era::V2)? })
}

pub(super) fn get(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(find(call, world).map(|(id, _)| id).and_then(|id| shown(call, world, id)))
}

/// Cancels a job. One that is over cannot be.
pub(super) fn cancel(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(cancelled(call, world))
}

fn cancelled(call: &Call<'_>, world: &mut WorldState) -> Result<Reply, Problem> {
    let (id, extraction) = find(call, world)?;
    let status = seen(call, extraction).status;
    if status.is_terminal() {
        return Err(Problem::conflict(format!(
            "The job is {} and cannot be cancelled any more",
            status_word(status)
        )));
    }
    if call.staged == Some(StateEffect::LoseCancel) {
        call.took_effect.set(true);
        let mut job = JobShown::of(call, world, id, Expanded::of(call)).ok_or_else(|| unknown(""))?;
        // It is said to be cancelled, as the contract has it, and goes on.
        job.head["status"] = json!(status_word(Status::Cancelled));
        return Ok(Reply::json(StatusCode::OK, &job.made()).about(acts::known(world, id)));
    }
    acts::apply(call, world, Command::Control { run: id, action: Action::Cancel, error: None })?;
    shown(call, world, id)
}

/// Deletes a job. One that is not over is only deleted by force.
pub(super) fn delete(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(deleted(call, world))
}

fn deleted(call: &Call<'_>, world: &mut WorldState) -> Result<Reply, Problem> {
    let (id, extraction) = find(call, world)?;
    let status = seen(call, extraction).status;
    let by_force = call.query.get("force").and_then(Value::as_bool).unwrap_or(false);
    if !status.is_terminal() && !by_force {
        return Err(Problem::conflict(format!(
            "The job is {}: cancel it first, or delete it with force=true",
            status_word(status)
        )));
    }
    let known = acts::known(world, id).to_owned();
    acts::apply(call, world, Command::Delete(id))?;
    Ok(acts::done().about(&known))
}

/// Jobs, newest first, that meet every filter.
pub(super) fn list(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(listed(call, world))
}

fn listed(call: &Call<'_>, world: &WorldState) -> Result<Reply, Problem> {
    let state = world.llama_extract();
    let filter = Filter::of(call)?;
    let matching: Vec<(u32, RunId)> = state
        .extractions()
        .newest()
        .filter(|(_, extraction)| {
            !is_unlisted(call, extraction.record.created) && filter.lets_through(call, world, extraction)
        })
        .map(|(number, _)| (number, RunId(number)))
        .collect();
    let total = matching.len();
    let page = pages::numbered(call, world, "jobs", total, matching.into_iter(), pages::newest)?;
    let expanded = Expanded::of(call);
    let jobs: Vec<JobShown> =
        page.items.into_iter().filter_map(|id| JobShown::of(call, world, id, expanded)).collect();
    let (next, total) = (page.next, page.total);
    Ok(Reply::later(StatusCode::OK, move || {
        let items: Vec<Value> = jobs.into_iter().map(JobShown::made).collect();
        json_bytes(&json!({ "items": items, "next_page_token": next, "total_size": total }))
    }))
}

/// What a list of jobs is asked for. All of it has to hold.
struct Filter<'a> {
    status: Option<&'a str>,
    configuration: Option<&'a str>,
    input: Option<&'a str>,
    input_type: Option<&'a str>,
    jobs: Option<Vec<&'a str>>,
    from: Option<VirtualTime>,
    to: Option<VirtualTime>,
}

impl<'a> Filter<'a> {
    fn of(call: &'a Call<'_>) -> Result<Self, Problem> {
        let jobs = call.query.get("job_ids").and_then(Value::as_array);
        Ok(Self {
            status: call.text("status"),
            configuration: call.text("configuration_id"),
            input: call.text("file_input").or_else(|| call.text("document_input_value")),
            input_type: call.text("document_input_type"),
            jobs: jobs.map(|ids| ids.iter().filter_map(Value::as_str).collect()),
            from: at(call, "created_at_on_or_after")?,
            to: at(call, "created_at_on_or_before")?,
        })
    }

    fn lets_through(&self, call: &Call<'_>, world: &WorldState, extraction: &Extraction) -> bool {
        let record = &extraction.record;
        let state = world.llama_extract();
        let is_job = |id: &str| ids::read(id, ids::EXTRACTION) == Some(record.job);
        let is_file = |input: &str| {
            let file = state.file(record.file);
            ids::read(input, ids::FILE).is_some_and(|id| file.is_some_and(|file| file.record.id == id))
        };
        let is_configuration = |id: &str| {
            let saved = record.wrote.as_ref().and_then(|wrote| state.configuration(wrote.configuration?));
            ids::read(id, ids::CONFIGURATION).is_some_and(|id| saved.is_some_and(|saved| saved.id == id))
        };
        self.status.is_none_or(|status| status_word(seen(call, extraction).status) == status)
            && self.configuration.is_none_or(is_configuration)
            && self.input.is_none_or(is_file)
            // Nothing is made from parse jobs here.
            && self.input_type.is_none_or(|kind| kind == "file_id")
            && self.jobs.as_ref().is_none_or(|ids| ids.iter().any(|id| is_job(id)))
            && self.from.is_none_or(|from| record.created.as_millis() >= from.as_millis())
            && self.to.is_none_or(|to| record.created.as_millis() <= to.as_millis())
    }
}

/// The instant in the query parameter of this name. Without an offset it is UTC.
fn at(call: &Call<'_>, name: &str) -> Result<Option<VirtualTime>, Problem> {
    let Some(text) = call.text(name) else { return Ok(None) };
    let with_offset = text.parse::<jiff::Timestamp>();
    let at = with_offset.or_else(|_| format!("{text}Z").parse::<jiff::Timestamp>());
    at.map(|at| Some(at.into())).map_err(|_| {
        let why = "Value error, this is no instant as RFC 3339 has it";
        Problem::unprocessable(Item::wrong(&["query", name], &json!(text), why))
    })
}

/// The schema that v2's generator makes, as a configuration that can be saved.
pub(super) fn generate(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(agents::generated(call, world).map(|schema| {
        let name = said(call.body, "name").and_then(Value::as_str).unwrap_or("Generated schema");
        let parameters = json!({ "product_type": "extract_v2", "data_schema": schema });
        Reply::json(StatusCode::OK, &json!({ "name": name, "parameters": parameters }))
    }))
}
