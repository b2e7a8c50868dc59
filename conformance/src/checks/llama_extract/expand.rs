//! What version 2 shows if it is asked to, and not otherwise.

use serde_json::Value;

use super::look::{at, entries, hold, id, name};
use super::rows::{Case, check, clauses};
use crate::checks::Check;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    check!(
        Must,
        Read,
        "llama.expand",
        "What is asked for with expand is shown",
        "looks and lists with each word",
        [
            (v2, "files.list.expand-download", |case, tally| {
                for list in case.good("files.list").filter(|list| expands(list, "download_url")) {
                    // What was only announced has nothing to fetch.
                    let sent = |entry: &&Value| case.good("files.create").any(|it| it.own_id() == id(entry));
                    for entry in entries(list).iter().filter(sent) {
                        let right = at(entry, "/download_url/url").is_string();
                        hold(
                            tally,
                            list,
                            right,
                            "missing",
                            "an address",
                            &at(entry, "/download_url").to_string(),
                        );
                    }
                }
            }),
            (v2, "files.get.expand-download", |case, tally| expanded(
                case,
                tally,
                "files.get",
                "download_url",
                "/download_url/url"
            )),
            (v2, "extract.get.expand-configuration", |case, tally| {
                expanded(case, tally, "extract.get", "configuration", "/configuration/data_schema");
            }),
            (v2, "extract.get.expand-metadata", |case, tally| {
                expanded(case, tally, "extract.get", "extract_metadata", "/extract_metadata/field_metadata");
            }),
            (v2, "extract.list.expand-configuration", |case, tally| {
                listed(case, tally, "configuration", "/configuration/data_schema", |_| true);
            }),
            (v2, "extract.list.expand-metadata", |case, tally| {
                listed(case, tally, "extract_metadata", "/extract_metadata", |job| {
                    at(job, "/status") == "COMPLETED"
                });
            }),
        ]
    ),
    check!(
        Should,
        Read,
        "llama.unexpanded",
        "What is not asked for with expand is not shown",
        "looks and lists without it",
        [
            (v2, "files.list.download-unexpanded", |case, tally| {
                for list in case.good("files.list").filter(|list| !expands(list, "download_url")) {
                    for entry in entries(list) {
                        let shown = at(entry, "/download_url");
                        hold(tally, list, shown.is_null(), "shown", "nothing", &shown.to_string());
                    }
                }
            }),
            (v2, "files.get.download-unexpanded", |case, tally| unexpanded(
                case,
                tally,
                "files.get",
                "download_url",
                |_| true
            )),
            (v2, "extract.get.configuration-unexpanded", |case, tally| unexpanded(
                case,
                tally,
                "extract.get",
                "configuration",
                |_| true
            )),
            (v2, "extract.get.metadata-unexpanded", |case, tally| {
                unexpanded(case, tally, "extract.get", "extract_metadata", |seen| !tells(case, seen));
            }),
            (v2, "extract.get.usage-unexpanded", |case, tally| unexpanded(
                case,
                tally,
                "extract.get",
                "usage",
                |_| true
            )),
        ]
    ),
    check!(
        Should,
        Read,
        "llama.expand-more",
        "A completed job tells its sources unasked if they were asked for with it, and its costs if asked",
        "a completed job of such settings, and one with expand=usage",
        [
            (v2, "extract.get.metadata-auto", |case, tally| {
                for seen in case.good("extract.get").filter(|seen| !expands(seen, "extract_metadata")) {
                    if seen.state() == Some("COMPLETED") && tells(case, seen) {
                        let shown = seen.at("/extract_metadata");
                        hold(tally, seen, shown.is_object(), "missing", "metadata", &shown.to_string());
                    }
                }
            }),
            (v2, "extract.get.expand-usage", |case, tally| expanded(
                case,
                tally,
                "extract.get",
                "usage",
                "/usage"
            )),
        ]
    ),
];

/// Whether an answer was asked to show something more.
fn expands(seen: &Seen, what: &str) -> bool {
    seen.pairs().iter().any(|(name, value)| name == "expand" && value == what)
}

/// Whether the job of a look was made with citations or confidence.
fn tells(case: &Case<'_>, seen: &Seen) -> bool {
    let made = case.good("extract.create").find(|made| made.own_id() == seen.own_id());
    let settings = made.map(|made| {
        let saved = at(made.request(), "/configuration_id").as_str();
        let saved =
            saved.and_then(|id| case.last_of(made, &["configurations.create", "configurations.update"], id));
        saved.map_or(at(made.request(), "/configuration"), |saved| saved.at("/parameters"))
    });
    settings.is_none_or(|it| {
        ["cite_sources", "confidence_scores"].iter().any(|name| it.get(*name) == Some(&Value::Bool(true)))
    })
}

fn expanded(case: &Case<'_>, tally: &mut Tally, operation: &'static str, what: &str, member: &str) {
    for seen in case.good(operation).filter(|seen| expands(seen, what)) {
        if what != "configuration" && name(seen) == "extract.get" && seen.state() != Some("COMPLETED") {
            continue;
        }
        let shown = seen.at(member);
        hold(tally, seen, !shown.is_null(), "missing", what, "nothing");
    }
}

fn listed(case: &Case<'_>, tally: &mut Tally, what: &str, member: &str, counts: impl Fn(&Value) -> bool) {
    for list in case.good("extract.list").filter(|list| expands(list, what)) {
        for entry in entries(list).iter().filter(|entry| counts(entry)) {
            hold(tally, list, !at(entry, member).is_null(), "missing", what, "nothing");
        }
    }
}

fn unexpanded(
    case: &Case<'_>,
    tally: &mut Tally,
    operation: &'static str,
    what: &str,
    counts: impl Fn(&Seen) -> bool,
) {
    for seen in case.good(operation).filter(|seen| !expands(seen, what) && counts(seen)) {
        let shown = seen.at(&format!("/{what}"));
        hold(tally, seen, shown.is_null(), "shown", "nothing", &shown.to_string());
    }
}
