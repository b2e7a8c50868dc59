//! The operations that answer at once: the index, affiliate links, the mini search and usage. They come last, when the
//! crawls that fill the index are over and there are calls to count.

use serde_json::{Value, json};

use crate::client::{Credential, Stop, encoded};
use crate::plan::Driver;

const VENDORS: &str = "catalog.vendors.list";
const COLLECTIONS: &str = "catalog.collections.list";
const LISTINGS: &str = "catalog.listings.list";
const AFFILIATE: &str = "catalog.affiliate.create";
const MINI: &str = "catalog.agentic-search-mini.create";
const USAGE: &str = "catalog.usage.get";

/// A live index may be long; this many pages of the greatest size are enough to see the seams.
const PAGES_MAX: u64 = 20;

/// The most addresses that affiliate links are made for at once.
const LINKS_MAX: u32 = 100;

/// Brings their occasions about.
pub(super) async fn drive(driver: &mut Driver<'_>, site: &str) -> Result<(), Stop> {
    refuse_keys(driver, site).await?;
    read_index(driver, site).await?;
    make_links(driver, site).await?;
    search(driver).await?;
    read_usage(driver).await?;
    accept_bearer(driver, site).await
}

/// The good key as a bearer token, on requests that were answered with the other header before and cost nothing.
async fn accept_bearer(driver: &mut Driver<'_>, site: &str) -> Result<(), Stop> {
    driver.client.ask(USAGE, &[], "", Credential::BearerA, None).await?;
    for (operation, body) in [(AFFILIATE, links(site, 0)), (MINI, json!({}))] {
        driver.client.ask(operation, &[], "", Credential::BearerA, Some(&body.to_string())).await?;
    }
    Ok(())
}

/// No key, an unknown key in either header and, where that is known to be one, a forbidden key on every operation.
async fn refuse_keys(driver: &mut Driver<'_>, site: &str) -> Result<(), Stop> {
    let of_site = format!("vendor={}", encoded(site));
    let links = links(site, 1).to_string();
    let query = json!({"query": "waterproof trail running shoes"}).to_string();
    for who in driver.client.keys().bad() {
        for (operation, query, body) in [
            (VENDORS, "", None),
            (COLLECTIONS, of_site.as_str(), None),
            (LISTINGS, of_site.as_str(), None),
            (USAGE, "", None),
            (AFFILIATE, "", Some(links.as_str())),
            (MINI, "", Some(query.as_str())),
        ] {
            driver.client.ask(operation, &[], query, who, body).await?;
        }
    }
    Ok(())
}

async fn read_index(driver: &mut Driver<'_>, site: &str) -> Result<(), Stop> {
    let of_site = format!("vendor={}&", encoded(site));
    for (operation, list) in [(VENDORS, ""), (COLLECTIONS, of_site.as_str()), (LISTINGS, of_site.as_str())] {
        read_pages(driver, operation, list).await?;
        for page in ["", "page=2", "page=3", "page=2&page_size=1", "page=1000000&page_size=100"] {
            driver.client.ask(operation, &[], &format!("{list}{page}"), Credential::A, None).await?;
        }
        let whole = format!("{list}page=1&page_size=100");
        driver.client.ask(operation, &[], &whole, Credential::BearerA, None).await?;
    }
    for operation in [COLLECTIONS, LISTINGS] {
        driver.client.ask(operation, &[], "page_size=100", Credential::A, None).await?;
    }
    let first = format!("{of_site}page=1&page_size=100");
    let seen = driver.client.ask(COLLECTIONS, &[], &first, Credential::A, None).await?;
    let items = seen.at("/data").as_array().map(Vec::as_slice).unwrap_or_default();
    let ends = [items.first(), items.last().filter(|_| items.len() > 1)].into_iter().flatten();
    let urls: Vec<String> =
        ends.filter_map(|item| item.get("url").and_then(Value::as_str).map(encoded)).collect();
    for url in urls {
        read_pages(driver, LISTINGS, &format!("{of_site}collection_url={url}&")).await?;
    }
    if driver.doubts(&["index.collection-filter"]) {
        // A listing may be new since the whole list was read.
        read_pages(driver, LISTINGS, &of_site).await?;
    }
    Ok(())
}

/// A list in pages of the greatest size, to its end.
async fn read_pages(driver: &mut Driver<'_>, operation: &str, list: &str) -> Result<(), Stop> {
    for page in 1..=PAGES_MAX {
        let query = format!("{list}page={page}&page_size=100");
        let seen = driver.client.ask(operation, &[], &query, Credential::A, None).await?;
        if *seen.at("/pagination/has_next") != json!(true) {
            break;
        }
    }
    Ok(())
}

/// A request for links to so many pages of a shop.
fn links(site: &str, count: u32) -> Value {
    let urls: Vec<_> = (1..=count).map(|number| format!("https://{site}/products/{number}")).collect();
    json!({ "urls": urls })
}

async fn make_links(driver: &mut Driver<'_>, site: &str) -> Result<(), Stop> {
    let mixed = json!({"urls": [format!("https://{site}/products/1"), "https://invalid-url"]});
    let bodies = [1, LINKS_MAX, 0, LINKS_MAX + 1].map(|count| links(site, count));
    for body in bodies.iter().chain([&mixed]) {
        driver.client.ask(AFFILIATE, &[], "", Credential::A, Some(&body.to_string())).await?;
    }
    for body in ["{}", "", "{\"urls\": [\"https://exam"] {
        driver.client.ask(AFFILIATE, &[], "", Credential::A, Some(body)).await?;
    }
    Ok(())
}

async fn search(driver: &mut Driver<'_>) -> Result<(), Stop> {
    for body in [json!({}), json!({"query": 7}), json!({"query": "waterproof trail running shoes"})] {
        driver.client.ask(MINI, &[], "", Credential::A, Some(&body.to_string())).await?;
    }
    for body in ["", "{\"query\": \"water"] {
        driver.client.ask(MINI, &[], "", Credential::A, Some(body)).await?;
    }
    Ok(())
}

/// From the shortest period to the longest: what is called in between can only add.
async fn read_usage(driver: &mut Driver<'_>) -> Result<(), Stop> {
    for period in ["24h", "7d", "30d", "90d", "all"] {
        let query = format!("period={period}&page_size=100");
        driver.client.ask(USAGE, &[], &query, Credential::A, None).await?;
    }
    for query in ["", "page=2&page_size=1"] {
        driver.client.ask(USAGE, &[], query, Credential::A, None).await?;
    }
    Ok(())
}
