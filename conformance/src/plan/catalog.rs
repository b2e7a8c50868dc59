//! The plan for Catalog: a dozen runs, which between them wait, finish, fail and are cancelled. In a world of its own
//! it asks for many more, which would cost too much elsewhere.

mod at_once;
mod home;
mod keys;
mod limits;
mod others;

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::{Driver, Role};
use crate::client::{Credential, Stop};
use crate::history::seen::Seen;
use crate::profile::Family;
use crate::profile::catalog::{COUNTRIES, FLAGS, NEVER_CRAWLED, UNKNOWN};

/// Hosts that are reserved for examples. The first one is what a caller may replace.
const CANCELLED_SITE: &str = "example.org";
const FAILED_SITE: &str = "failed.example";

/// Addresses that come to nothing anywhere, since their hosts are reserved for tests; in a Rehearsal they fail as two
/// of its magic inputs.
const FAILING: [&str; 2] = ["https://partial.test/products/1", "https://unsupported.test/products/2"];

/// Brings every occasion about. `site` is the shop that is crawled to the end.
///
/// # Errors
///
/// When the target stops answering, or the control plane fails.
pub(super) async fn drive(
    driver: &mut Driver<'_>,
    families: &'static [Family],
    site: &str,
) -> Result<(), Stop> {
    let [crawl, extract, search] = families else { return Ok(()) };
    refuse_bodies(driver, families).await?;
    refuse_shops(driver, crawl, extract, site).await?;
    start_runs(driver, crawl, extract, search, site).await?;
    driver.look().await?;
    read_young_lists(driver, families).await?;
    limits::run_out_of_credits(driver, extract).await?;
    if driver.is_at_home() {
        start_bounds(driver, extract, site).await?;
        home::switch_off(driver, extract, site).await?;
        home::ask_as_bearer(driver, families, site).await?;
    }
    driver.drive().await?;
    if driver.is_at_home() {
        // All products of a shop cost more than a caller may want to pay.
        let body = json!({"vendor": format!("https://www.{site}")});
        driver.start(extract, Credential::A, Role::Finish, &body).await?;
        driver.drive().await?;
    }
    keys::refuse(driver, families, site).await?;
    refuse_ids(driver, families).await?;
    keys::accept_bearer(driver, families).await?;
    refuse_paths(driver, crawl).await?;
    revisit(driver).await?;
    race(driver, extract, site).await?;
    reread_pages(driver).await?;
    read_settled_lists(driver, families).await?;
    if driver.doubts(&["repr.list-get-agree", "list.filter-complete"]) {
        // Lists may lag behind for a while, so they get another chance.
        driver.session.pass(Duration::from_secs(60)).await?;
        read_settled_lists(driver, families).await?;
    }
    home::fill_lists(driver, families).await?;
    at_once::drive(driver, site).await?;
    limits::ask_too_often(driver, crawl).await
}

fn addresses(site: &str, count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("https://{site}/products/{number}")).collect()
}

/// Bad bodies between two lists, so that a run they leave behind is seen, and between two looks at the account. What
/// no page speaks of is asked of a Rehearsal only: elsewhere it might start something.
async fn refuse_bodies(driver: &mut Driver<'_>, families: &'static [Family]) -> Result<(), Stop> {
    let ours = driver.session.is_ours();
    for family in families {
        driver.client.list(family, Credential::A, "page_size=100").await?;
        driver.balance().await?;
        for refused in family.refused.iter().filter(|refused| refused.documented || ours) {
            driver.create(family, Credential::A, refused.body).await?;
        }
        if let Some(most) = family.most_urls {
            let body = json!({"urls": addresses("example.com", most + 1)}).to_string();
            driver.create(family, Credential::A, &body).await?;
        }
        driver.create(family, Credential::A, "{\"url\": \"exam").await?;
        let form = ("application/x-www-form-urlencoded", "url=example.com");
        let path = path_of(driver, family.create);
        let ask = driver.client.undocumented(&Method::POST, &path, Credential::A, Some(form));
        driver.send_with_care(family, Credential::A, ask).await?;
        driver.balance().await?;
        driver.client.list(family, Credential::A, "page_size=100").await?;
    }
    Ok(())
}

fn path_of(driver: &Driver<'_>, operation: &str) -> String {
    let operation = driver.client.history().contract.operation(operation);
    operation.map_or_else(String::new, |operation| operation.path().to_owned())
}

