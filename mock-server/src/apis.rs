//! The emulated APIs: HTTP to commands, observations to wire. [`pipeline`] is the course every request takes;
//! [`dialect`] what an API says in its own way, [`reply`] what a handler answers with, `effects` what faults make of
//! that, and [`visit`] how it leaves.

pub mod reply;
pub mod dialect;
pub mod client;
pub mod visit;
mod effects;
pub mod pipeline;
pub mod catalog;
