//! What a report says in each format, and what it never says.

mod shop;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use conformance::profile;
use conformance::report::{Counts, Levels, Report, json, junit, markdown, terminal};
use conformance::run::{Options, Ways, run_over};
use conformance::session::Wishes;
use conformance::target::Target;
use conformance::transport::in_process::InProcess;
use conformance::verdict::RunOutcome;
use http::{Request, Response};
use serde_json::Value;

use self::shop::Shop;

const KEY: &str = "sk-live-0123456789";

fn options() -> Options {
    let target = Target::parse("http://127.0.0.1:4010").expect("an address");
    Options {
        wishes: Wishes { key: Some(KEY.into()), pace: Some(Duration::from_millis(1)), ..Wishes::default() },
        timeout: Duration::from_secs(20),
        patience: Duration::ZERO,
        ..Options::new(target, profile::find("catalog").expect("catalog is known"))
    }
}

async fn judged_with<F, T>(options: Options, serve: F) -> Report
where
    F: Fn(Request<Bytes>) -> T + Send + Sync + 'static,
    T: Future<Output = Response<Bytes>> + Send + 'static,
{
    let ways = Ways { target: Arc::new(InProcess::new(serve)), control: Vec::new() };
    run_over(&options, ways, std::future::pending()).await.expect("it reports")
}

async fn judged<F, T>(serve: F) -> Report
where
    F: Fn(Request<Bytes>) -> T + Send + Sync + 'static,
    T: Future<Output = Response<Bytes>> + Send + 'static,
{
    judged_with(options(), serve).await
}

/// One check for each verdict, which stand for all where a format treats them alike.
const SAMPLE: [&str; 6] =
    ["id.format", "id.unique", "schema.response", "tenant.get-404", "list.page-size", "repr.query-echo"];

/// The report with few of its checks.
fn sample(mut report: Report) -> Report {
    report.checks.retain(|check| SAMPLE.contains(&check.id));
    report
}

/// A shop that keeps some of the rules.
async fn shop() -> Report {
    let shop = Shop::default();
    judged(move |request| std::future::ready(shop.answer(&request))).await
}

async fn gateway(_: Request<Bytes>) -> Response<Bytes> {
    let answer = Response::builder().status(502).header("content-type", "text/html");
    answer.body(Bytes::from_static(b"<h1>Bad gateway</h1>")).expect("an answer")
}

/// The text with what differs from run to run and from release to release left out.
fn steady(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let line = match line.split_once(" time=\"") {
            Some((before, rest)) => {
                format!("{before} time=\"…\"{}", rest.split_once('"').map_or("", |(_, rest)| rest))
            }
            None => line.to_owned(),
        };
        let line = if line.starts_with("<sub>") { "<sub>…</sub>".into() } else { line };
        lines.push(line.replace(&format!("\"{}\"", env!("CARGO_PKG_VERSION")), "\"…\""));
    }
    lines.join("\n")
}

#[tokio::test]
async fn a_report_for_people_explains_each_failure() {
    insta::assert_snapshot!(terminal::render(&shop().await, false));
}

#[tokio::test]
async fn a_report_for_people_about_no_api_at_all_says_so() {
    insta::assert_snapshot!(terminal::render(&sample(judged(gateway).await), false));
}

#[tokio::test]
async fn a_report_for_test_tabs_has_a_case_for_each_check() {
    insta::assert_snapshot!(steady(&junit::render(&sample(shop().await))));
}

#[tokio::test]
async fn a_report_for_a_summary_folds_its_details() {
    insta::assert_snapshot!(steady(&markdown::render(&sample(shop().await))));
}

#[tokio::test]
async fn the_shape_of_a_report_for_programs_is_stable() {
    let mut report: Value = serde_json::from_str(&json::render(&shop().await)).expect("it is JSON");
    // One check and one exchange stand for all; versions and times differ from run to run.
    report["harness"] = Value::Null;
    report["duration_ms"] = Value::Null;
    let failed = |check: &Value| check["verdict"] == "fail";
    if let Some(checks) = report["checks"].as_array_mut() {
        let at = checks.iter().position(failed).expect("something fails");
        checks.swap(0, at);
        checks.truncate(1);
    }
    if let Some(exchanges) = report["exchanges"].as_array_mut() {
        exchanges.truncate(1);
        exchanges[0]["started_ms"] = Value::Null;
        exchanges[0]["ended_ms"] = Value::Null;
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).expect("it is JSON"));
}

/// Every text that a run can leave somewhere.
fn texts(report: &Report) -> [String; 5] {
    let terminal = terminal::render(report, true);
    [terminal, json::render(report), junit::render(report), markdown::render(report), report.transcript()]
}

#[tokio::test]
async fn no_report_holds_a_key_even_if_every_answer_repeats_it() {
    let echo = |request: Request<Bytes>| async move {
        let key =
            request.headers().get("x-api-key").and_then(|key| key.to_str().ok()).unwrap_or("none").to_owned();
        let body = format!(
            r#"{{"execution_id":"{key}","status":"failed","error":"{key}","{key}":1,"data":["{key}"]}}"#
        );
        let answer = Response::builder().status(202).header("x-caller", &key).header("set-cookie", &key);
        answer.header("content-type", "application/json").body(Bytes::from(body)).expect("an answer")
    };
    for text in texts(&judged(echo).await) {
        assert!(!text.contains(KEY), "{text}");
        assert!(text.contains("$KEY_A"), "{text}");
    }
}

