//! One page of a completed run's products, made from the seed as it is read.

use fixtures::samples::catalog::product::{self, Enrichments};

use crate::apis::catalog::paging::part;
use crate::apis::catalog::wire::{Item, Pagination};
use crate::model::catalog::results::{item, product_key, shown};
use crate::model::catalog::run::{Input, Record};
use crate::model::catalog::view::View;
use crate::seed::Seed;

/// Page `number`, counted from one, of `size` items each. Past the end there is nothing.
pub(super) fn page(
    seed: Seed,
    record: &Record,
    view: &View,
    number: u64,
    size: u64,
) -> (Vec<Item>, Pagination) {
    let (places, pagination) = part(number, size, shown(record));
    let updated_at = view.ended.unwrap_or(record.created).iso_millis();
    (places.map(|index| made(seed, record, index, &updated_at)).collect(), pagination)
}

fn made(seed: Seed, record: &Record, index: u64, updated_at: &str) -> Item {
    let item = item(seed, record, index);
    if let Some(failure) = item.failure {
        return Item { url: item.url, success: false, product: None, outcome: failure.reason };
    }
    let product = product::product(product_key(seed, &item.url), &item.url, options(record), updated_at);
    Item { url: item.url, success: true, product: Some(product), outcome: None }
}

/// What is added to each product. A search always enriches and takes no other flag (page "Agentic search").
fn options(record: &Record) -> product::Options<'_> {
    match &record.input {
        Input::Urls { options, .. } | Input::Vendor { options, .. } => {
            product::Options { enrichments: options.enrichments, country_code: &options.country_code }
        }
        Input::Crawl { .. } | Input::Search { .. } => {
            let enrichments = Enrichments { enrichment: true, ..Enrichments::default() };
            product::Options { enrichments, country_code: "us" }
        }
    }
}
