//! LlamaExtract in the generations that its published clients speak: the page's era ([`page_era`]), [`v1`] and [`v2`]. All
//! are spoken over one state: a job and the run of it in v1 are one extraction, and v2 shows the same as a job of its own.
//!
//! What is done and what is found is the same for all of them (`acts`, `agents`, `files`, `jobs`, `runs`, `extract`,
//! `configurations`, `projects`); `config`, `shown` and `extract` say it in the words of each. Errors have one shape
//! (`problem`, `detail`).

use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue};

use crate::apis::bearer;
use crate::apis::dialect::{Allowance, Dialect, Failure, Staged};
use crate::apis::llama_extract::problem::Problem;
use crate::apis::reply::Reply;
use crate::clock::VirtualTime;
use crate::seed::Draws;
use crate::world::state::WorldState;

mod about;
mod acts;
mod addresses;
mod agents;
mod config;
mod configurations;
mod detail;
mod extract;
mod files;
mod jobs;
pub mod page_era;
mod pages;
mod problem;
mod projects;
mod runs;
mod schemas;
mod seen;
mod shown;
pub mod v1;
pub mod v2;

/// In front of the paths of every generation it reaches the same operations.
pub const ALIAS: &str = "/llama-extract";

/// How a generation says what every API says. `None` only in a build without its contract.
fn dialect(version: &str, items: &'static str) -> Option<Dialect> {
    Some(Dialect {
        contract: fixtures::contract::Contract::find("llama-extract", version)?,
        // The session cookie that is documented as well is left alone: no client sends it without a browser.
        credential: bearer::key,
        request_id_header: None,
        secrets: crate::apis::outgoing::llama_extract::SECRETS,
        request_id,
        failure,
        staged,
        judges_paths: true,
        about: about::about,
        items,
        admit: WorldState::admit_to_llama_extract,
        announce,
    })
}

/// No header carries it; the journal does.
fn request_id(draws: &Draws, _: VirtualTime) -> String {
    draws.uuid().to_string()
}

fn failure(failure: &Failure, _: &str) -> Reply {
    Problem::of_failure(failure).reply()
}

fn staged(staged: &Staged, _: &str) -> Reply {
    Problem::of_staged(staged).reply()
}

/// No header of a rate limit is documented. A request that is turned away is told when to come again, which is our choice.
fn announce(allowance: &Allowance, headers: &mut HeaderMap) {
    if let Some(seconds) = allowance.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}
