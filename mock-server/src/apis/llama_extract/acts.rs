//! What requests do in every generation: a decision of the model, carried out.

use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::apis::dialect::Call;
use crate::apis::llama_extract::problem::Problem;
use crate::apis::outgoing::llama_extract as webhooks;
use crate::apis::reply::Reply;
use crate::model::RunId;
use crate::model::llama_extract::create::{self, Asked};
use crate::model::llama_extract::ids;
use crate::model::llama_extract::notice::EVENTS;
use crate::model::llama_extract::state::Command;
use crate::webhooks::state::Command::Listen;
use crate::world::log;
use crate::world::state::WorldState;

/// Carries out a command that has been accepted.
pub(super) fn apply(call: &Call<'_>, world: &mut WorldState, command: Command) -> Result<(), Problem> {
    Ok(world.apply(log::Command::LlamaExtract(command), call.now, call.real)?)
}

/// The id of something new that the request brings about.
pub(super) fn fresh(call: &Call<'_>, world: &WorldState, purpose: &str) -> Uuid {
    let draws = |purpose: &str| world.request_draws(purpose, call.identity);
    ids::fresh(purpose, draws, |id| world.llama_extract().is_taken(id))
}

/// Begins an extraction of which those are told that `body` names. Several may be begun by one request.
pub(super) fn extract(
    call: &Call<'_>,
    world: &mut WorldState,
    body: &Value,
    asked: Asked,
) -> Result<RunId, Problem> {
    let around = world.circumstances(call.identity.digest, call.body, call.now);
    let record = create::extraction(world.llama_extract(), asked, &around).map_err(|_| Problem::full())?;
    let job = record.job;
    let listeners = webhooks::listeners(call, world, body, &record.id, EVENTS)?;
    if !listeners.is_empty() {
        // They have to be there to hear of its beginning.
        world.apply(log::Command::Webhooks(Listen(listeners)), call.now, call.real)?;
    }
    apply(call, world, Command::Create(record))?;
    world.llama_extract().find_job(job).map(|(id, _)| id).ok_or_else(Problem::full)
}

/// The parameter of the path, of which no operation has several: the id that it names.
pub(super) fn id<'a>(call: &Call<'a>) -> &'a str {
    call.path.last().map_or("", |(_, value)| value)
}

/// The answer to a delete: documented is any JSON, and some clients fail without.
pub(super) fn done() -> Reply {
    Reply::json(StatusCode::OK, &json!({}))
}

/// The id that an extraction is known by in the journal.
pub(super) fn known(world: &WorldState, id: RunId) -> &str {
    world.llama_extract().run(id).map_or("", |extraction| &extraction.record.id)
}

/// A member of the body, if it is there and not null.
pub(super) fn said<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    body.get(name).filter(|value| !value.is_null())
}
