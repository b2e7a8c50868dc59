//! LlamaExtract in one world: agents, files, configurations and extractions. Changed only through [`State::apply`] and
//! [`State::settle`].

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use uuid::Uuid;

use crate::agenda::Agenda;
use crate::blobs::Blob;
use crate::clock::VirtualTime;
use crate::lifecycle::{self, Action, Control, Stage, observe};
use crate::model::llama_extract::agent::{Agent, AgentId, AgentRecord, Settings, Sort};
use crate::model::llama_extract::configuration::{Configuration, ConfigurationId, Saved};
use crate::model::llama_extract::file::{File, FileId, FileRecord};
use crate::model::llama_extract::run::{Extraction, Record};
use crate::model::llama_extract::view::{Status, view};
use crate::model::roll::Roll;
use crate::model::run_set::RunSet;
use crate::model::{self, RunId};
use crate::scenario::account::{LlamaExtractAccount, RateLimit};
use crate::seed::Digest;

mod reads;

/// The most extractions that a world keeps; a create beyond it is refused.
pub const RUNS_MAX: usize = 4_000_000;

/// The most agents that clients create, and as many files and configurations; a create beyond it is refused.
pub const THINGS_MAX: usize = 1_000_000;

/// How many bytes of schemas and settings a world keeps; a create beyond it is refused. Files have a quota of their own.
pub const INPUT_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// A change that has been decided and accepted. The world's log is made of these.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// An agent is created.
    CreateAgent(Arc<AgentRecord>),
    /// An agent extracts something else from now on.
    UpdateAgent(AgentId, Arc<Settings>),
    /// An agent is deleted.
    DeleteAgent(AgentId),
    /// A file is announced, or has come along.
    AddFile(Arc<FileRecord>),
    /// What is in a file has arrived.
    FillFile(FileId, Blob),
    /// A file is deleted.
    DeleteFile(FileId),
    /// A configuration is saved.
    SaveConfiguration(Uuid, Arc<Saved>),
    /// A configuration is saved anew.
    UpdateConfiguration(ConfigurationId, Arc<Saved>),
    /// A configuration is deleted.
    DeleteConfiguration(ConfigurationId),
    /// An extraction is created.
    Create(Arc<Record>),
    /// Something is done to an extraction.
    Control {
        /// Which.
        run: RunId,
        /// What.
        action: Action,
        /// Why, with [`Action::Fail`].
        error: Option<Box<str>>,
    },
    /// An extraction is deleted.
    Delete(RunId),
    /// So many requests are answered from now on; `None` means every one.
    RateLimit(Option<RateLimit>),
}

/// An extraction ends, unless something was done to it in the meantime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event(pub RunId);

/// LlamaExtract in one world.
#[derive(Debug, Default, PartialEq)]
pub struct State {
    agents: Roll<Agent>,
    agent_ids: HashMap<Uuid, AgentId>,
    agent_names: HashMap<Arc<str>, AgentId>,
    default_agent: Option<AgentId>,
    files: Roll<File>,
    file_ids: HashMap<Uuid, FileId>,
    configurations: Roll<Configuration>,
    configuration_ids: HashMap<Uuid, ConfigurationId>,
    runs: Roll<Extraction>,
    /// By the UUID of the job, and by that of the run.
    run_ids: HashMap<Uuid, RunId>,
    /// The extractions of each agent.
    of_agent: HashMap<AgentId, RunSet>,
    /// Those that have not ended.
    live: RunSet,
    created: HashMap<Digest, u64>,
    /// The ids that the scenario gives to what a world begins with.
    pinned: HashSet<Uuid>,
    rate_limit: Option<RateLimit>,
    input_bytes: u64,
}

impl Command {
    /// What gives an account these settings, whatever it had before.
    pub fn settings(account: &LlamaExtractAccount) -> [Self; 1] {
        [Self::RateLimit(account.rate_limit)]
    }

    /// The scenario's rules that an extraction counts for, by position, if this creates one.
    pub fn rules(&self) -> &[u16] {
        match self {
            Self::Create(record) => &record.rules,
            _ => &[],
        }
    }
}

impl State {
    /// The state of an account that has just been opened, in a world in which these ids are given away.
    pub fn new(account: &LlamaExtractAccount, pinned: HashSet<Uuid>) -> Self {
        Self { rate_limit: account.rate_limit, pinned, ..Self::default() }
    }

