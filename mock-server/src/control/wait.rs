//! `POST /_rehearsal/runs/{id}/wait`: answers once a run has the state.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::HeaderMap;
use serde::Deserialize;

use crate::control::body::{Strict, StrictPath, StrictQuery};
use crate::control::error::ControlError;
use crate::control::select::{self, Key};
use crate::control::{Outcome, runs};
use crate::lifecycle::Stage;
use crate::scenario::duration::text;
use crate::shared::Shared;

const TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);
const TIMEOUT_MAX: Duration = Duration::from_secs(600);
/// How often a waiting request looks again, in real time: the clock may be moved by anyone at any moment.
const STEP: Duration = Duration::from_millis(10);

/// What to wait for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wait {
    /// A documented state, or `ended` for either of the two terminal ones.
    #[serde(default = "ended")]
    state: String,
    /// At most this long, in real time: [`TIMEOUT_DEFAULT`] unless given, up to [`TIMEOUT_MAX`].
    timeout: Option<String>,
}

pub(super) async fn post(
    State(shared): State<Arc<Shared>>,
    StrictPath(run): StrictPath<String>,
    StrictQuery(key): StrictQuery<Key>,
    headers: HeaderMap,
    Strict(wait): Strict<Wait>,
) -> Outcome {
    let wanted = if wait.state == "ended" { None } else { Some(runs::status(&wait.state)?) };
    let timeout = timeout(wait.timeout.as_deref())?;
    let world = select::existing(&shared, key.key.as_deref(), &headers)?;
    let started = shared.clock.now().elapsed();
    loop {
        if !shared.registry.keeps(&world) {
            return Err(select::unknown_world());
        }
        let (view, body) = runs::look(&shared, &world, &run)?;
        let ended = matches!(view.observation.stage, Stage::Ended(_));
        if wanted.map_or(ended, |wanted| view.status == wanted) {
            return Ok(Json(body).into_response());
        }
        if ended {
            let message =
                format!("the run has ended as {} and will not be {}", view.status.name(), wait.state);
            return Err(ControlError::conflict("run_ended", message).with("run", body));
        }
        let waited = shared.clock.now().elapsed().saturating_sub(started);
        if waited >= timeout {
            // Not 408: clients repeat that by themselves.
            let message = format!(
                "the run is still {} after {} ms; under a manual clock move it with PATCH /_rehearsal/clock",
                view.status.name(),
                waited.as_millis()
            );
            return Err(ControlError::conflict("timeout", message).with("run", body));
        }
        tokio::time::sleep(STEP).await;
    }
}

fn timeout(text: Option<&str>) -> Result<Duration, ControlError> {
    let Some(text) = text else { return Ok(TIMEOUT_DEFAULT) };
    let invalid = |message: String| ControlError::unprocessable("invalid_timeout", message);
    let timeout = text::parse(text).map_err(|error| invalid(format!("timeout: {error}")))?;
    if timeout > TIMEOUT_MAX {
        return Err(invalid("timeout: at most 600s; ask again to wait for longer".to_owned()));
    }
    Ok(timeout)
}

fn ended() -> String {
    "ended".to_owned()
}
