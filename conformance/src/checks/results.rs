//! What a completed run brought: items of the documented shape, failed ones among them, and counts that add up.

mod own;

use fixtures::contract::Level::{Must, Should};
use serde_json::Value;

use super::{Check, Cost, options};
use crate::history::History;
use crate::history::seen::Seen;
use crate::profile::catalog::FLAGS;
use crate::profile::field;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "result.item-shape",
        title: "An item has an address, whether it succeeded, and a product exactly if it did",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.extract.get.item-shape", "catalog.agentic-search.get.item-shape"],
        needs: "a completed run with an item",
        judge: item_shape,
    },
    Check {
        id: "result.item-address",
        title: "An item has the address that was given",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.extract.get.item-url"],
        needs: "a completed extract of addresses with an item",
        judge: item_address,
    },
    Check {
        id: "result.own-product",
        title: "An item's product is not that of another address",
        level: Should,
        cost: Cost::Job,
        clauses: &["catalog.extract.get.item-product"],
        needs: "a product of a completed extract of two addresses",
        judge: own::judge,
    },
    Check {
        id: "result.item-outcome",
        title: "A reason is given for failed items only",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.extract.get.item-outcome"],
        needs: "a completed extract with an item",
        judge: item_outcome,
    },
    Check {
        id: "result.product",
        title: "A product has every documented member",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.extract.get.product"],
        needs: "a completed extract with a product",
        judge: product,
    },
    Check {
        id: "result.flag-members",
        title: "The members that belong to an enable flag are there whether it was set or not",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.extract.get.flag-members-present"],
        needs: "a product of a completed extract that was asked for without a flag",
        judge: flag_members,
    },
    Check {
        id: "result.members",
        title: "The counts of a completed search have documented names",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.agentic-search.get.result-members"],
        needs: "a completed search with counts",
        judge: members,
    },
    Check {
        id: "job.partial-failure",
        title: "An extract some of whose items failed completes, shows all of them, and its counts add up",
        level: Should,
        cost: Cost::Job,
        clauses: &["catalog.extract.get.result-adds-up"],
        needs: "a completed extract with a failed item, all of it on one page",
        judge: partial_failure,
    },
];

/// Every item of completed reads of extracts (`most_urls`) or of other paged runs, with its place.
fn items(history: &History, extracts: bool) -> impl Iterator<Item = (&Seen, String, &Value)> {
    let reads = history.all_reads().filter(move |(job, seen)| {
        job.family.paged && job.family.most_urls.is_some() == extracts && seen.state() == Some("completed")
    });
    reads.flat_map(|(_, seen)| {
        let items = seen.at("/data").as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().enumerate().map(move |(index, item)| (seen, format!("/data/{index}"), item))
    })
}

fn item_shape(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, place, item) in items(history, true) {
        tally.saw(seen);
        let flat = options::is_flat(item);
        tally.reading("catalog.extract.get.item-shape", usize::from(flat), seen);
        if item.get("url").and_then(Value::as_str).is_none_or(str::is_empty) {
            let observed = item.get("url").unwrap_or(&Value::Null).to_string();
            tally.broke(seen, "no-address", "a text", observed).at(format!("{place}/url"));
        }
        if flat {
            continue;
        }
        let product = item.get("product").unwrap_or(&Value::Null);
        match (item.get("success"), product) {
            (Some(Value::Bool(true)), Value::Object(_)) | (Some(Value::Bool(false)), Value::Null) => {}
            (Some(Value::Bool(true)), other) => {
                let expected = "an object, since it succeeded";
                tally
                    .broke(seen, "product-missing", expected, other.to_string())
                    .at(format!("{place}/product"));
            }
            (Some(Value::Bool(false)), _) => {
                let expected = "null, since it failed";
                tally
                    .broke(seen, "product-despite-failure", expected, "a product")
                    .at(format!("{place}/product"));
            }
            (other, _) => {
                let observed = other.unwrap_or(&Value::Null).to_string();
                tally.broke(seen, "no-success", "true or false", observed).at(format!("{place}/success"));
            }
        }
    }
    for (seen, place, item) in items(history, false) {
        tally.saw(seen);
        let wrapped = item.get("product").is_some() || item.get("success").is_some();
        tally.reading("catalog.agentic-search.get.item-shape", usize::from(!wrapped), seen);
        let failed = item.get("success") == Some(&Value::Bool(false));
        let product = if wrapped { item.get("product").unwrap_or(&Value::Null) } else { item };
        if !failed && !product.get("title").is_some_and(Value::is_string) {
            let observed: String = item.to_string().chars().take(80).collect();
            tally.broke(seen, "no-product", "a product, wrapped or not", observed).at(place);
        }
    }
    tally
}

