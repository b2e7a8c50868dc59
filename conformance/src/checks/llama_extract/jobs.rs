//! Jobs of the first two generations.

use serde_json::Value;

use super::look::{Fate, at, bare, entries, expect, hold, id, name, schema_of, text};
use super::rows::{Case, check, clauses};
use crate::checks::Check;
use crate::history::seen::Seen;
use crate::verdict::Tally;

/// The checks, in the order they are reported.
pub const CHECKS: &[Check] = &[
    check!(
        Must,
        Job,
        "llama.jobs",
        "A job is made of an agent and a file, comes before its data, and is found by its id",
        "a job that is made, and looked at",
        [
            (first, "jobs.create.ok", |case, tally| case.accepts(tally, "jobs.create", 200)),
            (first, "jobs.create.asynchronous", |case, tally| {
                for seen in case.good("jobs.create") {
                    let state = seen.state().unwrap_or("no state");
                    hold(tally, seen, state == "PENDING", "not-pending", "PENDING", state);
                }
            }),
            (first, "jobs.get.ok", |case, tally| case.accepts(tally, "jobs.get", 200)),
            (first, "jobs.file-told", told),
            (first, "jobs-batch.create.ok", batch),
            (v1, "jobs-file.create.ok", |case, tally| case.accepts(tally, "jobs-file.create", 200)),
            (v1, "run.create.ok", |case, tally| {
                case.accepts_if(tally, "run.create", 200, |seen| {
                    sources(seen) == 1 && at(seen.request(), "/config/page_range") != "seven"
                });
            }),
        ]
    ),
    check!(
        Must,
        Job,
        "llama.jobs-overrides",
        "What a job says of schema and settings takes the place of the agent's, which stays as it is",
        "a job with a schema and settings of its own, its run, and its agent",
        [
            (first, "jobs.create.schema-override", |case, tally| {
                overridden(case, tally, "/data_schema_override", "/data_schema");
            }),
            (first, "jobs.create.config-override", |case, tally| overridden(
                case,
                tally,
                "/config_override",
                "/config"
            )),
            (v1, "jobs-file.create.overrides", |case, tally| {
                for job in
                    case.good("jobs-file.create").filter(|seen| seen.field("data_schema_override").is_some())
                {
                    let said = job
                        .field("data_schema_override")
                        .and_then(|text| serde_json::from_str::<Value>(text).ok());
                    let (Some(said), Some(run)) = (said, run_of(case, job)) else { continue };
                    case.same(tally, (job, &said), (run, "/data_schema"));
                }
            }),
        ]
    ),
    check!(
        Must,
        Job,
        "llama.jobs-listed",
        "The jobs of an agent are listed, all of them and no other",
        "jobs of two agents, and a list",
        [(first, "jobs.list.of-agent", listed),]
    ),
    check!(
        Must,
        Job,
        "llama.jobs-final",
        "A job that has ended changes no more",
        "two looks at a job that has ended",
        [
            (first, "jobs.terminal-final", |case, tally| finals(
                case,
                tally,
                "jobs.get",
                &["SUCCESS", "PARTIAL_SUCCESS", "ERROR", "CANCELLED"]
            )),
            (v2, "extract.terminal-final", |case, tally| finals(
                case,
                tally,
                "extract.get",
                &["COMPLETED", "FAILED", "CANCELLED"]
            )),
        ]
    ),
    check!(
        Must,
        Job,
        "llama.results",
        "The data of a job that has succeeded is answered",
        "the result of a job that has succeeded",
        [(first, "jobs-result.get.ok", |case, tally| {
            let done = |seen: &&Seen| seen.run().is_some_and(|job| succeeded(case, seen, job));
            expect(tally, case.asked("jobs-result.get").filter(done), "other-status", &[200]);
        }),]
    ),
    check!(
        Must,
        Job,
        "llama.results-same",
        "The result of a job is the data of its run",
        "a result, and the run of that job",
        [(first, "jobs-result.get.same-data", |case, tally| {
            for seen in case.good("jobs-result.get") {
                let run = case
                    .good("runs-by-job.get")
                    .find(|run| run.run() == seen.run() && !run.at("/data").is_null());
                let Some(run) = run else { continue };
                for (own, runs) in
                    [("/data", "/data"), ("/run_id", "/id"), ("/extraction_agent_id", "/extraction_agent_id")]
                {
                    case.same(tally, (run, run.at(runs)), (seen, own));
                }
            }
        }),]
    ),
    check!(
        Should,
        Job,
        "llama.results-early",
        "As long as there is no data, the result is answered with 404",
        "the result of a job that is under way",
        [(first, "jobs-result.get.early-404", |case, tally| {
            let early = |seen: &&Seen| {
                let later = case.good("jobs.get").find(|it| it.id() > seen.id() && it.run() == seen.run());
                later.is_some_and(|it| it.state() == Some("PENDING"))
            };
            expect(tally, case.asked("jobs-result.get").filter(early), "not-404", &[404]);
        }),]
    ),
    check!(
        Should,
        Job,
        "llama.jobs-newest-first",
        "Agents, jobs and runs are listed newest first",
        "a list of two of them",
        [(first, "lists.newest-first", |case, tally| {
            let lists = ["extraction-agents.list", "runs.list"];
            super::pages::falling(tally, lists.into_iter().flat_map(|it| case.good(it)), "/created_at");
        }),]
    ),
    check!(
        Should,
        Job,
        "llama.empty-fields",
        "An empty text in a form counts as leaving the field out",
        "a form with an empty field",
        [(v1, "requests.empty-field-is-absent", |case, tally| {
            let empty = |seen: &&Seen| seen.field("data_schema_override") == Some("");
            expect(
                tally,
                case.asked("jobs-file.create").filter(empty).filter(|it| case.is_sound(it)),
                "refused",
                &[200],
            );
        }),]
    ),
];

