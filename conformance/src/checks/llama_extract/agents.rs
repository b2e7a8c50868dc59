//! Agents.

use serde_json::Value;

use super::look::{Fate, at, entries, expect, hold, id, schema_of, text};
use super::rows::{Case, check, clauses};
use crate::checks::Check;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    check!(
        Must,
        Write,
        "llama.agents",
        "Agents are made, found, changed and deleted as documented",
        "an agent that is made, found by its id and by its name, listed, changed and deleted",
        [
            (first, "extraction-agents.create.ok", |case, tally| {
                case.accepts_if(tally, "extraction-agents.create", 200, |seen| {
                    !is_taken(case, seen) && is_plain(seen)
                });
            }),
            (first, "extraction-agents.create.echo", |case, tally| {
                for seen in case.good("extraction-agents.create") {
                    case.same(tally, (seen, at(seen.request(), "/name")), (seen, "/name"));
                    if let Some(schema) = schema_of(at(seen.request(), "/data_schema")) {
                        case.same(tally, (seen, &schema), (seen, "/data_schema"));
                    }
                }
            }),
            (first, "extraction-agents.list.shows", |case, tally| {
                for list in case.good("extraction-agents.list").filter(|list| list.query("name").is_none()) {
                    for agent in case.good("extraction-agents.create").filter(|made| made.id() < list.id()) {
                        let Some(id) = agent.own_id().filter(|it| case.fate(list, it) == Fate::There) else {
                            continue;
                        };
                        shows(tally, list, agent, id);
                    }
                }
            }),
            (page, "extraction-agents.list.name", |case, tally| {
                for list in case.good("extraction-agents.list") {
                    let Some(asked) = list.query("name") else { continue };
                    let right = entries(list).iter().all(|entry| text(entry, "/name") == Some(asked));
                    hold(tally, list, right && entries(list).len() < 2, "others", asked, "other agents");
                }
            }),
            (first, "extraction-agents.get.ok", |case, tally| case.accepts(
                tally,
                "extraction-agents.get",
                200
            )),
            (first, "extraction-agents.update.ok", |case, tally| {
                case.accepts_if(tally, "extraction-agents.update", 200, is_plain);
            }),
            (first, "extraction-agents-by-name.get.ok", |case, tally| {
                for seen in
                    case.asked("extraction-agents-by-name.get").filter(|seen| is_simple(seen.subject()))
                {
                    let Some(agent) = named(case, seen) else { continue };
                    let right = seen.status() == Some(200) && seen.own_id() == agent.own_id();
                    hold(tally, seen, right, "not-found", "the agent", &seen.status_text());
                }
            }),
            (first, "extraction-agents.delete.gone", |case, tally| {
                gone(
                    case,
                    tally,
                    "extraction-agents.delete",
                    "extraction-agents.get",
                    "extraction-agents.list",
                );
            }),
        ]
    ),
    check!(
        Must,
        Write,
        "llama.agents-kept",
        "An agent is as it was made, and as it was changed",
        "an agent that is made, looked at and changed",
        [
            (first, "extraction-agents.get.as-created", |case, tally| {
                for seen in case.good("extraction-agents.get") {
                    let Some(id) = seen.own_id() else { continue };
                    let made = ["extraction-agents.create", "extraction-agents.update"];
                    let Some(made) = case.last_of(seen, &made, id) else { continue };
                    for member in ["/name", "/data_schema", "/config", "/created_at", "/updated_at"] {
                        case.same(tally, (made, made.at(member)), (seen, member));
                    }
                }
            }),
            (first, "extraction-agents.update.replaces", |case, tally| {
                for seen in case.good("extraction-agents.update") {
                    let Some(before) = seen.own_id().and_then(|id| {
                        case.last_of(seen, &["extraction-agents.create", "extraction-agents.update"], id)
                    }) else {
                        continue;
                    };
                    let said = at(seen.request(), "/config");
                    let earlier = at(before.request(), "/config").as_object();
                    // What was said before and is not said now is as it is for an agent of which nobody said it.
                    for member in earlier
                        .into_iter()
                        .flatten()
                        .map(|(name, _)| name)
                        .filter(|name| said.get(name).is_none())
                    {
                        let silent = |it: &&Seen| at(it.request(), "/config").get(member).is_none();
                        let Some(usual) = case.good("extraction-agents.create").find(silent) else {
                            continue;
                        };
                        let pointer = format!("/config/{member}");
                        case.same(tally, (usual, usual.at(&pointer)), (seen, &pointer));
                    }
                }
            }),
            (first, "extraction-agents.update.keeps-name", |case, tally| {
                for seen in case.good("extraction-agents.update") {
                    let made =
                        seen.own_id().and_then(|id| case.last_of(seen, &["extraction-agents.create"], id));
                    let Some(made) = made else { continue };
                    for member in ["/id", "/name", "/created_at"] {
                        case.same(tally, (made, made.at(member)), (seen, member));
                    }
                }
            }),
        ]
    ),
    check!(
        Should,
        Job,
        "llama.agents-runs",
        "What an agent did stays as it was when the agent is changed or deleted",
        "a run of an agent that is changed, and one of an agent that is deleted",
        [
            (first, "extraction-agents.update.earlier-jobs", |case, tally| runs_stay(
                case,
                tally,
                "extraction-agents.update"
            )),
            (first, "extraction-agents.delete.runs-stay", |case, tally| runs_stay(
                case,
                tally,
                "extraction-agents.delete"
            )),
            (first, "extraction-agents.delete.name-free", |case, tally| {
                for seen in case.asked("extraction-agents.create").filter(|seen| case.is_sound(seen)) {
                    let same = |it: &&Seen| {
                        it.id() < seen.id() && it.request().get("name") == seen.request().get("name")
                    };
                    let mut earlier = case.good("extraction-agents.create").filter(same);
                    let freed =
                        earlier.any(|it| it.own_id().is_some_and(|id| case.fate(seen, id) == Fate::Gone));
                    if freed && !is_taken(case, seen) {
                        hold(tally, seen, seen.is_success(), "refused", "the agent", &seen.status_text());
                    }
                }
            }),
        ]
    ),
    check!(
        Should,
        Read,
        "llama.agents-encoded",
        "A name with a space or a slash is found by its percent-encoded form",
        "a look for an agent with such a name",
        [(page, "extraction-agents-by-name.get.encoded", |case, tally| {
            let special = |seen: &&Seen| !is_simple(seen.subject()) && named(case, seen).is_some();
            expect(tally, case.asked("extraction-agents-by-name.get").filter(special), "not-found", &[200]);
        }),]
    ),
    check!(
        Must,
        Read,
        "llama.agents-default",
        "There is a default agent, always the same, which is listed only if asked for",
        "two looks at the default agent, and lists with and without it",
        [
            (last, "extraction-agents.list.include-default", |case, tally| {
                let defaults: Vec<&str> =
                    case.good("extraction-agents-default.get").filter_map(Seen::own_id).collect();
                let is_default = |entry: &Value| {
                    text(entry, "/custom_configuration") == Some("default")
                        || id(entry).is_some_and(|it| defaults.contains(&it))
                };
                for list in case.good("extraction-agents.list").filter(|list| list.query("name").is_none()) {
                    let listed = entries(list).iter().any(is_default);
                    let asked = list.query("include_default") == Some("true");
                    if asked || listed || !entries(list).is_empty() {
                        hold(
                            tally,
                            list,
                            listed == asked,
                            "other-list",
                            "the default agent if asked for",
                            "otherwise",
                        );
                    }
                }
            }),
            (v1, "extraction-agents-default.get.ok", |case, tally| {
                expect(
                    tally,
                    case.asked("extraction-agents-default.get").filter(|seen| seen.asked_wrong().is_empty()),
                    "other-status",
                    &[200],
                );
            }),
            (v1, "extraction-agents-default.get.same", |case, tally| {
                let all: Vec<&Seen> = case
                    .good("extraction-agents-default.get")
                    .filter(|it| it.credential() == Some("$KEY_A"))
                    .collect();
                for pair in all.windows(2) {
                    case.same(tally, (pair[0], pair[0].at("/id")), (pair[1], "/id"));
                }
            }),
        ]
    ),
    check!(
        Must,
        Read,
        "llama.agents-pages",
        "Agents are listed newest first, in pages of 1 to 1000",
        "a list of two agents, and sizes beyond the bounds",
        [
            (v2, "extraction-agents.list.newest-first", |case, tally| {
                super::pages::falling(tally, case.good("extraction-agents.list"), "/created_at");
            }),
            (v2, "extraction-agents.list.page-size", |case, tally| {
                super::pages::sizes(case, tally, "extraction-agents.list");
            }),
        ]
    ),
    check!(
        Should,
        Read,
        "llama.agents-same",
        "The agents are those of version 1",
        "a list of agents, and such an agent in version 1",
        [(v2, "extraction-agents.list.same-agents", |case, tally| {
            for list in case.good("extraction-agents.list") {
                let made = case.history.all().iter().filter(|seen| {
                    let path = seen.exchange().request().path();
                    seen.id() < list.id()
                        && seen.is_success()
                        && path.ends_with("/extraction/extraction-agents")
                        && seen.credential() == list.credential()
                });
                for made in made.filter(|seen| {
                    seen.writes()
                        && list.query("page_token").is_none()
                        && list.at("/next_page_token").is_null()
                }) {
                    let entry = entries(list).iter().find(|entry| id(entry) == made.own_id());
                    let same = entry.is_some_and(|entry| at(entry, "/name") == made.at("/name"));
                    hold(tally, list, same, "missing", "the agent of version 1", "none of its id and name");
                }
            }
        }),]
    ),
];

