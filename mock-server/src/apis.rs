//! The emulated APIs: HTTP to commands, observations to wire. [`pipeline`] is the course every request takes;
//! [`upload`] how its body comes in, [`dialect`] what an API says in its own way, [`reply`] what a handler answers with,
//! `answer` what that becomes, `effects` what faults make of it, [`visit`] how it leaves, `stream` how piece by piece. [`routes`]
//! brings requests to their operations, [`directory`] lists the APIs, and [`outgoing`] is what they send by themselves.

pub mod reply;
mod stream;
mod answer;
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
pub mod outgoing;
pub mod directory;
