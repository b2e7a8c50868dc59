//! A tiny server, driven along random schedules: whatever it does, if it keeps the lifecycle nobody may complain, and
//! if it does not somebody must.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::*;

/// How long a schedule may be, in milliseconds.
const END: u64 = 400;

/// What a run does if nobody interferes.
#[derive(Debug, Clone)]
struct Course {
    starts: u64,
    ends: u64,
    completes: bool,
    /// Fails before it starts.
    stillborn: bool,
}

/// One request of a client, and when it reaches the server between being sent and being answered.
#[derive(Debug, Clone)]
struct Call {
    sent: u64,
    travels: u64,
    returns: u64,
    what: What,
    fate: Fate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Read,
    List,
    Filter(&'static str),
    Cancel,
    ReadCrawl,
    CancelCrawl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Answered,
    /// Done, and the answer lost.
    Lost,
    /// Done, and answered with a 500.
    Faulty,
    /// Lost on the way there.
    Unheard,
}

#[derive(Debug, Clone)]
struct Schedule {
    run: &'static str,
    /// The crawl, and whether the run waits for it.
    crawl: Course,
    waits: bool,
    own: Course,
    /// Whether this server cancels pending searches.
    cancels_pending: bool,
    /// Whether it answers a second cancel as the first.
    repeats_cancel: bool,
    /// Whether a first create got lost, and whether it was heard.
    lost_create: Option<bool>,
    calls: Vec<Call>,
}

/// One exchange about the run, or about the crawl it waits for.
#[derive(Debug, Clone)]
struct Sent {
    started: u64,
    ended: u64,
    what: What,
    answer: Option<(u16, Value)>,
}

/// The state of both runs as the server holds it: the instants of accepted cancels, beside the courses.
struct Server<'s> {
    schedule: &'s Schedule,
    crawl_canceled: Option<u64>,
    own_canceled: Option<u64>,
}

impl Server<'_> {
    fn crawl(&self, now: u64) -> &'static str {
        state(&self.schedule.crawl, self.crawl_canceled, now)
    }

    fn own(&self, now: u64) -> &'static str {
        let Schedule { own, waits, .. } = self.schedule;
        if self.own_canceled.is_some_and(|at| at <= now) {
            return "failed";
        }
        if !waits {
            return state(own, None, now);
        }
        // It learns of its crawl when that is over, and starts as much later as its course says.
        let over = (0..=now).find(|at| matches!(self.crawl(*at), "completed" | "failed"));
        match over.map(|at| (at, self.crawl(at))) {
            None => "pending",
            Some((_, "failed")) => "failed",
            Some((at, _)) => state(own, None, now - at),
        }
    }

    /// Whether a cancel works now.
    fn cancel(&mut self, crawl: bool, now: u64) -> bool {
        let (state, is_search) =
            if crawl { (self.crawl(now), false) } else { (self.own(now), self.schedule.run == SEARCH) };
        let works = state == "running" || state == "pending" && is_search && self.schedule.cancels_pending;
        if works && crawl {
            self.crawl_canceled = Some(now);
        } else if works {
            self.own_canceled = Some(now);
        }
        let canceled = if crawl { self.crawl_canceled } else { self.own_canceled };
        works || canceled.is_some() && self.schedule.repeats_cancel
    }
}

fn state(course: &Course, canceled: Option<u64>, now: u64) -> &'static str {
    match canceled {
        Some(at) if at <= now => "failed",
        _ if course.stillborn && now >= course.starts => "failed",
        _ if now < course.starts => "pending",
        _ if now < course.ends => "running",
        _ if course.completes => "completed",
        _ => "failed",
    }
}

/// What the calls of a schedule are answered, in the order in which they are sent.
fn exchanges(schedule: &Schedule) -> Vec<Sent> {
    let mut server = Server { schedule, crawl_canceled: None, own_canceled: None };
    let mut calls: Vec<&Call> = schedule.calls.iter().collect();
    calls.sort_by_key(|call| (call.sent + call.travels, call.sent));
    let mut sent: Vec<Sent> = calls
        .into_iter()
        .map(|call| {
            let answer = if call.fate == Fate::Unheard { None } else { handle(&mut server, schedule, call) };
            let answer = match call.fate {
                Fate::Answered => answer,
                Fate::Faulty => Some((500, json!({}))),
                Fate::Lost | Fate::Unheard => None,
            };
            let ended = call.sent + call.travels + call.returns;
            Sent { started: call.sent, ended, what: call.what, answer }
        })
        .collect();
    sent.sort_by_key(|it| it.started);
    sent
}

