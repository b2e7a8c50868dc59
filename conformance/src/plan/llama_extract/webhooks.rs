//! Jobs whose course is posted to an inbox of the server itself, where it has one and a socket to be reached by.

use serde_json::{Value, json};

use super::Tour;
use crate::client::Stop;
use crate::session::control::INBOX;

/// The inboxes of a job.
pub(super) struct Inboxes([String; 2]);

impl Tour<'_, '_> {
    /// Asks for a job that is told to two inboxes: of all events, and of its success only. `None` where there are none.
    pub(super) async fn begin_told(
        &mut self,
        operation: &str,
        body: &Value,
    ) -> Result<Option<Inboxes>, Stop> {
        let Some(base) = self.driver.client.address().filter(|_| self.is_at_home()) else { return Ok(None) };
        let names = ["all", "success"].map(|name| format!("inbox-{}-{name}", self.mark));
        let [all, success] = names.each_ref().map(|name| format!("{base}{INBOX}{name}"));
        let mut chosen = json!({"webhook_url": success, "webhook_events": ["extract.success"]});
        if self.profile.version == "v2" {
            chosen["webhook_signing_secret"] = json!("known-to-both");
        }
        let every = json!({"webhook_url": all, "webhook_headers": {"x-sent-for": "a check"}});
        let mut told = body.clone();
        told["webhook_configurations"] = json!([every, chosen]);
        Ok(self.begin(operation, "", &told).await?.map(|_| Inboxes(names)))
    }

    /// Looks into the inboxes of a job that is over, and clears them.
    pub(super) async fn read_inboxes(&mut self, inboxes: Option<Inboxes>) -> Result<(), Stop> {
        let key = self.driver.client.keys().a.clone();
        for name in inboxes.iter().flat_map(|inboxes| &inboxes.0) {
            let asks = self.driver.session.ask_inbox(&key, name);
            for ask in asks.into_iter().flatten() {
                self.driver.client.send(ask).await?;
            }
        }
        Ok(())
    }
}
