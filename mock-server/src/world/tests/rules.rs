//! What must hold at every moment of every history.

use std::collections::HashMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::stand::Stand;
use crate::clock::VirtualTime;
use crate::lifecycle::{Action, End, Ending, Gate, Phase, Stage};
use crate::model::catalog::lists::Group;
use crate::model::catalog::results::successes;
use crate::model::catalog::run::{Input, Kind, Run, RunId};
use crate::model::catalog::view::{Status, View};

type Verdict = Result<(), TestCaseError>;

/// What has been seen of every run, instant by instant.
#[derive(Debug, Default)]
pub(super) struct Seen {
    runs: Vec<Vec<(VirtualTime, View)>>,
}

impl Seen {
    /// Looks at everything: each rule must hold of what there is, and of how it differs from what there was.
    pub(super) fn look(&mut self, stand: &Stand) -> Verdict {
        let views: Vec<View> = stand.runs().map(|run| stand.view(run)).collect();
        for (id, view) in stand.runs().zip(&views) {
            let run = stand.run(id);
            agrees_with_itself(run, view, stand.now)?;
            if let Some((_, before)) = self.runs.get(id.0 as usize).and_then(|seen| seen.last()) {
                follows(run, before, view)?;
            }
            if let Input::Vendor { crawl: Some(crawl), .. } = run.record.input
                && run.record.plan.gate == Gate::Run
            {
                waits_for(run, view, &views[crawl.0 as usize])?;
            }
        }
        lists_partition(stand, &views)?;
        hosts_have_one_crawl(stand, &views)?;
        self.remember(stand.now, views);
        Ok(())
    }

    /// What was seen at an instant is what is seen when one looks back at it, in whatever order.
    pub(super) fn look_back(&self, stand: &Stand) -> Verdict {
        for (id, seen) in stand.runs().zip(&self.runs) {
            for (at, view) in seen.iter().rev() {
                let again = stand.world.catalog().view(id, *at);
                prop_assert_eq!(again.as_ref(), Some(view));
            }
        }
        Ok(())
    }

    /// Of several looks at one instant the last one counts: something may have been done in between.
    fn remember(&mut self, now: VirtualTime, views: Vec<View>) {
        self.runs.resize_with(views.len(), Vec::new);
        for (seen, view) in self.runs.iter_mut().zip(views) {
            seen.pop_if(|(at, _)| *at == now);
            seen.push((now, view));
        }
    }
}

fn agrees_with_itself(run: &Run, view: &View, now: VirtualTime) -> Verdict {
    let record = &run.record;
    let ended = matches!(view.status, Status::Completed | Status::Failed);
    prop_assert_eq!(view.ended.is_some(), ended);
    prop_assert_eq!(view.error.is_some(), view.status == Status::Failed);
    match view.status {
        Status::Pending => prop_assert!(view.started.is_none()),
        Status::Running | Status::Completed => prop_assert!(view.started.is_some()),
        Status::Failed => {
            let abandoned = view.observation.stage == Stage::Ended(End::Abandoned);
            let by_operator = run.controls.iter().any(|control| control.action == Action::Fail);
            prop_assert!(view.started.is_some() || abandoned || by_operator);
        }
    }

    let until = view.ended.unwrap_or(now);
    prop_assert!(record.created <= until && until <= now);
    prop_assert!(view.started.is_none_or(|started| record.created <= started && started <= until));
    prop_assert_eq!(
        view.duration_ms,
        view.started.map(|started| written_millis(until) - written_millis(started))
    );

    let progress = &view.progress;
    prop_assert_eq!(progress.total, record.work.total);
    prop_assert!(progress.done <= progress.total && progress.percent <= 100);
    if view.status == Status::Completed {
        let all = match record.input {
            Input::Crawl { .. } | Input::Search { .. } => record.work.total,
            Input::Urls { .. } | Input::Vendor { .. } => successes(record),
        };
        prop_assert_eq!((progress.done, progress.collections), (all, record.work.collections));
        prop_assert_eq!(progress.percent, 100);
    }
    Ok(())
}

