//! Runs: what is asked of them, in either dialect.

use serde_json::Value;

use crate::apis::dialect::Call;
use crate::apis::extralt::acts::{self, Made};
use crate::apis::extralt::problem::Problem;
use crate::apis::extralt::shown::find;
use crate::lifecycle::Action;
use crate::model::RunId;
use crate::model::extralt::create::{self, RunRequest};
use crate::model::extralt::run::Kind;
use crate::model::extralt::state::Command;
use crate::model::extralt::view::Status;
use crate::scenario::fault::StateEffect;
use crate::world::state::WorldState;

/// A new run.
pub(super) fn create(call: &Call<'_>, world: &mut WorldState) -> Result<Made, Problem> {
    let request = RunRequest {
        robot: call.body.get("robot_id").and_then(Value::as_str).unwrap_or_default().into(),
        start_urls: start_urls(call.body),
        budget: budget(call.body),
        auto_enrich: call.body.get("auto_enrich").and_then(Value::as_bool).unwrap_or(false),
    };
    acts::decided(call, world, |state, around| create::run(state, &request, around))
}

/// Stops the run or enrichment that the path names. One that is stopped already stays so.
pub(super) fn stop(call: &Call<'_>, world: &mut WorldState, kind: Kind) -> Result<RunId, Problem> {
    let what = if kind == Kind::Run { "run" } else { "enrichment" };
    let (id, run) =
        find(call, world.extralt(), kind, call.path("id")).ok_or_else(|| Problem::not_found(what))?;
    let status = crate::model::extralt::view::view(run, call.now).status;
    if status == Status::Stopped {
        return Ok(id);
    }
    if status.is_terminal() {
        return Err(Problem::conflict(format!("The {what} cannot be stopped: it is {}", status.name())));
    }
    if call.staged == Some(StateEffect::LoseCancel) {
        call.took_effect.set(true);
        return Ok(id);
    }
    acts::apply(call, world, Command::Control { run: id, action: Action::Cancel, error: None })?;
    Ok(id)
}

/// Lets the run that the path names begin again.
pub(super) fn restart(call: &Call<'_>, world: &mut WorldState) -> Result<Made, Problem> {
    let found = find(call, world.extralt(), Kind::Run, call.path("id"));
    let (id, run) = found.ok_or_else(|| Problem::not_found("run"))?;
    let status = crate::model::extralt::view::view(run, call.now).status;
    let budget = budget(call.body);
    acts::decided(call, world, |state, around| create::restart(state, id, budget, status, around))
}

/// How many captures a body asks for at most; `None` is as many as there are. A whole number may be written as `2.0`.
pub(super) fn budget(body: &Value) -> Option<u64> {
    let value = body.get("budget")?;
    value.as_u64().or_else(|| value.as_f64().map(|number| number as u64))
}

/// The addresses that a body asks to begin at.
pub(super) fn start_urls(body: &Value) -> Vec<Box<str>> {
    let urls = body.get("start_urls").and_then(Value::as_array).into_iter().flatten();
    urls.filter_map(Value::as_str).map(Into::into).collect()
}
