//! What a world holds before the first request.

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::VirtualTime;
use crate::model::{catalog, extralt, llama_extract};
use crate::scenario::contents::{self, Contents, EarlierRun};
use crate::world::state::WorldState;

/// Something that was there before the start, by the API whose it is.
#[derive(Debug, Clone, Copy)]
enum Earlier<'a> {
    Catalog(&'a EarlierRun),
    Extralt(&'a contents::extralt::Earlier),
    LlamaExtract(&'a contents::llama_extract::Earlier),
}

impl Earlier<'_> {
    /// How long before the start.
    fn created(&self) -> Duration {
        match self {
            Self::Catalog(run) => run.created,
            Self::Extralt(earlier) => earlier.created,
            Self::LlamaExtract(earlier) => earlier.created,
        }
    }
}

impl WorldState {
    /// Lets come into being what was there before the start. It follows from the origin, so it is not logged.
    pub(super) fn fill(&mut self) {
        let scenario = Arc::clone(&self.origin.scenario);
        let contents = &scenario.world;
        let catalog = contents.catalog().iter().map(Earlier::Catalog);
        let extralt = contents.extralt().iter().map(Earlier::Extralt);
        let llama_extract = contents.llama_extract().iter().map(Earlier::LlamaExtract);
        let mut earlier: Vec<Earlier<'_>> = catalog.chain(extralt).chain(llama_extract).collect();
        let credits = self.origin.account.extralt.credits;
        if !contents.extralt().is_empty() {
            self.extralt = extralt::state::State::earlier(&self.origin.account.extralt, contents.pinned());
        }
        if !contents.llama_extract().is_empty() {
            let pinned = contents.llama_extract().iter().filter_map(|earlier| earlier.id).collect();
            self.llama_extract = llama_extract::state::State::new(&self.origin.account.llama_extract, pinned);
        }
        // Each API's are in the order of time; together they are not.
        earlier.sort_by_key(|earlier| Reverse(earlier.created()));
        for earlier in earlier {
            let created = self.origin.start.before(earlier.created());
            self.settle(created);
            match earlier {
                Earlier::Catalog(run) => self.begin_at_catalog(contents, run, created),
                Earlier::Extralt(earlier) => self.begin_at_extralt(earlier, created),
                Earlier::LlamaExtract(earlier) => self.begin_at_llama_extract(earlier, created),
            }
        }
        self.settle(self.origin.start);
        if !contents.extralt().is_empty() {
            self.extralt.open(credits);
        }
    }

    fn begin_at_catalog(&mut self, contents: &Contents, run: &EarlierRun, created: VirtualTime) {
        let record = catalog::beginning::record(&self.catalog, contents, run, &self.origin.stream, created);
        if let Some(record) = record {
            self.catalog.begin_with(&record, &mut self.agenda);
        }
    }

    fn begin_at_extralt(&mut self, earlier: &contents::extralt::Earlier, created: VirtualTime) {
        let beginning = extralt::beginning::of(&self.extralt, earlier, &self.origin.stream, created);
        if let Some(beginning) = beginning {
            self.change_extralt(|extralt, around| extralt.begin_with(&beginning, around));
        }
    }

    fn begin_at_llama_extract(&mut self, earlier: &contents::llama_extract::Earlier, created: VirtualTime) {
        let state = &self.llama_extract;
        let command = llama_extract::beginning::of(state, earlier, &self.origin.stream, created);
        if let Some(command) = command {
            self.llama_extract.apply(&command, created, &mut self.agenda);
        }
    }
}