/// A shop that nobody crawled, and a crawl that nobody started.
async fn refuse_shops(
    driver: &mut Driver<'_>,
    crawl: &'static Family,
    extract: &'static Family,
    site: &str,
) -> Result<(), Stop> {
    let body = json!({"vendor": NEVER_CRAWLED}).to_string();
    driver.create(extract, Credential::A, &body).await?;
    if driver.session.is_ours() {
        let body = json!({"vendor": site, "crawl_id": crawl.unknown_id}).to_string();
        driver.create(extract, Credential::A, &body).await?;
    }
    Ok(())
}

async fn start_runs(
    driver: &mut Driver<'_>,
    crawl: &'static Family,
    extract: &'static Family,
    search: &'static Family,
    site: &str,
) -> Result<(), Stop> {
    use Credential::A;

    let crawled = driver.start(crawl, A, Role::Contested, &json!({"url": site})).await?;
    if let Some(id) = &crawled {
        let body = json!({"vendor": site, "crawl_id": id, "max_products": 3});
        if driver.start(extract, A, Role::Wait, &body).await?.is_some() {
            driver.visit(driver.tracked.len() - 1).await?;
        }
        driver.look().await?;
    }
    driver.start(extract, A, Role::Contested, &json!({"urls": addresses(site, 5)})).await?;
    let profile = json!({"style": {"fit": "relaxed"}, "shelf": [1, null, "oak"]});
    let body = json!({"query": "waterproof trail running shoes", "customer_profile": profile});
    driver.start(search, A, Role::Contested, &body).await?;
    if start_cancelled(driver, crawl, &json!({"url": CANCELLED_SITE})).await?.is_some() {
        driver.start_dependent(driver.tracked.len() - 1).await?;
    }
    start_cancelled(driver, extract, &json!({"urls": addresses(site, 4)})).await?;
    let body = json!({"query": "linen summer dress", "customer_profile": null});
    let refused = start_cancelled(driver, search, &body).await?.is_none();
    // Only a plain refusal shows that nothing was started; after anything else the same is not asked for again.
    let creates = driver.client.history().all().iter();
    let answer = creates.rev().find(|seen| seen.is(search.create)).and_then(Seen::status);
    if refused && answer == Some(400) {
        start_cancelled(driver, search, &json!({"query": "linen summer dress"})).await?;
    }
    let mut mixed: Vec<_> = FAILING.iter().map(|&url| url.to_owned()).collect();
    mixed.extend(addresses(site, 1));
    driver.start(extract, A, Role::Finish, &json!({"urls": mixed})).await?;
    if driver.session.can_fail_runs() {
        driver.start(crawl, A, Role::Fail, &json!({"url": FAILED_SITE})).await?;
        driver.start(extract, A, Role::Fail, &json!({"urls": addresses(site, 4)})).await?;
        driver.start(search, A, Role::Fail, &json!({"query": "oak writing desk"})).await?;
    }
    others::crawl(driver, crawl, site).await
}

/// Starts a run that is going to be cancelled, and tries to at once, while it is pending.
async fn start_cancelled(
    driver: &mut Driver<'_>,
    family: &'static Family,
    body: &Value,
) -> Result<Option<String>, Stop> {
    let id = driver.start(family, Credential::A, Role::Cancel, body).await?;
    if let Some(id) = &id {
        let seen = driver.client.get(family, Credential::A, id, "").await?;
        if seen.state() == Some("pending") {
            driver.client.cancel(family, Credential::A, id).await?;
            if family.paged {
                driver.client.get(family, Credential::A, id, "page=2&page_size=100").await?;
            }
            driver.client.get(family, Credential::A, id, "").await?;
        }
    }
    Ok(id)
}

/// The most addresses an extract takes, as the welcome page has it.
const FEWER_URLS: usize = 50;

