//! What is asked for only in a world of the run's own, where nothing costs anybody anything.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Credential, Stop};
use crate::plan::{Driver, Role};
use crate::profile::Family;
use crate::profile::catalog::FLAGS;

/// An extract that says of each flag that it is off, which is what saying nothing means.
pub(super) async fn switch_off(
    driver: &mut Driver<'_>,
    extract: &'static Family,
    site: &str,
) -> Result<(), Stop> {
    let mut body = json!({"urls": [format!("https://{site}/products/plain")]});
    for (flag, _) in FLAGS {
        body[*flag] = json!(false);
    }
    driver.start(extract, Credential::A, Role::Finish, &body).await.map(|_| ())
}

/// Runs that are asked for with the good key as a bearer token, and links and products that are.
pub(super) async fn ask_as_bearer(
    driver: &mut Driver<'_>,
    families: &'static [Family],
    site: &str,
) -> Result<(), Stop> {
    for family in families {
        let body = match family.name {
            "crawl" => json!({"url": "bearer.example"}),
            "extract" => json!({"urls": [format!("https://{site}/products/bearer")]}),
            _ => json!({"query": "brass floor lamp"}),
        };
        driver.start(family, Credential::BearerA, Role::Finish, &body).await?;
    }
    let links = json!({"urls": [format!("https://{site}/products/bearer")]});
    for (operation, body) in [
        ("catalog.affiliate.create", links),
        ("catalog.agentic-search-mini.create", json!({"query": "brass floor lamp"})),
    ] {
        driver.client.ask(operation, &[], "", Credential::BearerA, Some(&body.to_string())).await?;
    }
    // What was just paid is no part of the next run's price.
    driver.balance().await
}

/// One run more than a list shows unless asked.
const MORE_THAN_LISTED: usize = 21;

/// Long enough for every run of [`fill_lists`] to be over, in virtual time.
const LONG: Duration = Duration::from_secs(10 * 60);

/// Gives the second key more runs of each kind than a list shows unless asked, and lists them. All are created first and
/// read once when they are over: nothing else is asked of them, so that they cost little.
pub(super) async fn fill_lists(driver: &mut Driver<'_>, families: &'static [Family]) -> Result<(), Stop> {
    let Some(key) = driver.client.keys().b.clone() else { return Ok(()) };
    if !driver.is_at_home() || !driver.session.owns(&key) {
        return Ok(());
    }
    let first = driver.tracked.len();
    for family in families {
        for number in 1..=MORE_THAN_LISTED {
            driver.start_now(family, Credential::B, Role::Finish, &one_of_many(family, number)).await?;
        }
        // With room for all, so that each of them has to be there.
        driver.client.list(family, Credential::B, "page_size=100").await?;
    }
    driver.session.pass(LONG).await?;
    for at in first..driver.tracked.len() {
        driver.reread(at).await?;
    }
    for family in families {
        for query in ["page_size=100", "", "page_size=21", "page_size=20"] {
            driver.client.list(family, Credential::B, query).await?;
        }
    }
    Ok(())
}

/// A body that asks for a run of its own.
fn one_of_many(family: &Family, number: usize) -> Value {
    match family.name {
        "crawl" => json!({"url": format!("shop-{number}.example")}),
        "extract" => json!({"urls": [format!("https://example.com/products/list-{number}")]}),
        _ => json!({"query": format!("oak desk number {number}")}),
    }
}
