//! The report as JUnit XML, for the test tabs of CI systems: a suite for each API, and in it one test case per
//! check.
//!
//! A broken MUST is a failure, and so is a broken SHOULD of a strict run; else that is a success which says so in its
//! output. What was not put to the test is skipped, with the reason; one more case fails if that was too much.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use super::plain::visible;
use super::{CheckReport, Report, explanation};
use crate::verdict::RunOutcome;

/// The report as an XML document, ended by a newline.
pub fn render(report: &Report) -> String {
    document(std::slice::from_ref(report))
}

/// Several reports as one XML document, a suite for each.
pub(super) fn document(reports: &[Report]) -> String {
    let mut document = quick_junit::Report::new("rehearsal check");
    document.set_time(Duration::from_millis(reports.iter().map(|report| report.duration_ms).sum()));
    document.add_test_suites(reports.iter().map(suite));
    // It is written to memory, and what XML cannot hold was left out of every string.
    document.to_string().unwrap_or_default()
}

fn suite(report: &Report) -> TestSuite {
    let name = format!("{}/{}", report.api, report.version);
    let mut suite = TestSuite::new(name.as_str());
    suite.set_time(Duration::from_millis(report.duration_ms));
    suite.add_properties(properties(report));
    suite.add_test_cases(report.checks.iter().map(|check| test_case(check, report, &name)));
    suite.add_test_case(completeness(report, &name));
    suite.set_system_out(output(report));
    suite
}

fn properties(report: &Report) -> Vec<Property> {
    let mut properties = vec![
        Property::new("outcome", report.outcome.word()),
        Property::new("exit-code", report.exit_code.to_string()),
        Property::new("target", report.target.as_str()),
        Property::new("harness", report.harness),
    ];
    if let Some(seed) = report.seed {
        properties.push(Property::new("seed", seed.to_string()));
    }
    for reading in &report.readings {
        properties.push(Property::new(format!("reading:{}", reading.clause), reading.text));
    }
    properties
}

fn output(report: &Report) -> String {
    let left = report.left_behind.iter().map(|left| format!("left behind: {}\n", visible(left)));
    let notes = report.notes.iter().map(|note| format!("{}\n", visible(note)));
    let result = format!("{}\n{}: {}\n", report.clauses, report.outcome.word(), report.said());
    notes.chain(left).chain([result]).collect()
}

/// Whether everything was put to the test that has to be. Test tabs show a suite of skipped cases as a success.
fn completeness(report: &Report, suite: &str) -> TestCase {
    let mut status = TestCaseStatus::success();
    if report.outcome == RunOutcome::Incomplete {
        status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type("incomplete").set_message("not everything that has to be tested was");
        status.set_description(output(report));
    }
    let mut case = TestCase::new("complete", status);
    case.set_classname(format!("{}.Outcome", suite.replace('/', ".")));
    case.set_time(Duration::ZERO);
    case
}

fn test_case(check: &CheckReport, report: &Report, suite: &str) -> TestCase {
    let reason = visible(check.reason.as_deref().unwrap_or(check.verdict));
    let status = match check.verdict {
        "fail" => broken(NonSuccessKind::Failure, check, report),
        "warn" if report.strict => broken(NonSuccessKind::Failure, check, report),
        "pass" | "warn" => TestCaseStatus::success(),
        "error" => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type("error").set_message(reason.as_str()).set_description(reason);
            status
        }
        verdict => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(format!("{verdict}: {reason}"));
            status
        }
    };
    let mut case = TestCase::new(check.id, status);
    // Consumers split class names at dots.
    case.set_classname(format!("{}.{}", suite.replace('/', "."), check.group));
    case.set_time(Duration::ZERO);
    case.add_properties([
        Property::new("verdict", check.verdict),
        Property::new("level", check.level),
        Property::new("title", check.title),
    ]);
    if check.verdict == "warn" && !report.strict {
        case.set_system_out(explained(check, report));
    }
    case
}

fn broken(kind: NonSuccessKind, check: &CheckReport, report: &Report) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    if let Some(first) = check.findings.first() {
        let observed = visible(&first.observed);
        status.set_type(first.reason);
        status.set_message(format!(
            "{}: expected {}, observed {observed}",
            check.title,
            visible(&first.expected)
        ));
    }
    status.set_description(explained(check, report));
    status
}

fn explained(check: &CheckReport, report: &Report) -> String {
    let mut text = format!("{}\n", check.title);
    // Writing to a string cannot fail.
    let _ = explanation::write(&mut text, check, report);
    if let Some(seed) = report.seed {
        text.push_str(&format!("seed      {seed}\n"));
    }
    text
}
