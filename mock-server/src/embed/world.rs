//! A handle on the world of one key.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::embed::{MockServer, Refused};
use crate::scenario::duration::text::Written;

/// The world of one key of a [`MockServer`]. It comes into being when the key is first used, here or by a client.
#[derive(Debug, Clone)]
pub struct WorldHandle<'s> {
    server: &'s MockServer,
    key: String,
}

impl<'s> WorldHandle<'s> {
    pub(super) fn new(server: &'s MockServer, key: &str) -> Self {
        Self { server, key: key.to_owned() }
    }

    /// The key whose world it is.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Asks the control plane about this world: `path` is what stands behind `/_rehearsal`, perhaps with a query. All
    /// other methods are short forms of this one; `/_rehearsal/openapi.json` describes what there is.
    ///
    /// # Errors
    ///
    /// What the control plane refuses, with its reason.
    pub async fn control(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, Refused> {
        self.send(method, path, body.map_or_else(String::new, |body| body.to_string())).await
    }

    async fn send(&self, method: Method, path: &str, body: String) -> Result<Value, Refused> {
        let key: String = form_urlencoded::byte_serialize(self.key.as_bytes()).collect();
        let mark = if path.contains('?') { '&' } else { '?' };
        self.server.ask(method, &format!("{path}{mark}key={key}"), body).await
    }

    /// The world's time, as `{now, mode, rate, next, …}`.
    ///
    /// # Errors
    ///
    /// If the key has no world yet.
    pub async fn clock(&self) -> Result<Value, Refused> {
        self.control(Method::GET, "/clock", None).await
    }

    /// Lets this much time pass, in whole milliseconds.
    ///
    /// # Errors
    ///
    /// If it is more than ten years.
    pub async fn advance(&self, by: Duration) -> Result<(), Refused> {
        let body = json!({ "advance": Written(by).to_string() });
        self.control(Method::PATCH, "/clock", Some(body)).await.map(drop)
    }

    /// Lets time pass until the next run ends by itself.
    ///
    /// # Errors
    ///
    /// If nothing is due.
    pub async fn advance_to_next(&self) -> Result<(), Refused> {
        let body = json!({ "advance": "next" });
        self.control(Method::PATCH, "/clock", Some(body)).await.map(drop)
    }

    /// Lets the world follow the scenario in this YAML text. New runs and requests do at once; what only counts from the
    /// start of a world waits for [`Self::reset`].
    ///
    /// # Errors
    ///
    /// All the mistakes in it.
    pub async fn follow(&self, yaml: &str) -> Result<(), Refused> {
        self.send(Method::PUT, "/scenario", yaml.to_owned()).await.map(drop)
    }

    /// Puts the world back to its start: runs, journal, counters and added faults are gone.
    ///
    /// # Errors
    ///
    /// If the key is one that is always refused.
    pub async fn reset(&self) -> Result<(), Refused> {
        self.control(Method::POST, "/reset", None).await.map(drop)
    }

    /// Adds a fault, as an item of a scenario's `faults`, in front of all others. Returns its id.
    ///
    /// # Errors
    ///
    /// The mistakes in it; a fault of that id; a thousand faults.
    pub async fn add_fault(&self, fault: Value) -> Result<String, Refused> {
        let added = self.control(Method::POST, "/faults", Some(fault)).await?;
        Ok(added["id"].as_str().unwrap_or_default().to_owned())
    }

    /// How often a fault took effect.
    ///
    /// # Errors
    ///
    /// If there is none of this id.
    pub async fn fired(&self, fault: &str) -> Result<u64, Refused> {
        let fault = self.control(Method::GET, &format!("/faults/{fault}"), None).await?;
        Ok(fault["fired"].as_u64().unwrap_or_default())
    }

    /// Takes every added fault away.
    ///
    /// # Errors
    ///
    /// If the key is one that is always refused.
    pub async fn clear_faults(&self) -> Result<(), Refused> {
        self.control(Method::DELETE, "/faults", None).await.map(drop)
    }

    /// The requests that the world received and what they were answered, oldest first: every entry that the journal still
    /// has.
    ///
    /// # Errors
    ///
    /// If the key has no world yet.
    pub async fn requests(&self) -> Result<Vec<Value>, Refused> {
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            let path = format!("/requests?limit=1000&after={after}");
            let mut page = self.control(Method::GET, &path, None).await?;
            all.extend(page["requests"].as_array_mut().map(std::mem::take).unwrap_or_default());
            match page["next"].as_u64() {
                Some(next) if next > after => after = next,
                _ => return Ok(all),
            }
        }
    }

    /// Holds the journal against expected calls, as `POST /_rehearsal/verify` does.
    ///
    /// ```
    /// # use mock_server::MockServer;
    /// # use serde_json::json;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = MockServer::start().await?;
    /// let world = server.world("test-a");
    /// world.reset().await?;
    /// // … your client runs …
    /// world.verify(json!([{ "match": { "operation": "*.cancel" }, "count": "never" }])).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What was not as expected, with the requests that came nearest; or that the journal no longer knows.
    pub async fn verify(&self, calls: Value) -> Result<(), Refused> {
        self.control(Method::POST, "/verify", Some(json!({ "calls": calls }))).await.map(drop)
    }
}
