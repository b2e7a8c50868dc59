//! What a run found, as data; the formats render it and decide nothing.

pub mod json;
pub mod terminal;

use std::collections::BTreeSet;

use fixtures::contract::Level;
use fixtures::exchange::Exchange;
use serde::Serialize;

use crate::client::Client;
use crate::judge::Judged;
use crate::run::Options;
use crate::session::Session;
use crate::verdict::{ExitCode, Finding, RunOutcome, Verdict, outcome};

/// The version of the report's shape. It changes when a member changes its meaning or goes away.
pub const SCHEMA: u32 = 1;

/// A finished run. Free of keys.
#[derive(Debug, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The version of the harness.
    pub harness: &'static str,
    /// What the run says about the server.
    pub outcome: RunOutcome,
    /// What the process exits with.
    pub exit_code: u8,
    /// The server's address.
    pub target: String,
    /// The API it was judged as.
    pub api: &'static str,
    /// The version of that API.
    pub version: &'static str,
    /// Whether a broken SHOULD failed it.
    pub strict: bool,
    /// The server's seed, if it told.
    pub seed: Option<u64>,
    /// Whether the server's clock was moved, so that nothing was waited for.
    pub clock_moved: bool,
    /// How long the run took, in milliseconds.
    pub duration_ms: u64,
    /// How many checks said what.
    pub counts: Counts,
    /// Sentences for people: why the run ended early, what is most likely wrong.
    pub notes: Vec<String>,
    /// What could not be removed from the server.
    pub left_behind: Vec<String>,
    /// Every check, in the order of the catalogue.
    pub checks: Vec<CheckReport>,
    /// The exchanges that findings refer to, in order.
    pub exchanges: Vec<Exchange>,
}

/// How many checks said what.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// Put to the test and kept.
    pub pass: usize,
    /// A MUST was broken.
    pub fail: usize,
    /// A SHOULD was broken.
    pub warn: usize,
    /// Does not bind this server.
    pub not_applicable: usize,
    /// Something else was in the way.
    pub blocked: usize,
    /// The occasion never came.
    pub unobserved: usize,
    /// The check broke.
    pub error: usize,
}

/// One check's verdict.
#[derive(Debug, Serialize)]
pub struct CheckReport {
    /// The check's stable name.
    pub id: &'static str,
    /// The title of its group.
    pub group: &'static str,
    /// What holds when it passes.
    pub title: &'static str,
    /// `must` or `should`.
    pub level: &'static str,
    /// What its occasion costs.
    pub cost: &'static str,
    /// The verdict in one word.
    pub verdict: &'static str,
    /// Why there is neither pass nor failure.
    pub reason: Option<String>,
    /// How many exchanges put it to the test.
    pub occasions: usize,
    /// The clauses it was judged on.
    pub clauses: Vec<ClauseReport>,
    /// The first findings.
    pub findings: Vec<FindingReport>,
    /// How many findings there were in all.
    pub findings_total: usize,
}

/// A clause as a reader needs it.
#[derive(Debug, Serialize)]
pub struct ClauseReport {
    /// Its stable name.
    pub id: &'static str,
    /// The promise.
    pub says: &'static str,
    /// Page and section.
    pub source: &'static str,
}

/// A finding with the means to see it again.
#[derive(Debug, Serialize)]
pub struct FindingReport {
    /// The stable name of what is wrong.
    pub reason: &'static str,
    /// What the clause asks for.
    pub expected: String,
    /// What was there.
    pub observed: String,
    /// JSON pointer into the last exchange's body.
    pub pointer: Option<String>,
    /// Numbers of the exchanges that show it, in order.
    pub exchanges: Vec<u64>,
    /// A command that sends the last of them again, with keys as shell variables.
    pub curl: Option<String>,
}

/// Findings of one check that are reported in full. One mistake of a server shows in every answer of a kind.
const SHOWN: usize = 3;

/// How driving a server ended.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    /// Whether it ended before its end.
    pub(crate) cut_short: bool,
    /// Sentences for people.
    pub(crate) notes: Vec<String>,
    /// What could not be removed.
    pub(crate) left_behind: Vec<String>,
}

