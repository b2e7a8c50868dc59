//! What another key asks of the runs of the first, where there is one.

use serde_json::json;

use crate::client::{Credential, Stop};
use crate::plan::{Driver, Role};
use crate::profile::Family;

/// Crawls the shop that the first key is crawling, which is no reason to be given the same run.
pub(super) async fn crawl(driver: &mut Driver<'_>, crawl: &'static Family, site: &str) -> Result<(), Stop> {
    if driver.client.keys().b.is_some() {
        driver.start(crawl, Credential::B, Role::Finish, &json!({"url": site})).await?;
    }
    Ok(())
}

/// Reaches for runs that are over: for one of each family that was left to its end, and for one that was cancelled.
pub(super) async fn reach(driver: &mut Driver<'_>) -> Result<(), Stop> {
    if driver.client.keys().b.is_none() {
        return Ok(());
    }
    let mut known = Vec::new();
    for (family, who, id, role) in driver.over() {
        let kind = (family.name, role);
        let is_asked = matches!(role, Role::Contested | Role::Cancel) && who == Credential::A;
        if is_asked && !known.contains(&kind) {
            known.push(kind);
            driver.client.get(family, Credential::B, &id, "").await?;
            driver.client.cancel(family, Credential::B, &id).await?;
        }
    }
    Ok(())
}

/// Lists of every kind that the first key read as well.
pub(super) async fn list(driver: &mut Driver<'_>, families: &'static [Family]) -> Result<(), Stop> {
    if driver.client.keys().b.is_none() {
        return Ok(());
    }
    for family in families {
        for query in ["page_size=100", "", "status=processing", "status=completed", "status=failed"] {
            driver.client.list(family, Credential::B, query).await?;
        }
    }
    Ok(())
}
