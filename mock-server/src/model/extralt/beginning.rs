//! What a world begins with: created before its start, as its clients would have created it.

use std::sync::Arc;

use serde_json::Value;

use crate::clock::VirtualTime;
use crate::model::RunId;
use crate::model::circumstances::Circumstances;
use crate::model::extralt::create;
use crate::model::extralt::ids::{self, Names};
use crate::model::extralt::planning::{self, Given};
use crate::model::extralt::run::{Input, Kind, Record, Trigger};
use crate::model::extralt::schedule::{ScheduleRecord, Settings, usual_name};
use crate::model::extralt::state::State;
use crate::scenario::contents::extralt::{self as contents, Earlier, Order, What};
use crate::scenario::host::written_host;
use crate::seed::Stream;

/// Something that is there.
#[derive(Debug, Clone, PartialEq)]
pub enum Beginning {
    /// A robot, a run or an enrichment.
    Run(Arc<Record>),
    /// A schedule.
    Schedule(Arc<ScheduleRecord>),
}

/// What becomes of `earlier` at the instant `created`, up to which `state` must be settled.
///
/// `None` if no client could have created it. The checks of the scenario leave little of that: an enrichment whose run
/// had to wait for those of a schedule and is still at work, or an instant that time does not reach.
pub fn of(state: &State, earlier: &Earlier, stream: &Stream, created: VirtualTime) -> Option<Beginning> {
    let around = Circumstances {
        stream,
        rules: &[],
        counts: &[],
        digest: earlier.digest,
        body: &Value::Null,
        now: created,
    };
    let world = World { state, around: &around };
    let id = |names| earlier.id.clone().unwrap_or_else(|| world.id(names));
    match &earlier.what {
        What::Robot(robot) => world.robot(robot, id(Names::Robot)).map(Beginning::Run),
        What::Run(run) => world.run(run, id(Names::Run)).map(Beginning::Run),
        What::Enrichment(of) => world.enrichment(of, id(Names::Enrichment)).map(Beginning::Run),
        What::Schedule(schedule) => {
            world.schedule(schedule, id(Names::Schedule)).map(Arc::new).map(Beginning::Schedule)
        }
    }
}

/// A world as it was when something was created.
#[derive(Debug, Clone, Copy)]
struct World<'a> {
    state: &'a State,
    around: &'a Circumstances<'a>,
}

impl World<'_> {
    fn id(self, names: Names) -> Arc<str> {
        ids::fresh(names, create::draws(self.state, self.around), |id| self.state.is_taken(id))
    }

    fn robot(self, robot: &contents::Robot, id: Arc<str>) -> Option<Arc<Record>> {
        let country = &robot.site.country;
        let host = written_host(&robot.url)?;
        if self.state.robot_of(&host, country).is_some() {
            return None;
        }
        let draws = create::draws(self.state, self.around)("plan");
        let future = planning::robot(Given { rule: Some(&robot.behaviour), host: &host, draws: &draws });
        let language = robot.language.as_deref().unwrap_or_else(|| create::language(country));
        let name = robot.name.as_deref().map_or_else(|| create::robot_name(&host, country), Into::into);
        let input = Input::Robot {
            build: self.id(Names::RobotBuild),
            url: (*robot.url).into(),
            country: Arc::clone(country),
            language: language.into(),
            name: name.into(),
            host: host.into(),
            refusal: future.refusal,
        };
        Some(create::record(id, input, Trigger::Api, future, None, Box::default(), self.around))
    }

    fn run(self, run: &contents::Run, id: Arc<str>) -> Option<Arc<Record>> {
        let contents::Run { order, behaviour } = run;
        let (robot, name) = self.robot_for(order)?;
        let it = self.state.run(robot)?;
        let host = create::host_of(self.state, it);
        let draws = create::draws(self.state, self.around)("plan");
        let budget = order.budget.map(u64::from);
        let given = Given { rule: Some(behaviour), host: &host, draws: &draws };
        let future = planning::run(given, budget, false);
        let input = Input::Run {
            robot,
            name: format!("{name}_{}", it.runs + 1).into(),
            start_urls: Arc::clone(&order.start_urls),
            auto_enrich: order.auto_enrich,
        };
        Some(create::record(id, input, Trigger::Api, future, budget, Box::default(), self.around))
    }

    fn schedule(self, schedule: &contents::Schedule, id: Arc<str>) -> Option<ScheduleRecord> {
        let contents::Schedule { order, cadence, name } = schedule;
        let (robot, robot_name) = self.robot_for(order)?;
        let name = name.as_deref().map_or_else(|| usual_name(*cadence, &robot_name), Into::into);
        let settings = Settings {
            robot,
            cadence: *cadence,
            name: name.into(),
            start_urls: Arc::clone(&order.start_urls),
            budget: order.budget.map(u64::from),
            auto_enrich: order.auto_enrich,
        };
        Some(ScheduleRecord { id, created: self.around.now, settings, digest: self.around.digest })
    }

    fn enrichment(self, enrichment: &contents::Enrichment, id: Arc<str>) -> Option<Arc<Record>> {
        let (source, run) = self.state.find(Kind::Run, &enrichment.run)?;
        let view = self.state.view(source, self.around.now)?;
        let is_first = self.state.enrichments_of(source).is_empty();
        if !is_first || !view.status.is_terminal() || view.done == 0 {
            return None;
        }
        let host = create::host_of(self.state, run);
        let draws = create::draws(self.state, self.around)("plan");
        let given = Given { rule: Some(&enrichment.behaviour), host: &host, draws: &draws };
        let future = planning::enrichment(given, view.done);
        let input = Input::Enrichment { source, taken: Arc::new(run.clone()) };
        Some(create::record(id, input, Trigger::Api, future, None, Box::default(), self.around))
    }

    /// The robot of an order, once it is built, and what it is called.
    fn robot_for(self, order: &Order) -> Option<(RunId, Arc<str>)> {
        let robot = self.state.robot_of(&order.site.host, &order.site.country)?;
        let run = self.state.run(robot).filter(|_| self.state.built().contains(robot))?;
        Some((robot, create::named(run)))
    }
}
