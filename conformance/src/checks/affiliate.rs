//! Affiliate links: an answer for each address, and counts that add up.

use fixtures::contract::Level::{Must, Should};
use serde_json::{Value, json};

use super::index::is_fault_found;
use super::{Check, Cost};
use crate::history::History;
use crate::history::seen::Seen;
use crate::verdict::Tally;

const CREATE: &str = "catalog.affiliate.create";

/// The most addresses that are taken at once.
const GREATEST: usize = 100;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "affiliate.bounds",
        title: "One to a hundred addresses are taken; none, or one more, are refused with 400",
        level: Must,
        cost: Cost::Write,
        clauses: &["catalog.affiliate.create.urls-limit", "catalog.affiliate.create.status-200"],
        needs: "requests with none, one, a hundred and a hundred and one addresses",
        judge: bounds,
    },
    Check {
        id: "affiliate.body-required",
        title: "A request for links without addresses, or that is no JSON, is refused with 400",
        level: Must,
        cost: Cost::Write,
        clauses: &["catalog.errors.malformed-json", "catalog.errors.missing-field"],
        needs: "a request for links whose body is empty, no JSON, or lacks the addresses",
        judge: body_required,
    },
    Check {
        id: "affiliate.one-each",
        title: "Every address has one answer",
        level: Must,
        cost: Cost::Write,
        clauses: &["catalog.affiliate.create.one-each"],
        needs: "an answered request for links",
        judge: one_each,
    },
    Check {
        id: "affiliate.in-order",
        title: "The answers stand in the order of the addresses",
        level: Should,
        cost: Cost::Write,
        clauses: &["catalog.affiliate.create.in-order"],
        needs: "an answered request for links to two addresses",
        judge: in_order,
    },
    Check {
        id: "affiliate.link-iff-success",
        title: "An answer has a link exactly if it succeeded",
        level: Must,
        cost: Cost::Write,
        clauses: &["catalog.affiliate.create.link-iff-success"],
        needs: "an answer for an address",
        judge: link_iff_success,
    },
    Check {
        id: "affiliate.counts",
        title: "The counts of processed, successful and failed addresses are those of the answers",
        level: Must,
        cost: Cost::Write,
        clauses: &["catalog.affiliate.create.counts"],
        needs: "an answered request for links",
        judge: counts,
    },
    Check {
        id: "affiliate.single-page",
        title: "All answers are on one page",
        level: Must,
        cost: Cost::Write,
        clauses: &["catalog.affiliate.create.single-page"],
        needs: "an answered request for links",
        judge: single_page,
    },
    Check {
        id: "affiliate.no-address",
        title: "What is no address gets no link: it fails by itself, or the request is refused and names it",
        level: Should,
        cost: Cost::Write,
        clauses: &["catalog.affiliate.create.no-address"],
        needs: "a request for links to an address and to what is none",
        judge: no_address,
    },
];

/// The addresses a request is about, if they are all texts.
fn urls(seen: &Seen) -> Option<Vec<&str>> {
    seen.request().get("urls")?.as_array()?.iter().map(Value::as_str).collect()
}

/// Answered requests: the addresses and what came.
fn answered(history: &History) -> impl Iterator<Item = (&Seen, Vec<&str>, &[Value])> {
    let good = history.of(CREATE).filter(|seen| seen.has_good_key() && seen.is_success());
    good.filter_map(|seen| Some((seen, urls(seen)?, seen.at("/data").as_array()?.as_slice())))
}

/// What is taken for an address by anyone.
fn is_address(url: &str) -> bool {
    let host = url.strip_prefix("https://").and_then(|rest| rest.split('/').next());
    host.is_some_and(|host| host.contains('.') && !host.contains(' '))
}

fn bounds(history: &History) -> Tally {
    let mut tally = Tally::default();
    let mut accepted = false;
    for seen in history.of(CREATE).filter(|seen| seen.has_good_key()) {
        let Some(urls) = urls(seen) else { continue };
        let count = urls.len();
        if !(1..=GREATEST).contains(&count) {
            if !tally.is_entitled(seen) {
                continue;
            }
            tally.saw(seen);
            if seen.status() != Some(400) {
                tally.broke(seen, "not-400", format!("400 to {count} addresses"), seen.status_text());
            }
        } else if urls.iter().all(|url| is_address(url)) {
            accepted |= seen.is_success();
            if !seen.is_success() && !is_fault_found(seen) {
                tally.block("a request for links was not answered with success");
                continue;
            }
            tally.saw(seen);
            if seen.status() != Some(200) {
                tally.broke(seen, "refused", format!("200 to {count} addresses"), seen.status_text());
            }
        }
    }
    if !accepted {
        tally.block("no request for links was accepted, so refusing one proves nothing");
    }
    tally
}

