//! Decides what a request to begin something becomes: something new, what is there already, or a refusal.

use std::sync::Arc;

use serde_json::json;

use crate::clock::VirtualTime;
use crate::model::RunId;
use crate::model::circumstances::Circumstances;
use crate::model::extralt::ids::{self, Names};
use crate::model::extralt::import::Content;
use crate::model::extralt::planning::{self, Future, Given};
use crate::model::extralt::run::{Attempt, Input, Kind, Record, Run, Trigger};
use crate::model::extralt::schedule::{Schedule, ScheduleRecord, Settings};
use crate::model::extralt::state::{Around, RUN_CREDITS_MIN, State};
use crate::model::extralt::view::Status;
use crate::scenario::host::{product_host, written_host};
use crate::scenario::matcher::RunSubject;
use crate::scenario::run::RunRule;
use crate::seed::{Digest, Draws};

mod enrichment;

pub(super) use self::enrichment::enriched;
pub use self::enrichment::enrichment;

/// What a request becomes.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// A new run.
    New(Arc<Record>),
    /// One that is there already: a robot of the shop, or an enrichment under way.
    Existing(RunId),
    /// One that is there already goes on.
    Again(RunId, Arc<Attempt>),
}

/// Why nothing begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such robot, run, import or schedule.
    Unknown(&'static str),
    /// The robot has not been built.
    NotBuilt,
    /// The run's robot is gone.
    RobotGone,
    /// An address is none, or one of another shop.
    ForeignAddress {
        /// The address.
        url: Box<str>,
        /// The robot's host, if that is the matter.
        host: Option<Box<str>>,
    },
    /// The run is in a state that does not allow it.
    State(Status),
    /// The source of an enrichment has not ended.
    SourceUnderWay(Status),
    /// The credits do not suffice.
    OutOfCredits {
        /// What is needed at least.
        needed: u64,
        /// What is left.
        left: u64,
    },
    /// The world holds as much as it can.
    Full,
}

/// The name of a shop among robots: its host without `www.`.
pub(super) fn shop(host: &str) -> Arc<str> {
    host.strip_prefix("www.").unwrap_or(host).into()
}

/// Decides about a robot for the shop at `url`, an address that was checked, in `country`.
pub fn robot(
    state: &State,
    url: &str,
    country: &str,
    around: &Circumstances<'_>,
) -> Result<Decision, Refusal> {
    let host = written_host(url).ok_or_else(|| Refusal::ForeignAddress { url: url.into(), host: None })?;
    if let Some(robot) = state.robot_of(&host, country) {
        return Ok(Decision::Existing(robot));
    }
    room(state, url.len())?;
    let (rules, rule) = matching(Kind::Robot, &host, &[], None, around);
    let draws = draws(state, around);
    let future = planning::robot(Given { rule, host: &host, draws: &draws("plan") });
    let taken = |id: &str| state.is_taken(id);
    let input = Input::Robot {
        build: ids::fresh(Names::RobotBuild, &draws, taken),
        url: url.into(),
        country: country.into(),
        language: language(country).into(),
        name: robot_name(&host, country).into(),
        host: host.into(),
        refusal: future.refusal,
    };
    let id = ids::fresh(Names::Robot, &draws, taken);
    Ok(Decision::New(record(id, input, Trigger::Api, future, None, rules, around)))
}

/// What is asked of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRequest {
    /// The robot's id.
    pub robot: Box<str>,
    /// Where it begins; nowhere in particular if empty.
    pub start_urls: Vec<Box<str>>,
    /// How many captures it may yield.
    pub budget: Option<u64>,
    /// Whether it is enriched afterwards.
    pub auto_enrich: bool,
}

/// Decides about a run.
pub fn run(state: &State, request: &RunRequest, around: &Circumstances<'_>) -> Result<Decision, Refusal> {
    let (robot, host) = usable_robot(state, &request.robot, &request.start_urls)?;
    credits(state, RUN_CREDITS_MIN, around.now)?;
    let bytes = request.start_urls.iter().map(|url| url.len()).sum();
    room(state, bytes)?;
    Ok(Decision::New(run_record(state, robot, &host, request, Trigger::Api, around)))
}

