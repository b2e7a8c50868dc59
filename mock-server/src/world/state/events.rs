//! Tells webhooks what has happened. It follows from what was settled, so it is not logged.

use std::sync::Arc;

use serde_json::json;

use crate::clock::VirtualTime;
use crate::model::extralt::notice;
use crate::model::extralt::state::Happened;
use crate::model::{RunId, llama_extract};
use crate::seed::Digest;
use crate::webhooks::delivery::Event;
use crate::world::state::WorldState;
use crate::world::subject::Subject;

impl WorldState {
    /// Tells the listeners of `run` that `kind` happened to it at `at`, if any of them wants to hear of that. `run` is the
    /// id under which they were brought along. Whoever carries out commands and settles calls this, and nobody else: what
    /// is told follows from that and is not logged. The event's id is drawn from what happened, so that nothing else
    /// shifts it.
    pub fn tell(
        &mut self,
        run: &str,
        kind: &'static str,
        at: VirtualTime,
        subject: impl FnOnce() -> Subject,
    ) {
        if self.webhooks.hears(run, kind) {
            let digest = Digest::of("event", run, &[], Some(&json!([kind, at.as_micros()])));
            let id = self.origin.stream.draws("listener-event", digest, 0).uuid().to_string();
            self.webhooks.told(run, Event { id: id.into(), kind, at, subject: Some(subject()) });
        }
    }

    /// Forgets the listeners of a run to which nothing will happen any more; called as [`Self::tell`] is.
    pub fn told_all(&mut self, run: &str) {
        self.webhooks.stop_listening(run);
    }

    /// Tells the listeners of an extraction of its beginning; those of one that is deleted hear nothing more.
    pub(super) fn tell_of_llama_extract(&mut self, command: &llama_extract::state::Command, at: VirtualTime) {
        use llama_extract::state::Command;
        match command {
            Command::Create(record) => {
                let record = Arc::clone(record);
                self.tell(&record.id, llama_extract::notice::BEGUN, at, || {
                    Subject::LlamaExtract(Box::new(llama_extract::notice::data(&record)))
                });
            }
            Command::Delete(run) => {
                if let Some(extraction) = self.llama_extract.run(*run) {
                    let id = Arc::clone(&extraction.record.id);
                    self.told_all(&id);
                }
            }
            _ => {}
        }
    }

    /// Tells the listeners of an extraction that it has ended, for the last time.
    pub(super) fn tell_of_extraction(&mut self, run: RunId, kind: Option<&'static str>, at: VirtualTime) {
        let Some(extraction) = self.llama_extract.run(run) else { return };
        let record = Arc::clone(&extraction.record);
        if let Some(kind) = kind {
            self.tell(&record.id, kind, at, || {
                Subject::LlamaExtract(Box::new(llama_extract::notice::data(&record)))
            });
        }
        self.told_all(&record.id);
    }

    /// Tells of the runs of Extralt that ended at `at`, and of those beyond the first `skipped` that were not enriched.
    pub(super) fn tell_of_extralt(
        &mut self,
        happened: &[(RunId, Happened)],
        skipped: usize,
        at: VirtualTime,
    ) {
        if self.webhooks.endpoints().is_empty() {
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
