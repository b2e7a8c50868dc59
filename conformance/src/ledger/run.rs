//! What a finished run says of the clauses: by its verdicts, or by the report it left.

use serde::Deserialize;
use thiserror::Error;

use crate::judge::Judged;
use crate::report::SCHEMA;

/// A finished run as the ledger needs it.
#[derive(Debug, Deserialize)]
pub struct Run {
    schema: u32,
    api: String,
    version: String,
    checks: Vec<Ran>,
}

/// What one check said.
#[derive(Debug, Deserialize)]
struct Ran {
    id: String,
    verdict: String,
    reason: Option<String>,
    clauses: Vec<Named>,
}

#[derive(Debug, Deserialize)]
struct Named {
    id: String,
}

/// Why a text is no report to go by.
#[derive(Debug, Error)]
pub enum BadReport {
    /// It is not what `--report json=PATH` writes.
    #[error("it is not a report: {0}. Write one with `rehearsal check --report json=PATH`")]
    Shape(#[from] serde_json::Error),
    /// It has another shape than this version of the program writes.
    #[error(
        "it has the shape of version {found} of reports, and this program knows {SCHEMA}; write it again"
    )]
    Schema {
        /// The version it says it has.
        found: u32,
    },
    /// It is about something else.
    #[error("it is about {found}, not about {wanted}")]
    Api {
        /// What it is about.
        found: String,
        /// What it should be about.
        wanted: String,
    },
}

/// What became of one clause in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// A check put it to the test.
    Exercised,
    /// Something was in the way; what.
    Blocked(String),
    /// The occasion never came; which.
    Unobserved(String),
    /// It does not bind this server.
    NotApplicable,
}

impl Fate {
    /// Why it was not exercised, as a sentence.
    pub fn reason(&self) -> String {
        match self {
            Fate::Exercised => String::new(),
            Fate::Blocked(reason) => format!("blocked: {reason}"),
            Fate::Unobserved(reason) => reason.clone(),
            Fate::NotApplicable => "it does not bind the server of that run".into(),
        }
    }
}

impl Run {
    /// Reads a JSON report about `api` at `version`.
    ///
    /// # Errors
    ///
    /// When it is none, of another shape, or about something else.
    pub fn parse(text: &str, api: &str, version: &str) -> Result<Self, BadReport> {
        let run: Run = serde_json::from_str(text)?;
        if run.schema != SCHEMA {
            return Err(BadReport::Schema { found: run.schema });
        }
        if (run.api.as_str(), run.version.as_str()) != (api, version) {
            let found = format!("{}/{}", run.api, run.version);
            return Err(BadReport::Api { found, wanted: format!("{api}/{version}") });
        }
        Ok(run)
    }

    /// A run that was just judged.
    pub(crate) fn of(api: &str, version: &str, judged: &[Judged]) -> Self {
        let ran = |judged: &Judged| Ran {
            id: judged.check.id.to_owned(),
            verdict: judged.verdict.word().to_owned(),
            reason: judged.verdict.reason().map(str::to_owned),
            clauses: judged.clauses.iter().map(|clause| Named { id: clause.id.clone() }).collect(),
        };
        let checks = judged.iter().map(ran).collect();
        Run { schema: SCHEMA, api: api.to_owned(), version: version.to_owned(), checks }
    }

    /// What the check with this id said.
    pub fn verdict(&self, check: &str) -> Option<&str> {
        self.checks.iter().find(|ran| ran.id == check).map(|ran| ran.verdict.as_str())
    }

    /// What became of the clause with this id. One check that put it to the test is enough.
    pub fn fate(&self, clause: &str) -> Fate {
        let bound: Vec<_> =
            self.checks.iter().filter(|ran| ran.clauses.iter().any(|named| named.id == clause)).collect();
        if bound.iter().any(|ran| ["pass", "fail", "warn"].contains(&ran.verdict.as_str())) {
            return Fate::Exercised;
        }
        let reason = |verdict: &[&str]| {
            let ran = bound.iter().find(|ran| verdict.contains(&ran.verdict.as_str()));
            ran.map(|ran| ran.reason.clone().unwrap_or_default())
        };
        if let Some(reason) = reason(&["blocked"]) {
            return Fate::Blocked(reason);
        }
        reason(&["unobserved", "error"]).map_or(Fate::NotApplicable, Fate::Unobserved)
    }
}