/// Only addresses that are texts were given; anything else is another check's business.
fn item_address(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, seen) in history.all_reads().filter(|(_, seen)| seen.state() == Some("completed")) {
        let create = history.create(job);
        let Some(given) = create.request().get("urls").and_then(Value::as_array) else { continue };
        for (index, item) in seen.at("/data").as_array().into_iter().flatten().enumerate() {
            let Some(url) = item.get("url").filter(|url| url.is_string()) else { continue };
            tally.saw(seen);
            if !given.contains(url) {
                let expected = format!("one of the {} addresses that were given", given.len());
                tally
                    .broke(seen, "other-address", expected, url.to_string())
                    .at(format!("/data/{index}/url"))
                    .after(create);
            }
        }
    }
    tally
}

fn item_outcome(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (seen, place, item) in items(history, true) {
        tally.saw(seen);
        let failed = item.get("success") == Some(&Value::Bool(false));
        let at = format!("{place}/outcome");
        match item.get("outcome") {
            None => {}
            Some(Value::String(_)) if failed => {}
            Some(other) if failed => {
                tally.broke(seen, "no-text", "a text, or nothing", other.to_string()).at(at);
            }
            Some(other) => {
                tally.broke(seen, "despite-success", "nothing, since it succeeded", other.to_string()).at(at);
            }
        }
    }
    tally
}

/// The members of a product in which both pages agree (page "Product object").
const MEMBERS: [&str; 30] = [
    "id",
    "title",
    "description",
    "vendor",
    "brand",
    "url",
    "handle",
    "is_available",
    "images",
    "options",
    "variants",
    "store_canonical_url",
    "store_domain",
    "platform",
    "platform_id",
    "description_html",
    "product_type",
    "google_product_category_id",
    "google_product_category_path",
    "tags",
    "video_url",
    "updated_at",
    "attributes",
    "review_count",
    "average_rating",
    "rating_scale",
    "faqs",
    "reviews",
    "brand_pdp",
    "similar_products",
];

fn product(history: &History) -> Tally {
    let mut tally = Tally::default();
    let completed = history
        .all_reads()
        .filter(|(job, seen)| job.family.most_urls.is_some() && seen.state() == Some("completed"));
    for (_, seen) in completed {
        for (place, product) in options::products(seen) {
            tally.saw(seen);
            let older = is_older(product);
            tally.reading("catalog.extract.get.product", usize::from(older), seen);
            let needed: &[&str] = if older { &[] } else { &["price", "reddit_insights"] };
            let missing = MEMBERS.iter().chain(needed).find(|name| product.get(name).is_none());
            // The page of January has fewer members; only those that it lists itself are missed.
            if let Some(missing) = missing.filter(|_| !older) {
                tally
                    .broke(
                        seen,
                        "member-missing",
                        format!("`{missing}`, null if there is nothing"),
                        "nothing",
                    )
                    .at(format!("{place}/{missing}"));
            }
        }
    }
    tally
}

/// Whether a product is as the page of January has it.
fn is_older(product: &Value) -> bool {
    product.get("price").is_none()
        && ["price_amount", "price_currency"].iter().all(|name| product.get(name).is_some())
}

fn flag_members(history: &History) -> Tally {
    let mut tally = Tally::default();
    for (job, seen) in history.all_reads().filter(|(job, _)| job.family.most_urls.is_some()) {
        if seen.state() != Some("completed") {
            continue;
        }
        let request = history.create(job).request();
        for (place, product) in options::products(seen) {
            let older = is_older(product);
            let off = FLAGS.iter().filter(|(flag, _)| request.get(flag) != Some(&Value::Bool(true)));
            for (flag, members) in off {
                // Of these the page of January has one.
                let held = |member: &&&str| !older || **member == "/attributes";
                for member in members.iter().filter(held) {
                    tally.saw(seen);
                    if let Some(missing) = first_missing(product, member) {
                        let expected = format!("null without `{flag}`");
                        tally
                            .broke(seen, "flag-member-missing", expected, "nothing")
                            .at(format!("{place}{missing}"));
                    }
                }
            }
        }
    }
    tally
}

