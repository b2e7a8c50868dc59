//! Whoever comes back hears the rest, and everybody hears the same.

use http::{Method, StatusCode};
use proptest::prelude::*;
use serde_json::json;
use tokio::runtime::Builder;

use super::{begun, control, listen};
use crate::harness::{KEY, Stand};

/// Something that happens.
#[derive(Debug, Clone)]
enum Step {
    Crawl(u8),
    Search(u8),
    Poll,
    Advance(u16),
    Next,
    Operate(u8, &'static str),
    Cancel(u8),
    AddFault,
    ClearFaults,
    Scenario,
    Credits,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        any::<u8>().prop_map(Step::Crawl),
        any::<u8>().prop_map(Step::Search),
        Just(Step::Poll),
        (0_u16..60).prop_map(Step::Advance),
        Just(Step::Next),
        (any::<u8>(), prop::sample::select(vec!["complete", "fail", "stick", "unstick"]))
            .prop_map(|(run, control)| Step::Operate(run, control)),
        any::<u8>().prop_map(Step::Cancel),
        Just(Step::AddFault),
        Just(Step::ClearFaults),
        Just(Step::Scenario),
        Just(Step::Credits),
    ]
}

impl Step {
    async fn play(&self, stand: &Stand, runs: &mut Vec<String>) {
        let run = |place: &u8| {
            runs.get(usize::from(*place) % runs.len().max(1)).map_or("nothing", String::as_str).to_owned()
        };
        match self {
            Self::Crawl(host) => {
                create(stand, "/v2/crawl", json!({"url": format!("shop-{}.com", host % 4)}), runs).await;
            }
            Self::Search(query) => {
                create(stand, "/v2/agentic-search", json!({"query": format!("shoes {query}")}), runs).await;
            }
            Self::Poll => drop(stand.get("/v2/crawl").await),
            Self::Advance(seconds) => {
                control(stand, Method::PATCH, "/clock", json!({"advance": format!("{seconds}s")})).await;
            }
            Self::Next => drop(control(stand, Method::PATCH, "/clock", json!({"advance": "next"})).await),
            Self::Operate(place, action) => {
                let path = format!("/runs/{}/{action}", run(place));
                control(stand, Method::POST, &path, json!({})).await;
            }
            Self::Cancel(place) => {
                let target = format!("/v2/crawl/{}/cancel", run(place));
                let _ = stand.call(KEY, Method::POST, &target, None).await;
            }
            Self::AddFault => {
                let fault = json!({"when": {"first": 1}, "respond": {"error": "conflict"}});
                control(stand, Method::POST, "/faults", fault).await;
            }
            Self::ClearFaults => drop(control(stand, Method::DELETE, "/faults", json!({})).await),
            Self::Scenario => drop(control(stand, Method::PUT, "/scenario", json!({"version": 1})).await),
            Self::Credits => {
                let body = json!({"apis": {"catalog": {"credits": "unlimited"}}});
                control(stand, Method::PATCH, "/account", body).await;
            }
        }
    }
}

async fn create(stand: &Stand, target: &str, body: serde_json::Value, runs: &mut Vec<String>) {
    let answer = stand.post(target, body).await;
    if answer.status == StatusCode::ACCEPTED {
        runs.push(answer.json()["execution_id"].as_str().unwrap().to_owned());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn after_every_event_the_rest_is_told_again(steps in proptest::collection::vec(any_step(), 0..24)) {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let stand = begun().await;
            let mut live = listen(&stand, "&after=start", None).await;
            let (mut runs, mut told) = (Vec::new(), Vec::new());
            for (number, step) in steps.iter().enumerate() {
                step.play(&stand, &mut runs).await;
                // Sometimes it is there at once, sometimes it has to catch up.
                if number % 3 != 0 {
                    told.extend(live.heard());
                }
            }
            told.extend(live.heard());
            let mut late = listen(&stand, "&after=start", None).await;
            prop_assert_eq!(&late.heard(), &told, "two hear the same");
            for (place, event) in told.iter().enumerate() {
                let mut back = listen(&stand, "", Some(&event.id)).await;
                prop_assert_eq!(&back.heard(), &told[place + 1..], "after {}", &event.id);
            }
            Ok(())
        })?;
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_answered_late_is_told_when_it_was() {
    let stand = begun().await;
    let mut live = listen(&stand, "", None).await;
    control(
        &stand,
        Method::POST,
        "/faults",
        json!({"match": {"operation": "catalog.usage.get"}, "delay": "20s"}),
    )
    .await;
    let late = stand.get("/v2/usage");
    let meanwhile = async {
        tokio::task::yield_now().await;
        stand.advance("1s").await;
        let _ = stand.get("/v2/crawl").await;
        assert_eq!(
            super::short(&live.heard()),
            ["fault added added-1", "clock moved 2026-01-15T10:30:01.000000Z", "request 2"]
        );
    };
    let (_, ()) = tokio::join!(late, meanwhile);
    assert_eq!(super::short(&live.heard()), ["request 3"]);
    let mut again = listen(&stand, "&after=start", None).await;
    let told = super::short(&again.heard());
    assert_eq!(
        told[1..],
        ["fault added added-1", "clock moved 2026-01-15T10:30:01.000000Z", "request 2", "request 3"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_what_happens_at_once_everybody_hears_the_same_order() {
    let stand = begun().await;
    let mut live = listen(&stand, "&after=start", None).await;
    let mut told = Vec::new();
    let clients: Vec<_> = (0..4)
        .map(|client| {
            let stand = stand.clone();
            tokio::spawn(async move {
                let mut runs = Vec::new();
                for round in 0..40_u8 {
                    let step = [
                        Step::Search(client * 40 + round),
                        Step::Poll,
                        Step::Advance(3),
                        Step::Operate(round, "complete"),
                    ];
                    step[usize::from(round % 4)].play(&stand, &mut runs).await;
                }
            })
        })
        .collect();
    while !clients.iter().all(tokio::task::JoinHandle::is_finished) {
        told.extend(live.heard());
        tokio::task::yield_now().await;
    }
    told.extend(live.heard());
    assert!(told.len() > 4 * 40, "{}", told.len());
    let mut late = listen(&stand, "&after=start", None).await;
    assert_eq!(late.heard(), told);
}
