//! Puts every check to a record.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fixtures::contract::{Clause, Evidence, Occasion, Party};

use crate::checks::{self, Check};
use crate::history::History;
use crate::verdict::{Finding, Reading, Share, Verdict};

/// What one check said.
#[derive(Debug)]
pub struct Judged {
    /// The check.
    pub check: &'static Check,
    /// The title of its group.
    pub group: &'static str,
    /// The clauses it was judged on: those that bind this server.
    pub clauses: Vec<&'static Clause>,
    /// Its verdict.
    pub verdict: Verdict,
    /// What it found, in the order of the record.
    pub findings: Vec<Finding>,
    /// Which readings of contradicting clauses it saw.
    pub readings: Vec<Reading>,
    /// How many exchanges put it to the test.
    pub occasions: usize,
}

impl Judged {
    /// The check's part in the outcome of the run.
    pub fn share(&self) -> Share<'_> {
        let situational =
            !self.clauses.is_empty() && self.clauses.iter().all(|it| it.occasion == Occasion::Situational);
        Share { verdict: &self.verdict, level: self.check.level, situational }
    }
}

/// Judges a record with every check. `ours` says whether the server is a Rehearsal, which keeps the rules of the
/// house as well; any other is bound by what its vendor's documents say and by nothing else.
pub fn all(history: &History, ours: bool) -> Vec<Judged> {
    let checks = checks::of(history.contract);
    checks.map(|(group, check)| one(history, ours, group.title, check)).collect()
}

fn one(history: &History, ours: bool, group: &'static str, check: &'static Check) -> Judged {
    let known = check.clauses.iter().filter_map(|id| history.contract.clause(id));
    let clauses: Vec<_> = known.filter(|clause| ours || binds_anyone(clause)).collect();
    let mut judged = Judged {
        check,
        group,
        clauses,
        verdict: Verdict::NotApplicable(
            "the vendor's pages do not say so; only a Rehearsal is held to it".into(),
        ),
        findings: Vec::new(),
        readings: Vec::new(),
        occasions: 0,
    };
    if judged.clauses.is_empty() && !ours {
        return judged;
    }
    match catch_unwind(AssertUnwindSafe(|| (check.judge)(history))) {
        Ok(tally) => {
            judged.verdict = tally.verdict(check.level, check.needs);
            judged.occasions = tally.occasions().len();
            judged.readings = tally.readings().to_vec();
            judged.findings = tally.into_findings();
        }
        Err(panic) => judged.verdict = Verdict::Error(broken(&*panic)),
    }
    judged
}

/// Whether a check would not pass a record that is not complete yet: it finds something, or something is in its way.
pub(crate) fn doubts(history: &History, id: &str) -> bool {
    let verdict = checks::find(id).and_then(|check| {
        let judging = AssertUnwindSafe(|| (check.judge)(history).verdict(check.level, check.needs));
        catch_unwind(judging).ok()
    });
    matches!(verdict, Some(Verdict::Fail | Verdict::Warn | Verdict::Blocked(_)))
}

/// What to say of a check that panicked.
fn broken(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    format!("the check itself broke ({}); please report it", said.unwrap_or("it did not say how"))
}

/// Whether a clause binds more than a Rehearsal. Rules for callers come from nobody's server.
pub(crate) fn binds_anyone(clause: &Clause) -> bool {
    clause.binds == Party::Client || matches!(clause.evidence, Evidence::Documented | Evidence::Mentioned)
}

#[cfg(test)]
mod tests;