/// Whether the settings are such that no mode refuses them.
fn is_plain(seen: &Seen) -> bool {
    at(seen.request(), "/config/extraction_mode") != "FAST"
        && at(seen.request(), "/config/page_range") != "seven"
}

/// Whether a name stands for itself in an address.
fn is_simple(name: Option<&str>) -> bool {
    name.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)))
}

/// The agent of the name that is asked for, if there is one.
fn named<'h>(case: &'h Case<'h>, seen: &Seen) -> Option<&'h Seen> {
    let mut made =
        case.good("extraction-agents.create").filter(|made| made.credential() == seen.credential());
    made.find(|made| {
        made.id() < seen.id()
            && made.text("/name") == seen.subject()
            && made.own_id().is_some_and(|id| case.fate(seen, id) == Fate::There)
    })
}

/// Whether an agent is asked for by a name that another has.
pub(super) fn is_taken(case: &Case<'_>, seen: &Seen) -> bool {
    let asked = at(seen.request(), "/name");
    let mut made =
        case.good("extraction-agents.create").filter(|made| made.credential() == seen.credential());
    case.fits(seen)
        && made.any(|made| {
            made.id() < seen.id()
                && made.at("/name") == asked
                && made.own_id().is_some_and(|id| case.fate(seen, id) == Fate::There)
        })
}

