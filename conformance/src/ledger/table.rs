//! The ledger for people: a table for each part of the API, then the reasons, then the totals.

use std::fmt::Write as _;

use comfy_table::{Cell, ColumnConstraint, ContentArrangement, Table, Width};
use fixtures::contract::{Evidence, Level, Occasion, Party};

use super::{Entry, Judge, Ledger, State};

/// The width of a table that goes nowhere in particular.
pub const WIDTH: u16 = 100;

/// The columns before the clause: their names and widths.
const FIXED: [(&str, u16); 4] = [("state", 10), ("level", 6), ("evidence", 10), ("occasion", 11)];

/// The narrowest column for the names of checks.
const NARROWEST: u16 = 20;

/// The ledger as text of at most `width` columns, unless that is too narrow for any table.
pub fn render(ledger: &Ledger, width: u16) -> String {
    // Writing to a string cannot fail.
    let mut text = format!("{} {}\n\n", ledger.contract.api(), ledger.contract.version());
    let parts = parts(ledger);
    let fixed: u16 = FIXED.iter().map(|(_, width)| width + GAP).sum();
    for (name, width) in FIXED {
        let _ = write!(text, "{name:<0$} ", usize::from(width));
    }
    text.push_str("clause, and the checks that judge it\n");
    for (part, entries) in &parts {
        let names = entries.iter().map(|entry| name(entry, part).len());
        let longest = u16::try_from(names.max().unwrap_or(0)).unwrap_or(u16::MAX);
        let checks = width.saturating_sub(fixed + longest + GAP).max(NARROWEST);
        let _ = write!(text, "\n{part}\n{}", table(part, entries, longest, checks));
    }
    text.push_str(&reasons(ledger));
    let totals = ledger.totals();
    let said = totals.iter().filter(|(_, count)| *count > 0);
    let said: Vec<_> = said.map(|(state, count)| format!("{count} {}", state.word())).collect();
    let _ = writeln!(text, "\n{} clauses: {}", ledger.entries.len(), said.join(", "));
    text
}

/// Between two columns.
const GAP: u16 = 1;

/// The entries of each part of the API (`catalog.crawl`), in document order.
fn parts(ledger: &Ledger) -> Vec<(String, Vec<&Entry>)> {
    let mut parts: Vec<(String, Vec<&Entry>)> = Vec::new();
    for entry in &ledger.entries {
        let part: Vec<_> = entry.clause.id.split('.').take(2).collect();
        let part = part.join(".");
        match parts.iter_mut().find(|(known, _)| *known == part) {
            Some((_, entries)) => entries.push(entry),
            None => parts.push((part, vec![entry])),
        }
    }
    parts
}

/// A clause's name within its part.
fn name<'a>(entry: &'a Entry, part: &str) -> &'a str {
    entry.clause.id.strip_prefix(part).map_or(&entry.clause.id, |rest| rest.trim_start_matches('.'))
}

fn table(part: &str, entries: &[&Entry], longest: u16, checks: u16) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    for entry in entries {
        let clause = entry.clause;
        let judges: Vec<_> = match unjudged(entry) {
            Some(why) => vec![why.to_owned()],
            None => entry.checks.iter().map(|it| broken(&judge(it), usize::from(checks))).collect(),
        };
        table.add_row([
            Cell::new(entry.state.word()),
            Cell::new(crate::report::level(clause.level)),
            Cell::new(evidence(clause.evidence)),
            Cell::new(occasion(clause.occasion)),
            Cell::new(name(entry, part)),
            Cell::new(judges.join("\n")),
        ]);
    }
    let widths = FIXED.iter().map(|(_, width)| *width).chain([longest, checks]);
    table.set_constraints(widths.map(|width| ColumnConstraint::Absolute(Width::Fixed(width + GAP))));
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// What stands in place of checks that do not exist.
fn unjudged(entry: &Entry) -> Option<&'static str> {
    match (entry.state, entry.clause.binds, entry.clause.level) {
        (State::Unchecked, Party::Client, _) => Some("(binds clients)"),
        (State::Unchecked, Party::Server, Level::May) => Some("(allows, asks for nothing)"),
        (State::Unchecked, Party::Server, Level::Must | Level::Should) => Some("(no check yet)"),
        _ => None,
    }
}

fn judge(judge: &Judge) -> String {
    match judge.verdict.as_deref() {
        None | Some("pass") => judge.id.to_owned(),
        Some(verdict) => format!("{} ({verdict})", judge.id),
    }
}

/// A name in lines of at most `width` columns, broken between its words.
fn broken(name: &str, width: usize) -> String {
    let mut lines = vec![String::new()];
    for word in name.split_inclusive(['.', '-', ' ']) {
        match lines.last_mut() {
            Some(line) if line.is_empty() || line.len() + word.trim_end().len() <= width => {
                line.push_str(word);
            }
            _ => lines.push(format!("  {word}")),
        }
    }
    lines.join("\n")
}

/// What a table has no room for: why a clause is not simply checked.
fn reasons(ledger: &Ledger) -> String {
    let mut text = String::new();
    for (state, title) in [
        (State::Partly, "Partly checked, and what the checks leave out"),
        (State::Conflict, "Where the vendor's pages contradict each other, the readings"),
        (State::Unobserved, "Unobserved, and why"),
        (State::Excluded, "Excluded, and why"),
    ] {
        let entries: Vec<_> = ledger.entries.iter().filter(|entry| entry.state == state).collect();
        if entries.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{title}");
        for entry in entries {
            let _ = writeln!(text, "  {}", entry.clause.id);
            if state == State::Conflict {
                for reading in &entry.clause.readings {
                    let _ = writeln!(text, "    - {reading}");
                }
            } else if let Some(why) = &entry.why {
                let _ = writeln!(text, "    {why}");
            }
        }
    }
    text
}

/// How a clause is known, in one word.
pub(super) fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Documented => "documented",
        Evidence::Mentioned => "mentioned",
        Evidence::Observed => "observed",
        Evidence::Inferred => "inferred",
        Evidence::Choice => "choice",
    }
}

/// When a clause can be seen, in one word.
pub(super) fn occasion(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::Always => "always",
        Occasion::Provokable => "provokable",
        Occasion::Situational => "situational",
    }
}
