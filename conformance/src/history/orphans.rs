//! Runs that nobody was told of: the answer to their create was lost, or was a failure.

use super::History;
use super::seen::Seen;
use crate::profile::Family;

/// A create of which nobody knows what came.
#[derive(Debug)]
pub struct Orphaned<'a> {
    /// The kind of run.
    pub family: &'static Family,
    /// The create.
    pub create: &'a Seen,
    /// The runs that appeared in the list since, of which one may be its. Without a list since, nobody knows of any.
    pub perhaps: Option<Vec<&'a str>>,
}

impl History {
    /// Whether `owner` asked between two moments for a run of `family` without being told what came of it. There may be
    /// a run that nobody can tell from one that nobody asked for.
    pub fn may_have_orphans(&self, family: &Family, owner: Option<&str>, from: u64, to: u64) -> bool {
        let within = self.all_of(family.create).filter(|seen| (from..to).contains(&seen.id()));
        within.filter(|seen| seen.credential() == owner).any(Seen::is_uncertain)
    }

    /// Whether the last list of a family shows a run that no answer gave and that was not in the list before it by the
    /// same key; without a list before, whether it may.
    pub fn shows_orphan(&self, family: &Family) -> bool {
        let mut lists = self.all_of(family.list).rev();
        let Some(last) = lists.next().filter(|last| last.is_success()) else { return true };
        let own = |list: &&Seen| list.credential() == last.credential() && list.query("status").is_none();
        let Some(before) = lists.filter(|list| list.is_success()).find(own) else { return true };
        Self::listed(last).into_keys().any(|id| before.item(id).is_none() && self.job(id).is_none())
    }

    /// Every create of which nobody knows what came, unless the list since then shows nothing new. A server that says that
    /// it failed is believed where there is no list.
    pub fn orphaned(&self) -> Vec<Orphaned<'_>> {
        let mut orphaned = Vec::new();
        for family in self.profile.families {
            for create in self.all_of(family.create).filter(|seen| seen.has_good_key() && seen.is_uncertain())
            {
                let whole =
                    |list: &&Seen| list.credential() == create.credential() && list.query("status").is_none();
                let mut lists = self.lists(family).filter(whole);
                let before = lists.clone().take_while(|list| list.id() < create.id()).last();
                let after = lists.find(|list| list.id() > create.id());
                let perhaps = before.zip(after).map(|(before, after)| {
                    let is_new = |id: &&str| before.item(id).is_none() && self.job(id).is_none();
                    Self::listed(after).into_keys().filter(is_new).collect::<Vec<_>>()
                });
                let is_lost = create.status().is_none();
                if perhaps.as_ref().map_or(is_lost, |ids| !ids.is_empty()) {
                    orphaned.push(Orphaned { family, create, perhaps });
                }
            }
        }
        orphaned
    }
}
