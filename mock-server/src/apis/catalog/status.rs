//! What the three `GET …/{execution_id}` have in common: finding the run, and the body around its `meta`.

use bytes::Bytes;
use serde::Serialize;

use crate::apis::catalog::results::page;
use crate::apis::catalog::wire::RunStatus;
use crate::apis::pipeline::Call;
use crate::apis::reply::json_bytes;
use crate::model::catalog::run::{Kind, Record, Run};
use crate::model::catalog::view::{Status, View};
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

/// The run of this kind that the path names, and how it looks now.
pub(super) fn find<'a>(call: &Call<'_>, world: &'a WorldState, kind: Kind) -> Option<(&'a Run, View)> {
    let (id, run) = world.catalog().find(call.path("execution_id"))?;
    let view = world.catalog().view(id, call.now)?;
    (run.record.input.kind() == kind).then_some((run, view))
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
