//! What a world begins with: created before its start, as its clients would have created it.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::blobs::Quota;
use crate::clock::VirtualTime;
use crate::model::circumstances::Circumstances;
use crate::model::llama_extract::agent::{AgentId, AgentRecord, Settings, Sort};
use crate::model::llama_extract::config::{Config, Era, Target, usual};
use crate::model::llama_extract::create::{self, Asked};
use crate::model::llama_extract::file::{FileId, FileRecord};
use crate::model::llama_extract::ids;
use crate::model::llama_extract::state::{Command, State};
use crate::scenario::contents::llama_extract::{self as contents, Earlier, Reference, What};
use crate::seed::Stream;

/// What brings `earlier` about at the instant `created`, up to which `state` must be settled.
///
/// `None` if what it is about is not there, which the checks of the scenario rule out.
pub fn of(state: &State, earlier: &Earlier, stream: &Stream, created: VirtualTime) -> Option<Command> {
    let draws = |purpose: &str| stream.draws(purpose, earlier.digest, 0);
    let id = |purpose: &str| {
        earlier.id.unwrap_or_else(|| ids::fresh(purpose, draws, |id: Uuid| state.is_taken(id)))
    };
    match &earlier.what {
        What::Agent(agent) => Some(Command::CreateAgent(Arc::new(AgentRecord {
            id: id("agent"),
            name: Arc::clone(&agent.name),
            sort: Sort::Named,
            settings: Arc::new(Settings { schema: agent.schema.clone(), config: config(agent) }),
            created,
        }))),
        What::File(file) => Some(Command::AddFile(Arc::new(FileRecord {
            id: id("file"),
            name: Arc::clone(&file.name),
            external_id: file.external_id.clone(),
            purpose: None,
            announced: None,
            said: Map::new(),
            created,
            // Each world has a file of its own, which it can delete. What a scenario may hold always fits.
            content: Quota::default().keep(Bytes::copy_from_slice(file.text.as_bytes())).ok(),
        }))),
        What::Extraction(extraction) => {
            let around = Circumstances {
                stream,
                rules: &[],
                counts: &[],
                digest: earlier.digest,
                body: &Value::Null,
                now: created,
            };
            let asked = asked(state, extraction)?;
            let course = Some(&extraction.behaviour);
            create::earlier(state, asked, course, earlier.id, &around).ok().map(Command::Create)
        }
    }
}

/// The settings of an agent, in v1's words.
fn config(agent: &contents::Agent) -> Config {
    let (target, word) = match agent.target {
        contents::Target::Document => (Target::Document, "PER_DOC"),
        contents::Target::Page => (Target::Page, "PER_PAGE"),
        contents::Target::TableRow => (Target::TableRow, "PER_TABLE_ROW"),
    };
    let mut said = usual(Era::V1);
    for (name, value) in [
        ("extraction_target", json!(word)),
        ("cite_sources", json!(agent.citations)),
        ("confidence_scores", json!(agent.confidence)),
        ("use_reasoning", json!(agent.reasoning)),
    ] {
        said.insert(name.to_owned(), value);
    }
    Config {
        target,
        citations: agent.citations,
        confidence: agent.confidence,
        reasoning: agent.reasoning,
        pages: Box::default(),
        max_pages: None,
        era: Era::V1,
        said: Arc::new(said),
    }
}

fn asked(state: &State, extraction: &contents::Extraction) -> Option<Asked> {
    let (agent, settings) = agent(state, &extraction.agent)?;
    let file = file(state, &extraction.file)?;
    Some(Asked { agent, file, settings, wrote: None, from_ui: false })
}

fn agent(state: &State, reference: &Reference) -> Option<(AgentId, Arc<Settings>)> {
    let (id, agent) = match reference {
        Reference::Id(id) => state.find_agent(*id),
        Reference::Name(name) => state.agent_named(name),
    }?;
    Some((id, Arc::clone(&agent.settings)))
}

fn file(state: &State, reference: &Reference) -> Option<FileId> {
    match reference {
        Reference::Id(id) => state.find_file(*id).map(|(id, _)| id),
        Reference::Name(name) => {
            let mut all = state.files().newest();
            all.find(|(_, file)| file.record.name == *name).map(|(number, _)| FileId(number))
        }
    }
}
