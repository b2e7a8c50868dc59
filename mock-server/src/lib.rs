//! A stateful stand-in for asynchronous extraction APIs, on a virtual clock.
//!
//! Nothing happens in the background: a run is its plan, the controls applied to it and the time that has passed, and
//! [`lifecycle::observe`] says what it is doing. A module uses only those before it in this list.

pub mod clock;
pub mod seed;
pub mod lifecycle;
pub mod agenda;
pub mod blobs;
pub mod scenario;
pub mod window;
pub mod faults;
pub mod journal;
pub mod webhooks;
pub mod model;
pub mod idempotency;
pub mod world;
pub mod expectations;
pub mod validation;
pub mod intake;
pub mod shared;
pub mod apis;
pub mod outbound;
pub mod control;
pub mod defects;
pub mod server;
pub mod embed;

pub use embed::MockServer;
