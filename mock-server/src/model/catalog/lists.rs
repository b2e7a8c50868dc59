//! The order in which runs are listed, with or without a filter: a page costs as much as its items, however many runs
//! there are.

use crate::model::RunId;
use crate::model::run_set::RunSet;

/// The three groups that the list operations filter by (`status` on the list pages).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Pending or running.
    Processing,
    /// Ended well.
    Completed,
    /// Failed or aborted.
    Failed,
}

/// The runs of one kind by group.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunList {
    all: RunSet,
    processing: RunSet,
    completed: RunSet,
    failed: RunSet,
}

impl RunList {
    /// Adds a run that has just been created.
    pub fn add(&mut self, run: RunId) {
        self.all.insert(run);
        self.processing.insert(run);
    }

    /// Moves a run that has ended.
    pub fn end(&mut self, run: RunId, completed: bool) {
        if self.processing.remove(run) {
            if completed { &mut self.completed } else { &mut self.failed }.insert(run);
        }
    }

    /// Whether the run is in this group.
    pub fn contains(&self, group: Group, run: RunId) -> bool {
        self.of(Some(group)).contains(run)
    }

    /// The newest `most` runs of a group, or of all, newest first.
    pub fn newest(&self, group: Option<Group>, most: usize) -> impl Iterator<Item = RunId> + '_ {
        self.of(group).newest().take(most)
    }

    /// How many runs a group has, or there are.
    pub fn len(&self, group: Option<Group>) -> usize {
        self.of(group).len()
    }

    fn of(&self, group: Option<Group>) -> &RunSet {
        match group {
            None => &self.all,
            Some(Group::Processing) => &self.processing,
            Some(Group::Completed) => &self.completed,
            Some(Group::Failed) => &self.failed,
        }
    }
}
