//! Creates: accepted as documented, and there at once.

use fixtures::contract::Level::{Must, Should};

use super::{Check, Cost};
use crate::history::History;
use crate::history::seen::Seen;
use crate::profile::{field, is_terminal};
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "create.status",
        title: "A good create answers 202 with a pending run",
        level: Must,
        cost: Cost::Job,
        clauses: &[
            "catalog.crawl.create.status-202",
            "catalog.extract.create.status-202",
            "catalog.agentic-search.create.status-202",
            "catalog.crawl.create.pending",
            "catalog.extract.create.pending",
            "catalog.agentic-search.create.pending",
        ],
        needs: "a create whose body keeps the contract",
        judge: status,
    },
    Check {
        id: "create.durable",
        title: "A created run can be read at once",
        level: Should,
        cost: Cost::Job,
        clauses: &["catalog.execution.visible-at-once"],
        needs: "a read by its owner after a create",
        judge: durable,
    },
    Check {
        id: "create.in-list",
        title: "A created run is in the next list",
        level: Should,
        cost: Cost::Job,
        clauses: &["catalog.execution.visible-at-once"],
        needs: "a list by its owner after a create",
        judge: in_list,
    },
    Check {
        id: "create.one-crawl-per-host",
        title: "A crawl of a host that is being crawled answers the running crawl's id",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.crawl.create.same-host-same-id"],
        needs: "a second crawl of a host while the first is seen running",
        judge: one_crawl_per_host,
    },
];

fn status(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        let Some(operation) = history.contract.operation(family.create) else { continue };
        let good = history.of(family.create).filter(|seen| {
            seen.has_good_key()
                && !seen.is_malformed()
                && operation.request_violations(seen.request()).is_empty()
                && !family.refused.iter().any(|refused| {
                    serde_json::from_str::<serde_json::Value>(refused.body)
                        .is_ok_and(|body| body == *seen.request())
                })
        });
        for seen in good {
            let code = seen.status().unwrap_or_default();
            match code {
                // Out of credits, no right, in the way of another: documented, and not this check's business.
                402 | 403 | 409 => {
                    tally.block(format!("a good create of {} was answered {code}", family.name));
                    continue;
                }
                401 => {
                    tally.block("the key was refused");
                    continue;
                }
                _ => tally.saw(seen),
            }
            if code != 202 {
                tally.broke(seen, "not-202", "202", code.to_string());
                continue;
            }
            let repeated = seen.text(field::ID).and_then(|id| history.job(id));
            let first = repeated.is_none_or(|job| history.create(job).id() == seen.id());
            if first && seen.state() != Some("pending") {
                let observed = seen.at(field::STATUS).to_string();
                tally.broke(seen, "not-pending", "\"pending\"", observed).at(field::STATUS);
            }
        }
    }
    tally
}

fn durable(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs() {
        let create = history.create(job);
        let own = |seen: &&Seen| {
            seen.run() == Some(&job.id) && seen.id() > create.id() && seen.credential() == Some(&job.owner)
        };
        let Some(read) = history.of(job.family.get).find(own) else { continue };
        tally.saw(read);
        if !read.is_success() {
            let observed = read.status_text();
            tally.broke(read, "not-found-yet", "200 on the first read", observed).after(create);
        }
    }
    tally
}

fn in_list(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs() {
        let create = history.create(job);
        let next = history.lists(job.family).find(|list| {
            list.id() > create.id() && list.credential() == Some(&job.owner) && list.query("status").is_none()
        });
        let Some(list) = next else { continue };
        let listed = History::listed(list);
        // A full page may have no room for it.
        let room = list.query("page_size").and_then(|size| size.parse::<usize>().ok()).unwrap_or(20);
        let shown = listed.contains_key(job.id.as_str());
        if shown || listed.len() < room {
            tally.saw(list);
        }
        if !shown && listed.len() < room {
            let expected = format!("{} in the list", job.id);
            let observed = format!("{} others", listed.len());
            tally.broke(list, "not-listed", expected, observed).at("/data").after(create);
        }
    }
    tally
}

fn one_crawl_per_host(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs().iter().filter(|job| job.family.name == "crawl") {
        let host = history.create(job).request().get("url").cloned();
        let again = history.of(job.family.create).filter(|seen| {
            seen.id() > history.create(job).id()
                && seen.is_success()
                && seen.credential() == Some(&job.owner)
                && seen.request().get("url") == host.as_ref()
        });
        for seen in again {
            let running = |read: &Seen| read.state() == Some("running");
            let Some(before) = history.last_read_before(job, seen).filter(|read| running(read)) else {
                continue;
            };
            // The crawl may have ended just before the second create: only one that still runs afterwards counts.
            let over =
                history.first_read_after(job, seen).is_none_or(|read| read.state().is_none_or(is_terminal));
            if over {
                continue;
            }
            tally.saw(seen);
            if seen.text(field::ID) != Some(&job.id) {
                let observed = seen.at(field::ID).to_string();
                tally.broke(seen, "second-crawl", job.id.as_str(), observed).at(field::ID).after(before);
            }
        }
    }
    tally
}