fn body_required(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in history.of(CREATE).filter(|seen| seen.has_good_key() && seen.request().get("urls").is_none())
    {
        if !tally.is_entitled(seen) {
            continue;
        }
        tally.saw(seen);
        if seen.status() != Some(400) {
            tally.broke(seen, "not-400", "400", seen.status_text());
        }
    }
    if !tally.occasions().is_empty() && answered(history).next().is_none() {
        tally.block("no request for links was answered, so refusing one proves nothing");
    }
    tally
}

/// The addresses that the answers are about, in their order.
fn about(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item.get("original_url").and_then(Value::as_str).unwrap_or_default()).collect()
}

fn sorted<'a>(urls: &[&'a str]) -> Vec<&'a str> {
    let mut urls = urls.to_vec();
    urls.sort_unstable();
    urls
}

fn one_each(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, urls, items) in answered(history) {
        tally.saw(seen);
        let answers = about(items);
        let expected = format!("an answer for each of {} addresses", urls.len());
        if let Some(missing) = urls.iter().find(|url| !answers.contains(url)) {
            tally.broke(seen, "missing", expected, format!("none for {missing}")).at("/data");
        } else if sorted(&answers) != sorted(&urls) {
            tally.broke(seen, "extra", expected, format!("{} answers", answers.len())).at("/data");
        }
    }
    tally
}

fn in_order(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, urls, items) in answered(history) {
        let answers = about(items);
        if urls.len() < 2 || sorted(&answers) != sorted(&urls) {
            continue;
        }
        tally.saw(seen);
        if let Some(place) = (0..urls.len()).find(|place| answers[*place] != urls[*place]) {
            let pointer = format!("/data/{place}/original_url");
            tally.broke(seen, "order", urls[place], answers[place]).at(pointer);
        }
    }
    tally
}

fn link_iff_success(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, _, items) in answered(history) {
        for (place, item) in items.iter().enumerate() {
            tally.saw(seen);
            let link = item.get("wildfire_link").and_then(Value::as_str);
            let pointer = format!("/data/{place}/wildfire_link");
            let observed = item.get("wildfire_link").unwrap_or(&Value::Null).to_string();
            match item.get("success").and_then(Value::as_bool) {
                Some(true) if link.is_none_or(str::is_empty) => {
                    tally.broke(seen, "no-link", "a link", observed).at(pointer);
                }
                Some(false) if link != Some("") => {
                    tally.broke(seen, "link-on-failure", "an empty text", observed).at(pointer);
                }
                _ => {}
            }
        }
    }
    tally
}

fn no_address(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in history.of(CREATE).filter(|seen| seen.has_good_key()) {
        let Some(urls) = urls(seen).filter(|urls| (1..=GREATEST).contains(&urls.len())) else { continue };
        let Some(place) = urls.iter().position(|url| !is_address(url)) else { continue };
        if !tally.is_entitled(seen) {
            continue;
        }
        tally.saw(seen);
        if seen.status() == Some(400) {
            let named = seen.at("/invalid_urls").as_array().map(Vec::as_slice).unwrap_or_default();
            let form = format!("Index {place}:");
            if !named.iter().any(|line| line.as_str().is_some_and(|line| line.starts_with(&form))) {
                let expected = format!("an entry that begins with `{form}`");
                let observed = seen.at("/invalid_urls").to_string();
                tally.broke(seen, "unnamed", expected, observed).at("/invalid_urls");
            }
            continue;
        }
        let item = seen.at("/data").as_array().and_then(|items| {
            items.iter().find(|item| item.get("original_url").and_then(Value::as_str) == Some(urls[place]))
        });
        if item.and_then(|item| item.get("success")) != Some(&json!(false)) {
            let expected = format!("400, or no link for {}", urls[place]);
            let observed = item.map_or_else(|| seen.status_text(), Value::to_string);
            tally.broke(seen, "linked", expected, observed).at("/data");
        }
    }
    if !tally.occasions().is_empty() && answered(history).next().is_none() {
        tally.block("no request for links was answered, so refusing one proves nothing");
    }
    tally
}

fn counts(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, _, items) in answered(history) {
        tally.saw(seen);
        let with = |good: bool| items.iter().filter(|item| item.get("success") == Some(&json!(good))).count();
        for (pointer, expected) in [
            ("/meta/total_processed", items.len()),
            ("/meta/successful", with(true)),
            ("/meta/failed", with(false)),
        ] {
            if *seen.at(pointer) != json!(expected) {
                tally.broke(seen, "counts", expected.to_string(), seen.at(pointer).to_string()).at(pointer);
            }
        }
    }
    tally
}

fn single_page(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, urls, _) in answered(history) {
        tally.saw(seen);
        for (pointer, expected) in [
            ("/pagination/page", json!(1)),
            ("/pagination/page_size", json!(urls.len())),
            ("/pagination/total_items", json!(urls.len())),
            ("/pagination/total_pages", json!(1)),
            ("/pagination/has_next", json!(false)),
            ("/pagination/has_prev", json!(false)),
        ] {
            if *seen.at(pointer) != expected {
                tally.broke(seen, "meta", expected.to_string(), seen.at(pointer).to_string()).at(pointer);
            }
        }
    }
    tally
}
