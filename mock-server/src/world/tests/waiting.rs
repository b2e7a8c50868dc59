//! Extracts that wait for a crawl, one case at a time.

use std::time::Duration;

use super::stand::{Stand, crawl, vendor};
use crate::clock::MANUAL_START;
use crate::lifecycle::Action;
use crate::model::catalog::run::RunId;
use crate::model::catalog::view::{CRAWL_FAILED, Status};

const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// A crawl of `host` and an extract that waits for it.
fn crawl_and_extract(host: &str) -> (Stand, RunId, RunId) {
    let mut stand = Stand::documented();
    let crawl = stand.create(crawl(host)).unwrap();
    let execution_id = stand.record(crawl).execution_id.clone();
    let extract = stand.create(vendor(host, Some(&execution_id), None)).unwrap();
    (stand, crawl, extract)
}

#[test]
fn an_extract_starts_when_its_crawl_completes_however_late_anybody_looks() {
    let (mut stand, crawl, extract) = crawl_and_extract("a.example");
    assert_eq!(stand.view(extract).status, Status::Pending);
    stand.advance(YEAR);
    let (crawl, extract) = (stand.view(crawl), stand.view(extract));
    assert_eq!(extract.started, crawl.ended);
    assert!(extract.ended.is_some_and(|ended| ended < MANUAL_START.after(Duration::from_secs(120))));
}

#[test]
fn an_extract_fails_when_its_crawl_is_canceled() {
    let (mut stand, crawl, extract) = crawl_and_extract("a.example");
    stand.advance(Duration::from_secs(5));
    stand.cancel(crawl);
    let canceled = stand.now;
    stand.advance(YEAR);
    let view = stand.view(extract);
    assert_eq!((view.status, view.ended), (Status::Failed, Some(canceled)));
    assert_eq!(view.error.as_deref(), Some(CRAWL_FAILED));
    assert_eq!((view.started, view.duration_ms), (None, None));
}

#[test]
fn an_extract_of_a_crawl_that_has_failed_fails_at_once() {
    let mut stand = Stand::documented();
    let crawl = stand.create(crawl("fails.test")).unwrap();
    stand.advance(YEAR);
    let execution_id = stand.record(crawl).execution_id.clone();
    let extract = stand.create(vendor("fails.test", Some(&execution_id), None)).unwrap();
    let view = stand.view(extract);
    assert_eq!((view.status, view.ended), (Status::Failed, Some(stand.now)));
    assert_eq!(view.error.as_deref(), Some(CRAWL_FAILED));
}

#[test]
fn what_an_operator_said_of_a_waiting_extract_outlives_its_crawl() {
    let (mut stand, _, extract) = crawl_and_extract("a.example");
    stand.operate(extract, Action::Fail, Some("Stopped by hand."));
    let failed = stand.view(extract);
    assert_eq!(failed.error.as_deref(), Some("Stopped by hand."));
    stand.advance(YEAR);
    assert_eq!(stand.view(extract), failed);
}

#[test]
fn an_extract_that_an_operator_sent_ahead_does_not_start_again() {
    let (mut stand, crawl, extract) = crawl_and_extract("a.example");
    stand.advance(Duration::from_secs(1));
    stand.operate(extract, Action::Unstick, None);
    stand.operate(extract, Action::Complete, None);
    let completed = stand.view(extract);
    assert_eq!(completed.ended, Some(stand.now));
    stand.advance_to_the_end();
    assert_eq!(stand.view(crawl).status, Status::Completed);
    assert_eq!(stand.view(extract), completed);
}
