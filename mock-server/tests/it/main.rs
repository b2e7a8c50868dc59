//! The server as its clients see it: through the router, every answer held against the contract.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod harness;

mod authentication;
mod cancel;
mod control;
mod crawl;
mod extract;
mod hostile;
mod lists;
mod search;
mod structure;
