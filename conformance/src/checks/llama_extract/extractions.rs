//! Jobs of version 2.

use serde_json::Value;

use super::look::{Fate, at, bare, declined, entries, hold, id, text};
use super::rows::{Case, check, clauses};
use crate::checks::Check;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    check!(
        Must,
        Job,
        "llama.extractions",
        "A job is made of a document and a configuration, comes before its data, and is found by its id",
        "a job that is made with a configuration of its own, one with a saved one, and looks at them",
        [
            (v2, "extract.create.ok", |case, tally| case
                .accepts_if(tally, "extract.create", 200, |seen| is_of_extract(case, seen))),
            (v2, "extract.create.asynchronous", |case, tally| {
                for seen in case.good("extract.create") {
                    let state = seen.state().unwrap_or("no state");
                    hold(tally, seen, !ENDS.contains(&state), "over", "a job under way", state);
                }
            }),
            (v2, "extract.create.file-input-told", |case, tally| {
                for seen in case.good("extract.create") {
                    let asked = at(seen.request(), "/file_input").as_str().map(bare);
                    hold(
                        tally,
                        seen,
                        seen.text("/file_input").map(bare) == asked,
                        "other-file",
                        asked.unwrap_or_default(),
                        &seen.at("/file_input").to_string(),
                    );
                }
            }),
            (v2, "extract.create.configuration-id", |case, tally| {
                for job in case.good("extract.create") {
                    let Some(saved) = at(job.request(), "/configuration_id").as_str() else { continue };
                    let saved = case.last_of(job, &["configurations.create", "configurations.update"], saved);
                    let shown = case
                        .good("extract.get")
                        .find(|it| it.own_id() == job.own_id() && it.at("/configuration").is_object());
                    let (Some(saved), Some(shown)) = (saved, shown) else { continue };
                    for member in ["data_schema", "tier", "extraction_target"] {
                        let expected = saved.at(&format!("/parameters/{member}"));
                        case.same(tally, (saved, expected), (shown, &format!("/configuration/{member}")));
                    }
                }
            }),
            (v2, "extract.create.configuration-id-told", |case, tally| {
                for seen in case.good("extract.create") {
                    case.same(
                        tally,
                        (seen, at(seen.request(), "/configuration_id")),
                        (seen, "/configuration_id"),
                    );
                }
            }),
            (v2, "extract.get.ok", |case, tally| case.accepts(tally, "extract.get", 200)),
        ]
    ),
    check!(
        Must,
        Job,
        "llama.extractions-kept",
        "A job is as it was made",
        "a look at a job",
        [
            (v2, "extract.get.as-created", |case, tally| {
                for seen in case.good("extract.get") {
                    let made = seen.own_id().and_then(|id| case.last_of(seen, &["extract.create"], id));
                    let Some(made) = made else { continue };
                    for member in ["/file_input", "/project_id", "/created_at"] {
                        case.same(tally, (made, made.at(member)), (seen, member));
                    }
                }
            }),
            (v2, "extract.cancel.no-change", |case, tally| {
                for cancel in case.asked("extract.cancel").filter(|seen| seen.is_refusal()) {
                    let reads = || case.good("extract.get").filter(|it| it.subject() == cancel.subject());
                    let before = reads().filter(|it| it.id() < cancel.id() && is_over(it)).last();
                    let after = reads().find(|it| it.id() > cancel.id());
                    let (Some(before), Some(after)) = (before, after) else { continue };
                    for member in ["/status", "/extract_result", "/error_message"] {
                        case.same(tally, (before, before.at(member)), (after, member));
                    }
                }
            }),
        ]
    ),
    check!(
        Should,
        Job,
        "llama.extractions-pending",
        "A new job is PENDING, and a deleted one leaves its document",
        "a job that is made, and one that is deleted",
        [
            (v2, "extract.create.pending", |case, tally| {
                for seen in case.good("extract.create") {
                    let state = seen.state().unwrap_or("no state");
                    hold(tally, seen, state == "PENDING", "not-pending", "PENDING", state);
                }
            }),
            (v2, "extract.delete.file-stays", |case, tally| {
                for deleted in case.good("extract.delete") {
                    let made =
                        deleted.subject().and_then(|id| case.last_of(deleted, &["extract.create"], id));
                    let Some(file) = made.and_then(|made| at(made.request(), "/file_input").as_str()) else {
                        continue;
                    };
                    let later =
                        |it: &&Seen| it.id() > deleted.id() && it.subject().map(bare) == Some(bare(file));
                    let look =
                        case.asked("files.get").find(later).filter(|it| case.fate(it, file) == Fate::There);
                    if let Some(look) = look {
                        hold(tally, look, look.is_success(), "gone", "the upload", &look.status_text());
                    }
                }
            }),
        ]
    ),
    check!(
        Must,
        Job,
        "llama.extractions-listed",
        "Jobs are listed newest first, and by each of the filters",
        "lists with each filter",
        [
            (v2, "extract.list.newest-first", |case, tally| super::pages::falling(
                tally,
                case.good("extract.list"),
                "/created_at"
            )),
            (v2, "extract.list.status", |case, tally| super::tenants::filtered(
                case,
                tally,
                "extract.list",
                "status",
                "/status"
            )),
            (v2, "extract.list.configuration-id", |case, tally| {
                super::tenants::filtered(
                    case,
                    tally,
                    "extract.list",
                    "configuration_id",
                    "/configuration_id",
                );
            }),
            (v2, "extract.list.file-input", |case, tally| of_file(case, tally, "file_input")),
            (v2, "extract.list.input-type", |case, tally| {
                for list in case.good("extract.list") {
                    let Some(kind) = list.query("document_input_type") else { continue };
                    let parsed =
                        |it: &Value| text(it, "/file_input").is_some_and(|it| it.starts_with("pjb-"));
                    let right = entries(list).iter().all(|it| parsed(it) == (kind == "parse_job_id"));
                    hold(tally, list, right, "others", kind, "jobs of another kind");
                }
            }),
            (v2, "extract.list.job-ids", |case, tally| {
                for list in case.good("extract.list") {
                    let asked: Vec<&str> = list
                        .pairs()
                        .iter()
                        .filter(|(it, _)| it == "job_ids")
                        .map(|(_, id)| id.as_str())
                        .collect();
                    if !asked.is_empty() {
                        let right = entries(list).iter().filter_map(id).all(|it| asked.contains(&it));
                        hold(tally, list, right, "others", &asked.join(", "), "others");
                    }
                }
            }),
            (v2, "extract.list.created-after", |case, tally| since(
                case,
                tally,
                "created_at_on_or_after",
                |made, asked| made >= asked
            )),
            (v2, "extract.list.created-before", |case, tally| since(
                case,
                tally,
                "created_at_on_or_before",
                |made, asked| made <= asked
            )),
        ]
    ),
    check!(
        Should,
        Job,
        "llama.extractions-by-value",
        "The deprecated document_input_value does what file_input does",
        "a list with it",
        [(v2, "extract.list.input-value", |case, tally| of_file(case, tally, "document_input_value")),]
    ),
    check!(
        Must,
        Job,
        "llama.extractions-deleted",
        "A job that is over is deleted, and one at work only with force",
        "a job that is deleted when it is over, one that is not deleted at work, and one that is with force",
        [
            (v2, "extract.delete.ok", |case, tally| {
                case.accepts_if(tally, "extract.delete", 200, |seen| {
                    seen.subject()
                        .is_some_and(|id| state_before(case, seen, id).is_some_and(|it| ENDS.contains(&it)))
                });
            }),
            (v2, "extract.delete.gone", |case, tally| super::agents::gone(
                case,
                tally,
                "extract.delete",
                "extract.get",
                "extract.list"
            )),
            (v2, "extract.delete.refused-at-work", |case, tally| {
                for seen in deleted_at_work(case) {
                    declined(tally, seen);
                }
            }),
            (v2, "extract.delete.force", |case, tally| {
                case.accepts_if(tally, "extract.delete", 200, |seen| seen.query("force") == Some("true"));
            }),
        ]
    ),
    check!(
        Must,
        Job,
        "llama.extractions-cancelled",
        "A job at work is cancelled, and one that is over is not",
        "a job that is cancelled at work, and one that is over",
        [
            (v2, "extract.cancel.ok", |case, tally| {
                case.accepts_if(tally, "extract.cancel", 200, |seen| is_at_work(case, seen));
            }),
            (v2, "extract.cancel.cancelled", |case, tally| {
                for seen in case.good("extract.cancel") {
                    let state = seen.state().unwrap_or("no state");
                    hold(tally, seen, state == "CANCELLED", "not-cancelled", "CANCELLED", state);
                }
            }),
            (v2, "extract.cancel.refused-terminal", |case, tally| {
                for seen in cancelled_late(case) {
                    declined(tally, seen);
                }
            }),
        ]
    ),
    check!(
        Should,
        Job,
        "llama.target-pages",
        "Only the pages that target_pages names are read",
        "a job for one page of a document with several",
        [(v2, "configuration.target-pages", |case, tally| {
            for seen in case
                .good("extract.get")
                .filter(|seen| seen.at("/configuration/extraction_target") == "per_page")
            {
                let Some(pages) = seen.text("/configuration/target_pages") else { continue };
                let (Ok(_), Some(list)) = (pages.parse::<u32>(), seen.at("/extract_result").as_array())
                else {
                    continue;
                };
                hold(
                    tally,
                    seen,
                    list.len() == 1,
                    "other-pages",
                    "data of one page",
                    &format!("of {}", list.len()),
                );
            }
        }),]
    ),
];

