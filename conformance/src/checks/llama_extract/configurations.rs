//! Saved configurations of version 2.

use std::collections::BTreeSet;

use serde_json::Value;

use super::look::{Fate, at, entries, expect, hold, text};
use super::rows::{Case, check, clauses};
use crate::checks::Check;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    check!(
        Must,
        Write,
        "llama.configurations",
        "Configurations are saved, found, changed and deleted as documented",
        "a configuration that is saved, looked at, changed and deleted",
        [
            (v2, "configurations.create.ok", |case, tally| case.accepts(tally, "configurations.create", 201)),
            (v2, "configurations.create.echo", |case, tally| {
                for seen in case.good("configurations.create") {
                    case.same(tally, (seen, at(seen.request(), "/name")), (seen, "/name"));
                    said(tally, seen);
                }
            }),
            (v2, "configurations.untyped", |case, tally| {
                let untyped = |seen: &&Seen| at(seen.request(), "/parameters/product_type") == "unknown";
                expect(tally, case.asked("configurations.create").filter(untyped), "refused", &[201]);
            }),
            (v2, "configurations.create.upsert", |case, tally| {
                for list in
                    case.good("configurations.list").filter(|list| list.query("page_size") == Some("1000"))
                {
                    let mut seen = BTreeSet::new();
                    let named = entries(list)
                        .iter()
                        .filter_map(|it| Some((text(it, "/name")?, text(it, "/product_type")?)));
                    for one in named.filter(|one| !seen.insert(*one)).collect::<Vec<_>>() {
                        tally.broke(list, "twice", "one of each name and product", one.0);
                    }
                }
                for (_, second) in again(case) {
                    let look = case
                        .good("configurations.get")
                        .find(|it| it.id() > second.id() && it.own_id() == second.own_id());
                    if let Some(look) = look {
                        case.same(tally, (second, second.at("/parameters")), (look, "/parameters"));
                    }
                }
            }),
            (v2, "configurations.get.ok", |case, tally| case.accepts(tally, "configurations.get", 200)),
            (v2, "configurations.update.ok", |case, tally| {
                case.accepts_if(tally, "configurations.update", 200, |seen| {
                    seen.request().get("x_other").is_none()
                });
            }),
            (v2, "configurations.update.name-only", |case, tally| kept(case, tally, "parameters")),
            (v2, "configurations.update.parameters-only", |case, tally| kept(case, tally, "name")),
            (v2, "configurations.delete.no-content", |case, tally| {
                for seen in case.asked("configurations.delete").filter(|seen| case.is_sound(seen)) {
                    let empty = seen.response().is_some_and(|answer| answer.body.is_empty());
                    hold(
                        tally,
                        seen,
                        seen.status() == Some(204) && empty,
                        "other-answer",
                        "204 and no body",
                        &seen.status_text(),
                    );
                }
            }),
            (v2, "configurations.delete.gone", |case, tally| {
                super::agents::gone(
                    case,
                    tally,
                    "configurations.delete",
                    "configurations.get",
                    "configurations.list",
                );
            }),
        ]
    ),
    check!(
        Must,
        Read,
        "llama.configurations-listed",
        "Configurations are listed by product and by name, and each in its latest version only",
        "lists with each filter",
        [
            (v2, "configurations.list.product-type", |case, tally| {
                for list in case.good("configurations.list") {
                    let asked: Vec<&str> = list
                        .pairs()
                        .iter()
                        .filter(|(it, _)| it == "product_type")
                        .map(|(_, it)| it.as_str())
                        .collect();
                    for entry in entries(list).iter().filter(|_| !asked.is_empty()) {
                        let product = text(entry, "/product_type").unwrap_or("none");
                        hold(tally, list, asked.contains(&product), "others", &asked.join(", "), product);
                    }
                }
            }),
            (v2, "configurations.list.name", |case, tally| {
                super::tenants::filtered(case, tally, "configurations.list", "name", "/name");
            }),
            (v2, "configurations.list.latest-only", |case, tally| {
                for list in
                    case.good("configurations.list").filter(|list| list.query("latest_only") == Some("true"))
                {
                    let all: Vec<_> = entries(list)
                        .iter()
                        .map(|it| (text(it, "/name"), text(it, "/product_type")))
                        .collect();
                    let unique: BTreeSet<_> = all.iter().collect();
                    hold(
                        tally,
                        list,
                        unique.len() == all.len(),
                        "twice",
                        "one of each name and product",
                        "two of one",
                    );
                }
            }),
        ]
    ),
    check!(
        Must,
        Write,
        "llama.configurations-kept",
        "A configuration is as it was saved, and of the product of its parameters",
        "a configuration that is looked at",
        [
            (v2, "configurations.get.as-created", |case, tally| {
                for seen in case.good("configurations.get") {
                    let made = ["configurations.create", "configurations.update"];
                    let Some(made) = seen.own_id().and_then(|id| case.last_of(seen, &made, id)) else {
                        continue;
                    };
                    for member in ["/name", "/product_type", "/parameters"] {
                        case.same(tally, (made, made.at(member)), (seen, member));
                    }
                }
            }),
            (v2, "configurations.types-agree", |case, tally| {
                let all = ["configurations.create", "configurations.get", "configurations.update"];
                for seen in all.into_iter().flat_map(|it| case.good(it)) {
                    let (own, inner) = (seen.at("/product_type"), seen.at("/parameters/product_type"));
                    hold(tally, seen, own == inner, "differs", &inner.to_string(), &own.to_string());
                }
            }),
        ]
    ),
    check!(
        Should,
        Write,
        "llama.configurations-changed",
        "A configuration that is saved again keeps its id, and parameters replace all that were there",
        "a configuration that is saved again under its name, and one whose parameters are changed",
        [
            (v2, "configurations.create.upsert-same-id", |case, tally| {
                for (first, second) in again(case) {
                    case.same(tally, (first, first.at("/id")), (second, "/id"));
                }
            }),
            (v2, "configurations.update.replaces", |case, tally| {
                for seen in case.good("configurations.update") {
                    let parameters = at(seen.request(), "/parameters");
                    let before =
                        seen.subject().and_then(|id| case.last_of(seen, &["configurations.create"], id));
                    let (Some(before), true) = (before, parameters.is_object()) else { continue };
                    let earlier = at(before.request(), "/parameters").as_object();
                    for (member, value) in
                        earlier.into_iter().flatten().filter(|(it, _)| parameters.get(it.as_str()).is_none())
                    {
                        let stays = seen.at(&format!("/parameters/{member}")) == value;
                        hold(tally, seen, !stays, "merged", "what it is by default", &value.to_string());
                    }
                }
            }),
        ]
    ),
];

