//! `GET` of a collection: the newest runs of a kind, on a single page.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use crate::apis::catalog::status::is_hidden;
use crate::apis::catalog::wire::{Empty, List, ListItem, Pagination};
use crate::apis::dialect::Call;
use crate::apis::reply::Reply;
use crate::model::catalog::lists::Group;
use crate::model::catalog::run::{Kind, Run};
use crate::model::catalog::view::{Status, View, view};
use crate::scenario::fault::StateEffect;
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
    let most = usize::try_from(size).unwrap_or(usize::MAX);
    let found: Vec<(&Run, View)> = match call.staged {
        Some(StateEffect::StaleRead(ago)) => stale(call, world, kind, group, ago).take(most).collect(),
        _ => newest(call, world, kind, group).filter(|(run, _)| !is_hidden(call, run)).take(most).collect(),
    };
    if matches!(call.staged, Some(StateEffect::StaleRead(_))) {
        let fresh: Vec<(&Run, View)> = newest(call, world, kind, group).take(most).collect();
        let word = |(run, view): &(&Run, View)| (Arc::clone(&run.record.execution_id), view.status);
        call.took_effect.set(found.iter().map(word).ne(fresh.iter().map(word)));
    }
    let data: Vec<ListItem<'_>> = found
        .iter()
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

/// The runs of a group, newest first, and how they look now.
fn newest<'w>(
    call: &Call<'_>,
    world: &'w WorldState,
    kind: Kind,
    group: Option<Group>,
) -> impl Iterator<Item = (&'w Run, View)> {
    let (catalog, now) = (world.catalog(), call.now);
    catalog
        .list(kind)
        .newest(group, usize::MAX)
        .filter_map(move |id| Some((catalog.run(id)?, catalog.view(id, now)?)))
}

/// How many runs a stale list looks at: which of them belonged to a group then is found by looking.
const LOOKED_AT_MAX: usize = 10_000;

/// The runs that a list showed this long ago.
fn stale<'w>(
    call: &Call<'_>,
    world: &'w WorldState,
    kind: Kind,
    group: Option<Group>,
    ago: Duration,
) -> impl Iterator<Item = (&'w Run, View)> {
    let (catalog, then) = (world.catalog(), call.now.before(ago));
    let runs = catalog.list(kind).newest(None, LOOKED_AT_MAX).filter_map(|id| catalog.run(id));
    runs.filter(move |run| run.record.created <= then)
        .map(move |run| (run, view(run, then)))
        .filter(move |(_, view)| group.is_none_or(|group| view.status.group() == group))
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
