//! Why a check did not pass, in lines that every format for people shows.

use std::fmt::{self, Write};

use fixtures::exchange::Exchange;

use super::plain::{cut, visible};
use super::{CheckReport, ClauseReport, FindingReport, Report, curl};

/// The clauses of `check` and its findings, a labelled line for each fact.
pub(super) fn write(out: &mut dyn Write, check: &CheckReport, report: &Report) -> fmt::Result {
    let promises = promises(check);
    // Of many clauses those count that are about what was asked.
    let concerned: Vec<_> = promises.iter().filter(|(_, clauses)| concern(clauses, check, report)).collect();
    if promises.len() > PROMISES && concerned.is_empty() {
        let ids: Vec<_> = check.clauses.iter().map(|clause| clause.id).collect();
        for (nth, ids) in ids.chunks(2).enumerate() {
            line(out, if nth == 0 { "clauses" } else { "" }, &ids.join(", "))?;
        }
        line(out, "", "`rehearsal clauses --format markdown` has what each says, and where")?;
        return findings(out, check, report);
    }
    let shown = if promises.len() > PROMISES { concerned } else { promises.iter().collect() };
    let more = promises.len() - shown.len();
    for (says, clauses) in shown {
        let ids: Vec<_> = clauses.iter().map(|clause| clause.id).collect();
        let mut sources: Vec<_> = clauses.iter().map(|clause| clause.source).collect();
        sources.dedup();
        line(out, "clause", &ids.join(", "))?;
        line(out, "", &format!("{says} ({})", sources.join("; ")))?;
    }
    if more > 0 {
        line(out, "", &format!("and {more} more, about other operations"))?;
    }
    findings(out, check, report)
}

/// Whether one of these clauses is about an operation that a finding shows the answer of.
fn concern(clauses: &[&ClauseReport], check: &CheckReport, report: &Report) -> bool {
    let last = check.findings.iter().filter_map(|finding| report.exchange(*finding.exchanges.last()?));
    let asked: Vec<&str> = last.filter_map(Exchange::operation).collect();
    let about =
        |id: &str| asked.iter().any(|asked| id.strip_prefix(asked).is_some_and(|rest| rest.starts_with('.')));
    clauses.iter().any(|clause| about(clause.id))
}

/// The most promises of a check that are shown in full.
const PROMISES: usize = 3;

/// The clauses of a check by what they promise: kinds of run often have one each that says the same.
fn promises(check: &CheckReport) -> Vec<(&'static str, Vec<&ClauseReport>)> {
    let mut promises: Vec<(&'static str, Vec<&ClauseReport>)> = Vec::new();
    for clause in &check.clauses {
        match promises.iter_mut().find(|(says, _)| *says == clause.says) {
            Some((_, clauses)) => clauses.push(clause),
            None => promises.push((clause.says, vec![clause])),
        }
    }
    promises
}

/// The findings of `check` alone.
pub(super) fn findings(out: &mut dyn Write, check: &CheckReport, report: &Report) -> fmt::Result {
    let mut first: Option<&FindingReport> = None;
    for finding in &check.findings {
        match first {
            // The same again needs no more than its place and what is different.
            Some(first) if first.reason == finding.reason => again(out, finding, first, report)?,
            _ => {
                whole(out, finding, report)?;
                first = Some(finding);
            }
        }
    }
    let hidden = check.findings_total - check.findings.len();
    if hidden == 0 {
        return Ok(());
    }
    if check.reasons.len() == 1 {
        return writeln!(out, "and {hidden} more like these");
    }
    let by_reason: Vec<_> = check.reasons.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    writeln!(out, "and {hidden} more; in all {}", by_reason.join(", "))
}

fn whole(out: &mut dyn Write, finding: &FindingReport, report: &Report) -> fmt::Result {
    line(out, "reason", finding.reason)?;
    line(out, "expected", &visible(&finding.expected))?;
    line(out, "observed", &visible(&finding.observed))?;
    if let Some(pointer) = &finding.pointer {
        line(out, "at", &visible(&cut(pointer, LONGEST_TARGET)))?;
    }
    if let Some(pointer) = &finding.schema_pointer {
        line(out, "rule", &format!("{pointer} in the contract"))?;
    }
    for id in &finding.exchanges {
        line(out, "exchange", &exchange(*id, report))?;
    }
    if let Some(curl) = &finding.curl {
        line(out, "repeat", &visible(curl))?;
    }
    let last = finding.exchanges.last().and_then(|id| report.exchange(*id));
    match last.and_then(curl::file) {
        Some(file) => line(out, "", &file),
        None => Ok(()),
    }
}

fn again(
    out: &mut dyn Write,
    finding: &FindingReport,
    first: &FindingReport,
    report: &Report,
) -> fmt::Result {
    let mut text = finding.exchanges.last().map(|id| exchange(*id, report)).unwrap_or_default();
    if let Some(pointer) = &finding.pointer {
        text.push_str(&format!(", at {}", cut(pointer, LONGEST_TARGET)));
    }
    let is_expected = finding.expected == first.expected;
    if !is_expected {
        text.push_str(&format!(", expected {}", finding.expected));
    }
    if !is_expected || finding.observed != first.observed {
        text.push_str(&format!(", observed {}", finding.observed));
    }
    line(out, "also", &visible(&text))
}

/// The most of a request's path and query that is shown; it may hold an id that a server made up.
const LONGEST_TARGET: usize = 160;

/// An exchange in one line.
pub(super) fn exchange(id: u64, report: &Report) -> String {
    let Some(exchange) = report.exchange(id) else { return format!("#{id}") };
    let request = exchange.request();
    let answer = exchange.response().map_or_else(|| "no answer".into(), |answer| answer.status.to_string());
    let target = visible(&cut(&request.target, LONGEST_TARGET));
    format!("#{id} {} {target} -> {answer}", request.method)
}

fn line(out: &mut dyn Write, label: &str, text: &str) -> fmt::Result {
    writeln!(out, "{label:<9} {text}")
}
