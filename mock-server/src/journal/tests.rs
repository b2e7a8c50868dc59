use std::time::Duration;

use super::*;
use crate::clock::MANUAL_START;

fn entry(body: &[u8]) -> Entry<'_> {
    Entry {
        number: 0,
        at: MANUAL_START,
        real: RealTime::from_elapsed(Duration::from_millis(5)),
        method: Method::GET,
        operation: Some("catalog.crawl.get"),
        status: Some(StatusCode::OK),
        digest: Digest(7),
        began: false,
        lost: false,
        target: "/v2/crawl/crawl-a-b-00000001?x=1",
        run: Some("crawl-a-b-00000001"),
        request_id: "req_1",
        faults: "",
        violations: "",
        headers: "user-agent: it/1\n",
        request_body: body,
    }
}

fn numbers(journal: &Journal, after: u64) -> Vec<u64> {
    journal.after(after).map(|entry| entry.number).collect()
}

#[test]
fn what_goes_in_comes_out() {
    let mut journal = Journal::new(Arc::default());
    let without_run = Entry { run: None, faults: "slow,lost", target: "/v2/käse", ..entry(b"") };
    let long = vec![b'x'; BODY_MAX + 1];
    for added in [&entry(b"{}"), &without_run, &entry(&long), &entry(b"\xff\x00")] {
        journal.add(added);
    }
    let seen: Vec<Entry<'_>> = journal.after(0).collect();
    assert_eq!(seen[0], Entry { number: 1, ..entry(b"{}") });
    assert_eq!(seen[1], Entry { number: 2, ..without_run });
    assert_eq!(seen[2], Entry { number: 3, ..entry(&long[..BODY_MAX]) });
    assert_eq!(seen[3], Entry { number: 4, ..entry(b"\xff\x00") });
}

#[test]
fn a_full_journal_drops_the_oldest_and_says_how_many() {
    let mut journal = Journal::new(Arc::default());
    let body = vec![b'x'; BODY_MAX];
    for _ in 0..1_000 {
        journal.add(&entry(&body));
    }
    assert!(journal.weight() <= CAPACITY);
    let kept = numbers(&journal, 0);
    assert!(kept.is_sorted() && kept.last() == Some(&1_000));
    assert_eq!(journal.dropped() + kept.len() as u64, 1_000);
    assert!(journal.dropped() > 0);
    assert_eq!(numbers(&journal, 998), [999, 1_000]);
    assert_eq!(numbers(&journal, 1_000), [0; 0]);
}

#[test]
fn numbers_go_on_after_the_entries_were_cleared() {
    let mut journal = Journal::new(Arc::default());
    journal.add(&entry(b""));
    journal.clear();
    journal.add(&entry(b""));
    assert_eq!(numbers(&journal, 0), [2]);
    assert_eq!(journal.dropped(), 1);
    journal.reset();
    journal.add(&entry(b""));
    assert_eq!((numbers(&journal, 0), journal.dropped()), (vec![1], 0));
}

#[test]
fn the_weight_of_all_journals_is_the_sum_of_theirs() {
    let in_all = Arc::new(Weight::default());
    let mut one = Journal::new(Arc::clone(&in_all));
    let mut other = Journal::new(Arc::clone(&in_all));
    for _ in 0..5_000 {
        one.add(&entry(b"{\"url\": \"skims.com\"}"));
        other.add(&entry(&[b'x'; 1_000]));
    }
    assert_eq!(in_all.bytes(), one.weight() + other.weight());
    one.clear();
    assert_eq!(in_all.bytes(), other.weight());
    drop(other);
    assert_eq!(in_all.bytes(), 0);
}