fn shows(tally: &mut Tally, list: &Seen, made: &Seen, wanted: &str) {
    tally.saw(list);
    if !entries(list).iter().any(|entry| id(entry) == Some(wanted)) {
        tally.broke(list, "missing", wanted, "a list without it").after(made);
    }
}

/// Expects what was deleted to be found and listed no more.
pub(super) fn gone(
    case: &Case<'_>,
    tally: &mut Tally,
    delete: &'static str,
    get: &'static str,
    list: &'static str,
) {
    for deleted in case.good(delete) {
        let Some(what) = deleted.subject() else { continue };
        let later = |seen: &&Seen| seen.id() > deleted.id() && seen.credential() == deleted.credential();
        for seen in case.asked(get).filter(later).filter(|seen| seen.subject() == Some(what)) {
            hold(
                tally,
                seen,
                seen.is_refusal(),
                "still-there",
                "a status between 400 and 499",
                &seen.status_text(),
            );
        }
        for list in case.good(list).filter(later) {
            let listed = entries(list).iter().any(|entry| id(entry) == Some(what));
            hold(tally, list, !listed, "still-listed", "a list without it", what);
        }
    }
}

/// Expects runs of an agent to be as they were before something was done to it.
fn runs_stay(case: &Case<'_>, tally: &mut Tally, done: &'static str) {
    for act in case.good(done) {
        let of_agent = |seen: &&Seen| {
            seen.credential() == act.credential()
                && at(seen.body(), "/extraction_agent_id").as_str() == act.subject()
                && ["SUCCESS", "ERROR"].contains(&seen.state().unwrap_or_default())
        };
        let reads = || case.good("runs-by-job.get").chain(case.good("runs.get")).filter(of_agent);
        for after in reads().filter(|seen| seen.id() > act.id()) {
            let before =
                reads().filter(|seen| seen.id() < act.id() && seen.own_id() == after.own_id()).last();
            let Some(before) = before else { continue };
            for member in ["/data_schema", "/config", "/data"] {
                case.same(tally, (before, before.at(member)), (after, member));
            }
        }
    }
}
