use fixtures::contract::Contract;
use fixtures::exchange::body::Body;
use fixtures::exchange::redaction::Redactor;
use fixtures::exchange::{Outcome, Parts, Request, Response, Unredacted};
use serde_json::{Value, json};

use super::*;
use crate::profile;

mod other_lifecycles;
mod schedules;

const CRAWL: &str = "crawl-example-com-1a2b3c4d";
const EXTRACT: &str = "extract-example-com-1a2b3c4d";
const SEARCH: &str = "agentic-1a2b3c4d-1735000000000";

/// A record that grows one exchange at a time, each after the other unless it says when it was under way.
struct Script {
    history: History,
    now: u64,
    next: Option<(u64, u64)>,
}

impl Script {
    fn new() -> Self {
        let profile = profile::find("catalog").expect("catalog is known");
        let contract = Contract::find("catalog", "v2").expect("it has a contract");
        Script { history: History::new(contract, profile), now: 0, next: None }
    }

    /// The next exchange is under way from `started` to `ended`.
    fn during(mut self, started: u64, ended: u64) -> Self {
        self.next = Some((started, ended));
        self
    }

    fn send(mut self, method: &str, target: &str, body: &str, answer: Option<(u16, Value)>) -> Self {
        let id = self.history.all().len() as u64 + 1;
        let (started_ms, ended_ms) = self.next.take().unwrap_or((self.now + 10, self.now + 11));
        self.now = self.now.max(ended_ms);
        let outcome =
            answer.map_or(Outcome::Failure("the connection was closed".into()), |(status, answer)| {
                let body = Body::of(answer.to_string().as_bytes());
                Outcome::Response(Response { status, headers: Vec::new(), body })
            });
        let request = Request {
            method: method.into(),
            target: target.into(),
            headers: vec![("x-api-key".into(), "$KEY_A".into())],
            body: Body::of(body.as_bytes()),
        };
        let parts = Parts { id, operation: None, started_ms, ended_ms, request, outcome };
        self.history.push(Redactor::new().exchange(Unredacted(parts)));
        self
    }

    fn create(self, run: &str, body: &Value, status: &str) -> Self {
        let answer = json!({"execution_id": run, "status": status, "meta": {"credits_used": 0}});
        self.send("POST", family(run), &body.to_string(), Some((202, answer)))
    }

    fn created(self, run: &str) -> Self {
        self.create(run, &json!({}), "pending")
    }

    /// An extract that waits for [`CRAWL`].
    fn waits(self) -> Self {
        let meta = json!({"credits_used": 0, "waiting_for": CRAWL});
        let answer = json!({"execution_id": EXTRACT, "status": "pending", "meta": meta});
        self.send("POST", "/v2/extract", &json!({"crawl_id": CRAWL}).to_string(), Some((202, answer)))
    }

    fn read(self, run: &str, status: &str) -> Self {
        self.read_with(run, status, Value::Null)
    }

    fn read_with(self, run: &str, status: &str, error: impl Into<Value>) -> Self {
        let answer = json!({"execution_id": run, "status": status, "error": error.into(), "meta": {}});
        self.send("GET", &format!("{}/{run}", family(run)), "", Some((200, answer)))
    }

    fn cancel(self, run: &str, status: u16) -> Self {
        let answer = if status == 200 { json!({"status": "canceled"}) } else { json!({"error": {}}) };
        self.send("DELETE", &format!("{}/{run}", family(run)), "", Some((status, answer)))
    }

    fn cancel_lost(self, run: &str) -> Self {
        self.send("DELETE", &format!("{}/{run}", family(run)), "", None)
    }

    fn list(self, path: &str, items: &[(&str, &str)]) -> Self {
        let items = items.iter().map(|(id, status)| json!({"execution_id": id, "status": status}));
        let answer = json!({"data": items.collect::<Vec<_>>(), "meta": {}});
        self.send("GET", path, "", Some((200, answer)))
    }

    /// Reasons, and the exchange that left no world.
    fn faults(&self) -> Vec<(&'static str, u64)> {
        let breaches = account(&self.history).breaches;
        breaches.iter().map(|it| (it.reason, *it.exchanges.last().expect("one broke it"))).collect()
    }

