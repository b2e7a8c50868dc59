//! What a create costs, what it does with its options, and what it does without them.

mod shops;

use fixtures::contract::Level::{Must, Should};
use serde_json::{Value, json};

use super::{Check, Cost, account};
use crate::history::seen::Seen;
use crate::history::{History, Job};
use crate::profile::catalog::{FLAGS, NEVER_CRAWLED, host_of};
use crate::profile::is_terminal;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "create.cost-declared",
        title: "A create costs what its inputs cost, and says so",
        level: Should,
        cost: Cost::Job,
        clauses: &[
            "catalog.crawl.create.credits",
            "catalog.extract.create.credits",
            "catalog.agentic-search.create.credits",
        ],
        needs: "an accepted create",
        judge: cost_declared,
    },
    Check {
        id: "create.charged",
        title: "The account loses what the creates said they cost, and a crawl under way is not paid twice",
        level: Should,
        cost: Cost::Job,
        clauses: &[
            "catalog.crawl.create.same-host-status",
            "catalog.extract.create.credits",
            "catalog.agentic-search.create.credits",
        ],
        needs: "a create between two looks at the account",
        judge: charged,
    },
    Check {
        id: "create.defaults",
        title: "Without an option a run does as documented: no flag is set, and pages begin with the first",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.extract.get.flags", "catalog.extract.get.page-size"],
        needs: "a completed extract that was asked for without a flag",
        judge: defaults,
    },
    Check {
        id: "create.never-crawled",
        title: "An extract of a shop that nobody crawled is refused with 400 VALIDATION_ERROR",
        level: Must,
        cost: Cost::Write,
        clauses: &["catalog.extract.create.never-crawled"],
        needs: "an extract of a shop that nobody crawled",
        judge: never_crawled,
    },
    Check {
        id: "create.unknown-crawl",
        title: "An extract of a crawl that nobody started is answered with 404",
        level: Should,
        cost: Cost::Write,
        clauses: &["catalog.extract.create.unknown-crawl"],
        needs: "an extract of a crawl id never issued",
        judge: unknown_crawl,
    },
    Check {
        id: "create.max-products",
        title: "An extract of a shop reads no more products than it was allowed to",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.extract.create.max-products"],
        needs: "an accepted extract with max_products",
        judge: shops::max_products,
    },
    Check {
        id: "create.all-products",
        title: "An extract of a shop reads every product that is known of it unless told how many",
        level: Must,
        cost: Cost::Long,
        clauses: &["catalog.extract.create.max-products-absent"],
        needs: "an accepted extract of a shop without max_products",
        judge: shops::all_products,
    },
    Check {
        id: "create.vendor-normalized",
        title: "A shop may be named with scheme and www",
        level: Should,
        cost: Cost::Job,
        clauses: &["catalog.extract.create.vendor-normalized"],
        needs: "an extract of a crawled shop whose host is given with a scheme or www",
        judge: shops::vendor_normalized,
    },
    Check {
        id: "create.profile",
        title: "A search takes a customer profile with any members",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.agentic-search.create.profile"],
        needs: "a search with a customer profile",
        judge: |history| profile(history, Value::is_object),
    },
    Check {
        id: "create.profile-null",
        title: "A search takes null for a customer profile",
        level: Should,
        cost: Cost::Job,
        clauses: &["catalog.agentic-search.create.profile-null"],
        needs: "a search whose customer profile is null",
        judge: |history| profile(history, Value::is_null),
    },
    Check {
        id: "create.url-normalized",
        title: "Scheme, a leading www and a final slash make no other shop",
        level: Should,
        cost: Cost::Job,
        clauses: &["catalog.crawl.create.url-normalized"],
        needs: "a second crawl of a host in another spelling while the first is seen running",
        judge: url_normalized,
    },
    Check {
        id: "repr.vendor",
        title: "A crawl names its shop's host, or null",
        level: Should,
        cost: Cost::Passive,
        clauses: &["catalog.crawl.get.vendor"],
        needs: "a read of a crawl",
        judge: vendor,
    },
];

fn cost_declared(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs() {
        let create = history.create(job);
        let Some(price) = (job.family.price)(create.request(), create.body()) else { continue };
        tally.saw(create);
        if create.at("/meta/credits_used").as_f64() != Some(json!(price).as_f64().unwrap_or_default()) {
            let observed = create.at("/meta/credits_used").to_string();
            tally.broke(create, "price", price.to_string(), observed).at("/meta/credits_used");
        }
    }
    tally
}