/// Pairs of creates of one name and product, both by one key, while the first was there.
fn again<'h>(case: &'h Case<'h>) -> Vec<(&'h Seen, &'h Seen)> {
    let all: Vec<&Seen> = case.good("configurations.create").collect();
    let mut pairs = Vec::new();
    for (place, second) in all.iter().enumerate() {
        let same = |first: &&&Seen| {
            first.at("/name") == second.at("/name")
                && first.at("/product_type") == second.at("/product_type")
                && first.credential() == second.credential()
                && first.own_id().is_some_and(|id| case.fate(second, id) == Fate::There)
                && case
                    .history
                    .judged()
                    .filter(|it| it.subject() == first.own_id() && it.id() < second.id())
                    .all(|it| !it.writes())
        };
        pairs.extend(all[..place].iter().rfind(same).map(|first| (*first, *second)));
    }
    pairs
}

/// Expects what was said of the parameters to be shown.
fn said(tally: &mut Tally, seen: &Seen) {
    for (member, value) in at(seen.request(), "/parameters").as_object().into_iter().flatten() {
        let pointer = format!("/parameters/{member}");
        if value.is_null() || member.starts_with("x_") && seen.text("/product_type") == Some("extract_v2") {
            continue;
        }
        tally.saw(seen);
        if seen.at(&pointer) != value {
            tally.broke(seen, "differs", value.to_string(), seen.at(&pointer).to_string()).at(pointer);
        }
    }
}

/// Expects what a change does not speak of to stay.
fn kept(case: &Case<'_>, tally: &mut Tally, member: &str) {
    for seen in case.good("configurations.update") {
        if seen.request().get(member).is_some_and(|it: &Value| !it.is_null()) {
            continue;
        }
        let made = ["configurations.create", "configurations.update"];
        let Some(before) = seen.subject().and_then(|id| case.last_of(seen, &made, id)) else { continue };
        let pointer = format!("/{member}");
        case.same(tally, (before, before.at(&pointer)), (seen, &pointer));
    }
}
