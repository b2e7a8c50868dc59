//! The catalogue: every check with what it says, how strongly, and on which clauses it stands. The tables are the
//! documentation; `--list` prints them.

mod account;
pub mod affiliate;
pub mod auth;
pub mod bounds;
pub mod cancel;
pub mod client;
pub mod completeness;
pub mod content;
pub mod create;
pub mod errors;
pub mod extralt;
pub mod identity;
mod immutable;
pub mod index;
pub mod lifecycle;
pub mod lists;
pub mod llama_extract;
pub mod mini;
pub mod options;
pub mod pages;
mod paging;
pub mod progress;
pub mod race;
pub mod rate;
pub mod results;
pub mod shape;
pub mod tenancy;
pub mod time;
pub mod usage;
pub mod validation;

use fixtures::contract::{Contract, Level};

use crate::history::History;
use crate::verdict::Tally;

/// One executable test of one or more clauses.
#[derive(Debug)]
pub struct Check {
    /// Stable name, e.g. `job.terminal-immutable`.
    pub id: &'static str,
    /// What holds when it passes, as a sentence.
    pub title: &'static str,
    /// `Must` fails a server, `Should` warns.
    pub level: Level,
    /// What bringing its occasion about costs.
    pub cost: Cost,
    /// The clauses it tests, by id.
    pub clauses: &'static [&'static str],
    /// Its occasion, as a phrase after "needs".
    pub needs: &'static str,
    /// Goes through a record.
    pub judge: fn(&History) -> Tally,
}

/// Whom a check judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The API.
    Server,
    /// Its caller. In a run of the checks that is the harness itself.
    Client,
}

impl Check {
    /// Whether it can say something of a server of this contract.
    pub fn is_about(&self, contract: &Contract) -> bool {
        self.clauses.is_empty() || self.clauses.iter().any(|id| contract.clause(id).is_some())
    }

    /// Whom it judges: those whose id begins with `client.` judge the caller.
    pub fn side(&self) -> Side {
        if self.id.starts_with("client.") { Side::Client } else { Side::Server }
    }
}

/// What a check asks of a server, from nothing to a long wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// Judges whatever was exchanged.
    Passive,
    /// Sends reads.
    Read,
    /// Sends writes that are refused.
    Write,
    /// Needs a run.
    Job,
    /// Needs a run to its end.
    Long,
}

impl Cost {
    /// The cost as one word, as in reports.
    pub fn word(self) -> &'static str {
        match self {
            Cost::Passive => "passive",
            Cost::Read => "read",
            Cost::Write => "write",
            Cost::Job => "job",
            Cost::Long => "long",
        }
    }
}

/// Checks that belong together.
#[derive(Debug)]
pub struct Group {
    /// What they are about.
    pub title: &'static str,
    /// The checks, in the order they are reported.
    pub checks: &'static [Check],
}

