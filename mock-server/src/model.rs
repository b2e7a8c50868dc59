//! The domain of each emulated API: its resources, its commands and what they do to each other. No HTTP and no wire
//! types; those live in `apis`.

pub mod catalog;
pub mod run_set;

/// A run's place in the order of creation within its API and its world, whatever its kind. Never reused before a reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub u32);
