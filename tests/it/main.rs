//! End to end: the program as its users run it.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod program;

mod access;
#[cfg(feature = "e2e")]
mod browser;
mod check_cli;
mod clauses_cli;
mod determinism;
#[cfg(feature = "e2e")]
mod exports;
#[cfg(feature = "e2e")]
mod extralt_client;
#[cfg(feature = "e2e")]
mod extralt_page;
mod hostile;
#[cfg(target_os = "linux")]
mod idle;
#[cfg(feature = "e2e")]
mod llama_clients;
#[cfg(feature = "e2e")]
mod other_programs;
#[cfg(feature = "e2e")]
mod readme;
mod isolation;
#[cfg(target_os = "linux")]
mod journal;
mod printing;
mod scenario_cli;
#[cfg(feature = "e2e")]
mod schemathesis;
mod score_cli;
mod serve;
mod validate_cli;
mod watch;
