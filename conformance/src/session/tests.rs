use std::sync::Mutex;

use bytes::Bytes;
use http::{Request, Response};

use super::*;
use crate::transport::in_process::InProcess;

/// A control plane that welcomes any key (or has `accounts`), and writes down what it was asked.
async fn plane(accounts: u64) -> (ControlPlane, Health, std::sync::Arc<Mutex<Vec<String>>>) {
    let asked = std::sync::Arc::new(Mutex::new(Vec::new()));
    let log = std::sync::Arc::clone(&asked);
    let serve = move |request: Request<Bytes>| {
        let body = String::from_utf8_lossy(request.body()).into_owned();
        log.lock().expect("one thread").push(format!("{} {} {body}", request.method(), request.uri()));
        let health =
            format!(r#"{{"name":"rehearsal","version":"1","seed":7,"accounts":{accounts},"worlds":0}}"#);
        let status = if request.method() == http::Method::DELETE { 204 } else { 200 };
        let answer = Response::builder().status(status).body(Bytes::from(health));
        async move { answer.expect("a good answer") }
    };
    let transport = std::sync::Arc::new(InProcess::new(serve));
    let (control, health) = ControlPlane::discover(transport).await.expect("it answers").expect("it is one");
    asked.lock().expect("one thread").clear();
    (control, health, asked)
}

/// Whether a session waits for its pace while virtual time passes.
async fn waits(control: Option<(ControlPlane, Health)>, wishes: Wishes) -> bool {
    let (session, _) =
        Session::new("catalog", control, &Wishes { pace: Some(Duration::from_secs(7)), ..wishes });
    let passing = session.pass(Duration::from_secs(1));
    match tokio::time::timeout(Duration::from_secs(6), passing).await {
        Ok(passed) => passed.is_err(),
        Err(_) => true,
    }
}

#[tokio::test(start_paused = true)]
async fn the_pace_is_kept_wherever_a_clock_cannot_be_moved() {
    let (given, other) = (Some("given-by-user".to_owned()), Some("given-by-another".to_owned()));
    assert!(waits(None, Wishes::default()).await);
    for (key, other_key, move_clock, expected) in [
        (None, None, false, false),
        (given.clone(), None, true, false),
        // The world of a second key is made and moved, but runs of the first have to be waited for.
        (given.clone(), None, false, true),
        (given, other, false, true),
    ] {
        let (control, health, _) = plane(0).await;
        let wishes = Wishes { key, other_key, move_clock, ..Wishes::default() };
        let what = format!("{wishes:?}");
        assert_eq!(waits(Some((control, health)), wishes).await, expected, "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn worlds_that_were_made_are_forgotten_and_a_given_one_is_not_touched() {
    let (control, health, asked) = plane(0).await;
    let wishes = Wishes { key: Some("given-by-user".into()), ..Wishes::default() };
    let (mut session, keys) = Session::new("catalog", Some((control, health)), &wishes);
    session.open().await.expect("it opens");
    session.pass(Duration::from_secs(1)).await.expect("time passes");
    assert!(session.close().await.is_empty());

    let asked = asked.lock().expect("one thread");
    assert_eq!(keys.a, "given-by-user");
    assert!(asked.iter().all(|line| !line.contains("given-by-user")), "{asked:?}");
    let other = keys.b.expect("any key is welcome");
    assert!(asked.contains(&format!("DELETE /_rehearsal/worlds/{other} ")), "{asked:?}");
}

#[tokio::test]
async fn a_given_world_moves_only_when_allowed() {
    let (control, health, asked) = plane(0).await;
    let wishes = Wishes { key: Some("given-by-user".into()), move_clock: true, ..Wishes::default() };
    let (mut session, _) = Session::new("catalog", Some((control, health)), &wishes);
    session.pass(Duration::from_secs(1)).await.expect("time passes");
    session.close().await;

    let asked = asked.lock().expect("one thread");
    assert!(asked.contains(&r#"PATCH /_rehearsal/clock?key=given-by-user {"advance":"1000ms"}"#.to_owned()));
    assert!(asked.iter().all(|line| !line.starts_with("DELETE /_rehearsal/worlds/given")), "{asked:?}");
}

#[tokio::test]
async fn no_second_key_is_made_up_where_keys_are_declared() {
    let (control, health, _) = plane(2).await;
    let wishes = Wishes { key: Some("declared".into()), ..Wishes::default() };
    let (_, keys) = Session::new("catalog", Some((control, health)), &wishes);
    assert_eq!(keys.b, None);
}

#[test]
fn the_refused_key_begins_as_every_server_of_ours_refuses_it() {
    let (_, keys) = Session::new("catalog", None, &Wishes::default());
    assert!(keys.refused.starts_with("invalid-"));
}

#[tokio::test]
async fn only_a_world_of_its_own_is_brought_to_its_limits() {
    let (control, health, asked) = plane(0).await;
    let (session, keys) = Session::new("catalog", Some((control, health)), &Wishes::default());
    let own = keys.c.expect("any key is welcome");
    let settings = serde_json::json!({"credits": 5});
    assert_eq!(session.grant(&own, &settings).await, Ok(true));
    assert_eq!(session.grant("somebody", &settings).await, Ok(false));
    let line = format!(r#"PATCH /_rehearsal/account?key={own} {{"apis":{{"catalog":{{"credits":5}}}}}}"#);
    assert_eq!(*asked.lock().expect("one thread"), [line]);

    let (control, health, _) = plane(0).await;
    let wishes = Wishes { key: Some("given-by-user".into()), ..Wishes::default() };
    assert_eq!(Session::new("catalog", Some((control, health)), &wishes).1.c, None);
    assert_eq!(Session::new("catalog", None, &Wishes::default()).1.c, None, "nobody could set its credits");
}

#[tokio::test]
async fn a_token_is_shown_to_a_control_plane_that_was_found_and_stands_in_no_record() {
    let shown = std::sync::Arc::new(Mutex::new(Vec::new()));
    let log = std::sync::Arc::clone(&shown);
    let serve = move |request: Request<Bytes>| {
        let token = request.headers().get("x-rehearsal-token").map(|token| token.as_bytes().to_vec());
        log.lock().expect("one thread").push((request.uri().path().to_owned(), token));
        async { Response::new(Bytes::from_static(br#"{"name":"rehearsal"}"#)) }
    };
    let transport = std::sync::Arc::new(InProcess::new(serve));
    let (control, _) = ControlPlane::discover(transport).await.expect("it answers").expect("it is one");
    let control = control.showing(http::HeaderValue::from_static("hush-hush"));
    control.stop_clock("a").await.expect("it is let in");
    let ask = control.ask_account("a");
    assert!(!format!("{control:?} {ask:?}").contains("hush"), "{ask:?}");
    let token = Some(b"hush-hush".to_vec());
    let expected = [("/_rehearsal/health".to_owned(), None), ("/_rehearsal/clock".to_owned(), token)];
    assert_eq!(*shown.lock().expect("one thread"), expected);
}

/// A control plane that is there, and answers whatever else it is asked with this status.
async fn answering(status: u16) -> (ControlPlane, Health) {
    let serve = move |request: Request<Bytes>| {
        let is_health = request.uri().path() == "/_rehearsal/health";
        let answer = Response::builder().status(if is_health { 200 } else { status });
        let body = if is_health { r#"{"name":"rehearsal"}"# } else { r#"{"error":"no"}"# };
        async move { answer.body(Bytes::from_static(body.as_bytes())).expect("a good answer") }
    };
    let found = ControlPlane::discover(std::sync::Arc::new(InProcess::new(serve))).await;
    found.expect("it answers").expect("it is one")
}

#[tokio::test]
async fn an_account_that_cannot_be_changed_is_an_error_that_tells_what_was_asked_and_answered() {
    let (session, keys) = Session::new("catalog", Some(answering(400).await), &Wishes::default());
    let key = keys.c.expect("any key is welcome");
    let stop = session.grant(&key, &serde_json::json!({"credits": 5})).await.expect_err("it is refused");
    let expected = r#"PATCH /_rehearsal/account {"apis":{"catalog":{"credits":5}}} answered 400 Bad Request: {"error":"no"}"#;
    assert_eq!(stop, Stop::Control(expected.to_owned()));
}

#[tokio::test]
async fn a_run_that_is_over_need_not_fail_and_one_that_is_unknown_is_an_error() {
    for (status, good) in [(200, true), (409, true), (404, false)] {
        let (session, _) = Session::new("extralt", Some(answering(status).await), &Wishes::default());
        assert_eq!(session.fail("a", "run-1").await.is_ok(), good, "{status}");
    }
}
