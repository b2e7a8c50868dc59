//! What an extraction is: the facts recorded when it was created, and the controls applied since.

use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use crate::clock::VirtualTime;
use crate::lifecycle::{Control, Plan};
use crate::model::llama_extract::agent::{AgentId, Settings};
use crate::model::llama_extract::configuration::ConfigurationId;
use crate::model::llama_extract::file::FileId;
use crate::seed::Digest;

/// What comes of an extraction that succeeds.
#[derive(Debug, Clone, PartialEq)]
pub enum Yield {
    /// Data that fits the schema.
    Whole,
    /// The same without so many of its fields, or without a share of them.
    Missing(Option<u32>),
    /// As little as the schema allows.
    Nothing,
    /// What the scenario says, whole even where the extraction counts as complete only in part.
    Given(Arc<Value>),
}

/// What a client of v2 wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct Wrote {
    /// How it named the file.
    pub file_input: Box<str>,
    /// The saved configuration it referred to.
    pub configuration: Option<ConfigurationId>,
}

/// The facts recorded when an extraction was created. They never change; the world's log holds this very record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The UUID of the job, as text: what the control plane knows it by.
    pub id: Arc<str>,
    /// The UUID of v1's job. v2 shows it with `ext-` in front.
    pub job: Uuid,
    /// The UUID of v1's run.
    pub run: Uuid,
    /// Whose work it is.
    pub agent: AgentId,
    /// What it is made from.
    pub file: FileId,
    /// What it was told: its agent's settings at that time, or what took their place.
    pub settings: Arc<Settings>,
    /// What a client of v2 wrote, if one asked for it.
    pub wrote: Option<Wrote>,
    /// Whether it was asked for as the vendor's own pages do (v1, `from_ui`).
    pub from_ui: bool,
    /// When.
    pub created: VirtualTime,
    /// When and how it ends if nobody interferes.
    pub plan: Plan,
    /// What comes of it then.
    pub yields: Yield,
    /// Whether it counts as complete only in part.
    pub is_partial: bool,
    /// What is said of it if it fails by plan; the usual words otherwise.
    pub error: Option<Box<str>>,
    /// The digest of the request that asked for it.
    pub digest: Digest,
    /// The scenario's rules that it counts for, by position.
    pub rules: Box<[u16]>,
}

/// An extraction.
#[derive(Debug, Clone, PartialEq)]
pub struct Extraction {
    /// What was decided.
    pub record: Arc<Record>,
    /// What was done to it, in order.
    pub controls: Vec<Control>,
    /// What was said of its failure by whoever made it fail.
    pub error: Option<Box<str>>,
}

impl Extraction {
    /// An extraction that has just been created.
    pub fn new(record: &Arc<Record>) -> Self {
        Self { record: Arc::clone(record), controls: Vec::new(), error: None }
    }
}