/// From how many things a stateless job is to be made.
fn sources(seen: &Seen) -> usize {
    let said = |name: &&str| seen.request().get(*name).is_some_and(|value| !value.is_null());
    ["file_id", "text", "file"].iter().filter(|name| said(name)).count()
}

/// Whether a job was seen to succeed before a moment, and nothing of it was deleted since.
fn succeeded(case: &Case<'_>, moment: &Seen, job: &str) -> bool {
    let mut reads = case.good("jobs.get").filter(|it| it.id() < moment.id() && it.run() == Some(job));
    let run = case.good("runs-by-job.get").find(|run| run.run() == Some(job)).and_then(Seen::own_id);
    reads.any(|it| it.state() == Some("SUCCESS") && it.credential() == moment.credential())
        && run.is_none_or(|run| case.fate(moment, run) != Fate::Gone)
}

/// The run of a job, as it was looked at last.
fn run_of<'h>(case: &'h Case<'h>, job: &Seen) -> Option<&'h Seen> {
    case.good("runs-by-job.get").rfind(|run| run.run() == job.own_id())
}

fn told(case: &Case<'_>, tally: &mut Tally) {
    for seen in case.good("jobs.create") {
        let asked = at(seen.request(), "/file_id").as_str().map(bare);
        let shown = seen.text("/file/id").or_else(|| seen.text("/file_id"));
        hold(tally, seen, shown == asked, "other-file", asked.unwrap_or_default(), shown.unwrap_or("none"));
        let agent = at(seen.request(), "/extraction_agent_id");
        hold(
            tally,
            seen,
            seen.at("/extraction_agent/id") == agent,
            "other-agent",
            &agent.to_string(),
            &seen.at("/extraction_agent/id").to_string(),
        );
    }
}

fn batch(case: &Case<'_>, tally: &mut Tally) {
    for seen in case.asked("jobs-batch.create").filter(|seen| case.is_sound(seen)) {
        let asked = at(seen.request(), "/file_ids").as_array().map_or(0, Vec::len);
        let made = seen.body().as_array().map_or(0, Vec::len);
        let right = seen.status() == Some(200) && made == asked;
        hold(
            tally,
            seen,
            right,
            "not-all",
            &format!("{asked} jobs"),
            &format!("{} with {made}", seen.status_text()),
        );
    }
}

/// Expects the run of a job to have what the job said, and the agent to have what it had.
fn overridden(case: &Case<'_>, tally: &mut Tally, said: &str, shown: &str) {
    for job in case.good("jobs.create") {
        let Some(value) = job.request().pointer(said).and_then(schema_of) else { continue };
        let Some(run) = run_of(case, job) else { continue };
        for (member, expected) in value.as_object().into_iter().flatten() {
            let pointer = format!("{shown}/{member}");
            case.same(tally, (job, expected), (run, &pointer));
        }
        let agent = at(job.request(), "/extraction_agent_id").as_str();
        let before = agent.and_then(|id| {
            case.last_of(
                job,
                &["extraction-agents.create", "extraction-agents.update", "extraction-agents.get"],
                id,
            )
        });
        let after = case.good("extraction-agents.get").find(|it| it.id() > job.id() && it.own_id() == agent);
        let changed =
            |it: &Seen| name(it) == "extraction-agents.update" && it.subject() == agent && it.id() > job.id();
        if let (Some(before), Some(after)) = (before, after)
            && !case.history.judged().take_while(|it| it.id() < after.id()).any(changed)
        {
            case.same(tally, (before, before.at(shown)), (after, shown));
        }
    }
}

fn listed(case: &Case<'_>, tally: &mut Tally) {
    for list in case.good("jobs.list") {
        let Some(agent) = list.query("extraction_agent_id") else { continue };
        for entry in entries(list) {
            let of = text(entry, "/extraction_agent/id");
            hold(tally, list, of == Some(agent), "others", agent, of.unwrap_or("none"));
        }
        let made =
            case.good("jobs.create").filter(|it| it.id() < list.id() && it.credential() == list.credential());
        for job in made.filter(|job| at(job.request(), "/extraction_agent_id").as_str() == Some(agent)) {
            // Whether a job is listed whose run or agent was deleted nobody says.
            let run = run_of(case, job).and_then(Seen::own_id);
            let is_gone = |id: Option<&str>| id.is_some_and(|id| case.fate(list, id) == Fate::Gone);
            if is_gone(run) || is_gone(Some(agent)) {
                continue;
            }
            tally.saw(list);
            if !entries(list).iter().any(|entry| id(entry) == job.own_id()) {
                tally
                    .broke(list, "missing", job.own_id().unwrap_or_default(), "a list without it")
                    .after(job);
            }
        }
    }
}

/// Expects what has ended to stay in its state.
fn finals(case: &Case<'_>, tally: &mut Tally, get: &'static str, ends: &[&str]) {
    let reads: Vec<&Seen> = case.good(get).collect();
    for (place, seen) in reads.iter().enumerate() {
        let same =
            |earlier: &&&Seen| earlier.own_id() == seen.own_id() && earlier.credential() == seen.credential();
        let Some(before) = reads[..place].iter().rfind(same) else { continue };
        let Some(state) = before.state().filter(|state| ends.contains(state)) else { continue };
        tally.saw(seen);
        if seen.state() != Some(state) {
            tally
                .broke(seen, "revived", state, seen.state().unwrap_or("no state"))
                .at("/status")
                .after(before);
        }
    }
}
