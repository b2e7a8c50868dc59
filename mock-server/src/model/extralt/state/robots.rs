//! What goes with a robot.

use std::sync::Arc;

use super::{Around, State};
use crate::clock::VirtualTime;
use crate::lifecycle::Action;
use crate::model::RunId;
use crate::model::extralt::create;
use crate::model::extralt::run::{Input, Kind};
use crate::model::extralt::schedule::ScheduleId;
use crate::model::extralt::view::{ROBOT_DELETED, view};

impl State {
    pub(super) fn delete_robot(&mut self, robot: RunId, at: VirtualTime, around: &mut Around<'_>) {
        let Some(run) = self.runs.get_mut(robot.0 as usize).filter(|run| !run.deleted) else { return };
        run.deleted = true;
        if let Input::Robot { host, country, .. } = &run.record.input {
            self.robots.remove(&(create::shop(host), Arc::clone(country)));
        }
        self.seen[Kind::Robot as usize].remove(robot);
        self.built.remove(robot);
        for number in 0..self.schedules.len() {
            if self.schedules[number].settings.robot == robot && !self.schedules[number].deleted {
                let id = ScheduleId(u32::try_from(number).unwrap_or(u32::MAX));
                self.change_schedule(id, around, |schedule| schedule.delete(at));
            }
        }
        let idle = |id: &RunId| {
            self.run(*id).is_some_and(|run| {
                matches!(run.record.input, Input::Run { robot: of, .. } if of == robot)
                    && !view(run, at).status.holds_place()
            })
        };
        let idle: Vec<RunId> = self.live[Kind::Run as usize].newest().filter(idle).collect();
        for run in idle {
            self.control(run, Action::Fail, Some(ROBOT_DELETED.into()), at, around);
        }
    }
}
