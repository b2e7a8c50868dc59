//! What a check can say, what a run can say, and how the one follows from the other.

use std::collections::BTreeSet;

use fixtures::contract::Level;
use serde::Serialize;

use crate::history::seen::Seen;

/// What one check says about one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The clause was put to the test and kept.
    Pass,
    /// A clause that must be kept was broken.
    Fail,
    /// A clause that should be kept was broken.
    Warn,
    /// The clause does not bind this server; why.
    NotApplicable(String),
    /// Something else that went wrong kept the check from its occasion; what.
    Blocked(String),
    /// The occasion never came; what would have been one.
    Unobserved(String),
    /// The check itself broke; how.
    Error(String),
}

impl Verdict {
    /// The verdict as one word, as in reports.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Warn => "warn",
            Verdict::NotApplicable(_) => "not-applicable",
            Verdict::Blocked(_) => "blocked",
            Verdict::Unobserved(_) => "unobserved",
            Verdict::Error(_) => "error",
        }
    }

    /// Why there is neither pass nor failure.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Verdict::Pass | Verdict::Fail | Verdict::Warn => None,
            Verdict::NotApplicable(reason)
            | Verdict::Blocked(reason)
            | Verdict::Unobserved(reason)
            | Verdict::Error(reason) => Some(reason),
        }
    }

    /// Whether the clause was put to the test.
    pub fn is_exercised(&self) -> bool {
        matches!(self, Verdict::Pass | Verdict::Fail | Verdict::Warn)
    }
}

/// One way in which a server broke a clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable name of the way, e.g. `set-while-active`.
    pub reason: &'static str,
    /// What the clause asks for.
    pub expected: String,
    /// What was there.
    pub observed: String,
    /// JSON pointer into the body of the last of `exchanges`, when one value is at fault.
    pub pointer: Option<String>,
    /// JSON pointer into the contract to the rule that was broken, when it stands in a schema.
    pub schema_pointer: Option<String>,
    /// Numbers of the exchanges that show it, in order.
    pub exchanges: Vec<u64>,
}

/// What a server chose where its vendor's pages contradict each other. Every choice is good; a report says which was
/// seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The id of the clause.
    pub clause: &'static str,
    /// Which of its readings was seen, counted from 0 in the order of the contract.
    pub reading: usize,
    /// Number of the exchange that showed it.
    pub exchange: u64,
}

/// What a check found while it went through a record.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    occasions: BTreeSet<u64>,
    findings: Vec<Finding>,
    readings: Vec<Reading>,
    blocked: Option<String>,
}

impl Tally {
    /// Notes an exchange that put the clause to the test.
    pub fn saw(&mut self, seen: &Seen) {
        self.occasions.insert(seen.id());
    }

    /// Notes that `seen` breaks the clause.
    pub fn broke(
        &mut self,
        seen: &Seen,
        reason: &'static str,
        expected: impl Into<String>,
        observed: impl Into<String>,
    ) -> &mut Finding {
        self.saw(seen);
        self.findings.push(Finding {
            reason,
            expected: expected.into(),
            observed: observed.into(),
            pointer: None,
            schema_pointer: None,
            exchanges: vec![seen.id()],
        });
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    /// Takes over what another tally found.
    pub fn absorb(&mut self, other: Tally) {
        self.occasions.extend(other.occasions);
        self.findings.extend(other.findings);
        self.readings.extend(other.readings);
        if let Some(reason) = other.blocked {
            self.block(reason);
        }
    }

    /// Notes which reading of a contradicting clause `seen` shows: its place among the clause's readings, from 0.
    pub fn reading(&mut self, clause: &'static str, reading: usize, seen: &Seen) {
        self.readings.push(Reading { clause, reading, exchange: seen.id() });
    }

    /// Notes why the occasions show nothing: a server that refuses everything keeps every rule about refusals. Without
    /// findings the verdict is then "blocked". The first reason counts.
    pub fn block(&mut self, reason: impl Into<String>) {
        self.blocked.get_or_insert_with(|| reason.into());
    }

    /// Whether whoever asked was entitled to: there were credits, and the key may do such a thing. Where not, nobody
    /// knows what would have been answered otherwise, so the answer shows nothing else.
    pub fn is_entitled(&mut self, seen: &Seen) -> bool {
        let why = match seen.status() {
            Some(402) => "credits were missing",
            Some(403) => "the key may not do such a thing",
            _ => return true,
        };
        self.block(format!("{why}, so nothing is known of what else would have been answered"));
        false
    }

    /// Numbers of the exchanges that put the clause to the test.
    pub fn occasions(&self) -> &BTreeSet<u64> {
        &self.occasions
    }

    /// The readings that were seen, in the order they were noted.
    pub fn readings(&self) -> &[Reading] {
        &self.readings
    }

    /// Gives up the findings.
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    /// The verdict. `needs` says what an occasion is; without one nothing was shown, so nothing can pass.
    pub fn verdict(&self, level: Level, needs: &str) -> Verdict {
        if !self.findings.is_empty() {
            return if level == Level::Must { Verdict::Fail } else { Verdict::Warn };
        }
        match &self.blocked {
            Some(reason) => Verdict::Blocked(reason.clone()),
            None if self.occasions.is_empty() => Verdict::Unobserved(format!("needs {needs}")),
            None => Verdict::Pass,
        }
    }
}

impl Finding {
    /// Points at the value at fault.
    pub fn at(&mut self, pointer: impl Into<String>) -> &mut Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// Points at the rule in the contract that the value breaks.
    pub fn schema(&mut self, pointer: impl Into<String>) -> &mut Self {
        self.schema_pointer = Some(pointer.into());
        self
    }

