//! One defect per check: a proxy puts it into what passes, and that check has to fail, for that reason.

mod table;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use self::table::{all, reads_run};
use super::wire::{Message, Tamper, call, proxy};
use super::{check, judged};
use crate::program::Server;

/// A way of being wrong.
struct Defect {
    /// The check that is there for it.
    check: &'static str,
    /// The reason it has to give.
    reason: &'static str,
    request: fn(&mut Message),
    answer: Edit,
}

type Edit = Box<dyn Fn(&Message, &mut Message) + Send + Sync>;

impl Tamper for Defect {
    fn request(&self, request: &mut Message) {
        (self.request)(request);
    }

    fn answer(&self, request: &Message, answer: &mut Message) {
        (self.answer)(request, answer);
    }
}

/// A defect of answers.
fn answers(
    check: &'static str,
    reason: &'static str,
    edit: impl Fn(&Message, &mut Message) + Send + Sync + 'static,
) -> Defect {
    Defect { check, reason, request: |_| {}, answer: Box::new(edit) }
}

/// A defect of the JSON that a kind of request is answered with.
fn bodies(
    check: &'static str,
    reason: &'static str,
    of: fn(&Message) -> bool,
    edit: impl Fn(&mut Value) + Send + Sync + 'static,
) -> Defect {
    answers(check, reason, move |request, answer| {
        if of(request) {
            let mut body = answer.json();
            edit(&mut body);
            answer.set_json(&body);
        }
    })
}

/// A defect of the JSON of runs in one state.
fn runs(
    check: &'static str,
    reason: &'static str,
    state: &'static str,
    edit: impl Fn(&mut Value) + Send + Sync + 'static,
) -> Defect {
    bodies(check, reason, reads_run, move |body| {
        if body["status"] == state {
            edit(body);
        }
    })
}

/// A wrong status where a kind of request is answered with a right one.
fn statuses(
    check: &'static str,
    reason: &'static str,
    of: fn(&Message) -> bool,
    right: u16,
    wrong: u16,
) -> Defect {
    answers(check, reason, move |request, answer| {
        if of(request) && answer.status() == right {
            answer.set_status(wrong);
        }
    })
}

/// A server that takes one request for another.
fn requests(check: &'static str, reason: &'static str, request: fn(&mut Message)) -> Defect {
    Defect { check, reason, request, answer: Box::new(|_, _| {}) }
}

/// Checks that no defect of an answer can fail: a run that never ends blocks it instead.
const BLOCKED_AT_MOST: [&str; 1] = ["job.reaches-terminal"];

#[tokio::test]
async fn every_check_has_a_defect() {
    let (_, listed, _) = check(&["--list"]).await;
    let checks = listed.lines().filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    let proven: BTreeSet<_> = all().iter().map(|defect| defect.check).chain(BLOCKED_AT_MOST).collect();
    assert_eq!(checks.collect::<BTreeSet<_>>(), proven);
}

#[tokio::test]
async fn a_proxy_that_changes_nothing_changes_no_verdict() {
    let server = Server::start(&[]);
    let (code, report) = judged(proxy(server.address, answers("", "", |_, _| {})).await).await;
    assert_eq!(code, 0, "{report:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_defect_is_found_by_its_check_for_its_reason() {
    let server = Server::start(&[]);
    let address = server.address;
    let mut survivors = Vec::new();
    let mut defects = all();
    while !defects.is_empty() {
        // As many at once as keep two processors busy.
        let some = defects.split_off(defects.len().saturating_sub(4));
        let runs: Vec<_> = some
            .into_iter()
            .map(|defect| {
                let (check, reason) = (defect.check, defect.reason);
                tokio::spawn(async move {
                    let report = judged(proxy(address, defect).await).await;
                    survived(check, reason, report.0, &report.1)
                })
            })
            .collect();
        for run in runs {
            survivors.extend(run.await.expect("no run panics"));
        }
    }
    assert!(survivors.is_empty(), "{}", survivors.join("\n"));
    let worlds = call(address, "GET", "/_rehearsal/worlds", "", "").await;
    assert_eq!(worlds.1["worlds"], json!([]), "the worlds of every check are gone");
}

/// Says so if a defect was not found as it should have been.
fn survived(check: &str, reason: &str, code: i32, report: &Value) -> Option<String> {
    let checks = report["checks"].as_array().expect("a report has checks");
    let found = checks.iter().find(|it| it["id"] == check).expect("the check is known");
    let findings = found["findings"].as_array().expect("a check has findings");
    let reasons: Vec<_> = findings.iter().map(|it| &it["reason"]).collect();
    let expected = match found["level"].as_str() {
        Some("must") => ("fail", code == 1),
        _ => ("warn", code != 4),
    };
    let killed = found["verdict"] == expected.0 && expected.1 && reasons.contains(&&json!(reason));
    let verdict = &found["verdict"];
    (!killed).then(|| format!("{check} should give {reason}: {verdict} for {reasons:?}, exit {code}"))
}
