//! `GET` of a collection: the newest runs of a kind, on a single page.

use http::StatusCode;

use crate::apis::catalog::wire::{Empty, List, ListItem, Pagination};
use crate::apis::pipeline::Call;
use crate::apis::reply::Reply;
use crate::model::catalog::lists::Group;
use crate::model::catalog::run::{Kind, Run};
use crate::model::catalog::view::Status;
use crate::world::state::WorldState;

/// `GET /v2/crawl`
pub(super) fn crawls(call: &Call<'_>, world: &mut WorldState) -> Reply {
    list(call, world, Kind::Crawl)
}

/// `GET /v2/extract`
pub(super) fn extracts(call: &Call<'_>, world: &mut WorldState) -> Reply {
    list(call, world, Kind::Extract)
}

/// `GET /v2/agentic-search`
pub(super) fn searches(call: &Call<'_>, world: &mut WorldState) -> Reply {
    list(call, world, Kind::Search)
}

fn list(call: &Call<'_>, world: &WorldState, kind: Kind) -> Reply {
    let size = call.number("page_size");
    let group = call.text("status").and_then(group);
    let catalog = world.catalog();
    let newest = catalog.list(kind).newest(group, usize::try_from(size).unwrap_or(usize::MAX));
    let data: Vec<ListItem<'_>> = newest
        .filter_map(|id| Some((catalog.run(id)?, catalog.view(id, call.now)?)))
        .map(|(run, view)| ListItem {
            execution_id: &run.record.execution_id,
            status: word(kind, view.status),
            created_at: created_at(kind, run),
        })
        .collect();
    let total_items = data.len() as u64;
    let pagination = Pagination {
        page: 1,
        page_size: size,
        total_items,
        total_pages: match kind {
            Kind::Extract => total_items.div_ceil(size.max(1)),
            Kind::Crawl | Kind::Search => 1,
        },
        has_next: false,
        has_prev: false,
    };
    Reply::json(StatusCode::OK, &List { data, pagination, meta: Empty {} })
}

/// The values of the `status` filter (page "List extract executions"); the contract lets no other through.
fn group(filter: &str) -> Option<Group> {
    match filter {
        "processing" => Some(Group::Processing),
        "completed" => Some(Group::Completed),
        "failed" => Some(Group::Failed),
        _ => None,
    }
}

/// Extracts are listed with their state; the two other lists have one word for pending and running (their list pages).
fn word(kind: Kind, status: Status) -> &'static str {
    match (kind, status) {
        (Kind::Crawl | Kind::Search, Status::Pending | Status::Running) => "processing",
        (_, status) => status.name(),
    }
}

/// The list of crawls writes its instants in another style than the others (its example).
fn created_at(kind: Kind, run: &Run) -> String {
    match kind {
        Kind::Crawl => run.record.created.iso_offset(),
        Kind::Extract | Kind::Search => run.record.created.iso_millis(),
    }
}
