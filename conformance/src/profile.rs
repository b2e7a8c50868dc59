//! What the harness has to know of an API beyond its contract: which operations belong to one kind of run, where a
//! run's facts stand in its JSON, and how to ask for one.

pub mod catalog;
pub mod extralt;
pub mod llama_extract;

use fixtures::contract::Contract;
use serde_json::Value;

use crate::history::seen::Seen;

/// One API at one version.
#[derive(Debug)]
pub struct Profile {
    /// The API's name, e.g. `catalog`.
    pub api: &'static str,
    /// Its version, e.g. `v2`.
    pub version: &'static str,
    /// Its kinds of run.
    pub families: &'static [Family],
    /// What else it makes that goes on until somebody deletes it.
    pub standing: &'static [Standing],
    /// Addresses of other versions at which a run makes what its own has no operation for. Each thing is deleted below
    /// the address it was made at.
    pub borrowed: &'static [&'static str],
    /// Where its JSON has what every check reads.
    pub layout: Layout,
    /// Whether what is asked for is paid for with credits, which an account has.
    pub has_credits: bool,
}

/// What is made once and goes on by itself until it is deleted, such as a schedule. It is deleted at the end of a run
/// wherever the world it stands in cannot be forgotten.
#[derive(Debug, PartialEq, Eq)]
pub struct Standing {
    /// What it is called, e.g. `schedule`.
    pub name: &'static str,
    /// `operationId` of the create.
    pub create: &'static str,
    /// `operationId` of the delete; the path has the id.
    pub delete: &'static str,
}

/// Where the JSON of an API has what every check reads. Pointers are JSON pointers.
#[derive(Debug)]
pub struct Layout {
    /// The path parameter that names a run.
    pub run: &'static str,
    /// Pointers to the id in an answer or an item of a list; the first that leads to text counts.
    pub id: &'static [&'static str],
    /// Pointer to the items of a list.
    pub items: &'static str,
    /// Whether a key is good as a bearer token only; else it may stand in `x-api-key` as well.
    pub bearer_only: bool,
    /// How a list is asked for as many items as it may show.
    pub whole: &'static str,
}

/// One kind of run: its operations and what its JSON looks like.
#[derive(Debug)]
pub struct Family {
    /// The kind, e.g. `crawl`.
    pub name: &'static str,
    /// `operationId` of the create.
    pub create: &'static str,
    /// `operationId` of the status read.
    pub get: &'static str,
    /// `operationId` of the list; empty where there is none.
    pub list: &'static str,
    /// `operationId` of the cancel; empty where there is none.
    pub cancel: &'static str,
    /// `operationId` of what lets a run that is over begin again; empty where nothing does.
    pub restart: &'static str,
    /// The states in which the work is over.
    pub ends: &'static [&'static str],
    /// Whether an answer to a create names a run of this kind.
    pub names_run: fn(&Seen) -> bool,
    /// Whether an id has the documented form, given the body of the create that gave it.
    pub id: fn(id: &str, request: &Value) -> bool,
    /// The documented form, for people.
    pub id_form: &'static str,
    /// A well-formed id that no server has issued.
    pub unknown_id: &'static str,
    /// Counters inside `/meta/progress` that may only grow.
    pub counters: &'static [&'static str],
    /// Counters of work done and work to do inside `/meta/progress`.
    pub done_of_total: Option<(&'static str, &'static str)>,
    /// Whether a completed read has pages of results.
    pub paged: bool,
    /// The most results a run can have, where that is documented.
    pub at_most: Option<u64>,
    /// Whether a run that runs always shows its progress.
    pub progress_while_running: bool,
    /// The only error texts, where they are documented.
    pub error_texts: &'static [&'static str],
    /// The word of the list for a run that is not over, where the list has a word of its own.
    pub listed_active: Option<&'static str>,
    /// Creates that must be refused, each with the reason code of accepting it.
    pub refused: &'static [Refused],
    /// The most addresses one create takes.
    pub most_urls: Option<usize>,
    /// Whether a create may answer with a run that is under way already, since it asks for the same.
    pub joins: bool,
    /// What a create costs in credits, from its body and its answer; the prices of the house.
    pub price: fn(request: &Value, answer: &Value) -> Option<u64>,
}

