//! The search that answers at once.

use fixtures::contract::Level::Must;
use serde_json::{Value, json};

use super::{Check, Cost};
use crate::history::History;
use crate::history::seen::Seen;
use crate::verdict::Tally;

const CREATE: &str = "catalog.agentic-search-mini.create";

/// The most products a search finds.
const GREATEST: usize = 10;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "mini.query-required",
        title: "A search that answers at once is refused with 400 without a query",
        level: Must,
        cost: Cost::Write,
        clauses: &["catalog.agentic-search-mini.create.query-required"],
        needs: "a search without a query that is a text",
        judge: query_required,
    },
    Check {
        id: "mini.at-most-ten",
        title: "A search that answers at once does so with 200 and at most ten products",
        level: Must,
        cost: Cost::Job,
        clauses: &[
            "catalog.agentic-search-mini.create.up-to-ten",
            "catalog.agentic-search-mini.create.status-200",
            "catalog.agentic-search-mini.create.item-shape",
        ],
        needs: "an accepted search that answers at once",
        judge: at_most_ten,
    },
    Check {
        id: "mini.single-page",
        title: "All products of a search that answers at once are on one page",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.agentic-search-mini.create.single-page"],
        needs: "an accepted search that answers at once",
        judge: single_page,
    },
    Check {
        id: "mini.images",
        title: "A product found at once shows the addresses of its images",
        level: Must,
        cost: Cost::Job,
        clauses: &["catalog.agentic-search-mini.create.images"],
        needs: "a product that was found at once and has an image",
        judge: images,
    },
];

fn asked(history: &History) -> impl Iterator<Item = &Seen> {
    history.of(CREATE).filter(|seen| seen.has_good_key())
}

fn answered(history: &History) -> impl Iterator<Item = &Seen> {
    asked(history).filter(|seen| seen.is_success())
}

fn query_required(history: &History) -> Tally {
    let mut tally = Tally::default();
    let lacks_query = |seen: &&Seen| !seen.request().get("query").is_some_and(Value::is_string);
    for seen in asked(history).filter(lacks_query) {
        if !tally.is_entitled(seen) {
            continue;
        }
        tally.saw(seen);
        if seen.status() != Some(400) {
            let observed = format!("{} to {}", seen.status_text(), seen.request());
            tally.broke(seen, "not-400", "400", observed);
        }
    }
    if !answered(history).any(|seen| !lacks_query(&seen)) {
        tally.block("no search with a query was accepted, so refusing one without proves nothing");
    }
    tally
}

fn at_most_ten(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in answered(history) {
        tally.saw(seen);
        if seen.status() != Some(200) {
            tally.broke(seen, "not-200", "200", seen.status_text());
        }
        let Some(items) = seen.at("/data").as_array() else {
            tally.broke(seen, "no-products", "a list of products", seen.at("/data").to_string()).at("/data");
            continue;
        };
        if items.len() > GREATEST {
            let expected = format!("at most {GREATEST} products");
            tally.broke(seen, "too-many", expected, items.len().to_string()).at("/data");
        }
        // The two readings of an item: the product beside its address, or the product itself.
        let is_product = |item: &Value| {
            let product = item.get("product").unwrap_or(item);
            item.get("url").is_some_and(Value::is_string)
                && product.get("title").is_some_and(Value::is_string)
        };
        if let Some(place) = items.iter().position(|item| !is_product(item)) {
            let observed: String = items[place].to_string().chars().take(80).collect();
            let pointer = format!("/data/{place}");
            tally.broke(seen, "not-a-product", "an address and a product", observed).at(pointer);
        }
    }
    tally
}

/// Whether it is one address, or a list of them: the text says the one, the example shows the other.
fn is_image(value: &Value) -> bool {
    value.is_string() || value.as_array().is_some_and(|list| list.iter().all(Value::is_string))
}

fn images(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in answered(history) {
        let items = seen.at("/data").as_array().map(Vec::as_slice).unwrap_or_default();
        for (place, item) in items.iter().enumerate() {
            let images = item.get("product").unwrap_or(item).get("images").unwrap_or(&Value::Null);
            if images.as_array().is_some_and(Vec::is_empty) {
                continue;
            }
            tally.saw(seen);
            if !images.as_array().is_some_and(|images| images.iter().all(is_image)) {
                let observed: String = images.to_string().chars().take(80).collect();
                tally.broke(seen, "not-addresses", "addresses", observed).at(format!("/data/{place}"));
            }
        }
    }
    tally
}

fn single_page(history: &History) -> Tally {
    let mut tally = Tally::default();
    for seen in answered(history) {
        let Some(items) = seen.at("/data").as_array() else { continue };
        tally.saw(seen);
        for (pointer, expected) in [
            ("/pagination/page", json!(1)),
            ("/pagination/page_size", json!(items.len())),
            ("/pagination/total_items", json!(items.len())),
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