/// The least and the most that is accepted, and what no page speaks of.
async fn start_bounds(driver: &mut Driver<'_>, extract: &'static Family, site: &str) -> Result<(), Stop> {
    let mut enriched = json!({"urls": [format!("https://{site}/products/flags")]});
    for (flag, _) in FLAGS {
        enriched[*flag] = json!(true);
    }
    driver.start(extract, Credential::A, Role::Finish, &enriched).await?;
    let unknown = json!({"urls": [format!("https://{site}/products/unknown")], UNKNOWN: true});
    driver.start(extract, Credential::A, Role::Finish, &unknown).await?;
    for country in COUNTRIES {
        let url = format!("https://{site}/products/{country}");
        let body = json!({"urls": [url], "country_code": country});
        driver.start(extract, Credential::A, Role::Finish, &body).await?;
    }
    if let Some(most) = extract.most_urls {
        let body = json!({"urls": addresses(site, most)});
        if driver.start(extract, Credential::A, Role::Finish, &body).await?.is_none() {
            // One page has a lower limit, which only shows in what lies around it.
            for count in [FEWER_URLS, FEWER_URLS + 1] {
                let body = json!({"urls": addresses(site, count)});
                driver.start(extract, Credential::A, Role::Finish, &body).await?;
            }
        }
    }
    Ok(())
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

async fn refuse_ids(driver: &mut Driver<'_>, families: &'static [Family]) -> Result<(), Stop> {
    for family in families {
        driver.client.get(family, Credential::A, family.unknown_id, "").await?;
        driver.client.cancel(family, Credential::A, family.unknown_id).await?;
        driver.client.get(family, Credential::A, "not an id", "").await?;
    }
    Ok(())
}

/// An address that is no endpoint, and methods that endpoints do not have.
async fn refuse_paths(driver: &mut Driver<'_>, crawl: &'static Family) -> Result<(), Stop> {
    let list = path_of(driver, crawl.list);
    let run = path_of(driver, crawl.get).replace("{execution_id}", crawl.unknown_id);
    let asks = [
        (Method::GET, format!("{list}-that-is-no-endpoint"), None),
        (Method::PUT, list, Some(("application/json", "{}"))),
        (Method::POST, run, Some(("application/json", "{}"))),
    ];
    for (method, target, body) in asks {
        let ask = driver.client.undocumented(&method, &target, Credential::A, body);
        driver.client.send(ask).await?;
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
            if driver.session.is_ours() {
                for query in ["page=0", "page=one", "page_size=0", "page_size=101", "page_size=many"] {
                    driver.client.get(family, who, &id, query).await?;
                }
            }
        }
        if matches!(role, Role::Contested | Role::Cancel) {
            driver.client.cancel(family, who, &id).await?;
            driver.client.get(family, who, &id, "").await?;
        }
    }
    others::reach(driver).await
}

/// Cancels a run in the moment in which it ends by itself, where the clock can be moved: the cancel and the move leave
/// together, and either may be first.
async fn race(driver: &mut Driver<'_>, extract: &'static Family, site: &str) -> Result<(), Stop> {
    let key = driver.client.keys().a.clone();
    for (round, cancel_first) in [true, false].into_iter().enumerate() {
        let Some(advance) = driver.session.ask_advance(&key, Duration::from_secs(60)) else { return Ok(()) };
        let urls = |name: &str| json!({"urls": [format!("https://{site}/products/{name}-{round}")]});
        let at = driver.tracked.len();
        let Some(id) = driver.start_now(extract, Credential::A, Role::Finish, &urls("race")).await? else {
            return Ok(());
        };
        // A second one in the same instant, so that the list has a tie to break.
        driver.start_now(extract, Credential::A, Role::Finish, &urls("tie")).await?;
        for _ in 0..SHORT_STEPS {
            driver.session.pass(Duration::from_millis(500)).await?;
            let seen = driver.client.get(extract, Credential::A, &id, "").await?;
            if seen.state() != Some("pending") {
                break;
            }
        }
        let cancel = driver.client.request_run(extract.cancel, &id, Credential::A)?;
        let both = if cancel_first { [cancel, advance] } else { [advance, cancel] };
        driver.client.race(extract, &both).await?;
        for run in at..driver.tracked.len() {
            driver.reread(run).await?;
        }
    }
    Ok(())
}

/// A run that has not begun after this many half seconds is not waited for.
const SHORT_STEPS: u32 = 20;

/// The first pages once more, after other runs were started.
async fn reread_pages(driver: &mut Driver<'_>) -> Result<(), Stop> {
    for (family, who, id, role) in driver.over() {
        if family.paged && role == Role::Contested {
            for query in ["page=1&page_size=2", "page=2&page_size=2"] {
                driver.client.get(family, who, &id, query).await?;
            }
        }
        if matches!(role, Role::Contested | Role::Cancel) {
            driver.client.get(family, who, &id, "").await?;
        }
    }
    Ok(())
}

async fn read_settled_lists(driver: &mut Driver<'_>, families: &'static [Family]) -> Result<(), Stop> {
    let ours = driver.session.is_ours();
    for family in families {
        let unknown = format!("page_size=100&{UNKNOWN}=1");
        for query in [
            "page_size=100",
            "",
            "page_size=1",
            "status=processing&page_size=100",
            "status=completed&page_size=100",
            "status=failed&page_size=100",
            unknown.as_str(),
            "page_size=100",
        ] {
            if ours || query != unknown {
                driver.client.list(family, Credential::A, query).await?;
            }
        }
        let silent = ["status=pending", "page_size=0", "page_size=101", "page_size=many"];
        for query in silent.into_iter().filter(|_| ours) {
            driver.client.list(family, Credential::A, query).await?;
        }
    }
    others::list(driver, families).await
}
