//! One run of the whole suite against one server, and what of it a score needs.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use fixtures::contract::Contract;
use serde::Serialize;

use super::edit::Edit;
use super::lawful::rewrite::{Rewrite, Rewriting};
use super::stand::{self, Stand};
use super::tamper::Tamper;
use crate::profile::Profile;
use crate::progress::Progress;
use crate::report::{CheckReport, Report};
use crate::run::{Options, RunError, Ways, run_over};
use crate::session::Wishes;
use crate::target::Target;
use crate::transport::Transport;
use crate::verdict::RunOutcome;

/// The longest one run may take. Its time is virtual, so this is for servers that make a harness wait for real.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Where servers are tried.
#[derive(Debug, Clone)]
pub struct Bench {
    /// Gives the good server.
    pub stand: Arc<dyn Stand>,
    /// The API.
    pub profile: &'static Profile,
    /// Its contract.
    pub contract: &'static Contract,
}

/// What is different about the server of a trial.
#[derive(Debug, Clone, Default)]
pub struct Difference {
    /// Edits on the way.
    pub edits: Vec<Edit>,
    /// Switches of the stand-in.
    pub defects: Vec<String>,
    /// The scenario it follows.
    pub scenario: Option<String>,
    /// A change that no edit can express.
    pub rewrite: Option<Rewrite>,
}

/// A check that said something is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alarm {
    /// The check.
    pub check: &'static str,
    /// `fail`, `warn` or `error`.
    pub verdict: &'static str,
    /// Its reasons.
    pub reasons: BTreeSet<&'static str>,
    /// The first of what it saw, for people.
    pub example: String,
}

/// What came of a trial.
#[derive(Debug)]
pub struct Trial {
    /// The report, or why there is none.
    pub result: Result<Report, RunError>,
    /// How often each edit made a difference, then each defect, then the rewrite.
    pub fired: Vec<u64>,
}

impl Bench {
    /// Judges a server with this difference. Keys follow from `seed`, so that the same trial gives the same answers.
    ///
    /// # Errors
    ///
    /// When the stand-in cannot be had as it is wanted.
    pub async fn try_out(&self, seed: u64, difference: Difference) -> Result<Trial, String> {
        let Difference { edits, defects, scenario, rewrite } = difference;
        let ways = self.stand.start(seed, &defects, scenario.as_deref())?;
        let tamper = Arc::new(Tamper::new(Arc::clone(&ways.target), self.contract, edits));
        let rewriting = rewrite.map(|rewrite| {
            Arc::new(Rewriting::new(Arc::clone(&tamper) as Arc<dyn Transport>, self.contract, rewrite))
        });
        let target: Arc<dyn Transport> = match &rewriting {
            Some(rewriting) => Arc::clone(rewriting) as _,
            None => Arc::clone(&tamper) as _,
        };
        // The control plane is asked about runs by the ids that the harness knows.
        let control = match &rewriting {
            Some(rewriting) => vec![Arc::clone(rewriting) as Arc<dyn Transport>],
            None => ways.control.clone(),
        };
        let wanted = Ways { target, control };
        let result = self.judge(seed, wanted).await;
        let mut fired = tamper.fired();
        if !defects.is_empty() {
            let counts = stand::fired(&ways).await?;
            let count = |name: &String| {
                let known = counts.iter().find(|count| count.name == *name);
                known
                    .map(|count| count.fired)
                    .ok_or(format!("the stand-in does not count the defect `{name}`"))
            };
            fired.extend(defects.iter().map(count).collect::<Result<Vec<_>, _>>()?);
        }
        fired.extend(rewriting.map(|rewriting| rewriting.fired()));
        Ok(Trial { result, fired })
    }

    /// Judges whatever is behind `ways`.
    pub async fn judge(&self, seed: u64, ways: Ways) -> Result<Report, RunError> {
        let options = options(self.profile, seed)?;
        run_over(&options, ways, std::future::pending()).await
    }
}

/// The options of a trial: those of a check that makes its own keys, so that it may do to their worlds what it likes.
pub(super) fn options(profile: &'static Profile, seed: u64) -> Result<Options, RunError> {
    let target = Target::parse("http://127.0.0.1").map_err(|error| RunError::Harness(error.to_string()))?;
    Ok(Options {
        target,
        control: None,
        control_token: None,
        profile,
        wishes: Wishes {
            pace: Some(Duration::from_millis(1)),
            nonce: Some(format!("{seed:08x}")),
            ..Wishes::default()
        },
        timeout: TIMEOUT,
        patience: Duration::ZERO,
        strict: false,
        require_all: false,
        progress: Progress::default(),
        site: "example.com".into(),
    })
}

impl Trial {
    /// Whether anything at all was different about the server.
    pub fn is_triggered(&self) -> bool {
        self.fired.iter().any(|count| *count > 0)
    }

    /// The checks that said something is wrong, in the order of the catalogue.
    pub fn alarms(&self) -> Vec<Alarm> {
        self.result.as_ref().map(alarms).unwrap_or_default()
    }

    /// Why the harness itself failed, if it did.
    pub fn harness_error(&self) -> Option<String> {
        match &self.result {
            Err(RunError::Harness(reason)) => Some(reason.clone()),
            Err(_) => None,
            Ok(report) => {
                let broke = report.checks.iter().find(|check| check.verdict == "error")?;
                Some(format!("the check {} broke", broke.id))
            }
        }
    }

    /// What the run said about the server; `None` where there is no report.
    pub fn outcome(&self) -> Option<RunOutcome> {
        self.result.as_ref().ok().map(|report| report.outcome)
    }
}

/// The checks that said something is wrong, in the order of the catalogue.
pub fn alarms(report: &Report) -> Vec<Alarm> {
    let wrong = report.checks.iter().filter(|check| matches!(check.verdict, "fail" | "warn" | "error"));
    wrong
        .map(|check| Alarm {
            check: check.id,
            verdict: check.verdict,
            reasons: check.reasons.keys().copied().collect(),
            example: example(check),
        })
        .collect()
}

fn example(check: &CheckReport) -> String {
    match check.findings.first() {
        Some(finding) => format!("expected {}, observed {}", finding.expected, finding.observed),
        None => check.reason.clone().unwrap_or_default(),
    }
}
