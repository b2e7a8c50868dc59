//! A set of runs holds what any set of numbers would.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// Numbers close to each other, at the borders of words, and as far apart as numbers get.
fn any_run() -> impl Strategy<Value = RunId> {
    prop_oneof![
        0..200_u32,
        (0..5_u32, 0..3_u32).prop_map(|(power, beside)| (1 << (6 * power)) - 1 + beside),
        0..20_000_000_u32,
    ]
    .prop_map(RunId)
}

proptest! {
    #[test]
    fn a_set_of_runs_is_a_set(changes in proptest::collection::vec((any_run(), any::<bool>()), 0..60), probe in any_run()) {
        let (mut set, mut expected) = (RunSet::default(), BTreeSet::new());
        for (run, added) in changes {
            let changed = if added { (set.insert(run), expected.insert(run)) } else { (set.remove(run), expected.remove(&run)) };
            prop_assert_eq!(changed.0, changed.1);
        }
        prop_assert_eq!(set.newest().collect::<Vec<_>>(), expected.iter().rev().copied().collect::<Vec<_>>());
        prop_assert_eq!((set.len(), set.is_empty()), (expected.len(), expected.is_empty()));
        prop_assert_eq!(set.contains(probe), expected.contains(&probe));
    }

    #[test]
    fn sets_of_the_same_runs_are_equal(runs in proptest::collection::btree_set(any_run(), 1..20), other in any_run()) {
        let filled = |runs: &mut dyn Iterator<Item = &RunId>| {
            let mut set = RunSet::default();
            for run in runs {
                set.insert(*run);
            }
            set
        };
        let (ascending, mut descending) = (filled(&mut runs.iter()), filled(&mut runs.iter().rev()));
        prop_assert_eq!(&ascending, &descending);
        if descending.insert(other) {
            prop_assert_ne!(&ascending, &descending);
            descending.remove(other);
        }
        prop_assert_eq!(&ascending, &descending);
    }
}
