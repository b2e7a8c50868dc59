//! What an account may do, to its end. Only the third key's world is used for it, which the run made and forgets.

use serde_json::json;

use super::Tour;
use crate::client::{Credential, Stop};

/// More requests than the limit admits.
const BURST: u32 = 6;

/// Asks more often than the account may.
pub(super) async fn drive(tour: &mut Tour<'_, '_>) -> Result<(), Stop> {
    let Some(key) = tour.driver.client.keys().c.clone() else { return Ok(()) };
    let Some(family) = tour.profile.families.first() else { return Ok(()) };
    if tour.driver.session.grant(&key, &json!({"rate-limit": {"requests": 3, "per": "10s"}})).await? {
        for _ in 0..BURST {
            if tour.driver.client.list_once(family, Credential::C).await?.status() == Some(429) {
                break;
            }
        }
    }
    Ok(())
}
