//! The documents of v0: camelCase, times in milliseconds, and nothing that is not known yet (page "Running extractions").

use serde::Serialize;

use crate::apis::extralt::shown::{EnrichmentShown, RobotShown, RunShown, ScheduleShown, updated};
use crate::clock::VirtualTime;
use crate::model::extralt::create::robot_name as usual_name;
use crate::model::extralt::run::{Input, Run};
use crate::model::extralt::view::Status;

/// All that a create answers.
#[derive(Debug, Serialize)]
pub(super) struct Created<'a> {
    pub(super) id: &'a str,
}

/// A page of a list.
#[derive(Debug, Serialize)]
pub(super) struct Rows<T> {
    pub(super) rows: Vec<T>,
    pub(super) next_cursor: Option<String>,
}

/// How many captures there are.
#[derive(Debug, Serialize)]
pub(super) struct Count {
    pub(super) count: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunDocument<'a> {
    #[serde(rename = "_id")]
    id: &'a str,
    #[serde(rename = "_creationTime")]
    creation_time: f64,
    status: &'static str,
    robot_id: &'a str,
    robot_name: &'a str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<u64>,
    #[serde(skip_serializing_if = "<[Box<str>]>::is_empty")]
    start_urls: &'a [Box<str>],
    extracted: u64,
    in_queue: u64,
    auto_enrich: bool,
    triggered_by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason: Option<Box<str>>,
    created_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<u64>,
    updated_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u64>,
}

