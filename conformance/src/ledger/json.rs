//! The ledger as JSON.

use std::collections::BTreeMap;

use fixtures::contract::{Evidence, Level, Occasion, Party};
use serde::Serialize;

use super::{Entry, Judge, Ledger};

/// The version of the ledger's shape. It changes when a member changes its meaning or goes away.
pub const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Shown<'a> {
    schema: u32,
    harness: &'static str,
    api: &'a str,
    version: &'a str,
    totals: BTreeMap<&'static str, usize>,
    clauses: Vec<Line<'a>>,
}

/// A clause whole, with its state.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    level: Level,
    binds: Party,
    evidence: Evidence,
    occasion: Occasion,
    says: &'a str,
    source: &'a str,
    readings: &'a [String],
    state: &'static str,
    why: Option<&'a str>,
    checks: &'a [Judge],
}

/// The ledger as indented JSON, ended by a newline.
pub fn render(ledger: &Ledger) -> String {
    let shown = Shown {
        schema: SCHEMA,
        harness: env!("CARGO_PKG_VERSION"),
        api: ledger.contract.api(),
        version: ledger.contract.version(),
        totals: ledger.totals().into_iter().map(|(state, count)| (state.word(), count)).collect(),
        clauses: ledger.entries.iter().map(line).collect(),
    };
    // Strings, numbers and lists of them: there is nothing JSON could refuse.
    let mut text = serde_json::to_string_pretty(&shown).unwrap_or_default();
    text.push('\n');
    text
}

fn line(entry: &Entry) -> Line<'_> {
    let clause = entry.clause;
    Line {
        id: &clause.id,
        level: clause.level,
        binds: clause.binds,
        evidence: clause.evidence,
        occasion: clause.occasion,
        says: &clause.says,
        source: &clause.source,
        readings: &clause.readings,
        state: entry.state.word(),
        why: entry.why.as_deref(),
        checks: &entry.checks,
    }
}
