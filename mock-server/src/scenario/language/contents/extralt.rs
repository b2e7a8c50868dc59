//! `world.extralt`: robots, their runs and schedules, and enrichments.

mod check;
mod course;
mod input;

use std::num::NonZeroU64;
use std::time::Duration;

use super::Around;
use super::input::Page;
use super::place::{ID, Place, check_ids, check_number, check_start, created, list};
use crate::scenario::contents::extralt::{Cadence, CadenceUnit, Earlier, Robot, Site};
use crate::scenario::host::product_host;
use crate::scenario::kind::{MAX_RESULTS, RunKind};
use crate::scenario::language::fields::{Fields, Object};
use crate::scenario::language::list::{Item, List};
use crate::scenario::language::quantity::Count;
use crate::scenario::language::run::{Subject, behaviour};
use crate::scenario::language::text::{Choice, Flag, LINE};
use crate::scenario::run::RunRule;
use input::{Id, Letters};

/// When something was created that does not say it: a robot before its runs, a run before its enrichments.
const ROBOT_CREATED: Duration = Duration::from_secs(60 * 60);
const RUN_CREATED: Duration = Duration::from_secs(10 * 60);
const ENRICHMENT_CREATED: Duration = Duration::from_secs(5 * 60);

/// The most addresses that a run may be told to begin at. Extralt documents none; it is our capacity.
const MAX_START_URLS: usize = 1_000;

/// Something that a world begins with, as it is written.
type Placed<T> = super::place::Placed<T, String>;

/// What a run or a schedule is told to do.
struct Order {
    /// The robot, by id or address.
    robot: String,
    budget: Option<NonZeroU64>,
    start_urls: Vec<Item<Box<str>>>,
    auto_enrich: bool,
}

struct Run {
    order: Order,
    behaviour: RunRule,
}

struct Schedule {
    order: Order,
    cadence: Cadence,
    name: Option<String>,
}

struct Enrichment {
    /// The run, by id.
    run: String,
    behaviour: RunRule,
}

/// All of it, as it is written.
struct Written {
    robots: Vec<Placed<Robot>>,
    runs: Vec<Placed<Run>>,
    schedules: Vec<Placed<Schedule>>,
    enrichments: Vec<Placed<Enrichment>>,
}

/// `world.extralt`.
pub(super) fn extralt(fields: &mut Fields<'_, '_>, around: &Around) -> Vec<Earlier> {
    let before = fields.mistakes();
    let written = Written {
        robots: list(fields, "robots", "Robots that were built before, or not.", "a robot", robot),
        runs: list(fields, "runs", "Runs of these robots.", "a run", run),
        schedules: list(fields, "schedules", "Schedules for these robots.", "a schedule", schedule),
        enrichments: list(
            fields,
            "enrichments",
            "Enrichments of what these runs brought.",
            "an enrichment",
            enrichment,
        ),
    };
    check_number(fields, "robots, runs, schedules and enrichments", written.all().count());
    check_ids(fields, written.all().filter_map(|(_, id, place)| Some((id?, place))));
    check_start(fields, written.all().map(|(created, _, place)| (created, place)), around.start);
    // What could not be read is left out, and the rest may need it.
    if fields.mistakes() > before {
        return Vec::new();
    }
    check::checked(fields, written, around.queues)
}

impl Written {
    /// When each of them was created, its id, and where it stands.
    fn all(&self) -> impl Iterator<Item = (Duration, Option<&str>, &Place)> {
        fn parts<T>(placed: &Placed<T>) -> (Duration, Option<&str>, &Place) {
            (placed.created, placed.id.as_deref(), &placed.place)
        }
        let Self { robots, runs, schedules, enrichments } = self;
        let jobs = runs.iter().map(parts).chain(schedules.iter().map(parts));
        robots.iter().map(parts).chain(jobs).chain(enrichments.iter().map(parts))
    }
}

