//! What schedules do to the world they are in, and what credits do to them.

use std::sync::Arc;

use super::{Around, Event, RUN_CREDITS_MIN, State};
use crate::clock::VirtualTime;
use crate::model::extralt::create;
use crate::model::extralt::schedule::{Pause, Schedule, ScheduleId, ScheduleRecord};

impl State {
    pub(super) fn set_credits(&mut self, credits: Option<u64>, at: VirtualTime, around: &mut Around<'_>) {
        self.ledger.set(credits, &self.runs, at);
        if credits.is_some_and(|credits| credits < RUN_CREDITS_MIN) {
            return;
        }
        for number in 0..self.schedules.len() {
            if self.schedules[number].paused == Some(Pause::NoCredits) {
                let id = ScheduleId(u32::try_from(number).unwrap_or(u32::MAX));
                self.change_schedule(id, around, |schedule| schedule.resume(at));
            }
        }
    }

    pub(super) fn add_schedule(&mut self, record: &Arc<ScheduleRecord>, around: &mut Around<'_>) {
        let Ok(number) = u32::try_from(self.schedules.len()) else { return };
        *self.created.entry(record.digest).or_default() += 1;
        self.schedule_ids.insert(Arc::clone(&record.id), ScheduleId(number));
        self.schedules.push(Schedule::new(record));
        self.change_schedule(ScheduleId(number), around, |_| {});
    }

    /// Changes a schedule and notes when it is due then.
    pub(super) fn change_schedule(
        &mut self,
        id: ScheduleId,
        around: &mut Around<'_>,
        change: impl FnOnce(&mut Schedule),
    ) {
        let Some(schedule) = self.schedules.get_mut(id.0 as usize) else { return };
        change(schedule);
        if let Some(next) = schedule.next {
            around.agenda.add(next, Event::Due(id).into());
        }
    }

    pub(super) fn schedule_due(&mut self, id: ScheduleId, at: VirtualTime, around: &mut Around<'_>) {
        let Some(schedule) = self.schedule(id).filter(|schedule| schedule.next == Some(at)).cloned() else {
            return;
        };
        if self.credits(at).is_some_and(|left| left < RUN_CREDITS_MIN) {
            self.change_schedule(id, around, |schedule| schedule.pause(Pause::NoCredits, at));
            return;
        }
        match create::scheduled(self, &schedule, at, around) {
            Some(record) => {
                let run = self.add_by_itself(&record, around);
                self.change_schedule(id, around, |schedule| schedule.begin(run, at));
            }
            // There is no room for another run.
            None => self.change_schedule(id, around, |schedule| schedule.skip(at)),
        }
    }
}
