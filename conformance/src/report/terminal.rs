//! The report for people: what failed and why first, then what is missing, the result last.

use std::fmt::{self, Write as _};

use anstyle::{AnsiColor, Style};

use super::{CheckReport, FindingReport, Report};
use crate::checks::GROUPS;
use crate::verdict::RunOutcome;

/// The report as text. `colour` adds terminal styles; leave it to the caller to know whether there is a terminal.
pub fn render(report: &Report, colour: bool) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = Renderer { colour, out: &mut text }.report(report);
    text
}

/// The catalogue as text, one check per line under its group.
pub fn catalogue() -> String {
    let mut text = String::new();
    for group in GROUPS {
        let _ = writeln!(text, "{}", group.title);
        for check in group.checks {
            let level = super::level(check.level);
            let _ =
                writeln!(text, "  {:<28} {:<7} {:<8} {}", check.id, level, check.cost.word(), check.title);
        }
        text.push('\n');
    }
    let total: usize = GROUPS.iter().map(|group| group.checks.len()).sum();
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
        for group in GROUPS {
            let checks: Vec<_> = report.checks.iter().filter(|check| check.group == group.title).collect();
            self.group(group.title, &checks)?;
        }
        if !report.notes.is_empty() {
            writeln!(self.out)?;
        }
        for note in &report.notes {
            writeln!(self.out, "note: {note}")?;
        }
        if report.checks.iter().any(|check| !check.findings.is_empty()) {
            writeln!(
                self.out,
                "note: in the lines to repeat, $KEY_A and $KEY_B stand for the keys that were used"
            )?;
        }
        for check in &report.checks {
            if !check.findings.is_empty() {
                self.explanation(check, report)?;
            }
        }
        for left in &report.left_behind {
            writeln!(self.out, "left behind: {left}")?;
        }
        self.result(report)
    }

    /// A group in one line if all is well, else with a line for each check that is not.
    fn group(&mut self, title: &str, checks: &[&CheckReport]) -> fmt::Result {
        let passed = checks.iter().filter(|check| check.verdict == "pass").count();
        writeln!(self.out, "{title:<30} {passed} of {} passed", checks.len())?;
        for check in checks.iter().filter(|check| check.verdict != "pass") {
            let word = self.styled(style(check.verdict), &format!("{:<14}", check.verdict));
            write!(self.out, "  {word} {:<28} ", check.id)?;
            match &check.reason {
                Some(reason) => writeln!(self.out, "{reason}")?,
                None => writeln!(self.out, "{}", check.title)?,
            }
        }
        Ok(())
    }

    fn explanation(&mut self, check: &CheckReport, report: &Report) -> fmt::Result {
        let head = self.styled(style(check.verdict), &format!("{}: {}", check.verdict, check.id));
        writeln!(self.out, "\n{head}  {}", check.title)?;
        for clause in &check.clauses {
            writeln!(self.out, "  clause    {}", clause.id)?;
            writeln!(self.out, "            {} ({})", clause.says, clause.source)?;
        }
        for finding in &check.findings {
            self.finding(finding, report)?;
        }
        let hidden = check.findings_total - check.findings.len();
        if hidden > 0 {
            writeln!(self.out, "  and {hidden} more like these")?;
        }
        Ok(())
    }

    fn finding(&mut self, finding: &FindingReport, report: &Report) -> fmt::Result {
        writeln!(self.out, "  reason    {}", finding.reason)?;
        writeln!(self.out, "  expected  {}", finding.expected)?;
        writeln!(self.out, "  observed  {}", finding.observed)?;
        if let Some(pointer) = &finding.pointer {
            writeln!(self.out, "  at        {pointer}")?;
        }
        for id in &finding.exchanges {
            let Some(exchange) = report.exchanges.iter().find(|exchange| exchange.id() == *id) else {
                continue;
            };
            let request = exchange.request();
            let answer =
                exchange.response().map_or_else(|| "no answer".into(), |answer| answer.status.to_string());
            writeln!(self.out, "  exchange  #{id} {} {} -> {answer}", request.method, request.target)?;
        }
        if let Some(curl) = &finding.curl {
            writeln!(self.out, "  repeat    {curl}")?;
        }
        Ok(())
    }

    fn result(&mut self, report: &Report) -> fmt::Result {
        let counts = report.counts;
        let named = [
            ("passed", counts.pass),
            ("failed", counts.fail),
            ("warned", counts.warn),
            ("not applicable", counts.not_applicable),
            ("blocked", counts.blocked),
            ("unobserved", counts.unobserved),
            ("broke", counts.error),
        ];
        let said: Vec<_> = named
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        let (word, colour) = match report.outcome {
            RunOutcome::Conformant => ("conformant", AnsiColor::Green),
            RunOutcome::Nonconformant => ("nonconformant", AnsiColor::Red),
            RunOutcome::Incomplete => ("incomplete", AnsiColor::Yellow),
            RunOutcome::Error => ("error", AnsiColor::Red),
        };
        let word = self.styled(colour.on_default().bold(), word);
        writeln!(self.out, "\n{word}: {}", said.join(", "))
    }

    fn styled(&self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

fn style(verdict: &str) -> Style {
    match verdict {
        "fail" | "error" => AnsiColor::Red.on_default().bold(),
        "warn" | "blocked" | "unobserved" => AnsiColor::Yellow.on_default(),
        _ => Style::new().dimmed(),
    }
}
