//! Runs of the first two generations.

use serde_json::Value;

use super::look::{Fate, at, entries, hold, id};
use super::rows::{Case, check, clauses};
use crate::checks::Check;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    check!(
        Must,
        Job,
        "llama.runs",
        "A run is found by its id and by its job, and no more once it was deleted",
        "a run that is looked at in both ways, and one that is deleted",
        [
            (first, "runs.get.ok", |case, tally| case.accepts(tally, "runs.get", 200)),
            (first, "runs-by-job.get.ok", |case, tally| {
                case.accepts_if(tally, "runs-by-job.get", 200, |seen| !is_run_gone(case, seen));
            }),
            (first, "runs-by-job.get.same-run", |case, tally| {
                for seen in case.good("runs-by-job.get") {
                    let by_id =
                        case.good("runs.get").find(|it| it.own_id() == seen.own_id() && it.id() > seen.id());
                    let Some(by_id) = by_id else { continue };
                    hold(
                        tally,
                        by_id,
                        by_id.at("/job_id").is_null() || by_id.text("/job_id") == seen.run(),
                        "other-job",
                        seen.run().unwrap_or_default(),
                        &by_id.at("/job_id").to_string(),
                    );
                }
            }),
            (first, "runs.delete.gone", |case, tally| super::agents::gone(
                case,
                tally,
                "runs.delete",
                "runs.get",
                "runs.list"
            )),
        ]
    ),
    check!(
        Must,
        Job,
        "llama.runs-settings",
        "A run has the schema and the settings that it was begun with",
        "a run, and what its job was made with",
        [(page, "runs.settings", settings),]
    ),
    check!(
        Must,
        Job,
        "llama.runs-final",
        "A run takes only ways that its lifecycle has, and stays as it is once it has ended",
        "two looks at one run",
        [
            (first, "runs.lifecycle", lifecycle),
            (first, "runs.terminal-final", |case, tally| {
                for (before, seen) in pairs(case) {
                    if ["SUCCESS", "ERROR"].contains(&before.state().unwrap_or_default()) {
                        for member in ["/status", "/data", "/error"] {
                            case.same(tally, (before, before.at(member)), (seen, member));
                        }
                    }
                }
            }),
            (page, "runs.get.as-listed", |case, tally| {
                for seen in case.good("runs.get") {
                    let shown = |list: &Seen| list.id() < seen.id() && list.credential() == seen.credential();
                    let lists = case.good("runs.list").filter(|list| shown(list));
                    let entry = lists.flat_map(|list| entries(list).iter().map(move |entry| (list, entry)));
                    let ended =
                        |entry: &Value| at(entry, "/status") == "SUCCESS" || at(entry, "/status") == "ERROR";
                    let last = entry.filter(|(_, entry)| id(entry) == seen.own_id() && ended(entry)).last();
                    let Some((list, entry)) = last else { continue };
                    for member in ["/status", "/data", "/error", "/data_schema", "/config", "/created_at"] {
                        case.same(tally, (list, at(entry, member)), (seen, member));
                    }
                }
            }),
        ]
    ),
    check!(
        Should,
        Job,
        "llama.runs-follow",
        "A run ends as its job does",
        "a job that has ended, and its run",
        [
            (page, "runs.follows-job", |case, tally| follows(
                case,
                tally,
                &[("SUCCESS", "SUCCESS"), ("ERROR", "ERROR")]
            )),
            (first, "runs.partial-job-succeeds", |case, tally| follows(
                case,
                tally,
                &[("PARTIAL_SUCCESS", "SUCCESS")]
            )),
            (first, "runs.cancelled-job-errs", |case, tally| follows(case, tally, &[("CANCELLED", "ERROR")])),
        ]
    ),
    check!(
        Must,
        Job,
        "llama.runs-from-ui",
        "The newest run that was begun with from_ui is found, and null if there is none",
        "an agent with such a run, and one without",
        [
            (v1, "runs-latest-from-ui.get.null", |case, tally| {
                for seen in case.asked("runs-latest-from-ui.get").filter(|seen| case.is_sound(seen)) {
                    if begun(case, seen).next().is_none() {
                        let right = seen.status() == Some(200) && seen.body().is_null();
                        hold(tally, seen, right, "not-null", "null", &seen.body().to_string());
                    }
                }
            }),
            (v1, "runs-latest-from-ui.get.latest", |case, tally| {
                for seen in case.asked("runs-latest-from-ui.get").filter(|seen| case.is_sound(seen)) {
                    let Some(newest) = begun(case, seen).last() else { continue };
                    let right = seen.text("/job_id") == newest.own_id();
                    hold(
                        tally,
                        seen,
                        right,
                        "other-run",
                        newest.own_id().unwrap_or_default(),
                        &seen.at("/job_id").to_string(),
                    );
                }
            }),
        ]
    ),
];