/// The members of a product that are null unless a flag of the create is set: the flag and the members, as JSON
/// pointers into a product, `*` for every entry of a list.
pub type Flag = (&'static str, &'static [&'static str]);

/// A create that breaks its contract in exactly one way.
#[derive(Debug)]
pub struct Refused {
    /// The reason code of not refusing it, e.g. `url-missing`.
    pub reason: &'static str,
    /// The member at fault.
    pub field: &'static str,
    /// What is wrong with it.
    pub fault: Fault,
    /// Whether the vendor's pages say that it is refused. If not, only a Rehearsal is asked.
    pub documented: bool,
    /// The body, as JSON text.
    pub body: &'static str,
}

/// What can be wrong with one member of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is not there, is null, or is of another type.
    Form,
    /// It is of the right type and cannot be meant: empty, out of range, not on the list.
    Value,
}

/// Fields of a run's JSON.
pub mod field {
    /// The run's id.
    pub const ID: &str = "/execution_id";
    /// Its state.
    pub const STATUS: &str = "/status";
    /// Its error text, or null.
    pub const ERROR: &str = "/error";
    /// When it began to run.
    pub const STARTED: &str = "/meta/start_date";
    /// When it was over.
    pub const STOPPED: &str = "/meta/stop_date";
    /// Milliseconds from start to stop.
    pub const DURATION: &str = "/meta/duration_ms";
    /// How far it is.
    pub const PROGRESS: &str = "/meta/progress";
    /// What came of it.
    pub const RESULT: &str = "/meta/result";
    /// The run it waits for.
    pub const WAITING_FOR: &str = "/meta/waiting_for";
    /// What was searched for.
    pub const QUERY: &str = "/meta/query";
    /// The member of `meta` that names the request and not the run.
    pub const REQUEST_ID: &str = "request_id";
    /// Its steps.
    pub const STEPS: &str = "/meta/steps";
}

/// Every API that can be judged.
pub const ALL: &[&Profile] =
    &[&catalog::V2, &extralt::V0, &extralt::V1, &llama_extract::PAGE, &llama_extract::V1, &llama_extract::V2];

/// The profile of `api` (`catalog`, or with a version `catalog/v2`).
pub fn find(api: &str) -> Option<&'static Profile> {
    let (name, version) = api.split_once('/').map_or((api, None), |(name, version)| (name, Some(version)));
    ALL.iter().copied().find(|profile| profile.api == name && version.is_none_or(|v| v == profile.version))
}

/// The profile of the API that a contract is about.
pub fn of(contract: &Contract) -> Option<&'static Profile> {
    ALL.iter().copied().find(|it| it.api == contract.api() && it.version == contract.version())
}

impl Profile {
    /// The family one of whose operations has this id.
    pub fn family_of(&self, operation: &str) -> Option<&'static Family> {
        self.families.iter().find(|family| {
            [family.create, family.get, family.list, family.cancel, family.restart].contains(&operation)
        })
    }
}

impl Family {
    /// A kind of run of which nothing is known but its operations, which are still to be named.
    pub(crate) const PLAIN: Family = Family {
        name: "",
        create: "",
        get: "",
        list: "",
        cancel: "",
        restart: "",
        ends: &[],
        names_run: Seen::is_success,
        id: |_, _| true,
        id_form: "any text",
        unknown_id: "",
        counters: &[],
        done_of_total: None,
        paged: false,
        at_most: None,
        progress_while_running: false,
        error_texts: &[],
        listed_active: None,
        refused: &[],
        most_urls: None,
        joins: false,
        price: |_, _| None,
    };

    /// Whether a state of such a run is one in which the work is over.
    pub fn is_over(&self, state: &str) -> bool {
        self.ends.contains(&state)
    }

    /// Whether the run that an accepted create answers with may have been there before it: one that is new is pending.
    pub fn may_join(&self, create: &Seen) -> bool {
        self.joins && create.state() != Some("pending")
    }
}

/// Whether a state of a run is final.
pub fn is_terminal(status: &str) -> bool {
    matches!(status, "completed" | "failed")
}
