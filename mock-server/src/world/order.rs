//! Where the requests of a world stand among its changes. The journal and the log each know their own order; this says
//! how they go together, so that whoever reads both gets one sequence, whenever that is.

use std::collections::VecDeque;

/// How many changes came before each request of the journal. A request between two changes costs nothing; what is kept
/// is no more than one pair of numbers for each entry that the journal keeps, and one.
#[derive(Debug, Default)]
pub struct Order {
    generation: u64,
    /// From this request on, so many changes came before.
    marks: VecDeque<(u64, u64)>,
}

impl Order {
    /// Notes that `changes` changes came before request `number`, in a world that has been reset `generation` times.
    /// Nobody will ask about requests before `oldest`.
    pub fn note(&mut self, generation: u64, number: u64, changes: u64, oldest: impl FnOnce() -> u64) {
        if self.generation != generation {
            *self = Self { generation, marks: VecDeque::new() };
        }
        if self.marks.back().is_some_and(|(_, before)| *before == changes) {
            return;
        }
        self.marks.push_back((number, changes));
        let oldest = oldest();
        while self.marks.get(1).is_some_and(|(from, _)| *from <= oldest) {
            self.marks.pop_front();
        }
    }

    /// How many changes came before request `number`, which the journal still keeps.
    pub fn before(&self, number: u64) -> u64 {
        let after = self.marks.partition_point(|(from, _)| *from <= number);
        after.checked_sub(1).and_then(|place| self.marks.get(place)).map_or(0, |(_, changes)| *changes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_request_that_is_kept_has_its_place(
            steps in proptest::collection::vec(0_u64..3, 0..60),
            kept in 1_u64..20,
        ) {
            let (mut order, mut changes, mut places) = (Order::default(), 0, Vec::new());
            for (number, more) in (1..).zip(&steps) {
                changes += more;
                places.push(changes);
                let oldest = (number + 1_u64).saturating_sub(kept);
                order.note(0, number, changes, || oldest);
                prop_assert!(order.marks.len() as u64 <= kept + 1);
                for number in oldest.max(1)..=number {
                    prop_assert_eq!(order.before(number), places[number as usize - 1]);
                }
            }
        }
    }

    #[test]
    fn a_reset_forgets_what_was_before() {
        let mut order = Order::default();
        order.note(0, 1, 7, || 1);
        order.note(1, 1, 2, || 1);
        assert_eq!(order.before(1), 2);
    }
}
