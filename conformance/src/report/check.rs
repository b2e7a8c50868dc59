//! One check's part of a report: which of its findings are shown, and what with.

use std::collections::{BTreeMap, BTreeSet};

use fixtures::exchange::Response;

use super::{CheckReport, ClauseReport, FindingReport, curl, level, plain};
use crate::client::Client;
use crate::history::seen::Seen;
use crate::judge::Judged;
use crate::verdict::Finding;

/// Findings of one check that are reported: at least one for each reason. One mistake of a server shows in every
/// answer of a kind.
const SHOWN: usize = 3;

/// The same, where they differ in what is wrong.
const KINDS: usize = 8;

impl CheckReport {
    pub(super) fn new(judged: Judged, base: &str, client: &Client) -> Self {
        let Judged { check, group, clauses, verdict, findings, occasions, .. } = judged;
        let findings_total = findings.len();
        let mut reasons = BTreeMap::new();
        for finding in &findings {
            *reasons.entry(finding.reason).or_insert(0) += 1;
        }
        let shown = selection(findings);
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
            findings: shown.into_iter().map(|finding| FindingReport::new(finding, base, client)).collect(),
            findings_total,
            reasons,
        }
    }
}

/// The findings to report: the first of every reason, then the first of every kind up to [`KINDS`], then the earliest
/// others up to [`SHOWN`]. Those of one reason stand together, in the order of the record.
fn selection(findings: Vec<Finding>) -> Vec<Finding> {
    let (mut reasons, mut kinds) = (BTreeSet::new(), BTreeSet::new());
    let mut ranked: Vec<(u8, usize, Finding)> = Vec::new();
    for (at, finding) in findings.into_iter().enumerate() {
        let is_new_kind = kinds.insert(kind(&finding));
        let rank = if reasons.insert(finding.reason) { 0 } else { 2 - u8::from(is_new_kind) };
        ranked.push((rank, at, finding));
    }
    ranked.sort_by_key(|(rank, at, _)| (*rank, *at));
    let mut shown: Vec<_> = Vec::new();
    for (rank, at, finding) in ranked {
        if rank == 0 || shown.len() < [KINDS, SHOWN][usize::from(rank) - 1] {
            shown.push((at, finding));
        }
    }
    let first: BTreeMap<_, _> = shown.iter().rev().map(|(at, finding)| (finding.reason, *at)).collect();
    shown.sort_by_key(|(at, finding)| (first[finding.reason], *at));
    shown.into_iter().map(|(_, finding)| finding).collect()
}

/// What a finding is about, whichever item of a list it was seen at.
fn kind(finding: &Finding) -> (&'static str, String, String) {
    let unnumbered = |text: &str| {
        let parts: Vec<_> =
            text.split(|it: char| it.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
        parts.join("0")
    };
    let pointer = finding.pointer.as_deref().unwrap_or_default();
    (finding.reason, unnumbered(pointer), unnumbered(&finding.expected))
}

impl FindingReport {
    fn new(finding: Finding, base: &str, client: &Client) -> Self {
        let Finding { reason, expected, observed, pointer, schema_pointer, exchanges } = finding;
        let last =
            exchanges.last().and_then(|id| client.history().all().iter().find(|seen| seen.id() == *id));
        // A body that is no JSON is judged as null, which says nothing to somebody who looks for the mistake.
        let whole = last.filter(|_| pointer.is_none() && observed == "null").and_then(Seen::response);
        let unread = whole.and_then(Response::unreadable);
        FindingReport {
            reason,
            expected: plain::shortened(&client.redacted(&expected)),
            observed: unread.map_or_else(|| plain::shortened(&client.redacted(&observed)), str::to_owned),
            pointer: pointer.map(|pointer| client.redacted(&pointer)),
            schema_pointer,
            exchanges,
            curl: last.map(|seen| curl::line(seen.exchange(), base)),
        }
    }
}

#[cfg(test)]
mod tests;
