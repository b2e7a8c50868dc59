use std::time::Duration;

use super::*;
use crate::clock::{MANUAL_START, Mode};
use crate::scenario::parse;
use crate::seed::Seed;

const HOUR: Duration = Duration::from_secs(3_600);
const WALL: VirtualTime = MANUAL_START;

fn template(mode: Option<Mode>, yaml: &str) -> Template {
    let scenario = Arc::new(parse("test", yaml).unwrap());
    Template { seed: SeedChoice::Drawn(Seed(7)), mode, start: None, scenario }
}

fn registry(template: Template) -> Registry {
    Registry::new(template, 10)
}

fn hours(count: u32) -> VirtualTime {
    WALL.after(HOUR * count)
}

#[test]
fn a_start_moved_under_a_real_clock_goes_on_with_the_wall_clock() {
    for mode in [Mode::Real, Mode::Scaled(60.0)] {
        let mut template = template(Some(mode), "runs: []\n");
        template.advance(HOUR, WALL);
        assert_eq!(template.start(hours(5)), hours(6));
        template.advance(HOUR, hours(5));
        assert_eq!(template.start(hours(9)), hours(11));
        template.set_start(hours(1), hours(9));
        assert_eq!(template.start(hours(10)), hours(2));
        template.change_mode(Mode::Manual, hours(10));
        assert_eq!(template.start(hours(20)), hours(2));
    }
}

#[test]
fn a_start_moved_under_a_manual_clock_stays_where_it_is() {
    let mut template = template(Some(Mode::Manual), "runs: []\n");
    template.advance(HOUR, hours(7));
    assert_eq!(template.start(hours(9)), MANUAL_START.after(HOUR));
    template.set_start(hours(3), hours(9));
    assert_eq!(template.start(hours(20)), hours(3));
}

#[test]
fn a_start_that_the_scenario_gives_is_advanced_from_there() {
    let mut template = template(None, "clock: { mode: real, start: 2026-01-15T10:30:00Z }\n");
    template.advance(HOUR, hours(7));
    assert_eq!(template.start(hours(9)), hours(1));
}

#[test]
fn a_scenario_with_a_clock_or_a_seed_ends_what_was_changed() {
    for (scenario, kept) in [("runs: []\n", true), ("clock: { mode: manual }\n", false), ("seed: 3\n", false)]
    {
        let registry = registry(template(Some(Mode::Real), "runs: []\n"));
        registry.change_template(|template| {
            template.change_mode(Mode::Scaled(2.0), WALL);
            template.advance(HOUR, WALL);
        });
        registry.follow(parse("test", scenario).unwrap());
        let template = registry.template();
        let expected = if kept { (Mode::Scaled(2.0), hours(1)) } else { (Mode::Real, WALL) };
        assert_eq!((template.mode(), template.start(WALL)), expected, "{scenario}");
    }
}

#[test]
fn a_world_is_found_by_its_mark_until_it_is_forgotten() {
    let registry = registry(template(Some(Mode::Manual), "runs: []\n"));
    let real = RealTime::from_elapsed(Duration::ZERO);
    let enter = |key: &str| registry.enter(key, real, WALL).unwrap();
    let (one, other) = (enter("test-a"), enter("test-b"));
    assert_ne!(one.mark(), other.mark());
    assert!(registry.by_mark(one.mark()).is_some_and(|found| Arc::ptr_eq(&found, &one)));
    assert!(registry.by_mark("test-a").is_none() && registry.by_mark("").is_none());
    assert!(registry.remove("test-a"));
    assert!(registry.by_mark(one.mark()).is_none());
    // The same key has another world of the same mark then.
    let again = enter("test-a");
    assert_eq!(again.mark(), one.mark());
    assert!(registry.by_mark(one.mark()).is_some_and(|found| Arc::ptr_eq(&found, &again)));
}
