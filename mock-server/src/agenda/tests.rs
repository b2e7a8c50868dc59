//! The order in which things become due.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::clock::MANUAL_START;

fn at(seconds: u64) -> VirtualTime {
    MANUAL_START.after(Duration::from_secs(seconds))
}

fn taken(agenda: &mut Agenda<usize>, now: VirtualTime) -> Vec<(VirtualTime, usize)> {
    std::iter::from_fn(|| agenda.take_due(now)).collect()
}

#[test]
fn only_what_has_no_meaning_any_more_is_dropped() {
    let mut agenda = Agenda::new();
    for (seconds, event) in [(3, 'c'), (1, 'a'), (2, 'b')] {
        agenda.add(at(seconds), event);
    }
    agenda.drop_stale(|due, event| due <= at(1) || *event == 'c');
    assert_eq!(agenda.next_due(), Some(at(2)), "c may be stale, and is not the earliest");
    assert_eq!(agenda.take_due(at(9)), Some((at(2), 'b')));
    agenda.drop_stale(|_, event| *event == 'c');
    assert_eq!(agenda.next_due(), None);
}

proptest! {
    #[test]
    fn events_come_by_instant_and_then_in_the_order_they_were_added(
        dues in proptest::collection::vec(0..20_u64, 0..50),
        steps in proptest::collection::vec(0..25_u64, 0..5),
    ) {
        let mut agenda = Agenda::new();
        for (event, due) in dues.iter().enumerate() {
            agenda.add(at(*due), event);
        }
        let mut expected: Vec<_> = dues.iter().enumerate().map(|(event, due)| (at(*due), event)).collect();
        expected.sort();

        let mut steps = steps;
        steps.sort_unstable();
        let mut came = Vec::new();
        for now in steps.into_iter().map(at) {
            came.extend(taken(&mut agenda, now));
            prop_assert!(came.iter().all(|(due, _)| *due <= now));
            prop_assert!(agenda.next_due().is_none_or(|due| due > now));
        }
        came.extend(taken(&mut agenda, at(1_000)));
        prop_assert_eq!(came, expected);
    }
}
