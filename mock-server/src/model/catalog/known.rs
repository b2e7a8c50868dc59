//! What completed crawls have found out about vendors.

use std::collections::HashMap;
use std::sync::Arc;

use crate::clock::VirtualTime;
use crate::model::catalog::run::RunId;

/// The vendors that crawls of this world have found, each at the place of its first completed crawl.
#[derive(Debug, Default, PartialEq)]
pub struct KnownVendors {
    by_host: HashMap<Arc<str>, Known>,
    in_order: Vec<Arc<str>>,
}

/// What is known of one vendor.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// The last crawl that completed.
    pub crawl: RunId,
    /// When that was.
    pub updated: VirtualTime,
    /// Its place among the vendors; it never changes.
    pub place: usize,
    /// The crawls that found more listings than any before them, oldest first.
    pub rises: Vec<Rise>,
}

/// A moment from which on a vendor was known to have more listings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rise {
    /// How many.
    pub listings: u64,
    /// Since when.
    pub at: VirtualTime,
}

impl KnownVendors {
    /// Notes that `crawl` has completed at `at` with so many listings.
    pub fn completed(&mut self, host: &Arc<str>, crawl: RunId, listings: u64, at: VirtualTime) {
        let place = self.in_order.len();
        let known = self.by_host.entry(Arc::clone(host)).or_insert_with(|| {
            self.in_order.push(Arc::clone(host));
            Known { crawl, updated: at, place, rises: Vec::new() }
        });
        (known.crawl, known.updated) = (crawl, at);
        if known.rises.last().map_or(0, |rise| rise.listings) < listings {
            known.rises.push(Rise { listings, at });
        }
    }

    /// What is known of the vendor with this canonical host.
    pub fn get(&self, host: &str) -> Option<&Known> {
        self.by_host.get(host)
    }

    /// The host of the vendor at this place.
    pub fn host(&self, place: usize) -> Option<&Arc<str>> {
        self.in_order.get(place)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.in_order.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.in_order.is_empty()
    }
}
