//! Creates: accepted as documented, and there at once.

use fixtures::contract::Level::{Must, Should};

use serde_json::Value;

use super::{Check, Cost, bounds, options, validation};
use crate::history::seen::{LIMITED_KEY, Seen};
use crate::history::{History, Job};
use crate::profile::catalog::host_of;
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
        id: "create.credits-told",
        title: "A create says what it costs",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.execution.credits-used"],
        needs: "an accepted create",
        judge: credits_told,
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
        let good = history.of(family.create).filter(|seen| {
            seen.has_good_key()
                && !seen.is_malformed()
                && validation::mistake(history, family, seen).is_none()
                && !is_open_to_refusal(history, seen)
        });
        for seen in good {
            let code = seen.status().unwrap_or_default();
            match code {
                // On purpose: it has nothing left to pay with.
                402 if seen.credential() == Some(LIMITED_KEY) => continue,
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
            let of_family = || history.of(family.create);
            if seen.is_server_failure() && of_family().any(Seen::is_success) {
                tally.block(format!("a good create of {} was answered {code}", family.name));
                continue;
            }
            if code != 202 {
                tally.broke(seen, "not-202", "202", code.to_string());
                continue;
            }
            let repeated = seen.text(field::ID).and_then(|id| history.job(id));
            let first = repeated.is_none_or(|job| history.create(job).id() == seen.id());
            // Somebody else's crawl of the host may run already, and is then the answer.
            let joins = family.may_join(seen) && seen.state() == Some("running");
            if first && !joins && seen.state() != Some("pending") {
                let observed = seen.at(field::STATUS).to_string();
                tally.broke(seen, "not-pending", "\"pending\"", observed).at(field::STATUS);
            }
        }
    }
    tally
}

/// Whether a body keeps the contract and may be refused all the same: it names a shop of which nothing is known, a
/// crawl that is none, null where only a guide says that null is good, or more addresses than one of two pages allows.
fn is_open_to_refusal(history: &History, seen: &Seen) -> bool {
    let body = seen.request();
    let crawl = body.get("crawl_id").and_then(Value::as_str);
    let crawl = crawl.and_then(|id| history.job(id));
    let unknown =
        body.get("vendor").is_some() && crawl.is_none_or(|crawl| !has_something(history, crawl, seen));
    let urls = body.get("urls").and_then(Value::as_array).map_or(0, Vec::len);
    let refused = seen.status() == Some(400);
    unknown
        || refused && (urls > bounds::FIFTY || names_nobody(body))
        || body.get("customer_profile").is_some_and(Value::is_null)
}

/// Whether a body names a host that is reserved for tests, which nobody has to take for a shop's.
fn names_nobody(body: &Value) -> bool {
    let urls = body.get("urls").and_then(Value::as_array).into_iter().flatten();
    let named = urls.chain([&body["url"], &body["vendor"]]).filter_map(Value::as_str);
    named.map(host_of).any(|host| host.ends_with(".test") || host.ends_with(".example"))
}

/// Whether there is something to extract of a crawl's shop at `moment`, or will be: the crawl was under way later on, or
/// has completed and found something.
pub(super) fn has_something(history: &History, crawl: &Job, moment: &Seen) -> bool {
    let later = history.first_read_after(crawl, moment).and_then(Seen::state);
    let found = |seen: &Seen| {
        let totals = FOUND.iter().map(|total| seen.at(&format!("{}/{total}", field::RESULT)));
        totals.filter_map(Value::as_f64).any(|total| total > 0.0)
    };
    later.is_some_and(|state| !is_terminal(state))
        || history.reads(crawl).any(|seen| seen.state() == Some("completed") && found(seen))
}

/// Either name of the count of what a crawl found (clause `catalog.crawl.get.result-members`).
const FOUND: [&str; 2] = ["listings_total", "total_listings_found"];

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

fn credits_told(history: &History) -> Tally {
    const CREDITS: &str = "/meta/credits_used";
    let mut tally = Tally::default();
    for family in history.profile.families {
        for seen in history.of(family.create).filter(|seen| seen.is_success()) {
            tally.saw(seen);
            if seen.at(CREDITS).as_f64().is_none_or(|credits| credits < 0.0) {
                let observed = seen.at(CREDITS).to_string();
                tally.broke(seen, "untold", "a number of credits", observed).at(CREDITS);
            }
        }
    }
    tally
}

fn one_crawl_per_host(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs().iter().filter(|job| job.family.name == "crawl") {
        for (before, seen) in options::repeated(history, job, |one, other| one == other) {
            tally.saw(seen);
            if seen.text(field::ID) != Some(&job.id) {
                let observed = seen.at(field::ID).to_string();
                tally.broke(seen, "second-crawl", job.id.as_str(), observed).at(field::ID).after(before);
            }
        }
    }
    tally
}

#[cfg(test)]
mod tests;