#[tokio::test]
async fn a_hostile_answer_cannot_command_a_terminal_break_the_xml_or_flood_a_report() {
    let hostile = |_| async {
        let nasty = "\\u001b[2J\\u0000\\u0008]]><!--<script>`````|\\u202e\\ufffe\\ud83d\\ude00";
        let body = format!(
            r#"{{"{nasty}":1,"status":"{nasty}","error":{{"code":"{nasty}{}"}}}}"#,
            "x".repeat(200_000)
        );
        let answer = Response::builder().status(404).header("content-type", "text/html\t]]>");
        answer.body(Bytes::from(body)).expect("an answer")
    };
    let report = judged(hostile).await;
    let [terminal, _, junit, markdown, _] = texts(&report);
    // Our own colours are the only escapes.
    for escape in terminal.split('\u{1b}').skip(1) {
        assert!(
            escape.starts_with("[0m")
                || escape.starts_with("[1m")
                || escape.starts_with("[2m")
                || escape.starts_with("[3"),
            "{escape:?}"
        );
    }
    for text in [&terminal, &junit, &markdown] {
        assert!(text.len() < 200_000, "{}", text.len());
        assert!(!text.contains(['\0', '\u{8}', '\u{202e}', '\u{fffe}']));
    }
    assert!(!junit.contains("<script>") && !junit.contains('\u{1b}'));
    assert!(junit.contains("&lt;script&gt;"), "it is still to be seen");
}

#[tokio::test]
async fn a_report_for_test_tabs_is_read_back_with_a_case_for_each_check() {
    let report = shop().await;
    let read = quick_junit::Report::deserialize_from_str(&junit::render(&report)).expect("it is JUnit XML");
    let [suite] = read.test_suites.as_slice() else { panic!("one suite") };
    let ids: Vec<_> = suite.test_cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(
        ids.split_last(),
        Some((&"complete", &*report.checks.iter().map(|check| check.id).collect::<Vec<_>>()))
    );
    let counts = report.counts;
    assert_eq!((suite.failures, suite.errors), (counts.fail, counts.error));
    assert_eq!(suite.skipped, counts.blocked + counts.unobserved + counts.not_applicable);
}

#[tokio::test]
async fn every_pointer_into_the_contract_leads_somewhere() {
    let contract = fixtures::contract::Contract::find("catalog", "v2").expect("it has a contract");
    let mut pointers = 0;
    for report in [shop().await, judged(gateway).await] {
        for finding in report.checks.iter().flat_map(|check| &check.findings) {
            let Some(pointer) = &finding.schema_pointer else { continue };
            assert!(contract.document().pointer(pointer).is_some(), "{pointer}");
            pointers += 1;
        }
    }
    assert!(pointers > 3, "{pointers}");
}

#[tokio::test]
async fn a_run_that_was_cut_short_is_never_complete() {
    let shop = Shop::default();
    let ways = Ways {
        target: Arc::new(InProcess::new(move |request| std::future::ready(shop.answer(&request)))),
        control: Vec::new(),
    };
    let report = run_over(&options(), ways, std::future::ready(())).await.expect("it reports");
    assert!(report.cut_short);
    assert_ne!(report.outcome, RunOutcome::Conformant);
    assert_ne!(report.exit_code, 0);
}

#[tokio::test]
async fn what_was_not_put_to_the_test_says_why_in_every_format() {
    let mut verdicts = BTreeSet::new();
    for report in [shop().await, judged(gateway).await] {
        let [terminal, json, junit, markdown, _] = texts(&report);
        for check in &report.checks {
            let Some(reason) = &check.reason else { continue };
            verdicts.insert(check.verdict);
            let skipped = format!("{}: {}", check.verdict, reason.replace('\'', "&apos;"));
            let quoted = serde_json::to_string(reason).expect("a text is JSON");
            assert!(json.contains(&quoted) && junit.contains(&skipped), "{}: {skipped}", check.id);
            // Markdown escapes what would be markup.
            let plain = markdown.replace('\\', "");
            let is_listed = terminal.contains(reason.as_str()) && plain.contains(reason.as_str());
            assert!(is_listed || check.verdict == "not-applicable", "{}", check.id);
        }
    }
    assert_eq!(verdicts.into_iter().collect::<Vec<_>>(), ["blocked", "not-applicable", "unobserved"]);
}

#[tokio::test]
async fn every_clause_and_every_check_is_counted_once() {
    let report = shop().await;
    let it = report.clauses;
    let fates = it.exercised + it.blocked + it.unobserved + it.not_applicable + it.excluded + it.unchecked;
    assert_eq!(fates, it.total);
    assert!(it.conflict > 0 && it.conflict < it.exercised, "{it}");
    let counts =
        |it: Counts| it.pass + it.fail + it.warn + it.not_applicable + it.blocked + it.unobserved + it.error;
    let Levels { must, should, may } = report.levels;
    assert_eq!(counts(must) + counts(should) + counts(may), counts(report.counts));
    assert_eq!(counts(report.counts), report.checks.len());
    assert_eq!(must.warn + should.fail, 0, "a level decides between failing and warning");
}

#[tokio::test]
async fn a_strict_run_fails_test_cases_that_a_lenient_one_only_comments() {
    let options = Options { strict: true, ..options() };
    let (strict, lenient) =
        (junit::render(&judged_with(options, gateway).await), junit::render(&judged(gateway).await));
    let failed = |text: &str| {
        let (_, case) = text.split_once(r#"name="err.malformed-id""#).expect("it is a case");
        let (case, _) = case.split_once("</testcase>").expect("it ends");
        case.contains("<failure")
    };
    assert!(failed(&strict) && !failed(&lenient));
}

#[test]
fn the_catalogue_is_printed_as_it_is() {
    insta::assert_snapshot!(terminal::catalogue(
        fixtures::contract::Contract::find("catalog", "v2").expect("it has a contract")
    ));
}
