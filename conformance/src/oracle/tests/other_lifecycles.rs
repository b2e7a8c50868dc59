//! Lifecycles that no API here has yet: several controls, states that are left again, and one that nobody explains.

use fixtures::contract::Lifecycle;

use super::super::model::{Graph, Model, Spot, Twist, World};
use super::super::timeline::{Act, Answer, Event, Subject};
use super::*;

const RUN: &str = r#"{
    "name": "run", "resource": "other.run", "initial": "queued", "terminal": ["finished", "stopped"],
    "states": ["queued", "running", "paused", "finished", "stopped", "expired"], "unexplained": ["expired"],
    "edges": [
        {"from": "queued", "to": "running", "cause": "time", "evidence": "documented"},
        {"from": "running", "to": "finished", "cause": "time", "evidence": "documented"},
        {"from": "running", "to": "stopped", "cause": "stop", "evidence": "documented"},
        {"from": "paused", "to": "stopped", "cause": "stop", "evidence": "documented"},
        {"from": "running", "to": "paused", "cause": "pause", "evidence": "documented"},
        {"from": "paused", "to": "running", "cause": "resume", "evidence": "documented"},
        {"from": "finished", "to": "queued", "cause": "restart", "evidence": "documented"},
        {"from": "expired", "to": "queued", "cause": "restart", "evidence": "documented"}
    ]
}"#;

/// The reasons for which a new run cannot have been through this: states, and controls with the answer's sign.
fn faults(told: &[&str]) -> Vec<&'static str> {
    let lifecycle: Lifecycle = serde_json::from_str(RUN).expect("it is a lifecycle");
    let own = Graph::new(&lifecycle, Twist::None);
    let model = Model { own, other: None };
    let acts = told.iter().map(|word| match (word.strip_prefix('+'), word.strip_prefix('-')) {
        (Some(name), _) => Act::Control { name: name.into(), answer: Answer::Accepted },
        (_, Some(name)) => Act::Control { name: name.into(), answer: Answer::Refused },
        _ => Act::Shown { states: vec![own.index(word).expect("a state")], told: Vec::new() },
    });
    let events: Vec<Event> = acts
        .zip(1..)
        .map(|(act, id)| Event { id, started: id, ended: id, subject: Subject::Own, act, pointer: None })
        .collect();
    let queued = Spot { state: own.index("queued"), via: None };
    let start = [World { own: queued, waits: false, other: None }].into();
    follow(&model, start, &events).iter().map(|found| explain::breach(&model, found).reason).collect()
}

#[test]
fn a_run_that_is_over_runs_again_only_after_the_control_that_does_it() {
    assert_eq!(faults(&["finished", "+restart", "running", "finished"]), [""; 0]);
    assert_eq!(faults(&["finished", "running"]), ["illegal-edge"]);
    assert_eq!(faults(&["running", "+stop", "stopped", "-restart", "stopped"]), [""; 0]);
    assert_eq!(faults(&["running", "+stop", "stopped", "+restart"]), ["impossible-control"]);
    assert_eq!(faults(&["running", "+stop", "stopped", "running"]), ["revived"]);
}

#[test]
fn each_control_has_states_of_its_own() {
    assert_eq!(faults(&["running", "+pause", "paused", "-pause", "+resume", "running", "+stop"]), [""; 0]);
    assert_eq!(faults(&["running", "+pause", "running"]), ["control-ignored"]);
    assert_eq!(faults(&["running", "+pause", "-stop", "paused"]), ["refused-control"]);
    assert_eq!(faults(&["running", "paused"]), ["illegal-edge"]);
}

#[test]
fn a_state_nobody_explains_may_follow_any_that_is_not_final() {
    assert_eq!(faults(&["queued", "expired"]), [""; 0]);
    assert_eq!(faults(&["finished", "expired", "expired"]), [""; 0]);
    assert_eq!(faults(&["running", "+stop", "expired"]), ["control-ignored"]);
    assert_eq!(faults(&["expired", "running"]), ["illegal-edge"]);
}
