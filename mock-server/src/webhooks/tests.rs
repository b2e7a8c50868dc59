use std::sync::Arc;
use std::time::Duration;

use super::delivery::{Event, Outcome, Reason, Standing};
use super::endpoint::{Manner, Registration, Secret};
use super::state::{Command, ENDPOINTS_MAX, LISTENERS_WEIGHT_MAX, Webhooks};
use crate::clock::{MANUAL_START, VirtualTime};

static MANNER: Manner = Manner {
    retries: &[Duration::from_secs(5), Duration::from_secs(300)],
    patience: Duration::from_secs(10),
    disabled_after: Some(2),
};

fn registration(id: &str, events: Option<&[&'static str]>) -> Command {
    Command::Register(Arc::new(Registration {
        id: id.into(),
        run: None,
        url: "http://127.0.0.1:9/".into(),
        events: events.map(Into::into),
        description: None,
        headers: Box::default(),
        secret: Some(Secret::new(b"secret")),
        created: MANUAL_START,
        manner: &MANNER,
    }))
}

fn listener(run: &str, number: usize, events: Option<&[&'static str]>) -> Arc<Registration> {
    Arc::new(Registration {
        id: format!("{run}/{number}").into(),
        run: Some(run.into()),
        url: "http://127.0.0.1:9/".into(),
        events: events.map(Into::into),
        description: None,
        headers: Box::default(),
        secret: None,
        created: MANUAL_START,
        manner: &MANNER,
    })
}

fn event(id: &str, kind: &'static str) -> Event<u8> {
    Event { id: id.into(), kind, at: MANUAL_START, subject: Some(1) }
}

fn after(seconds: u64) -> VirtualTime {
    MANUAL_START.after(Duration::from_secs(seconds))
}

fn due(webhooks: &Webhooks<u8>, now: VirtualTime) -> Vec<u64> {
    webhooks.due(now).collect()
}

fn attempted(webhooks: &mut Webhooks<u8>, delivery: u64, outcome: Outcome, at: VirtualTime) {
    webhooks.apply(&Command::Attempted { delivery, outcome }, at);
}

#[test]
fn an_endpoint_is_told_of_what_it_listens_to() {
    let mut webhooks = Webhooks::default();
    assert!(!webhooks.listens_to("run.completed"));
    webhooks.apply(&registration("all", None), MANUAL_START);
    webhooks.apply(&registration("some", Some(&["run.failed"])), MANUAL_START);
    webhooks.happened(event("e1", "run.completed"));
    webhooks.happened(event("e2", "run.failed"));
    let told: Vec<_> = webhooks.deliveries().map(|(_, it)| (&*it.to.id, &*it.event.id)).collect();
    assert_eq!(told, [("some", "e2"), ("all", "e2"), ("all", "e1")]);
    assert_eq!(due(&webhooks, MANUAL_START), [1, 2, 3]);
    webhooks.apply(&Command::Delete("all".into()), MANUAL_START);
    assert_eq!(due(&webhooks, MANUAL_START), [3]);
    assert_eq!(webhooks.kept(), 1);
}

#[test]
fn what_fails_is_tried_again_on_schedule_and_then_given_up() {
    let mut webhooks = Webhooks::default();
    webhooks.apply(&registration("a", None), MANUAL_START);
    webhooks.happened(event("e1", "x"));
    attempted(&mut webhooks, 1, Outcome::Answered(500), after(1));
    assert_eq!((due(&webhooks, after(5)), webhooks.next_after(after(5))), (vec![], Some(after(6))));
    assert_eq!((due(&webhooks, after(6)), webhooks.next_after(after(6))), (vec![1], None));
    attempted(&mut webhooks, 1, Outcome::Failed("refused".into()), after(6));
    attempted(&mut webhooks, 1, Outcome::Answered(302), after(306));
    let delivery = webhooks.delivery(1).unwrap();
    assert_eq!((delivery.standing, delivery.attempts.len(), delivery.due), (Standing::GivenUp, 3, None));
    // What comes too late changes nothing.
    attempted(&mut webhooks, 1, Outcome::Answered(200), after(307));
    assert_eq!(webhooks.delivery(1).unwrap().standing, Standing::GivenUp);
    webhooks.apply(&Command::Again(1), after(400));
    assert_eq!(due(&webhooks, after(400)), [1]);
    attempted(&mut webhooks, 1, Outcome::Answered(204), after(400));
    assert_eq!(webhooks.delivery(1).unwrap().standing, Standing::Delivered);
}

#[test]
fn an_endpoint_that_keeps_failing_is_disabled_and_gets_nothing_more_but_tests() {
    let mut webhooks = Webhooks::default();
    webhooks.apply(&registration("a", None), MANUAL_START);
    for number in 1..=3 {
        webhooks.happened(event(&format!("e{number}"), "x"));
    }
    let fail = |webhooks: &mut Webhooks<u8>, number| {
        for _ in 0..3 {
            attempted(webhooks, number, Outcome::Answered(500), after(1));
        }
    };
    fail(&mut webhooks, 1);
    attempted(&mut webhooks, 2, Outcome::NotSent(Reason::NotAllowed), after(1));
    assert!(webhooks.endpoints()[0].enabled);
    webhooks.happened(event("e4", "x"));
    fail(&mut webhooks, 3);
    assert!(!webhooks.endpoints()[0].enabled);
    assert_eq!(webhooks.delivery(4).unwrap().standing, Standing::NotSent(Reason::Disabled));
    webhooks.happened(event("e5", "x"));
    assert_eq!(webhooks.kept(), 4);
    webhooks.apply(&Command::Test { endpoint: "a".into(), event: "t".into(), kind: "test" }, after(2));
    assert_eq!(due(&webhooks, after(2)), [5]);
    attempted(&mut webhooks, 5, Outcome::Answered(500), after(2));
    assert_eq!(webhooks.delivery(5).unwrap().standing, Standing::GivenUp, "a test is sent once");
}

#[test]
fn a_success_in_between_starts_the_count_of_failures_again() {
    let mut webhooks = Webhooks::default();
    webhooks.apply(&registration("a", None), MANUAL_START);
    for (number, status) in [(1, 500), (2, 200), (3, 500)] {
        webhooks.happened(event("e", "x"));
        for _ in 0..3 {
            attempted(&mut webhooks, number, Outcome::Answered(status), after(1));
        }
    }
    assert!(webhooks.endpoints()[0].enabled);
}

#[test]
fn the_oldest_that_are_done_make_room_and_what_is_under_way_stays() {
    let mut webhooks = Webhooks::with_capacity(2);
    webhooks.apply(&registration("a", None), MANUAL_START);
    for _ in 0..3 {
        webhooks.happened(event("e", "x"));
    }
    assert_eq!((webhooks.kept(), webhooks.dropped()), (2, 1));
    attempted(&mut webhooks, 1, Outcome::Answered(200), after(1));
    webhooks.happened(event("e", "x"));
    let numbers: Vec<u64> = webhooks.deliveries().map(|(number, _)| number).collect();
    assert_eq!((numbers, webhooks.dropped()), (vec![3, 2], 1));
    assert!(webhooks.has_room() && ENDPOINTS_MAX > 1);
}

#[test]
fn a_long_step_of_the_clock_leads_to_the_same_attempts_as_short_ones() {
    let failed = || Outcome::Answered(500);
    let steps = |instants: [u64; 3]| {
        let mut webhooks = Webhooks::default();
        webhooks.apply(&registration("one", None), MANUAL_START);
        webhooks.happened(event("e", "run.completed"));
        for instant in instants {
            assert_eq!(due(&webhooks, after(instant)), [1]);
            attempted(&mut webhooks, 1, failed(), after(instant));
        }
        let delivery = webhooks.delivery(1).unwrap().clone();
        assert_eq!(delivery.standing, Standing::GivenUp);
        delivery.attempts.iter().map(|attempt| attempt.at).collect::<Vec<_>>()
    };
    assert_eq!(steps([0, 5, 305]), steps([86_400, 86_400, 86_400]));
}

#[test]
fn a_listener_is_told_of_its_run_and_of_nothing_else() {
    let mut webhooks = Webhooks::default();
    webhooks.apply(&registration("endpoint", None), MANUAL_START);
    let listeners = [listener("r1", 0, None), listener("r1", 1, Some(&["run.over"]))];
    webhooks.apply(&Command::Listen(listeners.into()), MANUAL_START);
    webhooks.apply(&Command::Listen([listener("r2", 0, None)].into()), MANUAL_START);
    assert_eq!(
        (webhooks.listening(), webhooks.hears("r1", "x"), webhooks.hears("r3", "x")),
        (3, true, false)
    );
    webhooks.happened(event("e1", "run.over"));
    webhooks.told("r1", event("e2", "run.begun"));
    webhooks.told("r1", event("e3", "run.over"));
    webhooks.told("r3", event("e4", "run.over"));
    let told: Vec<_> = webhooks.deliveries().map(|(_, it)| (&*it.to.id, &*it.event.id)).collect();
    assert_eq!(told, [("r1/1", "e3"), ("r1/0", "e3"), ("r1/0", "e2"), ("endpoint", "e1")]);
}

#[test]
fn the_listeners_of_a_run_that_is_over_are_forgotten_and_what_is_under_way_to_them_is_not() {
    let mut webhooks = Webhooks::default();
    webhooks.apply(&Command::Listen([listener("r1", 0, None)].into()), MANUAL_START);
    assert!(!webhooks.is_empty());
    webhooks.told("r1", event("e1", "run.over"));
    webhooks.stop_listening("r1");
    webhooks.told("r1", event("e2", "run.over"));
    assert_eq!((webhooks.listening(), webhooks.kept(), webhooks.is_empty()), (0, 1, false));
    attempted(&mut webhooks, 1, Outcome::Answered(500), after(0));
    assert_eq!(due(&webhooks, after(5)), [1]);
    attempted(&mut webhooks, 1, Outcome::Answered(200), after(5));
    assert!(webhooks.is_empty(), "nobody needs to look at it any more");
    webhooks.apply(&Command::Again(1), after(9));
    assert_eq!((due(&webhooks, after(9)), webhooks.is_empty()), (vec![1], false));
}

#[test]
fn listeners_are_refused_once_they_weigh_too_much_also_those_of_runs_that_are_over() {
    let mut webhooks: Webhooks<u8> = Webhooks::default();
    let heavy = |run: &str| {
        let url = format!("http://127.0.0.1/{}", "x".repeat(LISTENERS_WEIGHT_MAX / 4));
        [Arc::new(Registration { url: url.into(), ..Registration::clone(&listener(run, 0, None)) })]
    };
    for run in ["r1", "r2", "r3"] {
        assert!(webhooks.has_room_for(&heavy(run)));
        webhooks.apply(&Command::Listen(heavy(run).into()), MANUAL_START);
        webhooks.stop_listening(run);
    }
    assert!(!webhooks.has_room_for(&heavy("r4")));
    assert!(webhooks.has_room_for(&[listener("r4", 0, None)]) && webhooks.has_room_for(&[]));
}