/// Milliseconds since the epoch, of an instant as a client reads it.
fn written_millis(instant: VirtualTime) -> u64 {
    let read: jiff::Timestamp = instant.iso_millis().parse().unwrap();
    u64::try_from(read.as_millisecond()).unwrap()
}

fn follows(run: &Run, before: &View, after: &View) -> Verdict {
    match before.status {
        Status::Completed | Status::Failed => prop_assert_eq!(before, after),
        Status::Running => prop_assert!(after.status != Status::Pending),
        Status::Pending => {}
    }
    prop_assert!(before.started.is_none() || before.started == after.started);
    let rank = |view: &View| {
        let progress = view.progress;
        [view.observation.work.ppm().into(), progress.collections, progress.done, progress.percent]
    };
    for (was, is) in rank(before).iter().zip(rank(after)) {
        prop_assert!(*was <= is, "{run:?}: {before:?} became {after:?}");
    }
    Ok(())
}

/// An extract that waits goes on at the very instant at which its crawl ends, unless an operator has been there first.
fn waits_for(run: &Run, view: &View, crawl: &View) -> Verdict {
    let waited = run
        .controls
        .iter()
        .take_while(|control| !matches!(control.action, Action::Release | Action::Abandon));
    let moved =
        |action| matches!(action, Action::Complete | Action::Fail | Action::Advance(_) | Action::Stick);
    if waited.map(|control| control.action).any(moved) {
        return Ok(());
    }
    let stays_pending = matches!(run.record.plan.ending, Ending::Stuck(Phase::Pending, _));
    match crawl.status {
        Status::Pending | Status::Running => prop_assert_eq!(view.observation.stage, Stage::Waiting),
        Status::Completed if stays_pending => prop_assert_ne!(view.observation.stage, Stage::Waiting),
        Status::Completed => prop_assert_eq!(view.started, crawl.ended),
        Status::Failed => {
            prop_assert_eq!(view.observation.stage, Stage::Ended(End::Abandoned));
            prop_assert_eq!(view.ended, crawl.ended.max(Some(run.record.created)));
        }
    }
    Ok(())
}

fn lists_partition(stand: &Stand, views: &[View]) -> Verdict {
    let catalog = stand.world.catalog();
    for kind in Kind::ALL {
        let newest_first = |group: Option<Group>| -> Vec<RunId> {
            let of_kind = stand.runs().filter(|id| stand.record(*id).input.kind() == kind);
            let mut ids: Vec<_> = of_kind
                .filter(|id| group.is_none_or(|group| views[id.0 as usize].status.group() == group))
                .collect();
            ids.reverse();
            ids
        };
        for group in [None, Some(Group::Processing), Some(Group::Completed), Some(Group::Failed)] {
            let expected = newest_first(group);
            prop_assert_eq!(catalog.list(kind).len(group), expected.len());
            prop_assert_eq!(
                catalog.list(kind).newest(group, 2).collect::<Vec<_>>(),
                &expected[..expected.len().min(2)]
            );
            prop_assert_eq!(catalog.list(kind).newest(group, usize::MAX).collect::<Vec<_>>(), expected);
        }
    }
    Ok(())
}

fn hosts_have_one_crawl(stand: &Stand, views: &[View]) -> Verdict {
    let mut active: HashMap<Arc<str>, Option<RunId>> = HashMap::new();
    let mut completed: HashMap<Arc<str>, (VirtualTime, RunId)> = HashMap::new();
    for (id, view) in stand.runs().zip(views) {
        let Input::Crawl { host } = &stand.record(id).input else { continue };
        let active = active.entry(Arc::clone(host)).or_default();
        match (view.status, view.ended) {
            (Status::Pending | Status::Running, _) => {
                prop_assert_eq!(active.replace(id), None, "a second crawl");
            }
            (Status::Completed, Some(ended)) => {
                let last = completed.entry(Arc::clone(host)).or_insert((ended, id));
                *last = (*last).max((ended, id));
            }
            (Status::Completed | Status::Failed, _) => {}
        }
    }
    for (host, active) in active {
        prop_assert_eq!(stand.world.catalog().active_crawl(&host), active);
        let last = completed.get(&host).map(|(_, id)| *id);
        prop_assert_eq!(stand.world.catalog().completed_crawl(&host), last);
    }
    Ok(())
}
