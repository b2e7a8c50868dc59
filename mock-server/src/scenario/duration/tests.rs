//! Durations are written and drawn as promised.

use proptest::prelude::*;
use rand::SeedableRng;

use super::text::{Written, parse};
use super::*;

fn rng(seed: u64) -> ChaCha12Rng {
    ChaCha12Rng::seed_from_u64(seed)
}

fn drawn(range: DurationRange, count: usize) -> Vec<u128> {
    let mut rng = rng(7);
    (0..count).map(|_| range.sample(&mut rng).as_millis()).collect()
}

#[test]
fn durations_are_read_as_written() {
    for (text, millis) in [
        ("250ms", 250),
        ("0s", 0),
        ("30s", 30_000),
        ("1m30s", 90_000),
        ("2h", 7_200_000),
        ("1d", 86_400_000),
        ("1d2h3m4s5ms", 93_784_005),
        ("3650d", 315_360_000_000),
    ] {
        assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
    }
    for text in [
        "",
        "30",
        "s",
        "-1s",
        "+1s",
        "1.5s",
        "1s ",
        " 1s",
        "1s1s",
        "1s1m",
        "3651d",
        "99999999999999999999d",
        "1S",
    ] {
        assert!(parse(text).is_err(), "{text:?}");
    }
}

/// The draws of a seed are part of what a recorded test relies on: this may never change.
#[test]
fn draws_are_the_same_everywhere() {
    let seconds = Duration::from_secs;
    assert_eq!(
        drawn(DurationRange::Uniform { min: seconds(20), max: seconds(40) }, 4),
        [20_606, 26_142, 22_852, 30_850]
    );
    assert_eq!(
        drawn(DurationRange::LogNormal { p50: Duration::from_millis(200), p99: seconds(2) }, 4),
        [65, 97, 107, 205]
    );
}

#[test]
fn a_log_normal_duration_has_the_quantiles_it_names() {
    let mut draws = drawn(
        DurationRange::LogNormal { p50: Duration::from_millis(200), p99: Duration::from_secs(2) },
        20_000,
    );
    draws.sort_unstable();
    assert!((190..210).contains(&draws[10_000]), "p50 is {}", draws[10_000]);
    assert!((1_700..2_300).contains(&draws[19_800]), "p99 is {}", draws[19_800]);
}

#[test]
fn a_log_normal_duration_never_passes_the_longest() {
    let range = DurationRange::LogNormal { p50: MAX_DURATION, p99: MAX_DURATION };
    assert_eq!(range.sample(&mut rng(1)), MAX_DURATION);
    let range = DurationRange::LogNormal { p50: Duration::from_millis(1), p99: MAX_DURATION };
    assert!(drawn(range, 10_000).into_iter().all(|millis| millis <= MAX_DURATION.as_millis()));
}

#[test]
fn a_fixed_duration_draws_nothing() {
    let (mut used, mut fresh) = (rng(1), rng(1));
    DurationRange::Fixed(Duration::from_secs(1)).sample(&mut used);
    assert_eq!(used.next_u64(), fresh.next_u64());
}

#[test]
fn a_uniform_duration_reaches_both_ends() {
    let range = DurationRange::Uniform { min: Duration::from_millis(3), max: Duration::from_millis(5) };
    let mut draws = drawn(range, 200);
    draws.sort_unstable();
    draws.dedup();
    assert_eq!(draws, [3, 4, 5]);
}

proptest! {
    #[test]
    fn a_written_duration_is_read_back(millis in 0..=MAX_DURATION.as_millis() as u64) {
        let duration = Duration::from_millis(millis);
        prop_assert_eq!(parse(&Written(duration).to_string()), Ok(duration));
    }

    #[test]
    fn reading_a_duration_never_panics(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn a_uniform_draw_lies_within_its_range(seed: u64, min in 0_u64..1 << 40, width in 0_u64..1 << 40) {
        let drawn = uniform(&mut rng(seed), min, min + width);
        prop_assert!((min..=min + width).contains(&drawn));
        prop_assert!(uniform(&mut rng(seed), min, u64::MAX) >= min);
    }

    #[test]
    fn the_portable_functions_agree_with_the_platform(x in 1e-300_f64..1e300, y in -700.0_f64..700.0) {
        prop_assert!((portable::ln(x) - x.ln()).abs() <= 1e-12 * x.ln().abs().max(1.0), "ln {x}");
        prop_assert!((portable::exp(y) / y.exp() - 1.0).abs() <= 1e-12, "exp {y}");
    }
}