/// The record of a schedule in which these exchanges follow the creates.
fn record(schedule: &Schedule, sent: &[Sent]) -> Script {
    let mut script = Script::new();
    if schedule.waits {
        script = script.during(0, 0).created(CRAWL);
    }
    let target = family(schedule.run);
    if let Some(heard) = schedule.lost_create {
        script = script.during(0, 0).send("POST", target, "{}", None);
        if heard {
            let shown = if schedule.run == CRAWL { "processing" } else { "pending" };
            script = script.during(0, 0).list(target, &[(schedule.run, shown)]);
        }
    }
    script = script.during(0, 0);
    script = if schedule.waits { script.waits() } else { script.created(schedule.run) };
    for Sent { started, ended, what, answer } in sent {
        let (method, target) = target_of(schedule, *what);
        script = script.during(*started, *ended).send(method, &target, "", answer.clone());
    }
    script
}

fn target_of(schedule: &Schedule, what: What) -> (&'static str, String) {
    let family = family(schedule.run);
    match what {
        What::Read => ("GET", format!("{family}/{}", schedule.run)),
        What::List => ("GET", family.into()),
        What::Filter(word) => ("GET", format!("{family}?status={word}&page_size=50")),
        What::Cancel => ("DELETE", format!("{family}/{}", schedule.run)),
        What::ReadCrawl => ("GET", format!("/v2/crawl/{CRAWL}")),
        What::CancelCrawl => ("DELETE", format!("/v2/crawl/{CRAWL}")),
    }
}

fn shows(id: &str, state: &str) -> Option<(u16, Value)> {
    Some((200, json!({"execution_id": id, "status": state, "error": null, "meta": {}})))
}

fn lists(schedule: &Schedule, state: Option<&str>) -> Option<(u16, Value)> {
    let word = |state| match state {
        "pending" | "running" if schedule.run != EXTRACT => "processing",
        other => other,
    };
    let items = state.map(|state| json!({"execution_id": schedule.run, "status": word(state)}));
    Some((200, json!({"data": items.into_iter().collect::<Vec<_>>()})))
}

fn handle(server: &mut Server<'_>, schedule: &Schedule, call: &Call) -> Option<(u16, Value)> {
    let now = call.sent + call.travels;
    let cancel = |works: bool| Some(if works { (200, json!({})) } else { (400, json!({})) });
    let own = server.own(now);
    match call.what {
        What::Read => shows(schedule.run, own),
        What::List => lists(schedule, Some(own)),
        What::Filter("processing") => lists(schedule, matches!(own, "pending" | "running").then_some(own)),
        What::Filter(filter) => lists(schedule, (own == filter).then_some(own)),
        What::Cancel => cancel(server.cancel(false, now)),
        What::ReadCrawl => shows(CRAWL, server.crawl(now)),
        What::CancelCrawl => cancel(server.cancel(true, now)),
    }
}

fn courses() -> impl Strategy<Value = Course> {
    (1..END / 2, 1..END / 2, any::<bool>(), prop::bool::weighted(0.1)).prop_map(
        |(starts, lasts, completes, stillborn)| Course { starts, ends: starts + lasts, completes, stillborn },
    )
}

fn calls(waits: bool) -> impl Strategy<Value = Call> {
    let mut all = vec![
        (6, Just(What::Read)),
        (1, Just(What::List)),
        (1, Just(What::Filter("processing"))),
        (1, Just(What::Filter("completed"))),
        (1, Just(What::Filter("failed"))),
        (3, Just(What::Cancel)),
    ];
    if waits {
        all.extend([(3, Just(What::ReadCrawl)), (1, Just(What::CancelCrawl))]);
    }
    let fate = prop_oneof![
        6 => Just(Fate::Answered), 1 => Just(Fate::Lost), 1 => Just(Fate::Faulty), 1 => Just(Fate::Unheard),
    ];
    // Most requests are short; some are under way for long, so that others overlap them.
    let way = || prop_oneof![3 => Just(0_u64), 2 => 0..5_u64, 1 => 0..60_u64];
    (1..END, way(), way(), prop::strategy::Union::new_weighted(all), fate)
        .prop_map(|(sent, travels, returns, what, fate)| Call { sent, travels, returns, what, fate })
}

fn schedules() -> impl Strategy<Value = Schedule> {
    let kinds =
        prop::sample::select(vec![(CRAWL, false), (EXTRACT, false), (SEARCH, false), (EXTRACT, true)]);
    kinds.prop_flat_map(|(run, waits)| {
        let lost =
            if waits { Just(None).boxed() } else { prop::option::weighted(0.2, any::<bool>()).boxed() };
        let calls = prop::collection::vec(calls(waits), 0..=OVERLAPPING_MAX);
        (courses(), courses(), any::<[bool; 2]>(), lost, calls).prop_map(
            move |(mut crawl, mut own, [cancels_pending, repeats_cancel], lost_create, calls)| {
                // Only extracts are known to fail before they start.
                crawl.stillborn = false;
                own.stillborn &= run == EXTRACT;
                Schedule { run, crawl, waits, own, cancels_pending, repeats_cancel, lost_create, calls }
            },
        )
    })
}

