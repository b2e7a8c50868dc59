//! The control plane of a Rehearsal server, as far as judging one needs it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::{Ask, Stop, encoded};
use crate::transport::showing::Showing;
use crate::transport::{Transport, TransportError};

/// Where an account is told.
pub(crate) const ACCOUNT: &str = "/_rehearsal/account";

/// Where a Rehearsal keeps what is posted to itself, by the name of an inbox.
pub(crate) const INBOX: &str = "/_rehearsal/inbox/";

/// Where a clock is moved.
pub(crate) const CLOCK: &str = "/_rehearsal/clock";

/// What shows the token of a control plane that has one.
const TOKEN: HeaderName = HeaderName::from_static("x-rehearsal-token");

/// Speaks to `/_rehearsal`.
#[derive(Debug, Clone)]
pub struct ControlPlane {
    transport: Arc<dyn Transport>,
}

/// What a server says of itself. Unknown fields are for others.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Health {
    /// `rehearsal`; anything else is not ours.
    pub name: String,
    /// Its version.
    #[serde(default)]
    pub version: String,
    /// The seed everything is drawn from.
    #[serde(default)]
    pub seed: Option<u64>,
    /// How many keys it declares; none means that every key is welcome.
    #[serde(default)]
    pub accounts: u64,
    /// The clock of the worlds to come.
    #[serde(default)]
    pub clock: Value,
}

impl Health {
    /// Whether the clocks of the worlds to come stand still.
    pub(crate) fn is_stopped(&self) -> bool {
        is_stopped(&self.clock)
    }
}

fn is_stopped(clock: &Value) -> bool {
    clock.get("mode").is_some_and(|mode| mode == "manual")
}

impl ControlPlane {
    /// Asks whether there is a control plane.
    ///
    /// # Errors
    ///
    /// When there is no answer at all.
    pub async fn discover(transport: Arc<dyn Transport>) -> Result<Option<(Self, Health)>, TransportError> {
        let control = ControlPlane { transport };
        let (status, body) = control.request(&Method::GET, "/_rehearsal/health", None).await?;
        let health = serde_json::from_value::<Health>(body).ok();
        let ours = health.filter(|health| status == StatusCode::OK && health.name == "rehearsal");
        Ok(ours.map(|health| (control, health)))
    }

    /// The same control plane, which is shown `token` with every request from now on.
    #[must_use]
    pub fn showing(self, token: HeaderValue) -> Self {
        Self { transport: Arc::new(Showing::new(self.transport, TOKEN, token)) }
    }

