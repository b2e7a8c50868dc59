//! What can be known of LlamaExtract in a world.

use uuid::Uuid;

use super::{INPUT_BYTES_MAX, RUNS_MAX, State, THINGS_MAX};
use crate::clock::VirtualTime;
use crate::model::RunId;
use crate::model::llama_extract::agent::{Agent, AgentId};
use crate::model::llama_extract::configuration::{Configuration, ConfigurationId};
use crate::model::llama_extract::file::{File, FileId};
use crate::model::llama_extract::run::Extraction;
use crate::model::llama_extract::view::{View, view};
use crate::model::roll::Roll;
use crate::model::run_set::RunSet;
use crate::scenario::account::RateLimit;
use crate::seed::Digest;

impl State {
    /// The agents that lists show.
    pub fn agents(&self) -> &Roll<Agent> {
        &self.agents
    }

    /// An agent, also one that is deleted.
    pub fn agent(&self, id: AgentId) -> Option<&Agent> {
        self.agents.get(id.0)
    }

    /// The agent that clients know by this id.
    pub fn find_agent(&self, id: Uuid) -> Option<(AgentId, &Agent)> {
        let number = *self.agent_ids.get(&id)?;
        self.agents.get(number.0).filter(|_| self.agents.holds(number.0)).map(|agent| (number, agent))
    }

    /// The agent of this name.
    pub fn agent_named(&self, name: &str) -> Option<(AgentId, &Agent)> {
        let number = *self.agent_names.get(name)?;
        Some((number, self.agents.get(number.0)?))
    }

    /// The agent that is there for those who have none, once somebody has needed it.
    pub fn default_agent(&self) -> Option<AgentId> {
        self.default_agent
    }

    /// The files that are not deleted.
    pub fn files(&self) -> &Roll<File> {
        &self.files
    }

    /// A file, also one that is deleted.
    pub fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(id.0)
    }

    /// The file that clients know by this id.
    pub fn find_file(&self, id: Uuid) -> Option<(FileId, &File)> {
        let number = *self.file_ids.get(&id)?;
        self.files.get(number.0).filter(|_| self.files.holds(number.0)).map(|file| (number, file))
    }

    /// The saved configurations.
    pub fn configurations(&self) -> &Roll<Configuration> {
        &self.configurations
    }

    /// A configuration, also one that is deleted.
    pub fn configuration(&self, id: ConfigurationId) -> Option<&Configuration> {
        self.configurations.get(id.0)
    }

    /// The configuration of this UUID.
    pub fn find_configuration(&self, id: Uuid) -> Option<(ConfigurationId, &Configuration)> {
        let number = *self.configuration_ids.get(&id)?;
        let found = self.configurations.get(number.0).filter(|_| self.configurations.holds(number.0));
        found.map(|configuration| (number, configuration))
    }

    /// The extractions that are not deleted.
    pub fn extractions(&self) -> &Roll<Extraction> {
        &self.runs
    }

    /// Those of an agent.
    pub fn extractions_of(&self, agent: AgentId) -> Option<&RunSet> {
        self.of_agent.get(&agent)
    }

    /// Those that have not ended.
    pub fn live(&self) -> &RunSet {
        &self.live
    }

    /// An extraction, also one that is deleted.
    pub fn run(&self, id: RunId) -> Option<&Extraction> {
        self.runs.get(id.0)
    }

    /// The extraction whose job has this UUID.
    pub fn find_job(&self, id: Uuid) -> Option<(RunId, &Extraction)> {
        self.find(id).filter(|(_, extraction)| extraction.record.job == id)
    }

    /// The extraction whose run has this UUID.
    pub fn find_run(&self, id: Uuid) -> Option<(RunId, &Extraction)> {
        self.find(id).filter(|(_, extraction)| extraction.record.run == id)
    }

    /// The extraction whose job or whose run has this UUID.
    pub fn find(&self, id: Uuid) -> Option<(RunId, &Extraction)> {
        let run = *self.run_ids.get(&id)?;
        self.runs.get(run.0).filter(|_| self.runs.holds(run.0)).map(|extraction| (run, extraction))
    }

    /// What an extraction looks or looked like at `at`, up to which the world must be settled.
    pub fn view(&self, id: RunId, at: VirtualTime) -> Option<View> {
        Some(view(self.run(id)?, at))
    }

    /// How many extractions there have been.
    pub fn len(&self) -> usize {
        self.runs.ever()
    }

    /// Whether there has been none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many extractions were asked for as this digest says.
    pub fn created(&self, digest: Digest) -> u64 {
        self.created.get(&digest).copied().unwrap_or(0)
    }

    /// Whether something has this id, or is to have it.
    pub fn is_taken(&self, id: Uuid) -> bool {
        self.pinned.contains(&id)
            || self.agent_ids.contains_key(&id)
            || self.file_ids.contains_key(&id)
            || self.configuration_ids.contains_key(&id)
            || self.run_ids.contains_key(&id)
    }

    /// Whether another extraction can be kept.
    pub fn has_room(&self) -> bool {
        self.runs.ever() < RUNS_MAX && self.input_bytes < INPUT_BYTES_MAX
    }

    /// Whether another agent, file and configuration can be kept.
    pub fn has_room_for_things(&self) -> bool {
        let most = self.files.ever().max(self.configurations.ever()).max(self.agents.len());
        most < THINGS_MAX && self.input_bytes < INPUT_BYTES_MAX
    }

    /// How many requests are answered.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.rate_limit
    }
}
