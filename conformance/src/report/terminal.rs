//! The report for people: what failed and why first, then what is missing, the result last.

use std::fmt::{self, Write as _};

use anstyle::{AnsiColor, Style};
use fixtures::contract::Contract;

use super::plain::visible;
use super::{CheckReport, Report, explanation};
use crate::checks::{self, GROUPS, Group};
use crate::oracle::Coverage;
use crate::verdict::RunOutcome;

/// The report as text. `colour` adds terminal styles; leave it to the caller to know whether there is a terminal.
pub fn render(report: &Report, colour: bool) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = Renderer { colour, out: &mut text }.report(report);
    text
}

/// The catalogue of an API as text, one check per line under its group.
pub fn catalogue(contract: &Contract) -> String {
    let mut text = String::new();
    let of = |group: &'static Group| group.checks.iter().filter(|check| check.is_about(contract));
    for group in GROUPS.iter().filter(|group| of(group).next().is_some()) {
        let _ = writeln!(text, "{}", group.title);
        for check in of(group) {
            let level = super::level(check.level);
            let _ =
                writeln!(text, "  {:<28} {:<7} {:<8} {}", check.id, level, check.cost.word(), check.title);
        }
        text.push('\n');
    }
    let total = checks::of(contract).count();
    let _ = writeln!(text, "{total} checks");
    text
}

struct Renderer<'a> {
    colour: bool,
    out: &'a mut String,
}

impl Renderer<'_> {
    fn report(&mut self, report: &Report) -> fmt::Result {
        write!(self.out, "{} {} at {}", report.api, report.version, report.target)?;
        match report.seed {
            Some(seed) => writeln!(self.out, " (seed {seed})\n")?,
            None => writeln!(self.out, "\n")?,
        }
        for group in checks::groups(report.api, report.version) {
            let checks: Vec<_> = report.checks.iter().filter(|check| check.group == group.title).collect();
            self.group(group.title, &checks)?;
        }
        self.edges(&report.coverage)?;
        self.readings(report)?;
        self.notes(report)?;
        for check in &report.checks {
            if !check.findings.is_empty() {
                self.explanation(check, report)?;
            }
        }
        self.result(report)
    }

    /// A group in one line if all is well, else with a line for each check that is not. What does not bind this server
    /// is only counted: a reader can do nothing about it.
    fn group(&mut self, title: &str, checks: &[&CheckReport]) -> fmt::Result {
        let passed = checks.iter().filter(|check| check.verdict == "pass").count();
        let not_applicable = checks.iter().filter(|check| check.verdict == NOT_APPLICABLE).count();
        write!(self.out, "{title:<30} {passed} of {} passed", checks.len() - not_applicable)?;
        match not_applicable {
            0 => writeln!(self.out)?,
            count => writeln!(self.out, ", {count} not applicable")?,
        }
        for check in checks.iter().filter(|check| !["pass", NOT_APPLICABLE].contains(&check.verdict)) {
            let word = self.styled(style(check.verdict), &format!("{:<10}", check.verdict));
            write!(self.out, "  {word} {:<28} ", check.id)?;
            match &check.reason {
                Some(reason) => writeln!(self.out, "{}", visible(reason))?,
                None => writeln!(self.out, "{}", check.title)?,
            }
        }
        Ok(())
    }

    /// How much of the lifecycles was seen, and what was not.
    fn edges(&mut self, coverage: &[Coverage]) -> fmt::Result {
        let documented: usize = coverage.iter().map(|it| it.documented).sum();
        let observed: usize = coverage.iter().map(|it| it.observed).sum();
        writeln!(self.out, "{:<30} {observed} of {documented} seen", "Edges of the lifecycles")?;
        let word = self.styled(Style::new().dimmed(), &format!("{:<14}", "never seen"));
        for Coverage { lifecycle, observed, unseen, .. } in coverage {
            if *observed == 0 {
                writeln!(self.out, "  {word} {lifecycle:<28} any of its {} edges", unseen.len())?;
                continue;
            }
            for edge in unseen {
                writeln!(self.out, "  {word} {lifecycle:<28} {edge}")?;
            }
        }
        Ok(())
    }

    /// How many contradictions were met. Which reading each showed is for the longer formats: it fails nobody.
    fn readings(&mut self, report: &Report) -> fmt::Result {
        let mut clauses: Vec<_> = report.readings.iter().map(|reading| reading.clause).collect();
        clauses.dedup();
        if clauses.is_empty() {
            return Ok(());
        }
        writeln!(
            self.out,
            "{:<30} {} met; --format markdown or json says how this server reads them",
            "Contradictions of the pages",
            clauses.len()
        )
    }

    fn notes(&mut self, report: &Report) -> fmt::Result {
        let mut notes: Vec<String> = report.notes.iter().map(|note| visible(note)).collect();
        if report.counts.not_applicable > 0 {
            notes.push(format!(
                "{} checks are not applicable: they hold a Rehearsal to what the vendor's pages leave open",
                report.counts.not_applicable
            ));
        }
        if report.checks.iter().any(|check| !check.findings.is_empty()) {
            notes.push(
                "in the lines to repeat, $KEY_A and $KEY_B stand for the keys that were used, and $KEY_REFUSED for one \
                 that no server knows"
                    .into(),
            );
        }
        if !notes.is_empty() {
            writeln!(self.out)?;
        }
        for note in notes {
            writeln!(self.out, "note: {note}")?;
        }
        Ok(())
    }

    fn explanation(&mut self, check: &CheckReport, report: &Report) -> fmt::Result {
        let head = self.styled(style(check.verdict), &format!("{}: {}", check.verdict, check.id));
        writeln!(self.out, "\n{head}  {}", check.title)?;
        let mut text = String::new();
        explanation::write(&mut text, check, report)?;
        for line in text.lines() {
            writeln!(self.out, "  {line}")?;
        }
        Ok(())
    }

    fn result(&mut self, report: &Report) -> fmt::Result {
        writeln!(self.out)?;
        if report.checks.iter().any(|check| !check.findings.is_empty()) {
            // They are far above by now, and may say it all.
            for note in &report.notes {
                writeln!(self.out, "note: {}", visible(note))?;
            }
        }
        for left in &report.left_behind {
            writeln!(self.out, "left behind: {}", visible(left))?;
        }
        writeln!(self.out, "{}", report.clauses)?;
        let colour = match report.outcome {
            RunOutcome::Conformant => AnsiColor::Green,
            RunOutcome::Nonconformant | RunOutcome::Error => AnsiColor::Red,
            RunOutcome::Incomplete => AnsiColor::Yellow,
        };
        let word = self.styled(colour.on_default().bold(), report.outcome.word());
        writeln!(self.out, "{word}: {}", report.said())
    }

    fn styled(&self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

const NOT_APPLICABLE: &str = "not-applicable";

/// `once`, `twice`, `7 times`.
pub(super) fn times(count: usize) -> String {
    match count {
        1 => "once".into(),
        2 => "twice".into(),
        count => format!("{count} times"),
    }
}

fn style(verdict: &str) -> Style {
    match verdict {
        "fail" | "error" => AnsiColor::Red.on_default().bold(),
        "warn" | "blocked" | "unobserved" => AnsiColor::Yellow.on_default(),
        _ => Style::new().dimmed(),
    }
}