/// The first place at `pointer` where nothing stands; `*` stands for every entry of a list.
fn first_missing(value: &Value, pointer: &str) -> Option<String> {
    let Some((list, rest)) = pointer.split_once("/*") else {
        return value.pointer(pointer).is_none().then(|| pointer.to_owned());
    };
    let entries = value.pointer(list).and_then(Value::as_array).into_iter().flatten();
    entries
        .enumerate()
        .filter(|(_, entry)| entry.is_object())
        .find_map(|(index, entry)| first_missing(entry, rest).map(|inner| format!("{list}/{index}{inner}")))
}

fn members(history: &History) -> Tally {
    const CLAUSE: &str = "catalog.agentic-search.get.result-members";
    let mut tally = Tally::default();
    let searches = history.all_reads().filter(|(job, _)| job.family.at_most.is_some());
    for (_, seen) in searches.filter(|(_, seen)| seen.state() == Some("completed")) {
        let Some(result) = seen.at(field::RESULT).as_object() else { continue };
        tally.saw(seen);
        let has = |name: &str| result.get(name).is_some_and(Value::is_number);
        let returned = has("products_returned");
        let three = ["products_requested", "products_successful", "products_failed"].into_iter().all(has);
        for (reading, _) in [returned, three].into_iter().enumerate().filter(|(_, seen)| *seen) {
            tally.reading(CLAUSE, reading, seen);
        }
        if !returned && !three {
            let expected =
                "products_returned, or products_requested, products_successful and products_failed";
            let observed = result.keys().cloned().collect::<Vec<_>>().join(", ");
            tally.broke(seen, "unnamed", expected, observed).at(field::RESULT);
        }
    }
    tally
}

fn partial_failure(history: &History) -> Tally {
    let mut tally = Tally::default();
    let extracts = history.all_reads().filter(|(job, _)| job.family.most_urls.is_some());
    for (job, seen) in extracts.filter(|(_, seen)| seen.state() == Some("completed")) {
        let items = seen.at("/data").as_array().map(Vec::as_slice).unwrap_or_default();
        let succeeded = |item: &Value| {
            item.get("success").and_then(Value::as_bool).or(options::is_flat(item).then_some(true))
        };
        let count = |state: bool| items.iter().filter(|item| succeeded(item) == Some(state)).count() as u64;
        let total = seen.at("/pagination/total_items").as_u64();
        if count(false) == 0 || total != Some(items.len() as u64) {
            continue;
        }
        tally.saw(seen);
        let result = |name: &str| seen.at(&format!("{}/{name}", field::RESULT)).as_u64();
        let requested = result("products_requested");
        let parts = ["products_successful", "products_failed", "products_pending", "products_invalid"];
        let sum: u64 = parts.iter().filter_map(|name| result(name)).sum();
        let planned = history.create(job).at("/meta/urls_to_process").as_u64();
        let processed = format!("{}/products_processed", field::PROGRESS);
        let expected = [
            ("sum", field::RESULT.to_owned(), requested, Some(sum)),
            (
                "successes",
                format!("{}/products_successful", field::RESULT),
                result(parts[0]),
                Some(count(true)),
            ),
            ("items", "/pagination/total_items".to_owned(), total, requested),
            ("planned", format!("{}/products_requested", field::RESULT), requested, planned),
            ("progress", processed.clone(), seen.at(&processed).as_u64(), Some(count(true))),
        ];
        for (reason, pointer, observed, expected) in expected {
            // A count that is not shown contradicts nothing.
            let (Some(observed), Some(expected)) = (observed, expected) else { continue };
            if observed != expected {
                tally.broke(seen, reason, expected.to_string(), observed.to_string()).at(pointer);
            }
        }
    }
    tally
}
