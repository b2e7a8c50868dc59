//! The log of a world whose time passes by itself.

use std::sync::Arc;
use std::time::Duration;

use super::scenarios::{MOVING, scenario};
use super::stand::{Stand, origin, real};
use crate::clock::{MANUAL_START, Mode, RealTime};
use crate::scenario::Scenario;
use crate::world::log::Command;
use crate::world::origin::Origin;
use crate::world::state::WorldState;

#[test]
fn a_folded_world_stands_no_earlier_than_its_log() {
    for mode in [Mode::Real, Mode::Scaled(60.0)] {
        let origin = Origin { mode, ..origin(Arc::new(Scenario::default()), None, true) };
        let mut world = WorldState::new(origin.clone(), real());
        let later = RealTime::from_elapsed(Duration::from_secs(60));
        let now = world.now(later);
        assert_ne!(now, MANUAL_START);
        for command in [Command::Scenario(Arc::new(Scenario::default())), Command::ClockMode(Mode::Manual)] {
            world.apply(command, now, later).unwrap();
        }
        let mut folded = WorldState::fold(origin, world.log(), real()).unwrap();
        assert_eq!(folded.now(real()), world.now(later), "{mode:?}");
    }
}

#[test]
fn a_folded_world_begins_again_as_the_world_would() {
    let origin = origin(Arc::new(Scenario::default()), Some(5), true);
    let mut world = WorldState::new(origin.clone(), real());
    let other = Arc::new(Scenario { name: "other".to_owned(), ..Scenario::default() });
    let now = world.now(real());
    world.apply(Command::Scenario(Arc::clone(&other)), now, real()).unwrap();
    let folded = WorldState::fold(origin.clone(), world.log(), real()).unwrap();
    assert_eq!(folded.next_start(), world.next_start());
    assert_eq!(folded.next_start().0, &other);
    assert_eq!(folded.origin(), &origin, "the start that the log begins with stays as it was");
}

#[test]
fn requests_between_two_changes_are_one_entry_of_the_log() {
    let mut stand = Stand::new(origin(scenario(MOVING), None, true));
    for change in 1..=3 {
        for _ in 0..10 {
            stand.request_came();
        }
        assert_eq!(stand.now, MANUAL_START.after(Duration::from_millis(change * 25_000)));
        stand.apply(Command::ClockMode(Mode::Manual));
        assert_eq!(stand.world.log().len() as u64, 2 * change);
    }
    stand.request_came();
    let mut folded = stand.folded(origin(scenario(MOVING), None, true));
    assert_eq!(folded.now(real()), stand.now, "also what came after the last change");
}
