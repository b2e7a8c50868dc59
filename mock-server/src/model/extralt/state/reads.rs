//! What can be known of Extralt in one world.

use super::{INPUT_BYTES_MAX, RUNS_MAX, State};
use crate::clock::VirtualTime;
use crate::model::RunId;
use crate::model::extralt::create;
use crate::model::extralt::run::{Input, Kind, Run};
use crate::model::extralt::schedule::{SCHEDULES_MAX, Schedule, ScheduleId};
use crate::model::extralt::view::{View, view};
use crate::model::run_set::RunSet;
use crate::scenario::account::{Plan, TokenBucket};
use crate::seed::Digest;

impl State {
    /// The run with this number.
    pub fn run(&self, id: RunId) -> Option<&Run> {
        self.runs.get(id.0 as usize)
    }

    /// The run of this kind that clients know by this id, unless it was deleted.
    pub fn find(&self, kind: Kind, id: &str) -> Option<(RunId, &Run)> {
        self.find_any(id).filter(|(_, run)| run.kind() == kind && !run.deleted)
    }

    /// The run of whatever kind that has this id, also if it was deleted.
    pub fn find_any(&self, id: &str) -> Option<(RunId, &Run)> {
        let id = *self.by_id.get(id)?;
        self.run(id).map(|run| (id, run))
    }

    /// The robot whose building v0 knows by this id.
    pub fn find_build(&self, build: &str) -> Option<(RunId, &Run)> {
        let id = *self.by_build.get(build)?;
        self.run(id).map(|run| (id, run))
    }

    /// Whether anything has this id, or is to have it.
    pub fn is_taken(&self, id: &str) -> bool {
        let is_run = self.by_id.contains_key(id) || self.by_build.contains_key(id);
        is_run || self.schedule_ids.contains_key(id) || self.pinned.contains(id)
    }

    /// What can be seen of a run at `now`. The world must be settled up to `now`.
    pub fn view(&self, id: RunId, now: VirtualTime) -> Option<View> {
        self.run(id).map(|run| view(run, now))
    }

    /// The runs of one kind that clients see.
    pub fn seen(&self, kind: Kind) -> &RunSet {
        &self.seen[kind as usize]
    }

    /// Those of one kind that have not ended, deleted ones too.
    pub fn live(&self, kind: Kind) -> &RunSet {
        &self.live[kind as usize]
    }

    /// Whether a run has not ended.
    pub fn is_live(&self, id: RunId) -> bool {
        self.run(id).is_some_and(|run| self.live[run.kind() as usize].contains(id))
    }

    /// The robots that have been built and that clients see.
    pub fn built(&self) -> &RunSet {
        &self.built
    }

    /// The robot of a shop in a country that has been built or is being built.
    pub fn robot_of(&self, host: &str, country: &str) -> Option<RunId> {
        self.robots.get(&(create::shop(host), country.into())).copied()
    }

    /// The endings of runs of a kind from `since` on, oldest first. Those that were restarted since are left out.
    pub fn ended_since(
        &self,
        kind: Kind,
        since: VirtualTime,
    ) -> impl Iterator<Item = (usize, VirtualTime, RunId)> + '_ {
        let endings = &self.endings[kind as usize];
        let from = endings.partition_point(|(at, _)| *at < since);
        (from..).zip(&endings[from..]).filter_map(|(place, (at, id))| {
            let run = self.run(*id)?;
            let again = self.is_live(*id) || view(run, *at).ended != Some(*at);
            (!again && !run.deleted).then_some((place, *at, *id))
        })
    }

    /// The runs that were to be enriched and could not be, and when, oldest first.
    pub fn not_enriched(&self) -> &[(VirtualTime, RunId)] {
        &self.not_enriched
    }

    /// The enrichments of a run or an import, the latest last.
    pub fn enrichments_of(&self, source: RunId) -> &[RunId] {
        self.enriched.get(&source).map_or(&[], Vec::as_slice)
    }

    /// The schedule with this number.
    pub fn schedule(&self, id: ScheduleId) -> Option<&Schedule> {
        self.schedules.get(id.0 as usize)
    }

    /// The schedule that clients know by this id.
    pub fn find_schedule(&self, id: &str) -> Option<(ScheduleId, &Schedule)> {
        let id = *self.schedule_ids.get(id)?;
        self.schedule(id).filter(|schedule| !schedule.deleted).map(|schedule| (id, schedule))
    }

    /// The schedules that clients see, newest first.
    pub fn schedules(&self) -> impl Iterator<Item = (ScheduleId, &Schedule)> {
        let numbered = (0..).map(ScheduleId).zip(&self.schedules);
        let mut seen: Vec<_> = numbered.filter(|(_, schedule)| !schedule.deleted).collect();
        seen.reverse();
        seen.into_iter()
    }

    /// How many runs the schedules would begin after `now` and up to `to`, if nothing interferes.
    pub fn scheduled_between(&self, now: VirtualTime, to: VirtualTime) -> u64 {
        self.schedules.iter().fold(0, |sum: u64, schedule| sum.saturating_add(schedule.between(now, to)))
    }

    /// The robot of a run, and what it is called.
    pub fn robot_named(&self, robot: RunId) -> Option<(&Run, &str)> {
        let run = self.run(robot)?;
        match &run.record.input {
            Input::Robot { name, .. } => Some((run, name)),
            Input::Run { .. } | Input::Enrichment { .. } | Input::Import { .. } => None,
        }
    }

    /// Who holds a place of the plan.
    pub fn at_work(&self) -> impl Iterator<Item = RunId> + '_ {
        self.places.holders()
    }

    /// Whether there is room for another run that keeps so many bytes of its client's.
    pub fn has_room(&self, bytes: u64) -> bool {
        self.runs.len() < RUNS_MAX && self.input_bytes.saturating_add(bytes) <= INPUT_BYTES_MAX
    }

    /// Whether there is room for another schedule.
    pub fn has_room_for_schedule(&self) -> bool {
        self.schedules.len() < SCHEDULES_MAX
    }

    /// How many runs of all kinds there are.
    pub fn len(&self) -> usize {
        self.runs.len()
    }

    /// Whether there is no run.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// How many runs, restarts and schedules the same request has led to.
    pub fn created(&self, digest: Digest) -> u64 {
        self.created.get(&digest).copied().unwrap_or(0)
    }

    /// The credits that are left at `now`; `None` means they never run out. The world must be settled up to `now`.
    pub fn credits(&self, now: VirtualTime) -> Option<u64> {
        self.ledger.left(&self.runs, now)
    }

    /// What the account has subscribed to.
    pub fn plan(&self) -> Plan {
        self.plan
    }

    /// How many requests are answered; `None` means every one.
    pub fn rate_limit(&self) -> Option<TokenBucket> {
        self.rate_limit
    }
}
