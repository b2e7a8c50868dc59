//! The shape of answers.

use fixtures::contract::Evidence;

use super::look::{hold, name};
use super::rows::{Case, check, clauses};
use crate::checks::Check;
use crate::history::facts::Fault;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    check!(
        Must,
        Passive,
        "llama.shape",
        "Every answer has the documented shape, and every instant the documented form",
        "an answer of a documented operation",
        [
            (all, "responses.schema", schema),
            (all, "responses.content-type", content_type),
            (all, "responses.times", |case, tally| case.shown(tally)),
        ]
    ),
    check!(
        Must,
        Passive,
        "llama.same-id",
        "What is asked for by its id has that id in the answer",
        "a read or a change of something by its id",
        [(all, "responses.same-id", same_id),]
    ),
    check!(
        Should,
        Passive,
        "llama.documented-status",
        "Every answer has a status that is named for its operation",
        "an answer of a documented operation",
        [(all, "responses.documented-status", status),]
    ),
    check!(
        Must,
        Passive,
        "llama.success-status",
        "A success is 201 where something was made, and 204 where it was deleted",
        "a success of a documented operation",
        [(v2, "responses.success-status", success),]
    ),
    check!(
        Must,
        Passive,
        "llama.members",
        "Whatever is shown has its members",
        "an answer that shows each of them",
        [
            (all, "extraction-agents.members", |case, tally| case.shown(tally)),
            (all, "files.members", |case, tally| case.shown(tally)),
            (page, "files.external-id-text", |case, tally| case.shown(tally)),
            (page, "files.bounds", |case, tally| case.shown(tally)),
            (first, "jobs.members", |case, tally| case.shown(tally)),
            (first, "runs.members", |case, tally| case.shown(tally)),
            (first, "runs.data-form", |case, tally| case.shown(tally)),
            (page, "runs.metadata-form", |case, tally| case.shown(tally)),
            (v2, "extract.members", |case, tally| case.shown(tally)),
            (v2, "extract.result-form", |case, tally| case.shown(tally)),
            (v2, "configurations.members", |case, tally| case.shown(tally)),
            (v1, "files.presigned-members", presigned),
            (v2, "files.presigned-members", |case, tally| case.shown(tally)),
            (last, "projects.members", |case, tally| case.shown(tally)),
            (last, "organizations.members", |case, tally| case.shown(tally)),
        ]
    ),
    check!(
        Must,
        Passive,
        "llama.states",
        "States, products and settings have documented words only",
        "an answer that shows each of them",
        [
            (first, "jobs.states", |case, tally| case.shown(tally)),
            (first, "runs.states", |case, tally| case.shown(tally)),
            (first, "config.shown-words", |case, tally| case.shown(tally)),
            (v2, "extract.states", |case, tally| case.shown(tally)),
            (v2, "configurations.product-types", |case, tally| case.shown(tally)),
        ]
    ),
    check!(
        Must,
        Passive,
        "llama.lists",
        "A list has the documented form",
        "a list of each kind",
        [
            (first, "lists.bare", |case, tally| case.shown(tally)),
            (v1, "runs.list.envelope", |case, tally| case.shown(tally)),
            (v2, "lists.envelope", |case, tally| case.shown(tally)),
            (v2, "lists.next-page-token", |case, tally| case.shown(tally)),
            (v2, "lists.total-size", |case, tally| case.shown(tally)),
        ]
    ),
    check!(
        Must,
        Job,
        "llama.data-at-the-end",
        "What has succeeded has data, and of the form that was asked for",
        "a run or a job that has succeeded",
        [
            (first, "runs.success-has-data", |case, tally| case.shown(tally)),
            (v1, "runs.target-decides-form", |case, tally| case.shown(tally)),
            (v2, "extract.completed-has-result", |case, tally| case.shown(tally)),
            (v2, "extract.target-decides-form", |case, tally| case.shown(tally)),
            (v2, "extract.configuration-form", |case, tally| case.shown(tally)),
            (v2, "extract.metadata-form", |case, tally| case.shown(tally)),
            (v2, "extract.job-metadata-form", |case, tally| case.shown(tally)),
            (v2, "extract.get.usage-form", |case, tally| case.shown(tally)),
        ]
    ),
    check!(
        Should,
        Job,
        "llama.nothing-too-early",
        "Data comes with success only, and an error with failure only",
        "what is under way, and what has ended",
        [
            (first, "jobs.error-only-when-failed", |case, tally| case.shown(tally)),
            (first, "runs.data-only-on-success", |case, tally| case.shown(tally)),
            (first, "runs.error-only-when-failed", |case, tally| case.shown(tally)),
            (v2, "extract.result-only-when-completed", |case, tally| case.shown(tally)),
            (v2, "extract.error-only-when-failed", |case, tally| case.shown(tally)),
        ]
    ),
    check!(
        Should,
        Job,
        "llama.error-says-why",
        "What failed says why",
        "a job or a run that failed",
        [
            (first, "jobs.error-says-why", |case, tally| case.shown(tally)),
            (first, "runs.error-says-why", |case, tally| case.shown(tally)),
            (v2, "extract.failed-has-error", |case, tally| case.shown(tally)),
        ]
    ),
    check!(
        Must,
        Job,
        "llama.answers",
        "What is made, judged or deleted is answered in the documented form",
        "a schema that was judged, something that was deleted, and a result",
        [
            (first, "extraction-agents-schema-validation.create.answer", |case, tally| case.shown(tally)),
            (page, "schemas.text-is-object", |case, tally| case.shown(tally)),
            (first, "deletes.any-json", |case, tally| case.shown(tally)),
            (first, "jobs-result.get.members", |case, tally| case.shown(tally)),
            (page, "jobs-result.get.data-form", |case, tally| case.shown(tally)),
            (page, "jobs-result.get.metadata-object", |case, tally| case.shown(tally)),
            (v1, "extraction-agents-default.get.marked", |case, tally| case.shown(tally)),
            (v2, "extract.delete.any-body", |case, tally| case.shown(tally)),
            (v2, "extract-schema-validation.create.answer", |case, tally| case.shown(tally)),
            (v2, "extract-schema-generate.create.answer", |case, tally| case.shown(tally)),
            (v2, "extract-schema-generate.create.product-type", |case, tally| case.shown(tally)),
        ]
    ),
    check!(
        Must,
        Write,
        "llama.validation-error",
        "A 422 lists what is wrong, each with a place, a message and a type",
        "a request that is refused with 422",
        [
            (all, "errors.validation-list", |case, tally| case.shown(tally)),
            (all, "errors.validation-entries", |case, tally| case.shown(tally)),
            (all, "errors.validation-location", |case, tally| case.shown(tally)),
        ]
    ),
    check!(
        Should,
        Write,
        "llama.error-detail",
        "An error has a detail, which begins with the part of the request in a 422",
        "a request that is refused, and one with 422",
        [
            (all, "errors.detail", |case, tally| case.shown(tally)),
            (all, "errors.validation-first-part", first_part),
        ]
    ),
];

