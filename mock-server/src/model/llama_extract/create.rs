//! Decides what a request for an extraction becomes.

use std::sync::Arc;

use uuid::Uuid;

use crate::model::circumstances::Circumstances;
use crate::model::llama_extract::agent::{AgentId, Settings};
use crate::model::llama_extract::file::FileId;
use crate::model::llama_extract::ids;
use crate::model::llama_extract::planning::Given;
use crate::model::llama_extract::run::{Record, Wrote};
use crate::model::llama_extract::state::State;
use crate::scenario::matcher::RunSubject;
use crate::scenario::run::RunRule;

/// The world holds as much as it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Whose work it is.
    pub agent: AgentId,
    /// What it is made from.
    pub file: FileId,
    /// What it is told.
    pub settings: Arc<Settings>,
    /// What a client of v2 wrote, if one asks for it.
    pub wrote: Option<Wrote>,
    /// Whether it is asked for as the vendor's own pages do.
    pub from_ui: bool,
}

/// Decides about an extraction of a file that is there. Of several with one digest each has draws of its own.
pub fn extraction(state: &State, asked: Asked, around: &Circumstances<'_>) -> Result<Arc<Record>, Full> {
    let file_name = state.file(asked.file).map_or("", |file| &file.record.name);
    let (rules, rule) = matching(state, asked.agent, file_name, around);
    decided(state, asked, (rules, rule), None, around)
}

/// The same for one that a world begins with: what becomes of it is given, and its id may be.
pub fn earlier(
    state: &State,
    asked: Asked,
    course: Option<&RunRule>,
    id: Option<Uuid>,
    around: &Circumstances<'_>,
) -> Result<Arc<Record>, Full> {
    decided(state, asked, (Box::default(), course), id, around)
}

fn decided(
    state: &State,
    asked: Asked,
    (rules, rule): (Box<[u16]>, Option<&RunRule>),
    id: Option<Uuid>,
    around: &Circumstances<'_>,
) -> Result<Arc<Record>, Full> {
    if !state.has_room() {
        return Err(Full);
    }
    let file_name = state.file(asked.file).map_or("", |file| &file.record.name);
    let occurrence = state.created(around.digest);
    let draws = |purpose: &str| around.stream.draws(purpose, around.digest, occurrence);
    let future = Given { rule, file_name, draws: &draws("plan") }.future();
    let job = id.unwrap_or_else(|| ids::fresh("job", draws, |id| state.is_taken(id)));
    let run = ids::fresh("run", draws, |id| id == job || state.is_taken(id));
    Ok(Arc::new(Record {
        id: job.to_string().into(),
        job,
        run,
        agent: asked.agent,
        file: asked.file,
        settings: asked.settings,
        wrote: asked.wrote,
        from_ui: asked.from_ui,
        created: around.now,
        plan: future.plan,
        yields: future.yields,
        is_partial: future.is_partial,
        error: future.error,
        digest: around.digest,
        rules,
    }))
}

/// The rules whose conditions an extraction meets, and the first of them that decides.
fn matching<'a>(
    state: &State,
    agent: AgentId,
    file_name: &str,
    around: &Circumstances<'a>,
) -> (Box<[u16]>, Option<&'a RunRule>) {
    if around.rules.is_empty() {
        return (Box::default(), None);
    }
    let named = agent_names(state, agent);
    let agent: Vec<&str> = named.iter().map(|name| &**name).collect();
    let subject = RunSubject {
        api: "llama-extract",
        kind: "extraction",
        hosts: &[],
        query: None,
        robot: &[],
        agent: &agent,
        file_name: Some(file_name),
        request: around.body,
    };
    around.rules_for(&subject)
}

/// The id and the name of an agent, by which scenarios know it.
pub fn agent_names(state: &State, agent: AgentId) -> Vec<Box<str>> {
    state
        .agent(agent)
        .map_or_else(Vec::new, |agent| vec![agent.record.id.to_string().into(), (*agent.record.name).into()])
}
