//! What a trial of a broken server says about the check that is there for it.

use serde::Serialize;

use super::mutant::Mutant;
use super::trial::{Alarm, Trial};
use crate::run::RunError;

/// What became of a broken server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Its check failed, for one of its reasons.
    Killed,
    /// Nothing failed.
    Survived,
    /// Something else failed, or its check for another reason.
    WrongReason,
    /// Nothing was different about the server.
    NotTriggered,
    /// The server could not even be driven to the end.
    Broken,
    /// It is right in another way, as its entry says.
    Equivalent,
    /// The harness itself failed, or the stand-in could not be had.
    Error,
}

impl Fate {
    /// Every fate, in the order of reports.
    pub const ALL: [Fate; 7] = [
        Fate::Killed,
        Fate::Survived,
        Fate::WrongReason,
        Fate::NotTriggered,
        Fate::Broken,
        Fate::Equivalent,
        Fate::Error,
    ];

    /// The fate as words.
    pub fn words(self) -> &'static str {
        match self {
            Fate::Killed => "killed",
            Fate::Survived => "survived",
            Fate::WrongReason => "killed for another reason",
            Fate::NotTriggered => "not triggered",
            Fate::Broken => "broken mutant",
            Fate::Equivalent => "equivalent",
            Fate::Error => "error",
        }
    }

    /// Whether the server is one of those a score is about.
    pub fn counts(self) -> bool {
        !matches!(self, Fate::Broken | Fate::Equivalent)
    }
}

/// A broken server with what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scored {
    /// The entry.
    pub id: String,
    /// What is wrong with the server.
    #[serde(rename = "is")]
    pub what: String,
    /// The check that had to fail.
    pub check: String,
    /// The reasons it might give.
    pub reasons: Vec<String>,
    /// What became of it.
    pub fate: Fate,
    /// Why, in a sentence, unless it was killed.
    pub why: Option<String>,
    /// Why that is as it should be, as the entry says.
    pub recorded: Option<String>,
    /// Every check that said something is wrong.
    pub alarms: Vec<Alarm>,
    /// How often each edit made a difference, then each defect.
    pub fired: Vec<u64>,
}

impl Scored {
    /// Judges the trial of `mutant`; `Err` holds why there was none.
    pub fn new(mutant: &Mutant, trial: &Result<Trial, String>) -> Self {
        let (fate, why, alarms, fired) = match trial {
            Ok(trial) => {
                let (fate, why) = fate(mutant, trial);
                (fate, why, trial.alarms(), trial.fired.clone())
            }
            Err(reason) => (Fate::Error, Some(reason.clone()), Vec::new(), Vec::new()),
        };
        Scored {
            id: mutant.id.clone(),
            what: mutant.what.clone(),
            check: mutant.kills.check.clone(),
            reasons: mutant.kills.reasons.clone(),
            fate,
            why,
            recorded: mutant.equivalent.clone().or_else(|| mutant.survives.clone()),
            alarms,
            fired,
        }
    }

    /// The same where any check will do.
    #[must_use]
    pub fn by_any_alarm(mut self) -> Self {
        let other = matches!(self.fate, Fate::WrongReason | Fate::Broken);
        if other && !self.alarms.is_empty() {
            self.fate = Fate::Killed;
            self.why = None;
        }
        self
    }

    /// Whether somebody has to do something: it was not found and nobody wrote down why, or it was found although
    /// somebody wrote down why not.
    pub fn is_open(&self) -> bool {
        match self.fate {
            Fate::Killed => self.recorded.is_some(),
            Fate::Equivalent => false,
            Fate::Survived | Fate::WrongReason => self.recorded.is_none(),
            Fate::NotTriggered | Fate::Broken | Fate::Error => true,
        }
    }
}

fn fate(mutant: &Mutant, trial: &Trial) -> (Fate, Option<String>) {
    if let Some(reason) = trial.harness_error() {
        return (Fate::Error, Some(reason));
    }
    if !trial.is_triggered() {
        return (Fate::NotTriggered, Some("nothing it would have changed was ever answered".into()));
    }
    let report = match &trial.result {
        Ok(report) => report,
        Err(error @ (RunError::Usage(_) | RunError::Unreachable(_) | RunError::Harness(_))) => {
            return (Fate::Broken, Some(error.to_string()));
        }
    };
    let alarms = trial.alarms();
    let own = alarms.iter().find(|alarm| alarm.check == mutant.kills.check);
    let right =
        own.is_some_and(|own| own.reasons.iter().any(|it| mutant.kills.reasons.iter().any(|r| r == it)));
    if right {
        let stale = mutant.equivalent.as_ref().or(mutant.survives.as_ref());
        return (
            Fate::Killed,
            stale.map(|_| "it is found now, so what the entry records no longer holds".into()),
        );
    }
    if mutant.equivalent.is_some() && alarms.is_empty() {
        return (Fate::Equivalent, None);
    }
    if report.cut_short {
        let note = report.notes.first().cloned().unwrap_or_default();
        return (Fate::Broken, Some(note));
    }
    match (own, alarms.as_slice()) {
        (Some(own), _) => {
            (Fate::WrongReason, Some(format!("{} says {}", own.check, joined(own.reasons.iter().copied()))))
        }
        (None, []) => (Fate::Survived, Some(own_verdict(mutant, trial))),
        (None, others) => {
            let others = joined(others.iter().map(|alarm| alarm.check));
            (Fate::WrongReason, Some(format!("{}, while these fail: {others}", own_verdict(mutant, trial))))
        }
    }
}

fn own_verdict(mutant: &Mutant, trial: &Trial) -> String {
    let checks = trial.result.as_ref().map(|report| report.checks.as_slice()).unwrap_or_default();
    let own = checks.iter().find(|check| check.id == mutant.kills.check);
    match own {
        Some(own) => {
            let reason = own.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
            format!("{} says {}{reason}", own.id, own.verdict)
        }
        None => format!("there is no check {}", mutant.kills.check),
    }
}

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}
