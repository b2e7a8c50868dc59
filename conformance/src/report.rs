//! What a run found, as data; the formats render it and decide nothing.

pub mod all;
mod check;
mod curl;
mod explanation;
pub mod json;
pub mod junit;
pub mod markdown;
mod plain;
pub mod terminal;

use std::collections::{BTreeMap, BTreeSet};

use fixtures::contract::{Clause, Level};
use fixtures::exchange::{Exchange, ndjson};
use serde::Serialize;

use crate::checks::Side;
use crate::client::Client;
use crate::judge::Judged;
use crate::ledger::Figures;
use crate::oracle::{self, Coverage};
use crate::run::Options;
use crate::session::Session;
use crate::verdict::{ExitCode, RunOutcome, Share, Verdict, outcome};

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
    /// Whether it had to exercise what takes luck or money, too.
    pub require_all: bool,
    /// Whether it ended before its end.
    pub cut_short: bool,
    /// The server's seed, if it told.
    pub seed: Option<u64>,
    /// Whether the server's clock was moved, so that nothing was waited for.
    pub clock_moved: bool,
    /// How long the run took, in milliseconds.
    pub duration_ms: u64,
    /// How many checks said what.
    pub counts: Counts,
    /// The same by level.
    pub levels: Levels,
    /// How many clauses of the contract were put to the test.
    pub clauses: Figures,
    /// What the server chose where its vendor's pages contradict each other.
    pub readings: Vec<ReadingReport>,
    /// Sentences for people: why the run ended early, what is most likely wrong.
    pub notes: Vec<String>,
    /// What could not be removed from the server.
    pub left_behind: Vec<String>,
    /// Every check, in the order of the catalogue.
    pub checks: Vec<CheckReport>,
    /// Which edges of each lifecycle the run proves, and which it never saw.
    pub coverage: Vec<Coverage>,
    /// The exchanges that findings and readings refer to, in order.
    pub exchanges: Vec<Exchange>,
    /// Every exchange of the run, in order; a file of its own, since it is long.
    #[serde(skip)]
    pub transcript: Vec<Exchange>,
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

/// How many checks of each level said what.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Levels {
    /// What must hold.
    pub must: Counts,
    /// What should hold.
    pub should: Counts,
    /// What may hold.
    pub may: Counts,
}

