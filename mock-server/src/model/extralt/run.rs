//! What a run is, of whatever kind: the facts recorded when it was created, the attempt it is in, and the controls
//! applied to that.

use std::sync::Arc;

use crate::clock::VirtualTime;
use crate::lifecycle::{Control, Plan};
use crate::model::RunId;
use crate::model::extralt::import::Content;
use crate::scenario::kind::RunKind;
use crate::scenario::run::Refusal;
use crate::seed::Digest;

/// The four kinds of Extralt's runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Builds the robot that knows a shop. The robot is this run: v1 shows nothing else, v0 shows both.
    Robot,
    /// Crawls a shop with a robot and yields captures.
    Run,
    /// Makes items of the captures of a run or an import.
    Enrichment,
    /// Takes captures from a file.
    Import,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Robot, Self::Run, Self::Enrichment, Self::Import];

    /// The same in the language of scenarios.
    pub fn named(self) -> RunKind {
        match self {
            Self::Robot => RunKind::RobotBuild,
            Self::Run => RunKind::Run,
            Self::Enrichment => RunKind::Enrichment,
            Self::Import => RunKind::Import,
        }
    }

    /// What each unit of its yield costs, in credits (page "Running extractions": two for a capture; credits and billing:
    /// one for an enriched one).
    pub fn price(self) -> u64 {
        match self {
            Self::Run => 2,
            Self::Enrichment => 1,
            Self::Robot | Self::Import => 0,
        }
    }
}

/// Who asked for a run. The words are those of v1's `triggered_by`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// A client.
    Api,
    /// A schedule.
    Schedule,
    /// The end of a run that was to be enriched.
    Auto,
}

impl Trigger {
    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Schedule => "schedule",
            Self::Auto => "auto",
        }
    }
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A robot for a shop.
    Robot {
        /// The id of its building, which only v0 shows.
        build: Arc<str>,
        /// The address that was given.
        url: Arc<str>,
        /// The host of that address, in lower case.
        host: Arc<str>,
        /// The country, two capital letters.
        country: Arc<str>,
        /// The shop's language, two small letters.
        language: Arc<str>,
        /// What it is called.
        name: Arc<str>,
        /// Why it cannot be built, if it fails by plan for one of the documented reasons.
        refusal: Option<Refusal>,
    },
    /// A run of a robot.
    Run {
        /// Its robot.
        robot: RunId,
        /// What it is called.
        name: Arc<str>,
        /// Where it begins; nowhere in particular if empty.
        start_urls: Arc<[Box<str>]>,
        /// Whether an enrichment follows once it has completed.
        auto_enrich: bool,
    },
    /// Items of captures.
    Enrichment {
        /// The run or the import that the captures are of.
        source: RunId,
        /// The same as it was when this was decided: it may begin again, with other captures.
        taken: Arc<Run>,
    },
    /// Captures of a file.
    Import {
        /// What the file is called.
        name: Arc<str>,
        /// What was found in it.
        content: Arc<Content>,
    },
}

impl Input {
    /// The kind of run this input makes.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Robot { .. } => Kind::Robot,
            Self::Run { .. } => Kind::Run,
            Self::Enrichment { .. } => Kind::Enrichment,
            Self::Import { .. } => Kind::Import,
        }
    }

    /// The bytes a client sent that are kept for this input.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Robot { url, host, .. } => (url.len() + host.len()) as u64,
            Self::Run { start_urls, .. } => {
                start_urls.iter().map(|url| (url.len() + size_of::<Box<str>>()) as u64).sum()
            }
            Self::Enrichment { taken, .. } => size_of_val(&*taken.controls) as u64,
            Self::Import { name, content } => name.len() as u64 + content.bytes(),
        }
    }
}

/// One go of a run at its work: the first since its creation, and another with each restart.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// When it began.
    pub begun: VirtualTime,
    /// When and how it ends if nobody interferes.
    pub plan: Plan,
    /// How many captures, items or products it yields if it comes to its end.
    pub total: u64,
    /// How many of the items of an enrichment come to nothing.
    pub errors: u64,
    /// How many captures or items it may yield; `None` means as many as there are.
    pub budget: Option<u64>,
    /// How many items an enrichment had made before it was continued.
    pub before: u64,
    /// What is said of it if it fails by plan; the usual words otherwise.
    pub error: Option<Box<str>>,
    /// The digest of the request that asked for it.
    pub digest: Digest,
    /// The scenario's rules that it counts for, by position.
    pub rules: Box<[u16]>,
}

/// The facts recorded when a run was created. They never change; the world's log holds this very record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The id that clients know it by.
    pub id: Arc<str>,
    /// What was asked for.
    pub input: Input,
    /// Who asked.
    pub trigger: Trigger,
    /// When.
    pub created: VirtualTime,
    /// Its first attempt.
    pub first: Arc<Attempt>,
}

/// A run: its record, the attempt it is in, and what was done to that.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// What was decided.
    pub record: Arc<Record>,
    /// The latest attempt.
    pub attempt: Arc<Attempt>,
    /// How many attempts there were before it.
    pub restarts: u32,
    /// What was done to the latest attempt, in order.
    pub controls: Vec<Control>,
    /// How many captures or items could be paid for, once the credits had run out.
    pub paid: Option<u64>,
    /// What was said of its failure by whoever made it fail.
    pub error: Option<Box<str>>,
    /// How many runs of a robot there have been.
    pub runs: u32,
    /// Whether it is gone for its clients.
    pub deleted: bool,
}

impl Run {
    /// A run that has just been created.
    pub fn new(record: &Arc<Record>) -> Self {
        Self {
            record: Arc::clone(record),
            attempt: Arc::clone(&record.first),
            restarts: 0,
            controls: Vec::new(),
            paid: None,
            error: None,
            runs: 0,
            deleted: false,
        }
    }

    /// The kind of run it is.
    pub fn kind(&self) -> Kind {
        self.record.input.kind()
    }
}