fn robot(fields: &mut Fields<'_, '_>) -> Option<Placed<Robot>> {
    let id = fields.optional("id", ID, &Id);
    let url = fields.required("url", "The address of the shop.", &Page);
    let country =
        fields.optional("country", "The country it looks from; `US` unless given.", &Letters::COUNTRY);
    let doc = "The language of the shop; left to the stand-in unless given.";
    let language = fields.optional("language", doc, &Letters::LANGUAGE);
    let name = fields.optional("name", "What it is called; left to the stand-in unless given.", &LINE);
    let created = created(fields, "How long before the world's start it was asked for; `-1h` unless given.");
    let behaviour = behaviour(fields, &Subject::only(RunKind::RobotBuild));
    let url = url?;
    let site = Site { host: product_host(&url)?.into(), country: country.unwrap_or("US".into()).into() };
    Some(Placed {
        value: Robot { site, url, language, name: name.map(Into::into), behaviour },
        created: created.unwrap_or(ROBOT_CREATED),
        id,
        place: Place::read(fields, "url")?,
    })
}

fn order(fields: &mut Fields<'_, '_>) -> Option<Order> {
    let robot = fields.required("robot", "The robot, by its id or its shop's address.", &LINE);
    let budget = Count { min: 1, max: MAX_RESULTS };
    let budget = fields.optional("budget", "The most captures of a run.", &budget);
    let pages = List { of: Page, max_items: MAX_START_URLS };
    let start_urls = fields.optional("start-urls", "Where a run begins, on the robot's host.", &pages);
    let doc = "Whether what a run brings is enriched when it completes.";
    let auto_enrich = fields.optional("auto-enrich", doc, &Flag);
    Some(Order {
        robot: robot?,
        budget: budget.and_then(NonZeroU64::new),
        start_urls: start_urls.unwrap_or_default(),
        auto_enrich: auto_enrich.unwrap_or(false),
    })
}

fn run(fields: &mut Fields<'_, '_>) -> Option<Placed<Run>> {
    let id = fields.optional("id", ID, &Id);
    let order = order(fields);
    let created = created(fields, "How long before the world's start it was created; `-10m` unless given.");
    let behaviour = behaviour(fields, &Subject::only(RunKind::Run));
    Some(Placed {
        value: Run { order: order?, behaviour },
        created: created.unwrap_or(RUN_CREATED),
        id,
        place: Place::read(fields, "robot")?,
    })
}

fn schedule(fields: &mut Fields<'_, '_>) -> Option<Placed<Schedule>> {
    let id = fields.optional("id", ID, &Id);
    let order = order(fields);
    let cadence = Object { what: "a cadence", read: cadence };
    let cadence = fields.required("cadence", "How often it runs.", &cadence);
    let name = fields.optional("name", "What it is called; left to the stand-in unless given.", &LINE);
    let created = created(fields, "How long before the world's start it was created; `-10m` unless given.");
    Some(Placed {
        value: Schedule { order: order?, cadence: cadence?, name },
        created: created.unwrap_or(RUN_CREATED),
        id,
        place: Place::read(fields, "robot")?,
    })
}

fn cadence(fields: &mut Fields<'_, '_>) -> Option<Cadence> {
    let every = Count { min: 1, max: Cadence::EVERY_MAX.into() };
    let every = fields.optional("every", "Every so many units; 1 unless given.", &every);
    let unit = Choice { what: "a unit of time", all: CadenceUnit::ALL, name: CadenceUnit::name, later: &[] };
    let unit = fields.required("unit", "`hour`, `day`, `week` or `month`.", &unit);
    Some(Cadence { every: u32::try_from(every.unwrap_or(1)).ok()?, unit: unit? })
}

fn enrichment(fields: &mut Fields<'_, '_>) -> Option<Placed<Enrichment>> {
    let id = fields.optional("id", ID, &Id);
    let run = fields.required("run", "The run whose captures it enriches, by its id.", &Id);
    let created = created(fields, "How long before the world's start it was created; `-5m` unless given.");
    let behaviour = behaviour(fields, &Subject::only(RunKind::Enrichment));
    Some(Placed {
        value: Enrichment { run: run?, behaviour },
        created: created.unwrap_or(ENRICHMENT_CREATED),
        id,
        place: Place::read(fields, "run")?,
    })
}
