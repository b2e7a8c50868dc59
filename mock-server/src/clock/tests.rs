use proptest::prelude::*;

use super::*;

fn at(seconds: u64) -> RealTime {
    RealTime::from_elapsed(Duration::from_secs(seconds))
}

#[test]
fn the_three_styles_of_timestamps_are_the_documented_ones() {
    let time = MANUAL_START.after(Duration::from_micros(1_234_567));
    assert_eq!(time.iso_millis(), "2026-01-15T10:30:01.234Z");
    assert_eq!(time.iso_micros(), "2026-01-15T10:30:01.234567Z");
    assert_eq!(time.iso_offset(), "2026-01-15T10:30:01.234567+00:00");
    assert_eq!(VIRTUAL_TIME_MAX.iso_millis(), "9000-01-01T00:00:00.000Z");
}

#[test]
fn a_manual_clock_moves_only_when_it_is_moved() {
    let mut clock = WorldClock::new(Mode::Manual, MANUAL_START, at(0));
    assert_eq!(clock.read(at(1_000)), MANUAL_START);
    clock.set(MANUAL_START.after(Duration::from_secs(5)), at(1_000)).unwrap();
    assert_eq!(clock.read(at(2_000)), MANUAL_START.after(Duration::from_secs(5)));
}

#[test]
fn a_scaled_clock_runs_at_its_rate() {
    let mut clock = WorldClock::new(Mode::Scaled(60.0), MANUAL_START, at(10));
    assert_eq!(clock.read(at(12)), MANUAL_START.after(Duration::from_secs(120)));
}

#[test]
fn changing_the_mode_does_not_jump() {
    let mut clock = WorldClock::new(Mode::Scaled(60.0), MANUAL_START, at(0));
    clock.change_mode(Mode::Manual, at(10));
    assert_eq!(clock.read(at(99)), MANUAL_START.after(Duration::from_secs(600)));
}

#[test]
fn a_clock_is_not_set_back() {
    let mut clock = WorldClock::new(Mode::Manual, MANUAL_START, at(0));
    clock.set(MANUAL_START.after(Duration::from_secs(5)), at(0)).unwrap();
    assert_eq!(clock.set(MANUAL_START, at(0)), Err(MANUAL_START.after(Duration::from_secs(5))));
}

proptest! {
    #[test]
    fn no_clock_ever_goes_back(
        steps in proptest::collection::vec((0u64..1_000, 0u8..4, 0u64..10_000), 1..50),
    ) {
        let mut real = RealTime::from_elapsed(Duration::ZERO);
        let mut clock = WorldClock::new(Mode::Real, MANUAL_START, real);
        let mut last = MANUAL_START;
        for (millis, action, amount) in steps {
            real = RealTime::from_elapsed(real.elapsed() + Duration::from_millis(millis));
            match action {
                0 => clock.change_mode(Mode::Manual, real),
                1 => clock.change_mode(Mode::Scaled(amount as f64 / 10.0 + 0.1), real),
                2 => drop(clock.set(MANUAL_START.after(Duration::from_secs(amount)), real)),
                _ => clock.change_mode(Mode::Real, real),
            }
            let now = clock.read(real);
            prop_assert!(now >= last);
            last = now;
        }
    }
}
