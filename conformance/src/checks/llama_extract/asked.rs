//! Requests that break their schema.

use super::look::{is_malformed, name};
use super::rows::{check, clauses};
use crate::checks::Check;
use crate::history::seen::Seen;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    check!(
        Must,
        Write,
        "llama.required",
        "A request without what it needs is answered with 422",
        "a request of each kind without each of its required members",
        [
            (first, "extraction-agents.create.required", |case, tally| case.refuses(tally)),
            (first, "extraction-agents.update.required", |case, tally| case.refuses(tally)),
            (first, "extraction-agents-schema-validation.create.required", |case, tally| case.refuses(tally)),
            (first, "jobs.create.required", |case, tally| case.refuses(tally)),
            (first, "jobs-batch.create.required", |case, tally| case.refuses(tally)),
            (v1, "jobs-file.create.required", |case, tally| case.refuses(tally)),
            (v1, "run.create.required", |case, tally| case.refuses(tally)),
            (v1, "files.create.required", |case, tally| case.refuses(tally)),
            (v1, "files-presigned.create.required", |case, tally| case.refuses(tally)),
            (v1, "files-from-url.create.required", |case, tally| case.refuses(tally)),
            (v1, "jobs-batch.create.not-empty", |case, tally| case.refuses(tally)),
            (v2, "extract.create.file-input-required", |case, tally| case.refuses(tally)),
            (v2, "extract.create.data-schema-required", |case, tally| case.refuses(tally)),
            (v2, "extract-schema-validation.create.data-schema-required", |case, tally| case.refuses(tally)),
            (v2, "configurations.create.required", |case, tally| case.refuses(tally)),
            (v2, "configurations.create.data-schema-required", |case, tally| case.refuses(tally)),
            (v2, "configurations.product-type-required", |case, tally| case.refuses(tally)),
            (v2, "files.create.file-required", |case, tally| case
                .refuses_if(tally, |seen| lacks(seen, "file"))),
            (v2, "files.create.purpose-required", |case, tally| case
                .refuses_if(tally, |seen| lacks(seen, "purpose"))),
            (v2, "requests.body-required", |case, tally| case.refuses_if(tally, is_empty)),
        ]
    ),
    check!(
        Must,
        Read,
        "llama.parameters",
        "A list without a parameter it needs, or with one that cannot be, is answered with 422",
        "a list of each kind with a wrong query",
        [
            (first, "jobs.list.agent-required", |case, tally| case
                .refuses_if(tally, |seen| of_nobody(seen, "jobs.list"))),
            (v1, "runs.list.agent-required", |case, tally| case
                .refuses_if(tally, |seen| of_nobody(seen, "runs.list"))),
            (all, "requests.project-uuid", |case, tally| {
                case.refuses_if(tally, |seen| breaks(seen, "format", &["/project_id", "/organization_id"]));
            }),
            (v2, "extract.list.status-words", |case, tally| case
                .refuses_if(tally, |seen| lists(seen, "extract", "/status"))),
            (v2, "extract.list.bad-instant", |case, tally| {
                case.refuses_if(tally, |seen| lists(seen, "extract", "/created_at_on_or"));
            }),
            (v2, "configurations.list.product-type-422", |case, tally| {
                case.refuses_if(tally, |seen| lists(seen, "configurations", "/product_type"));
            }),
        ]
    ),
    check!(
        Must,
        Write,
        "llama.words",
        "A word that is none of its list is answered with 422",
        "a request of each kind with a word that nobody knows",
        [
            (first, "config.words", |case, tally| case.refuses(tally)),
            (v1, "config.pages-context-positive", |case, tally| case.refuses(tally)),
            (v2, "configuration.tiers", |case, tally| case.refuses(tally)),
            (v2, "configuration.targets", |case, tally| case.refuses(tally)),
            (v2, "configuration.max-pages-positive", |case, tally| case.refuses(tally)),
            (last, "webhooks.event-words", |case, tally| case.refuses(tally)),
            (last, "errors.bad-word-422", |case, tally| case.refuses_if(tally, |seen| breaks(
                seen,
                "enum",
                &["/"]
            ))),
        ]
    ),
    check!(
        Must,
        Write,
        "llama.lengths",
        "A name, or an id, that is too long or empty is answered with 422",
        "a request of each kind with a name that is empty, and one that is too long",
        [
            (first, "extraction-agents.create.name-length", |case, tally| case.refuses(tally)),
            (v2, "extract.create.file-input-length", |case, tally| case.refuses(tally)),
            (v2, "extract-schema-generate.create.name-length", |case, tally| case.refuses(tally)),
            (v2, "configurations.create.name-length", |case, tally| case.refuses(tally)),
            (v2, "configurations.update.name-length", |case, tally| case.refuses(tally)),
        ]
    ),
    check!(
        Must,
        Write,
        "llama.types",
        "A member of the wrong type, and an id that is no UUID, are answered with 422",
        "a request with a member of another type, and one with an id that is none",
        [
            (all, "errors.bad-type-422", |case, tally| case.refuses_if(tally, |seen| breaks(
                seen,
                "type",
                &["/"]
            ))),
            (all, "errors.bad-uuid-422", |case, tally| case.refuses_if(tally, has_bad_id)),
            (first, "schemas.forms", |case, tally| case.refuses(tally)),
            (v2, "schemas.object", |case, tally| case.refuses(tally)),
        ]
    ),
    check!(
        Should,
        Write,
        "llama.choices-422",
        "What no document decides is refused with 422 as this stand-in says",
        "a request of each kind that the documents say nothing of",
        [
            (page, "runs.list.bad-filter-422", |case, tally| case
                .refuses_if(tally, |seen| { name(seen) == "runs.list" && breaks(seen, "format", &["/"]) })),
            (page, "jobs-batch.create.not-empty", |case, tally| case.refuses(tally)),
            (v1, "run.create.one-source", |case, tally| case.refuses_if(tally, |seen| {
                name(seen) == "run.create" && seen.asked_wrong().is_empty() && sources(seen) != 1
            })),
            (v1, "config.page-range-form", |case, tally| case.refuses_if(tally, |seen| {
                seen.request().pointer("/config/page_range").is_some_and(|said| said == "seven")
            })),
            (v2, "extract.create.exactly-one-422", |case, tally| case.refuses_if(tally, is_undecided)),
            (v2, "configuration.target-pages-form", |case, tally| case.refuses(tally)),
            (v2, "lists.page-size-bounds", |case, tally| case.refuses_if(tally, |seen| {
                !["files.list", "extraction-agents.list"].contains(&name(seen)) && has_bad_size(seen)
            })),
            (v2, "files.list.page-size-422", |case, tally| {
                case.refuses_if(tally, |seen| name(seen) == "files.list" && has_bad_size(seen));
            }),
            (v2, "files.create.bad-purpose-422", |case, tally| {
                case.refuses_if(tally, |seen| {
                    name(seen) == "files.create" && breaks(seen, "enum", &["/purpose"])
                });
            }),
            (v2, "files.list.order-refused", |case, tally| case.refuses_if(tally, |seen| {
                name(seen) == "files.list"
                    && seen.query("order_by").is_some_and(|said| !ORDERS.contains(&said))
            })),
            (v2, "files-content.get.expiry-positive", |case, tally| case.refuses_if(tally, |seen| {
                name(seen) == "files-content.get" && seen.query("expires_at_seconds") == Some("0")
            })),
        ]
    ),
    check!(
        Should,
        Write,
        "llama.broken-json",
        "A body that is not JSON is answered with 422, and the type json_invalid",
        "a request whose body is not JSON",
        [(all, "requests.malformed-json", |case, tally| {
            for seen in case.all_asked().filter(|seen| is_malformed(seen)) {
                let said = seen.text("/detail/0/type");
                let right = seen.status() == Some(422) && said == Some("json_invalid");
                super::look::hold(
                    tally,
                    seen,
                    right,
                    "other-answer",
                    "422 of the type json_invalid",
                    &seen.status_text(),
                );
            }
        }),]
    ),
    check!(
        Must,
        Write,
        "llama.one-configuration",
        "A job with both configurations, or with none, is refused",
        "a job with both, and one with none",
        [(v2, "extract.create.exactly-one", |case, tally| case.turns_away(
            tally,
            "extract.create",
            is_undecided
        )),]
    ),
];

