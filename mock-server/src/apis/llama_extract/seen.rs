//! What a request finds, also where something goes wrong on purpose.

use uuid::Uuid;

use crate::apis::dialect::Call;
use crate::clock::VirtualTime;
use crate::model::RunId;
use crate::model::llama_extract::ids;
use crate::model::llama_extract::run::Extraction;
use crate::model::llama_extract::state::State;
use crate::model::llama_extract::view::{View, view};
use crate::scenario::fault::StateEffect;

/// Whether something is too young to be found, as what goes wrong has it.
pub(super) fn is_hidden(call: &Call<'_>, created: VirtualTime) -> bool {
    let Some(StateEffect::HiddenAfterCreate(until)) = call.staged else { return false };
    let hidden = call.now.since(created) < until;
    call.took_effect.set(call.took_effect.get() || hidden);
    hidden
}

/// Whether a list leaves something out: it is too young to be found, or it was not there when the list was true that is
/// shown.
pub(super) fn is_unlisted(call: &Call<'_>, created: VirtualTime) -> bool {
    if is_hidden(call, created) {
        return true;
    }
    let Some(StateEffect::StaleRead(ago)) = call.staged else { return false };
    let unseen = created > call.now.before(ago);
    call.took_effect.set(call.took_effect.get() || unseen);
    unseen
}

/// How an extraction looks now, or as what goes wrong lets it look.
pub(super) fn seen(call: &Call<'_>, extraction: &Extraction) -> View {
    let now = view(extraction, call.now);
    let Some(StateEffect::StaleRead(ago)) = call.staged else { return now };
    let then = view(extraction, call.now.before(ago).max(extraction.record.created));
    call.took_effect.set(call.took_effect.get() || then != now);
    then
}

/// What an id names that may be read with this prefix, or without it.
pub(super) fn named<'a, T>(
    call: &Call<'_>,
    id: &str,
    prefix: &str,
    find: impl FnOnce(Uuid) -> Option<T>,
    created: impl FnOnce(&T) -> VirtualTime,
) -> Option<T>
where
    T: 'a,
{
    let found = find(ids::read(id, prefix)?)?;
    (!is_hidden(call, created(&found))).then_some(found)
}

/// The extraction of the job with this id.
pub(super) fn job<'a>(call: &Call<'_>, state: &'a State, id: &str) -> Option<(RunId, &'a Extraction)> {
    named(call, id, ids::EXTRACTION, |id| state.find_job(id), |(_, it)| it.record.created)
}

/// The extraction of the run with this id.
pub(super) fn run<'a>(call: &Call<'_>, state: &'a State, id: &str) -> Option<(RunId, &'a Extraction)> {
    named(call, id, "", |id| state.find_run(id), |(_, it)| it.record.created)
}
