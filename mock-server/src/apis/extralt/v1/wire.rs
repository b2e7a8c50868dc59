//! The resources of v1: `snake_case`, times as RFC 3339, null for what is not known yet (published client 0.4.0, types).

use serde::Serialize;

use crate::apis::extralt::shown::{
    EnrichmentShown, ImportShown, RobotShown, RunShown, ScheduleShown, updated,
};
use crate::clock::VirtualTime;
use crate::model::extralt::run::Input;
use crate::model::extralt::schedule::Pause;
use crate::scenario::run::Refusal;

/// A page of a list.
#[derive(Debug, Serialize)]
pub(super) struct Page<T> {
    pub(super) data: Vec<T>,
    pub(super) next_cursor: Option<String>,
}

/// How many captures there are.
#[derive(Debug, Serialize)]
pub(super) struct Count {
    pub(super) count: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct Run<'a> {
    id: &'a str,
    name: &'a str,
    robot_id: &'a str,
    robot_name: &'a str,
    status: &'static str,
    finished: bool,
    status_reason: Option<Box<str>>,
    budget: Option<u64>,
    extracted: u64,
    in_queue: u64,
    auto_enrich: bool,
    /// Not in lists; null if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    start_urls: Option<Option<&'a [Box<str>]>>,
    triggered_by: &'static str,
    created_at: String,
    started_at: Option<String>,
    finished_at: Option<String>,
    updated_at: String,
}

impl<'a> Run<'a> {
    /// The whole run.
    pub(super) fn of(shown: RunShown<'a>) -> Option<Self> {
        let run = shown.run;
        let Input::Run { start_urls, .. } = &run.record.input else { return None };
        let start_urls = Some(&**start_urls).filter(|urls| !urls.is_empty());
        Some(Self { start_urls: Some(start_urls), ..Self::summary(shown)? })
    }

