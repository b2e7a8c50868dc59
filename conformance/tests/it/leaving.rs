//! However a run ends, the worlds it made are forgotten.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use conformance::profile;
use conformance::report::Report;
use conformance::run::{Options, RunError, Ways, run_over};
use conformance::target::Target;
use conformance::transport::Transport;
use conformance::transport::in_process::InProcess;
use http::{Method, Request, Response};

/// The worlds a server holds, by key.
type Worlds = Arc<Mutex<Vec<String>>>;

fn options() -> Options {
    Options {
        timeout: Duration::from_secs(20),
        ..Options::new(
            Target::parse(&format!("http://{}", SocketAddr::from(([127, 0, 0, 1], 1)))).expect("an address"),
            profile::find("catalog").expect("catalog is known"),
        )
    }
}

/// A control plane that keeps a list of worlds; whether it lets go of them is up to `forgets`.
fn control(worlds: &Worlds, forgets: bool) -> Arc<dyn Transport> {
    let worlds = Arc::clone(worlds);
    Arc::new(InProcess::new(move |request: Request<Bytes>| {
        let mut worlds = worlds.lock().expect("nobody panics in here");
        let mut status = 200;
        if let Some(key) = request.uri().path().strip_prefix("/_rehearsal/worlds/") {
            assert_eq!(request.method(), Method::DELETE);
            status = if forgets { 204 } else { 500 };
            worlds.retain(|world| !forgets || world != key);
        } else if let Some(key) = request.uri().query().and_then(|query| query.strip_prefix("key="))
            && !worlds.iter().any(|world| world == key)
        {
            worlds.push(key.to_owned());
        }
        let health = r#"{"name":"rehearsal","version":"1","seed":7,"accounts":0}"#;
        let answer = Response::builder().status(status).body(Bytes::from(health));
        async move { answer.expect("it is an answer") }
    }))
}

/// Judges an API that gives the same answer to everything, with `before` run on each request's number.
async fn judged(
    worlds: &Worlds,
    forgets: bool,
    before: impl Fn(usize) + Send + Sync + 'static,
    interrupt: impl Future<Output = ()>,
) -> Result<Report, RunError> {
    let served = AtomicUsize::new(0);
    let serve = move |_| {
        before(served.fetch_add(1, Ordering::Relaxed));
        async {
            // Without a pause the run would be over before anything else got a turn.
            tokio::task::yield_now().await;
            Response::new(Bytes::from_static(b"{}"))
        }
    };
    let ways = Ways { target: Arc::new(InProcess::new(serve)), control: vec![control(worlds, forgets)] };
    run_over(&options(), ways, interrupt).await
}

#[tokio::test]
async fn a_run_to_the_end_leaves_no_world() {
    let worlds = Worlds::default();
    let report = judged(&worlds, true, |_| {}, std::future::pending()).await.expect("it reports");
    assert!(report.left_behind.is_empty());
    assert!(report.clock_moved);
    assert!(worlds.lock().expect("nobody panics").is_empty());
}

#[tokio::test]
async fn an_interrupted_run_leaves_no_world_and_says_what_it_saw() {
    let worlds = Worlds::default();
    let (wish, granted) = tokio::sync::watch::channel(false);
    let stop_at_ten = move |number| {
        if number == 10 {
            wish.send_replace(true);
        }
    };
    let interrupt = async move {
        let mut granted = granted;
        if granted.wait_for(|wish| *wish).await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let report = judged(&worlds, true, stop_at_ten, interrupt).await.expect("it reports");
    assert!(report.notes.iter().any(|note| note.starts_with("interrupted")), "{:?}", report.notes);
    assert_ne!(report.exit_code, 0);
    assert!(worlds.lock().expect("nobody panics").is_empty());
}

#[tokio::test]
async fn a_harness_that_breaks_leaves_no_world_and_ends_with_four() {
    let worlds = Worlds::default();
    let break_at_ten = |number| assert!(number != 10, "broken on purpose");
    let error = judged(&worlds, true, break_at_ten, std::future::pending()).await.expect_err("it broke");
    assert_eq!(error.exit_code().code(), 4);
    assert!(worlds.lock().expect("nobody panics").is_empty());
}

#[tokio::test]
async fn worlds_that_stay_are_named() {
    let worlds = Worlds::default();
    let report = judged(&worlds, false, |_| {}, std::future::pending()).await.expect("it reports");
    let named = |key: &String| report.left_behind.iter().any(|left| left.contains(key.as_str()));
    assert!(worlds.lock().expect("nobody panics").iter().all(named), "{:?}", report.left_behind);
    assert_eq!(report.left_behind.len(), 3);
    // The server does not conform either, and that weighs more.
    assert_eq!(report.exit_code, 1);
}