    /// Adds an earlier exchange that is needed to see the breach.
    pub fn after(&mut self, earlier: &Seen) -> &mut Self {
        self.exchanges.insert(0, earlier.id());
        self
    }
}

/// What a whole run says about a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunOutcome {
    /// Every clause that had to be put to the test was, and was kept.
    Conformant,
    /// A clause was broken.
    Nonconformant,
    /// Nothing was broken, but something that had to be put to the test was not.
    Incomplete,
    /// The harness itself failed.
    Error,
}

impl RunOutcome {
    /// The outcome in one word, as in reports.
    pub fn word(self) -> &'static str {
        match self {
            RunOutcome::Conformant => "conformant",
            RunOutcome::Nonconformant => "nonconformant",
            RunOutcome::Incomplete => "incomplete",
            RunOutcome::Error => "error",
        }
    }
}

/// One check's part in the outcome of a run.
#[derive(Debug, Clone, Copy)]
pub struct Share<'a> {
    /// What the check said.
    pub verdict: &'a Verdict,
    /// Its level.
    pub level: Level,
    /// Whether a run that did not exercise it can be complete: its clauses need luck or money.
    pub situational: bool,
}

impl Share<'_> {
    /// The same in a run that has to exercise everything, however much luck or money it takes, if `all`.
    #[must_use]
    pub fn insisting(self, all: bool) -> Self {
        Share { situational: self.situational && !all, ..self }
    }

    /// Whether the run is incomplete for want of this check.
    pub fn is_missing(&self) -> bool {
        let open = matches!(self.verdict, Verdict::Blocked(_) | Verdict::Unobserved(_));
        open && self.level == Level::Must && !self.situational
    }
}

/// The outcome of a run from the verdicts of its checks. `strict` treats a warning as a failure; a run that was cut
/// short is never complete.
pub fn outcome<'a>(shares: impl IntoIterator<Item = Share<'a>>, strict: bool, cut_short: bool) -> RunOutcome {
    let mut outcome = if cut_short { RunOutcome::Incomplete } else { RunOutcome::Conformant };
    let mut exercised = false;
    for share in shares {
        exercised |= share.verdict.is_exercised();
        let says = match share.verdict {
            Verdict::Error(_) => RunOutcome::Error,
            Verdict::Fail => RunOutcome::Nonconformant,
            Verdict::Warn if strict => RunOutcome::Nonconformant,
            Verdict::Blocked(_) | Verdict::Unobserved(_) if share.is_missing() => RunOutcome::Incomplete,
            Verdict::Pass
            | Verdict::Warn
            | Verdict::NotApplicable(_)
            | Verdict::Blocked(_)
            | Verdict::Unobserved(_) => RunOutcome::Conformant,
        };
        outcome = worse(outcome, says);
    }
    if exercised { outcome } else { worse(outcome, RunOutcome::Incomplete) }
}

/// The one of two outcomes that weighs more.
pub(crate) fn worse(one: RunOutcome, other: RunOutcome) -> RunOutcome {
    let rank = |outcome| match outcome {
        RunOutcome::Conformant => 0,
        RunOutcome::Incomplete => 1,
        RunOutcome::Nonconformant => 2,
        RunOutcome::Error => 3,
    };
    if rank(other) > rank(one) { other } else { one }
}

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// The server conforms.
    Conformant = 0,
    /// The server does not conform.
    Nonconformant = 1,
    /// A flag, an environment variable or a key is wrong.
    Usage = 2,
    /// Not everything that had to be tested was tested, or the server could not be reached.
    Incomplete = 3,
    /// The harness itself failed.
    Harness = 4,
    /// The server conforms, but something was left behind on it.
    LeftBehind = 5,
}

impl ExitCode {
    /// The code of a run. What was found outweighs what was left behind, and that outweighs what is missing.
    pub fn of(outcome: RunOutcome, left_behind: bool) -> Self {
        match outcome {
            RunOutcome::Error => ExitCode::Harness,
            RunOutcome::Nonconformant => ExitCode::Nonconformant,
            RunOutcome::Conformant | RunOutcome::Incomplete if left_behind => ExitCode::LeftBehind,
            RunOutcome::Incomplete => ExitCode::Incomplete,
            RunOutcome::Conformant => ExitCode::Conformant,
        }
    }

    /// The number the process exits with.
    pub fn code(self) -> u8 {
        self as u8
    }
}

#[cfg(test)]
mod tests;
