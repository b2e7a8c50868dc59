//! The report as Markdown, for the summary of a CI step or a comment: the result, a table of groups, then the details
//! of what is wrong folded away.

use std::fmt::{self, Write as _};

use super::plain::visible;
use super::terminal::times;
use super::{CheckReport, Report, explanation};
use crate::checks;

/// The report as GitHub-flavoured Markdown.
pub fn render(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut text, report);
    text
}

fn write(out: &mut String, report: &Report) -> fmt::Result {
    writeln!(out, "## {} {}: {}\n", report.api, report.version, report.outcome.word())?;
    writeln!(out, "{} was judged: {}.\n", code(&report.target), report.said())?;
    writeln!(out, "{}.\n", report.clauses)?;
    for note in &report.notes {
        writeln!(out, "> {}\n", escaped(note))?;
    }
    for left in &report.left_behind {
        writeln!(out, "> Left behind: {}\n", code(left))?;
    }
    groups(out, report)?;
    details(out, report)?;
    untested(out, report)?;
    readings(out, report)?;
    let seed = report.seed.map(|seed| format!(", seed {seed}")).unwrap_or_default();
    let seconds = report.duration_ms / 1000;
    let tenths = report.duration_ms % 1000 / 100;
    writeln!(
        out,
        "<sub>rehearsal {}{seed}, {seconds}.{tenths} s, exit code {}</sub>",
        report.harness, report.exit_code
    )
}

fn groups(out: &mut String, report: &Report) -> fmt::Result {
    writeln!(out, "| Group | Passed | Failed | Warned | Not tested | Not applicable |")?;
    writeln!(out, "|---|--:|--:|--:|--:|--:|")?;
    for group in checks::groups(report.api, report.version) {
        let count = |verdicts: &[&str]| {
            let checks = report.checks.iter().filter(|check| check.group == group.title);
            checks.filter(|check| verdicts.contains(&check.verdict)).count()
        };
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            group.title,
            count(&["pass"]),
            count(&["fail", "error"]),
            count(&["warn"]),
            count(UNTESTED),
            count(&["not-applicable"]),
        )?;
    }
    writeln!(out)
}

/// Verdicts of checks whose clauses bind the server and were not put to the test.
const UNTESTED: &[&str] = &["blocked", "unobserved"];

fn details(out: &mut String, report: &Report) -> fmt::Result {
    let wrong = |check: &&CheckReport| ["fail", "warn", "error"].contains(&check.verdict);
    let checks: Vec<_> = report.checks.iter().filter(wrong).collect();
    if checks.is_empty() {
        return Ok(());
    }
    writeln!(out, "### What is wrong\n")?;
    for check in checks {
        writeln!(
            out,
            "<details><summary><b>{}</b> <code>{}</code> {}</summary>\n",
            check.verdict, check.id, check.title
        )?;
        for clause in &check.clauses {
            writeln!(out, "- {} {} ({})", code(clause.id), escaped(clause.says), escaped(clause.source))?;
        }
        let mut text = String::new();
        if let Some(reason) = &check.reason {
            writeln!(text, "{}", visible(reason))?;
        }
        explanation::findings(&mut text, check, report)?;
        let fence = fence(&text);
        writeln!(out, "\n{fence}text\n{text}{fence}\n\n</details>\n")?;
    }
    Ok(())
}

fn untested(out: &mut String, report: &Report) -> fmt::Result {
    let checks: Vec<_> = report.checks.iter().filter(|check| UNTESTED.contains(&check.verdict)).collect();
    if checks.is_empty() {
        return Ok(());
    }
    writeln!(out, "<details><summary>{} checks were not put to the test</summary>\n", checks.len())?;
    writeln!(out, "| Check | Level | | Why |\n|---|---|---|---|")?;
    for check in checks {
        let reason = escaped(check.reason.as_deref().unwrap_or_default());
        writeln!(out, "| {} | {} | {} | {reason} |", code(check.id), check.level, check.verdict)?;
    }
    writeln!(out, "\n</details>\n")
}

fn readings(out: &mut String, report: &Report) -> fmt::Result {
    if report.readings.is_empty() {
        return Ok(());
    }
    writeln!(out, "### Where the vendor's pages contradict each other\n")?;
    writeln!(out, "| Clause | What this server keeps to | Seen | First |\n|---|---|---|---|")?;
    for reading in &report.readings {
        writeln!(
            out,
            "| {} {} | {} | {} | {} |",
            code(reading.clause),
            escaped(reading.says),
            escaped(reading.text),
            times(reading.count),
            code(&explanation::exchange(reading.exchange, report)),
        )?;
    }
    writeln!(out)
}

/// Text that Markdown and HTML take as text, in one line, in a table too.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in visible(text).chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '@' | '$' => {
                safe.push('\\');
                safe.push(character);
            }
            _ => safe.push(character),
        }
    }
    safe
}

/// Text as code in one line. A span of code can hold neither backticks of its own nor, in a table, a bar.
fn code(text: &str) -> String {
    format!("`{}`", visible(text).replace('`', "'").replace('|', "\u{a6}"))
}

/// A fence that is longer than every run of backticks in `text`.
fn fence(text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}
