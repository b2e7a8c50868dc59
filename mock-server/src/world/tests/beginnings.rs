//! Worlds that hold something from the start.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::scenarios::{FILLED, scenario};
use super::stand::{Stand, crawl, origin, real, search};
use crate::clock::{MANUAL_START, Mode, VirtualTime};
use crate::model::catalog::index::{Invented, vendor, vendors};
use crate::model::catalog::lists::Group;
use crate::model::catalog::run::{Input, Kind, Record};
use crate::model::catalog::view::Status;
use crate::scenario::{Scenario, parse};
use crate::seed::{Seed, Stream};
use crate::world::log::Command;
use crate::world::origin::Origin;

fn read(text: &str) -> Arc<Scenario> {
    Arc::new(parse("a test", text).unwrap_or_else(|mistakes| panic!("{mistakes}")))
}

fn filled() -> Stand {
    Stand::new(origin(scenario(FILLED), Some(10), true))
}

fn records(stand: &Stand) -> Vec<Record> {
    stand.runs().map(|run| stand.record(run).clone()).collect()
}

#[test]
fn runs_are_there_from_the_start_in_the_order_of_their_creation() {
    let stand = filled();
    let records = records(&stand);
    assert_eq!(records.len(), scenario(FILLED).world.catalog().len());
    assert!(records.is_sorted_by_key(|record| record.created));
    assert_eq!(records[0].created, MANUAL_START.before(Duration::from_secs(3_650 * 86_400)));
    assert_eq!(records.last().unwrap().created, MANUAL_START);

    let statuses: Vec<Status> = stand.runs().map(|run| stand.view(run).status).collect();
    let of = |wanted: fn(&Record) -> bool| records.iter().position(wanted).map(|place| statuses[place]);
    assert_eq!(
        of(|record| matches!(&record.input, Input::Crawl { host } if **host == *"fails.test")),
        Some(Status::Failed)
    );
    assert_eq!(
        of(|record| matches!(&record.input, Input::Crawl { host } if **host == *"stuck.test")),
        Some(Status::Running)
    );
    assert_eq!(
        of(|record| matches!(&record.input, Input::Crawl { host } if **host == *"b.example")),
        Some(Status::Running)
    );
    assert_eq!(of(|record| matches!(&record.input, Input::Search { .. })), Some(Status::Failed));
    assert_eq!(stand.world.catalog().list(Kind::Extract).len(Some(Group::Completed)), 1);
}

#[test]
fn nothing_of_it_costs_credits_counts_for_a_rule_or_is_logged() {
    let mut stand = filled();
    assert_eq!(stand.world.catalog().credits(), Some(10));
    assert_eq!(stand.world.rule_counts(), [0]);
    assert!(stand.world.log().is_empty());
    let first = stand.create(crawl("c.example")).unwrap();
    stand.advance(Duration::from_secs(60));
    assert_eq!(stand.view(first).status, Status::Failed, "it is the first that the rule counts");
}

#[test]
fn what_was_under_way_goes_on_and_ends_at_its_time() {
    let mut stand = filled();
    let under_way = stand.world.catalog().active_crawl("a.example").unwrap();
    assert_eq!(stand.create(crawl("a.example")), Ok(under_way), "a client gets the one that is under way");
    let ends = MANUAL_START.after(Duration::from_secs(45));
    stand.advance_to_the_end();
    assert_eq!(stand.view(under_way).ended, Some(ends));
    let invented = Invented::of(Seed(7));
    assert_eq!(vendor(stand.world.catalog(), &invented, "a.example").unwrap().updated, ends);
}

#[test]
fn one_seed_and_name_give_one_world_and_others_give_others() {
    let named = |seed, name| {
        let stream = Stream::new(Seed(seed), name);
        records(&Stand::new(Origin { stream, ..origin(scenario(FILLED), None, true) }))
    };
    let ids = |records: &[Record]| -> HashSet<Arc<str>> {
        records.iter().map(|record| Arc::clone(&record.execution_id)).collect()
    };
    let one = named(7, "test-a");
    assert_eq!(one, named(7, "test-a"));
    assert_eq!(ids(&one).len(), one.len(), "two equal runs are two");
    for other in [named(7, "test-b"), named(8, "test-a")] {
        let both: Vec<_> = ids(&one).intersection(&ids(&other)).cloned().collect();
        assert_eq!(
            both,
            ["extract-urls-2f7c1f0e-6f0a-4c53-9a0b-51c1d8a7e3b4".into()],
            "the one that is pinned"
        );
    }
}

#[test]
fn another_run_shifts_nothing_that_others_draw() {
    let with = |more: &str| {
        let text = format!(
            "world: {{ catalog: {{ searches: [{more} {{ query: boots }}, {{ query: boots, created: -2h }}] }} }}"
        );
        Stand::new(origin(read(&text), None, true))
    };
    let (mut few, mut more) = (with(""), with("{ query: boots, created: -3h }, { query: hats },"));
    let of_few = records(&few);
    let of_more = records(&more);
    assert!(of_few.iter().all(|record| of_more.contains(record)));
    let created = [&mut few, &mut more].map(|stand| {
        let run = stand.create(search("boots")).unwrap();
        stand.record(run).clone()
    });
    assert_eq!(created[0], created[1], "nor what a client's request draws");
}

#[test]
fn a_reset_brings_the_same_again() {
    let mut stand = filled();
    let before = records(&stand);
    stand.create(crawl("c.example")).unwrap();
    stand.advance(Duration::from_secs(3_600));
    let again = stand.world.origin().clone();
    stand.world.reset(again, real());
    stand.now = MANUAL_START;
    assert_eq!(records(&stand), before);
}

#[test]
fn another_scenario_counts_from_the_next_reset() {
    let mut stand = Stand::documented();
    stand.apply(Command::Scenario(scenario(FILLED)));
    assert!(stand.world.catalog().is_empty());
    let folded = stand.folded(origin(Arc::default(), None, true));
    assert!(folded.catalog().is_empty());
}

#[test]
fn a_world_holds_nothing_that_no_client_could_have_created() {
    // A vendor that the scenario's seed invents, and the world's does not.
    let (there, here) = (Invented::of(Seed(3)), Invented::of(Seed(7)));
    let empty = Stand::documented();
    let vendor = vendors(empty.world.catalog(), &there, 0..100)
        .find(|vendor| here.listings(&vendor.host).is_none())
        .map(|vendor| vendor.host)
        .unwrap();
    let text = format!(
        "seed: 3\nworld: {{ catalog: {{ extracts: [{{ vendor: {vendor} }}], searches: [{{ query: boots }}] }} }}"
    );
    let stream = Stream::new(Seed(3), "test-a");
    let mut found = Vec::new();
    for origin in [origin(read(&text), None, true), Origin { stream, ..origin(read(&text), None, true) }] {
        found.push(Stand::new(origin).world.catalog().len());
    }
    assert_eq!(found, [1, 2]);

    let early = Origin {
        start: VirtualTime::from_micros(1),
        mode: Mode::Manual,
        ..origin(scenario(FILLED), None, true)
    };
    let stand = Stand::new(early);
    assert_eq!(
        stand.world.catalog().list(Kind::Crawl).len(None),
        5,
        "both crawls of a.example begin with time itself"
    );
}
