//! The filtered lists together: each run under one filter, and every run under one.

use std::collections::BTreeSet;

use super::{FILTERS, LONGEST, len, size_of, whole, whole_before};
use crate::history::History;
use crate::verdict::Tally;

pub(super) fn complete(history: &History) -> Tally {
    let mut tally = Tally::default();
    for family in history.profile.families {
        for (owner, all) in whole(history, family) {
            let parts: Vec<_> = FILTERS
                .iter()
                .filter_map(|(filter, _)| {
                    history.lists(family).rev().find(|list| {
                        list.credential() == Some(owner)
                            && list.query("status") == Some(filter)
                            && size_of(list) == Some(LONGEST)
                            && history.is_settled(family, owner, list)
                    })
                })
                .collect();
            if parts.len() < FILTERS.len() || len(all) == 0 {
                continue;
            }
            // Runs that others started with the same key may move from one list to another between two reads.
            if len(parts[0]) > 0 {
                tally.block("the key has runs of somebody else that are not over");
                continue;
            }
            tally.saw(all);
            let earlier = whole_before(history, family, owner, all);
            let all_ids: BTreeSet<&str> = History::listed(all).into_keys().collect();
            // What both lists of all runs show was there when the filtered ones were asked for in between.
            let is_old = |id: &&str| earlier.is_none_or(|earlier| earlier.item(id).is_some());
            let mut left_out: Vec<&str> = Vec::new();
            for id in all_ids.iter().copied().filter(is_old) {
                if !parts.iter().any(|list| list.item(id).is_some()) {
                    left_out.push(id);
                }
            }
            let found: BTreeSet<&str> =
                parts.iter().flat_map(|list| History::listed(list).into_keys()).collect();
            // A list that is full may end before a run that a filtered one has room for.
            let strange = found.difference(&all_ids).copied().filter(|_| len(all) < LONGEST);
            left_out.extend(strange);
            let total: usize = parts.iter().map(|list| len(list)).sum();
            if !left_out.is_empty() {
                let observed = format!("in one but not the other: {}", left_out.join(", "));
                let finding =
                    tally.broke(all, "not-a-partition", "the same runs with and without filter", observed);
                finding.exchanges = parts.iter().chain(&[all]).map(|list| list.id()).collect();
            } else if total > found.len() {
                let observed = format!("{total} entries for {} runs", found.len());
                let finding = tally.broke(all, "overlap", "each run under one filter", observed);
                finding.exchanges = parts.iter().chain(&[all]).map(|list| list.id()).collect();
            }
        }
    }
    tally
}