    /// Carries out a command that has been accepted.
    pub fn apply(&mut self, command: &Command, at: VirtualTime, agenda: &mut Agenda<model::Event>) {
        match command {
            Command::CreateAgent(record) => self.add_agent(record),
            Command::UpdateAgent(agent, settings) => {
                if let Some(agent) = self.agents.get_mut(agent.0) {
                    self.input_bytes += settings.bytes();
                    (agent.settings, agent.updated) = (Arc::clone(settings), at);
                }
            }
            Command::DeleteAgent(agent) => self.delete_agent(*agent),
            Command::AddFile(record) => {
                if let Some(number) = self.files.add(File::new(record)) {
                    self.file_ids.insert(record.id, FileId(number));
                }
            }
            Command::FillFile(file, content) => {
                if let Some(file) = self.files.get_mut(file.0) {
                    (file.content, file.updated) = (Some(content.clone()), at);
                }
            }
            Command::DeleteFile(file) => {
                self.files.strike(file.0);
                // What was extracted from it is made from what is known of it.
                if let Some(content) = self.files.get(file.0).and_then(|file| file.content.as_ref()) {
                    content.discard();
                }
            }
            Command::SaveConfiguration(id, saved) => {
                let saved = Arc::clone(saved);
                let it = Configuration { id: *id, saved, version: 1, created: at, updated: at };
                if let Some(number) = self.configurations.add(it) {
                    self.configuration_ids.insert(*id, ConfigurationId(number));
                }
            }
            Command::UpdateConfiguration(id, saved) => {
                if let Some(it) = self.configurations.get_mut(id.0) {
                    (it.saved, it.version, it.updated) = (Arc::clone(saved), it.version + 1, at);
                }
            }
            Command::DeleteConfiguration(id) => drop(self.configurations.strike(id.0)),
            Command::Create(record) => self.add(record, agenda),
            Command::Control { run, action, error } => self.control(*run, *action, error.clone(), at, agenda),
            Command::Delete(run) => self.delete(*run),
            Command::RateLimit(limit) => self.rate_limit = *limit,
        }
    }

    /// Lets an extraction end that is due to at `at`. In which state it has, if it has.
    pub fn settle(&mut self, Event(run): Event, at: VirtualTime) -> Option<Status> {
        let extraction = self.runs.get(run.0).filter(|_| self.live.contains(run))?;
        let record = &extraction.record;
        let stage = observe(&record.plan, &extraction.controls, at.since(record.created)).stage;
        if !matches!(stage, Stage::Ended(_)) {
            return None;
        }
        let status = view(extraction, at).status;
        self.live.remove(run);
        Some(status)
    }

    /// Whether an event no longer means anything.
    pub fn is_stale(&self, Event(run): Event, due: VirtualTime) -> bool {
        let ends = |extraction: &Extraction| {
            let end = lifecycle::ends(&extraction.record.plan, &extraction.controls);
            end.map(|end| extraction.record.created.after(end))
        };
        !self.live.contains(run) || self.runs.get(run.0).and_then(ends) != Some(due)
    }

    fn add_agent(&mut self, record: &Arc<AgentRecord>) {
        self.input_bytes += record.settings.bytes();
        let Some(id) = self.agents.add(Agent::new(record)).map(AgentId) else { return };
        self.agent_ids.insert(record.id, id);
        self.agent_names.insert(Arc::clone(&record.name), id);
        if record.sort == Sort::Default {
            self.default_agent = Some(id);
        }
    }

    fn delete_agent(&mut self, id: AgentId) {
        if !self.agents.strike(id.0) {
            return;
        }
        if self.default_agent == Some(id) {
            self.default_agent = None;
        }
        if let Some(agent) = self.agents.get(id.0) {
            self.agent_names.remove(&agent.record.name);
        }
    }

    fn add(&mut self, record: &Arc<Record>, agenda: &mut Agenda<model::Event>) {
        // Bounded by `has_room` when the command was decided.
        let Some(number) = self.runs.add(Extraction::new(record)) else { return };
        let id = RunId(number);
        self.run_ids.insert(record.job, id);
        self.run_ids.insert(record.run, id);
        self.of_agent.entry(record.agent).or_default().insert(id);
        self.live.insert(id);
        *self.created.entry(record.digest).or_default() += 1;
        self.plan_ahead(id, agenda);
    }

    fn control(
        &mut self,
        id: RunId,
        action: Action,
        error: Option<Box<str>>,
        at: VirtualTime,
        agenda: &mut Agenda<model::Event>,
    ) {
        let Some(extraction) = self.runs.get_mut(id.0) else { return };
        extraction.controls.push(Control { at: at.since(extraction.record.created), action });
        if error.is_some() {
            extraction.error = error;
        }
        self.plan_ahead(id, agenda);
    }

    fn delete(&mut self, id: RunId) {
        self.runs.strike(id.0);
        if let Some(extraction) = self.runs.get(id.0)
            && let Some(runs) = self.of_agent.get_mut(&extraction.record.agent)
        {
            runs.remove(id);
        }
        // It does not end any more, so that nobody is told of it.
        self.live.remove(id);
    }

    fn plan_ahead(&self, id: RunId, agenda: &mut Agenda<model::Event>) {
        let Some(extraction) = self.runs.get(id.0) else { return };
        let record = &extraction.record;
        if let Some(end) = lifecycle::ends(&record.plan, &extraction.controls) {
            agenda.add(record.created.after(end), Event(id).into());
        }
    }
}
