//! Agents: a schema and settings under a name.

use std::sync::Arc;

use fixtures::samples::llama_extract::DataSchema;
use uuid::Uuid;

use crate::clock::VirtualTime;
use crate::model::llama_extract::config::Config;

/// An agent's number in its world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgentId(pub u32);

/// The longest name, in characters (v1, `ExtractAgentCreate`).
pub const NAME_MAX: usize = 3_000;

/// The name of the agent that is there for those who have none (v1, `extraction-agents/default`).
pub const DEFAULT_NAME: &str = "default";
/// Its name where somebody else has that one.
pub const DEFAULT_NAME_ELSE: &str = "default of this project";

/// What is extracted, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The shape of the data.
    pub schema: DataSchema,
    /// Everything else.
    pub config: Config,
}

impl Settings {
    /// How many bytes of what a client sent are kept for them, about.
    pub fn bytes(&self) -> u64 {
        self.schema.canonical().len() as u64
    }
}

/// Why there is an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Somebody created it.
    Named,
    /// It is the one that is there for those who have none: extractions without an agent are its work.
    Default,
}

/// The facts recorded when an agent was created.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentRecord {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: Arc<str>,
    /// Why it is there.
    pub sort: Sort,
    /// What it extracts at first.
    pub settings: Arc<Settings>,
    /// When it was created.
    pub created: VirtualTime,
}

/// An agent.
#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    /// What was decided.
    pub record: Arc<AgentRecord>,
    /// What it extracts now.
    pub settings: Arc<Settings>,
    /// When that was last changed.
    pub updated: VirtualTime,
}

impl Agent {
    /// An agent that has just been created.
    pub fn new(record: &Arc<AgentRecord>) -> Self {
        Self { record: Arc::clone(record), settings: Arc::clone(&record.settings), updated: record.created }
    }
}
