//! What an account may do, to its end: credits and requests. Only the third key's world is used for it, which the run
//! made and forgets; the control plane makes it poor and slow.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::{Driver, Role};
use crate::client::{Credential, Stop};
use crate::profile::Family;

/// Asks for the same twice with credits for little more than once. What was asked for is what the first key was given
/// before.
pub(super) async fn run_out_of_credits(driver: &mut Driver<'_>, family: &'static Family) -> Result<(), Stop> {
    let Some(key) = driver.client.keys().c.clone() else { return Ok(()) };
    let Some((body, price)) = priced(driver, family) else { return Ok(()) };
    driver.session.grant(&key, &json!({"credits": price + SPARE.min(price - 1)})).await?;
    driver.client.list(family, Credential::C, "page_size=100").await?;
    driver.start(family, Credential::C, Role::Finish, &body).await?;
    driver.client.list(family, Credential::C, "page_size=100").await?;
    if let Some(ask) = driver.session.ask_account(&key) {
        driver.client.send(ask).await?;
    }
    driver.start(family, Credential::C, Role::Finish, &body).await?;
    driver.client.list(family, Credential::C, "page_size=100").await?;
    Ok(())
}

/// What is left when the first is paid for, as long as it is not enough for another: nothing is easily told by chance.
const SPARE: u64 = 1;

/// An accepted create by the first key that depends on no other run, and what it cost.
fn priced(driver: &Driver<'_>, family: &Family) -> Option<(Value, u64)> {
    let history = driver.client.history();
    let mine = history.jobs().iter().filter(|job| job.family.name == family.name && job.owner == "$KEY_A");
    mine.map(|job| history.create(job)).find_map(|create| {
        let price = create.at("/meta/credits_used").as_u64().filter(|price| *price > 0)?;
        create.request().get("urls").map(|_| (create.request().clone(), price))
    })
}

/// More requests than any limit worth the name admits.
const PATIENCE: u64 = 200;

/// Asks until it is turned away, waits as told, and asks again.
pub(super) async fn ask_too_often(driver: &mut Driver<'_>, family: &'static Family) -> Result<(), Stop> {
    let Some(key) = driver.client.keys().c.clone() else { return Ok(()) };
    driver.session.grant(&key, &json!({"rate-limit": "documented"})).await?;
    let mut most = PATIENCE;
    let mut answered = 0;
    for _ in 0..=PATIENCE {
        let seen = driver.client.list_once(family, Credential::C).await?;
        answered += u64::from(!seen.is_uncertain());
        if seen.status() == Some(429) {
            let told = seen.header("retry-after").and_then(|value| value.parse().ok());
            // What one key may not do any more, another still may.
            driver.client.list(family, Credential::A, "page_size=7").await?;
            driver.session.pass(Duration::from_secs(told.unwrap_or(1))).await?;
            driver.client.list_once(family, Credential::C).await?;
            break;
        }
        // One more than it says it answers is enough.
        most = seen.header("ratelimit-limit").and_then(|value| value.parse().ok()).unwrap_or(most).min(most);
        if answered > most {
            break;
        }
    }
    driver.session.grant(&key, &json!({"rate-limit": "off"})).await?;
    Ok(())
}
