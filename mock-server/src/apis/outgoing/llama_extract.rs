//! Webhooks as LlamaExtract has them: a job names its listeners when it is created, in `webhook_configurations`
//! (OpenAPI document, `WebhookConfiguration`), and they are told of that job alone (page "Webhooks").

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use thiserror::Error;

use crate::apis::dialect::Call;
use crate::apis::outgoing::Outgoing;
use crate::apis::reply::json_bytes;
use crate::webhooks::delivery::Delivery;
use crate::webhooks::endpoint::{Manner, Registration};
use crate::webhooks::listener::{LISTENERS_MAX, NoListener, Wanted};
use crate::webhooks::signature;
use crate::world::state::WorldState;
use crate::world::subject::Subject;

/// The member of a body that names listeners.
pub const MEMBER: &str = "webhook_configurations";
/// The members of which the values must not be written down: those of listeners, and those with which a file is asked
/// for at another server.
pub const SECRETS: &[&str] = &["webhook_headers", "webhook_signing_secret", "request_headers", "proxy_url"];

const EVENT_ID: HeaderName = HeaderName::from_static("x-webhook-event-id");
const EVENT_TYPE: HeaderName = HeaderName::from_static("x-webhook-event-type");
const SIGNATURE: HeaderName = HeaderName::from_static("lc-signature");
const AGENT: HeaderValue = HeaderValue::from_static("llamaindex-webhook-service/1.0");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Up to three attempts, with pauses of 1, 2 and 4 s, and 30 s for an answer (page "Webhooks"). Between three attempts
/// there are two pauses; that these are the first two is our choice.
static MANNER: Manner = Manner {
    retries: &[Duration::from_secs(1), Duration::from_secs(2)],
    patience: Duration::from_secs(30),
    disabled_after: None,
};

/// Why a job cannot have the listeners that its client names.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// There are more than a run can have.
    #[error("at most {LISTENERS_MAX} webhooks can be told of one job")]
    TooMany,
    /// One cannot be.
    #[error("{why}")]
    Listener {
        /// Which, counted from zero.
        index: usize,
        /// Why.
        why: NoListener,
    },
    /// The world keeps as many as it can.
    #[error("this world keeps as many webhooks as it can; reset it with POST /_rehearsal/reset")]
    Full,
}

impl Refusal {
    /// What of the body it is about: names of members and places in lists, from [`MEMBER`] on.
    pub fn location(&self) -> Vec<Value> {
        let mut location = vec![json!(MEMBER)];
        if let Self::Listener { index, why } = self {
            let field = match why {
                NoListener::Url(_) => "webhook_url",
                NoListener::SecretTooLong => "webhook_signing_secret",
                _ => "webhook_headers",
            };
            location.extend([json!(index), json!(field)]);
        }
        location
    }
}

/// The listeners that `body`, which keeps the contract, names for `run`. `told` is every event that they could be told
/// of. A configuration without an address is none, and one without events wants all; `webhook_output_format` makes no
/// difference to what is said of a job, which is our choice.
///
/// What comes of this is to be applied as [`Listen`](crate::webhooks::state::Command::Listen) before the run is created.
///
/// # Errors
///
/// [`Refusal`], where it names too many or one that cannot be.
pub fn listeners(
    call: &Call<'_>,
    world: &WorldState,
    body: &Value,
    run: &Arc<str>,
    told: &[&'static str],
) -> Result<Arc<[Arc<Registration>]>, Refusal> {
    let configurations = body.get(MEMBER).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if configurations.len() > LISTENERS_MAX {
        return Err(Refusal::TooMany);
    }
    let mut listeners = Vec::with_capacity(configurations.len());
    for (index, configuration) in configurations.iter().enumerate() {
        let text = |name: &str| configuration.get(name).and_then(Value::as_str);
        let Some(url) = text("webhook_url") else { continue };
        let headers: Vec<(&str, &str)> = configuration
            .get("webhook_headers")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((&**name, value.as_str()?)))
            .collect();
        let events = configuration.get("webhook_events").and_then(Value::as_array);
        let events: Option<Vec<&str>> = events.map(|it| it.iter().filter_map(Value::as_str).collect());
        let secret = text("webhook_signing_secret");
        let wanted = Wanted { url, headers: &headers, events: events.as_deref(), secret };
        let listener = Registration::of_run(run, index, wanted, told, call.targets, &MANNER, call.now);
        listeners.push(Arc::new(listener.map_err(|why| Refusal::Listener { index, why })?));
    }
    if !world.webhooks().has_room_for(&listeners) {
        return Err(Refusal::Full);
    }
    Ok(listeners.into())
}

/// What a delivery says. Its client's headers go with it; those that say what it is are not theirs to change, which is our
/// choice.
pub(super) fn outgoing(delivery: &Delivery<Subject>, data: &Value) -> Option<Outgoing> {
    let event = &delivery.event;
    let body = json_bytes(&json!({
        "event_id": &*event.id,
        "event_type": event.kind,
        "timestamp": event.at.as_micros() as f64 / 1e6,
        "data": data,
    }));
    let mut headers = vec![
        (CONTENT_TYPE, JSON),
        (USER_AGENT, AGENT),
        (EVENT_ID, HeaderValue::from_str(&event.id).ok()?),
        (EVENT_TYPE, HeaderValue::from_static(event.kind)),
    ];
    if let Some(secret) = &delivery.to.secret {
        headers.push((SIGNATURE, HeaderValue::from_str(&signature::sign_body(secret, &body)).ok()?));
    }
    let own = delivery
        .to
        .headers
        .iter()
        .filter(|(name, _)| ![CONTENT_TYPE, USER_AGENT, EVENT_ID, EVENT_TYPE, SIGNATURE].contains(name));
    headers.extend(own.cloned());
    Some(Outgoing { headers, body })
}

#[cfg(test)]
mod tests;
