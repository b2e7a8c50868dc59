//! Servers that differ from ours in what no document forbids. None of them may alarm a check.

pub(crate) mod ids;
pub mod rewrite;

use std::collections::BTreeMap;

use fixtures::contract::Contract;
use serde::{Deserialize, Serialize};
use wildmatch::WildMatch;

use self::rewrite::Rewrite;
use super::edit::Edit;
use super::files::{self, Entry, Mistake};
use super::trial::{Alarm, Difference, Trial, alarms};
use super::unproven;
use crate::checks::{self, Check, GROUPS, Side};
use crate::judge::binds_anyone;
use crate::report::Report;
use crate::verdict::RunOutcome;

/// One lawful server.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lawful {
    /// Stable name.
    pub id: String,
    /// How it differs, as a sentence.
    #[serde(rename = "is")]
    pub what: String,
    /// What is changed on the way.
    #[serde(default)]
    pub edits: Vec<Edit>,
    /// A change that no edit can express.
    pub code: Option<Rewrite>,
    /// The scenario the stand-in follows.
    pub scenario: Option<String>,
    /// Checks that have no occasion then, by id or glob, each with the reason.
    #[serde(default)]
    pub unexercised: BTreeMap<String, String>,
    /// Which readings of contradicting clauses it follows, counted from 1, by the clause.
    #[serde(default)]
    pub shows: BTreeMap<String, usize>,
}

impl Entry for Lawful {
    fn id(&self) -> &str {
        &self.id
    }

    fn mistakes(&self, contract: &Contract) -> Vec<String> {
        let mut wrong = files::edit_mistakes(&self.edits, contract);
        let checks = || GROUPS.iter().flat_map(|group| group.checks);
        for glob in self.unexercised.keys() {
            if !checks().any(|check| WildMatch::new(glob).matches(check.id)) {
                wrong.push(format!("there is no check `{glob}`; `rehearsal check --list` names them"));
            }
        }
        for (id, reading) in &self.shows {
            let readings = contract.clause(id).map_or(0, |clause| clause.readings.len());
            if !(1..=readings).contains(reading) {
                wrong.push(format!("`{id}` has no reading {reading} in the contract; count them from 1"));
            }
        }
        if self.edits.is_empty() && self.code.is_none() && self.scenario.is_none() {
            wrong.push("nothing is different about it: it needs `edits`, `code` or a `scenario`".into());
        }
        wrong
    }
}

/// Every lawful server of an API.
///
/// # Errors
///
/// Every mistake in the file.
pub fn shipped(contract: &Contract) -> Result<Vec<Lawful>, Vec<Mistake>> {
    files::entries(files::LAWFUL, contract)
}

/// What became of a lawful server.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tolerated {
    /// The entry.
    pub id: String,
    /// How the server differs.
    #[serde(rename = "is")]
    pub what: String,
    /// The checks that alarmed.
    pub alarms: Vec<Alarm>,
    /// Checks that had no occasion, as the entry explains.
    pub explained: BTreeMap<String, String>,
    /// What else is wrong with the outcome, in sentences.
    pub wrong: Vec<String>,
}

impl Lawful {
    /// How its server differs from ours.
    pub fn difference(&self) -> Difference {
        Difference {
            edits: self.edits.clone(),
            defects: Vec::new(),
            scenario: self.scenario.clone(),
            rewrite: self.code,
        }
    }

    /// Judges its trial.
    ///
    /// It is a stranger: what only a Rehearsal promises does not bind it, and what callers promise is not its affair.
    pub fn judged(&self, trial: &Result<Trial, String>, contract: &Contract) -> Tolerated {
        let mut tolerated = Tolerated {
            id: self.id.clone(),
            what: self.what.clone(),
            alarms: Vec::new(),
            explained: BTreeMap::new(),
            wrong: Vec::new(),
        };
        match trial {
            Err(reason) => tolerated.wrong.push(reason.clone()),
            Ok(Trial { result: Err(error), .. }) => tolerated.wrong.push(error.to_string()),
            Ok(trial) => {
                // A scenario takes effect without anything being changed on the way.
                if self.scenario.is_none() && !trial.is_triggered() {
                    tolerated.wrong.push("nothing was different about it".into());
                }
                if let Ok(report) = &trial.result {
                    self.judge_report(report, contract, &mut tolerated);
                }
            }
        }
        tolerated
    }

    fn judge_report(&self, report: &Report, contract: &Contract, tolerated: &mut Tolerated) {
        let binds = |id: &str| checks::find(id).is_some_and(|check| binds(check, contract));
        tolerated.alarms = alarms(report);
        tolerated.alarms.retain(|alarm| binds(alarm.check));
        if report.cut_short {
            tolerated.wrong.push(report.notes.join(" "));
        }
        // What no server here brings about is said once, and not of each.
        let nobodys = unproven::shipped(contract).unwrap_or_default();
        for check in report.checks.iter().filter(|check| is_missing(check.verdict) && binds(check.id)) {
            if let Some(known) = nobodys.iter().find(|known| known.check == check.id) {
                tolerated.explained.insert(check.id.to_owned(), known.because.clone());
                continue;
            }
            match self.unexercised.iter().find(|(glob, _)| WildMatch::new(glob).matches(check.id)) {
                Some((_, why)) => {
                    tolerated.explained.insert(check.id.to_owned(), why.clone());
                }
                None => tolerated.wrong.push(format!(
                    "{} is {} ({})",
                    check.id,
                    check.verdict,
                    check.reason.as_deref().unwrap_or_default()
                )),
            }
        }
        for (clause, reading) in &self.shows {
            let mut seen = report.readings.iter().filter(|seen| seen.clause == clause).peekable();
            // Not every contradiction has a check that tells its readings apart.
            if seen.peek().is_some() && !seen.any(|seen| seen.reading == *reading) {
                tolerated
                    .wrong
                    .push(format!("the report does not say that reading {reading} of {clause} was seen"));
            }
        }
        let missing: Vec<&str> = report
            .checks
            .iter()
            .filter(|check| is_missing(check.verdict) && binds(check.id))
            .map(|check| check.id)
            .collect();
        for check in self.idle(&missing) {
            tolerated.wrong.push(format!("`unexercised` names {check}, which has its occasion"));
        }
        let house = alarms(report).len() > tolerated.alarms.len();
        let refused = matches!(report.outcome, RunOutcome::Nonconformant | RunOutcome::Error);
        if refused && tolerated.alarms.is_empty() && !house {
            tolerated.wrong.push("the outcome is not one of a good server, and no check says why".into());
        }
    }
}

impl Lawful {
    /// What it explains for nothing, if only `missing` have no occasion.
    fn idle<'a>(&'a self, missing: &[&str]) -> impl Iterator<Item = &'a str> {
        let globs = self.unexercised.keys().map(String::as_str);
        globs.filter(|glob| !missing.iter().any(|id| WildMatch::new(glob).matches(id)))
    }
}

/// Whether a check is about servers of anybody.
fn binds(check: &Check, contract: &Contract) -> bool {
    let mut clauses = check.clauses.iter().filter_map(|id| contract.clause(id));
    check.side() == Side::Server && (check.clauses.is_empty() || clauses.any(binds_anyone))
}

fn is_missing(verdict: &str) -> bool {
    matches!(verdict, "blocked" | "unobserved")
}

impl Tolerated {
    /// Whether the suite took it for what it is.
    pub fn is_fine(&self) -> bool {
        self.alarms.is_empty() && self.wrong.is_empty()
    }
}

#[cfg(test)]
mod tests;
