//! What a run yields, item by item: addresses and whether they came to something. Made when read, never stored.

use fixtures::samples::catalog::listing;

use crate::model::catalog::run::{Failures, Input, Record};
use crate::scenario::host::product_host;
use crate::scenario::magic::{self, Magic};
use crate::seed::Seed;

/// One item of a run's results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The address of the product's page.
    pub url: String,
    /// Why there is no product, if there is none.
    pub failure: Option<ItemFailure>,
}

/// Why an item came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemFailure {
    /// The machine-readable `outcome`; often there is none.
    pub reason: Option<Box<str>>,
}

/// How many items a completed run shows: all of an extract, those that came to something of a search, none of a crawl.
pub fn shown(record: &Record) -> u64 {
    match record.input {
        Input::Crawl { .. } => 0,
        Input::Urls { .. } | Input::Vendor { .. } => record.work.total,
        Input::Search { .. } => successes(record),
    }
}

/// How many items came to something.
pub fn successes(record: &Record) -> u64 {
    record.work.total.saturating_sub(record.work.failures.count())
}

/// Item number `index`, counted from zero and below [`shown`].
pub fn item(seed: Seed, record: &Record, index: u64) -> Item {
    match &record.input {
        Input::Crawl { host } => Item { url: listing_url(seed, host, index), failure: None },
        Input::Urls { urls, .. } => {
            let url = usize::try_from(index).ok().and_then(|index| urls.get(index)).map_or("", |url| url);
            Item {
                url: url.to_owned(),
                failure: failure(&record.work.failures, record.work.total, index, url),
            }
        }
        Input::Vendor { host, .. } => {
            let url = listing_url(seed, host, index);
            let failure = failure(&record.work.failures, record.work.total, index, &url);
            Item { url, failure }
        }
        Input::Search { query } => {
            let key = seed.content(&[b"catalog.search", query.as_bytes()]);
            Item { url: listing::search_hit_url(key, query, index), failure: None }
        }
    }
}

/// The address of listing `index` of a vendor: the same in every world of this seed.
pub fn listing_url(seed: Seed, host: &str, index: u64) -> String {
    listing::listing_url(
        seed.content(&[b"catalog.listing", host.as_bytes(), &index.to_le_bytes()]),
        host,
        index,
    )
}

/// The content key of the product at an address.
pub fn product_key(seed: Seed, url: &str) -> [u8; 32] {
    seed.content(&[b"catalog.product", url.as_bytes()])
}

fn failure(failures: &Failures, total: u64, index: u64, url: &str) -> Option<ItemFailure> {
    match failures {
        Failures::None => None,
        Failures::Spread { count, offset, reason } => {
            spread(*count, *offset, total, index).then(|| ItemFailure { reason: reason.clone() })
        }
        Failures::ByAddress { .. } => address_failure(url, index),
    }
}

/// Whether item `index` of an extract by addresses comes to nothing because of its address.
pub fn address_failure(url: &str, index: u64) -> Option<ItemFailure> {
    match magic::of_host(&product_host(url)?)? {
        Magic::Unsupported => Some(ItemFailure { reason: Some("unsupported_vendor".into()) }),
        Magic::Empty => Some(ItemFailure { reason: None }),
        // The first, the fourth and so on, so that a single such address fails too.
        Magic::Partial => index.is_multiple_of(3).then_some(ItemFailure { reason: None }),
        Magic::Fails | Magic::Stuck | Magic::Slow => None,
    }
}

/// Whether item `index` is one of `count` of `total`, evenly spread from `offset` on.
fn spread(count: u64, offset: u64, total: u64, index: u64) -> bool {
    if total == 0 {
        return false;
    }
    let place = u128::from((index + offset % total) % total);
    let (count, total) = (u128::from(count.min(total)), u128::from(total));
    (place + 1) * count / total > place * count / total
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_spread_hits_exactly_as_many_items_as_asked(total in 1u64..500, count in 0u64..600, offset: u64) {
            let hit = (0..total).filter(|index| spread(count, offset, total, *index)).count() as u64;
            proptest::prop_assert_eq!(hit, count.min(total));
        }
    }
}
