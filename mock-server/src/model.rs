//! The domain of each emulated API: its resources, its commands and what they do to each other. No HTTP and no wire
//! types; those live in `apis`.

use crate::model::extralt::state::Event as ExtraltEvent;

pub mod catalog;
pub mod extralt;
pub mod run_set;

/// Something that becomes due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// At Extralt.
    Extralt(ExtraltEvent),
}

impl From<ExtraltEvent> for Event {
    fn from(event: ExtraltEvent) -> Self {
        Self::Extralt(event)
    }
}

/// A run's place in the order of creation within its API and its world, whatever its kind. Never reused before a reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub u32);
