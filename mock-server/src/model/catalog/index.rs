//! The index: what is known of vendors without starting anything. It has the vendors that crawls of this world have
//! found, and some invented ones that every world of a seed has.
//!
//! Nothing of it is stored but what a crawl found. A listing belongs to exactly one collection: those of a collection
//! are neighbours, so that a page of them costs as much as its items.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use fixtures::samples::catalog::{collection, vendor};
use uuid::{Builder, Uuid};

use crate::clock::VirtualTime;
use crate::model::catalog::known::{Known, Rise};
use crate::model::catalog::results::listing_url;
use crate::model::catalog::state::State;
use crate::scenario::host::product_host;
use crate::scenario::magic::{self, Magic};
use crate::scenario::usual::invented_vendors;
use crate::seed::Seed;

/// The vendors that are known without any crawl.
#[derive(Debug)]
pub struct Invented(Vec<vendor::Vendor>);

impl Invented {
    /// Those of a seed.
    pub fn of(seed: Seed) -> Self {
        Self(invented_vendors(seed))
    }

    /// How many listings the vendor with this canonical host has, if it is one of them.
    pub fn listings(&self, host: &str) -> Option<u64> {
        self.get(host).map(|vendor| vendor.listings)
    }

    /// Whether a vendor takes part in an affiliate network. Of those nobody invented all do but the magic ones.
    pub fn in_affiliate_network(&self, host: &str) -> bool {
        !matches!(magic::of_host(host), Some(Magic::Fails | Magic::Unsupported))
            && self.get(host).is_none_or(|vendor| vendor.in_affiliate_network)
    }

    fn get(&self, host: &str) -> Option<&vendor::Vendor> {
        self.0.iter().find(|vendor| vendor.host == host)
    }
}

/// A vendor of the index.
#[derive(Debug, Clone, PartialEq)]
pub struct Vendor {
    /// Canonical host.
    pub host: Arc<str>,
    /// How many listings it has.
    pub listings: u64,
    /// How many collections they are in.
    pub collections: u64,
    /// When it was last read.
    pub updated: VirtualTime,
    /// Whether its pages can have affiliate links.
    pub in_affiliate_network: bool,
    /// Since when it is known to have how many listings.
    rises: Vec<Rise>,
}

/// A collection of a vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// The same in every world of a seed.
    pub id: Uuid,
    /// The address of its page.
    pub url: String,
    /// Which of the vendor's listings it has.
    pub listings: Range<u64>,
}

/// How many vendors there are.
pub fn len(state: &State, invented: &Invented) -> u64 {
    (invented.0.len() + state.known().len() - crawled(state, invented).len()) as u64
}

/// The vendors at these places: those that were invented, then the others in the order in which their first crawls
/// completed, so that a vendor keeps its place.
pub fn vendors<'a>(
    state: &'a State,
    invented: &'a Invented,
    places: Range<u64>,
) -> impl Iterator<Item = Vendor> + 'a {
    let crawled = crawled(state, invented);
    places.filter_map(move |place| {
        let place = usize::try_from(place).ok()?;
        match place.checked_sub(invented.0.len()) {
            None => vendor(state, invented, &invented.0.get(place)?.host),
            Some(place) => {
                // An invented vendor that was crawled stands among the invented ones.
                let skip = |place, known: &usize| if *known <= place { place + 1 } else { place };
                vendor(state, invented, state.known().host(crawled.iter().fold(place, skip))?)
            }
        }
    })
}

/// The places, among those that crawls found, of vendors that are known without.
fn crawled(state: &State, invented: &Invented) -> BTreeSet<usize> {
    if state.known().is_empty() {
        return BTreeSet::new();
    }
    invented.0.iter().filter_map(|vendor| Some(state.known().get(&vendor.host)?.place)).collect()
}

/// The vendor with this canonical host. What a crawl of this world found counts before what was known without.
pub fn vendor(state: &State, invented: &Invented, host: &str) -> Option<Vendor> {
    let known = state.known().get(host);
    let without = invented.get(host);
    let first = without.map(|vendor| Rise {
        listings: vendor.listings,
        at: VirtualTime::from_micros(vendor.first_seen_micros),
    });
    let (listings, collections, updated) = match (known, without) {
        (Some(known), _) => {
            let work = &state.run(known.crawl)?.record.work;
            (work.total, work.collections, known.updated)
        }
        (None, Some(vendor)) => {
            (vendor.listings, vendor.collections, VirtualTime::from_micros(vendor.updated_micros))
        }
        (None, None) => return None,
    };
    let later = known.map_or(&[][..], |Known { rises, .. }| rises);
    Some(Vendor {
        host: host.into(),
        listings,
        collections,
        updated,
        in_affiliate_network: invented.in_affiliate_network(host),
        rises: first.iter().chain(later).copied().collect(),
    })
}

impl Vendor {
    /// When listing `index` was first seen.
    pub fn first_seen(&self, index: u64) -> VirtualTime {
        let since = self.rises.iter().filter(|rise| rise.listings > index).map(|rise| rise.at).min();
        since.unwrap_or(self.updated).min(self.updated)
    }

    /// The address of listing `index`: the one that an extract of the vendor reads.
    pub fn listing_url(&self, seed: Seed, index: u64) -> String {
        listing_url(seed, &self.host, index)
    }

    /// Every collection, the one with most listings first. No vendor has more than a few dozen.
    pub fn collections(&self, seed: Seed) -> Vec<Collection> {
        let key = seed.content(&[b"catalog.collections", self.host.as_bytes()]);
        let count = usize::try_from(self.collections).unwrap_or(usize::MAX);
        let sizes = collection::sizes(key, count, self.listings);
        let mut first = 0;
        let place = |(index, (url, size)): (usize, (String, u64))| {
            let index = (index as u64).to_le_bytes();
            let id = seed.content(&[b"catalog.collection", self.host.as_bytes(), &index]);
            let listings = first..first + size;
            first = listings.end;
            Collection { id: uuid(id), url, listings }
        };
        collection::addresses(key, &self.host, count).into_iter().zip(sizes).enumerate().map(place).collect()
    }

    /// The listings of the collection at this address, however it is spelled; none if there is no such collection.
    pub fn collection_listings(&self, seed: Seed, url: &str) -> Range<u64> {
        let wanted = spelled(url);
        let found =
            self.collections(seed).into_iter().find(|one| wanted.is_some() && spelled(&one.url) == wanted);
        found.map_or(0..0, |collection| collection.listings)
    }
}

/// The host and the path of an address, as far as they tell pages apart.
fn spelled(url: &str) -> Option<(String, String)> {
    let host = product_host(url)?;
    let path = url::Url::parse(url.trim()).ok()?.path().trim_end_matches('/').to_owned();
    Some((host, path))
}

fn uuid(key: [u8; 32]) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&key[..16]);
    Builder::from_random_bytes(bytes).into_uuid()
}