    /// The run as lists have it.
    pub(super) fn summary(shown: RunShown<'a>) -> Option<Self> {
        let RunShown { run, view, robot } = shown;
        let Input::Run { name, auto_enrich, .. } = &run.record.input else { return None };
        let Input::Robot { name: robot_name, .. } = &robot.record.input else { return None };
        Some(Self {
            id: &run.record.id,
            name,
            robot_id: &robot.record.id,
            robot_name,
            status: view.status.name(),
            finished: view.status.is_terminal(),
            budget: run.attempt.budget,
            extracted: view.done,
            in_queue: view.in_queue,
            auto_enrich: *auto_enrich,
            start_urls: None,
            triggered_by: run.record.trigger.name(),
            created_at: run.record.created.iso_millis(),
            started_at: view.started.map(VirtualTime::iso_millis),
            finished_at: view.ended.map(VirtualTime::iso_millis),
            updated_at: updated(run, &view).iso_millis(),
            status_reason: view.reason,
        })
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Robot<'a> {
    id: &'a str,
    name: &'a str,
    host: &'a str,
    country: &'a str,
    language: &'a str,
    status: &'static str,
    finished: bool,
    status_reason: Option<Box<str>>,
    refusal: Option<&'static str>,
    run_count: u32,
    created_at: String,
    updated_at: String,
}

impl<'a> Robot<'a> {
    pub(super) fn of(shown: RobotShown<'a>) -> Option<Self> {
        let RobotShown { run, view } = shown;
        let Input::Robot { name, host, country, language, refusal, .. } = &run.record.input else {
            return None;
        };
        let failed = view.reason.is_some();
        Some(Self {
            id: &run.record.id,
            name,
            host,
            country,
            language,
            status: view.status.name(),
            finished: view.status.is_terminal(),
            refusal: refusal.filter(|_| failed).map(Refusal::name),
            run_count: run.runs,
            created_at: run.record.created.iso_millis(),
            updated_at: updated(run, &view).iso_millis(),
            status_reason: view.reason,
        })
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Schedule<'a> {
    id: &'a str,
    name: &'a str,
    robot_id: &'a str,
    robot_name: &'a str,
    cadence: Cadence,
    budget: Option<u64>,
    start_urls: Option<&'a [Box<str>]>,
    auto_enrich: bool,
    enabled: bool,
    pause_reason: Option<&'static str>,
    next_run_at: Option<String>,
    last_run_at: Option<String>,
    last_run_id: Option<&'a str>,
    created_at: String,
    updated_at: String,
}

#[derive(Debug, Serialize)]
struct Cadence {
    interval_amount: u32,
    interval_unit: &'static str,
}

impl<'a> Schedule<'a> {
    pub(super) fn of(shown: &ScheduleShown<'a>) -> Option<Self> {
        let ScheduleShown { schedule, robot, last } = shown;
        let Input::Robot { name: robot_name, .. } = &robot.record.input else { return None };
        let settings = &schedule.settings;
        Some(Self {
            id: &schedule.record.id,
            name: &settings.name,
            robot_id: &robot.record.id,
            robot_name,
            cadence: Cadence {
                interval_amount: settings.cadence.every,
                interval_unit: settings.cadence.unit.name(),
            },
            budget: settings.budget,
            start_urls: Some(&*settings.start_urls).filter(|urls| !urls.is_empty()),
            auto_enrich: settings.auto_enrich,
            enabled: schedule.paused.is_none(),
            pause_reason: schedule.paused.map(Pause::name),
            next_run_at: schedule.next.map(VirtualTime::iso_millis),
            last_run_at: schedule.last.map(|(_, at)| at.iso_millis()),
            last_run_id: *last,
            created_at: schedule.record.created.iso_millis(),
            updated_at: schedule.updated.iso_millis(),
        })
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Enrichment<'a> {
    id: &'a str,
    source: Source<'a>,
    status: &'static str,
    finished: bool,
    status_reason: Option<Box<str>>,
    processed: u64,
    errors: u64,
    budget: Option<u64>,
    duration_ms: Option<u64>,
    triggered_by: &'static str,
    created_at: String,
    started_at: Option<String>,
    finished_at: Option<String>,
    updated_at: String,
}

#[derive(Debug, Serialize)]
struct Source<'a> {
    kind: &'static str,
    id: &'a str,
}

impl<'a> Enrichment<'a> {
    pub(super) fn of(shown: EnrichmentShown<'a>) -> Self {
        let source = Source { kind: shown.source_kind(), id: &shown.source.record.id };
        let EnrichmentShown { run, view, .. } = shown;
        Self {
            id: &run.record.id,
            source,
            status: view.status.name(),
            finished: view.status.is_terminal(),
            processed: view.done,
            errors: view.errors,
            budget: run.attempt.budget,
            duration_ms: view.duration_ms,
            triggered_by: run.record.trigger.name(),
            created_at: run.record.created.iso_millis(),
            started_at: view.started.map(VirtualTime::iso_millis),
            finished_at: view.ended.map(VirtualTime::iso_millis),
            updated_at: updated(run, &view).iso_millis(),
            status_reason: view.reason,
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Import<'a> {
    id: &'a str,
    name: &'a str,
    status: &'static str,
    finished: bool,
    status_reason: Option<Box<str>>,
    success_count: u64,
    error_count: u64,
    created_at: String,
    updated_at: String,
}

impl<'a> Import<'a> {
    pub(super) fn of(shown: ImportShown<'a>) -> Option<Self> {
        let ImportShown { run, view } = shown;
        let Input::Import { name, .. } = &run.record.input else { return None };
        Some(Self {
            id: &run.record.id,
            name,
            status: view.status.name(),
            finished: view.status.is_terminal(),
            success_count: view.done,
            error_count: view.errors,
            created_at: run.record.created.iso_millis(),
            updated_at: updated(run, &view).iso_millis(),
            status_reason: view.reason,
        })
    }
}
