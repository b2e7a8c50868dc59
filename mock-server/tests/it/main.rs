//! The server as its clients see it: through the router, every answer held against the contract.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod document;
mod harness;

mod affiliate;
mod agreement;
mod authentication;
mod cancel;
mod control;
mod crawl;
mod defects;
mod duplicates;
mod embed;
mod events;
mod extract;
mod extralt;
mod faults;
mod hostile;
mod index;
mod journal;
mod lists;
mod llama_extract;
mod metrics;
mod mini;
mod openapi;
mod rate;
mod routing;
mod scenarios;
mod search;
mod structure;
mod usage;
mod verify;
mod webhooks;
mod world;
