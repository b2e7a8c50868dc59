//! What can be known of a world.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::WorldState;
use crate::clock::{Mode, VirtualTime, WorldClock};
use crate::idempotency::Remembered;
use crate::model::circumstances::Circumstances;
use crate::model::{catalog, extralt, llama_extract};
use crate::scenario::Scenario;
use crate::scenario::account::Account;
use crate::seed::{Digest, Stream};
use crate::webhooks::state::Webhooks;
use crate::world::log::Entry;
use crate::world::origin::Origin;
use crate::world::runs::Happening;
use crate::world::subject::Subject;

impl WorldState {
    /// Extralt's robots, runs, schedules and the rest.
    pub fn extralt(&self) -> &extralt::state::State {
        &self.extralt
    }

    /// LlamaExtract's agents, files and extractions.
    pub fn llama_extract(&self) -> &llama_extract::state::State {
        &self.llama_extract
    }

    /// Who is told of what happens, and what was told.
    pub fn webhooks(&self) -> &Webhooks<Subject> {
        &self.webhooks
    }

    /// What requests with an idempotency key were answered.
    pub fn answered(&self) -> &Remembered {
        &self.answered
    }

    /// Catalog's runs.
    pub fn catalog(&self) -> &catalog::state::State {
        &self.catalog
    }

    /// What the world began as, and what its log starts from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The scenario that the world begins with at its next reset, and what its key may do then.
    pub fn next_start(&self) -> (&Arc<Scenario>, &Account) {
        (&self.next_scenario, &self.next_account)
    }

    /// The scenario that new runs follow.
    pub fn scenario(&self) -> &Arc<Scenario> {
        &self.scenario
    }

    /// How many runs have met each rule's conditions.
    pub fn rule_counts(&self) -> &[u64] {
        &self.rule_counts
    }

    /// What surrounds a request to begin something that asks for what `digest` and `body` say.
    pub fn circumstances<'a>(
        &'a self,
        digest: Digest,
        body: &'a Value,
        now: VirtualTime,
    ) -> Circumstances<'a> {
        Circumstances {
            stream: &self.origin.stream,
            rules: &self.scenario.runs,
            counts: &self.rule_counts,
            digest,
            body,
            now,
        }
    }

    /// The world's draws.
    pub fn stream(&self) -> &Stream {
        &self.origin.stream
    }

    /// The world's clock.
    pub fn clock(&self) -> &WorldClock {
        &self.clock
    }

    /// How far each request moves the clock: what the scenario says, as long as the clock is a manual one.
    pub fn advance_per_request(&self) -> Option<Duration> {
        self.scenario.clock.advance_per_request.filter(|_| self.clock.mode() == Mode::Manual)
    }

    /// Every change so far.
    pub fn log(&self) -> &[Entry] {
        &self.log
    }

    /// How often it has been reset, and how much has changed since: commands that were accepted, and what
    /// happened to runs by itself.
    pub fn moment(&self) -> (u64, u64) {
        (self.generation, (self.log.len() + self.happened.len()) as u64)
    }

    /// What happened to runs by itself, in this order. A run that was started again may end again.
    pub fn happened(&self) -> &[Happening] {
        &self.happened
    }

    /// How often the world has been reset.
    pub fn generation(&self) -> u64 {
        self.generation
    }
}
