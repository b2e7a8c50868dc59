//! The scenario language: one strict YAML file that says how a stand-in behaves. What is written becomes a tree with
//! positions, then the checked types below, and every mistake on the way is a [`diagnostic::Diagnostic`].

pub mod account;
pub mod amount;
pub mod clock;
pub mod contents;
pub mod diagnostic;
pub mod duration;
pub mod extract;
pub mod fault;
pub mod host;
pub mod kind;
mod language;
pub mod library;
pub mod load;
pub mod magic;
pub mod matcher;
mod node;
pub mod request;
pub mod run;
pub mod suggest;
#[cfg(test)]
mod tests;
pub mod usual;
mod yaml;

use std::sync::Arc;

use account::{Account, DeclaredAccount};
use clock::ClockSettings;
use contents::Contents;
use diagnostic::Diagnostics;
use fault::Fault;
use run::RunRule;

/// A checked scenario. It holds no positions in the file and nothing that could still be wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// What it is called: the shipped name, or what the file was called.
    pub name: String,
    /// One sentence for lists; empty when the file gives none.
    pub description: String,
    /// The seed of every draw; `None` lets the server draw one at start.
    pub seed: Option<u64>,
    /// How virtual time moves.
    pub clock: ClockSettings,
    /// What every welcome key gets, unless it is declared; `None` if the scenario says nothing about it, which leaves
    /// worlds that follow it later what they have.
    pub account: Option<Account>,
    /// The keys that are welcome; empty means that every key is.
    pub accounts: Vec<DeclaredAccount>,
    /// How new runs behave; the first rule that matches a run decides, and without one the happy path does.
    pub runs: Vec<RunRule>,
    /// What goes wrong on purpose, in the order in which it is looked at; ids are unique.
    pub faults: Vec<Arc<Fault>>,
    /// What a world holds before the first request.
    pub world: Contents,
}

impl Default for Scenario {
    /// The documented happy path, named `default`: every key is welcome, credits do not run out, and every run
    /// completes.
    fn default() -> Self {
        Self {
            name: "default".to_owned(),
            description: String::new(),
            seed: None,
            clock: ClockSettings::default(),
            account: None,
            accounts: Vec::new(),
            runs: Vec::new(),
            faults: Vec::new(),
            world: Contents::default(),
        }
    }
}

/// Reads and checks a scenario. `name` is what messages and the result call it.
///
/// The text is YAML, and JSON is YAML too, of at most 1 MiB. It is read strictly: an unknown key is a mistake.
///
/// # Errors
///
/// All mistakes there are; or, if the text is no YAML, the first place where it is none.
pub fn parse(name: &str, text: &str) -> Result<Scenario, Diagnostics> {
    language::document::read(name, text)
}

/// Reads and checks a single fault: an item of a scenario's `faults`, as YAML or JSON. One without an id gets none.
///
/// # Errors
///
/// As for [`parse`].
pub fn parse_fault(name: &str, text: &str) -> Result<Fault, Diagnostics> {
    language::fault::read(name, text)
}

/// Reads and checks a condition on requests: a fault's `match`, as YAML or JSON.
///
/// # Errors
///
/// As for [`parse`].
pub fn parse_request_matcher(name: &str, text: &str) -> Result<request::RequestMatcher, Diagnostics> {
    language::request::read(name, text)
}

/// The JSON Schema (draft-07) of the language, for editors. It is drawn from what [`parse`] reads; checks that concern
/// several values at once are only made by `parse`.
pub fn schema() -> serde_json::Value {
    language::document::schema()
}
