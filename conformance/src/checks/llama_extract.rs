//! Checks of LlamaExtract, all three generations. What they say in the same words one check judges in each of them.

mod look;
mod rows;

pub mod agents;
pub mod asked;
pub mod configurations;
pub mod expand;
pub mod extractions;
pub mod files;
pub mod jobs;
pub mod keys;
pub mod missing;
pub mod pages;
pub mod results;
pub mod run_lists;
pub mod runs;
pub mod schemas;
pub mod settings;
pub mod shapes;
pub mod tenants;
pub mod uploads;
pub mod webhooks;