/// The jobs that were made with `from_ui` for the agent of a look, before it.
fn begun<'h>(case: &'h Case<'h>, seen: &'h Seen) -> impl Iterator<Item = &'h Seen> {
    let agent = seen.query("extraction_agent_id");
    case.good("jobs.create").filter(move |job| {
        job.id() < seen.id()
            && job.credential() == seen.credential()
            && job.query("from_ui") == Some("true")
            && at(job.request(), "/extraction_agent_id").as_str() == agent
    })
}

/// Whether the run of a job was deleted before a moment.
fn is_run_gone(case: &Case<'_>, moment: &Seen) -> bool {
    let mut runs = case.good("runs-by-job.get").filter(|run| run.run() == moment.run());
    runs.any(|run| run.own_id().is_some_and(|id| case.fate(moment, id) == Fate::Gone))
}

fn settings(case: &Case<'_>, tally: &mut Tally) {
    for job in case.good("jobs.create") {
        let Some(run) = case.good("runs-by-job.get").find(|run| run.run() == job.own_id()) else { continue };
        let own = at(job.request(), "/data_schema_override");
        let expected = if own.is_object() { own } else { job.at("/extraction_agent/data_schema") };
        case.same(tally, (job, expected), (run, "/data_schema"));
        if at(job.request(), "/config_override").is_null() {
            case.same(tally, (job, job.at("/extraction_agent/config")), (run, "/config"));
        }
    }
}

/// Pairs of consecutive looks at one run by its owner.
fn pairs<'h>(case: &'h Case<'h>) -> Vec<(&'h Seen, &'h Seen)> {
    let mut reads: Vec<&Seen> = case.good("runs.get").chain(case.good("runs-by-job.get")).collect();
    reads.sort_by_key(|seen| seen.id());
    let mut pairs = Vec::new();
    for (place, seen) in reads.iter().enumerate() {
        let same = |it: &&&Seen| it.own_id() == seen.own_id() && it.credential() == seen.credential();
        pairs.extend(reads[..place].iter().rfind(same).map(|before| (*before, *seen)));
    }
    pairs
}

fn lifecycle(case: &Case<'_>, tally: &mut Tally) {
    let Some(lifecycle) = case.history.contract.lifecycle_of("llama-extract.runs.get") else { return };
    for (before, seen) in pairs(case) {
        let (Some(from), Some(to)) = (before.state(), seen.state()) else { continue };
        tally.saw(seen);
        if from != to && !lifecycle.reaches(from, to) {
            tally.broke(seen, "no-such-way", format!("a way from {from}"), to).at("/status").after(before);
        }
    }
}

fn follows(case: &Case<'_>, tally: &mut Tally, ends: &[(&str, &str)]) {
    for job in case.good("jobs.get") {
        let Some((_, expected)) = ends.iter().find(|(end, _)| job.state() == Some(end)) else { continue };
        let later = |run: &&Seen| run.id() > job.id() && run.run() == job.run();
        for run in case.good("runs-by-job.get").filter(later) {
            let state = run.state().unwrap_or("no state");
            hold(tally, run, state == *expected, "differs", expected, state);
        }
    }
}