/// The keywords of violations that are about other things than the shape of a body.
const LABELS: [&str; 2] = ["status", "content-type"];

/// Whether the sentence behind a violation is the vendor's, or there is none in particular.
fn binds_anyone(case: &Case<'_>, fault: &Fault) -> bool {
    let clauses = fault.clauses.iter().filter_map(|id| case.history.clause(id));
    let mut evidence = clauses.map(|clause| clause.evidence).peekable();
    evidence.peek().is_none() || evidence.any(|it| matches!(it, Evidence::Documented | Evidence::Mentioned))
}

fn schema(case: &Case<'_>, tally: &mut Tally) {
    faults(case, tally, "shape", |fault| {
        !LABELS.contains(&fault.violation.keyword.as_str()) && binds_anyone(case, fault)
    });
}

fn content_type(case: &Case<'_>, tally: &mut Tally) {
    faults(case, tally, "media-type", |fault| fault.violation.keyword == "content-type");
}

fn status(case: &Case<'_>, tally: &mut Tally) {
    faults(case, tally, "undocumented", |fault| fault.violation.keyword == "status");
}

fn faults(case: &Case<'_>, tally: &mut Tally, reason: &'static str, counts: impl Fn(&Fault) -> bool) {
    for seen in case.history.judged().filter(|seen| seen.operation().is_some()) {
        tally.saw(seen);
        if let Some(Fault { violation, .. }) = seen.shown_wrong().iter().find(|fault| counts(fault)) {
            tally
                .broke(seen, reason, violation.expected.clone(), violation.message.clone())
                .at(violation.pointer.clone())
                .schema(violation.schema_pointer.clone());
        }
    }
}

fn same_id(case: &Case<'_>, tally: &mut Tally) {
    let by_id = ["get", "update", "cancel"];
    let own = [
        "extraction-agents",
        "jobs",
        "runs",
        "files",
        "extract",
        "configurations",
        "projects",
        "organizations",
    ];
    for seen in case.all_asked().filter(|seen| seen.is_success()) {
        let Some((thing, verb)) = name(seen).split_once('.') else { continue };
        let Some(id) = seen.subject().filter(|_| by_id.contains(&verb) && own.contains(&thing)) else {
            continue;
        };
        tally.saw(seen);
        if seen.own_id().map(super::look::bare) != Some(super::look::bare(id)) {
            tally.broke(seen, "other-id", id, seen.at("/id").to_string()).at("/id");
        }
    }
}

fn success(case: &Case<'_>, tally: &mut Tally) {
    for seen in case.all_asked().filter(|seen| seen.is_success()) {
        let expected = match name(seen) {
            "files.create" | "configurations.create" => 201,
            "files.delete" | "configurations.delete" => 204,
            _ => 200,
        };
        hold(
            tally,
            seen,
            seen.status() == Some(expected),
            "other-success",
            &expected.to_string(),
            &seen.status_text(),
        );
    }
}

fn presigned(case: &Case<'_>, tally: &mut Tally) {
    for seen in ["files-content.get", "files-presigned.create"].into_iter().flat_map(|it| case.good(it)) {
        let until = seen.text("/expires_at").is_some_and(|it| it.parse::<jiff::Timestamp>().is_ok());
        let right = until && seen.text("/url").is_some_and(|url| !url.is_empty());
        hold(tally, seen, right, "members", "a url and an instant", &seen.body().to_string());
    }
}

fn first_part(case: &Case<'_>, tally: &mut Tally) {
    for seen in case.all_asked().filter(|seen| seen.status() == Some(422)) {
        for entry in seen.at("/detail").as_array().into_iter().flatten() {
            let part = entry.pointer("/loc/0").and_then(|part| part.as_str());
            let known = part.is_some_and(|part| ["path", "query", "body"].contains(&part));
            let got = entry.pointer("/loc").map(ToString::to_string).unwrap_or_default();
            hold(tally, seen, known, "other-part", "path, query or body", &got);
        }
    }
}