/// The robot that clients know by this id, if it can be used and all these addresses are of its shop; and its host.
pub fn usable_robot(
    state: &State,
    robot: &str,
    start_urls: &[Box<str>],
) -> Result<(RunId, Arc<str>), Refusal> {
    let (id, run) = state.find(Kind::Robot, robot).ok_or(Refusal::Unknown("robot"))?;
    if !state.built().contains(id) {
        return Err(Refusal::NotBuilt);
    }
    let Input::Robot { host, .. } = &run.record.input else { return Err(Refusal::Unknown("robot")) };
    let own = shop(host);
    let foreign = start_urls.iter().find(|url| product_host(url).as_deref() != Some(&own));
    match foreign {
        Some(url) => Err(Refusal::ForeignAddress { url: url.clone(), host: Some((**host).into()) }),
        None => Ok((id, Arc::clone(host))),
    }
}

fn run_record(
    state: &State,
    robot: RunId,
    host: &str,
    request: &RunRequest,
    trigger: Trigger,
    around: &Circumstances<'_>,
) -> Arc<Record> {
    let (robot_id, robot_name, before) =
        state.run(robot).map(|run| (Arc::clone(&run.record.id), named(run), run.runs)).unwrap_or_default();
    let (rules, rule) = matching(Kind::Run, host, &[&robot_id, &robot_name], None, around);
    let draws = draws(state, around);
    let future = planning::run(Given { rule, host, draws: &draws("plan") }, request.budget, false);
    let id = ids::fresh(Names::Run, &draws, |id| state.is_taken(id));
    let input = Input::Run {
        robot,
        name: format!("{robot_name}_{}", before + 1).into(),
        start_urls: request.start_urls.clone().into(),
        auto_enrich: request.auto_enrich,
    };
    record(id, input, trigger, future, request.budget, rules, around)
}

/// Decides about restarting a run that is in state `status`.
pub fn restart(
    state: &State,
    id: RunId,
    budget: Option<u64>,
    status: Status,
    around: &Circumstances<'_>,
) -> Result<Decision, Refusal> {
    if !status.is_terminal() {
        return Err(Refusal::State(status));
    }
    let run = state.run(id).ok_or(Refusal::Unknown("run"))?;
    let Input::Run { robot, .. } = &run.record.input else { return Err(Refusal::Unknown("run")) };
    let robot = state.run(*robot).filter(|robot| !robot.deleted).ok_or(Refusal::RobotGone)?;
    credits(state, RUN_CREDITS_MIN, around.now)?;
    let host = host_of(state, run);
    let (rules, rule) = matching(Kind::Run, &host, &[&robot.record.id, &named(robot)], None, around);
    let budget = budget.or(run.attempt.budget);
    let draws = draws(state, around);
    let future = planning::run(Given { rule, host: &host, draws: &draws("plan") }, budget, true);
    Ok(Decision::Again(id, Arc::new(attempt(future, budget, 0, rules, around))))
}

/// Decides about an import of a file with this content.
pub fn import(
    state: &State,
    name: &str,
    content: Content,
    around: &Circumstances<'_>,
) -> Result<Decision, Refusal> {
    room(state, usize::try_from(content.bytes()).unwrap_or(usize::MAX).saturating_add(name.len()))?;
    let host = Arc::clone(&content.about.host);
    let (rules, rule) = matching(Kind::Import, &host, &[], Some(name), around);
    let draws = draws(state, around);
    let (future, content) =
        planning::import(Given { rule, host: &host, draws: &draws("plan") }, name, content);
    let id = ids::fresh(Names::Import, &draws, |id| state.is_taken(id));
    let input = Input::Import { name: name.into(), content: Arc::new(content) };
    Ok(Decision::New(record(id, input, Trigger::Api, future, None, rules, around)))
}

/// Decides about a schedule with settings that were checked.
pub fn schedule(
    state: &State,
    settings: Settings,
    around: &Circumstances<'_>,
) -> Result<Arc<ScheduleRecord>, Refusal> {
    if !state.has_room_for_schedule() {
        return Err(Refusal::Full);
    }
    let id = ids::fresh(Names::Schedule, draws(state, around), |id| state.is_taken(id));
    Ok(Arc::new(ScheduleRecord { id, created: around.now, settings, digest: around.digest }))
}