const ENDS: [&str; 3] = ["COMPLETED", "FAILED", "CANCELLED"];

fn is_over(seen: &Seen) -> bool {
    seen.state().is_some_and(|state| ENDS.contains(&state))
}

/// Whether a job asks for what has to be given: one configuration, and if it is a saved one, of this product.
pub(super) fn is_of_extract(case: &Case<'_>, seen: &Seen) -> bool {
    let Some(saved) = at(seen.request(), "/configuration_id").as_str() else { return true };
    let made = case.last_of(seen, &["configurations.create"], saved);
    made.is_some_and(|made| made.text("/product_type") == Some("extract_v2"))
}

/// The state a job was seen in last before a moment.
fn state_before<'h>(case: &'h Case<'h>, moment: &Seen, id: &str) -> Option<&'h str> {
    let all = case.history.judged().take_while(|it| it.id() < moment.id());
    let own =
        all.filter(|it| it.is_success() && it.own_id() == Some(id) && it.credential() == moment.credential());
    own.filter_map(Seen::state).last()
}

/// Whether a job was seen at work before a request and, in the same state or over by it, after.
fn is_at_work(case: &Case<'_>, seen: &Seen) -> bool {
    let Some(id) = seen.subject() else { return false };
    let before = state_before(case, seen, id);
    let after = case
        .good("extract.get")
        .find(|it| it.id() > seen.id() && it.own_id() == Some(id))
        .and_then(Seen::state);
    // A job that ended by itself in between shows nothing.
    before.is_some_and(|it| !ENDS.contains(&it))
        && after.is_none_or(|it| !["COMPLETED", "FAILED"].contains(&it))
}

