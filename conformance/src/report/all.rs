//! What was found when one server was judged as several APIs, one after the other. Each has a report of its own.

use serde::Serialize;

use super::{Report, SCHEMA, json, junit, markdown, terminal};
use crate::verdict::{ExitCode, RunOutcome, worse};

/// The reports of one server. Free of keys.
#[derive(Debug, Serialize)]
pub struct Reports {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The version of the harness.
    pub harness: &'static str,
    /// What all of them say together: the worst of what each says.
    pub outcome: RunOutcome,
    /// What the process exits with.
    pub exit_code: u8,
    /// The APIs that the server was not judged as, because the command was to end before.
    pub not_judged: Vec<String>,
    /// One report for each API, in the order in which they were judged.
    pub reports: Vec<Report>,
}

impl Reports {
    /// These reports together. With some API left out, or none judged at all, the whole is incomplete at best.
    pub fn new(reports: Vec<Report>, not_judged: Vec<String>) -> Self {
        let is_whole = not_judged.is_empty() && !reports.is_empty();
        let start = if is_whole { RunOutcome::Conformant } else { RunOutcome::Incomplete };
        let outcome = reports.iter().map(|report| report.outcome).fold(start, worse);
        let left_behind = reports.iter().any(|report| !report.left_behind.is_empty());
        Self {
            schema: SCHEMA,
            harness: env!("CARGO_PKG_VERSION"),
            outcome,
            exit_code: ExitCode::of(outcome, left_behind).code(),
            not_judged,
            reports,
        }
    }

    /// For people, one after the other, and a last line about all of them.
    pub fn terminal(&self, colour: bool) -> String {
        let each: String =
            self.reports.iter().map(|report| terminal::render(report, colour) + "\n").collect();
        format!("{each}{}\n", self.said())
    }

    /// One object with every report, indented and ended by a newline.
    pub fn json(&self) -> String {
        json::text(self)
    }

    /// One document with a suite for each API.
    pub fn junit(&self) -> String {
        junit::document(&self.reports)
    }

    /// For the summary of a CI step, one after the other.
    pub fn markdown(&self) -> String {
        let each: String = self.reports.iter().map(|report| markdown::render(report) + "\n").collect();
        format!("# {}\n\n{each}", self.said())
    }

    /// What came of it in one line.
    fn said(&self) -> String {
        let words = self.reports.iter().map(|it| format!("{}/{} {}", it.api, it.version, it.outcome.word()));
        let left_out = self.not_judged.iter().map(|api| format!("{api} not judged"));
        let words: Vec<String> = words.chain(left_out).collect();
        format!("all: {}: {}", self.outcome.word(), words.join(", "))
    }
}
