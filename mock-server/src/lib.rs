//! A stateful stand-in for asynchronous extraction APIs, on a virtual clock.

pub mod scenario;
