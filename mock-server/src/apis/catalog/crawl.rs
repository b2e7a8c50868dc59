//! `GET /v2/crawl/{execution_id}`

use http::StatusCode;

use crate::apis::catalog::wire::{CrawlMeta, CrawlProgress, CrawlResult, CrawlStep};
use crate::apis::catalog::{errors, status};
use crate::apis::dialect::Call;
use crate::apis::reply::Reply;
use crate::clock::VirtualTime;
use crate::model::catalog::crawl::{StepState, steps};
use crate::model::catalog::run::{Input, Kind, Record};
use crate::model::catalog::view::{Status, View};
use crate::world::state::WorldState;

pub(super) fn get(call: &Call<'_>, world: &mut WorldState) -> Reply {
    let Some((run, view)) = status::find(call, world, Kind::Crawl) else {
        return errors::not_found(call.request_id);
    };
    let record = &run.record;
    Reply::ready(StatusCode::OK, status::body(record, &view, None, meta(record, &view)))
        .about(&record.execution_id)
}

fn meta<'a>(record: &'a Record, view: &View) -> CrawlMeta<'a> {
    let progress = &view.progress;
    let vendor = match &record.input {
        Input::Crawl { host } => host,
        _ => "",
    };
    let steps = steps(&view.observation).map(|(name, state)| CrawlStep { name, status: step_status(state) });
    CrawlMeta {
        vendor,
        start_date: view.started.map(VirtualTime::iso_millis),
        stop_date: view.ended.map(VirtualTime::iso_millis),
        duration_ms: view.duration_ms,
        progress: (view.status == Status::Running).then_some(CrawlProgress {
            collections_found: progress.collections,
            listings_found: progress.done,
        }),
        steps: steps.collect(),
        result: (view.status == Status::Completed).then_some(CrawlResult {
            collections_total: progress.collections,
            listings_total: progress.total,
        }),
    }
}

fn step_status(state: StepState) -> &'static str {
    match state {
        StepState::Pending => "pending",
        StepState::Running => "running",
        StepState::Completed => "completed",
        StepState::Failed => "failed",
    }
}
