//! Pages of lists, newest first, in either dialect.

use crate::apis::dialect::Call;
use crate::apis::extralt::cursor;
use crate::apis::extralt::problem::Problem;
use crate::apis::extralt::shown::{is_unlisted, is_unseen};
use crate::clock::VirtualTime;
use crate::model::RunId;
use crate::model::extralt::run::{Input, Kind};
use crate::model::extralt::schedule::{Schedule, ScheduleId};
use crate::model::run_set::RunSet;
use crate::world::state::WorldState;

/// A page: what is on it, and the cursor of the next one.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<String>,
}

/// The runs of a kind, newest first; robots only once they are built, if `built` says so.
pub(super) fn runs(
    call: &Call<'_>,
    world: &WorldState,
    kind: Kind,
    built: bool,
) -> Result<Page<RunId>, Problem> {
    let state = world.extralt();
    let set = if built { state.built() } else { state.seen(kind) };
    newest(call, world, set, "")
}

/// The enrichments of one run or import, newest first.
pub(super) fn enrichments_of(
    call: &Call<'_>,
    world: &WorldState,
    source: &str,
) -> Result<Page<RunId>, Problem> {
    let state = world.extralt();
    let Some((source_id, _)) = state.find_any(source) else {
        cursor::asked(call, world, source)?;
        return Ok(Page { items: Vec::new(), next: None });
    };
    let mut set = RunSet::default();
    let of_source = |id: &RunId| {
        state.run(*id).is_some_and(
            |run| matches!(run.record.input, Input::Enrichment { source, .. } if source == source_id),
        )
    };
    state.enrichments_of(source_id).iter().copied().filter(of_source).for_each(|id| {
        set.insert(id);
    });
    newest(call, world, &set, source)
}

fn newest(call: &Call<'_>, world: &WorldState, set: &RunSet, filter: &str) -> Result<Page<RunId>, Problem> {
    let state = world.extralt();
    let after = cursor::asked(call, world, filter)?;
    let before = after.and_then(|id| state.find_any(&id).map(|(id, _)| id));
    let most = size(call);
    let mut shown = set
        .before(before)
        .filter(|id| state.run(*id).is_some_and(|run| !is_unlisted(call, run.record.created)));
    let items: Vec<RunId> = shown.by_ref().take(most).collect();
    let last = items.last().and_then(|id| state.run(*id)).filter(|_| shown.next().is_some());
    let next = last.map(|run| cursor::after(call, world, filter, &run.record.id));
    Ok(Page { items, next })
}

/// Since when what a client asks for must have finished.
pub(super) fn since(call: &Call<'_>) -> Result<Option<VirtualTime>, Problem> {
    let Some(text) = call.text("finished_since") else { return Ok(None) };
    let instant = text.parse::<jiff::Timestamp>();
    instant
        .map(|instant| Some(instant.into()))
        .map_err(|_| Problem::bad_request("finished_since must be a time as RFC 3339 has it"))
}

/// The runs of a kind that have finished since `since`, oldest finish first.
pub(super) fn finished_since(
    call: &Call<'_>,
    world: &WorldState,
    kind: Kind,
    since: VirtualTime,
) -> Result<Page<RunId>, Problem> {
    let filter = since.iso_micros();
    // A run that is restarted finishes again; its place is that of its latest finish.
    let after = cursor::asked(call, world, &filter)?.and_then(|place| place.parse::<usize>().ok());
    let most = size(call);
    let mut ended = world
        .extralt()
        .ended_since(kind, since)
        .skip_while(|(place, ..)| after.is_some_and(|after| *place <= after))
        .filter(|(_, at, _)| !is_unseen(call, *at));
    let found: Vec<_> = ended.by_ref().take(most).collect();
    let last = found.last().map(|(place, ..)| *place).filter(|_| ended.next().is_some());
    let next = last.map(|place| cursor::after(call, world, &filter, &place.to_string()));
    Ok(Page { items: found.into_iter().map(|(.., id)| id).collect(), next })
}

/// The schedules, newest first.
pub(super) fn schedules<'a>(call: &Call<'_>, world: &'a WorldState) -> Result<Page<&'a Schedule>, Problem> {
    let state = world.extralt();
    let after = cursor::asked(call, world, "")?;
    let before = after.and_then(|number| number.parse::<u32>().ok()).map(ScheduleId);
    let mut shown = state.schedules().filter(|(id, schedule)| {
        before.is_none_or(|before| *id < before) && !is_unlisted(call, schedule.record.created)
    });
    let found: Vec<_> = shown.by_ref().take(size(call)).collect();
    let last = found.last().map(|(id, _)| id.0).filter(|_| shown.next().is_some());
    let next = last.map(|number| cursor::after(call, world, "", &number.to_string()));
    Ok(Page { items: found.into_iter().map(|(_, schedule)| schedule).collect(), next })
}

/// A stretch of something that is counted beforehand: from which number, to which, and the cursor behind it.
pub(super) fn stretch(
    call: &Call<'_>,
    world: &WorldState,
    filter: &str,
    count: u64,
) -> Result<(std::ops::Range<u64>, Option<String>), Problem> {
    let from = cursor::asked(call, world, filter)?.and_then(|place| place.parse().ok()).unwrap_or(0_u64);
    let to = from.saturating_add(size(call) as u64).min(count);
    let next = (to < count).then(|| cursor::after(call, world, filter, &to.to_string()));
    Ok((from.min(to)..to, next))
}

fn size(call: &Call<'_>) -> usize {
    usize::try_from(call.number("limit")).unwrap_or(usize::MAX).max(1)
}
