//! Whatever a server answers, a run ends with something to say about the server, not about the harness.

mod answers;
mod leaving;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use proptest::prelude::*;

use self::answers::{Draw, Manner};
use super::*;
use crate::profile;
use crate::transport::in_process::InProcess;

fn options(api: &str) -> Options {
    let target = Target::parse("http://127.0.0.1:1").expect("it is an address");
    Options {
        // Time is the test's own: nothing is waited for.
        wishes: Wishes { pace: Some(Duration::from_secs(5)), ..Wishes::default() },
        timeout: Duration::from_secs(60),
        ..Options::new(target, profile::find(api).expect("it is known"))
    }
}

/// Runs the suite for Catalog against a server that answers what `answer` makes of the request and its number.
fn judged(
    has_control: bool,
    answer: impl Fn(&Request<Bytes>, u64) -> Response<Bytes> + Send + Sync + 'static,
) -> Result<Report, RunError> {
    judged_as("catalog", has_control, answer)
}

/// Runs the suite for an API against such a server.
fn judged_as(
    api: &str,
    has_control: bool,
    answer: impl Fn(&Request<Bytes>, u64) -> Response<Bytes> + Send + Sync + 'static,
) -> Result<Report, RunError> {
    let count = AtomicU64::new(0);
    let serve = move |request| std::future::ready(answer(&request, count.fetch_add(1, Ordering::Relaxed)));
    let target: Arc<dyn Transport> = Arc::new(InProcess::new(serve));
    let control = has_control.then(|| Arc::clone(&target)).into_iter().collect();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().expect("there is a runtime");
    runtime.block_on(run_over(&options(api), Ways { target, control }, std::future::pending()))
}

fn is_sound(judged: &Result<Report, RunError>) -> Result<(), TestCaseError> {
    match judged {
        Ok(report) => {
            let broken = report.checks.iter().find(|check| check.verdict == "error");
            prop_assert!(
                broken.is_none(),
                "{}: {:?}",
                broken.map_or("", |it| it.id),
                broken.map(|it| &it.reason)
            );
            prop_assert!(matches!(report.exit_code, 1 | 3 | 5), "{:?}", report.notes);
            // Whatever a server says can be shown.
            prop_assert!(!crate::report::terminal::render(report, true).is_empty());
            prop_assert!(!crate::report::markdown::render(report).is_empty());
            prop_assert!(!crate::report::junit::render(report).is_empty());
            prop_assert!(!crate::report::json::render(report).is_empty());
        }
        Err(error) => prop_assert!(!matches!(error, RunError::Harness(_)), "{error}"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Answers that have nothing to do with the documents, and answers that follow the documents' shapes but not
    /// their meaning, in any mixture.
    #[test]
    fn no_answers_break_the_harness_and_none_made_up_pass(
        seed: u64,
        has_control: bool,
        manner in prop::sample::select(Manner::ALL),
        api in prop::sample::select(&["catalog", "extralt", "extralt/v1"][..]),
    ) {
        let profile = profile::find(api).expect("it is known");
        let contract = Contract::find(profile.api, profile.version).expect("it has a contract");
        let judged = judged_as(api, has_control, move |request, number| {
            manner.answer(contract, request, &mut Draw::new(seed.wrapping_add(number)))
        });
        is_sound(&judged)?;
    }
}

/// An answer of a mebibyte, most of which is items.
fn heavy(request: &Request<Bytes>, number: u64, item: &str) -> Response<Bytes> {
    let mut body = String::from(r#"{"execution_id":"crawl-example-com-0","status":"pending","data":["#);
    while body.len() < 1 << 20 {
        let id = format!("{number:04x}{:04x}", body.len() & 0xffff);
        body.push_str(&item.replace("ID", &id));
        body.push(',');
    }
    body.push_str("0]}");
    answer(request, body)
}

fn answer(request: &Request<Bytes>, body: String) -> Response<Bytes> {
    let status = if request.method() == http::Method::POST { 202 } else { 200 };
    let answer = Response::builder().status(status).header("content-type", "application/json");
    answer.body(Bytes::from(body)).expect("it is an answer")
}

#[test]
fn runs_are_taken_back_when_the_record_is_full() {
    let report = judged(false, |request, number| {
        if request.method() == http::Method::DELETE {
            return answer(request, r#"{"status":"failed"}"#.to_owned());
        }
        heavy(request, number, r#"{"":0}"#)
    });
    let report = report.expect("there is something to report");
    assert!(report.notes[0].contains("too large together"), "{:?}", report.notes);
    // The last answer was too much, and may have been about one more.
    let [left] = report.left_behind.as_slice() else { panic!("{:?}", report.left_behind) };
    assert!(left.starts_with("crawl, perhaps: POST /v2/crawl got no answer that was kept"), "{left}");
}

#[test]
fn a_server_that_answers_a_mebibyte_to_everything_is_judged_in_little_time_and_memory() {
    for item in [r#"{"":0}"#, r#"{"execution_id":"crawl-example-com-ID","status":"running"}"#] {
        let watch = Stopwatch::start();
        let report = judged(false, move |request, number| heavy(request, number, item));
        let report = report.expect("there is something to report");
        assert!(matches!(report.exit_code, 1 | 5), "{:?}", report.notes);
        assert!(report.notes[0].contains("too large together"), "{:?}", report.notes);
        assert!(report.checks.iter().all(|check| check.verdict != "error"));
        assert!(watch.elapsed() < Duration::from_secs(60), "{item}: {:?}", watch.elapsed());
    }
}
