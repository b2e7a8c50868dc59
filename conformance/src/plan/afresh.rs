//! Runs that were over before they were of use, started afresh.

use serde_json::{Value, json};

use super::{Driver, Role, Tracked};
use crate::client::{Credential, Stop};

/// A run that was over before it was seen running is started afresh, as often as there are entries. Each is read
/// first after another part of the pace, so that one that is shorter than the pace is met all the same.
const FRESH: [f64; 5] = [0.5, 0.25, 0.75, 0.125, 0.375];

impl Driver<'_> {
    /// Starts afresh what was over before it was seen running; whether there was such a run.
    pub(super) async fn renew(&mut self) -> Result<bool, Stop> {
        let mut renewed = false;
        let missed = |run: &Tracked| run.over && !run.acted && run.role.needs_meeting();
        while let Some(at) = self.tracked.iter().position(missed) {
            self.tracked[at].acted = true;
            let Tracked { family, who, role, attempt, .. } = self.tracked[at];
            let Some(part) = FRESH.get(attempt).copied() else { continue };
            let mut body = longer(&self.tracked[at].body, attempt);
            if role == Role::Wait {
                // There is something to wait for only while the crawl is under way.
                let Some(crawl) = self.crawl_again(&body).await? else { continue };
                body["crawl_id"] = json!(crawl);
            }
            let count = self.tracked.len();
            if self.start(family, who, role, &body).await?.is_none() {
                continue;
            }
            renewed = true;
            self.tracked[count].attempt = attempt + 1;
            self.start_dependent(count).await?;
            if !self.moves_clock() {
                // A run that waits does so from the first moment.
                if role != Role::Wait {
                    self.session.pause(part).await;
                }
                self.visit(count).await?;
            }
        }
        Ok(renewed)
    }

    /// Crawls the shop of an extract once more; the crawl's id.
    async fn crawl_again(&mut self, extract: &Value) -> Result<Option<String>, Stop> {
        let crawl = self.client.history().profile.families.iter().find(|family| family.name == "crawl");
        let (Some(crawl), Some(vendor)) = (crawl, extract.get("vendor")) else { return Ok(None) };
        self.start(crawl, Credential::A, Role::Finish, &json!({"url": vendor})).await
    }
}

/// A body for another run of the same kind that takes longer, as far as a caller has a say in that.
fn longer(body: &Value, attempt: usize) -> Value {
    let mut body = body.clone();
    if let Some(urls) = body.get_mut("urls").and_then(Value::as_array_mut) {
        let one = urls.first().and_then(Value::as_str).and_then(|url| url.rsplit_once('/'));
        let Some(folder) = one.map(|(folder, _)| folder.to_owned()) else { return body };
        let more = urls.len() + 1..=2 * urls.len();
        urls.extend(more.map(|number| json!(format!("{folder}/{number}"))));
    } else if let Some(Value::String(query)) = body.get_mut("query") {
        query.push_str(&format!(", take {}", attempt + 2));
    }
    body
}
