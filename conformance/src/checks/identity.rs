//! Ids, and whether every answer has the documented shape.

use std::collections::{BTreeMap, BTreeSet};

use fixtures::contract::Level::{Must, Should};
use fixtures::contract::Violation;

use serde_json::Value;

use super::{Check, Cost};
use crate::history::seen::Seen;
use crate::history::{History, Job};
use crate::profile::catalog::host_of;
use crate::profile::{field, is_terminal};
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "id.format",
        title: "An id has the documented form",
        level: Must,
        cost: Cost::Passive,
        clauses: &[
            "catalog.crawl.id-format",
            "catalog.extract.id-format",
            "catalog.agentic-search.id-format",
            "catalog.extract.id-format-vendor",
        ],
        needs: "an accepted create",
        judge: format,
    },
    Check {
        id: "id.unique",
        title: "Two creates give two ids",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.execution.id-unique"],
        needs: "two accepted creates of one kind with different bodies",
        judge: unique,
    },
    Check {
        id: "id.echo",
        title: "A read and a cancel name the run they were asked for",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.execution.id-echo"],
        needs: "a successful read of a run",
        judge: echo,
    },
    Check {
        id: "schema.response",
        title: "Every answer is JSON of the shape documented for its operation and status",
        level: Must,
        cost: Cost::Passive,
        clauses: &[
            "catalog.responses.schema",
            "catalog.responses.content-type",
            "extralt.v0.responses.schema",
            "extralt.v1.responses.schema",
        ],
        needs: "an answer of a documented operation",
        judge: schema,
    },
    Check {
        id: "schema.documented-status",
        title: "Every answer has a status that is documented for its operation",
        level: Should,
        cost: Cost::Passive,
        clauses: &[
            "catalog.responses.documented-status",
            "extralt.v0.responses.documented-status",
            "extralt.v1.responses.documented-status",
        ],
        needs: "an answer of a documented operation",
        judge: documented_status,
    },
    Check {
        id: "repr.request-id",
        title: "Every answer has a Request-ID header",
        level: Must,
        cost: Cost::Passive,
        clauses: &["catalog.responses.request-id-header"],
        needs: "an answer of a documented operation",
        judge: request_id,
    },
    Check {
        id: "repr.list-get-agree",
        title: "A list and a read say the same of a finished run",
        level: Must,
        cost: Cost::Read,
        clauses: &[
            "catalog.crawl.list.item-status",
            "catalog.extract.list.item-status",
            "catalog.agentic-search.list.item-status",
        ],
        needs: "a list taken after a run was seen to be over",
        judge: list_get_agree,
    },
];

fn format(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs() {
        let create = history.create(job);
        tally.saw(create);
        if !(job.family.id)(&job.id, create.request()) {
            tally.broke(create, "id-form", job.family.id_form, job.id.as_str()).at(field::ID);
        } else if let Some((clause, reading)) = id_reading(job, create) {
            tally.reading(clause, reading, create);
        }
    }
    tally
}

/// The text calls the unique part of an id a UUID, and every example has eight hexadecimal digits: which of the two is
/// seen, if either.
fn id_reading(job: &Job, create: &Seen) -> Option<(&'static str, usize)> {
    let clause = match (job.family.name, create.request().get("vendor")) {
        ("crawl", _) => "catalog.crawl.id-format",
        ("extract", Some(_)) => "catalog.extract.id-format-vendor",
        _ => return None,
    };
    let is_hex = |part: &str, length| part.len() == length && part.bytes().all(|b| b.is_ascii_hexdigit());
    let mut parts = job.id.rsplit('-');
    let last = parts.next()?;
    let is_uuid =
        is_hex(last, 12) && [4, 4, 4, 8].iter().all(|l| parts.next().is_some_and(|p| is_hex(p, *l)));
    match (is_hex(last, 8), is_uuid) {
        (true, _) => Some((clause, 0)),
        (_, true) => Some((clause, 1)),
        _ => None,
    }
}

fn unique(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        let creates = history.of(family.create).filter(|seen| seen.is_success());
        let creates: Vec<_> = creates.map(|create| (create, shop(create))).collect();
        for (nth, (create, shop)) in creates.iter().enumerate() {
            // Two creates that ask for one shop in two spellings are one crawl.
            let different = creates[..nth]
                .iter()
                .filter(|(_, other)| other.is_none() || other != shop)
                .filter(|(other, _)| other.exchange().request().body != create.exchange().request().body);
            for (other, _) in different {
                tally.saw(create);
                if other.text(field::ID).is_some() && other.text(field::ID) == create.text(field::ID) {
                    let observed = format!("{} again", create.at(field::ID));
                    tally.broke(create, "id-reused", "an id of its own", observed).at(field::ID).after(other);
                }
            }
        }
    }
    tally
}

