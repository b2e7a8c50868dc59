//! What a world holds at LlamaExtract before the first request: agents, files, and extractions from these by those.

use std::sync::Arc;
use std::time::Duration;

use fixtures::samples::llama_extract::DataSchema;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::scenario::run::RunRule;
use crate::seed::Digest;

/// Something that a world begins with.
#[derive(Debug, Clone, PartialEq)]
pub struct Earlier {
    /// What it is.
    pub what: What,
    /// How long before the world's start it was created; at most [`MAX_DURATION`](crate::scenario::duration::MAX_DURATION).
    pub created: Duration,
    /// The id that its client knows it by, of an extraction that of its job; drawn if none is given.
    pub id: Option<Uuid>,
    /// What it draws by: the digest of what was asked for and when.
    pub digest: Digest,
}

impl Earlier {
    /// Something with everything that follows from the rest.
    pub fn new(what: What, created: Duration, id: Option<Uuid>) -> Self {
        let millis = u64::try_from(created.as_millis()).unwrap_or(u64::MAX);
        let (name, asked) = what.asked();
        // Named apart from every operation, so that no draw of a client's request is one of these.
        let digest = Digest::of("world", name, &[], Some(&json!([asked, millis])));
        Self { what, created, id, digest }
    }
}

/// What a world may begin with.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// An agent.
    Agent(Agent),
    /// A file.
    File(File),
    /// An extraction from one of these files by one of these agents, both of which are there by then.
    Extraction(Box<Extraction>),
}

impl What {
    /// The kind, and what was asked for.
    fn asked(&self) -> (&'static str, Value) {
        match self {
            Self::Agent(agent) => ("agent", json!([&*agent.name, agent.schema.canonical()])),
            Self::File(file) => ("file", json!([&*file.name, &*file.text])),
            Self::Extraction(it) => ("extraction", json!([it.agent.written(), it.file.written()])),
        }
    }
}

/// An agent. No two that a world begins with have one name.
#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    /// Its name.
    pub name: Arc<str>,
    /// The shape of its data.
    pub schema: DataSchema,
    /// What the data is made of.
    pub target: Target,
    /// Whether the places in the document are told.
    pub citations: bool,
    /// Whether it is told how sure each value is.
    pub confidence: bool,
    /// Whether it is told why each value is what it is.
    pub reasoning: bool,
}

/// What the data of an extraction is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Target {
    /// One object for the whole document.
    #[default]
    Document,
    /// An object for each page.
    Page,
    /// An object for each row of a table.
    TableRow,
}

impl Target {
    /// Every target, in the order in which messages list them.
    pub const ALL: &'static [Self] = &[Self::Document, Self::Page, Self::TableRow];

    /// The word in scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Page => "page",
            Self::TableRow => "table-row",
        }
    }
}

/// A file.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// What it is called.
    pub name: Arc<str>,
    /// What its client calls it elsewhere.
    pub external_id: Option<Arc<str>>,
    /// What is in it. It counts towards no world's quota.
    pub text: Arc<str>,
}

/// An extraction.
#[derive(Debug, Clone, PartialEq)]
pub struct Extraction {
    /// The agent.
    pub agent: Reference,
    /// The file.
    pub file: Reference,
    /// What becomes of it. The conditions of this rule are not looked at.
    pub behaviour: RunRule,
}

/// One of the things that a world begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// By the id that it is given.
    Id(Uuid),
    /// By its name, which no other of its kind has.
    Name(Arc<str>),
}

impl Reference {
    fn written(&self) -> String {
        match self {
            Self::Id(id) => id.to_string(),
            Self::Name(name) => name.to_string(),
        }
    }
}
