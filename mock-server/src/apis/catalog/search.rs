//! `GET /v2/agentic-search/{execution_id}`

use std::sync::Arc;

use http::StatusCode;

use crate::apis::catalog::status::Asked;
use crate::apis::catalog::wire::{ProductProgress, SearchMeta, SearchResult};
use crate::apis::catalog::{errors, status};
use crate::apis::dialect::Call;
use crate::apis::reply::Reply;
use crate::clock::VirtualTime;
use crate::model::catalog::results::successes;
use crate::model::catalog::run::{Input, Kind, Record};
use crate::model::catalog::view::{Status, View};
use crate::world::state::WorldState;

pub(super) fn get(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let Some((run, view)) = status::find(call, world, Kind::Search) else {
        return errors::not_found(call.request_id);
    };
    let (record, asked) = (Arc::clone(&run.record), Asked::by(call, world));
    let execution_id = Arc::clone(&record.execution_id);
    let make = move || status::body(&record, &view, Some(asked), meta(&record, &view));
    Reply::later(StatusCode::OK, make).about(&execution_id)
}

fn meta<'a>(record: &'a Record, view: &View) -> SearchMeta<'a> {
    let completed = view.status == Status::Completed;
    let query = match &record.input {
        Input::Search { query } => query,
        _ => "",
    };
    SearchMeta {
        query,
        progress: matches!(view.status, Status::Running | Status::Completed).then_some(ProductProgress {
            products_processed: view.progress.done,
            products_total: view.progress.total,
            percent_complete: view.progress.percent,
        }),
        start_date: view.started.map(VirtualTime::iso_millis),
        stop_date: view.ended.map(VirtualTime::iso_millis),
        duration_ms: view.duration_ms,
        result: completed.then(|| SearchResult {
            products_requested: record.work.total,
            products_successful: successes(record),
            products_failed: record.work.failures.count(),
            products_returned: successes(record),
        }),
        credits_used: completed.then_some(record.credits),
    }
}
