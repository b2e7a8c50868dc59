//! Uploads of version 2, and their lists.

use std::collections::BTreeSet;

use serde_json::Value;

use super::asked::ORDERS;
use super::look::{at, bare, entries, expect, hold, id, text};
use super::rows::{check, clauses};
use crate::checks::Check;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    check!(
        Must,
        Write,
        "llama.uploads",
        "An upload tells its name, its type and its purpose",
        "an upload of each purpose",
        [
            (v2, "files.create.name", |case, tally| {
                for seen in case.good("files.create") {
                    let Some(said) = seen.field("file") else { continue };
                    hold(
                        tally,
                        seen,
                        seen.text("/name") == Some(said),
                        "other-name",
                        said,
                        &seen.at("/name").to_string(),
                    );
                }
            }),
            (v2, "files.create.file-type", |case, tally| {
                for seen in case.good("files.create") {
                    let Some((_, ending)) = seen.field("file").and_then(|name| name.rsplit_once('.')) else {
                        continue;
                    };
                    let told = seen.text("/file_type").unwrap_or("none");
                    hold(tally, seen, told == ending, "other-type", ending, told);
                }
            }),
            (v2, "files.create.purpose-told", |case, tally| {
                for seen in case.good("files.create") {
                    let Some(said) = seen.field("purpose") else { continue };
                    hold(
                        tally,
                        seen,
                        seen.text("/purpose") == Some(said),
                        "other-purpose",
                        said,
                        &seen.at("/purpose").to_string(),
                    );
                }
            }),
            (v2, "files.purposes", |case, tally| {
                let fits = |seen: &&Seen| {
                    seen.field("purpose").is_some_and(|it| PURPOSES.contains(&it))
                        && seen.field("file").is_some()
                };
                expect(tally, case.asked("files.create").filter(fits), "refused", &[201]);
            }),
        ]
    ),
    check!(
        Must,
        Read,
        "llama.uploads-listed",
        "Uploads are listed by id, by name and by external id, and queried in the same words",
        "lists and queries with each filter",
        [
            (v2, "files.list.file-ids", |case, tally| {
                for list in case.good("files.list") {
                    let asked: Vec<&str> = list
                        .pairs()
                        .iter()
                        .filter(|(it, _)| it == "file_ids")
                        .map(|(_, id)| bare(id))
                        .collect();
                    if !asked.is_empty() {
                        of_those(tally, list, &asked);
                    }
                }
            }),
            (v2, "files.list.file-name", |case, tally| super::tenants::filtered(
                case,
                tally,
                "files.list",
                "file_name",
                "/name"
            )),
            (v2, "files.list.external-id", |case, tally| {
                super::tenants::filtered(case, tally, "files.list", "external_file_id", "/external_file_id");
            }),
            (v2, "files-query.create.ok", |case, tally| {
                case.accepts_if(tally, "files-query.create", 200, |seen| {
                    seen.request().get("page_token").is_none()
                });
            }),
            (v2, "files-query.create.filter", |case, tally| {
                for list in case.good("files-query.create") {
                    let filter = at(list.request(), "/filter");
                    for (asked, member) in [("file_name", "/name"), ("external_file_id", "/external_file_id")]
                    {
                        let Some(asked) = filter.get(asked).and_then(Value::as_str) else { continue };
                        let right = entries(list).iter().all(|it| text(it, member) == Some(asked));
                        hold(
                            tally,
                            list,
                            right && !entries(list).is_empty(),
                            "others",
                            asked,
                            "others, or none",
                        );
                    }
                    if let Some(ids) = filter.get("file_ids").and_then(Value::as_array) {
                        of_those(
                            tally,
                            list,
                            &ids.iter().filter_map(Value::as_str).map(bare).collect::<Vec<_>>(),
                        );
                    }
                }
            }),
            (v2, "requests.lists-read", |case, tally| {
                for list in case.good("files.list").chain(case.good("extract.list")) {
                    let repeated = |it: &str| list.pairs().iter().filter(|(name, _)| name == it).count() > 1;
                    let Some(names) = ["file_ids", "job_ids"].into_iter().find(|it| repeated(it)) else {
                        continue;
                    };
                    let asked: BTreeSet<&str> =
                        list.pairs().iter().filter(|(it, _)| it == names).map(|(_, id)| bare(id)).collect();
                    let shown: BTreeSet<&str> = entries(list).iter().filter_map(id).map(bare).collect();
                    hold(
                        tally,
                        list,
                        shown == asked,
                        "not-all",
                        &asked.len().to_string(),
                        &shown.len().to_string(),
                    );
                }
            }),
        ]
    ),
    check!(
        Must,
        Read,
        "llama.uploads-ordered",
        "Uploads are ordered by name, by id and by the instant they were made",
        "a list in each order",
        [
            (v2, "files.list.order-created", |case, tally| {
                for list in
                    case.good("files.list").filter(|list| list.query("order_by") == Some("created_at"))
                {
                    // Uploads do not tell when they were made, so the order in which they were sent is what there is to see.
                    let made: Vec<&str> = case.good("files.create").filter_map(Seen::own_id).collect();
                    let places: Vec<usize> = entries(list)
                        .iter()
                        .filter_map(id)
                        .filter_map(|it| made.iter().position(|id| *id == it))
                        .collect();
                    if places.len() < 2 {
                        continue;
                    }
                    let (up, down) = (places.is_sorted(), places.iter().rev().is_sorted());
                    hold(
                        tally,
                        list,
                        up || down,
                        "unordered",
                        "the order in which they were sent, or the other",
                        "another",
                    );
                    tally.reading("llama-extract.v2.files.list.order-created", usize::from(down), list);
                }
            }),
            (v2, "files.list.order-forms", |case, tally| {
                for list in case.asked("files.list").filter(|list| list.query("order_by").is_some()) {
                    let asked = list.query("order_by").unwrap_or_default();
                    if ORDERS.contains(&asked) {
                        let member = if asked == "name" { "/name" } else { "/id" };
                        let words: Vec<&str> =
                            entries(list).iter().filter_map(|it| text(it, member)).collect();
                        let right =
                            asked == "created_at" || words.is_sorted() || words.iter().rev().is_sorted();
                        hold(
                            tally,
                            list,
                            list.is_success() && right,
                            "unordered",
                            asked,
                            &list.status_text(),
                        );
                    } else if asked == "name desc" {
                        hold(
                            tally,
                            list,
                            list.is_success() || list.is_refusal(),
                            "failed",
                            "200 or a refusal",
                            &list.status_text(),
                        );
                        tally.reading(
                            "llama-extract.v2.files.list.order-forms",
                            usize::from(!list.is_success()),
                            list,
                        );
                    }
                }
            }),
        ]
    ),
    check!(
        Should,
        Read,
        "llama.query-size",
        "A size beyond the maximum counts as the maximum in a query",
        "a query with such a size",
        [(v2, "files-query.create.coerced-size", |case, tally| {
            let large =
                |seen: &&Seen| at(seen.request(), "/page_size").as_u64().is_some_and(|size| size > 1000);
            expect(tally, case.asked("files-query.create").filter(large), "refused", &[200]);
        }),]
    ),
];

/// What an upload may be for.
const PURPOSES: [&str; 7] = ["user_data", "parse", "extract", "split", "classify", "sheet", "agent_app"];

/// Expects a list to show those, as far as it shows any.
fn of_those(tally: &mut Tally, list: &Seen, asked: &[&str]) {
    let shown: Vec<&str> = entries(list).iter().filter_map(id).map(bare).collect();
    let right = shown.iter().all(|id| asked.contains(id));
    hold(tally, list, right, "others", &asked.join(", "), &shown.join(", "));
}
