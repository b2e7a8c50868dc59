//! The domain of each emulated API: its resources, its commands and what they do to each other. No HTTP and no wire
//! types; those live in `apis`.

pub mod catalog;
