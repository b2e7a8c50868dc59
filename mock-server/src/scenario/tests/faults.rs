//! What good faults mean.

use std::time::Duration;

use fixtures::contract::Contract;
use http::StatusCode;
use serde_json::json;

use super::accepted::{EVERYTHING, good};
use crate::scenario::amount::Percent;
use crate::scenario::duration::DurationRange;
use crate::scenario::fault::edit::Edit;
use crate::scenario::fault::when::{Chance, Per, Pick, When, Window};
use crate::scenario::fault::{
    Answer, Drift, Effect, Fault, NamedError, Payload, Phase, Respond, RetryAfter, RetryAfterForm,
    StateEffect,
};
use crate::scenario::kind::{Api, RunKind};
use crate::scenario::matcher::{Expected, Glob, RequestCondition};
use crate::scenario::request::{About, AboutMatcher, RequestMatcher, RequestSubject};
use crate::scenario::{parse_fault, parse_request_matcher};

fn named(id: &str) -> Fault {
    let faults = good(EVERYTHING).faults;
    let fault = faults.iter().find(|fault| *fault.id == *id);
    Fault::clone(fault.unwrap_or_else(|| panic!("there is no fault {id}")))
}

#[test]
fn every_condition_is_read_to_its_place() {
    let host = Some(Glob::ignoring_case("*.Example.com"));
    let about = AboutMatcher {
        id: None,
        kind: Some(RunKind::Search),
        host,
        query: Some(Glob::new("red*")),
        robot: None,
        agent: None,
        file_name: None,
    };
    let condition =
        RequestCondition { place: "url".to_owned(), expected: Expected::Text(Glob::new("https://*")) };
    let expected = RequestMatcher {
        api: Some(Api::Catalog),
        version: Some("v2".to_owned()),
        operation: Some(Glob::new("catalog.agentic-search.*")),
        run: Some(AboutMatcher { id: Some(Glob::new("search-*")), ..about.clone() }),
        about,
        headers: vec![("user-agent".to_owned(), Glob::ignoring_case("*python*"))],
        account: Some(Glob::new("test-start")),
        request: vec![condition],
    };
    assert_eq!(named("slow-down").matcher, expected);
    let with = |agent: &str, file_name: &str| AboutMatcher {
        agent: Some(Glob::new(agent)),
        file_name: Some(Glob::new(file_name)),
        ..AboutMatcher::default()
    };
    let expected = RequestMatcher {
        about: with("inv*", "*.pdf"),
        run: Some(with("*7", "a*")),
        ..RequestMatcher::default()
    };
    assert_eq!(named("filed").matcher, expected);
    // No request is about a query and a robot.
    let with = |robot: &str| AboutMatcher { robot: Some(Glob::new(robot)), ..AboutMatcher::default() };
    let expected = RequestMatcher { about: with("jd7*"), run: Some(with("*x")), ..RequestMatcher::default() };
    assert_eq!(named("named").matcher, expected);
}

