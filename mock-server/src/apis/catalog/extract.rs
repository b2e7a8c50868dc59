//! `GET /v2/extract/{execution_id}`

use std::sync::Arc;

use http::StatusCode;

use crate::apis::catalog::status::Asked;
use crate::apis::catalog::wire::{ExtractMeta, ExtractResult, ProductProgress};
use crate::apis::catalog::{errors, status};
use crate::apis::dialect::Call;
use crate::apis::reply::Reply;
use crate::clock::VirtualTime;
use crate::model::catalog::results::successes;
use crate::model::catalog::run::{Kind, Record};
use crate::model::catalog::view::{Status, View};
use crate::world::state::WorldState;

pub(super) fn get(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let Some((run, view)) = status::find(call, world, Kind::Extract) else {
        return errors::not_found(call.request_id);
    };
    let (record, asked) = (Arc::clone(&run.record), Asked::by(call, world));
    let execution_id = Arc::clone(&record.execution_id);
    let reply = if view.status == Status::Completed {
        Reply::later(StatusCode::OK, move || {
            status::body(&record, &view, Some(asked), meta(&record, &view, None))
        })
    } else {
        let waiting_for = world.catalog().waits_for(run, &view).map(|crawl| &*crawl.record.execution_id);
        Reply::ready(StatusCode::OK, status::body(&record, &view, None, meta(&record, &view, waiting_for)))
    };
    reply.about(&execution_id)
}

fn meta<'a>(record: &Record, view: &View, waiting_for: Option<&'a str>) -> ExtractMeta<'a> {
    let completed = view.status == Status::Completed;
    ExtractMeta {
        progress: view.started.map(|_| ProductProgress {
            products_processed: view.progress.done,
            products_total: view.progress.total,
            percent_complete: view.progress.percent,
        }),
        start_date: view.started.map(VirtualTime::iso_millis),
        stop_date: view.started.and(view.ended).map(VirtualTime::iso_millis),
        duration_ms: view.duration_ms,
        waiting_for,
        result: completed.then(|| ExtractResult {
            products_requested: record.work.total,
            products_successful: successes(record),
            products_failed: record.work.failures.count(),
        }),
        credits_used: completed.then_some(record.credits),
    }
}
