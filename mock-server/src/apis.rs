//! The emulated APIs: HTTP to commands, observations to wire. [`pipeline`] is the course every request takes;
//! [`upload`] how its body comes in, [`form`] if that is a form, [`disposition`] what a file is called that is sent, [`dialect`] what an API says in its own way, [`bearer`] and
//! [`cursor`] how keys and the pages of lists are written in several of them, [`reply`] what a handler answers with,
//! `answer` what that becomes, `effects` what faults make of it, [`visit`] how it leaves, `stream` how piece by piece. [`routes`]
//! brings requests to their operations, [`directory`] lists the APIs, and [`outgoing`] is what they send by themselves.

pub mod reply;
mod stream;
mod answer;
pub(crate) mod dial;
pub mod fetch;
pub mod form;
pub mod upload;
pub mod disposition;
pub mod dialect;
pub mod bearer;
pub mod cursor;
pub mod client;
pub mod presigned;
pub mod visit;
mod effects;
mod words;
pub mod pipeline;
pub mod routes;
pub mod catalog;
pub mod extralt;
pub mod llama_extract;
pub mod outgoing;
pub mod directory;
#[cfg(test)]
pub(crate) mod stand;
