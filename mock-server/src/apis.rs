//! The emulated APIs: HTTP to commands, observations to wire. [`pipeline`] is the course every request takes;
//! [`upload`] how its body comes in, [`dialect`] what an API says in its own way, [`reply`] what a handler answers with,
//! `effects` what faults make of that, [`visit`] how it leaves, and `stream` how while it is being written. [`routes`]
//! brings requests to their operations, and [`directory`] lists the APIs.

pub mod reply;
mod stream;
pub mod upload;
pub mod dialect;
pub mod client;
pub mod visit;
mod effects;
mod words;
pub mod pipeline;
pub mod routes;
pub mod catalog;
pub mod extralt;
pub mod directory;
