//! The proof of the suite: servers that are broken on purpose must fail the check that is there for them, servers that
//! are merely different must not, and servers that are no API at all must never pass.
//!
//! Broken and lawful servers are data: edits of what passes between the harness and a good server.

pub mod board;
pub mod edit;
pub mod figure;
pub mod files;
pub mod generated;
pub mod held_out;
pub mod hopeless;
pub mod lawful;
pub mod listing;
pub mod mutant;
pub mod pointer;
pub mod run;
pub mod stand;
pub mod tamper;
pub mod trial;
pub mod unproven;
pub mod verdict;
