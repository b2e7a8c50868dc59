//! What a world holds at Extralt before the first request: robots, their runs and schedules, and enrichments.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::scenario::run::RunRule;
use crate::seed::Digest;

/// The longest id, in characters.
pub const ID_MAX: usize = 64;

/// Something that a world begins with.
#[derive(Debug, Clone, PartialEq)]
pub struct Earlier {
    /// What it is.
    pub what: What,
    /// How long before the world's start it was created; at most [`MAX_DURATION`](crate::scenario::duration::MAX_DURATION).
    pub created: Duration,
    /// The id that its client knows it by, 1 to [`ID_MAX`] letters, digits, `-` or `_`; drawn if none is given.
    pub id: Option<Arc<str>>,
    /// What it draws by: the digest of what was asked for and when.
    pub digest: Digest,
}

impl Earlier {
    /// Something with everything that follows from the rest.
    pub fn new(what: What, created: Duration, id: Option<String>) -> Self {
        let millis = u64::try_from(created.as_millis()).unwrap_or(u64::MAX);
        // Named apart from every operation, so that no draw of a client's request is one of these.
        let digest = Digest::of("world", what.name(), &[], Some(&json!([what.asked(), millis])));
        Self { what, created, id: id.map(Into::into), digest }
    }
}

/// What a world may begin with.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A robot, or the building of one that failed or goes on.
    Robot(Robot),
    /// A run of a robot that is sure to have been built by then.
    Run(Run),
    /// A schedule for a robot that is sure to have been built by then.
    Schedule(Schedule),
    /// An enrichment of what a run brought that is sure to have completed by then.
    Enrichment(Enrichment),
}

impl What {
    fn name(&self) -> &'static str {
        match self {
            Self::Robot(_) => "robot",
            Self::Run(_) => "run",
            Self::Schedule(_) => "schedule",
            Self::Enrichment(_) => "enrichment",
        }
    }

    fn asked(&self) -> Value {
        match self {
            Self::Robot(robot) => json!([&*robot.url, &*robot.site.country]),
            Self::Run(run) => run.order.value(),
            Self::Schedule(Schedule { order, cadence, .. }) => {
                json!([order.value(), cadence.every, cadence.unit.name()])
            }
            Self::Enrichment(enrichment) => json!(&*enrichment.run),
        }
    }
}

/// What there is one robot for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Site {
    /// Canonical host.
    pub host: Arc<str>,
    /// Two capital letters.
    pub country: Arc<str>,
}

/// A robot. No two that a world begins with are for one site.
#[derive(Debug, Clone, PartialEq)]
pub struct Robot {
    /// Its site.
    pub site: Site,
    /// The address it was built from.
    pub url: Box<str>,
    /// The language of the site, in two small letters; left to the stand-in if none is given.
    pub language: Option<Box<str>>,
    /// What it is called; left to the stand-in if nothing is given.
    pub name: Option<Box<str>>,
    /// What becomes of its building. The conditions of this rule are not looked at.
    pub behaviour: RunRule,
}

/// A run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// What was asked for.
    pub order: Order,
    /// What becomes of it. The conditions of this rule are not looked at.
    pub behaviour: RunRule,
}

/// A schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// What each of its runs is asked for.
    pub order: Order,
    /// How often it runs.
    pub cadence: Cadence,
    /// What it is called; left to the stand-in if nothing is given.
    pub name: Option<Box<str>>,
}

/// An enrichment of what a run brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Enrichment {
    /// The id of the run, which is one of those the world begins with.
    pub run: Arc<str>,
    /// What becomes of it. The conditions of this rule are not looked at.
    pub behaviour: RunRule,
}

/// What a run is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The site of its robot, which is one of those the world begins with.
    pub site: Site,
    /// The most captures; `None` means as many as there are.
    pub budget: Option<NonZeroU64>,
    /// Where it begins, all on the robot's host; none means where the robot begins by itself.
    pub start_urls: Arc<[Box<str>]>,
    /// Whether its captures are enriched when it completes.
    pub auto_enrich: bool,
}

impl Order {
    fn value(&self) -> Value {
        let Self { site, budget, start_urls, auto_enrich } = self;
        json!([&*site.host, &*site.country, budget, &**start_urls, auto_enrich])
    }
}

/// How often a schedule runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cadence {
    /// Every so many of the unit; from 1 to [`Self::EVERY_MAX`].
    pub every: u32,
    /// The unit.
    pub unit: CadenceUnit,
}

impl Cadence {
    /// The most units between two runs. Our bound: of months it is more than eight years.
    pub const EVERY_MAX: u32 = 100;

    /// The shortest time between two runs: a month has 28 days or more.
    pub fn shortest(self) -> Duration {
        self.unit.shortest() * self.every
    }
}

/// A unit of a schedule's cadence. Source: the published client 0.4.0, `CadenceUnit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CadenceUnit {
    /// Sixty minutes.
    Hour,
    /// Twenty-four hours.
    Day,
    /// Seven days.
    Week,
    /// A calendar month.
    Month,
}

impl CadenceUnit {
    /// Every unit, in the order in which messages list them.
    pub const ALL: &'static [Self] = &[Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The word on the wire, which scenarios use too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    fn shortest(self) -> Duration {
        let hours = match self {
            Self::Hour => 1,
            Self::Day => 24,
            Self::Week => 7 * 24,
            Self::Month => 28 * 24,
        };
        Duration::from_secs(hours * 60 * 60)
    }
}