/// A kind of wrong answer, with the number of the exchange whose place it takes, what it answers, and the answer.
type Mutation = (&'static str, usize, What, Option<(u16, Value)>);

/// The state that a read of this kind was answered with.
fn state_in(it: &Sent, what: What) -> Option<&str> {
    let (200, answer) = it.answer.as_ref().filter(|_| it.what == what)? else { return None };
    answer["status"].as_str()
}

/// Every wrong answer that the other exchanges of a record show to be wrong, whatever else is in it.
///
/// This is reasoning about pairs of exchanges of which one ended before the other began, without worlds.
fn mutations(schedule: &Schedule, sent: &[Sent]) -> Vec<Mutation> {
    let before = |one: &Sent, other: &Sent| one.ended <= other.started;
    let is_over = |state: &str| matches!(state, "completed" | "failed");
    let mut found: Vec<Mutation> = Vec::new();
    for (at, later) in sent.iter().enumerate() {
        for earlier in sent[..at].iter().filter(|earlier| before(earlier, later)) {
            let was = state_in(earlier, What::Read);
            let accepted = earlier.what == What::Cancel && matches!(earlier.answer, Some((200, _)));
            if state_in(later, What::Read).is_some() {
                let mut wrong = |kind, state| found.push((kind, at, What::Read, shows(schedule.run, state)));
                match was {
                    Some("running") => wrong("goes back", "pending"),
                    Some("completed") => {
                        wrong("runs again", "running");
                        wrong("is pending again", "pending");
                        wrong("ends otherwise", "failed");
                    }
                    Some("failed") => {
                        wrong("runs again", "running");
                        wrong("ends otherwise", "completed");
                    }
                    _ if accepted => {
                        wrong("completes after a cancel", "completed");
                        wrong("runs on after a cancel", "running");
                    }
                    _ => {}
                }
            }
            if later.what == What::List && later.answer.is_some() && was.is_some_and(is_over) {
                found.push(("is listed as it was", at, What::List, lists(schedule, Some("running"))));
            }
            if later.what == What::Cancel && later.answer.is_some() && was == Some("completed") {
                found.push(("is canceled when it is over", at, What::Cancel, Some((200, json!({})))));
            }
            let runs_on = was == Some("running")
                && sent[at + 1..]
                    .iter()
                    .any(|last| before(later, last) && state_in(last, What::Read) == Some("running"));
            if runs_on {
                found.push(("cannot be canceled while it runs", at, What::Cancel, Some((400, json!({})))));
                found.push((
                    "is left out of what runs",
                    at,
                    What::Filter("processing"),
                    lists(schedule, None),
                ));
            }
        }
        let waits_on = sent[at + 1..].iter().any(|last| {
            before(later, last) && state_in(last, What::ReadCrawl).is_some_and(|state| !is_over(state))
        });
        let never = sent.iter().any(|it| state_in(it, What::ReadCrawl) == Some("failed"));
        if state_in(later, What::Read).is_some() && schedule.waits && (waits_on || never) {
            found.push(("starts before it may", at, What::Read, shows(schedule.run, "running")));
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_server_that_keeps_its_lifecycle_raises_no_alarm(schedule in schedules()) {
        let script = record(&schedule, &exchanges(&schedule));
        prop_assert_eq!(account(&script.history).breaches, []);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_proven_is_what_happened(schedule in schedules()) {
        let script = record(&schedule, &exchanges(&schedule));
        let Course { starts, ends, completes, .. } = schedule.own;
        let lifecycle = match schedule.run {
            CRAWL => "crawl",
            EXTRACT => "extract",
            _ => "agentic-search",
        };
        for (edge, _) in script.proven(lifecycle) {
            let canceled = schedule.calls.iter().any(|call| call.what == What::Cancel);
            prop_assert!(!edge.ends_with("(cancel)") || canceled, "{edge}");
            prop_assert!(!edge.contains("-> completed") || completes && starts < ends, "{edge}");
            prop_assert!(!edge.contains("dependency") || schedule.waits, "{edge}");
        }
    }
}

#[test]
fn every_wrong_answer_that_shows_is_found() {
    const KINDS: usize = 11;
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    // Some kinds are rare among drawn schedules; more are drawn until each has been seen.
    for _ in 0..20 {
        let kinds = std::cell::RefCell::new(&mut found);
        let mut runner = TestRunner::new(ProptestConfig {
            cases: 500,
            failure_persistence: None,
            ..ProptestConfig::default()
        });
        let result = runner.run(&schedules(), |schedule| {
            let sent = exchanges(&schedule);
            for (kind, at, what, answer) in mutations(&schedule, &sent) {
                let mut wrong = sent.clone();
                wrong[at] = Sent { what, answer, ..wrong[at] };
                let breaches = account(&record(&schedule, &wrong).history).breaches;
                prop_assert!(!breaches.is_empty(), "not found: {} in exchange {} of {:#?}", kind, at, wrong);
                *kinds.borrow_mut().entry(kind).or_default() += 1;
            }
            Ok(())
        });
        assert!(result.is_ok(), "{}", result.expect_err("it failed"));
        if found.len() == KINDS && found.values().all(|count| *count >= 3) {
            return;
        }
    }
    panic!("some kinds hardly ever come about: {found:?}");
}
