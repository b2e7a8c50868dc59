//! `DELETE`: cancels a running job, or says why not.

use std::sync::Arc;

use http::StatusCode;

use crate::apis::catalog::errors;
use crate::apis::catalog::status::is_hidden;
use crate::apis::catalog::wire::Canceled;
use crate::apis::dialect::{Call, Failure};
use crate::apis::reply::Reply;
use crate::clock::VirtualTime;
use crate::lifecycle::Action;
use crate::model::catalog::run::{Kind, Record};
use crate::model::catalog::state::{Command, may_cancel};
use crate::scenario::fault::StateEffect;
use crate::world::log;
use crate::world::state::WorldState;

/// `DELETE /v2/crawl/{execution_id}`
pub(super) fn crawl(call: &Call<'_>, world: &mut WorldState) -> Reply {
    cancel(call, world, Kind::Crawl)
}

/// `DELETE /v2/extract/{execution_id}`
pub(super) fn extract(call: &Call<'_>, world: &mut WorldState) -> Reply {
    cancel(call, world, Kind::Extract)
}

/// `DELETE /v2/agentic-search/{execution_id}`
pub(super) fn search(call: &Call<'_>, world: &mut WorldState) -> Reply {
    cancel(call, world, Kind::Search)
}

fn cancel(call: &Call<'_>, world: &mut WorldState, kind: Kind) -> Reply {
    let catalog = world.catalog();
    let found = catalog
        .find(call.path("execution_id"))
        .filter(|(_, run)| run.record.input.kind() == kind && !is_hidden(call, run));
    let found = found.and_then(|(id, run)| Some((id, Arc::clone(&run.record), catalog.view(id, call.now)?)));
    let Some((run, record, view)) = found else { return errors::not_found(call.request_id) };
    if let Err(refusal) = may_cancel(&view) {
        return errors::cancel_refusal(refusal, call.request_id).about(&record.execution_id);
    }
    if call.staged == Some(StateEffect::LoseCancel) {
        call.took_effect.set(true);
        return canceled(&record, Some(call.now));
    }
    let command = log::Command::Catalog(Command::Control { run, action: Action::Cancel, error: None });
    if let Err(full) = world.apply(command, call.now, call.real) {
        return errors::failure(&Failure::LogFull(full), call.request_id);
    }
    let ended = world.catalog().view(run, call.now).and_then(|view| view.ended);
    canceled(&record, ended)
}

fn canceled(record: &Record, ended: Option<VirtualTime>) -> Reply {
    let body = Canceled {
        status: "canceled",
        execution_id: &record.execution_id,
        stop_date: ended.map(VirtualTime::iso_millis),
    };
    Reply::json(StatusCode::OK, &body).about(&record.execution_id)
}
