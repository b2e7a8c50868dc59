//! The plan for Catalog: ten runs, which between them wait, finish, fail and are cancelled.

use std::time::Duration;

use serde_json::json;

use super::{Driver, Role};
use crate::client::{Credential, Stop};
use crate::profile::Family;

/// Hosts that are reserved for examples. The first one is what a caller may replace.
const CANCELLED_SITE: &str = "example.org";
const OTHER_SITE: &str = "example.net";

/// One address more than an extract takes.
const TOO_MANY: u32 = 1001;

/// Brings every occasion about. `site` is the shop that is crawled to the end.
///
/// # Errors
///
/// When the target stops answering, or the control plane fails.
pub(crate) async fn drive(
    driver: &mut Driver<'_>,
    families: &'static [Family],
    site: &str,
) -> Result<(), Stop> {
    let [crawl, extract, search] = families else { return Ok(()) };
    refuse_bodies(driver, families).await?;
    let crawled = start_runs(driver, crawl, extract, search, site).await?;
    read_young_lists(driver, families).await?;
    let own = crawled.unwrap_or_else(|| crawl.unknown_id.to_owned());
    refuse_keys(driver, families, &own, site).await?;
    refuse_ids(driver, families).await?;
    driver.drive().await?;
    revisit(driver).await?;
    read_settled_lists(driver, families).await
}

/// Bad bodies between two lists, so that a run they leave behind is seen.
async fn refuse_bodies(driver: &mut Driver<'_>, families: &'static [Family]) -> Result<(), Stop> {
    for family in families {
        driver.client.list(family, Credential::A, "page_size=100").await?;
        for refused in family.refused {
            driver.client.create(family, Credential::A, refused.body).await?;
        }
        if family.name == "extract" {
            let urls: Vec<_> =
                (1..=TOO_MANY).map(|number| format!("https://example.com/p/{number}")).collect();
            driver.client.create(family, Credential::A, &json!({"urls": urls}).to_string()).await?;
        }
        driver.client.create(family, Credential::A, "{\"url\": \"exam").await?;
        driver.client.list(family, Credential::A, "page_size=100").await?;
    }
    Ok(())
}

async fn start_runs(
    driver: &mut Driver<'_>,
    crawl: &'static Family,
    extract: &'static Family,
    search: &'static Family,
    site: &str,
) -> Result<Option<String>, Stop> {
    use Credential::{A, B};

    let urls = |count: u32| -> Vec<String> {
        (1..=count).map(|number| format!("https://{site}/products/{number}")).collect()
    };
    let first = driver.start(crawl, A, Role::Contested, &json!({"url": site})).await?;
    driver.start(extract, A, Role::Contested, &json!({"urls": urls(5)})).await?;
    driver.start(search, A, Role::Contested, &json!({"query": "waterproof trail running shoes"})).await?;
    if let Some(id) = &first {
        let body = json!({"vendor": site, "crawl_id": id, "max_products": 3});
        driver.start(extract, A, Role::Wait, &body).await?;
    }
    if let Some(id) = driver.start(crawl, A, Role::Cancel, &json!({"url": CANCELLED_SITE})).await? {
        let body = json!({"vendor": CANCELLED_SITE, "crawl_id": id, "max_products": 3});
        driver.start(extract, A, Role::Finish, &body).await?;
    }
    driver.start(extract, A, Role::Cancel, &json!({"urls": urls(3)})).await?;
    driver.start(search, A, Role::Cancel, &json!({"query": "linen summer dress"})).await?;
    if driver.session.can_fail_runs() {
        driver.start(search, A, Role::Fail, &json!({"query": "oak writing desk"})).await?;
    }
    if driver.client.keys().b.is_some() {
        driver.start(crawl, B, Role::Finish, &json!({"url": OTHER_SITE})).await?;
    }
    Ok(first)
}

async fn read_young_lists(driver: &mut Driver<'_>, families: &'static [Family]) -> Result<(), Stop> {
    for family in families {
        for query in ["page_size=100", "status=processing&page_size=100"] {
            driver.client.list(family, Credential::A, query).await?;
        }
        driver.client.list(family, Credential::BearerA, "page_size=100").await?;
        if driver.client.keys().b.is_some() {
            driver.client.list(family, Credential::B, "page_size=100").await?;
        }
    }
    Ok(())
}

/// No key and an unknown key on every operation.
async fn refuse_keys(
    driver: &mut Driver<'_>,
    families: &'static [Family],
    crawled: &str,
    site: &str,
) -> Result<(), Stop> {
    for who in [Credential::None, Credential::Refused] {
        for family in families {
            let known = driver.tracked.iter().find(|run| run.family.name == family.name);
            let id = known.map_or_else(|| crawled.to_owned(), |run| run.id.clone());
            let body = match family.name {
                "crawl" => json!({"url": site}),
                "extract" => json!({"urls": [format!("https://{site}/products/1")]}),
                _ => json!({"query": "waterproof trail running shoes"}),
            };
            driver.client.list(family, who, "").await?;
            driver.client.get(family, who, &id, "").await?;
            driver.client.cancel(family, who, &id).await?;
            driver.client.create(family, who, &body.to_string()).await?;
        }
    }
    for family in families {
        driver.client.get(family, Credential::None, family.unknown_id, "").await?;
        driver.client.create(family, Credential::None, family.refused[0].body).await?;
    }
    Ok(())
}

async fn refuse_ids(driver: &mut Driver<'_>, families: &'static [Family]) -> Result<(), Stop> {
    for family in families {
        driver.client.get(family, Credential::A, family.unknown_id, "").await?;
        driver.client.cancel(family, Credential::A, family.unknown_id).await?;
        driver.client.get(family, Credential::A, "not an id", "").await?;
    }
    Ok(())
}

/// Looks at runs that are over: again later, page by page, and after another cancel.
async fn revisit(driver: &mut Driver<'_>) -> Result<(), Stop> {
    let over = driver.over();
    if over.is_empty() {
        return Ok(());
    }
    driver.session.pass(Duration::from_secs(60)).await?;
    for (family, who, id, role) in over {
        let seen = driver.client.get(family, who, &id, "").await?;
        let total = seen.at("/pagination/total_items").as_u64().unwrap_or(0);
        if family.paged && role == Role::Contested && seen.state() == Some("completed") {
            // Enough pages to see the seams; a live result may be long.
            let last = total.div_ceil(2).min(20);
            for page in 1..=last {
                driver.client.get(family, who, &id, &format!("page={page}&page_size=2")).await?;
            }
            for query in ["page=1&page_size=1", "page=1&page_size=100", "page=1000000&page_size=100"] {
                driver.client.get(family, who, &id, query).await?;
            }
        }
        if matches!(role, Role::Contested | Role::Cancel) {
            driver.client.cancel(family, who, &id).await?;
            driver.client.get(family, who, &id, "").await?;
        }
    }
    Ok(())
}

async fn read_settled_lists(driver: &mut Driver<'_>, families: &'static [Family]) -> Result<(), Stop> {
    for family in families {
        for query in [
            "page_size=100",
            "",
            "page_size=1",
            "status=processing&page_size=100",
            "status=completed&page_size=100",
            "status=failed&page_size=100",
        ] {
            driver.client.list(family, Credential::A, query).await?;
        }
        if driver.client.keys().b.is_some() {
            driver.client.list(family, Credential::B, "page_size=100").await?;
        }
    }
    Ok(())
}
