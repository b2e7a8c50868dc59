//! The emulated APIs: HTTP to commands, observations to wire. [`pipeline`] is the course every request takes;
//! [`reply`] what a handler answers with, and [`visit`] how that leaves.

pub mod reply;
pub mod visit;
pub mod pipeline;
pub mod catalog;