/// One reading of a contradicting clause that a server showed. A server may show several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadingReport {
    /// The clause's stable name.
    pub clause: &'static str,
    /// What it promises.
    pub says: &'static str,
    /// The pages that contradict each other.
    pub source: &'static str,
    /// Which of its readings was seen, counted from 1.
    pub reading: usize,
    /// That reading in words.
    pub text: &'static str,
    /// How many exchanges showed it.
    pub count: usize,
    /// The first exchange that did.
    pub exchange: u64,
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
    /// How many findings there were for each reason.
    pub reasons: BTreeMap<&'static str, usize>,
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
    /// JSON pointer into the contract to the rule that was broken.
    pub schema_pointer: Option<String>,
    /// Numbers of the exchanges that show it, in order.
    pub exchanges: Vec<u64>,
    /// A command that sends the last of them again, with keys as shell variables.
    pub curl: Option<String>,
}

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
        client: Client,
        judged: Vec<Judged>,
        ending: Ending,
    ) -> Self {
        let verdicts: Vec<(Verdict, Level)> =
            judged.iter().map(|it| (it.verdict.clone(), it.check.level)).collect();
        // What the harness itself does wrong says nothing about the server.
        let servers = || judged.iter().filter(|judged| judged.check.side() == Side::Server);
        let shares = || servers().map(|it| it.share().insisting(options.require_all));
        let outcome = outcome(shares(), options.strict, ending.cut_short);
        let missing = missing(servers().zip(shares()));
        let mut notes: Vec<String> = ending.notes.iter().map(|note| client.redacted(note)).collect();
        notes.extend(missing);
        let (mut counts, mut levels) = (Counts::default(), Levels::default());
        for (verdict, level) in &verdicts {
            counts.add(verdict);
            levels.of(*level).add(verdict);
        }
        let contract = client.history().contract;
        let clauses = Figures::of(contract, &judged);
        let readings = readings(&judged, |id| contract.clause(id));
        let checks: Vec<_> = judged
            .into_iter()
            .map(|judged| CheckReport::new(judged, options.target.base(), &client))
            .collect();
        let findings = checks.iter().flat_map(|check| &check.findings);
        let mut named: BTreeSet<u64> = findings.flat_map(|finding| finding.exchanges.clone()).collect();
        named.extend(readings.iter().map(|reading| reading.exchange));
        let duration_ms = client.elapsed_ms();
        let clock_moved = session.moves_clock(&client.keys().a);
        let coverage = oracle::coverage(client.history());
        let transcript = client.into_transcript();
        let exchanges =
            transcript.iter().filter(|exchange| named.contains(&exchange.id())).cloned().collect();
        Report {
            schema: SCHEMA,
            harness: env!("CARGO_PKG_VERSION"),
            outcome,
            exit_code: ExitCode::of(outcome, !ending.left_behind.is_empty()).code(),
            target: options.target.base().to_owned(),
            api: options.profile.api,
            version: options.profile.version,
            strict: options.strict,
            require_all: options.require_all,
            cut_short: ending.cut_short,
            seed: session.health().and_then(|health| health.seed),
            clock_moved,
            duration_ms,
            counts,
            levels,
            clauses,
            readings,
            notes,
            left_behind: ending.left_behind,
            checks,
            coverage,
            exchanges,
            transcript,
        }
    }

    /// Every exchange of the run, one JSON object per line.
    pub fn transcript(&self) -> String {
        ndjson::write(&self.transcript)
    }

    /// The exchange with this number, if a finding or a reading names it.
    fn exchange(&self, id: u64) -> Option<&Exchange> {
        self.exchanges.iter().find(|exchange| exchange.id() == id)
    }

    /// The counts of verdicts that occurred, each with its name for people.
    fn said(&self) -> String {
        let counts = self.counts;
        let named = [
            ("passed", counts.pass),
            ("failed", counts.fail),
            ("warned", counts.warn),
            ("not applicable", counts.not_applicable),
            ("blocked", counts.blocked),
            ("unobserved", counts.unobserved),
            ("broke", counts.error),
        ];
        let occurred = named.iter().filter(|(_, count)| *count > 0);
        occurred.map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
    }
}

impl Levels {
    fn of(&mut self, level: Level) -> &mut Counts {
        match level {
            Level::Must => &mut self.must,
            Level::Should => &mut self.should,
            Level::May => &mut self.may,
        }
    }
}

/// The readings that were seen, each once, in the order of the catalogue. A number that is no reading of its clause is
/// a mistake of a check and is left out.
fn readings(judged: &[Judged], clause: impl Fn(&str) -> Option<&'static Clause>) -> Vec<ReadingReport> {
    let mut reports: Vec<ReadingReport> = Vec::new();
    for seen in judged.iter().flat_map(|judged| &judged.readings) {
        let known = |it: &&mut ReadingReport| it.clause == seen.clause && it.reading == seen.reading + 1;
        if let Some(report) = reports.iter_mut().find(known) {
            report.count += 1;
            report.exchange = report.exchange.min(seen.exchange);
            continue;
        }
        let Some(clause) = clause(seen.clause) else { continue };
        let Some(text) = clause.readings.get(seen.reading) else { continue };
        reports.push(ReadingReport {
            clause: seen.clause,
            says: &clause.says,
            source: &clause.source,
            reading: seen.reading + 1,
            text,
            count: 1,
            exchange: seen.exchange,
        });
    }
    reports
}

/// What keeps a run from being complete.
fn missing<'a>(shares: impl Iterator<Item = (&'a Judged, Share<'a>)>) -> Option<String> {
    let missing = shares.filter(|(_, share)| share.is_missing());
    let ids: Vec<_> = missing.map(|(judged, _)| judged.check.id).collect();
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

/// The level in one word.
pub fn level(level: Level) -> &'static str {
    match level {
        Level::Must => "must",
        Level::Should => "should",
        Level::May => "may",
    }
}