impl Report {
    pub(crate) fn new(
        options: &Options,
        session: &Session,
        client: &Client,
        judged: Vec<Judged>,
        ending: &Ending,
    ) -> Self {
        let outcome = outcome(judged.iter().map(Judged::share), options.strict, ending.cut_short);
        let mut notes: Vec<String> = ending.notes.iter().map(|note| client.redacted(note)).collect();
        notes.extend(missing(&judged));
        let mut counts = Counts::default();
        for check in &judged {
            counts.add(&check.verdict);
        }
        let checks: Vec<_> = judged
            .into_iter()
            .map(|judged| CheckReport::new(judged, options.target.base(), client))
            .collect();
        let named: BTreeSet<u64> = checks
            .iter()
            .flat_map(|check| &check.findings)
            .flat_map(|finding| finding.exchanges.clone())
            .collect();
        let all = client.history().all().iter();
        let exchanges =
            all.filter(|seen| named.contains(&seen.id())).map(|seen| seen.exchange().clone()).collect();
        Report {
            schema: SCHEMA,
            harness: env!("CARGO_PKG_VERSION"),
            outcome,
            exit_code: ExitCode::of(outcome, !ending.left_behind.is_empty()).code(),
            target: options.target.base().to_owned(),
            api: options.profile.api,
            version: options.profile.version,
            strict: options.strict,
            seed: session.health().and_then(|health| health.seed),
            clock_moved: session.moves_clock(&client.keys().a),
            duration_ms: client.elapsed_ms(),
            counts,
            notes,
            left_behind: ending.left_behind.clone(),
            checks,
            exchanges,
        }
    }
}

/// What keeps a run from being complete.
fn missing(judged: &[Judged]) -> Option<String> {
    let missing = judged.iter().filter(|judged| judged.share().is_missing());
    let ids: Vec<_> = missing.map(|judged| judged.check.id).collect();
    let named = ids.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    let more = ids.len().saturating_sub(NAMED);
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    (!ids.is_empty()).then(|| format!("not everything that has to be tested was: {named}{rest}"))
}

/// The most checks that are named in one sentence.
const NAMED: usize = 5;

impl Counts {
    fn add(&mut self, verdict: &Verdict) {
        let count = match verdict {
            Verdict::Pass => &mut self.pass,
            Verdict::Fail => &mut self.fail,
            Verdict::Warn => &mut self.warn,
            Verdict::NotApplicable(_) => &mut self.not_applicable,
            Verdict::Blocked(_) => &mut self.blocked,
            Verdict::Unobserved(_) => &mut self.unobserved,
            Verdict::Error(_) => &mut self.error,
        };
        *count += 1;
    }
}

impl CheckReport {
    fn new(judged: Judged, base: &str, client: &Client) -> Self {
        let Judged { check, group, clauses, verdict, findings, occasions } = judged;
        let findings_total = findings.len();
        let shown = findings.into_iter().take(SHOWN);
        CheckReport {
            id: check.id,
            group,
            title: check.title,
            level: level(check.level),
            cost: check.cost.word(),
            verdict: verdict.word(),
            reason: verdict.reason().map(|reason| client.redacted(reason)),
            occasions,
            clauses: clauses
                .into_iter()
                .map(|clause| ClauseReport { id: &clause.id, says: &clause.says, source: &clause.source })
                .collect(),
            findings: shown.map(|finding| FindingReport::new(finding, base, client)).collect(),
            findings_total,
        }
    }
}

impl FindingReport {
    fn new(finding: Finding, base: &str, client: &Client) -> Self {
        let Finding { reason, expected, observed, pointer, exchanges } = finding;
        let last =
            exchanges.last().and_then(|id| client.history().all().iter().find(|seen| seen.id() == *id));
        FindingReport {
            reason,
            expected: client.redacted(&expected),
            observed: client.redacted(&shortened(&observed)),
            pointer,
            exchanges,
            curl: last.map(|seen| curl(seen.exchange(), base)),
        }
    }
}

/// The level in one word.
pub fn level(level: Level) -> &'static str {
    match level {
        Level::Must => "must",
        Level::Should => "should",
        Level::May => "may",
    }
}

/// The most of an observed value that is shown; the exchange holds the rest.
const LONGEST: usize = 300;

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}

/// A command line for a POSIX shell. Keys stand as variables, which double quotes let through.
fn curl(exchange: &Exchange, base: &str) -> String {
    let request = exchange.request();
    let mut line =
        format!("curl -i -X {} {}", request.method, single_quoted(&format!("{base}{}", request.target)));
    for (name, value) in &request.headers {
        let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('`', "\\`");
        line.push_str(&format!(" -H \"{name}: {escaped}\""));
    }
    if let Some(text) = request.body.text().filter(|text| !text.is_empty()) {
        line.push_str(&format!(" --data-raw {}", single_quoted(text)));
    }
    line
}

fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