fn charged(history: &History) -> Tally {
    let mut tally = Tally::default();
    for span in account::spans(history) {
        if span.creates.iter().any(|create| create.is_uncertain()) {
            continue;
        }
        let accepted: Vec<_> = span.creates.iter().filter(|create| create.is_success()).collect();
        let declared: Option<i64> =
            accepted.iter().map(|create| create.at("/meta/credits_used").as_i64()).sum();
        let (Some(declared), false) = (declared, accepted.is_empty()) else { continue };
        tally.saw(span.after);
        if span.spent != declared {
            let expected = format!("{declared} credits less");
            let finding =
                tally.broke(span.after, "charged-otherwise", expected, format!("{} less", span.spent));
            finding.at("/apis/catalog/credits");
            for create in accepted.iter().rev() {
                finding.after(create);
            }
            finding.after(span.before);
        }
    }
    tally
}

/// The products that a completed read shows, each with its place.
pub(super) fn products(seen: &Seen) -> impl Iterator<Item = (String, &Value)> {
    let items = seen.at("/data").as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().enumerate().filter_map(|(index, item)| {
        if is_flat(item) {
            return Some((format!("/data/{index}"), item));
        }
        Some((format!("/data/{index}/product"), item.get("product").filter(|product| product.is_object())?))
    })
}

/// Whether an item is a product itself: unlike what wraps one, it has a title.
pub(super) fn is_flat(item: &Value) -> bool {
    item.get("title").is_some() && item.get("product").is_none() && item.get("success").is_none()
}

fn defaults(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, seen) in history.all_reads().filter(|(job, _)| job.family.most_urls.is_some()) {
        if seen.state() != Some("completed") {
            continue;
        }
        let request = history.create(job).request();
        for (place, product) in products(seen) {
            let off = FLAGS.iter().filter(|(flag, _)| request.get(flag) != Some(&Value::Bool(true)));
            for (flag, members) in off {
                tally.saw(seen);
                let set = members.iter().find_map(|member| first_set(product, member));
                if let Some((inner, value)) = set {
                    let expected = format!("null without `{flag}`");
                    tally
                        .broke(seen, "flag-off-set", expected, value.to_string())
                        .at(format!("{place}{inner}"))
                        .after(history.create(job));
                }
            }
        }
        let page = seen.at("/pagination/page");
        if seen.query("page").is_none() && seen.at("/pagination").is_object() {
            tally.saw(seen);
            if *page != json!(1) {
                tally.broke(seen, "first-page", "1 unless asked", page.to_string()).at("/pagination/page");
            }
        }
    }
    tally
}

/// The first value at `pointer` that is not null; `*` stands for every entry of a list.
fn first_set<'a>(value: &'a Value, pointer: &str) -> Option<(String, &'a Value)> {
    let Some((list, rest)) = pointer.split_once("/*") else {
        let found = value.pointer(pointer).filter(|value| !value.is_null())?;
        return Some((pointer.to_owned(), found));
    };
    let entries = value.pointer(list)?.as_array()?;
    entries.iter().enumerate().find_map(|(index, entry)| {
        let (inner, found) = first_set(entry, rest)?;
        Some((format!("{list}/{index}{inner}"), found))
    })
}

/// Creates of extracts with a good key that are JSON.
fn extracts(history: &History) -> impl Iterator<Item = &Seen> {
    let families = history.profile.families.iter().filter(|family| family.most_urls.is_some());
    families
        .flat_map(|family| history.of(family.create))
        .filter(|seen| seen.has_good_key() && !seen.is_malformed())
}

fn accepted_extract(history: &History) -> bool {
    history.jobs().iter().any(|job| job.family.most_urls.is_some())
}

