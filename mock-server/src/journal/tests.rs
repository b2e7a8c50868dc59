use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::clock::MANUAL_START;

fn entry(body: &[u8]) -> Entry<'_> {
    Entry {
        number: 0,
        at: MANUAL_START,
        real: RealTime::from_elapsed(Duration::from_millis(5)),
        method: Method::GET,
        api: "catalog",
        version: "v2",
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

fn numbers(journal: &Journal, mut after: u64) -> Vec<u64> {
    let mut numbers = Vec::new();
    loop {
        let piece = journal.piece(after);
        let Some(last) = piece.entries().map(|entry| entry.number).last() else { return numbers };
        numbers.extend(piece.entries().map(|entry| entry.number));
        after = last;
    }
}

#[test]
fn what_goes_in_comes_out() {
    let mut journal = Journal::new(Arc::default());
    let without_run = Entry { run: None, faults: "slow,lost", target: "/v2/käse", ..entry(b"") };
    let long = vec![b'x'; BODY_MAX + 1];
    for added in [&entry(b"{}"), &without_run, &entry(&long), &entry(b"\xff\x00")] {
        journal.add(added);
    }
    let piece = journal.piece(0);
    let seen: Vec<Entry<'_>> = piece.entries().collect();
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
fn what_capacity_dropped_is_a_gap_and_what_was_cleared_is_not() {
    let mut journal = Journal::new(Arc::default());
    assert_eq!((journal.piece(0).gap, journal.dropped()), (None, 0));
    let body = vec![b'x'; BODY_MAX];
    let fill = |journal: &mut Journal| (0..300).for_each(|_| journal.add(&entry(&body)));
    fill(&mut journal);
    let first = numbers(&journal, 0)[0];
    assert!(first > 1);
    assert_eq!(journal.piece(0).gap, Some(Gap { from: 1, to: first - 1 }));
    assert_eq!(journal.piece(2).gap, Some(Gap { from: 3, to: first - 1 }));
    assert_eq!(journal.piece(first - 1).gap, None);
    assert_eq!(journal.dropped(), first - 1);

    journal.clear();
    assert_eq!((journal.piece(0).gap, journal.dropped(), numbers(&journal, 0)), (None, 0, vec![]));
    journal.add(&entry(b""));
    assert_eq!((journal.piece(0).gap, numbers(&journal, 0)), (None, vec![301]));
    fill(&mut journal);
    let first = numbers(&journal, 0)[0];
    assert_eq!(journal.piece(0).gap, Some(Gap { from: 301, to: first - 1 }));
    assert_eq!(journal.dropped(), first - 301);

    while journal.drop_oldest() > 0 {}
    assert_eq!(journal.piece(310).gap, Some(Gap { from: 311, to: 601 }));
    assert_eq!(journal.piece(601).gap, None);
    journal.reset();
    journal.add(&entry(b""));
    assert_eq!((numbers(&journal, 0), journal.dropped(), journal.piece(0).gap), (vec![1], 0, None));
}

proptest! {
    #[test]
    fn a_gap_is_what_was_dropped_and_not_cleared(steps in vec(0_u8..20, 1..60)) {
        let mut journal = Journal::new(Arc::default());
        let body = vec![b'x'; BODY_MAX];
        let mut kept: Vec<u64> = Vec::new();
        let mut dropped: Vec<u64> = Vec::new();
        for step in steps {
            match step {
                0 => {
                    journal.clear();
                    (kept, dropped) = (Vec::new(), Vec::new());
                }
                1 => {
                    journal.reset();
                    (kept, dropped) = (Vec::new(), Vec::new());
                }
                2..6 => {
                    journal.drop_oldest();
                    let left = numbers(&journal, 0);
                    let gone = kept.len() - left.len();
                    dropped.extend(&kept[..gone]);
                    kept = left;
                }
                _ => {
                    journal.add(&entry(&body));
                    kept.push(journal.received());
                }
            }
            prop_assert_eq!(journal.dropped(), dropped.len() as u64);
            for after in 0..=journal.received() + 1 {
                let missing: Vec<u64> = dropped.iter().copied().filter(|number| *number > after).collect();
                let gap = missing.first().zip(missing.last()).map(|(from, to)| Gap { from: *from, to: *to });
                prop_assert_eq!(journal.piece(after).gap, gap);
                let later: Vec<u64> = kept.iter().copied().filter(|number| *number > after).collect();
                prop_assert_eq!(numbers(&journal, after), later);
            }
        }
    }
}

#[test]
fn who_reads_a_piece_sees_nothing_of_what_comes_later() {
    let mut journal = Journal::new(Arc::default());
    journal.add(&entry(b"1"));
    let piece = journal.piece(0);
    journal.add(&entry(b"2"));
    journal.reset();
    assert_eq!(piece.entries().map(|entry| entry.request_body.to_vec()).collect::<Vec<_>>(), [b"1"]);
    assert_eq!((piece.resets, journal.piece(0).resets), (0, 1));
}

#[test]
fn whoever_listens_is_told_of_every_change_and_of_the_end() {
    let mut journal = Journal::new(Arc::default());
    let mut listener = journal.listen();
    let changes: [fn(&mut Journal); 3] = [|journal| journal.add(&entry(b"")), Journal::clear, Journal::reset];
    for change in changes {
        assert!(!listener.has_changed().unwrap());
        change(&mut journal);
        assert!(listener.has_changed().unwrap());
        listener.borrow_and_update();
    }
    drop(journal);
    assert!(listener.has_changed().is_err());
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
