//! `GET /v2/vendors`, `/v2/collections` and `/v2/listings`: pages of what is known without a run.

use fixtures::samples::catalog::product::{Preview, preview};
use fixtures::samples::catalog::wire::{Image, Price};
use http::StatusCode;
use serde::Serialize;

use crate::apis::catalog::errors;
use crate::apis::catalog::paging::asked;
use crate::apis::catalog::wire::{Answer, Empty};
use crate::apis::dialect::Call;
use crate::apis::reply::{Reply, json_bytes};
use crate::model::catalog::index::{self, Invented, Vendor};
use crate::model::catalog::results::product_key;
use crate::scenario::host::vendor_host;
use crate::seed::Seed;
use crate::world::state::WorldState;

#[derive(Debug, Serialize)]
struct VendorItem<'a> {
    vendor: &'a str,
    last_updated_by_catalog: String,
    listings_count: u64,
    collections_count: u64,
    in_affiliate_network: bool,
}

#[derive(Debug, Serialize)]
struct CollectionItem {
    id: String,
    url: String,
    products_total: u64,
    last_updated_by_catalog: String,
}

#[derive(Debug, Serialize)]
struct ListingItem<'a> {
    id: String,
    url: String,
    name: String,
    images: Vec<ListingImage>,
    price: Price,
    vendor: &'a str,
    first_seen_by_catalog: String,
    last_updated_by_catalog: String,
}

#[derive(Debug, Serialize)]
struct ListingImage {
    id: String,
    url: String,
    width: u32,
    height: u32,
    position: u32,
}

impl From<Image> for ListingImage {
    fn from(image: Image) -> Self {
        let Image { id, url, width, height, position, .. } = image;
        Self { id, url, width, height, position }
    }
}

/// `GET /v2/vendors`
pub(super) fn vendors(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let invented = Invented::of(world.stream().seed());
    let (places, pagination) = asked(call, index::len(world.catalog(), &invented));
    let vendors: Vec<Vendor> = index::vendors(world.catalog(), &invented, places).collect();
    let data = vendors.iter().map(|vendor| VendorItem {
        vendor: &vendor.host,
        last_updated_by_catalog: vendor.updated.iso_offset(),
        listings_count: vendor.listings,
        collections_count: vendor.collections,
        in_affiliate_network: vendor.in_affiliate_network,
    });
    Reply::json(StatusCode::OK, &Answer { data: data.collect(), pagination, meta: Empty {} })
}

/// `GET /v2/collections`
pub(super) fn collections(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let seed = world.stream().seed();
    let vendor = match vendor(call, world, seed) {
        Ok(vendor) => vendor,
        Err(refused) => return refused,
    };
    let total = vendor.as_ref().map_or(0, |vendor| vendor.collections);
    let (places, pagination) = asked(call, total);
    let items = vendor.iter().flat_map(|vendor| {
        vendor.collections(seed).into_iter().map(|collection| CollectionItem {
            id: collection.id.to_string(),
            url: collection.url,
            products_total: collection.listings.end - collection.listings.start,
            last_updated_by_catalog: vendor.updated.iso_offset(),
        })
    });
    let data = (0..).zip(items).filter(|(place, _)| places.contains(place)).map(|(_, item)| item).collect();
    Reply::json(StatusCode::OK, &Answer { data, pagination, meta: Empty {} })
}

/// `GET /v2/listings`
pub(super) fn listings(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let seed = world.stream().seed();
    let vendor = match vendor(call, world, seed) {
        Ok(vendor) => vendor,
        Err(refused) => return refused,
    };
    let of_vendor = |vendor: &Vendor| match call.text("collection_url") {
        Some(url) => vendor.collection_listings(seed, url),
        None => 0..vendor.listings,
    };
    let all = vendor.as_ref().map_or(0..0, of_vendor);
    let (places, pagination) = asked(call, all.end - all.start);
    Reply::later(StatusCode::OK, move || {
        let listed = |vendor| places.map(move |place| listing(seed, vendor, all.start + place));
        let data = vendor.as_ref().map(listed).into_iter().flatten().collect();
        json_bytes(&Answer { data, pagination, meta: Empty {} })
    })
}

/// The vendor a client asks about, if it is known; or the refusal of what names no vendor.
fn vendor(call: &Call<'_>, world: &WorldState, seed: Seed) -> Result<Option<Vendor>, Reply> {
    let Some(host) = vendor_host(call.text("vendor").unwrap_or_default()) else {
        return Err(errors::invalid_value("vendor is neither a host name nor an address", call.request_id));
    };
    Ok(index::vendor(world.catalog(), &Invented::of(seed), &host))
}

fn listing(seed: Seed, vendor: &Vendor, index: u64) -> ListingItem<'_> {
    let url = vendor.listing_url(seed, index);
    let Preview { id, title, price, images } = preview(product_key(seed, &url), &url);
    ListingItem {
        id,
        url,
        name: title,
        images: images.into_iter().map(ListingImage::from).collect(),
        price,
        vendor: &vendor.host,
        first_seen_by_catalog: vendor.first_seen(index).iso_offset(),
        last_updated_by_catalog: vendor.updated.iso_offset(),
    }
}
