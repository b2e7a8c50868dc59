//! A run that is interrupted while a create is under way forgets nothing of it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use conformance::profile;
use conformance::report::Report;
use conformance::run::{Options, Ways, run_over};
use conformance::target::Target;
use conformance::transport::in_process::InProcess;
use http::{Method, Request, Response};
use tokio::sync::watch;

const CREATED: &str = r#"{"execution_id":"crawl-example-com-1a2b3c4d","status":"pending"}"#;

/// Interrupts a check when it asks for its first run, which a foreign server answers only so much later. Also what was
/// sent from then on.
async fn interrupted(late: Duration) -> (Report, Vec<String>) {
    let (wish, mut asked) = watch::channel(false);
    let sent = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&sent);
    let serve = move |request: Request<Bytes>| {
        let is_create = request.method() == Method::POST;
        let mut log = log.lock().expect("nobody panics in here");
        if is_create || !log.is_empty() {
            log.push(format!("{} {}", request.method(), request.uri()));
        }
        let wish = wish.clone();
        async move {
            let body = match is_create {
                true => {
                    wish.send_replace(true);
                    tokio::time::sleep(late).await;
                    CREATED
                }
                false => r#"{"status":"failed","data":[]}"#,
            };
            let answer = Response::builder().status(if is_create { 202 } else { 200 });
            answer.body(Bytes::from_static(body.as_bytes())).expect("it is an answer")
        }
    };
    let target = Target::parse(&format!("http://{}", SocketAddr::from(([127, 0, 0, 1], 1))));
    let options = Options::new(target.expect("an address"), profile::find("catalog").expect("it is known"));
    let ways = Ways { target: Arc::new(InProcess::new(serve)), control: Vec::new() };
    let interrupt = async move {
        if asked.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let report = run_over(&options, ways, interrupt).await.expect("it reports");
    let sent = sent.lock().expect("nobody panics").clone();
    (report, sent)
}

#[tokio::test(start_paused = true)]
async fn what_a_create_began_is_taken_back_once_its_answer_is_there() {
    let (report, sent) = interrupted(Duration::from_secs(3)).await;
    assert_eq!(sent, ["POST /v2/crawl", "DELETE /v2/crawl/crawl-example-com-1a2b3c4d"]);
    assert!(report.left_behind.is_empty(), "{:?}", report.left_behind);
    assert!(report.transcript().contains("1a2b3c4d"), "both are recorded");
}

#[tokio::test(start_paused = true)]
async fn a_create_whose_answer_does_not_come_is_named() {
    let (report, sent) = interrupted(Duration::from_secs(3_600)).await;
    assert_eq!(sent, ["POST /v2/crawl"]);
    assert_eq!(report.left_behind, ["crawl, perhaps: POST /v2/crawl got no answer"]);
}
