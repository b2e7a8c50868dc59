//! Keys on the operations of runs: bad ones in every form, and the good one as a bearer token.

use serde_json::json;

use super::addresses;
use crate::client::{Credential, Stop};
use crate::history::seen::Seen;
use crate::plan::Driver;
use crate::profile::Family;

/// No key, an unknown key in either header and, where that is known to be one, a forbidden key on every operation.
pub(super) async fn refuse(
    driver: &mut Driver<'_>,
    families: &'static [Family],
    site: &str,
) -> Result<(), Stop> {
    for who in driver.client.keys().bad() {
        for family in families {
            let known = driver.tracked.iter().find(|run| run.family.name == family.name);
            let id = known.map_or_else(|| family.unknown_id.to_owned(), |run| run.id.clone());
            let body = match family.name {
                "crawl" => json!({"url": site}),
                "extract" => json!({"urls": addresses(site, 1)}),
                _ => json!({"query": "waterproof trail running shoes"}),
            };
            driver.client.list(family, who, "").await?;
            driver.client.get(family, who, &id, "").await?;
            driver.client.cancel(family, who, &id).await?;
            driver.create(family, who, &body.to_string()).await?;
        }
    }
    for family in families {
        driver.client.get(family, Credential::None, family.unknown_id, "").await?;
        driver.create(family, Credential::None, family.refused[0].body).await?;
    }
    Ok(())
}

/// The good key as a bearer token on what was asked for with the other header: a read of a run that is over, and a
/// cancel and a create that are refused for another reason, so that they change nothing.
pub(super) async fn accept_bearer(driver: &mut Driver<'_>, families: &'static [Family]) -> Result<(), Stop> {
    let over = driver.over();
    for family in families {
        let own = over.iter().find(|(of, who, ..)| of.name == family.name && *who == Credential::A);
        if let Some((_, _, id, _)) = own {
            driver.client.get(family, Credential::BearerA, id, "").await?;
        }
        driver.client.cancel(family, Credential::BearerA, family.unknown_id).await?;
        // Nobody makes a create again of which nobody knows what came.
        let history = driver.client.history();
        let unknown =
            |seen: &Seen| seen.is(family.create) && seen.is_uncertain() && !history.is_excused(seen);
        if !history.all().iter().any(unknown) {
            driver.create(family, Credential::BearerA, family.refused[0].body).await?;
        }
    }
    Ok(())
}
