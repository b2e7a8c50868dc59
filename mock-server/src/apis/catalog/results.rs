//! One page of a completed run's products, made from the seed as it is read.

use fixtures::samples::catalog::product::{self, Enrichments};

use crate::apis::catalog::wire::{Item, Pagination};
use crate::model::catalog::results::{item, shown};
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
    let total = shown(record);
    let size = size.max(1);
    let total_pages = total.div_ceil(size);
    let first = number.max(1).saturating_sub(1).saturating_mul(size).min(total);
    let last = first.saturating_add(size).min(total);
    let updated_at = view.ended.unwrap_or(record.created).iso_millis();
    let data = (first..last).map(|index| made(seed, record, index, &updated_at)).collect();
    let pagination = Pagination {
        page: number,
        page_size: size,
        total_items: total,
        total_pages,
        has_next: number < total_pages,
        has_prev: number > 1,
    };
    (data, pagination)
}

fn made(seed: Seed, record: &Record, index: u64, updated_at: &str) -> Item {
    let item = item(seed, record, index);
    if let Some(failure) = item.failure {
        return Item { url: item.url, success: false, product: None, outcome: failure.reason };
    }
    let key = seed.content(&[b"catalog.product", item.url.as_bytes()]);
    let product = product::product(key, &item.url, options(record), updated_at);
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
