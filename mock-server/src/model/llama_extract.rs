//! LlamaExtract's agents, files and extractions. One store for all generations of the API: an extraction is v1's job and
//! the run of that job, and it is v2's job.
//!
//! In reading order: what there is ([`config`], [`agent`], [`mod@file`], [`run`], [`configuration`]), how an extraction is
//! created ([`create`], [`planning`]), or was before the start ([`beginning`]), how all of it is kept ([`state`]), and
//! what can be seen of an extraction at an instant ([`view`], [`results`]). [`notice`] is what listeners are told.

pub mod agent;
pub mod beginning;
pub mod config;
pub mod configuration;
pub mod create;
pub mod file;
pub mod ids;
pub mod notice;
pub mod planning;
pub mod results;
pub mod run;
pub mod state;
pub mod view;
