//! What the three `GET …/{execution_id}` have in common: finding the run, and the body around its `meta`.

use bytes::Bytes;
use serde::Serialize;

use crate::apis::catalog::results::page;
use crate::apis::catalog::wire::RunStatus;
use crate::apis::dialect::Call;
use crate::apis::reply::json_bytes;
use crate::model::catalog::run::{Kind, Record, Run};
use crate::model::catalog::view::{Status, View, regressed, view as view_at};
use crate::scenario::fault::StateEffect;
use crate::seed::Seed;
use crate::world::state::WorldState;

/// Which part of the results a client asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    seed: Seed,
    page: u64,
    page_size: u64,
}

impl Asked {
    pub(super) fn by(call: &Call<'_>, world: &WorldState) -> Self {
        Self { seed: world.stream().seed(), page: call.number("page"), page_size: call.number("page_size") }
    }
}

/// The run of this kind that the path names, and how it looks now, or as what goes wrong lets it look.
pub(super) fn find<'a>(call: &Call<'_>, world: &'a WorldState, kind: Kind) -> Option<(&'a Run, View)> {
    let (id, run) = world.catalog().find(call.path("execution_id"))?;
    if run.record.input.kind() != kind || is_hidden(call, run) {
        return None;
    }
    let view = world.catalog().view(id, call.now)?;
    Some((run, seen(call, run, view)))
}

/// Whether a run is too young to be found.
pub(super) fn is_hidden(call: &Call<'_>, run: &Run) -> bool {
    let Some(StateEffect::HiddenAfterCreate(until)) = call.staged else { return false };
    let hidden = call.now.since(run.record.created) < until;
    call.took_effect.set(call.took_effect.get() || hidden);
    hidden
}

/// How a run that looks like `view` is shown.
pub(super) fn seen(call: &Call<'_>, run: &Run, view: View) -> View {
    let shown = match call.staged {
        Some(StateEffect::StaleRead(ago)) => view_at(run, call.now.before(ago).max(run.record.created)),
        Some(StateEffect::RegressProgress) => regressed(run, &view),
        _ => return view,
    };
    call.took_effect.set(call.took_effect.get() || shown != view);
    shown
}

/// The body of a status. Only a completed run has results; a crawl, for which nobody asks, has none at all.
pub(super) fn body(record: &Record, view: &View, asked: Option<Asked>, meta: impl Serialize) -> Bytes {
    let asked = asked.filter(|_| view.status == Status::Completed);
    let (data, pagination) =
        asked.map(|asked| page(asked.seed, record, view, asked.page, asked.page_size)).unzip();
    json_bytes(&RunStatus {
        execution_id: &record.execution_id,
        status: view.status.name(),
        error: view.error.as_deref(),
        data,
        pagination,
        meta,
    })
}