    fn proven(&self, name: &str) -> Vec<(String, Vec<u64>)> {
        let all = coverage(&self.history);
        let one = all.into_iter().find(|it| it.lifecycle == name).expect("it has a lifecycle");
        one.proven.into_iter().map(|proof| (proof.edge.label, proof.exchanges)).collect()
    }
}

fn family(run: &str) -> &'static str {
    match run.split('-').next() {
        Some("crawl") => "/v2/crawl",
        Some("extract") => "/v2/extract",
        _ => "/v2/agentic-search",
    }
}

#[track_caller]
fn lawful(script: &Script) {
    assert_eq!(account(&script.history).breaches, []);
}

#[track_caller]
fn broken(script: &Script, reason: &'static str, exchange: u64) {
    assert_eq!(script.faults(), [(reason, exchange)]);
}

#[test]
fn what_happens_between_two_looks_needs_no_witness() {
    lawful(&Script::new().created(CRAWL).read(CRAWL, "completed").read(CRAWL, "completed"));
    lawful(&Script::new().created(EXTRACT).read(EXTRACT, "failed"));
}

#[test]
fn going_back_has_a_name_and_is_told_once() {
    broken(&Script::new().created(CRAWL).read(CRAWL, "running").read(CRAWL, "pending"), "went-back", 3);
    let revived = Script::new().created(CRAWL).read(CRAWL, "completed").read(CRAWL, "running");
    broken(&revived.read(CRAWL, "running").read(CRAWL, "completed"), "revived", 3);
    broken(&Script::new().created(CRAWL).read(CRAWL, "failed").read(CRAWL, "completed"), "changed-end", 3);
}

#[test]
fn a_breach_says_what_was_possible_and_which_edge_would_have_been_needed() {
    let script = Script::new().created(CRAWL).read(CRAWL, "running").read(CRAWL, "pending");
    let breach = &account(&script.history).breaches[0];
    assert_eq!(breach.expected, "running or completed or failed");
    let edges = "running -> pending or completed -> pending or failed -> pending";
    assert_eq!(breach.observed, format!("pending, which needs {edges}"));
    assert_eq!(breach.exchanges, [2, 3]);
    let early = Script::new().created(CRAWL).waits().read(EXTRACT, "running").read(CRAWL, "running");
    let breach = &account(&early.history).breaches[0];
    let edge = "pending -> running (dependency-completed, of a run that waits) before its condition held";
    assert!(breach.observed.contains(edge), "{}", breach.observed);
}

#[test]
fn a_cancel_races_with_the_end_and_either_may_win() {
    for (status, end) in [(200, "failed"), (400, "completed"), (409, "failed")] {
        let race = || Script::new().created(CRAWL).read(CRAWL, "running").during(50, 60);
        lawful(&race().read(CRAWL, "running").during(51, 59).cancel(CRAWL, status).read(CRAWL, end));
        lawful(&race().cancel(CRAWL, status).during(50, 60).read(CRAWL, end).read(CRAWL, end));
    }
    let third =
        Script::new().created(CRAWL).during(50, 60).cancel(CRAWL, 200).during(50, 60).read(CRAWL, "running");
    broken(&third.read(CRAWL, "completed"), "control-ignored", 4);
}

#[test]
fn an_accepted_cancel_needs_a_state_it_works_in() {
    let over = Script::new().created(CRAWL).read(CRAWL, "completed").cancel(CRAWL, 200);
    broken(&over.read(CRAWL, "completed"), "impossible-control", 3);
    let ignored = || Script::new().created(CRAWL).read(CRAWL, "running").cancel(CRAWL, 200);
    broken(&ignored().read(CRAWL, "running"), "control-ignored", 4);
    broken(&ignored().read(CRAWL, "completed"), "control-ignored", 4);
    lawful(&ignored().read(CRAWL, "failed").cancel(CRAWL, 200).read(CRAWL, "failed"));
    lawful(&ignored().read(CRAWL, "failed").cancel(CRAWL, 409).read(CRAWL, "failed"));
}

