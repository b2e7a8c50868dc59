//! `/_rehearsal/inbox/{name}`: receives webhooks, and shows what came.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::IntoResponse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::control::Outcome;
use crate::control::access::TOKEN_HEADER;
use crate::control::body::{StrictPath, StrictQuery, bytes};
use crate::control::error::ControlError;
use crate::control::select::{self, Key};
use crate::journal::redaction::is_called_secret;
use crate::shared::Shared;
use crate::webhooks::endpoint::Secret;
use crate::webhooks::inbox::{INBOXES_MAX, Message, NAME_MAX, NoInbox};
use crate::webhooks::signature::{is_body_signed, is_signed};

/// Headers of which only the name is kept, beside those that are called a credential: what they say is nobody else's.
const HIDDEN: [&str; 2] = ["cookie", TOKEN_HEADER];

pub(super) async fn receive(
    State(shared): State<Arc<Shared>>,
    StrictPath(name): StrictPath<String>,
    request: Request,
) -> Outcome {
    let (parts, body) = request.into_parts();
    let body = bytes(body).await?;
    let shown = |(name, value): (&HeaderName, &HeaderValue)| {
        let hidden = HIDDEN.contains(&name.as_str()) || is_called_secret(name.as_str());
        let value = if hidden { "(left out)" } else { value.to_str().ok()? };
        Some((name.as_str().into(), value.into()))
    };
    let headers = parts.headers.iter().filter_map(shown).collect();
    let (_, wall) = shared.now();
    shared.inboxes.receive(&name, wall, headers, body).map_err(|refused| match refused {
        NoInbox::Name => ControlError::unprocessable(
            "invalid_inbox",
            format!("the name of an inbox is 1 to {NAME_MAX} letters, digits, dots, dashes and underscores"),
        ),
        NoInbox::TooMany => {
            let message = format!(
                "the server keeps {INBOXES_MAX} inboxes; DELETE /_rehearsal/inbox/{{name}} makes room"
            );
            ControlError::conflict("too_many_inboxes", message)
        }
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) async fn read(
    State(shared): State<Arc<Shared>>,
    StrictPath(name): StrictPath<String>,
    StrictQuery(key): StrictQuery<Key>,
    headers: HeaderMap,
) -> Outcome {
    // An inbox is no world's: without one, or with several and none named, nothing is said of signatures.
    let named = key.key.is_some() || select::credential(&headers).is_some();
    let world = match select::existing(&shared, key.key.as_deref(), &headers) {
        Ok(world) => Some(world),
        Err(refusal) if named => return Err(refusal),
        Err(_) => None,
    };
    let (real, _) = shared.now();
    let sent = world.as_ref().map(|world| {
        world.at(real, |state, _| {
            let deliveries = state.webhooks().deliveries();
            let mut sent: Sent = HashMap::new();
            for (_, delivery) in deliveries {
                let secrets = sent.entry(Arc::clone(&delivery.event.id)).or_default();
                secrets.extend(delivery.to.secret.clone());
            }
            sent
        })
    });
    let inbox = shared.inboxes.read(&name);
    let messages: Vec<Value> = inbox.messages.iter().map(|message| shown(message, sent.as_ref())).collect();
    let body = json!({
        "inbox": name,
        "world": world.as_ref().map(|world| world.id()),
        "received": inbox.received,
        "dropped": inbox.received - inbox.messages.len() as u64,
        "messages": messages,
    });
    Ok(Json(body).into_response())
}

pub(super) async fn clear(
    State(shared): State<Arc<Shared>>,
    StrictPath(name): StrictPath<String>,
    // Whichever world is named: an inbox is no world's.
    StrictQuery(Key { key: _ }): StrictQuery<Key>,
) -> Outcome {
    shared.inboxes.clear(&name);
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn shown(message: &Message, sent: Option<&Sent>) -> Value {
    let text = std::str::from_utf8(&message.body).ok();
    let headers: serde_json::Map<String, Value> =
        message.headers.iter().map(|(name, value)| (name.to_string(), json!(value))).collect();
    json!({
        "number": message.number,
        "at": message.at.iso_micros(),
        "headers": headers,
        "body": text,
        "base64": text.is_none().then(|| STANDARD.encode(&message.body)),
        "json": serde_json::from_slice::<Value>(&message.body).ok(),
        "signature": sent.and_then(|sent| verdict(message, sent)),
    })
}

/// What a world has sent, by the id of the event: the secrets of the endpoints it was sent to.
type Sent = HashMap<Arc<str>, Vec<Secret>>;

/// Whether a message is signed as the world signed it; `None` of one that has no signature, or that the world did not
/// send.
fn verdict(message: &Message, sent: &Sent) -> Option<&'static str> {
    let body = &message.body;
    let right = match message.header("webhook-signature") {
        Some(signature) => {
            let (id, timestamp) = (message.header("webhook-id")?, message.header("webhook-timestamp")?);
            sent.get(id)?.iter().any(|secret| is_signed(secret, id, timestamp, body, signature))
        }
        None => {
            let (signature, id) = (message.header("lc-signature")?, message.header("x-webhook-event-id")?);
            sent.get(id)?.iter().any(|secret| is_body_signed(secret, body, signature))
        }
    };
    Some(if right { "right" } else { "wrong" })
}
