//! Decides about enrichments: what a client asks for, and what follows by itself.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Circumstances, Decision, Refusal, attempt, credits, draws, host_of, matching, record, room};
use crate::clock::VirtualTime;
use crate::model::RunId;
use crate::model::extralt::ids::{self, Names};
use crate::model::extralt::planning::{self, Future, Given};
use crate::model::extralt::run::{Input, Kind, Record, Run, Trigger};
use crate::model::extralt::state::{Around, State};
use crate::model::extralt::view::{Status, view};
use crate::seed::Digest;

/// Decides about an enrichment of the run or import `source`: a new one, the one under way, or one that goes on.
pub fn enrichment(
    state: &State,
    source: RunId,
    budget: Option<u64>,
    around: &Circumstances<'_>,
) -> Result<Decision, Refusal> {
    let run = state.run(source).ok_or(Refusal::Unknown("source"))?;
    let view = view(run, around.now);
    if !view.status.is_terminal() {
        return Err(Refusal::SourceUnderWay(view.status));
    }
    let latest = state.enrichments_of(source).last().copied();
    if let Some(latest) = latest.filter(|id| state.is_live(*id)) {
        return Ok(Decision::Existing(latest));
    }
    credits(state, 1, around.now)?;
    room(state, 0)?;
    let unfinished = latest
        .and_then(|id| Some((id, state.view(id, around.now)?)))
        .filter(|(id, view)| view.status != Status::Completed && is_of(state, *id, run.restarts));
    let before = unfinished.as_ref().map_or(0, |(_, view)| view.done);
    let future = enrichment_future(state, source, view.done, before, budget, around);
    Ok(match unfinished {
        Some((id, _)) => Decision::Again(id, Arc::new(attempt(future.0, budget, before, future.1, around))),
        None => Decision::New(enrichment_record(state, (source, run), budget, Trigger::Api, future, around)),
    })
}

/// Whether an enrichment is of what its source had read after so many restarts.
fn is_of(state: &State, enrichment: RunId, restarts: u32) -> bool {
    state.run(enrichment).is_some_and(
        |run| matches!(&run.record.input, Input::Enrichment { taken, .. } if taken.restarts == restarts),
    )
}

type Planned = (Future, Box<[u16]>);

fn enrichment_future(
    state: &State,
    source: RunId,
    captures: u64,
    before: u64,
    budget: Option<u64>,
    around: &Circumstances<'_>,
) -> Planned {
    let host = state.run(source).map(|run| host_of(state, run)).unwrap_or_default();
    let (rules, rule) = matching(Kind::Enrichment, &host, &[], None, around);
    let left = captures.min(budget.unwrap_or(u64::MAX)).saturating_sub(before);
    let draws = draws(state, around);
    (planning::enrichment(Given { rule, host: &host, draws: &draws("plan") }, left), rules)
}

fn enrichment_record(
    state: &State,
    (source, run): (RunId, &Run),
    budget: Option<u64>,
    trigger: Trigger,
    (future, rules): Planned,
    around: &Circumstances<'_>,
) -> Arc<Record> {
    let taken = Arc::new(run.clone());
    let id = ids::fresh(Names::Enrichment, draws(state, around), |id| state.is_taken(id));
    record(id, Input::Enrichment { source, taken }, trigger, future, budget, rules, around)
}

/// The enrichment that follows by itself when `source` has completed; none if there is nothing to pay it with, nothing
/// to enrich, or no room.
pub(in crate::model::extralt) fn enriched(
    state: &State,
    source: RunId,
    at: VirtualTime,
    around: &Around<'_>,
) -> Option<Arc<Record>> {
    let view = state.view(source, at)?;
    let run = state.run(source)?;
    credits(state, 1, at).and_then(|()| room(state, 0)).ok().filter(|()| view.done > 0)?;
    let circumstances = Circumstances {
        stream: around.stream,
        rules: around.rules,
        counts: around.counts,
        digest: Digest::of("auto-enrich", &run.record.id, &[], Some(&json!(run.restarts))),
        body: &Value::Null,
        now: at,
    };
    let future = enrichment_future(state, source, view.done, 0, None, &circumstances);
    Some(enrichment_record(state, (source, run), None, Trigger::Auto, future, &circumstances))
}