/// The run that a schedule begins at `at`; none if there is no room for it.
pub(super) fn scheduled(
    state: &State,
    schedule: &Schedule,
    at: VirtualTime,
    around: &Around<'_>,
) -> Option<Arc<Record>> {
    room(state, 0).ok()?;
    let settings = &schedule.settings;
    let run = state.run(settings.robot)?;
    let Input::Robot { host, .. } = &run.record.input else { return None };
    let body = json!({ "robot_id": &*run.record.id, "budget": settings.budget });
    let occurrence = json!(schedule.begun);
    let circumstances = Circumstances {
        stream: around.stream,
        rules: around.rules,
        counts: around.counts,
        // Named apart from every operation, so that no draw of a client's request is one of these.
        digest: Digest::of("schedule", &schedule.record.id, &[], Some(&occurrence)),
        body: &body,
        now: at,
    };
    let request = RunRequest {
        robot: (*run.record.id).into(),
        start_urls: settings.start_urls.to_vec(),
        budget: settings.budget,
        auto_enrich: settings.auto_enrich,
    };
    Some(run_record(state, settings.robot, host, &request, Trigger::Schedule, &circumstances))
}

/// The host that a run is about.
pub fn host_of(state: &State, run: &Run) -> Arc<str> {
    match &run.record.input {
        Input::Robot { host, .. } => Arc::clone(host),
        Input::Run { robot: of, .. } | Input::Enrichment { source: of, .. } => {
            state.run(*of).map(|run| host_of(state, run)).unwrap_or_default()
        }
        Input::Import { content, .. } => Arc::clone(&content.about.host),
    }
}

pub(super) fn named(robot: &Run) -> Arc<str> {
    match &robot.record.input {
        Input::Robot { name, .. } => Arc::clone(name),
        Input::Run { .. } | Input::Enrichment { .. } | Input::Import { .. } => Arc::default(),
    }
}

pub(super) fn record(
    id: Arc<str>,
    input: Input,
    trigger: Trigger,
    future: Future,
    budget: Option<u64>,
    rules: Box<[u16]>,
    around: &Circumstances<'_>,
) -> Arc<Record> {
    let first = Arc::new(attempt(future, budget, 0, rules, around));
    Arc::new(Record { id, input, trigger, created: around.now, first })
}

fn attempt(
    future: Future,
    budget: Option<u64>,
    before: u64,
    rules: Box<[u16]>,
    around: &Circumstances<'_>,
) -> Attempt {
    let Future { plan, total, errors, error, refusal: _ } = future;
    Attempt { begun: around.now, plan, total, errors, budget, before, error, digest: around.digest, rules }
}

pub(super) fn draws<'a>(state: &State, around: &Circumstances<'a>) -> impl Fn(&str) -> Draws + use<'a> {
    let (stream, digest) = (around.stream, around.digest);
    let occurrence = state.created(digest);
    move |purpose| stream.draws(purpose, digest, occurrence)
}

fn credits(state: &State, needed: u64, now: VirtualTime) -> Result<(), Refusal> {
    match state.credits(now) {
        Some(left) if left < needed => Err(Refusal::OutOfCredits { needed, left }),
        _ => Ok(()),
    }
}

fn room(state: &State, bytes: usize) -> Result<(), Refusal> {
    if state.has_room(bytes as u64) { Ok(()) } else { Err(Refusal::Full) }
}

/// The rules whose conditions a run of this kind meets, and the first of them that decides.
fn matching<'a>(
    kind: Kind,
    host: &str,
    robot: &[&str],
    file_name: Option<&str>,
    around: &Circumstances<'a>,
) -> (Box<[u16]>, Option<&'a RunRule>) {
    if around.rules.is_empty() {
        return (Box::default(), None);
    }
    let subject = RunSubject {
        api: "extralt",
        kind: kind.named().name(),
        hosts: &[host],
        query: None,
        robot,
        agent: &[],
        file_name,
        request: around.body,
    };
    around.rules_for(&subject)
}

/// What a robot is called in v1: published examples have the host with its dots replaced, and the country.
pub fn robot_name(host: &str, country: &str) -> String {
    format!("{}_{country}", shop(host).replace('.', "_"))
}

/// The language that shops of a country speak, as far as it matters here.
pub(super) fn language(country: &str) -> &'static str {
    match country {
        "DE" | "AT" | "CH" => "de",
        "FR" | "BE" | "LU" => "fr",
        "ES" | "MX" | "AR" | "CL" | "CO" => "es",
        "IT" => "it",
        "NL" => "nl",
        "PT" | "BR" => "pt",
        "PL" => "pl",
        "SE" => "sv",
        "DK" => "da",
        "NO" => "nb",
        "FI" => "fi",
        "JP" => "ja",
        _ => "en",
    }
}