#[test]
fn a_refused_cancel_needs_a_state_that_refuses_it() {
    let script = Script::new().created(CRAWL).read(CRAWL, "running").cancel(CRAWL, 400);
    broken(&script.read(CRAWL, "running"), "refused-control", 4);
    lawful(&Script::new().created(CRAWL).read(CRAWL, "running").cancel(CRAWL, 400).read(CRAWL, "completed"));
    for status in [401, 404, 429] {
        lawful(
            &Script::new().created(CRAWL).read(CRAWL, "running").cancel(CRAWL, status).read(CRAWL, "running"),
        );
    }
}

#[test]
fn a_cancel_without_an_answer_may_have_worked_or_not() {
    let lost = || Script::new().created(CRAWL).read(CRAWL, "running").cancel_lost(CRAWL);
    for state in ["running", "failed", "completed"] {
        lawful(&lost().read(CRAWL, state));
    }
    // If it worked, a second one may be answered as the first.
    lawful(&lost().read(CRAWL, "failed").cancel(CRAWL, 200));
    broken(&lost().read(CRAWL, "completed").cancel(CRAWL, 200), "impossible-control", 5);
    let error = Script::new().created(CRAWL).read(CRAWL, "running").cancel(CRAWL, 500);
    lawful(&error.read(CRAWL, "running").read(CRAWL, "failed"));
}

#[test]
fn a_create_without_an_answer_may_have_made_the_run_that_a_later_one_returns() {
    let lost = || Script::new().send("POST", "/v2/crawl", "{}", None);
    lawful(&lost().list("/v2/crawl", &[(CRAWL, "processing")]).created(CRAWL).read(CRAWL, "running"));
    let returned = lost().read(CRAWL, "running").created(CRAWL).read(CRAWL, "pending");
    broken(&returned, "went-back", 4);
    // Nobody can say whether it began with this create.
    assert_eq!(lost().created(CRAWL).proven("crawl"), []);
}

#[test]
fn a_run_that_only_a_list_shows_is_followed_too() {
    let script = Script::new().list("/v2/crawl", &[(CRAWL, "completed")]);
    broken(&script.list("/v2/crawl", &[(CRAWL, "processing")]), "revived", 2);
    let script = Script::new().created(EXTRACT).list("/v2/extract", &[(EXTRACT, "running")]);
    broken(&script.read(EXTRACT, "pending"), "went-back", 3);
}

#[test]
fn a_complete_filtered_list_without_a_run_says_which_states_it_is_not_in() {
    let filtered = "/v2/crawl?status=processing&page_size=100";
    broken(&Script::new().created(CRAWL).list(filtered, &[]).read(CRAWL, "running"), "missing-from-list", 3);
    lawful(&Script::new().created(CRAWL).list(filtered, &[]).read(CRAWL, "completed"));
    let done = Script::new().created(CRAWL).read(CRAWL, "completed");
    broken(&done.list("/v2/crawl?status=completed&page_size=100", &[]), "missing-from-list", 3);
    // Cut off, or of a size nobody asked for: it may be further down.
    let others =
        Script::new().created(CRAWL).list("/v2/crawl?status=processing&page_size=1", &[("x", "processing")]);
    lawful(&others.list("/v2/crawl?status=processing", &[]).read(CRAWL, "running"));
}

#[test]
fn a_run_that_waits_starts_only_after_what_it_waits_for() {
    let waiting = || Script::new().created(CRAWL).read(CRAWL, "running").waits().read(EXTRACT, "pending");
    lawful(&waiting().read(EXTRACT, "running").read(CRAWL, "completed"));
    broken(&waiting().read(EXTRACT, "running").read(CRAWL, "running"), "started-early", 6);
    broken(&waiting().read(CRAWL, "failed").read(EXTRACT, "running"), "started-early", 6);
    lawful(&waiting().read(CRAWL, "failed").read(EXTRACT, "failed"));
    lawful(&waiting().read(CRAWL, "completed").read(EXTRACT, "pending").read(EXTRACT, "completed"));
    // The crawl's own fault is not held against the extract.
    broken(&waiting().read(CRAWL, "completed").read(EXTRACT, "running").read(CRAWL, "running"), "revived", 7);
}

