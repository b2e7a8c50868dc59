use std::sync::Arc;

use fixtures::contract::Contract;

use super::*;
use crate::run::Ways;
use crate::score::hopeless;
use crate::score::stand::Stand;

#[derive(Debug)]
struct Nothing;

impl Stand for Nothing {
    fn start(&self, _: u64, _: &[String], _: Option<&str>) -> Result<Ways, String> {
        Err("nothing is started".into())
    }
}

fn score_of_no_broken_server(alarms: Vec<ControlAlarm>) -> Score {
    let contract = Contract::find("catalog", "v2").expect("it is known");
    let profile = crate::profile::of(contract).expect("it is known");
    let bench = Bench { stand: Arc::new(Nothing), profile, contract };
    let hopeless = if alarms.is_empty() { hopeless::ALL } else { &[] };
    let hopeless = hopeless.iter().map(|it| it.broke(String::new())).collect();
    let tried = Tried { hopeless, ..Tried::default() };
    Score::new(&bench, &Entries::default(), tried, Control { first_seed: 1, runs: 1, alarms }, 0)
}

#[test]
fn checks_that_no_server_was_broken_for_are_not_proven() {
    let score = score_of_no_broken_server(Vec::new());
    for proof in &score.checks {
        let problem = format!("{} kills nothing", proof.check);
        assert!(score.problems.contains(&problem), "{problem} is not in {:#?}", score.problems);
    }
    assert!(terminal::render(&score, false).contains("nobody wrote down why"));
}

#[test]
fn after_an_alarm_of_the_good_server_nothing_else_is_said() {
    let alarm = ControlAlarm { seed: 1, alarms: Vec::new(), wrong: Some("it is unwell".into()) };
    let score = score_of_no_broken_server(vec![alarm]);
    assert_eq!(score.problems, ["the good server alarms under seed 1"]);
}
