//! The log of a world: every change it accepted. Folding it gives the world again.

use std::sync::Arc;

use crate::clock::{Mode, VirtualTime};
use crate::idempotency::Answer;
use crate::model::{catalog, extralt, llama_extract};
use crate::scenario::Scenario;
use crate::scenario::fault::Fault;
use crate::seed::Digest;
use crate::webhooks;

/// A change of a world.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Something happens at Catalog.
    Catalog(catalog::state::Command),
    /// Something happens at Extralt.
    Extralt(extralt::state::Command),
    /// Something happens at LlamaExtract.
    LlamaExtract(llama_extract::state::Command),
    /// Something happens to webhooks.
    Webhooks(webhooks::state::Command),
    /// A request that may be made again has been answered.
    Answered(Arc<Answered>),
    /// New runs follow another scenario, and the account gets its settings if it has any.
    Scenario(Arc<Scenario>),
    /// The clock is moved to this instant.
    SetClock(VirtualTime),
    /// Requests moved the clock, in the end to this instant. All those between two other changes are one entry, so that
    /// a client that only polls does not fill the log.
    RequestsCame(VirtualTime),
    /// Time passes in another way.
    ClockMode(Mode),
    /// Something more goes wrong on purpose, in front of what the scenario says.
    AddFault(Arc<Fault>),
    /// A fault that was added is taken away again, by its id.
    RemoveFault(Arc<str>),
    /// Every fault that was added is taken away again.
    ClearFaults,
}

/// What a request was answered that carried an idempotency key.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// What its repetitions have in common: the key, the operation and what its path names.
    pub name: Box<str>,
    /// What it asked for, in short.
    pub digest: Digest,
    /// The answer.
    pub answer: Answer,
}

/// A change and when it was accepted. A created run stands here as the record the world holds, not as a copy.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The world's time.
    pub at: VirtualTime,
    /// What changed.
    pub command: Command,
}
