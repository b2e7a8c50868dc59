//! Which world a request of the control plane means: `?key=`, or the credential a vendor's client would send.

use std::sync::Arc;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::apis::catalog;
use crate::control::error::ControlError;
use crate::shared::Shared;
use crate::world::World;
use crate::world::registry::NoWorld;

/// The query string of a request that means one world.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    /// A key, or the public id of a world; `*` for all where that makes sense.
    pub(super) key: Option<String>,
}

/// As `?key=`: every world.
pub(super) const ALL: &str = "*";

/// What a request is about.
#[derive(Debug)]
pub(super) enum Selected {
    /// One world.
    One(Arc<World>),
    /// Every world.
    All(Vec<Arc<World>>),
    /// There is no world yet: what new ones begin as.
    Template,
}

impl Selected {
    /// The worlds that are meant; none where it is what new ones begin as.
    pub(super) fn worlds(&self) -> &[Arc<World>] {
        match self {
            Self::One(world) => std::slice::from_ref(world),
            Self::All(worlds) => worlds,
            Self::Template => &[],
        }
    }

    /// What `show` says of the one world, or of each of several.
    pub(super) fn answer(&self, show: impl Fn(&World) -> Value) -> Response {
        match self {
            Self::One(world) => Json(show(world)).into_response(),
            Self::All(_) | Self::Template => {
                let shown: Vec<Value> = self.worlds().iter().map(|world| show(world)).collect();
                Json(json!({ "worlds": shown })).into_response()
            }
        }
    }
}

/// The world a read means. A key that has none is an error.
pub(super) fn existing(
    shared: &Shared,
    key: Option<&str>,
    headers: &HeaderMap,
) -> Result<Arc<World>, ControlError> {
    if key == Some(ALL) {
        return Err(one_world());
    }
    let Some(key) = key.or_else(|| credential(headers)) else {
        return match only(shared)? {
            Selected::One(world) => Ok(world),
            Selected::All(_) | Selected::Template => Err(ControlError::not_found(
                "no_world",
                "there is no world yet; send a request with an API key, or name one with ?key=",
            )),
        };
    };
    shared.registry.find(key).ok_or_else(unknown_world)
}

/// The refusal of a name that no world has.
pub(super) fn unknown_world() -> ControlError {
    ControlError::not_found("unknown_world", "no world has this key or id; GET /_rehearsal/worlds lists them")
}

/// What a change means. A key never seen before gets its world.
pub(super) fn any(shared: &Shared, key: Option<&str>, headers: &HeaderMap) -> Result<Selected, ControlError> {
    // The wildcard is a word of the query; as a client's credential it is a key like any other.
    if key == Some(ALL) {
        let worlds = shared.registry.all();
        return Ok(if worlds.is_empty() { Selected::Template } else { Selected::All(worlds) });
    }
    match key.or_else(|| credential(headers)) {
        Some(key) => match shared.registry.find(key) {
            Some(world) => Ok(Selected::One(world)),
            None => enter(shared, key).map(Selected::One),
        },
        None => only(shared),
    }
}

/// The refusal of a change that needs a world.
pub(super) fn no_world() -> ControlError {
    ControlError::not_found(
        "no_world",
        "there is no world yet; name one with ?key= to make it, or send a request with an API key",
    )
}

fn one_world() -> ControlError {
    ControlError::bad_request(
        "one_world",
        "this is about one world; name it with ?key=, GET /_rehearsal/worlds lists them",
    )
}

fn enter(shared: &Shared, key: &str) -> Result<Arc<World>, ControlError> {
    let (real, wall) = shared.now();
    shared.registry.enter(key, real, wall).map_err(|refused| match refused {
        NoWorld::Key(_) => ControlError::unprocessable(
            "refused_key",
            "this key is refused, so it has no world: it is not declared, is no printable ASCII of 1 to 256 bytes \
             without spaces, or begins with invalid, expired, revoked or forbidden",
        ),
        NoWorld::TooMany(most) => {
            let message = format!("the server keeps {most} worlds; DELETE /_rehearsal/worlds/{{key}} makes room");
            ControlError::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_worlds", message)
        }
    })
}

fn only(shared: &Shared) -> Result<Selected, ControlError> {
    if shared.registry.len() > 1 {
        let worlds = shared.registry.all();
        let ids: Vec<&str> = worlds.iter().take(20).map(|world| world.id()).collect();
        let message = format!(
            "there are {} worlds; say which with ?key= (or ?key=* where all make sense)",
            worlds.len()
        );
        return Err(ControlError::bad_request("world_required", message).with("worlds", json!(ids)));
    }
    Ok(shared.registry.all().into_iter().next().map_or(Selected::Template, Selected::One))
}

/// The key a vendor's client would send.
pub(super) fn credential(headers: &HeaderMap) -> Option<&str> {
    catalog::credential(headers).ok().and_then(|key| std::str::from_utf8(key).ok())
}
