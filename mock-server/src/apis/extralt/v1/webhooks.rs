//! Webhooks: who wants to be told of what, and what is written of an event.

use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode};
use rand::Rng;
use serde::Serialize;
use serde_json::{Value, json};

use super::wire::{Enrichment, Import, Robot, Run};
use super::{once, say};
use crate::apis::dialect::Call;
use crate::apis::extralt::problem::Problem;
use crate::apis::extralt::shown::{EnrichmentShown, ImportShown, RobotShown, RunShown};
use crate::apis::outgoing::Outgoing;
use crate::apis::reply::{Reply, json_bytes};
use crate::model::extralt::ids::{self, Names};
use crate::model::extralt::notice::{EVENTS, Notice, TEST};
use crate::model::extralt::run::Input;
use crate::model::extralt::state::State;
use crate::model::extralt::view::view;
use crate::webhooks::delivery::Delivery;
use crate::webhooks::endpoint::{Endpoint, Manner, Registration, Secret};
use crate::webhooks::signature;
use crate::webhooks::state::{Command, ENDPOINTS_MAX};
use crate::world::log;
use crate::world::state::WorldState;
use crate::world::subject::Subject;

/// The longest description, in bytes. Our choice.
const DESCRIPTION_MAX: usize = 1_000;
/// How many bytes a secret has: as many as that of a published example.
const SECRET_BYTES: usize = 24;

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// A receiver has ten seconds, and what fails is tried again for about a day and a half; an endpoint that keeps failing is
/// disabled (published client, README, Webhooks). When exactly is our choice.
static MANNER: Manner = Manner {
    retries: &[
        Duration::from_secs(5),
        Duration::from_secs(5 * 60),
        Duration::from_secs(30 * 60),
        Duration::from_secs(2 * 3_600),
        Duration::from_secs(5 * 3_600),
        Duration::from_secs(10 * 3_600),
        Duration::from_secs(10 * 3_600),
        Duration::from_secs(10 * 3_600),
    ],
    patience: Duration::from_secs(10),
    disabled_after: Some(5),
};

#[derive(Debug, Serialize)]
struct Webhook<'a> {
    id: &'a str,
    url: &'a str,
    event_types: Option<&'a [&'static str]>,
    description: Option<&'a str>,
    enabled: bool,
    created_at: String,
    /// In the answer to the create and nowhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl<'a> Webhook<'a> {
    fn of(endpoint: &'a Endpoint) -> Self {
        let registration = &*endpoint.registration;
        Self {
            id: &registration.id,
            url: &registration.url,
            event_types: registration.events.as_deref(),
            description: registration.description.as_deref(),
            enabled: endpoint.enabled,
            created_at: registration.created.iso_millis(),
            secret: None,
        }
    }
}

#[derive(Debug, Serialize)]
struct Whole<T> {
    data: Vec<T>,
}

#[derive(Debug, Serialize)]
struct Tested<'a> {
    event_id: &'a str,
}

pub(super) fn create(call: &Call<'_>, world: &mut WorldState) -> Reply {
    once(call, world, |call, world| {
        let registration = Arc::new(registration(call, world)?);
        apply(call, world, Command::Register(Arc::clone(&registration)))?;
        let endpoint = found(world, &registration.id)?;
        let secret = registration.secret.as_ref().map(signature::shown);
        Ok(Reply::json(StatusCode::CREATED, &Webhook { secret, ..Webhook::of(endpoint) }))
    })
}

pub(super) fn list(_: &Call<'_>, world: &mut WorldState) -> Reply {
    // Newest first, as every list is.
    let data = world.webhooks().endpoints().iter().rev().map(Webhook::of).collect();
    Reply::json(StatusCode::OK, &Whole { data })
}

pub(super) fn get(call: &Call<'_>, world: &mut WorldState) -> Reply {
    say(call, found(world, call.path("id")).map(|it| Reply::json(StatusCode::OK, &Webhook::of(it))))
}

pub(super) fn delete(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let id = found(world, call.path("id")).map(|endpoint| Arc::clone(&endpoint.registration.id));
    let deleted = id.and_then(|id| apply(call, world, Command::Delete(id)));
    say(call, deleted.map(|()| Reply::empty(StatusCode::NO_CONTENT)))
}

