//! What the manual shows is what the language takes.

use crate::scenario::fault::{Effect, NamedError, Payload};
use crate::scenario::{Scenario, library, parse};

const MANUAL: &str = include_str!("../../../../scenarios/README.md");

fn examples() -> Vec<&'static str> {
    let blocks = MANUAL.split("```yaml\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap_or_default()).collect()
}

#[test]
fn every_example_is_a_good_scenario_that_does_something() {
    let examples = examples();
    assert!(examples.len() >= 6);
    for example in examples {
        let scenario = parse("README.md", example).unwrap_or_else(|mistakes| panic!("{mistakes}\n{example}"));
        assert_ne!(
            Scenario { name: String::new(), ..scenario },
            Scenario { name: String::new(), ..Scenario::default() }
        );
    }
}

#[test]
fn every_name_of_an_effect_stands_in_it() {
    let errors = NamedError::ALL.iter().map(|error| error.name());
    let payloads = Payload::ALL.iter().map(|payload| payload.name());
    for name in errors.chain(payloads) {
        assert!(MANUAL.contains(&format!("`{name}`")) || MANUAL.contains(name), "{name} is not in it");
    }
    let faults = examples().into_iter().filter_map(|example| parse("README.md", example).ok());
    let effects: Vec<&str> =
        faults.flat_map(|scenario| scenario.faults).map(|fault| Effect::name(&fault.effect)).collect();
    for effect in ["delay", "respond", "payload", "drift", "state", "limit"] {
        assert!(effects.contains(&effect), "no example has `{effect}`");
    }
}

/// One page: what does not fit on it belongs into the comments of a scenario.
#[test]
fn it_is_one_page() {
    assert!(MANUAL.lines().count() <= 170, "it has {} lines", MANUAL.lines().count());
    assert!(library::shipped().len() >= 8);
}
