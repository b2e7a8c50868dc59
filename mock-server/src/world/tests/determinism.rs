//! The order and the company in which requests come changes nothing of what becomes of them.

use std::collections::HashSet;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::subsequence;

use super::scenarios::scenario;
use super::stand::{Stand, body, crawl, digest, origin, search, urls, vendor};
use crate::lifecycle::Plan;
use crate::model::catalog::create::Request;
use crate::model::catalog::run::{RunId, Work};
use crate::seed::Digest;

/// Requests of which no two are equal and none depends on another.
fn distinct_requests() -> Vec<Request> {
    let crawls = ["a.example", "b.example", "fails.test", "slow.test", "empty.test"].map(crawl);
    let searches = ["red shoes", "blue shoes", "stuck doors", "partial set"].map(search);
    let page = |number: u32| format!("https://a.example/p/{number}");
    let extracts = [vec![page(1)], vec![page(2)], vec![page(1), page(2)], vec![page(2), page(1)]].map(urls);
    [&crawls[..], &searches[..], &extracts[..]].concat()
}

/// What a request became, but for its number.
type Fate = (Digest, Arc<str>, Plan, Work, u64);

/// What requests became, in the order of their digests.
fn fates(stand: &Stand, runs: &[RunId]) -> Vec<Fate> {
    let fate = |run: &RunId| {
        let record = stand.record(*run);
        (
            record.digest,
            Arc::clone(&record.execution_id),
            record.plan.clone(),
            record.work.clone(),
            record.credits,
        )
    };
    let mut fates: Vec<Fate> = runs.iter().map(fate).collect();
    fates.sort_by_key(|(digest, ..)| digest.0);
    fates
}

fn created(stand: &mut Stand, requests: &[Request]) -> Vec<RunId> {
    requests.iter().map(|request| stand.create(request.clone()).unwrap()).collect()
}

proptest! {
    #[test]
    fn the_order_of_requests_changes_none_of_them(
        requests in Just(distinct_requests()).prop_shuffle(),
        followed in 0..3_usize,
    ) {
        let start = || Stand::new(origin(scenario(followed), None, true));
        let (mut one, mut other) = (start(), start());
        let (in_order, shuffled) = (created(&mut one, &distinct_requests()), created(&mut other, &requests));
        prop_assert_eq!(fates(&one, &in_order), fates(&other, &shuffled));
    }

    #[test]
    fn requests_in_between_shift_nothing(
        requests in subsequence(distinct_requests(), 1..8),
        strangers in proptest::collection::vec((0..8_usize, 0..4_u8), 0..20),
    ) {
        let (mut alone, mut among) = (Stand::documented(), Stand::documented());
        let expected = created(&mut alone, &requests);
        let mut came = Vec::new();
        for (place, request) in requests.iter().enumerate() {
            for (_, what) in strangers.iter().filter(|(before, _)| *before == place) {
                stranger(&mut among, *what);
            }
            came.push(among.create(request.clone()).unwrap());
        }
        prop_assert_eq!(fates(&alone, &expected), fates(&among, &came));
    }

    #[test]
    fn the_nth_of_equal_requests_is_the_same_wherever_it_comes(
        order in Just([0, 0, 0, 1, 1, 1]).prop_shuffle(),
    ) {
        let requests = [search("red shoes"), urls(["https://a.example/p".to_owned()])];
        let (mut one, mut other) = (Stand::documented(), Stand::documented());
        let sorted = created(&mut one, &[0, 0, 0, 1, 1, 1].map(|index: usize| requests[index].clone()));
        let shuffled = created(&mut other, &order.map(|index: usize| requests[index].clone()));
        // Sorting by digest is stable, so the first of equal ones is compared with the first.
        prop_assert_eq!(fates(&one, &sorted), fates(&other, &shuffled));
        let ids = sorted.iter().map(|run| one.record(*run).execution_id.clone());
        prop_assert_eq!(ids.collect::<HashSet<_>>().len(), sorted.len(), "each is another run");
    }
}

/// A request that is none of [`distinct_requests`]: a read, a refusal or another run.
fn stranger(stand: &mut Stand, what: u8) {
    let asked = match what {
        0 => {
            stand.world.count_request(digest(&body(&search("red shoes"))));
            return;
        }
        1 => vendor("b.example", Some("crawl-nowhere"), None),
        2 => search("another question"),
        _ => crawl("another.example"),
    };
    let refused = stand.create(asked).is_err();
    assert_eq!(refused, what == 1);
}
