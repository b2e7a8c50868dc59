//! What endpoints of webhooks are told of: a run, of whatever kind, as it was when something happened to it. The words for
//! what happened are those of the published client.

use serde_json::json;

use crate::clock::VirtualTime;
use crate::model::RunId;
use crate::model::extralt::ids::{self, Names};
use crate::model::extralt::run::{Kind, Run};
use crate::model::extralt::state::State;
use crate::model::extralt::view::Status;
use crate::seed::{Digest, Stream};
use crate::webhooks::delivery::Event;

/// Every event that an endpoint can be told of. Of changes nothing is ever told: nothing is compared here.
pub const EVENTS: &[&str] = &[
    "robot.completed",
    "robot.failed",
    "run.completed",
    "run.stopped",
    "run.failed",
    ENRICHMENT_SKIPPED,
    "enrichment.completed",
    "enrichment.stopped",
    "enrichment.failed",
    "enrichment.changes",
    "import.completed",
    "import.failed",
];

/// A run was to be enriched, and was not.
pub const ENRICHMENT_SKIPPED: &str = "run.enrichment_skipped";
/// Nothing happened: the event is made to try an endpoint.
pub const TEST: &str = "webhook.test";

/// A run as it was at an instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// The run as it was then.
    pub run: Run,
    /// When.
    pub at: VirtualTime,
}

/// The word for the ending of a run of this kind in this state, if there is one.
pub fn ended(kind: Kind, status: Status) -> Option<&'static str> {
    match (kind, status) {
        (Kind::Robot, Status::Completed) => Some("robot.completed"),
        (Kind::Robot, Status::Failed) => Some("robot.failed"),
        (Kind::Run, Status::Completed) => Some("run.completed"),
        (Kind::Run, Status::Stopped) => Some("run.stopped"),
        (Kind::Run, Status::Failed) => Some("run.failed"),
        (Kind::Enrichment, Status::Completed) => Some("enrichment.completed"),
        (Kind::Enrichment, Status::Stopped) => Some("enrichment.stopped"),
        (Kind::Enrichment, Status::Failed) => Some("enrichment.failed"),
        (Kind::Import, Status::Completed) => Some("import.completed"),
        (Kind::Import, Status::Failed | Status::ValidationFailed) => Some("import.failed"),
        _ => None,
    }
}

/// That `kind` happened to a run at `at`. Its id is drawn from what happened, so that nothing else shifts it.
pub fn event(
    state: &State,
    id: RunId,
    kind: &'static str,
    at: VirtualTime,
    stream: &Stream,
) -> Option<Event<Notice>> {
    let run = state.run(id).filter(|run| !run.deleted)?;
    let digest = Digest::of("event", &run.record.id, &[], Some(&json!([kind, run.restarts])));
    let draws = |purpose: &str| stream.draws(purpose, digest, 0);
    let id = ids::fresh(Names::Event, draws, |_| false);
    Some(Event { id, kind, at, subject: Some(Notice { run: run.clone(), at }) })
}
