//! What webhooks are told follows from the log, however time passed.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::stand::{Stand, digest, origin, real};
use crate::clock::MANUAL_START;
use crate::model::circumstances::Circumstances;
use crate::model::extralt::create::{Decision, robot};
use crate::model::extralt::state;
use crate::webhooks::delivery::Outcome;
use crate::webhooks::endpoint::{Manner, Registration, Secret};
use crate::webhooks::state::Command;
use crate::world::log;
use crate::world::state::WorldState;

static MANNER: Manner = Manner {
    retries: &[Duration::from_secs(5), Duration::from_secs(300)],
    patience: Duration::from_secs(1),
    disabled_after: None,
};

fn register(stand: &mut Stand) {
    stand.apply(log::Command::Webhooks(Command::Register(Arc::new(Registration {
        id: "a".into(),
        run: None,
        url: "http://127.0.0.1:9/".into(),
        events: None,
        description: None,
        headers: Box::default(),
        secret: Some(Secret::new(b"secret")),
        created: stand.now,
        manner: &MANNER,
    }))));
}

fn build_robot(stand: &mut Stand, shop: &str) {
    let url = format!("https://{shop}.example");
    let body = json!({ "url": url });
    let around = Circumstances {
        stream: stand.world.stream(),
        rules: &[],
        counts: &[],
        digest: digest(&body),
        body: &body,
        now: stand.now,
    };
    let Ok(Decision::New(record)) = robot(stand.world.extralt(), &url, "US", &around) else {
        panic!("there is room for a robot")
    };
    stand.apply(log::Command::Extralt(state::Command::Create(record)));
}

/// A world whose robots have been built, looked at after each of these pauses.
fn lived(pauses: &[u64]) -> Stand {
    let mut stand = Stand::new(origin(Arc::default(), None, true));
    build_robot(&mut stand, "before");
    stand.advance(Duration::from_secs(60));
    register(&mut stand);
    build_robot(&mut stand, "one");
    build_robot(&mut stand, "two");
    for pause in pauses {
        stand.advance(Duration::from_secs(*pause));
    }
    stand
}

#[test]
fn what_is_told_does_not_depend_on_who_looks_when() {
    let (once, often) = (lived(&[100]), lived(&[1; 100]));
    assert_eq!(once.world.webhooks(), often.world.webhooks());
    let told: Vec<_> = once.world.webhooks().deliveries().map(|(_, it)| it.event.at).collect();
    assert_eq!(told.len(), 2, "not of what was before");
    assert!(told.iter().all(|at| *at < once.now && *at > MANUAL_START), "when it happened: {told:?}");
}

#[test]
fn the_log_gives_the_same_webhooks_again() {
    let mut stand = lived(&[100]);
    for outcome in [Outcome::Answered(500), Outcome::Answered(200)] {
        stand.apply(log::Command::Webhooks(Command::Attempted { delivery: 1, outcome }));
        stand.advance(Duration::from_secs(5));
    }
    let folded: WorldState = stand.folded(origin(Arc::default(), None, true));
    assert_eq!(folded.webhooks(), stand.world.webhooks());
    assert_eq!(folded.webhooks().delivery(1).unwrap().attempts.len(), 2);
    stand.world.reset(origin(Arc::default(), None, true), real());
    assert!(stand.world.webhooks().is_empty() && stand.world.webhooks().kept() == 0);
}

#[test]
fn the_clock_can_be_moved_to_the_next_attempt() {
    let mut stand = lived(&[100]);
    let failed =
        || log::Command::Webhooks(Command::Attempted { delivery: 1, outcome: Outcome::Answered(500) });
    stand.apply(failed());
    let first = stand.world.webhooks().delivery(1).unwrap().attempts[0].at;
    assert!(first < stand.now, "it was due while the clock was moved");
    stand.apply(failed());
    assert_eq!(stand.world.next_due(), Some(first.after(Duration::from_secs(305))));
}
