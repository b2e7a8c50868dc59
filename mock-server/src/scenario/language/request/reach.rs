//! Which operations a match may be for, and what is said where there is none.

use std::collections::BTreeSet;

use fixtures::contract::{Contract, Operation};

use crate::scenario::kind::{Api, RunKind};
use crate::scenario::language::fields::Fields;
use crate::scenario::language::reader::{Mistake, shortened};
use crate::scenario::request::{AboutMatcher, RequestMatcher};
use crate::scenario::suggest::listed;

/// An operation with the contract that it stands in.
pub(in crate::scenario::language) type Known = (&'static Contract, &'static Operation);

/// How many operations a message names.
const NAMED: usize = 4;

/// A condition that an operation alone can fail, under its key.
type Condition = (&'static str, fn(&RequestMatcher, &Known) -> bool);

/// Each narrows what those before it have left.
const CONDITIONS: [Condition; 10] = [
    ("operation", |it, (_, operation)| it.operation.as_ref().is_none_or(|glob| glob.matches(operation.id()))),
    ("api", |it, (contract, _)| it.api.is_none_or(|api| api.name() == contract.api())),
    ("version", |it, (contract, _)| it.version.as_ref().is_none_or(|version| version == contract.version())),
    ("kind", |it, (_, operation)| it.about.kind.is_none_or(|kind| kind_of(operation) == Some(kind))),
    ("host", |it, (_, operation)| it.about.host.is_none() || tells_of_a_run(operation)),
    ("query", |it, (_, operation)| it.about.query.is_none() || tells_a_query(operation)),
    ("robot", |it, (_, operation)| it.about.robot.is_none() || tells_a_robot(operation)),
    ("agent", |it, (_, operation)| it.about.agent.is_none() || tells_an_agent(operation)),
    ("file-name", |it, (_, operation)| it.about.file_name.is_none() || tells_a_file(operation)),
    ("run", |it, (_, operation)| it.run.as_ref().is_none_or(|run| may_name(operation, run))),
];

/// The operations whose requests may meet every condition of a match.
pub(in crate::scenario::language) fn reached(matcher: &RequestMatcher) -> Vec<Known> {
    let holds = |known: &Known| CONDITIONS.iter().all(|(_, holds)| holds(matcher, known));
    every().filter(holds).collect()
}

/// Every operation of every contract.
pub(in crate::scenario::language) fn every() -> impl Iterator<Item = Known> + Clone {
    Contract::all()
        .iter()
        .flat_map(|contract| contract.operations().iter().map(move |operation| (contract, operation)))
}

/// The first few of these operations, as a message lists them: each once, whatever contracts it stands in.
pub(in crate::scenario::language) fn some(of: impl IntoIterator<Item = Known>) -> String {
    let mut ids: Vec<&str> = Vec::new();
    for (_, operation) in of {
        if ids.len() < NAMED && !ids.contains(&operation.id()) {
            ids.push(operation.id());
        }
    }
    listed(ids)
}

/// Whether the path of an operation names a run.
pub(in crate::scenario::language) fn names_run(operation: &Operation) -> bool {
    let path = operation.path();
    let parameters = ["{id}", "{execution_id}", "{job_id}", "{run_id}"];
    kind_of(operation).is_some() && parameters.iter().any(|parameter| path.contains(parameter))
}

/// Conditions of which each is good by itself, and that no request meets together.
pub(super) fn check_reach(fields: &mut Fields<'_, '_>, matcher: &RequestMatcher) {
    let mut left: Vec<Known> = every().collect();
    for (key, holds) in CONDITIONS {
        let next: Vec<Known> = left.iter().copied().filter(|known| holds(matcher, known)).collect();
        if next.is_empty() {
            fields.report(key, nothing(key, matcher, &left));
            return;
        }
        left = next;
    }
}

/// What is said where the condition under `key` is met by none of the operations that are `left`.
fn nothing(key: &str, matcher: &RequestMatcher, left: &[Known]) -> Mistake {
    let able = |able: fn(&Operation) -> bool| some(every().filter(|(_, operation)| able(operation)));
    match key {
        "api" => {
            let apis: BTreeSet<&str> = left.iter().map(|(contract, _)| contract.api()).collect();
            Mistake::new(format!(
                "none of these operations is of `{}`",
                matcher.api.map(Api::name).unwrap_or_default()
            ))
            .help(format!("they are of {}; leave `api` out, or name others in `operation`", listed(apis)))
        }
        "version" => {
            let versions: BTreeSet<&str> = left.iter().map(|(contract, _)| contract.version()).collect();
            let version = matcher.version.as_deref().unwrap_or_default();
            Mistake::new(format!("none of these operations is in `{}`", shortened(version)))
                .help(format!("they are in {}; `version` may be left out", listed(versions)))
        }
        "kind" => {
            let kind = matcher.about.kind;
            let what = kind.map_or("such a run", RunKind::with_article);
            let right = every().filter(|(_, operation)| kind_of(operation) == kind);
            Mistake::new(format!("none of these operations is about {what}"))
                .help(format!("operations about {what} are {}", some(right)))
        }
        "host" => Mistake::new("none of these requests is about a host")
            .help(format!("one that names a run or asks for one is, as of {}", able(tells_of_a_run))),
        "query" => Mistake::new("none of these requests is about a query")
            .help(format!("only {} are", able(tells_a_query))),
        "robot" => Mistake::new("none of these requests is about a robot").help(format!(
            "runs of kind {} have a robot; requests about one are those like {}",
            listed(RunKind::ALL.iter().copied().filter(|kind| kind.has_robot()).map(RunKind::name)),
            able(tells_a_robot)
        )),
        "agent" => Mistake::new("none of these requests is about an agent")
            .help(format!("requests about one are those like {}", able(tells_an_agent))),
        "file-name" => Mistake::new("none of these requests is about a file")
            .help(format!("requests about one are those like {}", able(tells_a_file))),
        _ if left.iter().any(|(_, operation)| names_run(operation)) => {
            let run = matcher.run.clone().unwrap_or_default();
            let mistake = Mistake::new("none of these requests names such a run");
            let right: Vec<Known> = every().filter(|(_, operation)| may_name(operation, &run)).collect();
            if right.is_empty() {
                return mistake.help("a run of that kind does not have all of this");
            }
            mistake.help(format!("it is named by operations like {}", some(right)))
        }
        _ => Mistake::new("`run` is for requests that name a run, and none of these operations does")
            .help("a read names its run, as in `catalog.crawl.get`; a create or a list names none"),
    }
}

fn kind_of(operation: &Operation) -> Option<RunKind> {
    RunKind::of_operation(operation.id())
}

/// Whether a request says more of a run than its kind: in its path, or in the body that asks for one.
fn tells_of_a_run(operation: &Operation) -> bool {
    if operation.path().contains('{') {
        return names_run(operation);
    }
    operation.request_schema().is_some()
        || operation.form_schema().is_some()
        || !operation.file_types().is_empty()
}

fn tells_a_query(operation: &Operation) -> bool {
    // A mini search is asked for as a search is, and is over at once.
    let searches = kind_of(operation).is_some_and(RunKind::has_query)
        || operation.id().starts_with("catalog.agentic-search-mini.");
    searches && tells_of_a_run(operation)
}

fn tells_a_robot(operation: &Operation) -> bool {
    match kind_of(operation) {
        // Who asks for a robot has none yet.
        Some(RunKind::RobotBuild) => names_run(operation),
        Some(kind) => kind.has_robot() && tells_of_a_run(operation),
        None => operation.id() == "extralt.schedules.create",
    }
}

fn tells_an_agent(operation: &Operation) -> bool {
    let names_one =
        operation.id().starts_with("llama-extract.extraction-agents") && operation.path().contains('{');
    names_one || kind_of(operation).is_some_and(RunKind::has_agent) && tells_of_a_run(operation)
}

fn tells_a_file(operation: &Operation) -> bool {
    let is_of_files = operation.id().starts_with("llama-extract.files");
    let names_one = is_of_files && (operation.path().contains('{') || operation.form_schema().is_some());
    // A batch names several, and an import brings what has no name in its body.
    let asks_for_one = operation.id() != "llama-extract.jobs-batch.create"
        && kind_of(operation).is_some_and(RunKind::has_agent)
        && tells_of_a_run(operation);
    names_one || asks_for_one || kind_of(operation).is_some_and(RunKind::has_file) && names_run(operation)
}

/// Whether the run that a request names may be of this sort.
fn may_name(operation: &Operation, run: &AboutMatcher) -> bool {
    names_run(operation)
        && kind_of(operation).is_some_and(|kind| {
            run.kind.is_none_or(|wanted| wanted == kind)
                && (run.query.is_none() || kind.has_query())
                && (run.robot.is_none() || kind.has_robot())
                && (run.agent.is_none() || kind.has_agent())
                && (run.file_name.is_none() || kind.has_file())
        })
}