fn never_crawled(history: &History) -> Tally {
    let mut tally = Tally::default();
    let unknown = |seen: &&Seen| {
        seen.request().get("vendor").is_some_and(|vendor| vendor == NEVER_CRAWLED)
            && seen.request().get("crawl_id").is_none()
    };
    for seen in extracts(history).filter(unknown) {
        if !tally.is_entitled(seen) {
            continue;
        }
        tally.saw(seen);
        if seen.status() != Some(400) {
            tally.broke(seen, "not-400", "400", seen.status_text());
        } else if seen.text("/error/code") != Some("VALIDATION_ERROR") {
            let observed = seen.at("/error/code").to_string();
            tally.broke(seen, "code", "VALIDATION_ERROR", observed).at("/error/code");
        }
    }
    if !tally.occasions().is_empty() && !accepted_extract(history) {
        tally.block("no extract was accepted, so refusing one proves nothing");
    }
    tally
}

fn unknown_crawl(history: &History) -> Tally {
    let mut tally = Tally::default();
    let unissued: Vec<_> = history.profile.families.iter().map(|family| family.unknown_id).collect();
    let unknown = |seen: &&Seen| {
        let crawl = seen.request().get("crawl_id").and_then(Value::as_str);
        crawl.is_some_and(|id| unissued.contains(&id))
    };
    for seen in extracts(history).filter(unknown) {
        tally.saw(seen);
        if seen.status() != Some(404) {
            tally.broke(seen, "not-404", "404", seen.status_text());
        }
    }
    if !tally.occasions().is_empty() && !accepted_extract(history) {
        tally.block("no extract was accepted, so refusing one proves nothing");
    }
    tally
}

fn profile(history: &History, which: fn(&Value) -> bool) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        let with = history.of(family.create).filter(|seen| seen.has_good_key()).filter(|seen| {
            seen.request().get("query").is_some_and(Value::is_string)
                && seen.request().get("customer_profile").is_some_and(which)
        });
        for seen in with {
            match seen.status().unwrap_or_default() {
                401..=403 => tally.block(format!("a search was answered {}", seen.status_text())),
                202 => tally.saw(seen),
                _ => {
                    tally.broke(seen, "refused", "202", seen.status_text()).at("/customer_profile");
                }
            }
        }
    }
    tally
}

/// Repeated crawls of a job's host while that job is certainly running: it is seen running before and not over after.
pub(super) fn repeated<'a>(
    history: &'a History,
    job: &'a Job,
    same: impl Fn(&str, &str) -> bool + 'a,
) -> impl Iterator<Item = (&'a Seen, &'a Seen)> {
    let url = |seen: &Seen| seen.request().get("url").and_then(Value::as_str).map(str::to_owned);
    let first = history.create(job);
    let again = history.of(job.family.create).filter(move |seen| {
        seen.id() > first.id()
            && seen.is_success()
            && seen.credential() == Some(&job.owner)
            && url(first).zip(url(seen)).is_some_and(|(one, other)| same(&one, &other))
    });
    again.filter_map(|seen| {
        let before = history.last_read_before(job, seen).filter(|read| read.state() == Some("running"))?;
        let after = history.first_read_after(job, seen)?;
        // It may have ended just before the second create: only one that still runs afterwards counts.
        after.state().is_some_and(|state| !is_terminal(state)).then_some((before, seen))
    })
}

fn url_normalized(history: &History) -> Tally {
    let mut tally = Tally::default();
    for job in history.jobs().iter().filter(|job| job.family.name == "crawl") {
        let spelled = |one: &str, other: &str| one != other && host_of(one) == host_of(other);
        for (before, seen) in repeated(history, job, spelled) {
            tally.saw(seen);
            if seen.text("/execution_id") != Some(&job.id) {
                let observed = seen.at("/execution_id").to_string();
                tally
                    .broke(seen, "another-crawl", job.id.as_str(), observed)
                    .at("/execution_id")
                    .after(before)
                    .after(history.create(job));
            }
        }
    }
    tally
}

fn vendor(history: &History) -> Tally {
    const VENDOR: &str = "/meta/vendor";
    let mut tally = Tally::default();
    for (job, seen) in history.all_reads() {
        let Some(url) = history.create(job).request().get("url").and_then(Value::as_str) else { continue };
        tally.saw(seen);
        match seen.body().pointer(VENDOR) {
            Some(Value::Null) => {}
            Some(Value::String(vendor)) if host_of(vendor) == host_of(url) => {}
            other => {
                let observed = other.map_or_else(|| "nothing".into(), Value::to_string);
                tally.broke(seen, "other-vendor", format!("{} or null", host_of(url)), observed).at(VENDOR);
            }
        }
    }
    tally
}
