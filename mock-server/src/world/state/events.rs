//! Tells webhooks what has happened. It follows from what was settled, so it is not logged.

use crate::clock::VirtualTime;
use crate::model::RunId;
use crate::model::extralt::notice;
use crate::model::extralt::state::Happened;
use crate::webhooks::state::Event;
use crate::world::state::WorldState;
use crate::world::subject::Subject;

impl WorldState {
    /// Tells of the runs of Extralt that ended at `at`, and of those beyond the first `skipped` that were not enriched.
    pub(super) fn tell_of_extralt(
        &mut self,
        happened: &[(RunId, Happened)],
        skipped: usize,
        at: VirtualTime,
    ) {
        if self.webhooks.is_empty() {
            return;
        }
        let endings = happened.iter().filter_map(|(id, what)| match what {
            Happened::Began => None,
            Happened::Ended(status) => {
                let kind = self.extralt.run(*id)?.kind();
                Some((*id, notice::ended(kind, *status)?))
            }
        });
        let skips = self.extralt.not_enriched().iter().skip(skipped);
        let skips = skips.map(|(_, id)| (*id, notice::ENRICHMENT_SKIPPED));
        let happened: Vec<(RunId, &'static str)> = endings.chain(skips).collect();
        for (id, kind) in happened {
            if !self.webhooks.listens_to(kind) {
                continue;
            }
            let event = notice::event(&self.extralt, id, kind, at, &self.origin.stream);
            if let Some(Event { id, kind, at, subject }) = event {
                let subject = subject.map(|subject| Subject::Extralt(Box::new(subject)));
                self.webhooks.happened(Event { id, kind, at, subject });
            }
        }
    }
}