/// What uploads may be ordered by.
pub(super) const ORDERS: [&str; 3] = ["name", "id", "created_at"];

/// Whether a request breaks a keyword at a place that begins like one of these.
fn breaks(seen: &Seen, keyword: &str, places: &[&str]) -> bool {
    let wrong = seen.asked_wrong().iter().map(|fault| &fault.violation);
    wrong.filter(|it| it.keyword == keyword).any(|it| places.iter().any(|at| it.pointer.starts_with(at)))
}

/// Whether a request names something by an id that is none.
fn has_bad_id(seen: &Seen) -> bool {
    let by_filter = name(seen) == "runs.list" && seen.pairs().iter().any(|(name, _)| name.ends_with("_id"));
    let wrong = seen.asked_wrong().iter().map(|fault| &fault.violation);
    !by_filter
        && wrong
            .filter(|it| {
                !it.pointer.starts_with("/project_id") && !it.pointer.starts_with("/organization_id")
            })
            .any(|it| {
                it.keyword == "format" && it.expected.contains("uuid")
                    || it.keyword == "pattern" && it.expected.contains("dfl")
            })
}

/// Whether a form has no such field.
fn lacks(seen: &Seen, field: &str) -> bool {
    let media = seen.exchange().request().header("content-type").unwrap_or_default();
    name(seen) == "files.create" && media.starts_with("multipart/form-data") && seen.field(field).is_none()
}

/// Whether an operation that needs a body was asked without one.
fn is_empty(seen: &Seen) -> bool {
    let needs = ["extract.create", "configurations.create", "extract-schema-validation.create"];
    needs.contains(&name(seen)) && seen.exchange().request().body.is_empty()
}

/// Whether a list was asked for without saying whose.
fn of_nobody(seen: &Seen, operation: &str) -> bool {
    name(seen) == operation && seen.query("extraction_agent_id").is_none()
}

/// Whether a list of these was asked for with a filter that breaks its schema.
fn lists(seen: &Seen, what: &str, filter: &str) -> bool {
    name(seen).strip_suffix(".list") == Some(what)
        && seen.asked_wrong().iter().any(|fault| fault.violation.pointer.starts_with(filter))
}

fn has_bad_size(seen: &Seen) -> bool {
    seen.asked_wrong().iter().any(|fault| fault.violation.pointer == "/page_size")
}

/// From how many things a stateless job is to be made.
fn sources(seen: &Seen) -> usize {
    let said = |name: &&str| seen.request().get(*name).is_some_and(|value| !value.is_null());
    ["file_id", "text", "file"].iter().filter(|name| said(name)).count()
}

/// Whether a job was asked for with both kinds of configuration, or with none.
fn is_undecided(seen: &Seen) -> bool {
    let has = |name: &str| seen.request().get(name).is_some_and(|value| !value.is_null());
    name(seen) == "extract.create"
        && seen.request().get("file_input").is_some_and(|file| file.is_string())
        && has("configuration") == has("configuration_id")
}
