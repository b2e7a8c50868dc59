//! Checks any server against the documented contracts: drives it through one shared plan of jobs, records every
//! exchange, and judges the record.
//!
//! Judging is separate from driving and needs the record only, so a check gives the same verdict for the same
//! exchanges wherever they come from.

pub mod checks;
pub mod client;
pub mod clock;
pub mod history;
pub mod judge;
pub mod ledger;
pub mod oracle;
mod plan;
pub mod profile;
pub mod progress;
pub mod report;
pub mod run;
pub mod score;
pub mod session;
pub mod target;
pub mod transport;
pub mod verdict;