/// Every check, in the order of reports.
pub const GROUPS: &[Group] = &[
    Group { title: "Identity and representation", checks: identity::CHECKS },
    Group { title: "Authentication", checks: auth::CHECKS },
    Group { title: "Tenancy", checks: tenancy::CHECKS },
    Group { title: "Errors", checks: errors::CHECKS },
    Group { title: "Validation", checks: validation::CHECKS },
    Group { title: "Bounds", checks: bounds::CHECKS },
    Group { title: "Create", checks: create::CHECKS },
    Group { title: "Options", checks: options::CHECKS },
    Group { title: "Lifecycle", checks: lifecycle::CHECKS },
    Group { title: "Time", checks: time::CHECKS },
    Group { title: "Progress", checks: progress::CHECKS },
    Group { title: "Cancel", checks: cancel::CHECKS },
    Group { title: "Races", checks: race::CHECKS },
    Group { title: "Lists", checks: lists::CHECKS },
    Group { title: "Pages", checks: pages::CHECKS },
    Group { title: "Results", checks: results::CHECKS },
    Group { title: "Content", checks: content::CHECKS },
    Group { title: "Index", checks: index::CHECKS },
    Group { title: "Search at once", checks: mini::CHECKS },
    Group { title: "Affiliate links", checks: affiliate::CHECKS },
    Group { title: "Usage", checks: usage::CHECKS },
    Group { title: "Completeness", checks: completeness::CHECKS },
    Group { title: "Limits", checks: rate::CHECKS },
    Group { title: "Shape", checks: shape::CHECKS },
    Group { title: "Keys and tenancy", checks: extralt::auth::CHECKS },
    Group { title: "What is refused", checks: extralt::errors::CHECKS },
    Group { title: "Bodies that are refused", checks: extralt::bodies::CHECKS },
    Group { title: "What is shown", checks: extralt::shapes::CHECKS },
    Group { title: "Robots", checks: extralt::robots::CHECKS },
    Group { title: "Runs", checks: extralt::runs::CHECKS },
    Group { title: "Ends of runs", checks: extralt::ends::CHECKS },
    Group { title: "Stops", checks: extralt::stop::CHECKS },
    Group { title: "Restarts", checks: extralt::restart::CHECKS },
    Group { title: "Captures", checks: extralt::captures::CHECKS },
    Group { title: "Exports", checks: extralt::exports::CHECKS },
    Group { title: "Cursors and filters", checks: extralt::lists::CHECKS },
    Group { title: "Schedules", checks: extralt::schedules::CHECKS },
    Group { title: "Intervals", checks: extralt::intervals::CHECKS },
    Group { title: "Enrichments", checks: extralt::enrichments::CHECKS },
    Group { title: "Items", checks: extralt::items::CHECKS },
    Group { title: "Repeats, slots and credits", checks: extralt::repeats::CHECKS },
    Group { title: "Webhooks and imports", checks: extralt::v1::CHECKS },
    Group { title: "Shape of answers", checks: llama_extract::shapes::CHECKS },
    Group { title: "Keys and what goes for every request", checks: llama_extract::keys::CHECKS },
    Group { title: "Requests that are refused", checks: llama_extract::asked::CHECKS },
    Group { title: "What is not there", checks: llama_extract::missing::CHECKS },
    Group { title: "Schemas", checks: llama_extract::schemas::CHECKS },
    Group { title: "Settings", checks: llama_extract::settings::CHECKS },
    Group { title: "Agents", checks: llama_extract::agents::CHECKS },
    Group { title: "Files", checks: llama_extract::files::CHECKS },
    Group { title: "Uploads", checks: llama_extract::uploads::CHECKS },
    Group { title: "What is expanded", checks: llama_extract::expand::CHECKS },
    Group { title: "Pages and tokens", checks: llama_extract::pages::CHECKS },
    Group { title: "Saved configurations", checks: llama_extract::configurations::CHECKS },
    Group { title: "Jobs", checks: llama_extract::jobs::CHECKS },
    Group { title: "Runs of jobs", checks: llama_extract::runs::CHECKS },
    Group { title: "Lists of runs", checks: llama_extract::run_lists::CHECKS },
    Group { title: "Extractions", checks: llama_extract::extractions::CHECKS },
    Group { title: "Data and metadata", checks: llama_extract::results::CHECKS },
    Group { title: "What is posted", checks: llama_extract::webhooks::CHECKS },
    Group { title: "Projects and organizations", checks: llama_extract::tenants::CHECKS },
    Group { title: "The caller", checks: client::CHECKS },
];

/// The checks that can say something of a server of this contract, each with its group: those that stand on a clause of
/// it, and those that stand on none because it goes without saying.
pub fn of(contract: &Contract) -> impl Iterator<Item = (&'static Group, &'static Check)> {
    let all = GROUPS.iter().flat_map(|group| group.checks.iter().map(move |check| (group, check)));
    all.filter(|(_, check)| check.is_about(contract))
}

/// The groups that have something to say of an API at a version.
pub fn groups(api: &str, version: &str) -> impl Iterator<Item = &'static Group> {
    let contract = Contract::find(api, version);
    GROUPS.iter().filter(move |group| {
        contract.is_some_and(|contract| group.checks.iter().any(|check| check.is_about(contract)))
    })
}

/// The check with this id.
pub fn find(id: &str) -> Option<&'static Check> {
    GROUPS.iter().flat_map(|group| group.checks).find(|check| check.id == id)
}

#[cfg(test)]
mod record;
#[cfg(test)]
mod tests;
