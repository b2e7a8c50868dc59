//! What is not there.

use super::look::{Fate, at, expect, name};
use super::rows::{Case, check, clauses};
use crate::checks::Check;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    check!(
        Should,
        Read,
        "llama.unknown-404",
        "What is not there is answered with 404",
        "a request of each kind about what nobody made",
        [
            (all, "errors.unknown-id-404", every),
            (first, "extraction-agents.get.unknown-404", |case, tally| case
                .misses(tally, "extraction-agents.get")),
            (first, "extraction-agents.update.unknown-404", |case, tally| case
                .misses(tally, "extraction-agents.update")),
            (first, "extraction-agents.delete.unknown-404", |case, tally| case
                .misses(tally, "extraction-agents.delete")),
            (first, "extraction-agents-by-name.get.unknown-404", by_name),
            (first, "jobs.get.unknown-404", |case, tally| case.misses(tally, "jobs.get")),
            (first, "jobs-result.get.unknown-404", |case, tally| case.misses(tally, "jobs-result.get")),
            (first, "runs.get.unknown-404", |case, tally| case.misses(tally, "runs.get")),
            (first, "runs.delete.unknown-404", |case, tally| case.misses(tally, "runs.delete")),
            (first, "runs-by-job.get.unknown-404", |case, tally| case.misses(tally, "runs-by-job.get")),
            (last, "files.get.unknown-404", |case, tally| case.misses(tally, "files.get")),
            (last, "files.delete.unknown-404", |case, tally| case.misses(tally, "files.delete")),
            (last, "files-content.get.unknown-404", |case, tally| case.misses(tally, "files-content.get")),
            (last, "projects.get.unknown-404", |case, tally| case.misses(tally, "projects.get")),
            (last, "organizations.get.unknown-404", |case, tally| case.misses(tally, "organizations.get")),
            (v2, "extract.get.unknown-404", |case, tally| case.misses(tally, "extract.get")),
            (v2, "extract.delete.unknown-404", |case, tally| case.misses(tally, "extract.delete")),
            (v2, "extract.cancel.unknown-404", |case, tally| case.misses(tally, "extract.cancel")),
            (v2, "configurations.get.unknown-404", |case, tally| case.misses(tally, "configurations.get")),
            (v2, "configurations.update.unknown-404", |case, tally| case
                .misses(tally, "configurations.update")),
            (v2, "configurations.delete.unknown-404", |case, tally| case
                .misses(tally, "configurations.delete")),
        ]
    ),
    check!(
        Should,
        Write,
        "llama.made-of-nothing",
        "What is to be made of something that is not there is refused with 404",
        "a request of each kind that names what nobody made",
        [
            (first, "jobs.create.unknown-agent", |case, tally| made_of(
                case,
                tally,
                "jobs.create",
                "extraction_agent_id"
            )),
            (first, "jobs.create.unknown-file", |case, tally| made_of(case, tally, "jobs.create", "file_id")),
            (first, "jobs-batch.create.all-or-none", batch),
            (v1, "extraction-agents-schema-generate.create.unknown-file", |case, tally| {
                made_of(case, tally, "extraction-agents-schema-generate.create", "file_id");
            }),
            (v2, "extract.create.unknown-file", |case, tally| made_of(
                case,
                tally,
                "extract.create",
                "file_input"
            )),
            (v2, "extract.create.unknown-configuration", |case, tally| {
                made_of(case, tally, "extract.create", "configuration_id");
            }),
            (v2, "extract-schema-generate.create.unknown-file", |case, tally| {
                made_of(case, tally, "extract-schema-generate.create", "file_id");
            }),
            (v2, "files.delete.no-new-jobs", |case, tally| {
                let gone = |seen: &&Seen| {
                    let file = seen.request().get("file_input").and_then(|it| it.as_str());
                    file.is_some_and(|file| case.fate(seen, file) == Fate::Gone)
                };
                expect(
                    tally,
                    case.asked("extract.create").filter(gone).filter(|seen| case.fits(seen)),
                    "not-404",
                    &[404],
                );
            }),
            (v2, "extract.create.wrong-product", |case, tally| {
                let other = |seen: &&Seen| {
                    let id = seen.request().get("configuration_id").and_then(|it| it.as_str());
                    let made = id.and_then(|id| case.last_of(seen, &["configurations.create"], id));
                    made.is_some_and(|made| made.text("/product_type") != Some("extract_v2"))
                };
                expect(tally, case.asked("extract.create").filter(other), "not-400", &[400]);
            }),
        ]
    ),
    check!(
        Should,
        Write,
        "llama.taken",
        "A name that is taken, and a job in the wrong state, are refused with 409",
        "a second agent of one name, or a job that is deleted at work and one that is cancelled when it is over",
        [
            (first, "extraction-agents.create.taken-name", |case, tally| {
                let taken =
                    case.asked("extraction-agents.create").filter(|seen| super::agents::is_taken(case, seen));
                expect(tally, taken, "not-409", &[409]);
            }),
            (v2, "extract.delete.refused-409", |case, tally| {
                expect(tally, super::extractions::deleted_at_work(case), "not-409", &[409]);
            }),
            (v2, "extract.cancel.refused-409", |case, tally| {
                expect(tally, super::extractions::cancelled_late(case), "not-409", &[409]);
            }),
        ]
    ),
];