pub(super) fn test(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let endpoint = found(world, call.path("id")).map(|endpoint| Arc::clone(&endpoint.registration.id));
    let tested = endpoint.and_then(|endpoint| {
        let event = ids::fresh(Names::Event, |it| world.request_draws(it, call.identity), |_| false);
        let command = Command::Test { endpoint, event: Arc::clone(&event), kind: TEST };
        apply(call, world, command)?;
        Ok(Reply::json(StatusCode::OK, &Tested { event_id: &event }))
    });
    say(call, tested)
}

/// What a delivery says, signed at this instant, in whole seconds since the Unix epoch.
pub(in crate::apis) fn outgoing(
    world: &WorldState,
    delivery: &Delivery<Subject>,
    seconds: u64,
) -> Option<Outgoing> {
    let event = &delivery.event;
    let data = match &event.subject {
        Some(Subject::Extralt(notice)) => data(world.extralt(), notice)?,
        Some(Subject::LlamaExtract(_)) => return None,
        // A test is about nothing but the endpoint (published client 0.4.0, `WebhookTestData`).
        None => json!({ "webhook_id": &*delivery.to.id, "message": "A test event" }),
    };
    let said = json!({
        "id": &*event.id,
        "type": event.kind,
        "created_at": event.at.iso_millis(),
        "data": data,
    });
    let body = json_bytes(&said);
    let signed = signature::sign(delivery.to.secret.as_ref()?, &event.id, seconds, &body);
    let headers = vec![
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (ID, HeaderValue::from_str(&event.id).ok()?),
        (TIMESTAMP, HeaderValue::from(seconds)),
        (SIGNATURE, HeaderValue::from_str(&signed).ok()?),
    ];
    Some(Outgoing { headers, body })
}

/// The resource as it was when the event happened.
fn data(state: &State, notice: &Notice) -> Option<Value> {
    let Notice { run, at } = notice;
    let view = view(run, *at);
    let written = match &run.record.input {
        Input::Robot { .. } => serde_json::to_value(Robot::of(RobotShown { run, view })?),
        Input::Run { robot, .. } => {
            let robot = state.run(*robot)?;
            serde_json::to_value(Run::of(RunShown { run, view, robot })?)
        }
        Input::Enrichment { source, .. } => {
            let source = state.run(*source)?;
            serde_json::to_value(Enrichment::of(EnrichmentShown { run, view, source }))
        }
        Input::Import { .. } => serde_json::to_value(Import::of(ImportShown { run, view })?),
    };
    written.ok()
}

fn registration(call: &Call<'_>, world: &WorldState) -> Result<Registration, Problem> {
    let text = |name: &str| call.body.get(name).and_then(Value::as_str);
    let url = text("url").unwrap_or_default().trim();
    call.targets.register(url).map_err(|refusal| Problem::unprocessable(refusal.to_string()))?;
    let description = text("description");
    if description.is_some_and(|text| text.len() > DESCRIPTION_MAX) {
        let message = format!("description must have no more than {DESCRIPTION_MAX} bytes");
        return Err(Problem::unprocessable(message));
    }
    if !world.webhooks().has_room() {
        let message =
            format!("There are {ENDPOINTS_MAX} webhooks, and no room for another; delete one first");
        return Err(Problem::conflict(message));
    }
    let draws = |purpose: &str| world.request_draws(purpose, call.identity);
    let mut secret = [0; SECRET_BYTES];
    draws("webhook-secret").rng().fill_bytes(&mut secret);
    Ok(Registration {
        id: ids::fresh(Names::Webhook, draws, |id| world.webhooks().find(id).is_some()),
        run: None,
        url: url.into(),
        events: events(call.body),
        description: description.map(Into::into),
        headers: Box::default(),
        secret: Some(Secret::new(&secret)),
        created: call.now,
        manner: &MANNER,
    })
}

/// The events that a body asks for, each once; `None` if it names none, which stands for all. The contract has refused
/// those that are none.
fn events(body: &Value) -> Option<Box<[&'static str]>> {
    let asked: Vec<&str> = body.get("event_types")?.as_array()?.iter().filter_map(Value::as_str).collect();
    let events: Box<[&str]> = EVENTS.iter().copied().filter(|event| asked.contains(event)).collect();
    Some(events).filter(|events| !events.is_empty())
}

fn found<'a>(world: &'a WorldState, id: &str) -> Result<&'a Endpoint, Problem> {
    world.webhooks().find(id).ok_or_else(|| Problem::not_found("webhook"))
}

fn apply(call: &Call<'_>, world: &mut WorldState, command: Command) -> Result<(), Problem> {
    Ok(world.apply(log::Command::Webhooks(command), call.now, call.real)?)
}
