//! The ledger as Markdown: one table.

use std::fmt::Write as _;

use super::table::{evidence, occasion};
use super::{Ledger, State};

/// The ledger as GitHub-flavoured Markdown.
pub fn render(ledger: &Ledger) -> String {
    let mut text = format!("## Clauses of {} {}\n\n", ledger.contract.api(), ledger.contract.version());
    text.push_str("| State | Clauses |\n|---|--:|\n");
    for (state, count) in ledger.totals() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {} | {count} |", state.word());
    }
    text.push_str("\n| Clause | State | Level | Evidence | Occasion | Checks | What it says |\n|---|---|---|---|---|---|---|\n");
    for entry in &ledger.entries {
        let clause = entry.clause;
        let checks: Vec<_> = entry
            .checks
            .iter()
            .map(|judge| match judge.verdict.as_deref() {
                None => format!("`{}`", judge.id),
                Some(verdict) => format!("`{}` {verdict}", judge.id),
            })
            .collect();
        let label = match entry.state {
            State::Partly => "not looked at: ",
            State::Conflict => "readings: ",
            State::Checked | State::Unobserved | State::Excluded | State::Unchecked => "",
        };
        let why = entry.why.as_ref().map(|why| format!("<br>_{label}{}_", cell(why))).unwrap_or_default();
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} | {} | {}{why} |",
            clause.id,
            entry.state.word(),
            crate::report::level(clause.level),
            evidence(clause.evidence),
            occasion(clause.occasion),
            checks.join("<br>"),
            cell(&clause.says),
        );
    }
    text
}

/// Text of a contract in a cell. A contract is written by us, so only what would break the table matters.
fn cell(text: &str) -> String {
    let line: Vec<_> = text.split_whitespace().collect();
    line.join(" ").replace('|', "\\|").replace('<', "&lt;").replace('_', "\\_").replace('*', "\\*")
}