const BLOCKED: &str = "The crawl this extraction was waiting for failed or was canceled";

#[test]
fn an_answer_that_tells_the_edge_is_held_against_it() {
    let waiting = || Script::new().created(CRAWL).waits();
    let blocked = waiting().read(CRAWL, "failed").read_with(EXTRACT, "failed", BLOCKED);
    lawful(&blocked);
    let edge = "pending -> failed (dependency-failed, of a run that waits)";
    assert_eq!(blocked.proven("extract"), [(edge.to_owned(), vec![2, 4])]);
    broken(&waiting().read(CRAWL, "completed").read_with(EXTRACT, "failed", BLOCKED), "wrong-cause", 4);
    let alone = Script::new().created(EXTRACT).read_with(EXTRACT, "failed", BLOCKED);
    broken(&alone.read_with(EXTRACT, "failed", BLOCKED), "wrong-cause", 2);
}

#[test]
fn either_reading_of_a_disputed_edge_is_right_and_the_one_seen_is_told() {
    let readings = |script: &Script| -> Vec<usize> {
        lawful(script);
        coverage(&script.history).into_iter().flat_map(|it| it.readings).map(|it| it.reading).collect()
    };
    let pending = || Script::new().created(SEARCH).read(SEARCH, "pending");
    assert_eq!(readings(&pending().cancel(SEARCH, 400).read(SEARCH, "pending")), [1]);
    // It may have begun to run just before.
    assert_eq!(readings(&pending().cancel(SEARCH, 200).read(SEARCH, "failed")), [0; 0]);
    let overlap = pending().during(50, 60).cancel(SEARCH, 200).during(55, 70).read(SEARCH, "pending");
    assert_eq!(readings(&overlap.read(SEARCH, "failed")), [0; 0]);
    broken(&Script::new().created(CRAWL).cancel(CRAWL, 200).read(CRAWL, "pending"), "control-ignored", 3);
}

#[test]
fn an_edge_is_proven_only_where_nothing_else_explains_the_record() {
    let script = Script::new().created(CRAWL).read(CRAWL, "running").read(CRAWL, "completed");
    let proven = [("pending -> running (time)", [1, 2]), ("running -> completed (time)", [2, 3])];
    assert_eq!(script.proven("crawl"), proven.map(|(edge, at)| (edge.to_owned(), at.to_vec())));
    let ambiguous =
        Script::new().created(CRAWL).read(CRAWL, "running").cancel_lost(CRAWL).read(CRAWL, "failed");
    assert_eq!(ambiguous.proven("crawl").len(), 1);
    let canceled =
        Script::new().created(CRAWL).read(CRAWL, "running").cancel(CRAWL, 200).read(CRAWL, "failed");
    assert_eq!(canceled.proven("crawl")[1], ("running -> failed (cancel)".to_owned(), vec![2, 3]));
    // A create may return a run that is older than the record.
    assert_eq!(Script::new().create(CRAWL, &json!({}), "running").read(CRAWL, "running").proven("crawl"), []);
    // After a fault nothing is certain.
    let faulty = Script::new().created(CRAWL).read(CRAWL, "completed").read(CRAWL, "running");
    assert_eq!(faulty.read(CRAWL, "failed").proven("crawl").len(), 2);
}

#[test]
fn of_more_exchanges_at_once_than_can_be_ordered_only_their_effects_are_kept() {
    let mut script = Script::new().created(CRAWL).read(CRAWL, "running");
    for _ in 0..=OVERLAPPING_MAX {
        script = script.during(100, 200).read(CRAWL, "pending");
    }
    lawful(&script);
    script = script.during(100, 200).cancel(CRAWL, 200).during(300, 301).read(CRAWL, "failed");
    lawful(&script);
    broken(&script.read(CRAWL, "running"), "revived", OVERLAPPING_MAX as u64 + 6);
}

#[test]
fn a_word_that_is_no_state_says_nothing() {
    lawful(
        &Script::new()
            .created(CRAWL)
            .read(CRAWL, "completed")
            .read(CRAWL, "working")
            .read(CRAWL, "completed"),
    );
}
