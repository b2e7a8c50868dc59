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
use crate::scenario::duration::text;
use crate::scenario::kind::RunKind;
use crate::shared::Shared;

const TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);
const TIMEOUT_MAX: Duration = Duration::from_secs(600);
/// How often a waiting request looks again, in real time: the clock may be moved by anyone at any moment.
const STEP: Duration = Duration::from_millis(10);
/// In place of a state: whichever the run ends in.
const ENDED: &str = "ended";

/// What to wait for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wait {
    /// A documented state of its kind, or `ended` for whichever it ends in.
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
    let wanted = if wait.state == ENDED { None } else { Some(runs::state_of(RunKind::ALL, &wait.state)?) };
    let timeout = timeout(wait.timeout.as_deref())?;
    let world = select::existing(&shared, key.key.as_deref(), &headers)?;
    let started = shared.clock.now().elapsed();
    loop {
        if !shared.registry.keeps(&world) {
            return Err(select::unknown_world());
        }
        let brief = runs::look(&shared, &world, &run)?;
        if let Some(wanted) = wanted {
            runs::state_of(&[brief.kind], wanted)?;
        }
        if wanted.map_or(brief.has_ended, |wanted| brief.state == wanted) {
            return Ok(Json(runs::shown(&brief)).into_response());
        }
        if brief.has_ended {
            let message = format!("the run has ended as {} and will not be {}", brief.state, wait.state);
            return Err(ControlError::conflict("run_ended", message).with("run", runs::shown(&brief)));
        }
        let waited = shared.clock.now().elapsed().saturating_sub(started);
        if waited >= timeout {
            // Not 408: clients repeat that by themselves.
            let message = format!(
                "the run is still {} after {} ms; under a manual clock move it with PATCH /_rehearsal/clock",
                brief.state,
                waited.as_millis()
            );
            return Err(ControlError::conflict("timeout", message).with("run", runs::shown(&brief)));
        }
        tokio::time::sleep(STEP).await;
    }
}

/// The longest that a request waits, as its body says it.
pub(super) fn timeout(text: Option<&str>) -> Result<Duration, ControlError> {
    let Some(text) = text else { return Ok(TIMEOUT_DEFAULT) };
    let invalid = |message: String| ControlError::unprocessable("invalid_timeout", message);
    let timeout = text::parse(text).map_err(|error| invalid(format!("timeout: {error}")))?;
    if timeout > TIMEOUT_MAX {
        return Err(invalid("timeout: at most 600s; ask again to wait for longer".to_owned()));
    }
    Ok(timeout)
}

fn ended() -> String {
    ENDED.to_owned()
}