#[test]
fn a_robot_is_known_by_its_id_and_its_name() {
    let contract = Contract::all().first().expect("there is one");
    let about = About { robot: vec!["jd7a".into(), "Red robot".into()], ..About::default() };
    let meets = |text: &str, about: &About| {
        let matcher = parse_request_matcher("match", text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        assert!(matcher.asks_about());
        matcher.matches(&RequestSubject {
            contract,
            operation: None,
            about,
            headers: &[],
            account: "test",
            body: None,
        })
    };
    for (text, met) in [("robot: jd7*", true), ("robot: '* robot'", true), ("robot: blue*", false)] {
        assert_eq!(meets(text, &about), met, "{text}");
        assert!(!meets(text, &About::default()), "{text}");
    }
    assert!(!meets("run: { robot: jd7* }", &about), "no run is named");
    assert!(meets("run: { robot: jd7* }", &About { run: Some("kh7".into()), ..about }));
}

#[test]
fn every_way_to_pick_is_read() {
    let seconds = Duration::from_secs;
    let window = Window { from: seconds(10), lasts: Some(seconds(60)), every: Some(seconds(600)) };
    assert_eq!(named("slow-down").when, When { window: Some(window), pick: Pick::Nth(3), per: Per::Run });
    let pick = |id: &str| named(id).when.pick;
    assert_eq!(named("lost").when, When { window: None, pick: Pick::First(2), per: Per::Request });
    assert_eq!(pick("named"), Pick::Every(5));
    let chance = Chance::new(Percent { parts_per_million: 200_000 }, Some(2)).expect("it can be reached");
    assert_eq!(pick("garbled"), Pick::Probability(chance));
    assert_eq!(pick("legal"), Pick::Exactly { count: 3, of: 10 });
    assert_eq!(named("stale").when, When::default());
}

#[test]
fn every_effect_is_read_and_acts_where_it_can() {
    let effect = |id: &str| {
        let fault = named(id);
        (fault.phase, fault.effect)
    };
    let range = DurationRange::Uniform { min: Duration::from_secs(1), max: Duration::from_secs(3) };
    assert_eq!(effect("slow-down"), (Phase::Before, Effect::Delay(range)));
    let lost = Respond {
        answer: Answer::Body(StatusCode::SERVICE_UNAVAILABLE, json!({ "error": { "code": 7 } })),
        retry_after: Some(RetryAfter { wait: Duration::from_secs(4), form: RetryAfterForm::HttpDate }),
        headers: vec![
            (http::header::SERVER, Some("nginx".parse().expect("it is a value"))),
            ("request-id".parse().expect("it is a name"), None),
        ],
    };
    assert_eq!(effect("lost"), (Phase::After, Effect::Respond(lost)));
    let limited =
        Respond { answer: Answer::Named(NamedError::RateLimited), retry_after: None, headers: Vec::new() };
    assert_eq!(effect("named"), (Phase::Before, Effect::Respond(limited)));
    assert_eq!(effect("garbled"), (Phase::After, Effect::Payload(Payload::MalformedJson)));
    assert_eq!(effect("legal"), (Phase::After, Effect::Drift(Drift::RandomLegal)));
    let at = str::to_owned;
    let edits = vec![
        Edit::Remove(at("/meta/progress")),
        Edit::Set(at("/status"), json!("archived")),
        Edit::Null(at("/error")),
        Edit::Retype(at("/meta/duration_ms")),
        Edit::Rename(at("/status"), at("state")),
        Edit::Add(at("/new_field"), json!({ "a": [1] })),
        Edit::Reverse(at("/data")),
    ];
    assert_eq!(effect("edited"), (Phase::After, Effect::Drift(Drift::Edits(edits))));
    let stale = StateEffect::StaleRead(Duration::from_secs(5));
    assert_eq!(effect("stale"), (Phase::Before, Effect::State(stale)));
    let hidden = StateEffect::HiddenAfterCreate(Duration::from_secs(3));
    assert_eq!(effect("hidden"), (Phase::Before, Effect::State(hidden)));
}

#[test]
fn a_fault_without_an_id_is_called_by_its_place() {
    assert_eq!(named("fault-10").effect, Effect::State(StateEffect::DuplicateListItem));
    let faults = good("faults: [{ id: fault-2, delay: 1s }, { delay: 2s }, { delay: 3s }]").faults;
    let ids: Vec<&str> = faults.iter().map(|fault| &*fault.id).collect();
    assert_eq!(ids, ["fault-2", "fault-3", "fault-4"], "a name that is taken is passed over");
}

#[test]
fn a_fault_remembers_how_it_was_written() {
    assert_eq!(
        named("legal").written,
        json!({ "id": "legal", "when": { "exactly": 3, "of": 10 }, "drift": "random-legal" })
    );
}

#[test]
fn null_may_be_written_as_people_write_it() {
    let fault =
        parse_fault("fault", "drift: [{ null: /error }]").unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert_eq!(fault.effect, Effect::Drift(Drift::Edits(vec![Edit::Null("/error".to_owned())])));
}

#[test]
fn a_fault_or_a_match_can_stand_alone() {
    let fault = parse_fault("fault", r#"{"match": {"operation": "catalog.*.get"}, "payload": "empty"}"#);
    assert_eq!(fault.map(|fault| fault.effect), Ok(Effect::Payload(Payload::Empty)));
    let matcher = parse_request_matcher("match", r#"{"kind": "crawl"}"#);
    assert_eq!(matcher.map(|matcher| matcher.about.kind), Ok(Some(RunKind::Crawl)));
    let mistakes =
        parse_fault("fault", r#"{"payload": "emty", "whn": {}}"#).expect_err("it has two mistakes");
    assert_eq!(mistakes.count(), 2, "{mistakes}");
    assert!(parse_fault("fault", "").is_err());
}
