//! Enrichments by hand and by themselves.

use super::super::run::{Input, Trigger};
use super::*;

#[test]
fn a_run_that_asks_for_it_is_enriched_once_it_has_completed() {
    let (mut stand, robot) = Stand::with_robot(&ExtraltAccount::default());
    let run = stand.begin(&robot, Some(5), true).unwrap();
    let stopped = stand.begin(&robot, Some(50), true).unwrap();
    stand.pass(10);
    stand.control(stopped, Action::Cancel);
    stand.pass(60);
    let all: Vec<RunId> = stand.runs(Kind::Enrichment).collect();
    assert_eq!(all.len(), 1, "a stopped run is not enriched");
    let record = &stand.state.run(all[0]).unwrap().record;
    assert_eq!(record.trigger, Trigger::Auto);
    assert!(matches!(&record.input, Input::Enrichment { source, .. } if *source == run));
    assert_eq!(Some(record.created), stand.view(run).ended);
    assert_eq!((stand.status(all[0]), stand.view(all[0]).done), (Status::Completed, 5));
}

#[test]
fn an_enrichment_starts_or_goes_on() {
    let (mut stand, robot) = Stand::with_robot(&ExtraltAccount::default());
    let run = stand.begin(&robot, Some(30), false).unwrap();
    assert_eq!(stand.enrich(run, None), Err(Refusal::SourceUnderWay(Status::Pending)));
    stand.pass(60);
    let first = stand.enrich(run, Some(10)).unwrap();
    assert_eq!(stand.enrich(run, None), Ok(first), "one that is under way is the one");
    stand.pass(60);
    assert_eq!((stand.view(first).done, stand.view(first).reason.as_deref()), (10, Some("Budget reached")));
    let second = stand.enrich(run, None).unwrap();
    assert_ne!(second, first);
    stand.pass(4);
    stand.control(second, Action::Cancel);
    let done = stand.view(second).done;
    assert_eq!(stand.enrich(run, None), Ok(second));
    assert_eq!(stand.view(second).done, done, "what was made is kept");
    stand.pass(60);
    assert_eq!((stand.status(second), stand.view(second).done), (Status::Completed, 30));
}
