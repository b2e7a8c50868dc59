//! The index: what a server knows of shops without a run, and whether it agrees with what crawls found and extracts
//! read.

mod known;
mod pages;
mod whole;

use fixtures::contract::Level::{Must, Should};

use super::{Check, Cost};
use crate::history::History;
use crate::history::seen::Seen;

const VENDORS: &str = "catalog.vendors.list";
const COLLECTIONS: &str = "catalog.collections.list";
const LISTINGS: &str = "catalog.listings.list";

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    Check {
        id: "index.vendor-required",
        title: "Collections and listings of no shop in particular are refused with 400",
        level: Must,
        cost: Cost::Read,
        clauses: &["catalog.collections.list.vendor-required", "catalog.listings.list.vendor-required"],
        needs: "a list of collections or listings without a shop, with a good key",
        judge: pages::vendor_required,
    },
    Check {
        id: "index.page-size",
        title: "Index pages hold 1 to 100 items as asked for, and 20 unless asked",
        level: Must,
        cost: Cost::Read,
        clauses: &[
            "catalog.vendors.list.page-size",
            "catalog.collections.list.page-size",
            "catalog.listings.list.page-size",
            "catalog.usage.get.page-size",
        ],
        needs: "pages of the smallest, the greatest and the default size",
        judge: pages::size,
    },
    Check {
        id: "index.page-meta",
        title: "An index page says which it is and what comes before and after",
        level: Must,
        cost: Cost::Read,
        clauses: &[
            "catalog.vendors.list.pagination",
            "catalog.collections.list.pagination",
            "catalog.listings.list.pagination",
            "catalog.usage.get.pagination",
        ],
        needs: "a page of the index",
        judge: pages::meta,
    },
    Check {
        id: "index.page-partition",
        title: "Index pages, one after the other, show every item once and in one order",
        level: Must,
        cost: Cost::Read,
        clauses: &[
            "catalog.vendors.list.partition",
            "catalog.collections.list.partition",
            "catalog.listings.list.partition",
        ],
        needs: "two pages of one list",
        judge: whole::partition,
    },
    Check {
        id: "index.past-end",
        title: "An index page past the end is empty or refused",
        level: Should,
        cost: Cost::Read,
        clauses: &[
            "catalog.vendors.list.past-the-end",
            "catalog.collections.list.past-the-end",
            "catalog.listings.list.past-the-end",
        ],
        needs: "a read of a page past the end",
        judge: pages::past_end,
    },
    Check {
        id: "index.vendor-members",
        title: "A shop shows its host, how many products it has and when that was updated",
        level: Must,
        cost: Cost::Read,
        clauses: &["catalog.vendors.list.members"],
        needs: "a page with a shop",
        judge: known::vendor_members,
    },
    Check {
        id: "index.meta-empty",
        title: "The list of shops has empty metadata",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.vendors.list.meta-empty"],
        needs: "a page of the list of shops",
        judge: known::meta_empty,
    },
    Check {
        id: "index.crawled-vendor",
        title: "A shop whose crawl has completed is in the list of shops",
        level: Should,
        cost: Cost::Long,
        clauses: &["catalog.vendors.list.after-crawl"],
        needs: "a completed crawl, and every page of the list of shops after it",
        judge: known::crawled_vendor,
    },
    Check {
        id: "index.crawl-totals",
        title: "A shop has as many collections and listings as its crawl found",
        level: Should,
        cost: Cost::Long,
        clauses: &[
            "catalog.vendors.list.totals",
            "catalog.collections.list.totals",
            "catalog.listings.list.totals",
        ],
        needs: "a completed crawl, and then a look at its shop in the index",
        judge: known::crawl_totals,
    },
    Check {
        id: "index.listings-of-vendor",
        title: "All listings are of the shop that was asked for",
        level: Must,
        cost: Cost::Read,
        clauses: &["catalog.listings.list.vendor"],
        needs: "a page with listings",
        judge: known::listings_of_vendor,
    },
    Check {
        id: "index.collection-filter",
        title: "With a collection only listings of that collection are listed",
        level: Must,
        cost: Cost::Read,
        clauses: &["catalog.listings.list.collection-filter"],
        needs: "all listings of a shop, and those of a collection that does not have them all",
        judge: whole::collection_filter,
    },
    Check {
        id: "index.collection-counts",
        title: "A collection has as many listings as it says",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.collections.list.products-total"],
        needs: "a collection that says how many products it has, and its listings",
        judge: whole::collection_counts,
    },
    Check {
        id: "index.collections-ordered",
        title: "Collections are ordered by their number of products",
        level: Must,
        cost: Cost::Read,
        clauses: &["catalog.collections.list.order"],
        needs: "a page with three collections that say how many products they have",
        judge: known::collections_ordered,
    },
    Check {
        id: "index.collections-highest-first",
        title: "Collections with more products come first",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.collections.list.highest-first"],
        needs: "an ordered page with collections of different sizes",
        judge: known::highest_first,
    },
    Check {
        id: "index.first-seen",
        title: "No listing was last updated before it was first seen",
        level: Should,
        cost: Cost::Read,
        clauses: &["catalog.listings.list.first-seen"],
        needs: "a listing with both times",
        judge: known::first_seen,
    },
    Check {
        id: "index.extract-listed",
        title: "What an extraction of a shop reads is among the shop's listings",
        level: Should,
        cost: Cost::Long,
        clauses: &["catalog.listings.list.extracted"],
        needs: "a completed extraction of a shop, and all listings of that shop",
        judge: whole::extract_listed,
    },
];

/// The answers to an operation with a good key.
fn answers<'a>(history: &'a History, operation: &'a str) -> impl Iterator<Item = &'a Seen> {
    history.of(operation).filter(|seen| seen.has_good_key())
}

/// Whether the server found fault with the request itself. That an account has no credits or may not do something, or
/// that the server failed, says nothing about the request.
pub(super) fn is_fault_found(seen: &Seen) -> bool {
    seen.status().is_some_and(|status| (400..500).contains(&status) && !matches!(status, 402 | 403))
}

/// A shop as its host: without scheme, path, port and a leading `www.`.
fn bare(vendor: &str) -> String {
    let host = vendor.split_once("://").map_or(vendor, |(_, rest)| rest);
    let host = host.split(['/', ':', '?', '#']).next().unwrap_or(host).to_ascii_lowercase();
    host.strip_prefix("www.").unwrap_or(&host).to_owned()
}

/// The shop that was asked for.
fn vendor(seen: &Seen) -> Option<String> {
    seen.query("vendor").filter(|vendor| !vendor.is_empty()).map(bare)
}

#[cfg(test)]
mod tests;