impl<'a> RunDocument<'a> {
    pub(super) fn of(shown: RunShown<'a>) -> Self {
        let RunShown { run, view, robot } = shown;
        let robot_name = robot_name(robot);
        let start_urls: &[Box<str>] = match &run.record.input {
            Input::Run { start_urls, .. } => start_urls,
            Input::Robot { .. } | Input::Enrichment { .. } | Input::Import { .. } => &[],
        };
        Self {
            id: &run.record.id,
            creation_time: creation_time(run.record.created),
            status: status(view.status),
            robot_id: &robot.record.id,
            robot_name,
            name: format!("{robot_name} run"),
            budget: run.attempt.budget,
            start_urls,
            extracted: view.done,
            in_queue: view.in_queue,
            auto_enrich: matches!(run.record.input, Input::Run { auto_enrich: true, .. }),
            triggered_by: run.record.trigger.name(),
            created_at: run.record.created.as_millis(),
            started_at: view.started.map(VirtualTime::as_millis),
            updated_at: updated(run, &view).as_millis(),
            finished_at: view.ended.map(VirtualTime::as_millis),
            duration: view.duration_ms,
            status_reason: view.reason,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BuildDocument<'a> {
    #[serde(rename = "_id")]
    id: &'a str,
    #[serde(rename = "_creationTime")]
    creation_time: f64,
    status: &'static str,
    url: &'a str,
    host: &'a str,
    country_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    robot_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason: Option<Box<str>>,
    created_at: u64,
}

impl<'a> BuildDocument<'a> {
    pub(super) fn of(shown: RobotShown<'a>) -> Option<Self> {
        let RobotShown { run, view } = shown;
        let Input::Robot { build, url, host, country, .. } = &run.record.input else { return None };
        Some(Self {
            id: build,
            creation_time: creation_time(run.record.created),
            status: view.status.name(),
            url,
            host,
            country_code: country,
            robot_id: (view.status == Status::Completed).then_some(&*run.record.id),
            status_reason: view.reason,
            created_at: run.record.created.as_millis(),
        })
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RobotDocument<'a> {
    #[serde(rename = "_id")]
    id: &'a str,
    #[serde(rename = "_creationTime")]
    creation_time: f64,
    name: &'a str,
    host: &'a str,
    country_code: &'a str,
    language: &'a str,
    created_at: u64,
}

impl<'a> RobotDocument<'a> {
    /// A robot comes into being when its building is over.
    pub(super) fn of(shown: &RobotShown<'a>) -> Option<Self> {
        let run = shown.run;
        let Input::Robot { host, country, language, .. } = &run.record.input else { return None };
        let built = shown.view.ended.unwrap_or(run.record.created);
        Some(Self {
            id: &run.record.id,
            creation_time: creation_time(built),
            name: robot_name(run),
            host,
            country_code: country,
            language,
            created_at: built.as_millis(),
        })
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScheduleDocument<'a> {
    #[serde(rename = "_id")]
    id: &'a str,
    #[serde(rename = "_creationTime")]
    creation_time: f64,
    name: &'a str,
    robot_id: &'a str,
    robot_name: &'a str,
    cadence: CadenceDocument,
    #[serde(skip_serializing_if = "<[Box<str>]>::is_empty")]
    start_urls: &'a [Box<str>],
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<u64>,
    auto_enrich: bool,
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pause_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_run_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_run_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_run_id: Option<&'a str>,
    created_at: u64,
    updated_at: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CadenceDocument {
    interval_amount: u32,
    interval_unit: &'static str,
}

impl<'a> ScheduleDocument<'a> {
    pub(super) fn of(shown: &ScheduleShown<'a>) -> Self {
        let ScheduleShown { schedule, robot, last } = shown;
        let settings = &schedule.settings;
        Self {
            id: &schedule.record.id,
            creation_time: creation_time(schedule.record.created),
            name: &settings.name,
            robot_id: &robot.record.id,
            robot_name: robot_name(robot),
            cadence: CadenceDocument {
                interval_amount: settings.cadence.every,
                interval_unit: settings.cadence.unit.name(),
            },
            start_urls: &settings.start_urls,
            budget: settings.budget,
            auto_enrich: settings.auto_enrich,
            enabled: schedule.paused.is_none(),
            pause_reason: schedule.paused.map(crate::model::extralt::schedule::Pause::name),
            next_run_at: schedule.next.map(VirtualTime::as_millis),
            last_run_at: schedule.last.map(|(_, at)| at.as_millis()),
            last_run_id: *last,
            created_at: schedule.record.created.as_millis(),
            updated_at: schedule.updated.as_millis(),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EnrichmentDocument<'a> {
    #[serde(rename = "_id")]
    id: &'a str,
    #[serde(rename = "_creationTime")]
    creation_time: f64,
    source: SourceDocument<'a>,
    status: &'static str,
    processed: u64,
    errors: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason: Option<Box<str>>,
    triggered_by: &'static str,
    created_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u64>,
}

#[derive(Debug, Serialize)]
struct SourceDocument<'a> {
    kind: &'static str,
    id: &'a str,
}

impl<'a> EnrichmentDocument<'a> {
    pub(super) fn of(shown: EnrichmentShown<'a>) -> Self {
        let source = SourceDocument { kind: shown.source_kind(), id: &shown.source.record.id };
        let EnrichmentShown { run, view, .. } = shown;
        Self {
            id: &run.record.id,
            creation_time: creation_time(run.record.created),
            source,
            status: view.status.name(),
            processed: view.done,
            errors: view.errors,
            budget: run.attempt.budget,
            triggered_by: run.record.trigger.name(),
            created_at: run.record.created.as_millis(),
            started_at: view.started.map(VirtualTime::as_millis),
            duration: view.duration_ms,
            status_reason: view.reason,
        }
    }
}

/// v0 has no word for the end of a run's work.
fn status(status: Status) -> &'static str {
    match status {
        Status::Finalizing => Status::Running.name(),
        status => status.name(),
    }
}

/// In this version a robot that was given no name of its own is called as its host is.
fn robot_name(robot: &Run) -> &str {
    match &robot.record.input {
        Input::Robot { host, country, name, .. } if **name == *usual_name(host, country) => {
            host.strip_prefix("www.").unwrap_or(host)
        }
        Input::Robot { name, .. } => name,
        Input::Run { .. } | Input::Enrichment { .. } | Input::Import { .. } => "",
    }
}

/// Milliseconds with a fraction, as such documents have them.
fn creation_time(at: VirtualTime) -> f64 {
    at.as_micros() as f64 / 1_000.0
}