/// Requests to delete a job that was at work before and after, without force.
pub(super) fn deleted_at_work<'h>(case: &'h Case<'h>) -> impl Iterator<Item = &'h Seen> {
    case.asked("extract.delete").filter(|seen| seen.query("force").is_none() && is_at_work(case, seen))
}

/// Requests to cancel a job that was over before.
pub(super) fn cancelled_late<'h>(case: &'h Case<'h>) -> impl Iterator<Item = &'h Seen> {
    case.asked("extract.cancel").filter(|seen| {
        let state = seen.subject().and_then(|id| state_before(case, seen, id));
        state.is_some_and(|it| ENDS.contains(&it)) && case.is_sound(seen)
    })
}

fn of_file(case: &Case<'_>, tally: &mut Tally, filter: &str) {
    for list in case.good("extract.list") {
        let Some(asked) = list.query(filter).map(bare) else { continue };
        for entry in entries(list) {
            let has = text(entry, "/file_input").map(bare);
            hold(tally, list, has == Some(asked), "others", asked, has.unwrap_or("none"));
        }
        let made = case
            .good("extract.create")
            .filter(|it| it.id() < list.id() && it.credential() == list.credential());
        for job in made.filter(|it| at(it.request(), "/file_input").as_str().map(bare) == Some(asked)) {
            let Some(own) = job.own_id().filter(|it| case.fate(list, it) == Fate::There) else { continue };
            let listed = entries(list).iter().any(|it| id(it) == Some(own));
            hold(
                tally,
                list,
                listed || list.at("/next_page_token").is_string(),
                "missing",
                own,
                "a list without it",
            );
        }
    }
}

fn since(
    case: &Case<'_>,
    tally: &mut Tally,
    filter: &str,
    passes: impl Fn(jiff::Timestamp, jiff::Timestamp) -> bool,
) {
    for list in case.good("extract.list") {
        let Some(asked) = list.query(filter).and_then(|it| it.parse().ok()) else { continue };
        let made = |entry: &Value| text(entry, "/created_at")?.parse().ok();
        let right = entries(list).iter().filter_map(made).all(|it| passes(it, asked));
        hold(tally, list, right, "others", list.query(filter).unwrap_or_default(), "a job of another time");
        let all = case
            .good("extract.create")
            .filter(|it| it.id() < list.id() && it.credential() == list.credential());
        for job in all.filter(|it| made(it.body()).is_some_and(|it| passes(it, asked))) {
            let Some(own) = job.own_id().filter(|it| case.fate(list, it) == Fate::There) else { continue };
            let listed = entries(list).iter().any(|it| id(it) == Some(own));
            hold(
                tally,
                list,
                listed || list.at("/next_page_token").is_string(),
                "missing",
                own,
                "a list without it",
            );
        }
    }
}