/// The shop that a create asks to be crawled.
fn shop(create: &Seen) -> Option<String> {
    create.request().get("url").and_then(Value::as_str).map(host_of)
}

fn echo(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs() {
        let cancels = history.cancels(job).filter(|seen| seen.is_success());
        for seen in history.reads(job).chain(cancels) {
            tally.saw(seen);
            if seen.text(field::ID) != Some(&job.id) {
                tally
                    .broke(seen, "id-differs", job.id.as_str(), seen.at(field::ID).to_string())
                    .at(field::ID)
                    .after(history.create(job));
            }
        }
    }
    tally
}

/// The keyword of a violation that is about the status and not about the answer's shape.
const STATUS: &str = "status";

fn schema(history: &History) -> Tally {
    violations(history, "shape", |keyword| keyword != STATUS)
}

fn documented_status(history: &History) -> Tally {
    violations(history, "undocumented", |keyword| keyword == STATUS)
}

/// Holds every answer against the contract; `about` picks the keywords that count.
fn violations(history: &History, reason: &'static str, about: fn(&str) -> bool) -> Tally {
    let mut tally = Tally::default();
    let mut told = BTreeSet::new();
    for seen in history.all() {
        let (Some(id), Some(response)) = (seen.operation(), seen.response()) else { continue };
        if history.is_excused(seen) {
            continue;
        }
        let Some(operation) = history.contract.operation(id) else { continue };
        tally.saw(seen);
        let media = response.header("content-type");
        let violations = operation.response_violations(response.status, media, seen.body());
        for violation in violations.into_iter().filter(|violation| about(&violation.keyword)) {
            // One mistake shows in every answer of its kind; the first is enough.
            if told.insert((id, response.status, violation.pointer.clone(), violation.keyword.clone())) {
                let (expected, observed) = difference(&violation);
                let finding = tally.broke(seen, reason, expected, observed);
                finding.schema(violation.schema_pointer);
                if !violation.pointer.is_empty() {
                    finding.at(violation.pointer);
                }
            }
        }
    }
    tally
}

/// What the contract asks for at the place of a violation, and what was there.
fn difference(violation: &Violation) -> (String, String) {
    match violation.keyword.as_str() {
        "required" => ("a value".to_owned(), "nothing".to_owned()),
        "false" => ("nothing".to_owned(), violation.value.clone()),
        _ => {
            // A message says first what should be there and then what is.
            let expected = violation.message.split("; found ").next().unwrap_or_default();
            let place = format!("`{}` should be ", violation.pointer);
            (expected.strip_prefix(&place).unwrap_or(expected).to_owned(), violation.value.clone())
        }
    }
}

fn request_id(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in history.all().iter().filter(|seen| seen.operation().is_some()) {
        let Some(response) = seen.response().filter(|_| !history.is_excused(seen)) else { continue };
        tally.saw(seen);
        if response.header("request-id").is_none_or(str::is_empty) {
            tally.broke(seen, "missing", "a `request-id` header", "none");
        }
    }
    tally
}

fn list_get_agree(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs() {
        let states: BTreeMap<_, _> = history
            .reads(job)
            .filter_map(|seen| Some((seen.id(), seen.state()?)))
            .filter(|(_, state)| is_terminal(state))
            .collect();
        let own = history.lists(job.family).filter(|list| list.credential() == Some(&job.owner));
        let mut shown =
            own.filter_map(|list| Some((list, states.range(..list.id()).next_back()?, list.item(&job.id)?)));
        // A list may lag behind for a while; it is the last one that counts.
        if let Some((list, (read, state), item)) = shown.next_back() {
            tally.saw(list);
            if item.pointer(field::STATUS).and_then(|status| status.as_str()) != Some(state) {
                let observed = format!(
                    "{} listed as {}",
                    job.id,
                    item.pointer(field::STATUS).unwrap_or(&serde_json::Value::Null)
                );
                let finding =
                    tally.broke(list, "status-differs", format!("{state}, as its read said"), observed);
                finding.at("/data").exchanges.insert(0, *read);
            }
        }
    }
    tally
}