    /// Whether it answers more than that it is there. One that has a token wants it to be shown.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn is_open(&self) -> Result<bool, TransportError> {
        let (status, _) = self.request(&Method::GET, "/_rehearsal/contracts", None).await?;
        Ok(status != StatusCode::UNAUTHORIZED)
    }

    /// Makes the world of `key`, if there is none, and stops its clock.
    ///
    /// # Errors
    ///
    /// When it is refused.
    pub async fn stop_clock(&self, key: &str) -> Result<(), Stop> {
        self.clock(key, &json!({"mode": "manual"})).await
    }

    /// Whether the clock of `key`'s world stands still; `None` where there is no such world.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn is_stopped(&self, key: &str) -> Result<Option<bool>, Stop> {
        let path = format!("/_rehearsal/clock?key={}", encoded(key));
        match self.request(&Method::GET, &path, None).await {
            Ok((StatusCode::OK, clock)) => Ok(Some(is_stopped(&clock))),
            Ok(_) => Ok(None),
            Err(error) => Err(Stop::Control(format!("GET /_rehearsal/clock: {error}"))),
        }
    }

    /// Moves the clock of `key`'s world forward.
    ///
    /// # Errors
    ///
    /// When it is refused.
    pub async fn advance(&self, key: &str, by: Duration) -> Result<(), Stop> {
        self.clock(key, &json!({"advance": format!("{}ms", by.as_millis())})).await
    }

    /// Gives the account of `key`'s world so many credits at an API, if that has any, and lets it ask as often as it likes:
    /// a limit on a clock that stands still would never open.
    ///
    /// # Errors
    ///
    /// When it is refused.
    pub async fn open_account(&self, api: &str, key: &str, credits: Option<u64>) -> Result<(), Stop> {
        let mut settings = json!({"rate-limit": "off"});
        if let Some(credits) = credits {
            settings["credits"] = credits.into();
        }
        self.grant(api, key, &settings).await
    }

    /// The request that asks for the account of `key`'s world.
    pub(crate) fn ask_account(&self, key: &str) -> Ask {
        let path = format!("{ACCOUNT}?key={}", encoded(key));
        Ask::control(&Method::GET, &path, None, Arc::clone(&self.transport))
    }

    /// The request that moves the clock of `key`'s world forward.
    pub(crate) fn ask_advance(&self, key: &str, by: Duration) -> Ask {
        let path = format!("{CLOCK}?key={}", encoded(key));
        let change = json!({"advance": format!("{}ms", by.as_millis())});
        Ask::control(&Method::PATCH, &path, Some(&change), Arc::clone(&self.transport))
    }

    /// The requests that wait for what the world of `key` posts, and then show and clear the inbox of this name.
    pub(crate) fn ask_inbox(&self, key: &str, name: &str) -> [Ask; 3] {
        let inbox = format!("{INBOX}{}", encoded(name));
        let flush = format!("/_rehearsal/webhooks/flush?key={}", encoded(key));
        let ask = |method: Method, target: &str, body: Option<&Value>| {
            Ask::control(&method, target, body, Arc::clone(&self.transport))
        };
        [
            ask(Method::POST, &flush, Some(&json!({}))),
            ask(Method::GET, &inbox, None),
            ask(Method::DELETE, &inbox, None),
        ]
    }

    /// Lets a run fail. One that ended a moment ago stays as it is.
    ///
    /// # Errors
    ///
    /// When it is refused.
    pub async fn fail(&self, key: &str, run: &str) -> Result<(), Stop> {
        let path = format!("/_rehearsal/runs/{run}/fail?key={}", encoded(key));
        self.expect(&Method::POST, &path, Some(&json!({})), &[200, 409]).await
    }

    /// Changes what the account of `key` has at an API, in the words of a scenario.
    ///
    /// # Errors
    ///
    /// When it is refused.
    pub async fn grant(&self, api: &str, key: &str, settings: &Value) -> Result<(), Stop> {
        let path = format!("{ACCOUNT}?key={}", encoded(key));
        self.expect(&Method::PATCH, &path, Some(&json!({"apis": {api: settings}})), &[200]).await
    }

    /// Forgets the world of `key`. One that is not there is forgotten already.
    ///
    /// # Errors
    ///
    /// When it is refused.
    pub async fn forget(&self, key: &str) -> Result<(), Stop> {
        self.expect(&Method::DELETE, &format!("/_rehearsal/worlds/{}", encoded(key)), None, &[204, 404]).await
    }

    async fn clock(&self, key: &str, change: &Value) -> Result<(), Stop> {
        let path = format!("/_rehearsal/clock?key={}", encoded(key));
        self.expect(&Method::PATCH, &path, Some(change), &[200]).await
    }

    async fn expect(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        good: &[u16],
    ) -> Result<(), Stop> {
        // The query names a key, which may be a secret.
        let place = path.split('?').next().unwrap_or(path);
        let asked = body.map_or_else(String::new, |body| format!(" {body}"));
        match self.request(method, path, body).await {
            Ok((status, _)) if good.contains(&status.as_u16()) => Ok(()),
            Ok((status, answer)) => {
                Err(Stop::Control(format!("{method} {place}{asked} answered {status}: {answer}")))
            }
            Err(error) => Err(Stop::Control(format!("{method} {place}{asked}: {error}"))),
        }
    }

    async fn request(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Value), TransportError> {
        let mut request = http::Request::builder().method(method).uri(path);
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let bytes = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let request = request.body(bytes).map_err(|error| TransportError::Broken(error.to_string()))?;
        let answer = self.transport.send(request).await?;
        Ok((answer.status(), serde_json::from_slice(answer.body()).unwrap_or(Value::Null)))
    }
}
