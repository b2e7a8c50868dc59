//! What a world holds before the first request.

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::VirtualTime;
use crate::model::catalog::beginning;
use crate::scenario::contents::{Contents, EarlierRun};
use crate::world::state::WorldState;

/// Something that was there before the start, by the API whose it is.
#[derive(Debug, Clone, Copy)]
enum Earlier<'a> {
    Catalog(&'a EarlierRun),
}

impl Earlier<'_> {
    /// How long before the start.
    fn created(&self) -> Duration {
        match self {
            Self::Catalog(run) => run.created,
        }
    }
}

impl WorldState {
    /// Lets come into being what was there before the start. It follows from the origin, so it is not logged.
    pub(super) fn fill(&mut self) {
        let scenario = Arc::clone(&self.origin.scenario);
        let contents = &scenario.world;
        let mut earlier: Vec<Earlier<'_>> = contents.catalog().iter().map(Earlier::Catalog).collect();
        // Each API's are in the order of time; together they are not.
        earlier.sort_by_key(|earlier| Reverse(earlier.created()));
        for earlier in earlier {
            let created = self.origin.start.before(earlier.created());
            self.settle(created);
            match earlier {
                Earlier::Catalog(run) => self.begin_at_catalog(contents, run, created),
            }
        }
        self.settle(self.origin.start);
    }

    fn begin_at_catalog(&mut self, contents: &Contents, run: &EarlierRun, created: VirtualTime) {
        if let Some(record) = beginning::record(&self.catalog, contents, run, &self.origin.stream, created) {
            self.catalog.begin_with(&record, &mut self.agenda);
        }
    }
}
