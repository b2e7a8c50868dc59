//! What a client may see of an extraction at an instant. Each generation shows less than all of it.

use std::time::Duration;

use crate::clock::VirtualTime;
use crate::lifecycle::{Action, End, Observation, Phase, Stage, observe};
use crate::model::llama_extract::run::Extraction;

/// What is said of a failure that nobody has said anything about.
pub const USUAL_FAILURE: &str = "The extraction failed: the document could not be read";
/// What is said of an extraction that was cancelled.
pub const CANCELLED: &str = "The extraction was cancelled";

/// The states of an extraction, all generations together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Accepted, and not queued: v1's run alone shows it.
    Created,
    /// Queued.
    Pending,
    /// Held back for a while: v2 alone shows it.
    Throttled,
    /// At work: v2 alone shows it.
    Running,
    /// Finished well.
    Success,
    /// Finished, and some of the data is missing: v1's job alone shows it.
    PartialSuccess,
    /// Failed.
    Error,
    /// Cancelled by its client.
    Cancelled,
}

impl Status {
    /// Every state, those that end an extraction last.
    pub const ALL: &'static [Self] = &[
        Self::Created,
        Self::Pending,
        Self::Throttled,
        Self::Running,
        Self::Success,
        Self::PartialSuccess,
        Self::Error,
        Self::Cancelled,
    ];

    /// The word of the control plane.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Pending => "pending",
            Self::Throttled => "throttled",
            Self::Running => "running",
            Self::Success => "success",
            Self::PartialSuccess => "partial_success",
            Self::Error => "error",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more happens by itself.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Success | Self::PartialSuccess | Self::Error | Self::Cancelled)
    }

    /// Whether there is data to be read.
    pub fn has_data(self) -> bool {
        matches!(self, Self::Success | Self::PartialSuccess)
    }
}

/// An extraction at an instant.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// What state it is in.
    pub status: Status,
    /// Why it has come to nothing, if it has.
    pub error: Option<Box<str>>,
    /// What it is doing, in the engine's terms.
    pub observation: Observation,
    /// When it last came into another phase.
    pub updated: VirtualTime,
    /// When it ended.
    pub ended: Option<VirtualTime>,
}

/// The view of `extraction` at `now`.
pub fn view(extraction: &Extraction, now: VirtualTime) -> View {
    let record = &extraction.record;
    let observation = observe(&record.plan, &extraction.controls, now.since(record.created));
    let instant = |offset: Duration| record.created.after(offset);
    let status = status(extraction, &observation);
    let ended = observation.ended.map(instant);
    let error = match status {
        Status::Error => Some(reason(extraction)),
        Status::Cancelled => Some(CANCELLED.into()),
        _ => None,
    };
    let updated = ended.or_else(|| observation.started.map(instant)).unwrap_or(record.created);
    View { status, error, observation, updated, ended }
}

fn status(extraction: &Extraction, observation: &Observation) -> Status {
    match observation.stage {
        Stage::Waiting | Stage::Active(Phase::Pending) => Status::Created,
        Stage::Active(Phase::Starting) => Status::Pending,
        Stage::Active(Phase::Throttled) => Status::Throttled,
        Stage::Active(Phase::Running | Phase::Finalizing) => Status::Running,
        Stage::Ended(End::Completed | End::Exhausted) if extraction.record.is_partial => {
            Status::PartialSuccess
        }
        Stage::Ended(End::Completed | End::Exhausted) => Status::Success,
        Stage::Ended(End::Failed | End::Abandoned) => Status::Error,
        Stage::Ended(End::Canceled) => Status::Cancelled,
    }
}

fn reason(extraction: &Extraction) -> Box<str> {
    let by_operator = extraction.controls.iter().any(|control| control.action == Action::Fail);
    let said = if by_operator { extraction.error.as_ref() } else { extraction.record.error.as_ref() };
    said.cloned().unwrap_or_else(|| USUAL_FAILURE.into())
}
