//! Several lists as one.

use std::cell::Cell;

use proptest::prelude::*;

use super::merged;

proptest! {
    #[test]
    fn lists_that_are_each_newest_first_become_one_that_is(
        mut lists in prop::collection::vec(prop::collection::vec((0..20_u8, any::<u16>()), 0..12), 0..5),
    ) {
        lists.iter_mut().for_each(|list| list.sort_by(|one, other| other.cmp(one)));
        let mut expected: Vec<(u8, u16)> = lists.concat();
        expected.sort_by(|one, other| other.cmp(one));
        let found: Vec<(u8, u16)> = merged(lists.into_iter().map(Vec::into_iter), |item| *item).collect();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn of_a_list_no_more_is_read_than_is_needed() {
    let read = Cell::new(0);
    let endless = |from: i64| (0..).map(move |step| from - step).inspect(|_| read.set(read.get() + 1));
    let newest: Vec<i64> = merged([endless(100), endless(0)].into_iter(), |item| *item).take(5).collect();
    assert_eq!(newest, [100, 99, 98, 97, 96]);
    assert_eq!(read.get(), 7);
}
