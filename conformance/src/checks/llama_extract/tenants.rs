//! Projects and organizations.

use serde_json::Value;

use super::look::{entries, hold, id, text};
use super::rows::{Case, check, clauses};
use crate::checks::Check;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    check!(
        Must,
        Read,
        "llama.projects",
        "Projects are listed by name and by organization, and found by their ids",
        "lists of projects with each filter, and a look at one",
        [
            (v1, "projects.list.default", |case, tally| {
                for list in case.good("projects.list").filter(|list| list.pairs().is_empty()) {
                    let default =
                        entries(list).iter().any(|it| it.get("is_default") == Some(&Value::Bool(true)));
                    hold(tally, list, default, "none", "one that is the default", "none");
                }
            }),
            (v1, "projects.list.name", |case, tally| filtered(
                case,
                tally,
                "projects.list",
                "project_name",
                "/name"
            )),
            (v2, "projects.list.name", |case, tally| filtered(case, tally, "projects.list", "name", "/name")),
            (last, "projects.list.organization", |case, tally| {
                filtered(case, tally, "projects.list", "organization_id", "/organization_id");
            }),
            (last, "projects.get.ok", |case, tally| case.accepts(tally, "projects.get", 200)),
        ]
    ),
    check!(
        Must,
        Read,
        "llama.organizations",
        "Organizations are listed and found by their ids",
        "a list of organizations, and a look at one",
        [
            (last, "organizations.list.own", |case, tally| {
                for list in case.good("organizations.list").filter(|list| list.query("name").is_none()) {
                    let own = case
                        .good("projects.list")
                        .filter(|projects| projects.credential() == list.credential());
                    for project in own.flat_map(entries) {
                        let owner = text(project, "/organization_id");
                        let listed = entries(list).iter().any(|it| id(it) == owner);
                        hold(tally, list, listed, "missing", owner.unwrap_or_default(), "a list without it");
                    }
                }
            }),
            (last, "organizations.get.ok", |case, tally| case.accepts(tally, "organizations.get", 200)),
            (v2, "organizations.list.name", |case, tally| filtered(
                case,
                tally,
                "organizations.list",
                "name",
                "/name"
            )),
        ]
    ),
    check!(
        Should,
        Read,
        "llama.project-filter",
        "A project named in the query is the one the call acts in",
        "a request that names the key's project",
        [(v2, "requests.project-filter", |case, tally| {
            for seen in case.all_asked().filter(|seen| seen.is_success()) {
                let Some(project) = seen.query("project_id") else { continue };
                let own = seen.text("/project_id").into_iter();
                for shown in own.chain(entries(seen).iter().filter_map(|it| text(it, "/project_id"))) {
                    hold(tally, seen, shown == project, "other-project", project, shown);
                }
            }
        }),]
    ),
];

/// Expects every entry of a list with a filter to have what it asks for, and a filter that fits something to find it.
pub(super) fn filtered(case: &Case<'_>, tally: &mut Tally, list: &'static str, filter: &str, member: &str) {
    for list in case.good(list) {
        let Some(asked) = list.query(filter) else { continue };
        tally.saw(list);
        for entry in entries(list) {
            let has = text(entry, member);
            hold(tally, list, has == Some(asked), "others", asked, has.unwrap_or("none"));
        }
    }
}
