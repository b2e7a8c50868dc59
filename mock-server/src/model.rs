//! The domain of each emulated API: its resources, its commands and what they do to each other. No HTTP and no wire
//! types; those live in `apis`.

pub mod catalog;
pub mod circumstances;
pub mod extralt;
pub mod llama_extract;
pub mod roll;
pub mod run_set;

/// Something that becomes due in a world, by the API whose it is: all of them share one agenda, so that what happens at
/// one instant happens in the order in which it was planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// At Catalog.
    Catalog(catalog::state::Event),
    /// At Extralt.
    Extralt(extralt::state::Event),
    /// At LlamaExtract.
    LlamaExtract(llama_extract::state::Event),
}

impl From<catalog::state::Event> for Event {
    fn from(event: catalog::state::Event) -> Self {
        Self::Catalog(event)
    }
}

impl From<extralt::state::Event> for Event {
    fn from(event: extralt::state::Event) -> Self {
        Self::Extralt(event)
    }
}

impl From<llama_extract::state::Event> for Event {
    fn from(event: llama_extract::state::Event) -> Self {
        Self::LlamaExtract(event)
    }
}

/// A run's place in the order of creation within its API and its world, whatever its kind. Never reused before a reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub u32);
