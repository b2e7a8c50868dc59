//! How the harness sends: several requests at once, each recorded with its own times, and none twice after a loss.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use conformance::client::{Client, Credential, Keys};
use conformance::history::History;
use conformance::profile;
use conformance::run::{Options, Ways, run_over};
use conformance::session::Wishes;
use conformance::target::Target;
use conformance::transport::in_process::InProcess;
use conformance::transport::{Answering, Transport, TransportError};
use fixtures::contract::Contract;
use http::{Method, Request, Response};
use tokio::sync::Barrier;

fn keys() -> Keys {
    Keys { a: "check-0-a".into(), b: None, c: None, refused: "invalid-0".into(), forbidden: None }
}

#[tokio::test]
async fn requests_that_are_sent_together_are_under_way_together() {
    let profile = profile::find("catalog").expect("catalog is known");
    let history = History::new(Contract::find("catalog", "v2").expect("it has a contract"), profile);
    // Neither is answered before both have arrived, so one after the other would never end.
    let both = Arc::new(Barrier::new(2));
    let serve = move |_| {
        let both = Arc::clone(&both);
        async move {
            both.wait().await;
            Response::new(Bytes::from_static(b"{}"))
        }
    };
    let mut client = Client::new(Arc::new(InProcess::new(serve)), keys(), history, Duration::ZERO);
    let asks = ["crawl-example-com-1", "crawl-example-com-2"]
        .map(|id| client.request("catalog.crawl.cancel", &[("execution_id", id)], "", Credential::A, None))
        .map(|request| request.expect("it is documented"));
    client.send_together(&asks).await.expect("both are answered");

    let all = client.history().all();
    let ids: Vec<_> = all.iter().map(|seen| (seen.id(), seen.run().unwrap_or_default())).collect();
    assert_eq!(ids, [(1, "crawl-example-com-1"), (2, "crawl-example-com-2")]);
    let (one, other) = (all[0].exchange(), all[1].exchange());
    assert!(one.started_ms() <= other.ended_ms() && other.started_ms() <= one.ended_ms());
}

#[tokio::test(start_paused = true)]
async fn a_read_that_fails_is_made_again_as_long_as_there_is_patience() {
    // A server that is being started anew: its first answers are 503.
    for (patience, failures, expected) in [(0, 1, 2), (0, 4, 2), (10, 4, 5), (1, 4, 3)] {
        let profile = profile::find("catalog").expect("catalog is known");
        let history = History::new(Contract::find("catalog", "v2").expect("it has a contract"), profile);
        let asked = AtomicUsize::new(0);
        let serve = move |_| {
            let failed = asked.fetch_add(1, Ordering::Relaxed) < failures;
            let answer = Response::builder().status(if failed { 503 } else { 200 });
            std::future::ready(answer.body(Bytes::from_static(b"{}")).expect("an answer"))
        };
        let client = Client::new(Arc::new(InProcess::new(serve)), keys(), history, Duration::ZERO);
        let mut client = client.patient(Duration::from_secs(patience));
        let family = &profile.families[0];
        client.list(family, Credential::A, "").await.expect("it answers");
        assert_eq!(client.history().all().len(), expected, "{patience} s, {failures} failures");
    }
}

/// Answers nothing sensible, and loses the answer to every second create.
#[derive(Debug)]
struct Flaky(AtomicUsize);

impl Transport for Flaky {
    fn send(&self, request: Request<Bytes>) -> Answering<'_> {
        let create = request.method() == Method::POST;
        let lost = create && self.0.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
        Box::pin(async move {
            if lost {
                return Err(TransportError::Broken("on purpose".into()));
            }
            let answer = Response::builder().status(if create { 503 } else { 200 });
            let answer = answer.header("content-type", "application/json");
            Ok(answer.body(Bytes::from_static(br#"{"data": []}"#)).expect("an answer"))
        })
    }
}

#[tokio::test]
async fn the_harness_sends_no_create_again_whose_answer_was_lost() {
    let target = Target::parse("http://127.0.0.1:4010").expect("an address");
    let options = Options {
        wishes: Wishes { pace: Some(Duration::from_millis(1)), ..Wishes::default() },
        timeout: Duration::from_secs(20),
        patience: Duration::ZERO,
        ..Options::new(target, profile::find("catalog").expect("catalog is known"))
    };
    let ways = Ways { target: Arc::new(Flaky(AtomicUsize::new(0))), control: Vec::new() };
    let report = run_over(&options, ways, std::future::pending()).await.expect("it reports");
    let check = report.checks.iter().find(|check| check.id == "client.no-blind-repost").expect("it is known");
    assert_eq!(check.verdict, "pass", "{:?}", check.findings);
}