fn every(case: &Case<'_>, tally: &mut Tally) {
    let by_id = |seen: &&Seen| {
        let lost = |id: &str| case.fate(seen, id) == Fate::Unknown;
        case.fits(seen)
            && !name(seen).starts_with("presigned")
            && !name(seen).contains("by-name")
            && seen.subject().is_some_and(lost)
    };
    expect(tally, case.all_asked().filter(by_id), "not-404", &[404]);
}

fn by_name(case: &Case<'_>, tally: &mut Tally) {
    let unknown = |seen: &&Seen| {
        let made = |agent: &Seen| agent.request().get("name").and_then(|it| it.as_str()) == seen.subject();
        !case.good("extraction-agents.create").any(made)
    };
    expect(tally, case.asked("extraction-agents-by-name.get").filter(unknown), "not-404", &[404]);
}

/// Expects 404 of requests in which a member names what was never made, and nothing else is wrong.
fn made_of(case: &Case<'_>, tally: &mut Tally, operation: &'static str, member: &str) {
    let of_nothing = |seen: &&Seen| {
        let said = seen.request().get(member).and_then(|it| it.as_str());
        case.fits(seen) && said.is_some_and(|id| case.fate(seen, id) == Fate::Unknown)
    };
    expect(tally, case.asked(operation).filter(of_nothing), "not-404", &[404]);
}

/// Expects a batch with a file that is not there to make nothing.
fn batch(case: &Case<'_>, tally: &mut Tally) {
    let half = |seen: &&Seen| {
        let files = seen.request().get("file_ids").and_then(|it| it.as_array());
        let lost = |id: &str| case.fate(seen, id) == Fate::Unknown;
        case.fits(seen)
            && !at(seen.request(), "/data_schema_override").is_object()
            && files.into_iter().flatten().any(|it| it.as_str().is_some_and(lost))
    };
    for seen in case.asked("jobs-batch.create").filter(half) {
        expect(tally, std::iter::once(seen), "not-404", &[404]);
        let agent = at(seen.request(), "/extraction_agent_id").as_str();
        let lists: Vec<&Seen> =
            case.good("jobs.list").filter(|list| list.query("extraction_agent_id") == agent).collect();
        let before = lists.iter().rfind(|list| list.id() < seen.id());
        let after = lists.iter().find(|list| list.id() > seen.id());
        let (Some(before), Some(after)) = (before, after) else { continue };
        let between = (before.id()..after.id()).contains(&seen.id());
        let others = case.history.all().iter().filter(|it| (before.id()..after.id()).contains(&it.id()));
        let alone = others.filter(|it| it.writes() && it.is_success()).count() == 0;
        if between && alone && super::look::entries(after).len() > super::look::entries(before).len() {
            tally
                .broke(after, "half-made", "as many jobs as before", "more of them")
                .after(seen)
                .after(before);
        }
    }
}
